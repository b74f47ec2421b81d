"""
What arrived, as values: bytes -> ReceivedMail, under hard limits. Pure.

    size, header block, parts, depth     counted before anything is decoded; past a limit it is Unreadable
    text                                 plain text, else HTML as text; never from inside an embedded message
    calendars                            text/calendar, application/ics and *.ics, in the order they stand
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from roundtables.errors import Unreadable

from . import addresses, automatic, bounces, headers, plain, tnef
from .automatic import Notice
from .bounces import Bounce, Complaint
from .charsets import decode
from .headers import Headers
from .parts import Part, leaves

MAX_BYTES = 10 * 1024 * 1024
MAX_TEXT = 32 * 1024
PERSONAL = 26  # letters of a local part that only one invitee was given, at least
MAX_CALENDARS = 10
MAX_ENCODED_TEXT = 256 * 1024
_DAMAGE = (RecursionError, ValueError, LookupError, AttributeError, OverflowError, MemoryError)
_HAS_ITS_OWN_MEANING = ("message/", "multipart/")


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """`data` is decoded from its transfer encoding; `method` is the parameter in upper case, "" if there is none."""

    data: bytes
    charset: str
    method: str
    attachment: bool


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """
    A mail that was read.

    `from_address` is in lower case and "" unless there is exactly one From with exactly one clean mailbox.
    `recipients`: the envelope's if given, else Delivered-To, X-Original-To, Envelope-To, and
    unless one of them is somebody's own, To and Cc.
    `copied`: who stands in Cc.
    `automatic`: why this is a machine's mail, "" if nothing says so; `notice`: what for. `bounce`: a delivery failed;
    `returned`: what is said of a delivery. `complaint`: a letter was called spam. `loops`: values of X-Loop.
    `attached`: "calendar" or "mail" if a whole mail is attached, with or without a calendar; nobody reads it.
    `authentication`: the topmost Authentication-Results of the trusted server. `fingerprint`: the same for the same
    mail whatever way it took.
    """

    message_id: str
    from_address: str
    from_name: str
    subject: str
    date: datetime | None
    recipients: tuple[str, ...]
    copied: tuple[addresses.Mailbox, ...]
    references: tuple[str, ...]
    calendars: tuple[CalendarPart, ...]
    text: str
    automatic: str
    bounce: bool
    authentication: str
    fingerprint: str
    returned: Bounce | None = None
    complaint: Complaint | None = None
    notice: Notice | None = None
    loops: tuple[str, ...] = ()
    attached: str = ""
    tnef: str = ""  # the message class in a winmail.dat, such as "IPM.Schedule.Meeting.Resp.Pos"


def read(
    raw: bytes,
    *,
    envelope_from: str | None = None,
    envelope_to: Sequence[str] = (),
    trusted_authserv_id: str | None = None,
) -> ReceivedMail:
    """
    The mail in `raw`. `envelope_from` is "" for a null sender and None when nobody knows it.

    Raises Unreadable, with a reason a person can read, past any limit and for damage that hides what was meant.
    """
    if len(raw) > MAX_BYTES:
        raise Unreadable(f"it is larger than {MAX_BYTES // 1024 // 1024} MB")
    try:
        return _read(raw, envelope_from, envelope_to, trusted_authserv_id)
    except _DAMAGE as damage:
        raise Unreadable(f"it is damaged beyond reading ({type(damage).__name__})") from damage


def _read(raw: bytes, envelope_from: str | None, envelope_to: Sequence[str], authserv_id: str | None) -> ReceivedMail:
    head, body = headers.split(raw)
    sender = addresses.only_mailbox(head.get("from", ())) or addresses.Mailbox("", "")
    subject = headers.decoded(_first(head, "subject"))
    parts = leaves(head, body)
    report = _report(head)
    outside = automatic.Outside(
        head, sender.address.lower(), subject, null_sender=_null_sender(head, envelope_from), report=report
    )
    date, text = _date(_first(head, "date")), _text(parts)
    returned = bounces.read(report, parts, head, text, signs=automatic.signs_of_a_mail_system(outside))
    return ReceivedMail(
        message_id=_message_id(head),
        from_address=sender.address.lower(),
        from_name=sender.name,
        subject=subject,
        date=date,
        recipients=_recipients(head, envelope_to),
        copied=tuple(_listed(head.get("cc", ())))[:20],
        references=_references(head),
        calendars=() if report or returned else _calendars(parts),
        text=text,
        automatic=automatic.reason(outside),
        bounce=returned is not None and returned.failed,
        authentication=_authentication(head, authserv_id),
        fingerprint=_fingerprint(head, body),
        returned=returned,
        complaint=bounces.complaint(report, parts, text),
        notice=automatic.notice(outside, text, date.date() if date else None),
        loops=tuple(value[:200] for value in head.get("x-loop", ())[:20]),
        attached=bounces.attached(parts),
        tnef=_tnef(parts),
    )


def _tnef(parts: list[Part]) -> str:
    private = [part for part in parts if part.kind == "application/ms-tnef" or part.file_name.lower() == "winmail.dat"]
    return tnef.message_class(private[0].data(2 * tnef.MOST_BYTES)) if private else ""


def _message_id(head: Headers) -> str:
    value = _first(head, "message-id")[: headers.MAX_TEXT]
    return next(iter(headers.ids(value)), "".join(value.split())[:250])


def _references(head: Headers) -> tuple[str, ...]:
    values = (_first(head, "in-reply-to"), _first(head, "references"))
    return tuple(dict.fromkeys(name for value in values for name in headers.ids(value[-8 * 1024 :])))


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value[:200])
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _recipients(head: Headers, envelope_to: Sequence[str]) -> tuple[str, ...]:
    if envelope_to:
        return _clean(envelope_to)
    written = [value for name in ("delivered-to", "x-original-to", "envelope-to") for value in head.get(name, ())]
    found = _clean(value.strip("<> ") for value in written[:20])
    if any(len(address.partition("@")[0]) >= PERSONAL for address in found):
        return found
    # some servers leave out what stands behind the plus
    return _clean([*found, *(box.address for name in ("to", "cc") for box in _listed(head.get(name, ())))])


def _listed(values: Iterable[str]) -> list[addresses.Mailbox]:
    found: list[addresses.Mailbox] = []
    for value in values:
        try:
            found += addresses.mailboxes(value)
        except Unreadable:  # a list nobody can read names nobody
            continue
    return found


def _clean(written: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(addresses.clean, written))))[:200]


def _null_sender(head: Headers, envelope_from: str | None) -> bool:
    if envelope_from is not None:
        return envelope_from.strip() in ("", "<>")
    return _first(head, "return-path") == "<>"


def _report(head: Headers) -> str:
    kind, parameters = headers.content_type(_first(head, "content-type"))
    return parameters.get("report-type", "report").lower() if kind == "multipart/report" else ""


def _calendars(parts: list[Part]) -> tuple[CalendarPart, ...]:
    found = [part for part in parts if _is_calendar(part)]
    if len(found) > MAX_CALENDARS:
        raise Unreadable(f"it holds more than {MAX_CALENDARS} calendar parts")
    return tuple(_calendar(part) for part in found)


def _is_calendar(part: Part) -> bool:
    if part.kind in ("text/calendar", "application/ics"):
        return True
    return part.file_name.lower().endswith(".ics") and not part.kind.startswith(_HAS_ITS_OWN_MEANING)


def _calendar(part: Part) -> CalendarPart:
    return CalendarPart(
        data=part.data(),
        charset=part.parameters.get("charset", "utf-8").lower(),
        method=part.parameters.get("method", "").strip().upper(),
        attachment=part.disposition == "attachment" or part.kind != "text/calendar",
    )


def _text(parts: list[Part]) -> str:
    shown = [part for part in parts if part.disposition != "attachment" and not _is_calendar(part)]
    texts = [_plain(part) for part in shown if part.kind == "text/plain"]
    if not any(text.strip() for text in texts):
        texts = [plain.from_html(_decoded(part)) for part in shown if part.kind == "text/html"]
    return "\n".join(filter(None, (text.strip() for text in texts[:20])))[:MAX_TEXT]


def _plain(part: Part) -> str:
    text = _decoded(part)
    if part.parameters.get("format", "").lower() != "flowed":
        return text
    return plain.unflowed(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")


def _decoded(part: Part) -> str:
    text = decode(part.data(MAX_ENCODED_TEXT), part.parameters.get("charset", ""))
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _authentication(head: Headers, authserv_id: str | None) -> str:
    for value in head.get("authentication-results", ()):  # RFC 8601 §5: no other server's word counts
        name = value.partition(";")[0].partition("(")[0].split()
        if authserv_id and name and name[0].lower() == authserv_id.lower():
            return value[: headers.MAX_TEXT]
    return ""


def _fingerprint(head: Headers, body: bytes) -> str:
    digest = hashlib.sha256()
    for name in ("message-id", "date", "from", "subject"):
        digest.update("\0".join(head.get(name, ())).encode() + b"\0\0")
    digest.update(body.replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _first(head: Headers, name: str) -> str:
    return head.get(name, ("",))[0]
