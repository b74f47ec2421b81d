"""
Days as mails name them, in any of nine languages, and which day is meant on the day of writing. Pure, linear.

    "30.11."   "le 1er décembre"   "4 Rhagfyr"   "Friday week"   "end of next week"   "in a fortnight"   "fine mese"

A day that is past, or too far away to be meant, is none.
"""

import re
import tomllib
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

SOON = timedelta(days=200)  # a day without a year is not further away
LATEST = timedelta(days=550)
FRIDAY, SUNDAY = 4, 6


def plain(text: str) -> str:
    """Case, accents and curly apostrophes gone, white space made one, so that "Février" is "fevrier"."""
    pieces = unicodedata.normalize("NFD", " ".join(text.split()).casefold().replace("’", "'"))
    return "".join(char for char in pieces if not unicodedata.combining(char))


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of `words`, the longest first."""
    return "|".join(re.escape(plain(word)) for word in sorted(words, key=len, reverse=True))


BOOK = tomllib.loads(files(__package__).joinpath("phrases", "returning.toml").read_text(encoding="utf-8"))
_MONTHS = {plain(name): number for number, names in enumerate(BOOK["months"], 1) for name in names}
_WEEKDAYS = {plain(name): number for number, names in enumerate(BOOK["weekdays"]) for name in names}
_SHORT = {plain(name): number for number, names in enumerate(BOOK["weekdays_before_a_number"]) for name in names}
_AFTER = {plain(phrase): number for phrase, number in BOOK["days_after"].items()}
_FEASTS = {plain(phrase): (int(on[:2]), int(on[3:])) for phrase, on in BOOK["named"].items()}
_ENDS = {plain(phrase): name for name in ("week", "next_week", "month", "next_month") for phrase in BOOK["ends"][name]}
_SO_MANY = BOOK["in_so_many"]

_DAY = r"(?<![\d:.,/+])(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|ere|e|de|ste|ydd|fed|ed|af|ain|eg|il|mh|u|na|º|ª|°|o)?\.?"
_ORDINAL = r"(?<![\d:.,/+])(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|ydd|fed|ed|af|ain|eg|mh|\.(?!\d))(?![\d:])"
_OF = r"(?:\s+(?:of the|of|de|den|dhen|o|an|am|mi na|mhi na|mhi|mi|na|de l'))?[\s-]*(?:t-|d')?"
_YEAR = r"(?:,?[\s-]*(?:de |del )?(?P<year>20\d\d))?(?!\w)"
_THE = r"(?:the |le |el |il |de |den |dem |ar y |an )?"
_ON = rf"(?:(?<!\w)(?P<on>{any_of([*_WEEKDAYS, *_SHORT])})\.?,?\s+{_THE})?"
_MONTH = rf"(?P<name>{any_of(_MONTHS)})"
_NO_MONTH = rf"(?!{_OF}(?:{any_of(_MONTHS)}))"
_NUMBER = r"(?P<day>[0-3]?\d)(?![\d:.,/]*\d)(?!\s*(?:h|uhr|u|am|pm)\b)"
_SAID = [
    re.compile(r"(?<!\d)(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)"),
    re.compile(rf"{_ON}(?<![\d:.,/+])(?P<day>[0-3]?\d)[./](?P<month>[01]?\d)(?:[./](?P<year>20\d\d|\d\d))?(?![\d:])"),
    re.compile(rf"{_ON}{_DAY}{_OF}{_MONTH}\.?{_YEAR}"),
    re.compile(rf"{_ON}(?<!\w){_MONTH}\.?\s+(?:the\s+)?(?P<day>[0-3]?\d)(?:st|nd|rd|th)?{_YEAR}"),
    re.compile(
        rf"(?<!\w)(?P<next>(?:{any_of(BOOK['next'])})\s+)?(?P<weekday>{any_of(_WEEKDAYS)})(?!\w)(?!,?\s+{_THE}\d)"
        r"(?P<later>\s+week(?!\w))?"
    ),
    re.compile(rf"(?<!\w)(?P<weekday>{any_of([*_WEEKDAYS, *_SHORT])}),?\s+{_THE}{_ORDINAL}{_NO_MONTH}"),
    re.compile(rf"(?<!\w)(?P<weekday>{any_of(_WEEKDAYS)}),?\s+{_THE}{_NUMBER}{_NO_MONTH}"),
    re.compile(rf"(?<!\w)(?:the|le|el|il|al|zum|am|de|den|dem|au|ar y|an)\s+{_ORDINAL}{_NO_MONTH}"),
    re.compile(rf"(?<!\w)(?:le|el|il|al|au|il giorno|el dia)\s+{_NUMBER}{_NO_MONTH}"),
    re.compile(rf"(?<!\w)(?P<phrase>{any_of([*_AFTER, *_FEASTS, *_ENDS])})(?!\w)(?!\s+ago)"),
    re.compile(rf"(?<!\w)(?:{any_of(_SO_MANY['before'])})\s+(?P<many>\d\d?)\s+(?:(?P<weeks>{any_of(_SO_MANY['weeks'])})"
               rf"|(?:{any_of(_SO_MANY['days'])}))(?!\w)"),
    re.compile(rf"(?<!\w)(?P<ends>{any_of(BOOK['ends']['of'])}){_OF}{_MONTH}{_YEAR}"),
]  # fmt: skip
_MONTH_ALONE = re.compile(rf"(?<!\w){_MONTH}(?!\w)(?!\.?\s+(?:the\s+)?[0-3]?\d(?!\d))")
_WEEKEND = tuple(plain(phrase) for phrase in BOOK["ends"]["weekend_of"])


@dataclass(frozen=True, slots=True)
class Day:
    """A day named at text[at:end]. `bare`: only its number was, as in "the 8th"."""

    at: int
    end: int
    on: date
    bare: bool = False


def said(text: str, sent: date) -> list[Day]:
    """The days from `sent` on that `text`, as plain() makes it, names, in order; of several at a place the longest."""
    found = [
        Day(match.start(), match.end(), _weekend(text, match.start(), on), bare=_bare(match.groupdict()))
        for pattern in _SAID
        for match in pattern.finditer(text)
        if (on := _meant(match.groupdict(), sent))
    ]
    return list(_apart(sorted(found, key=lambda day: (day.at, -day.end))))


def month_said(text: str, sent: date) -> date | None:
    """The first day of the month with which `text` begins, if no day stands beside it and it is to come; else None."""
    found = _MONTH_ALONE.match(text)
    return _in_reach(1, _MONTHS[found["name"]], None, sent) if found else None


def _apart(found: Iterable[Day]) -> Iterator[Day]:
    end = -1
    for day in found:
        if day.at >= end:
            yield day
            end = day.end


def _weekend(text: str, at: int, on: date) -> date:
    """ "The weekend of the 23rd" lasts until its Sunday."""
    named = text[max(0, at - 16) : at].rstrip().endswith(_WEEKEND)
    return on + timedelta(days=(SUNDAY - on.weekday()) % 7) if named else on


def _bare(parts: dict[str, str | None]) -> bool:
    return bool(parts.get("day")) and not (parts.get("month") or parts.get("name"))


def _meant(parts: dict[str, str | None], sent: date) -> date | None:
    """The day that the pieces of a match mean."""
    if phrase := parts.get("phrase"):
        return _phrase(phrase, sent)
    if many := parts.get("many"):
        return sent + timedelta(days=int(many) * (7 if parts.get("weeks") else 1))
    day, year = int(parts.get("day") or 0), _year(parts.get("year"))
    month = int(parts.get("month") or 0) or _MONTHS.get(parts.get("name") or "", 0)
    if parts.get("ends"):
        return _end_of(month, year, sent)
    if month:
        return _in_reach(day, month, year, sent) or (_in_reach(month, day, year, sent) if parts.get("month") else None)
    name = parts.get("weekday") or ""
    weekday = _WEEKDAYS.get(name, _SHORT.get(name, -1))
    if day:
        return _numbered(day, weekday, sent)
    return _on_weekday(weekday, sent, next_week=bool(parts.get("next")), later=bool(parts.get("later")))


def _numbered(day: int, weekday: int, sent: date) -> date | None:
    """The next day of that number; with a weekday, the next on which both agree."""
    first = sent.replace(day=1)
    for _ in range(2 if weekday < 0 else 6):
        on = _in_reach(day, first.month, first.year, sent)
        if on and weekday in (-1, on.weekday()):
            return on
        first = (first + timedelta(days=32)).replace(day=1)
    return None


def _on_weekday(weekday: int, sent: date, *, next_week: bool, later: bool) -> date:
    """The first such day after `sent`; "next Friday" is the one of the week after this, "Friday week" a week later."""
    if next_week:
        return sent + timedelta(days=7 - sent.weekday() + weekday)
    return sent + timedelta(days=(weekday - sent.weekday() - 1) % 7 + 1 + 7 * later)


def _phrase(phrase: str, sent: date) -> date | None:
    if phrase in _AFTER:
        return sent + timedelta(days=_AFTER[phrase])
    if phrase in _FEASTS:
        return _in_reach(_FEASTS[phrase][1], _FEASTS[phrase][0], None, sent)
    ends = _ENDS[phrase]
    if ends in ("month", "next_month"):
        month = sent if ends == "month" else sent.replace(day=28) + timedelta(days=4)
        return month.replace(day=monthrange(month.year, month.month)[1])
    friday = sent + timedelta(days=(FRIDAY - sent.weekday()) % 7)
    return friday + timedelta(days=7) if ends == "next_week" and sent.weekday() <= FRIDAY else friday


def _end_of(month: int, year: int | None, sent: date) -> date | None:
    years = (year,) if year else (sent.year, sent.year + 1)
    return next(filter(None, (_in_reach(monthrange(y, month)[1], month, y, sent) for y in years)), None)


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
