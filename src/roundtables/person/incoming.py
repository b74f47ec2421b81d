"""
The common form of people who arrive in a file or by pasting, and the limits of such files. Pure.

    bytes -> reading.py -> Row (words as they stand) -> checked -> Said (what may be stored) -> matching.py
"""

import re
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from roundtables.errors import Refusal, Unreadable
from roundtables.naming import checked_address
from roundtables.person.rules import LANGUAGE
from roundtables.texts import _

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
MOST_ROWS = 100_000
MOST_COLUMNS = 200
LONGEST_CELL = 4_000
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_LINE, MOST_ADDRESSES, MOST_SECTORS = 200, 320, 300, 50, 50
FORMULA = "="

FIELDS = (
    *("name", "email", "other_emails", "title", "organisation", "sectors"),
    *("assistant_email", "time_zone", "language"),
)
SEVERAL = ("other_emails", "sectors")

_IN_ANGLES = re.compile(r"^[^<>]*<([^<>]+)>$")
_ESCAPED = re.compile(r"\\([\\;])")
_BETWEEN = re.compile(r"(?<!\\)((?:\\\\)*);")
_EVERYDAY = re.compile(r"(?=.{1,60}$)[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Row:
    """
    One person as a file says them, unchecked. `number` is what the reader's own program shows: the row of a sheet, the
    line of a text, the card of several. In `said` several values stand with semicolons between. `formula` is the field
    in which a sheet calculates, "" if none.
    """

    number: int
    said: Mapping[str, str]
    formula: str = ""

    @property
    def words(self) -> str:
        """The row again, short enough for a report."""
        return " · ".join(filter(None, (self.said.get(name, "").strip() for name in FIELDS)))[:300]


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says of a person, checked; what it does not say is empty."""

    name: str
    email: str
    other_emails: tuple[str, ...] = ()
    title: str = ""
    organisation: str = ""
    sectors: tuple[str, ...] = ()
    assistant_email: str = ""
    time_zone: str = ""
    language: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.email, *self.other_emails)


def checked(row: Row) -> Said:
    """What may be stored of a row. Raises Refusal: why the row cannot be taken."""
    if row.formula:
        raise Refusal(
            "A formula stands under “{heading}”. Put its words there instead.", field=row.formula, heading=row.formula
        )
    email, *others = _addresses(row)
    return Said(
        name=_line(row, "name", most=LONGEST_NAME, needed=_("There is no name.")),
        email=email,
        other_emails=tuple(others),
        title=_line(row, "title"),
        organisation=_line(row, "organisation"),
        sectors=_sectors(row),
        assistant_email=_address(row.said.get("assistant_email", ""), "assistant_email"),
        time_zone=_one_of(row, "time_zone", _zones()),
        language=_language(row),
    )


def one_line(words: str) -> str:
    """Words on one line, without what no screen shows."""
    return " ".join((words if words.isprintable() else _CONTROL.sub("", words)).split())


def several(words: str) -> list[str]:
    """What stands between semicolons; one of the words' own is written `\\;`."""
    if ";" not in words and "\\" not in words:
        return [clean] if (clean := one_line(words)) else []
    pieces = _BETWEEN.sub(r"\1\n", words).split("\n")
    return [clean for piece in pieces if (clean := one_line(_ESCAPED.sub(r"\1", piece)))]


def together(values: Iterable[str]) -> str:
    """The way back: values with semicolons between."""
    return "; ".join(value.replace("\\", "\\\\").replace(";", "\\;") for value in values)


def bounded(cells: Sequence[str], number: int) -> Sequence[str]:
    """The cells of a row. Raises Unreadable where there are too many, too long ones, or too many rows."""
    if number > MOST_ROWS + 1:
        raise too_many_rows()
    if len(cells) > MOST_COLUMNS:
        raise Unreadable(_("Row {row} has more than {most} columns.", row=number, most=MOST_COLUMNS))
    if any(len(cell) > LONGEST_CELL for cell in cells):
        raise too_long(number)
    return cells


def too_many_rows() -> Unreadable:
    return Unreadable(_("There are more than {most} rows.", most=f"{MOST_ROWS:,}"))


def too_long(number: int) -> Unreadable:
    if not number:
        return Unreadable(_("A cell has more than {most} letters.", most=f"{LONGEST_CELL:,}"))
    return Unreadable(_("A cell in row {row} has more than {most} letters.", row=number, most=f"{LONGEST_CELL:,}"))


def _addresses(row: Row) -> list[str]:
    """Their own address first, then the others, each once. Raises Refusal."""
    own = several(row.said.get("email", "").replace(",", ";"))
    if not own:
        raise Refusal("There is no e-mail address.", field="email")
    others = several(row.said.get("other_emails", "").replace(",", ";"))
    if len(own) + len(others) > MOST_ADDRESSES:
        raise Refusal("There are more than {most} addresses.", field="other_emails", most=MOST_ADDRESSES)
    found = [_address(own[0], "email"), *(_address(other, "other_emails") for other in (*own[1:], *others))]
    return list({address.casefold(): address for address in reversed(found)}.values())[::-1]


def _address(words: str, field: str) -> str:
    plain = one_line(words)
    within = _IN_ANGLES.match(plain)
    plain = (within[1] if within else plain).removeprefix("mailto:")
    if len(plain) > LONGEST_ADDRESS:
        raise Refusal("“{words}…” is no e-mail address.", field=field, words=plain[:60])
    return _known_good(plain) or checked_address(plain, field=field) if plain else ""


def _known_good(address: str) -> str:
    """An everyday address at a domain that was checked before, 50 times sooner than checking it again; else ""."""
    name, _at, domain = address.rpartition("@")
    if not _EVERYDAY.fullmatch(name) or not (checked_domain := _domain(domain)):
        return ""
    return f"{name}@{checked_domain}" if len(address) < 200 else ""


@lru_cache(maxsize=10_000)
def _domain(domain: str) -> str:
    try:
        return checked_address(f"a@{domain}").partition("@")[2]
    except Refusal:
        return ""


def _line(row: Row, field: str, *, most: int = LONGEST_LINE, needed: str = "") -> str:
    words = one_line(row.said.get(field, ""))
    if needed and not words:
        raise Refusal(needed, field=field)
    if len(words) > most:
        raise Refusal("“{heading}” has more than {most} letters.", field=field, heading=field, most=most)
    return words


def _sectors(row: Row) -> tuple[str, ...]:
    found = several(row.said.get("sectors", ""))
    if len(found) > MOST_SECTORS or any(len(one) > LONGEST_LINE for one in found):
        raise Refusal("There are more than {most} sectors, or a very long one.", field="sectors", most=MOST_SECTORS)
    return tuple(dict.fromkeys(found))


def _one_of(row: Row, field: str, known: frozenset[str]) -> str:
    words = one_line(row.said.get(field, ""))
    if words and words not in known:
        raise Refusal("“{zone}” is no time zone such as Europe/London.", field=field, zone=words[:60])
    return words


def _language(row: Row) -> str:
    words = one_line(row.said.get("language", ""))
    if words and not LANGUAGE.fullmatch(words):
        raise Refusal("“{language}” is no language such as en-GB.", field="language", language=words[:60])
    return words


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
