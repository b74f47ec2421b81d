"""
From what the sentences say to what the mail says, and whether anything speaks against applying it unseen. Pure.

A wrong answer applied costs more than a right one shown: one class must speak, strongly, and every signal of another
answer, another person, another day, a part of the time or a condition stops it. Sentences without any signal are talk.
"""

from collections.abc import Iterator, Sequence

from .objections import WHY, Mail, against_sentence
from .propositions import Class, Proposition, Strength
from .weighing import Weighed

MAX_WORDS = 260
BESIDE_YES = 14  # so many unknown words may stand beside a bare "yes"
HINT = "it only hints at an answer"
BESIDE = "something else is written beside it"
SOFT = frozenset([HINT, BESIDE, *(f"another sentence may mean {each}" for each in Class)])
_SOME_OF_IT = frozenset(["part", "when", "other", "guests", "before"])
_ORDER = (
    (Class.TENTATIVE, Strength.STRONG),
    (Class.DECLINED, Strength.STRONG),
    (Class.ACCEPTED, Strength.STRONG),
    (Class.ACCEPTED, Strength.WISH),
    (Class.TENTATIVE, Strength.HINT),
    (Class.DECLINED, Strength.HINT),
    (Class.ACCEPTED, Strength.HINT),
)


def best(written: Sequence[Weighed]) -> tuple[Class | None, Weighed | None, Strength]:
    """The class that the mail most likely says, the sentence that says it and how strongly."""
    for says, strength in _ORDER:
        for each in written:
            if any(p.says is says and p.strength is strength for p in each.heard.said):
                return says, each, strength
    return None, None, Strength.HINT


def against(says: Class, written: Sequence[Weighed]) -> str:
    """Why `says` may not be applied unseen; "" when nothing speaks against it."""
    if sum(each.sentence.words for each in written) > MAX_WORDS:
        return f"it has more than {MAX_WORDS} words"
    deciding = [each for each in written if _decides(says, each)]
    return next(filter(None, _reasons(says, written, deciding)), "") if deciding else HINT


def softly(says: Class, written: Sequence[Weighed]) -> bool:
    """Does nothing but what may be said otherwise elsewhere speak against `says`: a mere hint, a yes beside a no?"""
    deciding = [each for each in written if any(p.says is says for p in each.heard.said)]
    return all(why in SOFT for why in _reasons(says, written, deciding) if why)


def _reasons(says: Class, written: Sequence[Weighed], deciding: Sequence[Weighed]) -> Iterator[str]:
    """What speaks against `says`; "" for what does not."""
    mail = _mail(written)
    yield _another_answer(says, written)
    yield from (against_sentence(says, each, each in deciding, mail) for each in written)
    yield _taken_back(says, written, deciding)
    yield _only_yes(says, written)


def _decides(says: Class, each: Weighed) -> bool:
    return any(p.says is says and p.strength > Strength.HINT for p in each.heard.said)


def _mail(written: Sequence[Weighed]) -> Mail:
    taken = max((number for number, each in enumerate(written) if "takes_back" in each.signals), default=0)
    coming = any(one.comes for each in written[taken:] for one in each.heard.said)
    asks = any(each.sentence.asks for each in written)
    return Mail(coming and not asks, any("soft" in each.facts for each in written))


def _another_answer(says: Class, written: Sequence[Weighed]) -> str:
    """Another class that speaks: any hint beside a yes, a plain yes beside a no."""
    last = _last_refusal(written) if says is Class.DECLINED else -1
    for number, each in enumerate(written):
        for other in each.heard.said:
            if other.says is says or _compatible(says, other, each):
                continue
            if not other.alone or other.says is not Class.ACCEPTED or number >= last:
                return f"another sentence may mean {other.says}"
    return ""


def _last_refusal(written: Sequence[Weighed]) -> int:
    """The last sentence in which the writer says "I cannot come" of the whole of it; what agrees before it is talk."""
    if any(each.signals & _SOME_OF_IT for each in written):
        return -1
    refusing = [number for number, each in enumerate(written) if any(one.refuses for one in each.heard.said)]
    return max(refusing, default=-1)


def _compatible(says: Class, other: Proposition, each: Weighed) -> bool:
    if says is Class.ACCEPTED:
        return other.strength is Strength.HINT and (each.practical or _explains(other, each))
    if says is Class.DECLINED:
        if other.says is Class.ACCEPTED and not other.direct and "writeup" in each.facts:
            return True  # "yes please to the notes"
        offers = each.sentence.asks or "if" in each.heard.flags  # "… but gladly, if there is a link"
        hint = other.strength is not Strength.STRONG and other.says is Class.ACCEPTED
        return hint and ("parting" in each.heard.flags or not offers)
    if other.alone and other.says is Class.ACCEPTED:
        return "if" not in each.heard.flags  # "Yes, so long as the school has him"
    return other.strength is not Strength.STRONG


def _explains(other: Proposition, each: Weighed) -> bool:
    """Does a yes follow from it: "I'll be on sabbatical there, so I'd be thrilled to come"?"""
    so = each.heard.flags.get("so", -1)
    return any(other.at < so < p.at for p in each.heard.said if p.says is Class.ACCEPTED)


def _taken_back(says: Class, written: Sequence[Weighed], deciding: Sequence[Weighed]) -> str:
    """A mere wish, beside which a "but" stands or something else that day."""
    if says is not Class.ACCEPTED:
        return ""
    if any(p.strength is Strength.STRONG for each in deciding for p in each.heard.said):
        return ""
    for each in written:
        if "same_day" in each.signals:
            return WHY["same_day"]
        if each not in deciding and each.heard.flags.keys() & {"lament", "no"}:
            return WHY["lament"]
        if "but" in each.heard.flags and not each.practical:
            return WHY["but"]
    return ""


def _only_yes(says: Class, written: Sequence[Weighed]) -> str:
    """A bare "yes" is certain only when little else is written."""
    said = [p for each in written for p in each.heard.said if p.says is says and p.strength > Strength.HINT]
    unknown = sum(each.heard.unknown for each in written)
    bare = all(p.alone for p in said)
    return BESIDE if bare and unknown > BESIDE_YES else ""
