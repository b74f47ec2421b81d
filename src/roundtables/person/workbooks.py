"""
From the bytes of an XLSX workbook to rows of cells, under hard limits. Pure.

The first sheet is read as it is unzipped, row by row; nothing is calculated, followed or fetched. Ready-made readers
build the whole grid: two cells far apart, 1 kB zipped, took 600 MB.
"""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from xml.parsers import expat

from roundtables.errors import Unreadable
from roundtables.person.incoming import MEGABYTE, MOST_ROWS, too_many_rows
from roundtables.person.workbook_xml import STEP, Names, Part, Shared, Sheet, Texts
from roundtables.texts import _

UNZIPPED = 64 * MEGABYTE  # all parts together, by the directory of the zip; no part gives more than it says there
MOST_PARTS = 2_000
MOST_MARKS = 8_000_000  # "<" in one part: a million cells
DIRECTORY_ENTRY = b"PK\x01\x02"
BOOK, STRINGS = "xl/workbook.xml", "xl/sharedStrings.xml"


def cells(raw: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """
    Rows of the first sheet with their numbers, as text; a cell that is calculated begins with FORMULA. Rows in which
    nothing stands are left out. Raises Unreadable.
    """
    if raw.count(DIRECTORY_ENTRY) > MOST_PARTS:
        raise Unreadable(_("The workbook has more than {most} parts.", most=f"{MOST_PARTS:,}"))
    try:
        with zipfile.ZipFile(BytesIO(raw)) as book:
            _check_parts(book)
            sheet = _part(book, _first_sheet(book))
            _check_size(sheet)
            shared = _shared(book)
            yield from Sheet(shared).rows(sheet)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, KeyError) as error:
        raise Unreadable(_("The workbook is damaged, or has a password.")) from error
    except (expat.ExpatError, UnicodeError, ValueError, OSError, zlib.error) as error:
        raise Unreadable(_("The workbook is damaged.")) from error


def _check_parts(book: zipfile.ZipFile) -> None:
    if sum(part.file_size for part in book.infolist()) > UNZIPPED:
        raise Unreadable(_("Unzipped, the workbook has more than {most} MB.", most=UNZIPPED // MEGABYTE))
    if any(part.filename.lower().startswith("xl/externallinks/") for part in book.infolist()):
        raise Unreadable(_("The workbook refers to other files. Save a copy that has only values."))


def _part(book: zipfile.ZipFile, name: str) -> Part:
    info = book.getinfo(name)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unreadable(_("The workbook is zipped in a way that no spreadsheet uses."))
    return lambda: book.open(info)


def _check_size(part: Part) -> None:
    """Counts before anything is parsed: rows by their elements, cells by the marks that open and close them."""
    rows = marks = 0
    with part() as source:
        while piece := source.read(STEP):
            rows += piece.count(b"<row") + piece.count(b":row ")
            marks += piece.count(b"<")
    if rows > MOST_ROWS + 10:
        raise too_many_rows()
    if marks > MOST_MARKS:
        raise Unreadable(_("There are more than {most} cells.", most="1,000,000"))


def _shared(book: zipfile.ZipFile) -> Shared:
    shared = Shared()
    if STRINGS in book.namelist():
        part = _part(book, STRINGS)
        _check_size(part)
        for _step in Texts(shared).steps(part):
            pass
    return shared


def _first_sheet(book: zipfile.ZipFile) -> str:
    """The part that holds the first sheet."""
    sheets = [a for name, a in _elements(book, BOOK) if name == "sheet"]
    wanted = next((value for key, value in sheets[0].items() if key.endswith(" id")), "") if sheets else ""
    for name, attributes in _elements(book, "xl/_rels/workbook.xml.rels"):
        if name == "Relationship" and attributes.get("Id") == wanted and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            return target[1:] if target.startswith("/") else f"xl/{target}"
    raise Unreadable(_("There is no sheet in the workbook."))


def _elements(book: zipfile.ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small part, names without their namespace."""
    with _part(book, part)() as source:
        octets = source.read(MEGABYTE + 1)
    if len(octets) > MEGABYTE:
        raise Unreadable(_("The workbook is damaged."))
    found: list[tuple[str, dict[str, str]]] = []
    xml = Names(found)
    xml.parser.Parse(octets, True)
    return found
