"""
On which day somebody is back, from an absence notice in any of nine languages. Pure.

    "back on Monday 9th"   "bis einschließlich 29.11."   "jusqu'au 30 novembre"   "tan 4 Rhagfyr"   "dal 2 all'8"

The day of the return counts before the end of the absence. Where the last day away is named as such, the next one is
the first one back; where that is a Saturday or a Sunday, the Monday is.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from .days_said import BOOK, Day, any_of, month_said, plain, said

MAX_READ = 8_000
MAX_SAID = 10  # so many times "until" or "back" are looked at
AFTER, BEFORE = 60, 40  # characters beside "until" or "back" in which its day stands
NEAR = 12  # characters between the day and "inclusive"
SATURDAY, WEEK = 5, 7

_BACK = re.compile(rf"(?<!\w)(?:{any_of(BOOK['back'])})(?!\w)")
_UNTIL = re.compile(rf"(?<!\w)(?:{any_of(BOOK['until'] + BOOK['inclusive_before'])})(?!\w)")
_RANGE = re.compile(
    rf"(?<!\w)(?:{any_of(BOOK['from'])})\s*(?=.{{0,3}}\d)(?:[^.;!?]|\.(?=\d)|(?<=\d)\.){{1,24}}?"
    rf"(?:(?<=\w)[ ]|(?<=\d))(?:{any_of(BOOK['to'])})(?=[ \d])"
)
_ENDING = re.compile(rf"(?<!\w)(?:{any_of(BOOK['to'] + BOOK['until'] + BOOK['inclusive_before'])})\s*$")
_SENTENCE = re.compile(r"(?<!\d)[.!?] ")
_INCLUSIVE_BEFORE = tuple(plain(phrase) for phrase in BOOK["inclusive_before"])
_INCLUSIVE_AFTER = re.compile(rf"[\s,(]*(?:{any_of(BOOK['inclusive_after'])})(?!\w)")


def back(text: str, sent: date) -> date | None:
    """The first day on which they are back, on or after `sent`; None if no day is named."""
    words = plain(text[:MAX_READ])
    sent = _away_until_a_month(words, sent) or sent
    found = (*_returns(words, sent), *_ends(words, sent))
    return next(iter(found), None)


def _away_until_a_month(words: str, sent: date) -> date | None:
    """The first day of January in "on leave until January, back on the 4th"."""
    months = (month_said(words[match.end() + 1 : match.end() + AFTER], sent) for match in _first(_UNTIL, words))
    return next(filter(None, months), None)


def _returns(words: str, sent: date) -> Iterator[date]:
    """The days beside "back"."""
    for match in _first(_BACK, words):
        after = said(words[match.end() : match.end() + AFTER], sent)
        before = _SENTENCE.split(words[max(0, match.start() - BEFORE) : match.start()])[-1]
        earlier = said(before, sent)
        if after:
            yield after[0].on
        elif len(earlier) == 1 and not _ENDING.search(before[: earlier[0].at]):
            yield earlier[0].on


def _ends(words: str, sent: date) -> Iterator[date]:
    """The days after those until which they are away."""
    for trigger, is_range in ((_RANGE, True), (_UNTIL, False)):
        for match in _first(trigger, words):
            piece = words[match.end() : match.end() + AFTER]
            for day in said(piece, sent)[:1]:
                last = is_range or match.group().endswith(_INCLUSIVE_BEFORE) or _inclusive(piece, day)
                yield _after(day.on, last=last)


def _first(pattern: re.Pattern[str], words: str) -> list[re.Match[str]]:
    return [match for match, _ in zip(pattern.finditer(words), range(MAX_SAID), strict=False)]


def _inclusive(piece: str, day: Day) -> bool:
    return bool(_INCLUSIVE_AFTER.match(piece, day.end, day.end + NEAR + AFTER))


def _after(day: date, *, last: bool) -> date:
    """The first working day on which they are back who are away until `day`."""
    first = day + timedelta(days=1) if last else day
    return first + timedelta(days=WEEK - first.weekday()) if first.weekday() >= SATURDAY else first
