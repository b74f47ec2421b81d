"""
The book as a file: CSV and XLSX that no spreadsheet takes a formula from, and vCard. What is written here reads back
as it was (reading.py). Pure.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

import xlsxwriter

from roundtables.person.guarding import guarded
from roundtables.person.incoming import FIELDS, SEVERAL, together
from roundtables.person.matching import Known

BYTE_ORDER_MARK = "\ufeff"  # or Excel takes UTF-8 for something older
WIDTHS = {"name": 28, "email": 32, "other_emails": 32, "title": 30, "organisation": 30, "sectors": 24}
FOLD = 75  # octets of a line, RFC 6350 §3.2


def csv_file(people: Iterable[Known]) -> bytes:
    """One row for each person, below our own headings."""
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    sheet = csv.writer(out, quoting=csv.QUOTE_ALL)
    sheet.writerow(FIELDS)
    sheet.writerows(cells(known) for known in people)
    return out.getvalue().encode()


def workbook(people: Iterable[Known]) -> bytes:
    """The same as a workbook; every cell is text, and its links are not made."""
    out = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, {"constant_memory": True, **plain}) as book:
        sheet = book.add_worksheet("People")
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for column, field in enumerate(FIELDS):
            sheet.set_column(column, column, WIDTHS.get(field, 16))
            sheet.write_string(0, column, field, bold)
        for row, known in enumerate(people, start=1):
            for column, words in enumerate(cells(known)):
                if words:
                    sheet.write_string(row, column, words)
    return out.getvalue()


def cells(known: Known) -> list[str]:
    """A person as the cells of a row, guarded."""
    return [guarded(_text(known, field)) for field in FIELDS]


def card_file(people: Iterable[Known]) -> bytes:
    """One vCard 3.0 for each person (RFC 2426), with LANG and RELATED of 4.0 (RFC 6350)."""
    return "".join(_folded(line) for known in people for line in card(known)).encode()


def card(known: Known) -> Iterator[str]:
    """The lines of a person's card, unfolded."""
    given, _space, family = known.name.rpartition(" ")
    yield from ("BEGIN:VCARD", "VERSION:3.0", f"FN:{_safe(known.name)}", f"N:{_safe(family)};{_safe(given)};;;")
    yield f"EMAIL;TYPE=INTERNET,PREF:{_safe(known.email)}"
    for address in known.other_emails:
        yield f"EMAIL;TYPE=INTERNET:{_safe(address)}"
    for name, words in (("TITLE", known.title), ("ORG", known.organisation)):
        if words:
            yield f"{name}:{_safe(words)}"
    if known.sectors:
        yield "CATEGORIES:" + ",".join(map(_safe, known.sectors))
    if known.assistant_email:
        yield f"RELATED;VALUE=uri;TYPE=agent:mailto:{known.assistant_email}"
    if known.time_zone:
        yield f"TZ;VALUE=text:{known.time_zone}"
    if known.language:
        yield f"LANG:{known.language}"
    yield "END:VCARD"


def _text(known: Known, field: str) -> str:
    value = getattr(known, field)
    return together(value) if field in SEVERAL else str(value)


def _safe(words: str) -> str:
    escaped = re.sub(r"([\\,;])", r"\\\1", words)
    return re.sub(r"\r\n|\r|\n", r"\\n", escaped)


def _folded(line: str) -> str:
    """A line in pieces of at most 75 octets, none of them in the middle of a letter."""
    if len(line.encode()) <= FOLD:
        return f"{line}\r\n"
    pieces: list[str] = []
    piece, room = "", FOLD
    for letter in line:
        size = len(letter.encode())
        if size > room:
            pieces, piece, room = [*pieces, piece], " ", FOLD - 1
        piece, room = piece + letter, room - size
    return "\r\n".join([*pieces, piece]) + "\r\n"
