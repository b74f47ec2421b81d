"""
Content lines: escaped, folded, ended by CRLF. Pure.

Our own few lines, since icalendar 7.3 turns the text "\\N" into a line break; its parser is the oracle in the tests.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from urllib.parse import quote

from .addresses import canonical_address
from .text import many_lines, one_line

PRODID = "-//Roundtables//Roundtables//EN"
FOLD = 75  # octets of a line without its end, RFC 5545 §3.1
_ESCAPED = re.compile(r"[\\;,\n]")
_CARET = {"^": "^^", '"': "^'", "\n": "^n"}
_CARETED = re.compile(r'[\^"\n]')
_PLAIN = re.compile(r"[A-Za-z0-9-]+")
_URI_SAFE = "/:?#[]@!$&'()*+,;=%-._~"


def calendar(method: str, parts: Iterable[str]) -> bytes:
    """A VCALENDAR in UTF-8 round `parts`, each of whole CRLF lines; no METHOD line when `method` is ""."""
    head = ["BEGIN:VCALENDAR", f"PRODID:{PRODID}", "VERSION:2.0", "CALSCALE:GREGORIAN"]
    head += [f"METHOD:{method}"] if method else []
    return ("\r\n".join([*head, ""]) + "".join(parts) + "END:VCALENDAR\r\n").encode()


def component(name: str, lines: Iterable[str]) -> str:
    """A component round content lines, each of them folded and ended."""
    return "".join(folded(line) for line in (f"BEGIN:{name}", *lines, f"END:{name}"))


def text_line(name: str, value: str, *, lines: bool = False) -> list[str]:
    """A TEXT property, on one line of text unless `lines`; none at all for an empty text."""
    clean = many_lines(value) if lines else one_line(value)
    return [f"{name}:{escaped(clean)}"] if clean else []


def escaped(text: str) -> str:
    """RFC 5545 §3.3.11."""
    return _ESCAPED.sub(lambda found: "\\n" if found[0] == "\n" else "\\" + found[0], text)


def uri_line(name: str, value: str) -> list[str]:
    """A URI property with everything percent-encoded that may not stand in one; none for an empty value."""
    uri = quote(one_line(value), safe=_URI_SAFE)
    return [f"{name}:{uri}"] if uri else []


def time_line(name: str, instant: datetime, zone: tzinfo | None = None) -> str:
    """A DATE-TIME property: in UTC, or on the clock of `zone`, whose VTIMEZONE must stand in the object."""
    if zone is None:
        return f"{name}:{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name};TZID={zone}:{instant.astimezone(zone):%Y%m%dT%H%M%S}"


def person_line(name: str, address: str, parameters: Mapping[str, str]) -> str:
    """An ORGANIZER or ATTENDEE. Raises ValueError when `address` is not one plain e-mail address."""
    if not canonical_address(address):
        raise ValueError(f"the {name} of a calendar object needs a plain e-mail address")
    given = "".join(f";{key}={_parameter(value)}" for key, value in parameters.items() if value)
    return f"{name}{given}:mailto:{quote(address, safe='@+!$*-._~=/^`{|}' + chr(39))}"  # RFC 6068 §2


def _parameter(value: str) -> str:
    """RFC 6868 §3.1; quoted unless it is a plain word. A backslash means different things to different readers."""
    if _PLAIN.fullmatch(value):
        return value
    return '"' + _CARETED.sub(lambda found: _CARET[found[0]], value.replace("\\", "/")) + '"'


def folded(line: str) -> str:
    """The line in pieces of at most 75 octets, never inside a character or an escape, ended by CRLF."""
    if len(line) <= FOLD // 4 or len(line.encode()) <= FOLD:
        return line + "\r\n"
    pieces: list[str] = []
    room = FOLD
    while line:
        piece = _head(line, room)
        pieces.append(piece)
        line = line[len(piece) :]
        room = FOLD - 1  # the space in front counts
    return "\r\n ".join(pieces) + "\r\n"


def _head(line: str, room: int) -> str:
    """The longest beginning that fits into `room` octets and does not end inside an escape."""
    piece = line[:room].encode()[:room].decode(errors="ignore")
    if len(piece) < len(line) and (len(piece) - len(piece.rstrip("\\^"))) % 2:
        return piece[:-1]
    return piece
