"""
What the columns of a table mean: our own headings, and those of Outlook, Google Contacts and plain lists. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from roundtables.errors import Unreadable
from roundtables.person.guarding import unguarded
from roundtables.person.incoming import FORMULA, Row
from roundtables.texts import _

Cells = Iterable[tuple[int, Sequence[str]]]
ROWS_ABOVE = 10  # a sheet may begin with its own title
PARTS = ("honorific", "first", "middle", "last")
SEVERAL = ("email", "other_emails", "sectors")
GOOGLES = ":::"  # between several values

_SPELLINGS = {
    "name": "name, full name, display name, contact name, contact, person, guest",
    "first": "first name, given name, forename, first",
    "middle": "middle name, additional name",
    "last": "last name, family name, surname, last",
    "honorific": "name prefix, prefix, honorific, salutation",
    "email": "email, e mail, mail, email address, e mail address, primary email, email 1, e mail 1, work email",
    "other_emails": "other emails, other email, other email addresses, other addresses, secondary email, home email",
    "title": "job title, position, post, title, organization title, organization 1 title, organisation title",
    "organisation": """organisation, organization, company, company name, employer, org, organization name,
        organization 1 name, organisation name""",
    "sectors": "sectors, sector, tags, categories, labels, group membership",
    "assistant_email": "assistant email, assistant e mail, assistants email, assistants e mail, pa email",
    "time_zone": "time zone, timezone, tz",
    "language": "language, lang, preferred language",
}
MEANINGS = {spelling.strip(): field for field, them in _SPELLINGS.items() for spelling in them.split(",")}
_NUMBERED = re.compile(r"e ?mail (\d)(?: value| address)?")
_APOSTROPHE = re.compile(r"['’`]")
_APART = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """For each column of a table the field it holds, "" where it holds none of ours."""

    fields: tuple[str, ...]

    def read(self, number: int, cells: Sequence[str]) -> Row | None:
        """A row as a person; None where nothing stands in the columns that we read."""
        found: dict[str, list[str]] = {}
        formula = ""
        for field, cell in zip(self.fields, cells, strict=False):
            if field and (words := cell.strip()):
                found.setdefault(field, []).append(unguarded(words))
                formula = formula or (field if words.startswith(FORMULA) else "")
        return Row(number, _said(found), formula) if found else None


def meaning(heading: str) -> str:
    """The field that a heading stands for, "" if none: "E-mail 2 Address" → "other_emails"."""
    plain = _APART.sub(" ", _APOSTROPHE.sub("", unguarded(heading.strip())).casefold()).strip()
    numbered = _NUMBERED.fullmatch(plain)
    if numbered:
        return "email" if numbered[1] == "1" else "other_emails"
    return MEANINGS.get(plain, "")


def columns(cells: Sequence[str]) -> Columns | None:
    """What a heading row says; None for a row that names no address or nothing else."""
    fields = [meaning(cell) for cell in cells]
    plain = [_APART.sub(" ", cell.casefold()).strip() for cell in cells]
    if any(word in ("job title", "position") for word in plain):  # then Outlook's "Title" is the one before a name
        fields = ["honorific" if word == "title" else field for word, field in zip(plain, fields, strict=True)]
    return Columns(tuple(fields)) if "email" in fields and len(set(fields) - {""}) > 1 else None


def people(table: Cells) -> Iterator[Row]:
    """The people below the headings of a table. Raises Unreadable where no row is one of headings."""
    rows = iter(table)
    for _number, cells in islice(rows, ROWS_ABOVE):
        if (heads := columns(cells)) is not None:
            return (row for number, cells in rows if (row := heads.read(number, cells)) is not None)
    raise Unreadable(_("No row of it has headings such as “name” and “email”."))


def _said(found: dict[str, list[str]]) -> dict[str, str]:
    """One text for each field; a name in parts is put together."""
    said = {field: values[0] if field not in SEVERAL else _joined(values) for field, values in found.items()}
    parts = [words for part in PARTS if (words := said.pop(part, ""))]
    if parts and "name" not in said:
        said["name"] = " ".join(parts)
    return said


def _joined(values: Sequence[str]) -> str:
    """Several columns, and Google's way of several values in one, as our own way; Google's own groups left out."""
    pieces = [piece.strip() for value in values for piece in value.split(GOOGLES)]
    return "; ".join(piece for piece in pieces if piece and not piece.startswith("* "))
