"""
The XML of a workbook, read piece by piece: its shared texts and its rows. Pure.

No document type, and so no entities of its own; nothing is kept but what cells hold.
"""

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import IO
from xml.parsers import expat

from roundtables.errors import Unreadable
from roundtables.person.incoming import FORMULA, LONGEST_CELL, MEGABYTE, MOST_COLUMNS, bounded, too_long
from roundtables.texts import _

MOST_TEXT = 24 * MEGABYTE  # bytes of the texts that cells share
STEP = 256 * 1024
DEEPEST = 64  # elements within elements
_LETTERS = re.compile(r"[A-Z]{1,3}")

Part = Callable[[], IO[bytes]]


class Shared:
    """The texts that cells share, packed: a list of many would take five times the room."""

    def __init__(self) -> None:
        self._octets, self._ends = bytearray(), array("I", [0])

    def add(self, words: str) -> None:
        self._octets += words.encode("utf-8", "replace")
        self._ends.append(len(self._octets))
        if len(self._octets) > MOST_TEXT:
            raise Unreadable(_("The texts of the workbook have more than {most} MB.", most=MOST_TEXT // MEGABYTE))

    def at(self, place: str) -> str:
        number = int(place)
        if not 0 <= number < len(self._ends) - 1:
            raise Unreadable(_("The workbook is damaged."))
        return self._octets[self._ends[number] : self._ends[number + 1]].decode()


class Xml:
    """Reads XML piece by piece; no document type, and so no entities of its own."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.words
        self.text: list[str] | None = None
        self.length, self.row, self.depth, self.sounds = 0, 0, 0, False

    def steps(self, part: Part) -> Iterator[None]:
        fed = 0
        with part() as source:
            while piece := source.read(STEP):
                self.parser.Parse(piece, False)
                fed += len(piece)
                if fed - self.parser.CurrentByteIndex > MEGABYTE:  # one tag that does not end
                    raise Unreadable(_("The workbook is damaged."))
                yield
        self.parser.Parse(b"", True)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins: how deep we are; each kind of part adds what it reads of it."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable(_("The workbook is damaged."))

    def end(self, name: str) -> None:
        self.depth -= 1

    def words(self, data: str) -> None:
        if self.text is not None and not self.sounds:
            self.length += len(data)
            if self.length > LONGEST_CELL:
                raise too_long(self.row)
            self.text.append(data)

    def taken(self) -> str:
        found, self.text, self.length = "".join(self.text or ()), None, 0
        return found

    def _refuse(self, *_doctype: object) -> None:
        raise Unreadable(_("The workbook has a document type, which no spreadsheet writes."))


class Texts(Xml):
    """sharedStrings.xml: each `si` one text, however many pieces of it are bold; how it sounds (rPh) left out."""

    def __init__(self, into: Shared) -> None:
        super().__init__()
        self.into = into

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        local = name.rpartition(" ")[2]
        if local == "si":
            self.text, self.length = [], 0
        elif local == "rPh":
            self.sounds = True

    def end(self, name: str) -> None:
        super().end(name)
        local = name.rpartition(" ")[2]
        if local == "si":
            self.into.add(self.taken())
        elif local == "rPh":
            self.sounds = False


class Sheet(Xml):
    """A sheet: `row` and `c` by their places, `v` or `t` what stands there, `f` that it is calculated."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.shared = shared
        self.done: list[tuple[int, Sequence[str]]] = []
        self.cells: dict[int, str] = {}
        self.column, self.kind, self.value, self.calculated = 0, "", "", False

    def rows(self, part: Part) -> Iterator[tuple[int, Sequence[str]]]:
        for _step in self.steps(part):
            yield from self.done
            self.done.clear()
        yield from self.done

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        local = name.rpartition(" ")[2]
        if local == "c":
            place = _LETTERS.match(attributes.get("r", ""))
            self.column = _column(place[0]) if place else self.column + 1
            self.kind, self.value, self.calculated = attributes.get("t", ""), "", False
        elif local in ("v", "t"):
            self.text, self.length = [], 0
        elif local == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
            bounded((), self.row)
        elif local == "f":
            self.calculated = True
        elif local == "rPh":
            self.sounds = True

    def end(self, name: str) -> None:
        super().end(name)
        local = name.rpartition(" ")[2]
        if local in ("v", "t") and self.text is not None:
            self.value += self.taken()
        elif local == "c":
            self._cell_is_read()
        elif local == "row":
            if self.cells:
                self.done.append((self.row, [self.cells.get(n, "") for n in range(1, max(self.cells) + 1)]))
                self.cells = {}
        elif local == "rPh":
            self.sounds = False

    def _cell_is_read(self) -> None:
        words = self.shared.at(self.value) if self.kind == "s" and self.value else self.value
        words = FORMULA + words if self.calculated else words
        if not words:
            return
        if self.column > MOST_COLUMNS:
            raise Unreadable(_("Row {row} has more than {most} columns.", row=self.row, most=MOST_COLUMNS))
        if len(words) > LONGEST_CELL:
            raise too_long(self.row)
        self.cells[self.column] = words


class Names(Xml):
    """The elements of a small part, names without their namespace."""

    def __init__(self, found: list[tuple[str, dict[str, str]]]) -> None:
        super().__init__()
        self.found = found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        self.found.append((name.rpartition(" ")[2], attributes))


def _column(letters: str) -> int:
    """ "A" → 1, "GR" → 200."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
