"""
What an incoming calendar object answers. Pure; nothing in it is trusted yet, least of all whose answer it is.

A reader of our own over content lines, several times as fast as a full parse, and one that reads what the
calendars of the world really send: see tests/calendar/objects.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from roundtables.errors import Unreadable

from .attendees import Attendee, PartStat, attendee, first, named_as_delegate
from .lines import Event, Parameters, events_in, split, split_loosely
from .text import many_lines, one_line, unescaped
from .timezone import zone_named

LONGEST_COMMENT = 4096
LONGEST_UID = 255
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)", re.ASCII | re.IGNORECASE)
_DURATION = re.compile(r"P(?:(\d{1,2})W)?(?:(\d{1,2})D)?(?:T(?:(\d{1,2})H)?(?:(\d{1,3})M)?(?:\d{1,2}S)?)?", re.ASCII)
_NUMBER = re.compile(r"\d{1,10}", re.ASCII)
_COMMENTS = ("COMMENT", "X-CALENDARSERVER-ATTENDEE-COMMENT", "X-CALENDARSERVER-PRIVATE-COMMENT")

# Yahoo says in a property of the event whether its user is busy with it
_YAHOO = {"BUSY": PartStat.ACCEPTED, "TENTATIVE": PartStat.TENTATIVE, "FREE": PartStat.DECLINED}

Lines = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """
    What one event of an incoming object says. Times are UTC, addresses canonical, texts without controls.

    `attendee`, `attendee_name`, `partstat`, `sent_by`, `delegated_*`, `member_of` are of the only attendee, or of the
    only one of several who answers; with two who do, they are empty and `attendees` lists everybody.
    """

    method: str  # in upper case, "" if missing
    uid: str
    sequence: int | None  # None if missing or no number from 0
    stamp: datetime | None
    starts_at: datetime | None  # None if missing or in a zone we cannot name
    partstat: PartStat | None  # None if nobody answers, or in a word we do not know
    attendee: str
    attendee_name: str
    sent_by: str
    delegated_to: tuple[str, ...]
    delegated_from: tuple[str, ...]
    comment: str
    request_status: str  # "2.0;Success"
    summary: str
    notes: tuple[str, ...]  # how it had to be repaired
    attendees: tuple[tuple[str, PartStat | None], ...] = ()
    ends_at: datetime | None = None  # with starts_at what a COUNTER proposes
    location: str = ""
    recurrence: str = ""  # RECURRENCE-ID as it stands, "" for the whole event
    delegate_name: str = ""  # of the first of delegated_to, if the object tells
    member_of: tuple[str, ...] = ()  # the invited group of which the attendee is a member
    people: tuple[Attendee, ...] = field(default=(), compare=False)  # `attendees` with all their lines say
    recurs_at: datetime | None = field(default=None, compare=False)  # RECURRENCE-ID as an instant


def read(data: bytes, *, charset: str = "utf-8") -> list[CalendarAnswer]:
    """
    One CalendarAnswer for each VEVENT in an iCalendar object, in order; none for a task or a free-busy answer.

    `data` is the part with its transfer encoding undone, `charset` what the part declares. Raises Unreadable, and
    nothing else, when it is too large, is no calendar, or says METHOD or UID twice.
    """
    try:
        notes: list[str] = []
        return [_answer(event, notes) for event in events_in(data, charset, notes)]
    except Unreadable:
        raise
    except Exception as fault:  # whatever a hostile object finds: the caller keeps the mail and goes on
        raise Unreadable(f"the calendar object cannot be read ({type(fault).__name__})") from fault


def _answer(event: Event, general: list[str]) -> CalendarAnswer:
    notes = list(general)
    lines: Lines = {}
    for name, line in event.lines:
        lines.setdefault(name, []).append(line)
    people = _with_yahoo(lines, [attendee(line, notes) for line in lines.get("ATTENDEE", ())], notes)
    one = _who_answers(people, notes)
    delegates = named_as_delegate(people, one) if one.address else []
    return CalendarAnswer(
        method=event.method,
        uid=_uid(lines),
        sequence=_sequence(lines, notes),
        stamp=_instant(lines, "DTSTAMP"),
        starts_at=_instant(lines, "DTSTART"),
        partstat=one.partstat,
        attendee=one.address,
        attendee_name=one.name,
        sent_by=one.sent_by,
        delegated_to=one.delegated_to or _addresses_if_delegated(one, delegates),
        delegated_from=one.delegated_from,
        comment=_comment(lines, one, notes),
        request_status=_text(lines, "REQUEST-STATUS", 200),
        summary=_text(lines, "SUMMARY", 500),
        attendees=tuple((person.address, person.partstat) for person in people),
        ends_at=_instant(lines, "DTEND") or _after(lines),
        location=_text(lines, "LOCATION", 500),
        recurrence=_text(lines, "RECURRENCE-ID", 40),
        delegate_name=delegates[0].name if delegates else "",
        member_of=one.member_of,
        people=tuple(people),
        recurs_at=_instant(lines, "RECURRENCE-ID"),
        notes=tuple(notes),
    )


def _with_yahoo(lines: Lines, people: list[Attendee], notes: list[str]) -> list[Attendee]:
    """The only attendee with what Yahoo says about its user, where nothing else says it."""
    said = _YAHOO.get(_value(lines, "X-YAHOO-USER-STATUS").strip().upper())
    if said is None or len(people) != 1 or people[0].partstat is not PartStat.NEEDS_ACTION:
        return people
    notes.append(YAHOO)
    return [replace(people[0], partstat=said)]


YAHOO = "took the answer from Yahoo's own field"
NOBODY = Attendee("", "", None, "", (), (), (), "")


def _who_answers(people: list[Attendee], notes: list[str]) -> Attendee:
    """The only attendee, or the only one of several who answers; NOBODY if that is not clear."""
    if len(people) < 2:
        return people[0] if people else NOBODY
    answering = [person for person in people if person.decided]
    if len({(person.address, person.partstat) for person in answering}) == 1:
        notes.append(f"took the one of {len(people)} attendees who answers")  # RFC 5546 §4.2.6: a delegate lists two
        return answering[0]
    notes.append(f"{len(answering)} of {len(people)} attendees answer")
    return NOBODY


def _addresses_if_delegated(one: Attendee, delegates: list[Attendee]) -> tuple[str, ...]:
    return tuple(person.address for person in delegates) if one.partstat is PartStat.DELEGATED else ()


def _uid(lines: Lines) -> str:
    if len(lines.get("UID", ())) > 1:
        raise Unreadable("the calendar object says UID twice")
    return _text(lines, "UID", LONGEST_UID)


def _sequence(lines: Lines, notes: list[str]) -> int | None:
    """SEQUENCE, else Microsoft's copy of it."""
    for name in ("SEQUENCE", "X-MICROSOFT-CDO-APPT-SEQUENCE"):
        value = _value(lines, name).strip()
        if _NUMBER.fullmatch(value):
            return int(value)
        if value:
            notes.append(f'{name} is "{one_line(value)[:20]}", not a number from 0')
    return None


def _comment(lines: Lines, one: Attendee, notes: list[str]) -> str:
    """What the attendee wrote beside the answer: in COMMENT, or where Google or Apple's server puts it."""
    values = [split(line)[1][: 4 * LONGEST_COMMENT] for name in _COMMENTS for line in lines.get(name, ())]
    texts = [many_lines(unescaped(value)) for value in values]
    comment = "\n".join(filter(None, dict.fromkeys(texts))) or one.comment
    if len(comment) > LONGEST_COMMENT:
        notes.append(f"cut a comment to {LONGEST_COMMENT} characters")
    return comment[:LONGEST_COMMENT]


def _instant(lines: Lines, name: str) -> datetime | None:
    """A date-time as UTC; None if missing, malformed, a bare date, or without a zone we can name."""
    line = lines[name][0] if name in lines else ""
    parameters, value = split(line)
    found = _TIME.fullmatch(value.strip())
    if found is None:  # TZID=tzone://Microsoft/Utc without its quotes
        parameters, value = split_loosely(line)
        found = _TIME.fullmatch(value.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    try:
        local = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 the zone is looked up next
        return _in_utc(local, parameters, zulu=bool(found[7]))
    except (ValueError, OverflowError):  # 30 February; the year 0; the end of time
        return None


def _after(lines: Lines) -> datetime | None:
    """The end by DTSTART and DURATION."""
    start, found = _instant(lines, "DTSTART"), _DURATION.fullmatch(_value(lines, "DURATION").strip())
    if start is None or found is None:
        return None
    weeks, days, hours, minutes = (int(number or 0) for number in found.groups())
    return start + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)


def _in_utc(local: datetime, parameters: Parameters, *, zulu: bool) -> datetime | None:
    if zulu:
        return local.replace(tzinfo=UTC)
    zone = zone_named(first(parameters, "TZID"))
    return None if zone is None else local.replace(tzinfo=zone).astimezone(UTC)


def _text(lines: Lines, name: str, longest: int) -> str:
    return one_line(unescaped(_value(lines, name)[: 4 * longest]))[:longest]


def _value(lines: Lines, name: str) -> str:
    return split(lines[name][0])[1] if name in lines else ""
