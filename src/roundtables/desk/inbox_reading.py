"""What a mail says, for the eyes of an organiser: its words as text, its head, its calendar and its parts in words."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from roundtables.calendar import answers
from roundtables.calendar.answers import CalendarAnswer
from roundtables.desk.inbox_text import Marked, inert, inert_line, marked
from roundtables.errors import Unreadable
from roundtables.invitation.proof import is_disproven, is_proven
from roundtables.mail import cutting, headers, message, parts
from roundtables.mail.inbox import Door, IncomingMail, Outcome
from roundtables.mail.message import ReceivedMail
from roundtables.mail.parts import Part
from roundtables.web.filters import clock, day, plural, when

ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}")
NAMED = re.compile(r"\b[A-Z][\w'’-]{1,40}(?: [A-Z][\w'’-]{1,40}){1,2}")
MOST_PARTS = 20
DOORS = {
    Door.LMTP: "Handed over by our mail server",
    Door.IMAP: "Fetched from a mailbox",
    Door.PIPE: "Handed over by a program",
    Door.HTTP: "Handed in over the API",
}
KINDS = {"REPLY": "Calendar reply", "COUNTER": "Calendar proposal", "REFRESH": "A calendar asks for the newest version"}
KINDS |= {"REQUEST": "A calendar invitation of their own", "CANCEL": "A calendar cancellation"}
READ = ("text/plain", "text/html")
CALENDARS = ("text/calendar", "application/ics")


@dataclass(frozen=True, slots=True)
class Shown:
    """
    A mail to look at, nothing of it alive. `head`: (name, words) of what the envelope and the headers say; `words`
    are the sender's own, `whole` all of the text with what was quoted; `calendars` tells each calendar object in a
    line, `attached` each part that is not shown; `deputy` is the (name, address) that may be meant, "" if unknown.
    `damage` says why nothing can be shown.
    """

    sender_name: str
    sender: str
    head: Sequence[tuple[str, str]] = ()
    words: Marked = field(default_factory=lambda: Marked("", "", ""))
    whole: str = ""
    calendars: Sequence[str] = ()
    attached: Sequence[str] = ()
    deputy: tuple[str, str] = ("", "")
    damage: str = ""


def shown(mail: IncomingMail, *, zone: str, ours: Iterable[str] = (), trusted: str | None = None) -> Shown:
    """
    The mail for a page; `ours` are addresses that cannot be a deputy's, `trusted` is the name of our mail server.

    What was quarantined, or is not read yet, is not opened: it may be what keeps a machine busy for ever.
    """
    if mail.outcome in (None, Outcome.QUARANTINED):
        return Shown("", mail.sender, damage=mail.reason or "it has not been read yet")
    try:
        read = message.read(
            mail.raw, envelope_from=mail.envelope_from, envelope_to=mail.envelope_to, trusted_authserv_id=trusted
        )
        attached = _attached(mail.raw)
    except Unreadable as error:
        return Shown("", mail.sender, damage=str(error))
    objects = list(_objects(read))
    words = inert(cutting.answer_text(read.text))
    whole = inert(read.text)
    return Shown(
        sender_name=inert_line(read.from_name, 120),
        sender=read.from_address or mail.sender,
        head=_head(mail, read, zone, trusted),
        words=marked(words, mail.decides),
        whole=whole if whole.strip() != words.strip() else "",
        calendars=[told(found, zone) for found in objects],
        attached=attached,
        deputy=deputy_in(words, mail.decides, objects, without={read.from_address, *ours}, sender=read.from_name),
    )


def deputy_in(
    text: str, sentence: str, objects: Iterable[CalendarAnswer], *, without: Iterable[str], sender: str = ""
) -> tuple[str, str]:
    """Who may come instead, name and address: what the calendar names, else what the words do; a guess to correct."""
    for found in objects:
        if found.delegated_to:
            return found.delegate_name, found.delegated_to[0]
    known = {address.casefold() for address in without}
    address = next((a for a in ADDRESS.findall(text) if a.casefold() not in known), "")
    names = [name for name in NAMED.findall(sentence) if name.casefold() != sender.casefold()]
    fitting = [name for name in names if name.split()[-1].casefold() in address.casefold()] if address else []
    return next(iter([*fitting, *names]), _name_of(address)), address


def told(found: CalendarAnswer, zone: str) -> str:
    """A calendar object in words: "Calendar reply, accepted, written 23 November, 9.04, answers version 2"."""
    pieces = [KINDS.get(found.method or "REPLY", f"A calendar message of the kind {found.method[:20]}")]
    if found.attendee_name or found.attendee:
        pieces[0] += f" of {inert_line(found.attendee_name or found.attendee, 100)}"
    if found.partstat:
        pieces.append(found.partstat.lower().replace("-", " "))
    if found.method == "COUNTER" and found.starts_at and (proposed := _span(found.starts_at, found.ends_at, zone)):
        pieces.append(f"proposes {proposed}")
    if found.stamp:
        pieces.append(f"written {_moment(found.stamp, zone)}")
    if found.sequence is not None:
        pieces.append(f"answers version {found.sequence + 1}")
    note = inert_line(found.comment, 300)
    return f"{', '.join(pieces)}." + (f" “{note}”" if note else "")


def _head(mail: IncomingMail, read: ReceivedMail, zone: str, trusted: str | None) -> list[tuple[str, str]]:
    found = [
        ("From", f"{inert_line(read.from_name, 120)} {read.from_address}".strip() or "Nobody that can be read"),
        ("To", inert_line(", ".join(read.recipients[:5]), 400)),
        ("Subject", inert_line(read.subject, 400)),
        ("Written", _moment(read.date, zone) if read.date else ""),
        ("Came", _moment(mail.received_at, zone)),
        ("Sender", _vouched(read, trusted)),
        ("Way in", DOORS[mail.door]),
    ]
    return [(name, words) for name, words in found if words]


def _moment(moment: datetime, zone: str) -> str:
    """ "Monday 23 November 2026, 9.04"; "" for a year that no calendar has."""
    try:
        return f"{day(moment, zone)}, {clock(moment, zone)}"
    except (OverflowError, ValueError):
        return ""


def _span(starts_at: datetime, ends_at: datetime | None, zone: str) -> str:
    try:
        return when(starts_at, ends_at, zone) if ends_at and ends_at > starts_at else _moment(starts_at, zone)
    except (OverflowError, ValueError):
        return ""


def _vouched(read: ReceivedMail, trusted: str | None) -> str:
    if is_proven(read):
        return "Our mail server vouches for the address"
    if is_disproven(read):
        return "Our mail server found the address forged"
    return "Our mail server says nothing about the address" if trusted else "No mail server of ours vouches for it"


def _attached(raw: bytes) -> list[str]:
    """The parts that are named and not opened."""
    head, body = headers.split(raw)
    found = [part for part in parts.leaves(head, body) if _is_attached(part)]
    more = [f"and {len(found) - MOST_PARTS} more"] if len(found) > MOST_PARTS else []
    return [_named(part) for part in found[:MOST_PARTS]] + more


def _is_attached(part: Part) -> bool:
    """Calendars are told in words, whatever they are called."""
    if part.kind in CALENDARS or part.file_name.lower().endswith(".ics"):
        return False
    return part.disposition == "attachment" or bool(part.file_name) or part.kind not in READ


def _named(part: Part) -> str:
    name = inert_line(headers.decoded(part.file_name), 100) or "Without a name"
    return f"{name} ({inert_line(part.kind, 60)}, {_size(len(part.data()))})"


def _size(octets: int) -> str:
    if octets < 1000:
        return f"{octets} {plural(octets, 'byte')}"
    return f"{octets / 1000:.0f} kB" if octets < 1_000_000 else f"{octets / 1_000_000:.1f} MB"


def _name_of(address: str) -> str:
    """ "tomasz.reed@example.org" → "Tomasz Reed"; "" for an address that is no name."""
    pieces = re.split(r"[._]", address.partition("@")[0])
    return " ".join(piece.capitalize() for piece in pieces) if len(pieces) in (2, 3) else ""


def _objects(read: ReceivedMail) -> Iterable[CalendarAnswer]:
    seen = set()
    for part in read.calendars:
        try:
            for found in answers.read(part.data, charset=part.charset):
                if found not in seen:
                    seen.add(found)
                    yield found
        except Unreadable:
            continue
