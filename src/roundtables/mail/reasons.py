"""
Reasons that stand for a no: "I shall be in Delhi that week. Good luck with it." Pure; knows no language.

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


def _has(each: Weighed, flags: Sequence[str]) -> bool:
    return not each.heard.flags.keys().isdisjoint(flags)


def _gives(each: Weighed) -> bool:
    return _has(each, _REASONS)


def _open(each: Weighed) -> bool:
    """May it still be something else: a question, a condition, a part of the time, other people?"""
    asks = each.sentence.asks and "writeup" not in each.facts
    return asks or _has(each, ("doubt", "if")) or not each.signals.isdisjoint(_OTHERWISE)


def _speaks(each: Weighed) -> bool:
    """Does it say anything that is not a mere sign of a no, or a wish that a "but" takes back?"""
    but = each.heard.flags.get("but", -1)
    return any(
        p.strength is Strength.STRONG or (p.says is not Class.DECLINED and (p.strength is Strength.HINT or p.at > but))
        for p in each.heard.said
    )


def _regrets(written: Sequence[Weighed]) -> bool:
    """ "With real regret, and warm wishes for it", or "I'd have loved to, but …"."""
    if any(0 <= each.heard.flags.get("lost", -1) <= each.heard.flags.get("but", -1) for each in written):
        return True
    return any(_has(each, ("lament", "lost")) for each in written) and any(_has(each, _FAREWELLS) for each in written)


def _enough(written: Sequence[Weighed], at: int, day: date | None) -> bool:
    if at < 0 or _regrets(written):
        return True
    if any(_has(each, (*_FAREWELLS, *_REGRETS)) or _wishes(each) for each in written):
        return True
    return _anchored(written, day)


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
