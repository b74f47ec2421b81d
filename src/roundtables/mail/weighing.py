"""
From what the sentences say to what the mail says, and what speaks against applying it unseen. Pure.

A wrong answer applied costs more than a right one shown: one class must speak, strongly, and every signal of another
answer, another person, another day, a part of the time or a condition stops it. Sentences without any signal are talk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .phrase_tree import Mark
from .phrasebook import Phrasebook
from .propositions import Class, Heard, Proposition, Strength
from .sentences import Sentence

MAX_WORDS = 260
SHORT = 5  # words of a sentence whose signals may stand on both sides of a comma
TALK = 7  # words: a shorter sentence beside a yes is likely about it
TALK_UNKNOWN = 3  # so many words that no phrase knows make a sentence about something else
DATE_ALONE = 5  # words
CONDITION_ALONE = 2  # a sentence whose first or second word is "if" belongs to the one before it
BESIDE_YES = 14  # so many unknown words may stand beside a bare "yes"
_FLAGS = {
    Class.ACCEPTED: ("somebody", "no", "cannot", "doubt", "if", "lament", "sorry"),
    Class.DECLINED: ("somebody",),
    Class.TENTATIVE: ("somebody", "no"),
}
_SIGNALS = {
    Class.ACCEPTED: (
        "holds", "deputy", "other", "guests", "part", "when", "elsewhen", "takes_back", "reports", "terms", "irony",
        "away", "left",
    ),
    Class.DECLINED: ("holds", "deputy", "recommends", "when", "offers", "reports", "irony", "away"),
    Class.TENTATIVE: ("holds", "deputy", "recommends", "guests", "part", "reports", "irony", "away", "terms", "left"),
}  # fmt: skip
_EXCUSED_BY_FACTS = ("doubt", "if", "lament", "cannot", "no")
WHY = {
    "holds": "it asks or waits for something before it answers",
    "deputy": "somebody else may come instead",
    "other": "it speaks of somebody else",
    "recommends": "it speaks of somebody else",
    "guests": "it speaks of somebody else",
    "somebody": "it speaks of somebody else",
    "part": "it is about a part of the time",
    "when": "it may offer another time",
    "elsewhen": "it may offer another time",
    "offers": "it may offer another way",
    "takes_back": "it corrects or refers to something said before",
    "reports": "it passes on or quotes something",
    "terms": "it sets terms",
    "irony": "it may not be meant seriously",
    "away": "it reads a little like an absence notice",
    "left": "somebody may have left",
    "no": "a word of refusal stands in it",
    "cannot": "a word of refusal or regret stands in it",
    "lament": "a word of refusal or regret stands in it",
    "sorry": "a word of refusal or regret stands in it",
    "online": "it may be about how to take part",
    "doubt": "it is not definite",
    "if": "it depends on something",
    "but": "it takes something back",
    "before": "it may speak of an earlier meeting",
    "same_day": "something else is on that day",
}


@dataclass(frozen=True, slots=True)
class Weighed:
    """A sentence with what it says and shows. `strange_parts` of it name a time not the meeting's."""

    sentence: Sentence
    heard: Heard
    signals: frozenset[str]
    facts: frozenset[str]
    strange_parts: frozenset[int]
    book: Phrasebook

    @property
    def practical(self) -> bool:
        """Is it about needs, papers or the way there?"""
        return bool(self.facts & {"needs", "logistics", "writeup"})


def signals_and_facts(sentence: Sentence, book: Phrasebook) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the signals that no harmless phrase covers, and of the facts."""
    signals: set[str] = set()
    facts: set[str] = set()
    parts = list(zip(sentence.parts, sentence.marks, strict=True))
    if len(parts) > 1 and sentence.words <= SHORT:  # "Yeah, right."
        flat = [word for words in sentence.parts for word in words]
        parts.append((tuple(flat), tuple(book.found(flat))))
    for words, marks in parts:
        covered = _covered(marks)
        for mark in book.signalled(words):
            section, name = mark.kind.split(".")
            if section == "facts":
                facts.add(name)
            elif not covered.issuperset(range(mark.start, mark.end)):
                signals.add(name)
    return frozenset(signals), frozenset(facts)


def _covered(marks: Iterable[Mark]) -> set[int]:
    return {at for mark in marks if mark.kind.startswith("harmless") for at in range(mark.start, mark.end)}


def best(written: Sequence[Weighed]) -> tuple[Class | None, Weighed | None, Strength]:
    """The class that the mail most likely says, the sentence that says it and how strongly."""
    for says, strength in _ORDER:
        for each in written:
            if any(p.says is says and p.strength is strength for p in each.heard.said):
                return says, each, strength
    return None, None, Strength.HINT


_ORDER = (
    (Class.TENTATIVE, Strength.STRONG),
    (Class.DECLINED, Strength.STRONG),
    (Class.ACCEPTED, Strength.STRONG),
    (Class.ACCEPTED, Strength.WISH),
    (Class.TENTATIVE, Strength.HINT),
    (Class.DECLINED, Strength.HINT),
    (Class.ACCEPTED, Strength.HINT),
)


def against(says: Class, written: Sequence[Weighed]) -> str:
    """Why `says` may not be applied unseen; "" when nothing speaks against it."""
    if sum(each.sentence.words for each in written) > MAX_WORDS:
        return f"it has more than {MAX_WORDS} words"
    deciding = [each for each in written if _decides(says, each)]
    if not deciding:
        return "it only hints at an answer"
    reasons = (
        _another_answer(says, written),
        *(_against_sentence(says, each, each in deciding) for each in written),
        _taken_back(says, written, deciding),
        _only_yes(says, written),
    )
    return next(filter(None, reasons), "")


def _decides(says: Class, each: Weighed) -> bool:
    return any(p.says is says and p.strength > Strength.HINT for p in each.heard.said)


def _another_answer(says: Class, written: Sequence[Weighed]) -> str:
    """Another class that speaks: any hint beside a yes, a plain yes beside a no."""
    for each in written:
        for other in each.heard.said:
            if other.says is not says and not _compatible(says, other, each):
                return f"another sentence may mean {other.says}"
    return ""


def _compatible(says: Class, other: Proposition, each: Weighed) -> bool:
    if says is Class.ACCEPTED:
        return other.strength is Strength.HINT and each.practical
    if says is Class.DECLINED:
        offers = each.sentence.asks or "if" in each.heard.flags  # "… but gladly, if there is a link"
        return other.strength is not Strength.STRONG and other.says is Class.ACCEPTED and not offers
    return other.strength is not Strength.STRONG or (other.alone and other.says is Class.ACCEPTED)


def _against_sentence(says: Class, each: Weighed, decides: bool) -> str:
    if each.sentence.answers_a_quote:
        return "it answers a question that was quoted"
    if each.sentence.quotes and decides:
        return "it quotes somebody"
    for name in _SIGNALS[says]:
        if name in each.signals:
            return WHY[name]
    if decides and "before" in each.signals:
        return WHY["before"]
    if _another_time(says, each, decides):
        return "it names a date or a time that is not the meeting's"
    for name in _FLAGS[says]:
        if name in each.heard.flags and (decides or not _excused(name, each)):
            return WHY[name]
    if says is Class.DECLINED and decides and "if" in each.heard.flags:
        return WHY["if"]
    if says is Class.DECLINED and ("online" in each.facts or (decides and "room" in each.facts)):
        return WHY["online"]
    if each.sentence.asks and not _harmless_question(says, each, decides):
        return "it asks something"
    return _but(says, each) if decides else ""


def _another_time(says: Class, each: Weighed, decides: bool) -> bool:
    """A yes bears no other date or hour outside the way there; a no none beside it; not knowing yet bears any."""
    if says is Class.TENTATIVE or not each.strange_parts:
        return False
    if says is Class.ACCEPTED:
        return _in_the_yes(each) if decides else not (each.practical or _talk(each))
    return any(p.part in each.strange_parts for p in each.heard.said if p.says is says and p.strength > Strength.HINT)


def _in_the_yes(each: Weighed) -> bool:
    """Does the part that says yes, or a mere date beside it, name another time?"""
    said = {p.part for p in each.heard.said}
    return any(part in said or len(each.sentence.parts[part]) <= DATE_ALONE for part in each.strange_parts)


def _talk(each: Weighed) -> bool:
    """A sentence long enough to be about something else, which neither says nor asks anything of coming."""
    return each.sentence.words >= TALK and not each.heard.said and not each.sentence.asks


def _excused(name: str, each: Weighed) -> bool:
    if name == "if" and each.heard.flags["if"] < CONDITION_ALONE and each.sentence.words < TALK:
        return False  # "Only if the boat sails."
    if name in ("doubt", "cannot") and _talk(each) and each.heard.unknown >= TALK_UNKNOWN:
        return True
    return name == "sorry" or (each.practical and name in _EXCUSED_BY_FACTS)


def _harmless_question(says: Class, each: Weighed, decides: bool) -> bool:
    """About the way there, what is needed, the paper; or the asking itself: "could you pencil me in?"."""
    rhetorical = decides and "asked" in each.heard.flags
    return each.practical or rhetorical or (says is Class.TENTATIVE and decides)


def _but(says: Class, each: Weighed) -> str:
    """A "but" after the yes that is not about practical things."""
    if says is not Class.ACCEPTED or "but" not in each.heard.flags:
        return ""
    said = min((p.at for p in each.heard.said if p.says is says and p.strength > Strength.HINT), default=0)
    return WHY["but"] if each.heard.flags["but"] >= said and not (each.practical or "online" in each.facts) else ""


def _taken_back(says: Class, written: Sequence[Weighed], deciding: Sequence[Weighed]) -> str:
    """A mere wish, beside which a "but" stands or something else that day."""
    if says is not Class.ACCEPTED:
        return ""
    if any(p.strength is Strength.STRONG for each in deciding for p in each.heard.said):
        return ""
    for each in written:
        if "same_day" in each.signals:
            return WHY["same_day"]
        if "but" in each.heard.flags and not each.practical:
            return WHY["but"]
    return ""


def _only_yes(says: Class, written: Sequence[Weighed]) -> str:
    """A bare "yes" is certain only when little else is written."""
    said = [p for each in written for p in each.heard.said if p.says is says and p.strength > Strength.HINT]
    unknown = sum(each.heard.unknown for each in written)
    bare = all(p.alone for p in said)
    return "something else is written beside it" if bare and unknown > BESIDE_YES else ""
