"""
Time zones: a VTIMEZONE that every client understands, and the zones others name in their answers. Pure.

A client that gets one yearly rule per observance is content; one that gets lists of dates is not always. So a zone is
either one STANDARD block, or one STANDARD and one DAYLIGHT rule that we have checked, or nothing: then send UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

YEARS_AHEAD = 5
_DAY = timedelta(days=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WINDOWS = {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}
_UTC_NAMES = frozenset({"utc", "z", "gmt", "etc/utc", "coordinated universal time", "tzone://microsoft/utc"})


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the clocks: when, on the wall clock that is about to be changed, and from which offset to which."""

    onset: datetime
    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=1024)
def vtimezone(zone: str, year: int) -> str | None:
    """
    The VTIMEZONE of an IANA zone for an event in `year`, in CRLF lines with one at the end.

    Its rules hold from the year before to five years after, so that one which merely happens to fit now (Chile's
    "Sunday on or after the 2nd") is not taken for a law that clients may keep. None when the zone is unknown or
    changes its clocks in a way that two yearly rules cannot say: then send the times in UTC.
    """
    rules = zone_named(zone)
    if rules is None or not 1900 < year < 9990:
        return None
    changes = _changes(rules, year - 1, year + YEARS_AHEAD)
    observances = _observances(changes, YEARS_AHEAD + 2) if changes else _standard_only(rules, year)
    if observances is None:
        return None
    lines = ["BEGIN:VTIMEZONE", f"TZID:{rules.key}", *observances, "END:VTIMEZONE", ""]
    return "\r\n".join(lines)


def shared_vtimezone(zone: str, years: Iterable[int]) -> str | None:
    """One VTIMEZONE that holds for events in all of `years`, None if there is none or the rules changed."""
    first, *others = (vtimezone(zone, year) for year in sorted(set(years)))
    if first is None or any(other is None or _undated(other) != _undated(first) for other in others):
        return None
    return first


@lru_cache(maxsize=512)
def zone_named(name: str) -> ZoneInfo | None:
    """
    The zone somebody calls `name`: IANA, Windows ("GMT Standard Time"), or a path that ends in an IANA name.

    Descriptions such as "(GMT+01.00) Sarajevo/Warsaw/Zagreb" name no zone we could trust: None.
    """
    name = name.strip("\"' ")
    if not name or len(name) > 100:
        return None
    if name.casefold() in _UTC_NAMES:
        return ZoneInfo("UTC")
    if name.startswith("/"):  # /mozilla.org/20050126_1/America/Argentina/Salta
        return _loaded("/".join(name.split("/")[-3:])) or _loaded("/".join(name.split("/")[-2:]))
    return _loaded(_WINDOWS.get(name.casefold(), name))


def shown_once(zone: ZoneInfo, *instants: datetime) -> bool:
    """Whether the clock of the zone shows each of these times only once that day; if not, only UTC tells which."""
    locals_ = [instant.astimezone(zone) for instant in instants]
    return all(local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset() for local in locals_)


def _loaded(key: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a name with "..", a folder, a name too long for a file
        return None


def _changes(zone: ZoneInfo, first: int, last: int) -> list[Change]:
    """Every change of the UTC offset from the start of `first` to the end of `last`."""
    start = datetime(first, 1, 1, tzinfo=UTC)
    days = (datetime(last + 1, 1, 1, tzinfo=UTC) - start).days
    instants = [start + _DAY * number for number in range(days + 1)]
    offsets = [_offset(zone, instant) for instant in instants]
    steps = zip(pairwise(instants), pairwise(offsets), strict=True)
    return [_change(zone, *day) for day, (before, after) in steps if before != after]


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> Change:
    before = _offset(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    onset = (high + before).replace(tzinfo=None)  # RFC 5545 §3.6.5: on the clock before the change
    return Change(onset, before, _offset(zone, high), high.astimezone(zone).tzname() or "")


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _standard_only(zone: ZoneInfo, year: int) -> list[str]:
    local = datetime(year, 1, 1, tzinfo=UTC).astimezone(zone)
    offset = local.utcoffset() or timedelta()
    return _observance("STANDARD", Change(datetime(1970, 1, 1), offset, offset, local.tzname() or ""), None)  # noqa: DTZ001 a wall clock has no zone


def _observances(changes: list[Change], years: int) -> list[str] | None:
    """One DAYLIGHT and one STANDARD block, None if two yearly rules do not give exactly these changes."""
    forward = [change for change in changes if change.after > change.before]
    back = [change for change in changes if change.after < change.before]
    spring, autumn = _yearly_rule(forward, years), _yearly_rule(back, years)
    if spring is None or autumn is None:
        return None
    return _observance("DAYLIGHT", forward[0], spring) + _observance("STANDARD", back[0], autumn)


def _yearly_rule(changes: list[Change], years: int) -> str | None:
    """The RRULE that gives these changes, one in each of `years` years, None if a weekday of a month cannot."""
    onsets = [change.onset for change in changes]
    alike = {(c.onset.month, c.onset.weekday(), c.onset.time(), c.before, c.after) for c in changes}
    if len(alike) != 1 or not len({onset.year for onset in onsets}) == len(onsets) == years:
        return None
    place = _place_in_month(onsets)
    if place is None:
        return None
    return f"FREQ=YEARLY;BYMONTH={onsets[0].month};BYDAY={place}{_WEEKDAYS[onsets[0].weekday()]}"


def _place_in_month(onsets: list[datetime]) -> int | None:
    """-1 for the last such weekday of the month, 1 to 4 for the first to the fourth."""
    if all((onset + 7 * _DAY).month != onset.month for onset in onsets):
        return -1
    places = {(onset.day + 6) // 7 for onset in onsets}
    return places.pop() if len(places) == 1 else None


def _observance(kind: str, first: Change, rule: str | None) -> list[str]:
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{first.onset:%Y%m%dT%H%M%S}",
        *([f"RRULE:{rule}"] if rule else []),
        f"TZOFFSETFROM:{_signed(first.before)}",
        f"TZOFFSETTO:{_signed(first.after)}",
        *([f"TZNAME:{first.name}"] if first.name else []),
        f"END:{kind}",
    ]


def _signed(offset: timedelta) -> str:
    """RFC 5545 §3.3.14: +0100, -0330, with seconds only when there are some."""
    minutes, seconds = divmod(abs(int(offset.total_seconds())), 60)
    sign = "-" if offset < timedelta() else "+"
    return f"{sign}{minutes // 60:02}{minutes % 60:02}" + (f"{seconds:02}" if seconds else "")


def _undated(text: str) -> list[str]:
    return [line for line in text.split("\r\n") if not line.startswith("DTSTART:")]
