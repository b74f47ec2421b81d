"""
A letter as the bytes that leave. Pure; the same letter gives the same bytes.

    with a calendar                                          without
    multipart/mixed                                          multipart/alternative
     ├ multipart/alternative                                  ├ text/plain
     │  ├ text/plain                                          └ text/html
     │  ├ text/html
     │  └ text/calendar; method=…      (RFC 6047 §2.4)
     └ application/ics, invite.ics     the same octets

Written by hand, under one rule: every value passes `one_line`, `_address`, `_id` or `_link` before it is in a header.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from . import addresses
from .charsets import one_line
from .signature import Signer

LINE = 76
MAX_NAME = 200
MAX_SUBJECT = 500
METHODS = frozenset(["PUBLISH", "REQUEST", "CANCEL", "ADD", "DECLINECOUNTER"])
_ID = re.compile(r"[!-;=?A-~]{1,200}@[!-;=?A-~]{1,200}")
_LINK = re.compile(r"https?://[!#-;=?-\[\]_a-z~%]{1,900}", re.IGNORECASE)
_AUTO = re.compile(r"[a-z-]{2,30}")
_CONTROL = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")  # all but LF and tab, and lone surrogates
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")


@dataclass(frozen=True, slots=True)
class Letter:
    """
    One letter to one person. `message_id` and `in_reply_to` come without brackets; `reply_address` "" is no Reply-To.
    `date` knows its zone. `calendar` holds the octets of an iCalendar object with METHOD `calendar_method`.
    """

    to_name: str
    to_address: str
    from_name: str
    from_address: str
    reply_name: str
    reply_address: str
    subject: str
    text: str
    html: str
    message_id: str
    date: datetime
    calendar: bytes | None = None
    calendar_method: str = "REQUEST"
    in_reply_to: str = ""
    unsubscribe_url: str = ""
    unsubscribe_address: str = ""
    auto_submitted: str = "auto-generated"


def compose(letter: Letter, *, signer: Signer | None = None) -> bytes:
    """
    The message, its lines ending in CRLF and none longer than 998 octets, signed if there is a signer.

    Control, bidi and invisible characters are taken out of the subject and the names. Raises ValueError for an
    address, id, link or method that is not clean, and for a date without a zone.
    """
    part = _with_calendar(letter) if letter.calendar is not None else _alternative(letter, [])
    message = _block(_headers(letter)) + part
    return signer.sign(message) + message if signer else message


def _headers(letter: Letter) -> list[tuple[str, str]]:
    if letter.date.tzinfo is None:
        raise ValueError("the date of a letter has a time zone")
    headers = [
        ("From", _mailbox(letter.from_name, letter.from_address)),
        ("To", _mailbox(letter.to_name, letter.to_address)),
        ("Subject", _words(one_line(letter.subject)[:MAX_SUBJECT], len("Subject: "))),
        ("Date", format_datetime(letter.date)),
        ("Message-ID", f"<{_id(letter.message_id)}>"),
    ]
    if letter.reply_address:
        headers.append(("Reply-To", _mailbox(letter.reply_name, letter.reply_address)))
    if letter.in_reply_to:
        threaded = f"<{_id(letter.in_reply_to)}>"
        headers += [("In-Reply-To", threaded), ("References", threaded)]
    headers += _about_machines(letter)
    if letter.calendar is not None:
        headers.append(("Content-class", "urn:content-classes:calendarmessage"))
    return [*headers, ("MIME-Version", "1.0")]


def _about_machines(letter: Letter) -> list[tuple[str, str]]:
    if not _AUTO.fullmatch(letter.auto_submitted):
        raise ValueError("Auto-Submitted is one lower-case word")
    headers = [
        ("Auto-Submitted", letter.auto_submitted),  # RFC 3834 §5
        ("X-Auto-Response-Suppress", "OOF, AutoReply, DR, RN, NRN"),
        ("X-Loop", _id(letter.message_id).partition("@")[2]),  # what comes back with it is not answered
    ]
    targets = []
    if letter.unsubscribe_url:
        targets.append(f"<{_link(letter.unsubscribe_url)}>")
    if letter.unsubscribe_address:
        targets.append(f"<mailto:{_address(letter.unsubscribe_address)}>")
    if targets:
        headers.append(("List-Unsubscribe", ",\r\n ".join(targets)))  # RFC 2369 §3.2
    if letter.unsubscribe_url.lower().startswith("https://"):
        headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))  # RFC 8058 §3.1
    return headers


def _with_calendar(letter: Letter) -> bytes:
    method = letter.calendar_method.upper()
    if method not in METHODS:
        raise ValueError(f"a letter does not carry METHOD {method[:20]!r}")
    data = letter.calendar or b""
    calendar = _base64_part(f"text/calendar; charset=UTF-8; method={method}", data)
    attached = _base64_part('application/ics; name="invite.ics"', data, 'attachment; filename="invite.ics"')
    return _multipart("mixed", letter.message_id, [_alternative(letter, [calendar]), attached])


def _alternative(letter: Letter, more: list[bytes]) -> bytes:
    written = [_text_part("plain", letter.text), *([_text_part("html", letter.html)] if letter.html else [])]
    return _multipart("alternative", letter.message_id, [*written, *more])


def _multipart(kind: str, message_id: str, parts: list[bytes]) -> bytes:
    """The boundary holds "=_", which neither base64 nor quoted-printable can (RFC 2045 §6.7)."""
    boundary = f"=_{hashlib.sha256(f'{kind} {message_id}'.encode()).hexdigest()[:32]}"
    head = _block([("Content-Type", f'multipart/{kind};\r\n boundary="{boundary}"')])
    body = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
    return head + b"\r\n" + body + f"--{boundary}--\r\n".encode()


def _text_part(kind: str, text: str) -> bytes:
    head = _block([("Content-Type", f"text/{kind}; charset=UTF-8"), ("Content-Transfer-Encoding", "quoted-printable")])
    body = binascii.b2a_qp(_printable(text).encode(), istext=True).replace(b"\n", b"\r\n")
    return head + b"\r\n" + body


def _base64_part(kind: str, data: bytes, disposition: str = "") -> bytes:
    headers = [("Content-Type", kind), ("Content-Transfer-Encoding", "base64")]
    if disposition:
        headers.append(("Content-Disposition", disposition))
    text = base64.b64encode(data)
    lines = [text[at : at + LINE] for at in range(0, len(text), LINE)]
    return _block(headers) + b"\r\n" + b"".join(line + b"\r\n" for line in lines)


def _printable(text: str) -> str:
    """Line ends as one LF, no other control character but the tab, and one line end last."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text).rstrip("\n") + "\n"


def _block(headers: list[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii")


def _mailbox(name: str, address: str) -> str:
    address, name = _address(address), one_line(name)[:MAX_NAME]
    if not name:
        return address
    if not name.isascii() or "=?" in name:
        return f"{_encoded(name, 10)}\r\n <{address}>"
    if not _PLAIN_NAME.fullmatch(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'  # RFC 5322 §3.2.4
    return f"{name}\r\n <{address}>" if len(name) + len(address) > LINE - 12 else f"{name} <{address}>"


def _words(text: str, used: int) -> str:
    """An unstructured header: folded at blanks where that is enough, else in encoded words."""
    plain = text.isascii() and "=?" not in text and all(len(word) < LINE - used for word in text.split())
    return _folded(text, used) if plain else _encoded(text, used)


def _folded(text: str, used: int) -> str:
    lines, room = [""], LINE - used
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append("")
            room = LINE - 1
        lines[-1] += f" {word}" if lines[-1] else word
    return "\r\n ".join(lines)


def _encoded(text: str, used: int) -> str:
    """Encoded words of at most 75 characters, none of which splits a character (RFC 2047 §2, §5)."""
    words, octets, room = [], b"", 45 - used // 4 * 3 - 3
    for char in text:
        if len(octets) + len(char.encode()) > room:
            words.append(octets)
            octets, room = b"", 42
        octets += char.encode()
    words.append(octets)
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in words)


def _address(address: str) -> str:
    clean = addresses.clean(address)
    if not clean or not clean.isascii():
        raise ValueError("an address of the letter is not one plain mailbox")
    return clean


def _id(message_id: str) -> str:
    if not _ID.fullmatch(message_id):
        raise ValueError("a message id is left@right without blanks or brackets")
    return message_id


def _link(link: str) -> str:
    if not _LINK.fullmatch(link):
        raise ValueError("an unsubscribe link is a plain web address")
    return link
