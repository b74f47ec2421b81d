"""
From the bytes of a vCard file to people, under hard limits: versions 2.1, 3.0 and 4.0. Pure.

Lines are read one by one and those that we do not keep (pictures, keys) are let go at once; a card within a card
belongs to somebody else and is passed over.
"""

import io
import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from roundtables.errors import Unreadable
from roundtables.person.incoming import LONGEST_CELL, MOST_ROWS, Row, together
from roundtables.person.sheets import text
from roundtables.texts import _

DEPTH = 2
MOST_LINES = 200  # of one card, of those that we read
MOST_LINES_IN_ALL = 700_000
LONGEST_PARAMETERS = 400
PIECE = 8 * 1024  # characters read at once
_LINE = re.compile(r"(?:[\w-]{1,40}\.)?([A-Za-z][\w-]{0,60})((?:;(?:[^\":;]|\"[^\"]*\")*)*):(.*)", re.DOTALL)
_PARAMETER = re.compile(r";\s*(?:([\w-]+)=)?((?:[^\";]|\"[^\"]*\")*)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
READ = frozenset(("FN", "N", "EMAIL", "TITLE", "ROLE", "ORG", "CATEGORIES", "TZ", "LANG", "RELATED", "BEGIN", "END"))
_NAME = re.compile(r"(?:[\w-]{1,40}\.)?([A-Za-z][\w-]{0,60})[;:]")


@dataclass(frozen=True, slots=True)
class Line:
    """A content line: its name in upper case, its parameters' values in lower case by name, its raw value."""

    name: str
    parameters: dict[str, list[str]]
    value: str

    @property
    def place(self) -> int:
        """Where it stands among several, the preferred one first (RFC 6350 §5.3)."""
        said = self.parameters.get("pref", [""])[0]
        if said.isascii() and said.isdigit() and len(said) < 4:
            return int(said)
        return 0 if "pref" in self.parameters.get("type", []) else 1000

    def parts(self, between: str) -> list[str]:
        """The value at its unescaped `between`, each part plain."""
        pieces = re.split(r"(?<!\\)((?:\\\\)*)" + re.escape(between), self.value)
        joined = [pieces[i] + (pieces[i + 1] if i + 1 < len(pieces) else "") for i in range(0, len(pieces), 2)]
        return [_plain(piece).strip() for piece in joined]


def people(raw: bytes) -> Iterator[Row]:
    """Everybody in the file, each with the number of their card. Raises Unreadable."""
    if raw.upper().count(b"BEGIN:VCARD") > MOST_ROWS or raw.count(b"\n") > MOST_LINES_IN_ALL:
        raise Unreadable(_("There are too many cards, or too many lines."))
    depth = number = 0
    card: list[Line] = []
    for line in _lines(raw):
        if line.name == "BEGIN":
            depth += 1
            if depth > DEPTH:
                raise Unreadable(_("Card {card} has cards within cards within cards.", card=number))
            if depth == 1:
                number, card = number + 1, []
        elif line.name == "END":
            if depth == 1:
                yield Row(number, _person(card))
            depth = max(0, depth - 1)
        elif depth == 1:
            card.append(line)
        if len(card) > MOST_LINES:
            raise Unreadable(_("There are too many lines in card {card}.", card=number))
    if not number:
        raise Unreadable(_("There is no card in it."))


def _lines(raw: bytes) -> Iterator[Line]:
    for words in _unfolded(_pieces(text(raw))):
        _check_length(words)
        if _is_ours(words) and (line := _line(words)) is not None:
            yield line


def _is_ours(words: str) -> bool:
    """Whether a line is one of those that we read."""
    named = _NAME.match(words)
    return named is not None and named[1].upper() in READ


def _check_length(words: str) -> None:
    if len(words) > LONGEST_CELL and _is_ours(words):
        raise Unreadable(_("A line of a card has more than {most} letters.", most=f"{LONGEST_CELL:,}"))


def _pieces(source: io.TextIOWrapper) -> Iterator[str]:
    """Physical lines without their ends; a very long one is cut, for nothing that we read is so long."""
    while piece := source.readline(PIECE):
        rest = piece
        while rest and not rest.endswith(("\n", "\r")):
            rest = source.readline(PIECE)
        yield piece.rstrip("\r\n")


def _unfolded(pieces: Iterable[str]) -> Iterator[str]:
    """Logical lines (RFC 6350 §3.2), those of quoted-printable too; only their beginning where they are very long."""
    whole, soft = "", False
    for piece in pieces:
        if soft or piece[:1] in (" ", "\t"):
            whole += (piece if soft else piece[1:]) if len(whole) <= PIECE else ""
            _check_length(whole)
        else:
            yield whole
            whole = piece
        soft = piece.endswith("=") and "QUOTED-PRINTABLE" in whole[:200].upper().partition(":")[0]
        whole = whole.removesuffix("=") if soft else whole
    yield whole


def _line(words: str) -> Line | None:
    found = _LINE.match(words)
    if found is None or len(found[2]) > LONGEST_PARAMETERS:
        return None
    parameters: dict[str, list[str]] = {}
    for name, value in _PARAMETER.findall(found[2]):
        values = [one.strip(' "').lower() for one in value.split(",")]
        bare = "encoding" if values == ["quoted-printable"] else "type"
        parameters.setdefault(name.lower() or bare, []).extend(values)
    value = found[3]
    if "quoted-printable" in parameters.get("encoding", []):
        value = _printed(value, parameters.get("charset", ["utf-8"])[0])
    return Line(found[1].upper(), parameters, value)


def _printed(value: str, charset: str) -> str:
    octets = quopri.decodestring(value.encode("utf-8", "replace"))
    known = charset if charset in ("utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii") else "utf-8"
    return octets.decode(known, "replace")


def _plain(words: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], words)


def _person(card: list[Line]) -> dict[str, str]:
    first = {line.name: line for line in reversed(card)}
    mails = sorted((line for line in card if line.name == "EMAIL"), key=lambda line: line.place)
    addresses = list(filter(None, (_plain(line.value).strip() for line in mails)))
    said = {
        "name": _plain(first["FN"].value).strip() if "FN" in first else "",
        "email": "".join(addresses[:1]),
        "other_emails": together(addresses[1:]),
        "title": next((_plain(first[name].value) for name in ("TITLE", "ROLE") if name in first), ""),
        "organisation": first["ORG"].parts(";")[0] if "ORG" in first else "",
        "sectors": together(part for line in card if line.name == "CATEGORIES" for part in line.parts(",")),
        "assistant_email": _assistant(card),
        "time_zone": first["TZ"].value if "TZ" in first and "/" in first["TZ"].value else "",
        "language": first["LANG"].value.strip() if "LANG" in first else "",
    }
    said["name"] = said["name"] or _from_parts(first.get("N"))
    return {field: words for field, words in said.items() if words.strip()}


def _from_parts(line: Line | None) -> str:
    """ "Pugh;Carys;;Dr;" → "Dr Carys Pugh" """
    family, given, more, honorific, *_ = [*(line.parts(";") if line else []), "", "", "", ""]
    return " ".join(filter(None, (honorific, given, more, family)))


def _assistant(card: list[Line]) -> str:
    agents = (line.value for line in card if line.name == "RELATED" and "agent" in line.parameters.get("type", []))
    return next((value[len("mailto:") :] for value in agents if value.lower().startswith("mailto:")), "")
