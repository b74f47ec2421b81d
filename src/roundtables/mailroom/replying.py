"""
An invitee's answer as raw mail, made from the letter and from nothing else. Pure.

    worded            a reply as a mail program writes it: to Reply-To, threaded, the letter quoted below
    calendar_answer   the REPLY a calendar makes of the REQUEST inside; which calendar somebody uses follows from
                      their address, so that both shapes occur and nobody changes theirs
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr

from roundtables.calendar import answers
from roundtables.calendar.answers import CalendarAnswer
from roundtables.calendar.attendees import PartStat
from roundtables.errors import Refusal
from roundtables.mail import message
from roundtables.mail.headers import decoded, split
from roundtables.mail.message import ReceivedMail

WIRE = SMTP.clone(max_line_length=998)  # folded at 78, long ids in References would become encoded words
LONGEST_WORDS = 4000
ORGANISER = re.compile(rb"^(ORGANIZER[;:].*)$", re.MULTILINE)
FOLD = re.compile(rb"\r?\n[ \t]")
SAID = {PartStat.ACCEPTED: "Accepted", PartStat.TENTATIVE: "Tentative", PartStat.DECLINED: "Declined"}
GOOGLE = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:REPLY
BEGIN:VEVENT
DTSTART:{start}
DTEND:{end}
DTSTAMP:{stamp}
{organiser}
UID:{uid}
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={partstat};CN={name};X-NUM-GUESTS=0:mailto:{address}
CREATED:{stamp}
DESCRIPTION:
LAST-MODIFIED:{stamp}
LOCATION:
SEQUENCE:{sequence}
STATUS:CONFIRMED
SUMMARY:{summary}
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
"""
EXCHANGE = """BEGIN:VCALENDAR
METHOD:REPLY
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:UTC
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:+0000
TZOFFSETTO:+0000
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T000000
TZOFFSETFROM:+0000
TZOFFSETTO:+0000
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
ATTENDEE;PARTSTAT={partstat};CN={name}:mailto:{address}
COMMENT;LANGUAGE=en-GB:\\n
UID:{uid}
SUMMARY;LANGUAGE=en-GB:{said}: {summary}
DTSTART;TZID=UTC:{local_start}
DTEND;TZID=UTC:{local_end}
CLASS:PUBLIC
PRIORITY:5
DTSTAMP:{stamp}
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:{sequence}
LOCATION;LANGUAGE=en-GB:
X-MICROSOFT-CDO-APPT-SEQUENCE:{sequence}
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
X-MICROSOFT-CDO-IMPORTANCE:1
X-MICROSOFT-CDO-INSTTYPE:0
END:VEVENT
END:VCALENDAR
"""


@dataclass(frozen=True, slots=True)
class _Letter:
    """What an answer needs of the letter it answers."""

    mail: ReceivedMail
    reader: tuple[str, str]
    reply_to: str
    sender: str


def worded(original: bytes, words: str, now: datetime) -> bytes:
    """The reply somebody types. Raises Refusal if there are no words, Unreadable if the letter is none."""
    words = words.replace("\r\n", "\n").strip()
    if not words or len(words) > LONGEST_WORDS:
        raise Refusal(f"Write a reply of at most {LONGEST_WORDS} letters.", field="words")
    letter = _letter(original)
    reply = _reply(letter, f"Re: {letter.mail.subject}", words, now)
    reply.set_content(f"{words}\n\n{_quoted(letter)}\n", charset="utf-8")
    return reply.as_bytes()


def can_answer_by_calendar(original: bytes) -> bool:
    """Whether the letter carries a calendar entry that asks for an answer."""
    return any(part.method == "REQUEST" for part in message.read(original).calendars)


def calendar_answer(original: bytes, partstat: PartStat, now: datetime) -> bytes:
    """What the reader's calendar sends. Raises Refusal where the letter asks for no answer."""
    letter = _letter(original)
    part = next((part for part in letter.mail.calendars if part.method == "REQUEST"), None)
    if part is None or partstat not in SAID:
        raise Refusal("There is no calendar card in this letter to answer.")
    asked = answers.read(part.data, charset=part.charset)[0]
    shape = _google if hashlib.sha256(asked.attendee.encode()).digest()[0] % 2 else _exchange
    return _as_mail(letter, asked, partstat, shape(asked, part.data, partstat, now), now)


def _google(asked: CalendarAnswer, request: bytes, partstat: PartStat, now: datetime) -> str:
    organiser = ORGANISER.search(FOLD.sub(b"", request).replace(b"\r", b""))
    return _filled(GOOGLE, asked, partstat, now, organiser=organiser[1].decode() if organiser else "")


def _exchange(asked: CalendarAnswer, request: bytes, partstat: PartStat, now: datetime) -> str:
    return _filled(EXCHANGE, asked, partstat, now)  # no ORGANIZER: that is how it arrives


def _filled(shape: str, asked: CalendarAnswer, partstat: PartStat, now: datetime, *, organiser: str = "") -> str:
    start, end = asked.starts_at or now, asked.ends_at or asked.starts_at or now
    name = asked.attendee_name.replace('"', "'") or asked.attendee
    filled = shape.format(
        start=_zulu(start),
        end=_zulu(end),
        local_start=_zulu(start)[:-1],
        local_end=_zulu(end)[:-1],
        stamp=_zulu(now),
        uid=asked.uid,
        sequence=asked.sequence or 0,
        partstat=partstat,
        name=f'"{name}"',
        address=asked.attendee,
        summary=_escaped(asked.summary),
        said=SAID[partstat],
        organiser=organiser,
    )
    return "\r\n".join(folded for line in filled.splitlines() if line for folded in _folded(line)) + "\r\n"


def _as_mail(letter: _Letter, asked: CalendarAnswer, partstat: PartStat, calendar: str, now: datetime) -> bytes:
    words = f"{letter.reader[0] or asked.attendee} has answered this invitation: {SAID[partstat].lower()}."
    reply = _reply(letter, f"{SAID[partstat]}: {asked.summary}", f"{partstat}{calendar}", now)
    reply.set_content(words + "\n", charset="utf-8")
    reply.add_alternative(calendar, subtype="calendar", charset="utf-8", params={"method": "REPLY"}, cte="base64")
    reply.set_boundary(f"answer_{_digest(calendar)}")
    return reply.as_bytes()


def _letter(original: bytes) -> _Letter:
    mail, (head, _) = message.read(original), split(original)
    name, address = parseaddr(decoded(head.get("to", ("",))[0]))
    reply_to = parseaddr(decoded(head.get("reply-to", ("",))[0]))[1] or mail.from_address
    if not address or not reply_to:
        raise Refusal("This letter cannot be answered.")
    return _Letter(mail, (name, address), reply_to, mail.from_name or mail.from_address)


def _reply(letter: _Letter, subject: str, said: str, now: datetime) -> EmailMessage:
    reply = EmailMessage(policy=WIRE)
    reply["From"] = formataddr(letter.reader)
    reply["To"] = letter.reply_to
    reply["Subject"] = subject
    reply["Date"] = format_datetime(now)
    domain = letter.reader[1].rpartition("@")[2]
    reply["Message-ID"] = f"<{_digest(letter.mail.message_id, said, now.isoformat())}@{domain}>"
    if letter.mail.message_id:
        reply["In-Reply-To"] = reply["References"] = f"<{letter.mail.message_id}>"
    return reply


def _quoted(letter: _Letter) -> str:
    sent = letter.mail.date
    when = f"On {sent:%a, %d %b %Y at %H:%M}, " if sent else ""
    lines = [f"> {line}".rstrip() for line in letter.mail.text.splitlines()]
    return "\n".join([f"{when}{letter.sender} <{letter.mail.from_address}> wrote:", *lines])


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """75 octets a line, never inside a character."""
    pieces, room = [""], 75
    for char in line:
        if len((pieces[-1] + char).encode()) > room:
            pieces.append(" ")
        pieces[-1] += char
    return pieces


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]
