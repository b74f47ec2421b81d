"""
Files made to hurt whoever reads them, and what each costs to refuse: python -m tests.person.bombs prints a table.
"""

import io
import json
import struct
import sys
import time
import zipfile
from collections.abc import Callable

from tests.person.books import BOOK, HEAD, LINKS, MAIN, book, row, sheet, text

MB = 1024 * 1024
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
OUTSIDE = '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x"><a/>'


def zipped(size: int) -> bytes:
    return book(b" " * size)


def with_size(raw: bytes, size: int) -> bytes:
    """The same zip, whose directory says another size of the sheet."""
    place = raw.rindex(b"xl/worksheets/sheet1.xml") - 46
    return raw[: place + 24] + struct.pack("<I", size) + raw[place + 28 :]


def parts(count: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as into:
        for number in range(count):
            into.writestr(f"xl/{number}", b"")
    return out.getvalue()


def nested() -> bytes:
    inner = zipped(50 * MB)
    for _ in range(3):
        inner = book(sheet(HEAD), more={f"xl/{n}.xlsx": inner for n in range(10)})
    return inner


def encrypted() -> bytes:
    raw = bytearray(book(sheet(HEAD)))
    place = raw.rindex(b"xl/worksheets/sheet1.xml") - 46
    raw[place + 8] |= 1
    return bytes(raw)


def bzipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as into:
        for name, words in {"xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": LINKS}.items():
            into.writestr(name, words)
    return out.getvalue()


def cells_of(words: str, count: int) -> str:
    return "".join(f'<c t="s"><v>{words}</v></c>' for _ in range(count))


def elsewhere() -> bytes:
    return book(sheet(HEAD), more={"xl/externalLinks/externalLink1.xml": "<externalLink/>"})


LINE = "Jo,jo@example.org\n"
CARD = "BEGIN:VCARD\nFN:Jo\nEMAIL:jo@example.org\n"
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a file of 11 MB": (lambda: b"name,email\n" + b"x" * (11 * MB), "more than 10 MB"),
    "100,001 rows": (lambda: ("name,email\n" + LINE * 100_001).encode(), "more than 100,000 rows"),
    "five million empty rows": (lambda: b"name,email\n" + b"\n" * 5_000_000, "more than 100,000 rows"),
    "a million columns": (lambda: b"name,email" + b"," * 1_000_000 + b"\n", "far too long"),
    "201 columns": (lambda: b"name,email" + b"," * 199 + b"\n", "more than 200 columns"),
    "a cell of 5,000 letters": (lambda: b"name,email\n" + b"x" * 5_000 + b",a\n", "more than 4,000 letters"),
    "a cell of 9 MB": (lambda: b"name,email\n" + b"x" * (9 * MB), "far too long"),
    "a cell of 9 MB in quotes": (lambda: b'name,email\n"' + b"xxxxxx\n" * (9 * MB // 7), "more than 4,000 letters"),
    "quotes that never end": (lambda: b'name,email\n"' + b'""\n' * (3 * MB), "more than 4,000 letters"),
    "columns over many lines": (lambda: b"name,email\n" + b',"\n"' * (2 * MB), "far too long"),
    "wide letters": (lambda: ("name,email\n" + "\U0001f600" * (9 * MB // 4)).encode(), "far too long"),
    "nothing but zeros": (lambda: b"\0" * (9 * MB), "far too long"),
    "zip of 150 MB blanks": (lambda: zipped(150 * MB), "more than 64 MB"),
    "zip of 60 MB blanks": (lambda: zipped(60 * MB), "damaged"),
    "zip that says it is small": (lambda: with_size(zipped(90 * MB), 1000), "damaged"),
    "zip that says it is huge": (lambda: with_size(zipped(1000), 2**32 - 2), "more than 64 MB"),
    "zips in zips": (nested, "nobody"),
    "50,000 parts": (lambda: parts(50_000), "more than 2,000 parts"),
    "a password": (encrypted, "password"),
    "zipped otherwise": (bzipped, "no spreadsheet uses"),
    "a million laughs": (lambda: book(LAUGHS + sheet(HEAD)), "document type"),
    "laughs in shared texts": (
        lambda: book(sheet(HEAD), LAUGHS + f"<sst {MAIN}><si><t>&i;</t></si></sst>"),
        "document",
    ),
    "an entity from elsewhere": (lambda: book(OUTSIDE), "document type"),
    "links to other files": (elsewhere, "refers to other files"),
    "two cells far apart": (
        lambda: book(sheet(HEAD + row(100_000, [text("GR100000", "x")]))),
        "nobody",
    ),
    "a cell in column XFD": (lambda: book(sheet(HEAD + row(2, [text("XFD2", "x")]))), "more than 200 columns"),
    "a cell in row 1,048,576": (lambda: book(sheet(HEAD + row(1_048_576, [text("A1048576", "x")]))), "100,000 rows"),
    "a million rows": (lambda: book(sheet(HEAD + "<row/>" * 1_000_000)), "more than 100,000 rows"),
    "nine million cells": (lambda: book(sheet(HEAD + "<row>" + "<c/>" * 9_000_000 + "</row>")), "1,000,000 cells"),
    "deep elements": (lambda: book("<a>" * 2_000_000), "damaged"),
    "a cell of 10 MB": (lambda: book(sheet(HEAD + row(2, [text("A2", "x" * (10 * MB))]))), "more than 4,000 letters"),
    "a long text shared": (
        lambda: book(sheet(row(1, [cells_of("0", 1)])), f"<sst {MAIN}><si><t>{'x' * 5_000}</t></si></sst>"),
        "more than 4,000 letters",
    ),
    "30 MB of shared texts": (
        lambda: book(sheet(HEAD), f"<sst {MAIN}>" + f"<si><t>{'x' * 3_900}</t></si>" * 8_000 + "</sst>"),
        "more than 24 MB",
    ),
    "a text that is not there": (lambda: book(sheet(row(1, [cells_of("7", 1)]))), "damaged"),
    "an attribute of 20 MB": (lambda: book(sheet(f'<row r="{"9" * (20 * MB)}"/>')), "damaged"),
    "half a workbook": (lambda: book(sheet(HEAD))[:400], "damaged"),
    "deep cards": (lambda: b"BEGIN:VCARD\n" * 90_000, "cards within cards"),
    "a line of 9 MB in a card": (lambda: b"BEGIN:VCARD\nFN:" + b"x" * (9 * MB), "more than 4,000 letters"),
    "a card of a million lines": (lambda: (CARD + "EMAIL:a@b.example\n" * 500_000).encode(), "too many lines"),
    "a line folded for ever": (lambda: (CARD + "FN:x\n" + " xxxxxxxxxxxxx\n" * 600_000).encode(), "4,000 letters"),
    "a line that nobody reads": (lambda: (CARD + "X:x\n" + " x\n" * 3_000_000).encode(), "too many lines"),
    "100,001 cards": (lambda: ("BEGIN:VCARD\nFN:Jo\nEND:VCARD\n" * 100_001).encode(), "too many cards"),
    "semicolons for ever": (lambda: (CARD + "N" + ";" * 3_900 + ":x\n" * 1 + "END:VCARD\n").encode() * 500, "fine"),
}


MOST_SECONDS, MOST_MB = 1.0, 64


def told(raw: bytes) -> str:
    """Why a file is refused, "fine" if it is not, "nobody" where nobody is in it."""
    from roundtables.errors import Unreadable
    from roundtables.person import reading

    try:
        return "fine" if reading.checked_through(raw) else "nobody"
    except Unreadable as error:
        return str(error)


def costs(name: str) -> dict[str, str | float]:
    """What reading one of them takes: seconds of the processor, MB beyond the file itself."""
    raw = BOMBS[name][0]()
    with open("/proc/self/clear_refs", "w", encoding="ascii") as marks:
        marks.write("5")  # the high-water mark begins here
    before, begun = _mark("VmRSS"), time.process_time()
    words = told(raw)
    seconds = time.process_time() - begun
    return {"name": name, "says": words, "seconds": round(seconds, 2), "MB": round((_mark("VmHWM") - before) / 1024)}


def _mark(name: str) -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name))


if __name__ == "__main__":
    told(b"name,email\n")
    for each in BOMBS:
        print(json.dumps(costs(each), ensure_ascii=False), file=sys.stdout, flush=True)
