"""
Invitations and cancellations as calendar objects, and the answers to them. Pure: no network, no clock.

One object goes to one person and carries only that person's ATTENDEE line: nobody learns who else is asked, and no
client has to guess who its user is (RFC 5546 §6.3). The ORGANIZER is an address that only this person was given.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from roundtables.errors import Unreadable

from .addresses import canonical_address
from .answers import CalendarAnswer, read
from .attendees import PartStat
from .text import one_line
from .timezone import shown_once, vtimezone, zone_named
from .writing import calendar, component, person_line, text_line, time_line, uri_line

__all__ = ["CalendarAnswer", "Entry", "PartStat", "cancel", "canonical_address", "decline_counter", "read", "request"]

_SHOWN = ("REQUEST", "CANCEL")  # methods whose object a calendar keeps or shows in full


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One person's copy of a roundtable, as it goes out. Times are aware and in UTC; `time_zone` is an IANA name.

    `sequence` is the one of this letter, so already one higher for a cancellation (RFC 5546 §3.2.5); `partstat` is
    what this person answered last, since some servers take it over from an update.
    """

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    summary: str
    description: str
    location: str
    url: str
    organiser_name: str
    organiser_address: str  # where this person's answers go: it carries their token
    attendee_name: str
    attendee_address: str
    partstat: PartStat = PartStat.NEEDS_ACTION
    rsvp: bool = True
    allow_counter: bool = True
    delegated_from: str = ""  # whose deputy this person is, RFC 5546 §2.1.2
    organiser_email: str = ""  # an address the reader may know the organiser by, RFC 7986 §6.2


def request(entry: Entry) -> bytes:
    """
    The invitation, or an update of it: METHOD:REQUEST with one VEVENT and one ATTENDEE, UTF-8, CRLF, folded.

    Times stand on the clock of the roundtable's zone with its VTIMEZONE, or in UTC where that is safer. Raises
    ValueError for times without a zone or in the wrong order, for an address that is none, and for a text so long
    that no one would read the object back.
    """
    return _object("REQUEST", entry, status="CONFIRMED")


def cancel(entry: Entry, *, whole: bool) -> bytes:
    """
    The cancellation for one person: of the `whole` roundtable, or only of this person's invitation.

    METHOD:CANCEL; STATUS:CANCELLED only for the whole (RFC 5546 §3.2.5). Raises ValueError as `request` does.
    """
    return _object("CANCEL", entry, status="CANCELLED" if whole else "")


def decline_counter(entry: Entry) -> bytes:
    """
    The no to one person's proposal of another time: METHOD:DECLINECOUNTER, SEQUENCE as it stands (RFC 5546 §3.2.8).

    `entry` is their copy as it stands. Nothing of it moves; raises ValueError as `request` does.
    """
    return _object("DECLINECOUNTER", entry, status="")


def _object(method: str, entry: Entry, *, status: str) -> bytes:
    _refuse_odd(entry)
    zone, definition = _clock(entry)
    data = calendar(method, [definition, component("VEVENT", _lines(method, entry, zone, status))])
    _prove(data, method, entry)
    return data


def _lines(method: str, entry: Entry, zone: ZoneInfo | None, status: str) -> list[str]:
    return [
        *text_line("UID", entry.uid),
        f"SEQUENCE:{entry.sequence}",  # always, even 0: some clients take a missing one for an old one
        time_line("DTSTAMP", entry.stamp),
        time_line("DTSTART", entry.starts_at, zone),
        time_line("DTEND", entry.ends_at, zone),
        *(text_line("SUMMARY", entry.summary) or ["SUMMARY:"]),  # RFC 5546 §3.2.2: must be there
        *(_facts(entry) if method in _SHOWN else []),
        *([f"STATUS:{status}"] if status else []),
        *(["TRANSP:OPAQUE"] if method in _SHOWN else []),
        person_line("ORGANIZER", entry.organiser_address, _organiser(entry)),
        person_line("ATTENDEE", entry.attendee_address, _attendee(method, entry)),
        *([f"X-MICROSOFT-DISALLOW-COUNTER:{str(not entry.allow_counter).upper()}"] if method == "REQUEST" else []),
    ]


def _facts(entry: Entry) -> list[str]:
    return [
        *text_line("LOCATION", entry.location),
        *text_line("DESCRIPTION", entry.description, lines=True),
        *uri_line("URL", entry.url),
    ]


def _organiser(entry: Entry) -> dict[str, str]:
    known = canonical_address(entry.organiser_email)
    return {
        # Outlook takes its reader for the organiser when ORGANIZER has no name
        "CN": one_line(entry.organiser_name) or "Roundtables",
        "EMAIL": known if known != canonical_address(entry.organiser_address) else "",
    }


def _attendee(method: str, entry: Entry) -> dict[str, str]:
    principal = canonical_address(entry.delegated_from)
    return {
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": entry.partstat,
        "RSVP": ("TRUE" if entry.rsvp else "FALSE") if method == "REQUEST" else "",
        "CN": one_line(entry.attendee_name),
        "DELEGATED-FROM": f"mailto:{principal}" if principal else "",
    }


def _clock(entry: Entry) -> tuple[ZoneInfo | None, str]:
    """The zone to write times in, with its VTIMEZONE; None and "" for UTC."""
    zone = zone_named(entry.time_zone)
    if zone is None or zone.key == "UTC" or not shown_once(zone, entry.starts_at, entry.ends_at):
        return None, ""
    definition = vtimezone(zone.key, entry.starts_at.astimezone(zone).year)
    return (zone, definition) if definition else (None, "")


def _refuse_odd(entry: Entry) -> None:
    if not one_line(entry.uid):
        raise ValueError("a calendar object needs a UID")
    if any(moment.utcoffset() is None for moment in (entry.stamp, entry.starts_at, entry.ends_at)):
        raise ValueError("the times of a calendar object need a zone")
    if entry.ends_at <= entry.starts_at:  # RFC 5545 §3.8.2.2
        raise ValueError("a roundtable must end after it starts")


def _prove(data: bytes, method: str, entry: Entry) -> None:
    """Reads the object back, so that no text can have added, hidden or changed a line of it."""
    try:
        answers = read(data)
    except Unreadable as fault:
        raise ValueError(f"the calendar object would not be read: {fault}") from fault
    expected = [
        (
            method,
            entry.uid,
            entry.sequence,
            entry.stamp.astimezone(UTC).replace(microsecond=0),
            entry.starts_at.astimezone(UTC).replace(microsecond=0),
            ((canonical_address(entry.attendee_address), entry.partstat),),
            (),
        )
    ]
    found = [(a.method, a.uid, a.sequence, a.stamp, a.starts_at, a.attendees, a.notes) for a in answers]
    if found != expected:
        raise ValueError("the calendar object does not read back as it was meant")
