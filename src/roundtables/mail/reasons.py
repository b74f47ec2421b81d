"""
Signs that stand for an answer: "I shall be in Delhi that week. Good luck with it." Pure; knows no language.

Nothing in such a mail says no, but two things together do: being elsewhere or another reason, the day of the meeting
beside it, regret, a farewell ("hope it goes well", "another time"), or a "but" after what was not to be ("I'd have
loved to, but"). One of them alone is a hint.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from .propositions import Class, Proposition, Strength
from .until import names
from .weighing import Weighed

_REASONS = ("then", "absent", "reason")
_FAREWELLS = ("parting", "wishes")
_REGRETS = ("lament", "sorry", "lost")
_OTHERWISE = ("part", "guests", "takes_back", "terms", "irony", "left")
FEW = 14  # words of a mail that gives a reason of that day and no more


def concluded(written: Sequence[Weighed], day: date | None) -> list[Weighed]:
    """`written` with the no that its reasons make, in the sentence that gives them. `day` is the meeting's."""
    at = next((number for number, each in enumerate(written) if _gives(each)), -1)
    if any(map(_speaks, written)) or (at < 0 and not _regrets(written)):
        return list(written)
    if _enough(written, at, day) and not any(map(_open, written)):
        strength = Strength.STRONG
    elif at >= 0:
        strength = Strength.HINT
    else:
        return list(written)
    at = at if at >= 0 else next(number for number, each in enumerate(written) if _has(each, _REGRETS))
    return [_declining(each, strength) if number == at else each for number, each in enumerate(written)]


def undecided(written: Sequence[Weighed]) -> list[Weighed]:
    """`written` with the perhaps that two signs of it make: "I must ask my board. I'll tell you by Friday."."""
    hints = [number for number, each in enumerate(written) if any(map(_perhaps, each.heard.said))]
    others = any(not _perhaps(one) and not _taken_back(one, each) for each in written for one in each.heard.said)
    later = any("later" in each.facts for each in written)
    if others or not hints or not (later or len(hints) > 1) or any(_has(each, ("if",)) for each in written):
        return list(written)
    return [_certain(each) if number == hints[0] else each for number, each in enumerate(written)]


def _perhaps(one: Proposition) -> bool:
    return one.says is Class.TENTATIVE and one.strength is Strength.HINT


def _certain(each: Weighed) -> Weighed:
    said = [replace(one, strength=Strength.STRONG) if _perhaps(one) else one for one in each.heard.said]
    return replace(each, heard=replace(each.heard, said=said))


def _has(each: Weighed, flags: Sequence[str]) -> bool:
    return not each.heard.flags.keys().isdisjoint(flags)


def _gives(each: Weighed) -> bool:
    return _has(each, _REASONS)


def _open(each: Weighed) -> bool:
    """May it still be something else: a question, a condition, a part of the time, other people?"""
    asks = each.sentence.asks and "writeup" not in each.facts
    condition = _has(each, ("if",)) and not _has(each, ("parting",))
    return asks or condition or _has(each, ("unsure",)) or not each.signals.isdisjoint(_OTHERWISE)


def _speaks(each: Weighed) -> bool:
    """Does it say anything that is not a mere sign of a no, or a wish that a "but" takes back?"""
    return any(
        p.strength is Strength.STRONG or (p.says is not Class.DECLINED and not _taken_back(p, each))
        for p in each.heard.said
    )


def _taken_back(one: Proposition, each: Weighed) -> bool:
    """ "I'd be there in two shakes, but …", "Another time, I hope"."""
    if one.says is Class.TENTATIVE:
        return one.strength is Strength.HINT and _has(each, ("parting",))
    would = one.strength is Strength.WISH or _has(each, ("unreal",))
    return would and one.at <= each.heard.flags.get("but", -1)


def _regrets(written: Sequence[Weighed]) -> bool:
    """ "With real regret, and warm wishes for it", or "I'd have loved to, but …"."""
    if any(0 <= each.heard.flags.get("lost", -1) <= each.heard.flags.get("but", -1) for each in written):
        return True
    return any(_has(each, ("lament", "lost")) for each in written) and any(_has(each, _FAREWELLS) for each in written)


def _enough(written: Sequence[Weighed], at: int, day: date | None) -> bool:
    if at < 0 or _regrets(written):
        return True
    if any(_has(each, (*_FAREWELLS, *_REGRETS)) or _wishes(each) or _turns(each) for each in written):
        return True
    return _anchored(written, day)


def _turns(each: Weighed) -> bool:
    return any(p.says is Class.ACCEPTED and _taken_back(p, each) for p in each.heard.said)


def _wishes(each: Weighed) -> bool:
    return any(p.strength is Strength.WISH for p in each.heard.said)


def _anchored(written: Sequence[Weighed], day: date | None) -> bool:
    """Is the reason one of the meeting's day, and is nothing else intended?"""
    if any("will" in each.heard.flags for each in written):
        return False
    if any("then" in each.heard.flags for each in written):
        return True
    few = sum(each.sentence.words for each in written) <= FEW
    reasons = [each for each in written if "absent" in each.heard.flags or (few and "reason" in each.heard.flags)]
    return any("same_day" in each.signals or names(each.sentence, each.book, day) for each in reasons)


def _declining(each: Weighed, strength: Strength) -> Weighed:
    at = max((each.heard.flags.get(flag, 0) for flag in (*_REASONS, *_REGRETS)), default=0)
    part, end = 0, 0
    for number, words in enumerate(each.sentence.parts):
        part, end = number, end + len(words)
        if end > at:
            break
    said = [*each.heard.said, Proposition(Class.DECLINED, strength, at, part)]
    return replace(each, heard=replace(each.heard, said=said))
