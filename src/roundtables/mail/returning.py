"""
Until when somebody is away, from an absence notice in any of nine languages. Pure.

    "back on Monday 9th"   "bis zum 30.11."   "jusqu'au 1er décembre"   "tan 4 Rhagfyr"   "hasta el 30 de noviembre"

The day that is named counts, whether it is the last one away or the first one back: who waits until the day after it
is right in both cases. A day that is past, or too far away to be meant, is none.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

MAX_READ = 8_000
AFTER, BEFORE = 60, 40  # characters beside "until" or "back" in which its day stands
SOON = timedelta(days=200)  # a day without a year is not further away
LATEST = timedelta(days=550)


def _plain(text: str) -> str:
    """Case, accents and curly apostrophes gone, so that "Février" is "fevrier"."""
    pieces = unicodedata.normalize("NFD", text.casefold().replace("’", "'"))
    return "".join(char for char in pieces if not unicodedata.combining(char))


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_BOOK = tomllib.loads(files(__package__).joinpath("phrases", "returning.toml").read_text(encoding="utf-8"))
_MONTHS = {_plain(name): number for number, names in enumerate(_BOOK["months"], 1) for name in names}
_WEEKDAYS = {_plain(name): number for number, names in enumerate(_BOOK["weekdays"]) for name in names}
_BACK = re.compile(rf"(?<!\w)(?:{_any(map(_plain, _BOOK['back']))})(?!\w)")
_UNTIL = re.compile(rf"(?<!\w)(?:{_any(map(_plain, _BOOK['until']))})(?!\w)")

_DAY = r"(?<![\d:.,/+])(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|ere|e|de|ste|ydd|fed|ed|af|ain|eg|il|mh|u|na|º|ª|°|o)?\.?"
_ORDINAL = r"(?<![\d:.,/+])(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|ydd|fed|ed|af|ain|eg|mh|\.)(?![\d:])"
_OF = r"(?:\s+(?:of the|of|de|den|dhen|o|an|am|mi na|mhi na|mhi|mi|na|de l'))?\s*(?:t-|d')?"
_YEAR = r"(?:,?\s*(?:de |del )?(?P<year>20\d\d))?(?!\w)"
_THE = r"(?:the |le |el |il |de |den |dem )?"
_ON = rf"(?:(?:{_any(_WEEKDAYS)})\.?,?\s+{_THE})?"
_DATES = [
    re.compile(r"(?<!\d)(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)"),
    re.compile(rf"{_ON}(?<![\d:.,/+])(?P<day>[0-3]?\d)[./](?P<month>[01]?\d)(?:[./](?P<year>20\d\d|\d\d))?(?![\d:])"),
    re.compile(rf"{_ON}{_DAY}{_OF}(?P<name>{_any(_MONTHS)})\.?{_YEAR}"),
    re.compile(rf"{_ON}(?<!\w)(?P<name>{_any(_MONTHS)})\.?\s+(?:the\s+)?(?P<day>[0-3]?\d)(?:st|nd|rd|th)?{_YEAR}"),
    re.compile(rf"(?<!\w)(?P<weekday>{_any(_WEEKDAYS)})(?!\w)(?!,?\s+{_THE}\d)"),
    re.compile(rf"(?<!\w)(?P<weekday>{_any(_WEEKDAYS)}),?\s+{_THE}{_ORDINAL}(?!{_OF}(?:{_any(_MONTHS)}))"),
    re.compile(rf"(?<!\w)(?:the|le|el|il|al|zum|am|de|au|ar y|an)\s+{_ORDINAL}"),
    re.compile(r"(?<!\w)(?:le|el|il|al|au)\s+(?P<day>[0-3]?\d)(?![\d:.,/]*\d)(?!\s*(?:h|uhr|am|pm)\b)"),
]


@dataclass(frozen=True, slots=True)
class _Named:
    at: int
    length: int
    on: date


def back(text: str, sent: date) -> date | None:
    """The day named as their return or as the end of their absence, on or after `sent`; None if no day is."""
    plain = " ".join(_plain(text[:MAX_READ]).split())
    found = (*_beside(_BACK, plain, sent, before=BEFORE), *_beside(_UNTIL, plain, sent, before=0))
    return next(iter(found), None)


def _beside(trigger: re.Pattern[str], plain: str, sent: date, *, before: int) -> Iterator[date]:
    for match in list(trigger.finditer(plain))[:10]:
        after = list(_named(plain[match.end() : match.end() + AFTER], sent))
        earlier = list(_named(plain[max(0, match.start() - before) : match.start()], sent)) if before else []
        if after:
            yield min(after, key=lambda named: (named.at, -named.length)).on
        elif earlier:
            yield max(earlier, key=lambda named: (named.at + named.length, named.length)).on


def _named(piece: str, sent: date) -> Iterator[_Named]:
    for pattern in _DATES:
        for match in pattern.finditer(piece):
            on = _meant(match.groupdict(), sent)
            if on is not None:
                yield _Named(match.start(), len(match.group()), on)


def _meant(said: dict[str, str | None], sent: date) -> date | None:
    day, year = int(said.get("day") or 0), _year(said.get("year"))
    month = int(said.get("month") or 0) or _MONTHS.get(said.get("name") or "", 0)
    if month:
        return _in_reach(day, month, year, sent) or (_in_reach(month, day, year, sent) if said.get("month") else None)
    weekday = _WEEKDAYS.get(said.get("weekday") or "")
    if day:
        later = sent.replace(day=28) + timedelta(days=4)
        on = _in_reach(day, sent.month, sent.year, sent) or _in_reach(day, later.month, later.year, sent)
        return on if on and weekday in (None, on.weekday()) else None
    return sent + timedelta(days=(weekday - sent.weekday() - 1) % 7 + 1) if weekday is not None else None


def _in_reach(day: int, month: int, year: int | None, sent: date) -> date | None:
    """The day in its year, or in the next year that has it soon; None unless it is still to come."""
    latest = sent + (LATEST if year else SOON)
    for candidate in (year,) if year else (sent.year, sent.year + 1):
        try:
            on = date(candidate, month, day)
        except ValueError:
            continue
        if sent <= on <= latest:
            return on
    return None


def _year(written: str | None) -> int | None:
    return int(written) + (2000 if len(written) == 2 else 0) if written else None
