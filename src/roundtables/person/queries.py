"""Finds people in one convener's book."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import select as sql_select
from sqlmodel import Session, and_, col, func, or_, select

from roundtables.errors import NotFound
from roundtables.naming import address_key
from roundtables.person.matching import Known
from roundtables.person.model import PeopleMerge, Person, PersonAddress

Key = TypeVar("Key", str, int)
KNOWN = (
    *("id", "name", "email", "title", "organisation", "sectors"),
    *("assistant_email", "time_zone", "language", "created_at"),
)


def by_id(session: Session, convener_id: int, person_id: int) -> Person:
    """Raises NotFound."""
    person = session.get(Person, person_id)
    if person is None or person.convener_id != convener_id:
        raise NotFound("person")
    return person


def by_address(session: Session, convener_id: int, address: str) -> Person | None:
    """Whoever writes from `address`, by their own or another of their addresses."""
    key = address_key(address)
    own = select(Person).where(Person.convener_id == convener_id, Person.email_key == key)
    other = (
        select(Person)
        .join(PersonAddress, col(PersonAddress.person_id) == Person.id)
        .where(PersonAddress.convener_id == convener_id, PersonAddress.address_key == key)
    )
    return session.exec(own).one_or_none() or session.exec(other).one_or_none()


def other_addresses(session: Session, person_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = session.exec(
        select(PersonAddress).where(col(PersonAddress.person_id).in_(person_ids)).order_by(col(PersonAddress.id))
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row.address)
    return found


def page(
    session: Session, convener_id: int, *, after: tuple[str, int] | None = None, limit: int, search: str = ""
) -> list[Person]:
    """People by surname, `limit` and no more, beginning behind `after` = (sort_key, id)."""
    found = select(Person).where(Person.convener_id == convener_id, col(Person.erased_at).is_(None))
    if after is not None:
        key, last = after
        found = found.where(or_(Person.sort_key > key, and_(Person.sort_key == key, col(Person.id) > last)))
    if search:
        word = search.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        like = f"%{word}%"
        found = found.where(
            or_(
                col(Person.sort_key).like(like, escape="\\"),
                col(Person.email_key).like(like, escape="\\"),
                col(Person.organisation).ilike(like, escape="\\"),
            )
        )
    return list(session.exec(found.order_by(col(Person.sort_key), col(Person.id)).limit(limit)))


def unsubscribed(session: Session, person_ids: Sequence[int]) -> set[int]:
    """Those of these people who want no more letters."""
    left = select(Person.id).where(col(Person.id).in_(person_ids), col(Person.unsubscribed_at).is_not(None))
    return {number for number in session.exec(left) if number is not None}


def book_of(session: Session, convener_id: int, addresses: Iterable[str], names: Iterable[str]) -> list[Known]:
    """Everybody who has one of these addresses or sort keys; two queries for each 5,000 of them, and one more."""
    found: dict[int, Any] = {}
    for keys in _some(addresses):
        others = select(PersonAddress.person_id).where(
            PersonAddress.convener_id == convener_id, col(PersonAddress.address_key).in_(keys)
        )
        for theirs in (col(Person.email_key).in_(keys), col(Person.id).in_(others)):
            found |= _rows(session, convener_id, theirs)
    for keys in _some(names):
        found |= _rows(session, convener_id, col(Person.sort_key).in_(keys))
    return _known(session, found)


def known(session: Session, convener_id: int, ids: Sequence[int]) -> list[Known]:
    """These people, those of them who are in the book."""
    return _known(session, _rows(session, convener_id, col(Person.id).in_(ids)))


def merged_into(session: Session, convener_id: int, person_id: int) -> int | None:
    """Who somebody is now who was made one with somebody else; None for anybody who was not."""
    theirs = (
        PeopleMerge.convener_id == convener_id,
        PeopleMerge.gone_id == person_id,
        col(PeopleMerge.undone_at).is_(None),
    )
    newest = select(PeopleMerge.kept_id).where(*theirs).order_by(col(PeopleMerge.id).desc())
    return session.exec(newest.limit(1)).first()


def everybody(session: Session, convener_id: int) -> Iterator[Known]:
    """The whole book by surname, read some hundred at a time."""
    after: tuple[str, int] | None = None
    while people := page(session, convener_id, after=after, limit=1000):
        yield from _known(session, {row_id: person for person in people if (row_id := person.id) is not None})
        after = (people[-1].sort_key, people[-1].id or 0)
        session.expunge_all()


def _rows(session: Session, convener_id: int, where: Any) -> dict[int, Any]:
    columns = (getattr(Person, name) for name in KNOWN)
    ours = (col(Person.convener_id) == convener_id, col(Person.erased_at).is_(None))
    rows = session.execute(sql_select(*columns).where(*ours, where))
    return {row.id: row for row in rows}


def _known(session: Session, rows: Mapping[int, Any]) -> list[Known]:
    others: dict[int, list[str]] = {}
    for ids in _some(rows):
        others |= other_addresses(session, ids)
    plain = [name for name in KNOWN if name != "sectors"]
    return [
        Known(
            **{name: getattr(row, name) for name in plain},
            sectors=tuple(row.sectors),
            other_emails=tuple(others.get(number, ())),
        )
        for number, row in rows.items()
    ]


def _some(values: Iterable[Key]) -> Iterator[list[Key]]:
    """Values 5,000 at a time: a statement takes only so many."""
    rest = iter(dict.fromkeys(values))
    while part := list(islice(rest, 5000)):
        yield part


def number(session: Session, convener_id: int) -> int:
    """How many people are in the book."""
    ours = (col(Person.convener_id) == convener_id, col(Person.erased_at).is_(None))
    return session.exec(select(func.count()).select_from(Person).where(*ours)).one()
