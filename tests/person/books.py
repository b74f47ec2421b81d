"""Workbooks made by hand, honest ones and others."""

import io
import zipfile
from collections.abc import Mapping, Sequence

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
BOOK = f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>'
LINKS = f"""<Relationships xmlns="{PACKAGE}">
<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"""
HEADS = ("name", "email")


def book(sheet: str | bytes, shared: str | bytes = "", more: Mapping[str, str | bytes] | None = None) -> bytes:
    """A workbook of one sheet, its XML as given."""
    parts = {"xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": LINKS, "xl/worksheets/sheet1.xml": sheet}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for name, words in (parts | ({"xl/sharedStrings.xml": shared} if shared else {}) | dict(more or {})).items():
            zipped.writestr(name, words)
    return out.getvalue()


def sheet(rows: str) -> str:
    return f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"


def row(number: int, cells: Sequence[str]) -> str:
    return f'<row r="{number}">' + "".join(cells) + "</row>"


def text(place: str, words: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>'


HEAD = row(1, [text("A1", "name"), text("B1", "email")])
