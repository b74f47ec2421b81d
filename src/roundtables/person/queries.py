"""Finds people in one convener's book."""

from collections.abc import Sequence

from sqlmodel import Session, and_, col, or_, select

from roundtables.errors import NotFound
from roundtables.naming import address_key
from roundtables.person.model import Person, PersonAddress


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
