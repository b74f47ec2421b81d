"""
What a row of a file is to the book: new, known, a change, perhaps somebody known, or not to be taken. Pure.

    an address of theirs is one person's, the name fits    SAME, or UPDATE with what would change
    an address of theirs is somebody's of another name     DUPLICATE of them: into them, or left out
    no address is known; name and organisation are         DUPLICATE of them: into them, beside them, or left out
    an earlier row of the file has the address              NOT_TAKEN
    an earlier row has the name and organisation            DUPLICATE of that row
    nothing of it is known                                  NEW
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from roundtables.errors import Refusal
from roundtables.naming import address_key
from roundtables.person.incoming import FIELDS, Row, Said, checked, together
from roundtables.person.rules import sort_key
from roundtables.texts import _

PLAIN = ("title", "organisation", "assistant_email", "time_zone", "language")


class Kind(StrEnum):
    NEW = "new"
    SAME = "same"
    UPDATE = "update"
    DUPLICATE = "duplicate"
    NOT_TAKEN = "not-taken"


class Choice(StrEnum):
    """What is to be done with a row."""

    ADD = "add"
    MERGE = "merge"
    LEAVE = "leave"


USUAL = {Kind.NEW: Choice.ADD, Kind.UPDATE: Choice.MERGE, Kind.DUPLICATE: Choice.LEAVE}


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the book has them."""

    id: int
    name: str
    email: str
    other_emails: tuple[str, ...] = ()
    title: str = ""
    organisation: str = ""
    sectors: tuple[str, ...] = ()
    assistant_email: str = ""
    time_zone: str = ""
    language: str = ""
    created_at: datetime | None = None

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(address_key(address) for address in (self.email, *self.other_emails))


@dataclass(frozen=True, slots=True)
class Change:
    """One field that would read otherwise: the words before and after, several with semicolons."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What a row is. `known` is whom it is or may be, `earlier` the row of the file that it may repeat, `reason` why
    (DUPLICATE) or why not (NOT_TAKEN).
    """

    row: Row
    kind: Kind
    said: Said | None = None
    known: Known | None = None
    earlier: int | None = None
    changes: tuple[Change, ...] = ()
    reason: str = ""

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What may be chosen for it, the usual one first."""
        if self.kind not in USUAL:
            return ()
        own_address = self.known is None or self.said is None or not self.known.keys & _keys(self.said)
        possible = {Choice.LEAVE} | ({Choice.ADD} if own_address else set())
        possible |= {Choice.MERGE} if self.kind is not Kind.NEW else set()
        usual = USUAL[self.kind]
        return (usual, *(choice for choice in Choice if choice in possible and choice is not usual))


class Book:
    """The people whom some rows may be about, by address and by name."""

    def __init__(self, people: Iterable[Known] = ()) -> None:
        self._by_address: dict[str, Known] = {}
        self._by_name: dict[str, list[Known]] = {}
        for known in people:
            self._by_name.setdefault(sort_key(known.name), []).append(known)
            self._by_address.update(dict.fromkeys(known.keys, known))

    def owners(self, said: Said) -> list[Known]:
        """Whose the addresses are, each person once, whoever has the first address first."""
        found = [self._by_address.get(address_key(address)) for address in said.addresses]
        return list({known.id: known for known in found if known is not None}.values())

    def namesake(self, said: Said) -> Known | None:
        there = self._by_name.get(sort_key(said.name), [])
        return next((known for known in there if _same_place(known.organisation, said.organisation)), None)


@dataclass(slots=True)
class Seen:
    """The rows of the file read so far, so that a later one can be known as a repetition."""

    addresses: dict[str, int] = field(default_factory=dict)
    names: dict[tuple[str, str], int] = field(default_factory=dict)

    def forget_from(self, number: int) -> None:
        """As it was before the row of that number."""
        self.addresses = {key: row for key, row in self.addresses.items() if row < number}
        self.names = {key: row for key, row in self.names.items() if row < number}


Legible = tuple[Row, Said | str]  # what a row says, or why it cannot be taken


def legible(row: Row) -> Legible:
    """A row with what it says, or with the reason why it cannot be taken."""
    try:
        return row, checked(row)
    except Refusal as error:
        return row, error.message


def judge(row: Row, said: Said | str, book: Book, seen: Seen) -> Verdict:
    """What a row is. `book` has at least everybody with an address or the name of the row; `seen` learns the row."""
    if isinstance(said, str):
        return Verdict(row, Kind.NOT_TAKEN, reason=said)
    earlier = next((seen.addresses[key] for key in _keys(said) if key in seen.addresses), None)
    if earlier is not None:
        reason = _("Row {row} has the same address.", row=earlier)
        return Verdict(row, Kind.NOT_TAKEN, said, earlier=earlier, reason=reason)
    seen.addresses.update(dict.fromkeys(_keys(said), row.number))
    place = (sort_key(said.name), said.organisation.casefold())
    namesake = seen.names.setdefault(place, row.number)
    return _in_book(row, said, book, namesake if namesake != row.number else None)


def changes(known: Known, said: Said, *, keep_name: bool = False) -> tuple[Change, ...]:
    """What would read otherwise in the book. Nothing is taken away: what a row does not say stays."""
    found = [] if keep_name or said.name == known.name else [Change("name", known.name, said.name)]
    others = [address for address in said.addresses if address_key(address) not in known.keys]
    if others:
        found.append(Change("other_emails", together(known.other_emails), together((*known.other_emails, *others))))
    sectors = [one for one in said.sectors if one not in known.sectors]
    if sectors:
        found.append(Change("sectors", together(known.sectors), together((*known.sectors, *sectors))))
    for name in PLAIN:
        old, new = getattr(known, name), getattr(said, name)
        if new and new != old:
            found.append(Change(name, old, new))
    return tuple(sorted(found, key=lambda change: FIELDS.index(change.field)))


def _in_book(row: Row, said: Said, book: Book, namesake: int | None) -> Verdict:
    owners = book.owners(said)
    if len(owners) > 1:
        names = ", ".join(known.name for known in owners)
        reason = _("Its addresses belong to several people: {names}.", names=names)
        return Verdict(row, Kind.NOT_TAKEN, said, reason=reason)
    if owners:
        return _of_owner(row, said, owners[0])
    if (known := book.namesake(said)) is not None:
        reason = _("The same name and organisation, with another address.")
        return Verdict(row, Kind.DUPLICATE, said, known, changes=changes(known, said, keep_name=True), reason=reason)
    if namesake is not None:
        reason = _("Row {row} has the same name and organisation, with another address.", row=namesake)
        return Verdict(row, Kind.DUPLICATE, said, earlier=namesake, reason=reason)
    return Verdict(row, Kind.NEW, said)


def _of_owner(row: Row, said: Said, known: Known) -> Verdict:
    if not _may_be_one(known.name, said.name):
        reason = _("The address is {name}’s.", name=known.name)
        return Verdict(row, Kind.DUPLICATE, said, known, changes=changes(known, said, keep_name=True), reason=reason)
    different = changes(known, said)
    return Verdict(row, Kind.UPDATE if different else Kind.SAME, said, known, changes=different)


def _may_be_one(name: str, other: str) -> bool:
    """Whether two names may be one person's: a word longer than a letter is in both, "Bob Pugh" and "Robert Pugh"."""
    words = [{word for word in sort_key(one).split() if len(word) > 1} for one in (name, other)]
    return bool(words[0] & words[1]) or sort_key(name) == sort_key(other)


def _same_place(organisation: str, other: str) -> bool:
    """Whether two people of one name may be one person by where they work; who says nothing of it may."""
    return not organisation or not other or organisation.casefold() == other.casefold()


def _keys(said: Said) -> frozenset[str]:
    return frozenset(address_key(address) for address in said.addresses)
