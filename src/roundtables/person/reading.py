"""From the bytes of a file to people, whichever kind of file it is. Pure."""

import re
from collections.abc import Iterator

from roundtables.errors import Unreadable
from roundtables.person import cards, headings, sheets, workbooks
from roundtables.person.incoming import MEGABYTE, MOST_BYTES, Row
from roundtables.texts import _

WORKBOOK, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_CARD = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*B\0?E\0?G\0?I\0?N\0?:\0?V\0?C\0?A\0?R\0?D", re.IGNORECASE)


def people(raw: bytes) -> Iterator[Row]:
    """
    The people in a CSV, XLSX or vCard file, told apart by what is in it and not by its name.

    Raises Unreadable, at once or on the way, with the reason: it is of another kind, or more than a limit allows.
    """
    if len(raw) > MOST_BYTES:
        raise Unreadable(_("The file has more than {most} MB.", most=MOST_BYTES // MEGABYTE))
    if not raw.strip():
        raise Unreadable(_("The file is empty."))
    if raw.startswith(OLD_WORKBOOK):
        raise Unreadable(_("This is a workbook of Excel before 2007, or one with a password. Save it as .xlsx."))
    if raw.startswith(WORKBOOK):
        return headings.people(workbooks.cells(raw))
    return cards.people(raw) if _CARD.match(raw) else headings.people(sheets.cells(raw))


def checked_through(raw: bytes) -> int:
    """Reads the whole file once, so that no later part of it can surprise; how many people it has."""
    return sum(1 for _row in people(raw))
