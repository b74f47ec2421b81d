"""
From bytes to the content lines of events, however they were broken on the way, under hard limits. Pure.

bytes -> quoted-printable undone -> unfolded -> text -> lines joined -> the events in them
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from roundtables.errors import Unreadable

BYTES = 256 * 1024
LINES = 2000
LINE = 64 * 1024  # characters after unfolding
EVENTS = 8
ATTENDEES = 50
DEPTH = 4
PARAMETERS = 50  # of one line; those after it are not read

Parameters = list[tuple[str, str]]

_CHARSET = re.compile(  # besides UTF-8; of others only those that hold text
    r"utf-?16(-?le|-?be)?|iso-?8859-\d{1,2}|latin-?[19]|(windows-|cp)125\d"
    r"|iso-2022-jp|shift_jis|euc-(jp|kr)|gb2312|gbk|gb18030|big5|koi8-[ru]"
)
_WIDE = re.compile(r"utf-?16.*|iso-2022-jp|shift_jis|gb.*|big5")  # a byte of these may look like another character
_NAMED = re.compile(r"([A-Za-z][A-Za-z0-9-]*+)\s*+[;:]")
_URI = re.compile(r"(mailto|https?|cid|tel|urn):", re.IGNORECASE)
_KNOWN = re.compile(
    r"(BEGIN|END|UID|SEQUENCE|DT(STAMP|START|END)|ORGANIZER|ATTENDEE|SUMMARY|LOCATION|DESCRIPTION|STATUS|TRANSP|CLASS"
    r"|COMMENT|CREATED|LAST-MODIFIED|PRIORITY|REQUEST-STATUS|RECURRENCE-ID|URL|METHOD|ATTACH|X-[A-Z0-9-]+)\s*[;:]",
    re.IGNORECASE,
)
_WORDS = re.compile(r"(COMMENT|DESCRIPTION|SUMMARY)[;:]", re.IGNORECASE)
_PLAIN_PARAMETER = re.compile(rb";[A-Za-z-]+=(?!3D)")
_COLON = re.compile(r'(?:[^":]++|"[^"]*+")*+:')
_PARAMETER = re.compile(r';\s*+([A-Za-z0-9-]++)\s*+=\s*+((?:[^";]++|"[^"]*+")*+)')
_RAW_PARAMETER = re.compile(r";\s*+([A-Za-z0-9-]++)\s*+=\s*+([^;]*+)")
_LAST_ADDRESS = re.compile(r'(.*):\s*+"?(mailto:.*)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT: its own content lines, name in upper case and the whole line, and the METHOD of its calendar."""

    method: str
    lines: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Calendar:
    methods: list[str] = field(default_factory=list)
    events: list[list[tuple[str, str]]] = field(default_factory=list)


def events_in(data: bytes, charset: str, notes: list[str]) -> list[Event]:
    """
    The events in one iCalendar object, in order. Appends to `notes` what had to be repaired, in plain English.

    Raises Unreadable when it is too large, is no calendar, or says METHOD twice.
    """
    if len(data) > BYTES:
        raise Unreadable(f"too large: the calendar object has more than {BYTES // 1024} kB")
    lines = [line for line in _text(data, charset, notes).split("\n") if line and not line.isspace()]
    if len(lines) > LINES:
        raise Unreadable(f"too large: the calendar object has more than {LINES} lines")
    if any(len(line) > LINE for line in lines):
        raise Unreadable(f"too large: a line of the calendar object has more than {LINE // 1024} kB")
    calendars = _calendars(_joined(lines, notes), notes)
    if not calendars:
        raise Unreadable("there is no calendar object in it")
    return [Event(_method(calendar, notes), tuple(event)) for calendar in calendars for event in calendar.events]


def split(line: str) -> tuple[Parameters, str]:
    """A content line as its parameters (names in upper case, values still quoted) and its value. RFC 5545 §3.1."""
    colon = _COLON.match(line)
    if colon is None:  # a quote that never ends
        return split_loosely(line)
    return _parameters(_PARAMETER.finditer(line, 0, colon.end() - 1)), line[colon.end() :]


def split_loosely(line: str) -> tuple[Parameters, str]:
    """As `split`, without regard to quotes: the value is the last mailto: in it, else what follows the last colon."""
    last = _LAST_ADDRESS.fullmatch(line)
    head, value = (last[1], last[2]) if last else line.rpartition(":")[::2]
    return [(name, text.strip('": ')) for name, text in _parameters(_RAW_PARAMETER.finditer(head))], value


def _parameters(found: Iterator[re.Match[str]]) -> Parameters:
    return [(match[1].upper(), match[2]) for match in islice(found, PARAMETERS)]


def _text(data: bytes, charset: str, notes: list[str]) -> str:
    charset = charset.strip().lower()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        charset = "utf-16"
    elif data[:2] in (b"B\x00", b"\x00B"):
        charset = "utf-16-le" if data[0] else "utf-16-be"
    if _WIDE.fullmatch(charset):
        data, charset = _decoded(data, charset).encode("utf-8", "replace"), "utf-8"
    data = _without_coding(data.removeprefix(b"\xef\xbb\xbf"), notes)
    data = data.replace(b"\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    # RFC 5545 §3.1: unfold bytes, not characters, since a fold may stand inside a character
    return _decoded(data.replace(b"\n ", b"").replace(b"\n\t", b""), charset).removeprefix("\ufeff")


def _decoded(data: bytes, charset: str) -> str:
    """In UTF-8 if it is that, else as declared if we know that charset, else in Latin letters. Never raises."""
    if not _WIDE.fullmatch(charset):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    try:
        return data.decode(charset if _CHARSET.fullmatch(charset) else "cp1252", "replace")
    except LookupError:  # windows-1259 and the like
        return data.decode("cp1252", "replace")


def _without_coding(data: bytes, notes: list[str]) -> bytes:
    """Quoted-printable undone when the whole object is still in it, as told by every parameter."""
    coded = b"=0D=0A" in data or b"=\n" in data or b"=\r\n" in data or b"=3D" in data
    if not coded or _PLAIN_PARAMETER.search(data):
        return data
    notes.append("undid quoted-printable left in the object")
    return binascii.a2b_qp(data)


def _joined(lines: list[str], notes: list[str]) -> list[str]:
    """The content lines, each broken one put together again: a line without a name continues the one before."""
    joined: list[str] = []
    before = 0  # length of the last physical piece
    for line in lines:
        if not joined or not _continues(line, joined[-1]):
            joined.append(line)
        elif _NAMED.match(joined[-1]) and joined[-1][:4].upper() not in ("BEGI", "END:"):
            if len(joined[-1]) + len(line) > LINE:
                raise Unreadable(f"too large: a line of the calendar object has more than {LINE // 1024} kB")
            joined[-1] += _seam(joined[-1], before) + line
            _once(notes, "joined a line that was broken without a fold")
        else:
            _once(notes, "left out text that is no part of the calendar")
        before = len(line)
    return joined


def _continues(line: str, previous: str) -> bool:
    if line[0] in ";:" or not _NAMED.match(line) or _URI.match(line):
        return True
    person = previous[:8].upper() == "ATTENDEE" or previous[:9].upper() == "ORGANIZER"
    return person and not _KNOWN.match(line) and not _COLON.match(previous)


def _seam(previous: str, length: int) -> str:
    """A short piece of somebody's words ended where they began a new line; a long one was cut by a machine."""
    return "\\n" if _WORDS.match(previous) and length < 60 else ""


def _calendars(lines: list[str], notes: list[str]) -> list[_Calendar]:
    """Walks BEGIN and END, counts, and keeps only what stands directly in a calendar or in an event of it."""
    found: list[_Calendar] = []
    stack: list[str] = []
    events = attendees = 0
    for line in lines:
        named = _NAMED.match(line)
        if named is None:
            _once(notes, "left out text that is no part of the calendar")
            continue
        name = named[1].upper()
        if name == "BEGIN":
            stack.append(line[named.end() :].strip().upper())
            events += stack[-1] == "VEVENT"
            _open(found, stack, notes)
        elif name == "END":
            _close(stack, line[named.end() :].strip().upper(), notes)
        else:
            attendees += name == "ATTENDEE"
            _keep(found, stack, name, line)
        _refuse_crowds(len(stack), events, attendees)
    if stack:
        notes.append(f"the end of {stack[-1][:40]} is missing")
    return found


def _open(found: list[_Calendar], stack: list[str], notes: list[str]) -> None:
    if stack == ["VCALENDAR"]:
        found.append(_Calendar())
    elif stack == ["VEVENT"]:
        notes.append("an event without a calendar round it")
        found.append(_Calendar(events=[[]]))
    elif stack == ["VCALENDAR", "VEVENT"]:
        found[-1].events.append([])


def _close(stack: list[str], name: str, notes: list[str]) -> None:
    if name in stack:
        if stack[-1] != name:
            notes.append(f"the end of {stack[-1][:40]} is missing")
        del stack[len(stack) - 1 - stack[::-1].index(name) :]
    else:
        notes.append(f"an end of {name[:40]} too many")


def _keep(found: list[_Calendar], stack: list[str], name: str, line: str) -> None:
    if stack in (["VCALENDAR", "VEVENT"], ["VEVENT"]):
        found[-1].events[-1].append((name, line))
    elif stack == ["VCALENDAR"] and name == "METHOD":
        found[-1].methods.append(split(line)[1].strip(' "').upper())


def _refuse_crowds(depth: int, events: int, attendees: int) -> None:
    if depth > DEPTH:
        raise Unreadable(f"too large: the calendar object is nested more than {DEPTH} deep")
    if events > EVENTS:
        raise Unreadable(f"too large: the calendar object has more than {EVENTS} events")
    if attendees > ATTENDEES:
        raise Unreadable(f"too large: the calendar object has more than {ATTENDEES} attendees")


def _method(calendar: _Calendar, notes: list[str]) -> str:
    if len(calendar.methods) > 1:
        raise Unreadable("the calendar object says METHOD twice")
    if not calendar.methods:
        _once(notes, "the calendar object does not say its METHOD")
    return "".join(calendar.methods)[:40]


def _once(notes: list[str], note: str) -> None:
    if note not in notes:
        notes.append(note)
