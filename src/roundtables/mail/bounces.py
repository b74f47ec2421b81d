"""
What came back, and how final it is: delivery reports, and the letters mail systems write instead of one. Pure.

    hard       the address is wrong or gone            soft      full, busy or too late: another day it may work
    policy     they do not take our mail: the address  delayed   still being tried
               may be right                            success   it arrived, or was handed on
    unknown    it came back, and nobody says why

What a report carries back (our own letter, mostly) is looked at for its Message-ID and for nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from roundtables.errors import Unreadable

from . import addresses, headers
from .charsets import decode, one_line
from .headers import Headers
from .parts import Part

MOST_GROUPS = 50
MAX_FIELDS = 64 * 1024
MAX_CARRIED = 16 * 1024
MAX_DIAGNOSTIC = 400


class Kind(StrEnum):
    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"
    DELAYED = "delayed"
    SUCCESS = "success"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Bounce:
    """
    One letter's fate. `status` is the enhanced code ("5.1.1"), `diagnostic` the server's words on one line of at most
    400 characters, `recipient` a clean address, `original_message_id` without brackets; each "" if nobody says.
    """

    kind: Kind
    status: str = ""
    diagnostic: str = ""
    recipient: str = ""
    original_message_id: str = ""

    @property
    def failed(self) -> bool:
        return self.kind not in (Kind.DELAYED, Kind.SUCCESS)


@dataclass(frozen=True, slots=True)
class Complaint:
    """Somebody's provider passes on a complaint (RFC 5965): `kind` as it names it, "abuse" mostly."""

    kind: str
    original_message_id: str = ""


_GRAVEST = (Kind.HARD, Kind.POLICY, Kind.UNKNOWN, Kind.SOFT, Kind.DELAYED, Kind.SUCCESS)
_STATUS = ("message/delivery-status", "message/global-delivery-status")  # RFC 3464 §2.1, RFC 6533 §3
_REACHED = ("delivered", "relayed", "expanded")
_CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_SMTP = re.compile(r"(?<![\d.])([45])\d\d(?=[ -])")
_MESSAGE_ID = re.compile(r"^[ \t]*Message-I[Dd]:[ \t]*<([^<>\s]{1,250})>", re.MULTILINE | re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\n[ \t\r]*\n")
_REFUSED = (
    *("spam", "blocked", "block list", "blocklist", "blacklist", "dmarc", "spf ", "dkim", "reputation", "policy"),
    *("not authorized", "not authorised", "unsolicited", "greylist", "content rejected", "relay access denied"),
)
_FULL = (
    *("mailbox full", "mailbox is full", "over quota", "overquota", "quota exceeded", "out of storage"),
    *("exceeded stor",),
)
_GONE = (
    *("user unknown", "unknown user", "no such user", "no such recipient", "recipient not found", "does not exist"),
    *("doesn't exist", "user not found", "unknown recipient", "invalid recipient", "no mailbox", "no such mailbox"),
    *("mailbox unavailable", "mailbox not found", "mailbox disabled", "account disabled", "account is disabled"),
    *("unrouteable address", "unrouteable mail domain", "host not found", "domain not found", "unknown address"),
    *("not listed in", "address rejected", "recipient rejected", "no longer available", "isn't a valid", "inactive"),
)
_SUBJECTS = (
    *("undeliver", "undelivered", "delivery status notification", "returned mail", "mail delivery failed"),
    *("mail delivery failure", "delivery failure", "failure notice", "message not delivered", "mail system error"),
    *("delivery report", "non-delivery", "unzustellbar", "non remis", "mail non distribué", "no se puede entregar"),
    *("impossibile recapitare", "mancato recapito", "onbestelbaar", "delivery problem", "returned to sender"),
)
_LATE = (
    *("delayed", "warning: could not send", "warning: message", "delivery delay"),
    *("delivery status notification (delay",),
)


def read(report: str, parts: Sequence[Part], outside: Headers, text: str, *, signs: int) -> Bounce | None:
    """
    The fate of one letter, None for a mail that tells of none. `report`: a multipart/report's type. `signs`: how many
    of two say that a mail system wrote, its empty sender and its address. Of several recipients behind one address
    the gravest word counts, unless one was reached.
    """
    if report == "delivery-status" or (not report and any(part.kind in _STATUS for part in parts)):
        return _of_report(parts, text)
    subject = headers.decoded(_field(outside, "subject")).casefold()
    told = "x-failed-recipients" in outside or signs == 2 or (signs == 1 and subject.startswith((*_SUBJECTS, *_LATE)))
    return _without_report(outside, subject, parts, text) if told and not report else None


def complaint(report: str, parts: Sequence[Part], text: str) -> Complaint | None:
    """What a feedback report says (RFC 5965 §3.1), None for any other mail."""
    if report != "feedback-report":
        return None
    said = next((part for part in parts if part.kind == "message/feedback-report"), None)
    fields = next(iter(_groups(said)), {}) if said else {}
    return Complaint(_field(fields, "feedback-type").lower()[:40], _original(parts, text))


def fate(action: str, status: str, diagnostic: str) -> Kind:
    """How final one recipient's fields are (RFC 3464 §2.3.3, §2.3.4; RFC 3463)."""
    if action == "delayed":
        return Kind.DELAYED
    if action in _REACHED or (not action and status.startswith("2.")):
        return Kind.SUCCESS
    said = diagnostic.casefold()
    by_code = _by_code(status)
    if by_code is Kind.HARD and any(word in said for word in _REFUSED):
        return Kind.POLICY  # some systems say 5.1.1 where they mean that they do not like us
    return by_code or _by_words(said)


def attached(parts: Sequence[Part]) -> str:
    """ "calendar" or "mail" if a whole mail is attached, with or without a calendar in it; "" if none is."""
    mails = [part.body[:MAX_FIELDS].lower() for part in parts if part.kind in ("message/rfc822", "message/global")]
    return "" if not mails else "calendar" if any(b"text/calendar" in body for body in mails) else "mail"


def _of_report(parts: Sequence[Part], text: str) -> Bounce:
    reports = [part for part in parts if part.kind in _STATUS]
    fields = [group for part in reports for group in _groups(part) if _is_about_somebody(group)]
    found = [_recipient(group) for group in fields]
    original = _original(parts, text)
    if not found:
        return Bounce(Kind.UNKNOWN, *_words_of(text), original_message_id=original)
    gravest = min(found, key=lambda bounce: _GRAVEST.index(bounce.kind))
    reached = any(_action(group) in _REACHED for group in fields)
    kind = Kind.SOFT if reached and gravest.failed else gravest.kind
    return Bounce(kind, gravest.status, gravest.diagnostic, gravest.recipient, original)


def _recipient(fields: Headers) -> Bounce:
    diagnostic = one_line(_field(fields, "diagnostic-code").partition(";")[2] or _field(fields, "diagnostic-code"))
    status = _best_code(_field(fields, "status"), diagnostic)
    return Bounce(fate(_action(fields), status, diagnostic), status, diagnostic[:MAX_DIAGNOSTIC], _address(fields))


def _without_report(outside: Headers, subject: str, parts: Sequence[Part], text: str) -> Bounce:
    """Nobody's format: that it failed is known, how finally is not."""
    recipient = addresses.clean(_field(outside, "x-failed-recipients").partition(",")[0])
    status, diagnostic = _words_of(text)
    kind = Kind.DELAYED if subject.startswith(_LATE) else Kind.UNKNOWN
    return Bounce(kind, status, diagnostic, recipient, _original(parts, text))


def _is_about_somebody(fields: Headers) -> bool:
    return not {"final-recipient", "original-recipient", "action", "status"}.isdisjoint(fields)


def _action(fields: Headers) -> str:
    return next(iter(_field(fields, "action").lower().replace("(", " ").replace(";", " ").split()), "")


def _best_code(status: str, diagnostic: str) -> str:
    """The code that says most: the field's, unless it only gives the class (5.0.0) and the server's words say more."""
    written, said = _CODE.search(status), _CODE.search(diagnostic)
    if said and (written is None or (written[2], written[3]) == ("0", "0")) and (not written or written[1] == said[1]):
        return said[0]
    if written:
        return written[0]
    smtp = _SMTP.search(diagnostic)
    return f"{smtp[1]}.0.0" if smtp else ""


def _by_code(status: str) -> Kind | None:
    """What the code alone says, None where only words can tell."""
    code = _CODE.fullmatch(status)
    if code is None or code[1] == "2":
        return None
    if code[1] == "4":
        return Kind.SOFT
    about, detail = int(code[2]), int(code[3])
    exact = {(1, 7): Kind.POLICY, (1, 8): Kind.POLICY, (2, 1): Kind.HARD, (2, 2): Kind.SOFT, (2, 3): Kind.POLICY}
    exact |= {(2, 4): Kind.HARD, (3, 4): Kind.POLICY, (4, 3): Kind.SOFT, (4, 5): Kind.SOFT, (4, 7): Kind.SOFT}
    whole = {1: Kind.HARD, 4: Kind.HARD, 6: Kind.POLICY, 7: Kind.POLICY}
    return exact.get((about, detail)) or whole.get(about)


def _by_words(said: str) -> Kind:
    lists = ((_REFUSED, Kind.POLICY), (_FULL, Kind.SOFT), (_GONE, Kind.HARD))
    return next((kind for words, kind in lists if any(word in said for word in words)), Kind.UNKNOWN)


def _words_of(text: str) -> tuple[str, str]:
    """The code and the line of a plain letter that tell why."""
    lines = [one_line(line) for line in text[:8_000].split("\n")]
    diagnostic = next((line for line in lines if _tells(line)), "")[:MAX_DIAGNOSTIC]
    return _best_code("", diagnostic), diagnostic


def _tells(line: str) -> bool:
    return bool(_CODE.search(line) or _SMTP.search(line) or _by_words(line.casefold()) in (Kind.HARD, Kind.SOFT))


def _groups(part: Part) -> list[Headers]:
    """The groups of fields of a report, the message's own first; what cannot be read is left out."""
    data = part.data(MAX_FIELDS).replace(b"\r\n", b"\n").strip(b"\n ")
    found = []
    for block in _BLANK_LINE.split(data)[:MOST_GROUPS]:
        try:
            found.append(headers.split(block.strip(b"\n") + b"\n\n")[0])
        except Unreadable:
            continue
    return found


def _address(fields: Headers) -> str:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        address = addresses.clean(_field(fields, name).rpartition(";")[2].strip(" <>"))
        if address:
            return address
    return ""


def _original(parts: Sequence[Part], text: str) -> str:
    """The Message-ID of the letter that is carried back, wherever it stands."""
    carriers = ("message/rfc822", "message/global", "message/global-headers", "text/rfc822-headers")
    carried = [decode(part.data(MAX_CARRIED), "") for part in parts if part.kind in carriers]
    found = next(filter(None, map(_MESSAGE_ID.search, [*carried[:5], text])), None)
    return found[1] if found else ""


def _field(fields: Headers, name: str) -> str:
    return fields.get(name, ("",))[0].strip()
