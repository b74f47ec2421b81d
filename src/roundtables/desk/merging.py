"""
Two people made one, and two again. Stands with the doors' own: it moves what several nouns hold of a person.

Addresses and invitations go over (answers, needs, attendance and history hang on the invitation); the other person's
row goes. What an undo needs is kept with the merge for thirty days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from roundtables.errors import NotFound, Refusal
from roundtables.invitation.model import Invitation
from roundtables.person import kept_files, merging, queries
from roundtables.person.incoming import several
from roundtables.person.matching import Change, Known
from roundtables.person.model import PeopleMerge, Person, PersonAddress
from roundtables.person.rules import sort_key
from roundtables.roundtable.model import Roundtable
from roundtables.texts import _

COLUMNS = tuple(Person.model_fields)
MOMENTS = ("created_at", "unsubscribed_at", "erased_at")
LASTS = kept_files.MERGES_LAST
FIELDS = (*merging.FILLED, "sectors", "unsubscribed_at")


@dataclass(frozen=True, slots=True)
class Plan:
    """What making two people one would do; `objection` why not."""

    kept: Known
    gone: Known
    changes: Sequence[Change]
    moving: Sequence[str]  # titles of the tables whose invitations go over
    objection: str | None


def plan(session: Session, convener_id: int, kept_id: int, gone_id: int) -> Plan:
    """Looks, and changes nothing. Raises NotFound."""
    _both(session, convener_id, kept_id, gone_id)
    known = {known.id: known for known in queries.known(session, convener_id, [kept_id, gone_id])}
    kept, gone = known[kept_id], known[gone_id]
    tables = _tables(session, kept_id), _tables(session, gone_id)
    objection = merging.objection(kept, gone, tables)
    return Plan(kept, gone, merging.merged(kept, gone), sorted(tables[1].values()), objection)


def merge(session: Session, convener_id: int, kept_id: int, gone_id: int, *, by: str, now: datetime) -> PeopleMerge:
    """Makes two people one. Raises NotFound, and Refusal where both were asked to one table."""
    found = plan(session, convener_id, kept_id, gone_id)
    if found.objection:
        raise Refusal(found.objection)
    kept, gone = _both(session, convener_id, kept_id, gone_id)
    before = _snapshot(session, kept, gone)
    _move(session, [row["id"] for row in before["addresses"]], before["invitations"], to=kept_id)
    email, key = gone.email, gone.email_key
    session.delete(gone)
    session.flush()
    if key not in found.kept.keys | {row["address_key"] for row in before["addresses"]}:
        _write_address(session, kept, {"address": email, "address_key": key, "learnt": False})
    _fill(kept, found.changes, gone)
    session.add(kept)
    before["after"] = _values(kept, FIELDS)
    row = PeopleMerge(convener_id=convener_id, kept_id=kept_id, gone_id=gone_id, at=now, by=by, before=before)
    session.add(row)
    session.flush()
    return row


def undo(session: Session, merge: PeopleMerge, *, now: datetime) -> None:
    """Two people again, each with what was theirs. What was changed since stays changed. Raises Refusal."""
    kept = session.get(Person, merge.kept_id)
    if kept is None or kept.erased_at is not None or merge.before is None:
        raise Refusal(_("The person whom they became is not in the book any more."))
    if merge.undone_at is not None:
        raise Refusal(_("They are two people again already."))
    before = merge.before
    if kept.email_key == before["gone"]["email_key"]:
        raise Refusal(_("{address} is their first address now. Give them another one first.", address=kept.email))
    _give_back_fields(kept, before)
    session.add(kept)
    _drop_address(session, kept, before)
    session.execute(insert(Person), [_read(before["gone"])])
    _move(session, [row["id"] for row in before["addresses"]], before["invitations"], to=merge.gone_id, of=kept.id)
    merge.undone_at = now
    session.add(merge)
    session.flush()


def found(session: Session, convener_id: int, merge_id: int) -> PeopleMerge:
    """Raises NotFound."""
    row = session.get(PeopleMerge, merge_id)
    if row is None or row.convener_id != convener_id:
        raise NotFound("person")
    return row


def _both(session: Session, convener_id: int, kept_id: int, gone_id: int) -> tuple[Person, Person]:
    """Both held until the transaction ends, always the older first, so that two merges never wait for each other."""
    theirs = (
        Person.convener_id == convener_id,
        col(Person.id).in_([kept_id, gone_id]),
        col(Person.erased_at).is_(None),
    )
    rows = session.exec(select(Person).where(*theirs).order_by(col(Person.id)).with_for_update())
    people = {person.id: person for person in rows}
    if kept_id not in people or gone_id not in people:
        raise NotFound("person")
    return people[kept_id], people[gone_id]


def _tables(session: Session, person_id: int) -> dict[int, str]:
    rows = session.exec(
        select(Roundtable.id, Roundtable.title)
        .join(Invitation, col(Invitation.roundtable_id) == Roundtable.id)
        .where(Invitation.person_id == person_id)
    )
    return {number: title for number, title in rows if number is not None}


def _snapshot(session: Session, kept: Person, gone: Person) -> dict[str, Any]:
    """Both as they are, as JSON."""
    addresses = session.exec(
        select(PersonAddress).where(PersonAddress.person_id == gone.id).order_by(col(PersonAddress.id))
    )
    asked = session.exec(select(Invitation.id).where(Invitation.person_id == gone.id).order_by(col(Invitation.id)))
    return {
        "kept": _values(kept, FIELDS),
        "gone": _values(gone, COLUMNS),
        "addresses": [row.model_dump(include={"id", "address", "address_key", "learnt"}) for row in addresses],
        "invitations": list(asked),
    }


def _move(
    session: Session, addresses: Sequence[int], invitations: Sequence[int], *, to: int, of: int | None = None
) -> None:
    """Gives these addresses and invitations to somebody; with `of` only those that still are that person's."""
    for table, ids in ((PersonAddress, addresses), (Invitation, invitations)):
        rows = update(table).where(col(table.id).in_(ids))
        session.execute((rows if of is None else rows.where(col(table.person_id) == of)).values(person_id=to))


def _fill(kept: Person, changes: Sequence[Change], gone: Person) -> None:
    for change in changes:
        if change.field == "sectors":
            kept.sectors = several(change.new)
        elif change.field != "other_emails":
            setattr(kept, change.field, change.new)
    kept.unsubscribed_at = kept.unsubscribed_at or gone.unsubscribed_at  # whoever wants no letters gets none
    kept.sort_key = sort_key(kept.name)


def _give_back_fields(kept: Person, before: dict[str, Any]) -> None:
    now_said = _values(kept, FIELDS)
    for name, value in _read(before["kept"]).items():
        if now_said[name] == before["after"][name]:
            setattr(kept, name, value)


def _drop_address(session: Session, kept: Person, before: dict[str, Any]) -> None:
    """The first address of the other is theirs alone again; addresses that somebody took away meanwhile stay away."""
    key, ids = before["gone"]["email_key"], [row["id"] for row in before["addresses"]]
    theirs = (PersonAddress.person_id == kept.id, PersonAddress.address_key == key, col(PersonAddress.id).not_in(ids))
    for row in session.exec(select(PersonAddress).where(*theirs)):
        session.delete(row)
    session.flush()


def _write_address(session: Session, kept: Person, address: dict[str, Any]) -> None:
    session.add(PersonAddress(convener_id=kept.convener_id, person_id=kept.id or 0, **address))


def _values(person: Person, names: Sequence[str]) -> dict[str, Any]:
    values = {name: getattr(person, name) for name in names}
    return {name: v.isoformat() if isinstance(v, datetime) else v for name, v in values.items()}


def _read(values: dict[str, Any]) -> dict[str, Any]:
    return {n: datetime.fromisoformat(v) if v is not None and n in MOMENTS else v for n, v in values.items()}
