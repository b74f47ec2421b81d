"""The public calendar of discussions: what, when and where to read on; no organiser, no guests. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from .text import one_line
from .timezone import shared_vtimezone, shown_once, zone_named
from .writing import calendar, component, escaped, folded, text_line, time_line, uri_line


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """A listed discussion as the public may see it. Times are aware; `time_zone` is an IANA name."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    summary: str
    description: str
    url: str
    stamp: datetime
    sequence: int


def feed(name: str, entries: Iterable[PublicEntry]) -> bytes:
    """
    An iCalendar object to subscribe to, without METHOD, in UTF-8 with CRLF lines: the entries in the order given.

    Raises ValueError for a time without a zone.
    """
    listed = list(entries)
    definitions = _definitions(listed)
    return calendar("", [_heading(name), *definitions.values(), *(_event(entry, definitions) for entry in listed)])


def _heading(name: str) -> str:
    title = escaped(one_line(name))
    lines = (f"NAME:{title}", f"X-WR-CALNAME:{title}", "REFRESH-INTERVAL;VALUE=DURATION:PT12H", "X-PUBLISHED-TTL:PT12H")
    return "".join(map(folded, lines))  # RFC 7986 §5.1, §5.7, and the names older clients know


def _definitions(entries: list[PublicEntry]) -> dict[str, str]:
    """The VTIMEZONE of each zone whose rules hold for all its entries; the others go out in UTC."""
    years = defaultdict(set)
    for entry in entries:
        zone = zone_named(entry.time_zone)
        if zone is not None and zone.key != "UTC":
            years[zone.key].add(entry.starts_at.astimezone(zone).year)
    found = {key: shared_vtimezone(key, of) for key, of in sorted(years.items())}
    return {key: definition for key, definition in found.items() if definition}


def _event(entry: PublicEntry, definitions: Mapping[str, str]) -> str:
    if any(moment.utcoffset() is None for moment in (entry.starts_at, entry.ends_at, entry.stamp)):
        raise ValueError("the times of a calendar object need a zone")
    zone = _clock(entry, definitions)
    return component(
        "VEVENT",
        [
            *text_line("UID", entry.uid),
            f"SEQUENCE:{entry.sequence}",
            time_line("DTSTAMP", entry.stamp),
            time_line("DTSTART", entry.starts_at, zone),
            time_line("DTEND", entry.ends_at, zone),
            *text_line("SUMMARY", entry.summary),
            *text_line("DESCRIPTION", entry.description, lines=True),
            *uri_line("URL", entry.url),
            "TRANSP:TRANSPARENT",  # to know of a discussion does not make one busy
        ],
    )


def _clock(entry: PublicEntry, definitions: Mapping[str, str]) -> ZoneInfo | None:
    zone = zone_named(entry.time_zone)
    if zone is None or zone.key not in definitions:
        return None
    return zone if shown_once(zone, entry.starts_at, entry.ends_at) else None
