"""Days named in a mail: until when they let us know, and whether another day is meant. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from .days_said import BOOK, Day, any_of, plain, said
from .phrase_tree import Mark
from .phrasebook import Days, Phrasebook
from .sentences import Sentence
from .weighing import Weighed

_NUMERIC = re.compile(r"\b([0-3]?[0-9])[./-]([01]?[0-9])(?:[./-]((?:20)?[0-9]{2}))?\b")
_ISO = re.compile(r"\b(20[0-9]{2})-([01][0-9])-([0-3][0-9])\b")
_HOUR = re.compile(r"[0-9]{1,2} ?(?:am|pm|h|u|uhr|uur)")
_NUMBER = re.compile(r"([0-9]{1,2})([a-z]{0,4})")
AGAIN = 7  # characters between two names of one day
BESIDE = 24  # characters before a day in which a "by" may stand
_SETTLES = re.compile(rf"(?<!\w)(?:{any_of(BOOK['settles'])})")
_BY = re.compile(rf"(?<!\w)(?:{any_of(BOOK['by'])})\s+(?:\w+\s+)?$")
_UNLESS = re.compile(
    rf"(?<!\w)(?:(?:{any_of(BOOK['unless'])})(?!\w)|(?:{any_of(BOOK['after'])})\s+(?:the\s+|le\s+|der\s+|dem\s+|il\s+)?$)"
)
_EVE = re.compile(rf"(?<!\w)(?:{any_of(BOOK['eve'])})(?!\w)")


@dataclass(frozen=True, slots=True)
class Named:
    """A day as named at words[at]: any of its parts may be missing."""

    at: int
    day: int = 0
    month: int = 0
    year: int = 0
    weekday: int = -1
    plus: int = -1  # days after the mail
    ends_week: bool = False


def promised(written: Sequence[Weighed], sent: date | None, day: date | None) -> date | None:
    """
    The day by which they let us know: on `sent` or later and before `day`, the meeting's; None if there is none.

    It stands after "by" or "until", or in a sentence that speaks of knowing or telling; of several the last counts.
    """
    if sent is None:
        return None
    found = [
        named.on
        for each in written
        for named in _told(each, sent)
        if day is None or (named.on < day and not (named.bare and named.on.day == day.day))
    ]
    return found[-1] if found else _eve(written, sent, day)


def _eve(written: Sequence[Weighed], sent: date, day: date | None) -> date | None:
    """The day before the meeting, if they tell us on its eve."""
    words = [plain(each.sentence.verbatim) for each in written]
    told = day and any(_EVE.search(said) and _SETTLES.search(said) for said in words)
    return day - timedelta(days=1) if day and told and sent < day else None


def _told(each: Weighed, sent: date) -> Iterator[Day]:
    """The days of a sentence by which something is known or told."""
    words = plain(each.sentence.verbatim)
    settles = bool(_SETTLES.search(words))
    last: Day | None = None
    for named in said(words, sent):
        before = words[max(0, named.at - BESIDE) : named.at]
        again = last is not None and named.at - last.end < AGAIN  # "by Friday week, the 15th"
        if (settles or again or _BY.search(before)) and not _UNLESS.search(before):
            last = named
            yield named


def parts_with_another_time(sentence: Sentence, book: Phrasebook, subject: str, day: date | None) -> frozenset[int]:
    """The numbers of the parts that name a date that is neither `day` nor in `subject`, or an hour."""
    known = frozenset(int(found) for found in re.findall(r"[0-9]{1,4}", subject))
    starts = [sum(map(len, sentence.parts[:number])) for number in range(len(sentence.parts))]
    strange = {number for number, part in enumerate(sentence.parts) if _names_an_hour(part)}
    both = zip(sentence.parts, sentence.marks, strict=True)
    covered = {start + at for start, part in zip(starts, both, strict=True) for at in _covered(*part, book)}
    found = list(days(sentence, book))
    covered |= _around(found, _flat(sentence), book, day)
    for named in found:
        if named.at not in covered and not _is_meetings(named, known, day):
            strange.add(sum(start <= named.at for start in starts) - 1)
    return frozenset(strange)


def _names_an_hour(words: Sequence[str]) -> bool:
    """Is "2pm" or "14 h" among the words?"""
    return any(map(_HOUR.fullmatch, (*words, *map(" ".join, pairwise(words)))))


def _around(found: Sequence[Named], words: Sequence[str], book: Phrasebook, day: date | None) -> set[int]:
    """Where the two days of "from the 9th to the 14th" stand, if the meeting's lies between them."""
    covered: set[int] = set()
    for first, last in pairwise(found):
        between = words[first.at : last.at]
        if day and first.day and last.day and last.at - first.at <= 6 and not book.days.to.isdisjoint(between):
            start = _near(replace(first, month=first.month or last.month), day)
            end = _near(last, day)
            covered |= {first.at, last.at} if start and end and start <= day <= end else set()
    return covered


def _near(named: Named, day: date) -> date | None:
    """The day of that number in the month that is named, else in the month of `day`."""
    try:
        return date(day.year, named.month or day.month, named.day)
    except ValueError:
        return None


def _covered(words: Sequence[str], marks: Sequence[Mark], book: Phrasebook) -> set[int]:
    """Words of "your letter of the 18th", and what follows "until"."""
    ranges = {at + 1 + more for at, word in enumerate(words) if word in book.days.until for more in range(4)}
    harmless = (mark for mark in marks if mark.kind == "harmless.dated")
    return ranges | {at for mark in harmless for at in range(mark.start, mark.end)}


def _is_meetings(named: Named, known: frozenset[int], day: date | None) -> bool:
    if named.plus >= 0 or named.ends_week:
        return False
    if day is None:
        return named.day in known
    if named.day and named.day != day.day:
        return False
    if named.month and named.month != day.month:
        return False
    return named.weekday in (-1, day.weekday())


def names(sentence: Sentence, book: Phrasebook, day: date | None) -> bool:
    """Does it name `day`, and no other?"""
    found = list(days(sentence, book))
    return day is not None and bool(found) and all(_is_meetings(named, frozenset(), day) for named in found)


def days(sentence: Sentence, book: Phrasebook) -> Iterator[Named]:
    """The days that `sentence` names, in order."""
    yield from _numeric(sentence.verbatim)
    words = _flat(sentence)
    at = 0
    while at < len(words):
        named = _named_at(words, at, book.days)
        if named:
            yield named[0]
        at = named[1] if named else at + 1


def _numeric(text: str) -> Iterator[Named]:
    for found in _ISO.finditer(text):
        yield Named(0, int(found[3]), int(found[2]), int(found[1]))
    for found in _NUMERIC.finditer(_ISO.sub(" ", text)):
        day, month = int(found[1]), int(found[2])
        year = int(found[3] or 0)
        if 1 <= day <= 31 and 1 <= month <= 12 and (found[3] or "/" in found[0] or found[0].count(".") > 1):
            yield Named(0, day, month, year + 2000 if 0 < year < 100 else year)


def _named_at(words: Sequence[str], at: int, known: Days) -> tuple[Named, int] | None:
    """A day that begins at words[at] and where it ends."""
    start, weekday = at, known.weekdays.get(words[at], -1)
    if weekday >= 0:
        at += 1 + (at + 2 < len(words) and words[at + 1] in known.between)
    number, end = _day_number(words, at, known)
    if number:
        month_at = end + (end + 1 < len(words) and words[end] in known.between)
        if month_at < len(words) and words[month_at] in known.months:
            year = _year(words, month_at + 1)
            return Named(start, number, known.months[words[month_at]], year, weekday), month_at + 1 + bool(year)
        if weekday >= 0 or not words[at].isdigit():
            return Named(start, number, weekday=weekday), end
    if words[start] in known.months:
        number, end = _day_number(words, start + 1, known)
        if number:
            return Named(start, number, known.months[words[start]], _year(words, end)), end
    return (Named(start, weekday=weekday), start + 1) if weekday >= 0 else _by_name(words, start, known)


def _by_name(words: Sequence[str], at: int, known: Days) -> tuple[Named, int] | None:
    for phrase, plus in known.relative:
        if tuple(words[at : at + len(phrase)]) == phrase:
            return Named(at, plus=plus), at + len(phrase)
    for phrase, (month, day) in known.named:
        if tuple(words[at : at + len(phrase)]) == phrase:
            return Named(at, day, month), at + len(phrase)
    return None


def _day_number(words: Sequence[str], at: int, known: Days) -> tuple[int, int]:
    """ "12" or "12th" at words[at] and where it ends; 0 when it is none."""
    found = _NUMBER.fullmatch(words[at]) if at < len(words) else None
    if found and 1 <= int(found[1]) <= 31 and (not found[2] or found[2] in known.ordinals):
        return int(found[1]), at + 1
    return 0, at


def _year(words: Sequence[str], at: int) -> int:
    return int(words[at]) if at < len(words) and re.fullmatch(r"20[0-9]{2}", words[at]) else 0


def _flat(sentence: Sentence) -> list[str]:
    return [word for part in sentence.parts for word in part]
