"""
From the bytes of a CSV file, or text copied from a sheet, to rows of cells, under hard limits. Pure.

Comma, semicolon, tab or bar between; UTF-8, UTF-16 or what Windows writes; line breaks within quotes.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence

from roundtables.errors import Unreadable
from roundtables.person.headings import columns
from roundtables.person.incoming import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, bounded, too_long, too_many_rows
from roundtables.texts import _

SEPARATORS = ",;\t|"
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
HEAD = 16 * 1024  # bytes in which the separator and the encoding show
ROW = MOST_COLUMNS * LONGEST_CELL  # characters of a row, all its lines together
STEP = 64 * 1024


def cells(raw: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """Rows with their numbers, the first of them 1. Raises Unreadable."""
    every_line_is_a_row = b'"' not in raw and b"\0" not in raw[:HEAD]
    if every_line_is_a_row and raw.rstrip().count(b"\n") > MOST_ROWS:
        raise too_many_rows()
    return table(text(raw))


def text(raw: bytes) -> io.TextIOWrapper:
    """The text of a file, decoded as it is read. Raises Unreadable for what is no text."""
    return io.TextIOWrapper(io.BytesIO(raw), encoding=encoding(raw), errors="replace", newline="")


def encoding(raw: bytes) -> str:
    """How the bytes of a file are to be read. Raises Unreadable for what is no text."""
    for mark, name in MARKS:
        if raw.startswith(mark):
            return name
    nothing = raw[:HEAD].count(0)
    if nothing > len(raw[:HEAD]) // 4:
        return "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"
    if nothing:
        raise Unreadable(_("This is not a text or a sheet."))
    return "utf-8" if _is_utf8(raw) else "cp1252"


def table(source: io.TextIOBase) -> Iterator[tuple[int, Sequence[str]]]:
    """Rows of a text, whatever stands between its cells. Raises Unreadable."""
    lines = _Lines(source)
    reader = csv.reader(lines, delimiter=_separator(lines.head()))
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            lines.row_is_read()
            yield number, bounded(row, number)
    except csv.Error as error:
        if "field limit" in str(error):
            raise too_long(number + 1) from error
        raise Unreadable(_("Row {row} cannot be read.", row=number + 1)) from error


class _Lines:
    """The lines of a text, none of them longer than a row may be; a line `sep=;` that Excel writes is left out."""

    def __init__(self, source: io.TextIOBase) -> None:
        self._source, self._read, self._rows = source, 0, 0
        self._kept = [self._next() for _ in range(20)]
        self.said = ""
        if self._kept[0].lower().startswith("sep=") and len(self._kept[0].strip()) == 5:
            self.said = self._kept.pop(0)[4]
        self._kept.reverse()

    def head(self) -> tuple[str, list[str]]:
        """The separator that the file itself says, "" if none, and its first lines."""
        return self.said, self._kept[::-1]

    def row_is_read(self) -> None:
        self._read, self._rows = 0, self._rows + 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._kept.pop() if self._kept else self._next()
        self._read += len(line)
        if self._read > ROW:
            raise Unreadable(_("Row {row} is far too long.", row=self._rows + 1))
        if not line:
            raise StopIteration
        return line

    def _next(self) -> str:
        line = self._source.readline(ROW + 1)
        if len(line) > ROW:
            raise Unreadable(_("Row {row} is far too long.", row=self._rows + 1))
        return line


def _separator(head: tuple[str, list[str]]) -> str:
    """What the file says, else what makes most sense of its first lines: headings that we know, then columns."""
    said, lines = head
    return said if said and said in SEPARATORS else max(SEPARATORS, key=lambda mark: _sense(lines, mark))


def _sense(lines: list[str], separator: str) -> tuple[int, int]:
    try:
        rows = list(csv.reader(lines[:10], delimiter=separator))
    except csv.Error:
        return 0, 0
    known = [columns(row[:MOST_COLUMNS]) for row in rows]
    return max((len(set(c.fields)) for c in known if c), default=0), max(map(len, rows), default=0)


def _is_utf8(raw: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(raw), STEP):
            decoder.decode(raw[start : start + STEP])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
