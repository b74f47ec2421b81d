"""
From pasted text to people: one on each line, or a piece of a sheet with its headings. Pure.

    Jo Bloggs <jo@example.org>, Chief Executive, Northshire Council
    Jo Bloggs <tab> jo@example.org <tab> Chief Executive <tab> Northshire Council
"""

import io
import re
from collections.abc import Iterator

from roundtables.person import headings, sheets
from roundtables.person.incoming import Row, bounded

_WORD = r"[^<>\s,;\"'()]"
_ADDRESS = re.compile(rf"<\s*(?:mailto:)?([^<>\s]+@[^<>\s]+?)\s*>|(?<!{_WORD})(?:mailto:)?({_WORD}+@{_WORD}+)")
_AROUND = " \t,;\"'()"
LINE = ("title", "organisation", "sectors")


def people(text: str) -> Iterator[Row]:
    """Everybody in `text`, each with the number of their line. Raises Unreadable where it is far too much."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if any(headings.columns(first.split(mark)) for mark in sheets.SEPARATORS):
        yield from headings.people(sheets.table(io.StringIO(text, newline="")))
        return
    for number, line in enumerate(text.splitlines(), start=1):
        bounded([line], number)
        if line.strip(_AROUND):
            yield person(line, number)


def person(line: str, number: int) -> Row:
    """Who stands on a line: the name before the address, what they are behind it."""
    found = _ADDRESS.search(line)
    if found is None:
        return Row(number, {"name": line.strip()})
    name, rest = line[: found.start()].strip(_AROUND), line[found.end() :].strip(_AROUND)
    more = [part.strip() for part in (rest.split("\t") if "\t" in rest else rest.split(","))]
    if not name and more[0] and "\t" in line:  # address first, name behind it
        name, more = more[0], more[1:]
    said = dict(zip(LINE, more, strict=False))
    return Row(number, {"name": name, "email": found[1] or found[2]} | {f: w for f, w in said.items() if w})
