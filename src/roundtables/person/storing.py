"""People of a file into the book: a part of it, inside the caller's transaction; safe to repeat."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import Session, col, func, select

from roundtables.naming import address_key
from roundtables.person import matching, queries
from roundtables.person.incoming import Said, several
from roundtables.person.matching import Book, Choice, Kind, Legible, Seen, Verdict
from roundtables.person.model import PeopleMerge, Person, PersonAddress
from roundtables.person.rules import sort_key
from roundtables.texts import _

AT_ONCE = 1_000  # rows in one transaction
LEFT_OUT = _("Left out.")


@dataclass(frozen=True, slots=True)
class Choices:
    """What an organiser chose: for a row by its number, for the rest of a kind, else the usual."""

    rows: Mapping[int, Choice] = field(default_factory=dict)
    rest: Mapping[Kind, Choice] = field(default_factory=dict)

    def of(self, verdict: Verdict) -> Choice:
        """For this row; what may not be chosen for it is left out."""
        if not verdict.choices:
            return Choice.LEAVE
        wanted = self.rows.get(verdict.row.number) or self.rest.get(verdict.kind) or verdict.choices[0]
        return wanted if wanted in verdict.choices else Choice.LEAVE


@dataclass(slots=True)
class Stored:
    """What became of some rows. `ids` says who a row of the file is now; `left` why a row was not taken."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    left: list[tuple[Verdict, str]] = field(default_factory=list)
    ids: dict[int, int] = field(default_factory=dict)


def verdicts(session: Session, convener_id: int, rows: Sequence[Legible], seen: Seen) -> list[Verdict]:
    """What some rows of a file are to the book as it is now; `seen` has the rows before them, and learns these."""
    said = [one for _row, one in rows if isinstance(one, Said)]
    addresses = (address_key(address) for one in said for address in one.addresses)
    book = Book(queries.book_of(session, convener_id, addresses, (sort_key(one.name) for one in said)))
    return [matching.judge(row, one, book, seen) for row, one in rows]


def store(
    session: Session,
    convener_id: int,
    judged: Sequence[Verdict],
    choices: Choices,
    so_far: Mapping[int, int],
    *,
    now: datetime,
) -> Stored:
    """Stores some rows. `so_far` says who the rows before them are. Somebody added at `now` counts as added again."""
    done = Stored()
    chosen = [(verdict, choices.of(verdict)) for verdict in judged]
    _add(session, convener_id, [v for v, choice in chosen if choice is Choice.ADD], done, now=now)
    _merge(session, [v for v, choice in chosen if choice is Choice.MERGE], done, so_far)
    for verdict, choice in chosen:
        if verdict.kind is Kind.SAME and verdict.known is not None:
            done.ids[verdict.row.number] = verdict.known.id
            again = verdict.known.created_at == now
            done.added, done.unchanged = done.added + again, done.unchanged + (not again)
        elif choice is Choice.LEAVE:
            done.left.append((verdict, verdict.reason or LEFT_OUT))
    done.left.sort(key=lambda left: left[0].row.number)
    return done


def take_out(session: Session, ids: Collection[int]) -> int:
    """Takes people out of the book as if they had never been in it, but for those others were merged into."""
    merged = session.exec(select(PeopleMerge.kept_id).where(col(PeopleMerge.kept_id).in_(ids))).all()
    going = set(ids).difference(merged)
    session.execute(delete(PersonAddress).where(col(PersonAddress.person_id).in_(going)))
    session.execute(delete(Person).where(col(Person.id).in_(going)))
    return len(going)


def added_at(session: Session, convener_id: int, at: datetime) -> int:
    """How many in the book were added at that very moment."""
    theirs = (col(Person.convener_id) == convener_id, col(Person.created_at) == at)
    return session.exec(select(func.count()).select_from(Person).where(*theirs)).one()


def _add(session: Session, convener_id: int, new: Sequence[Verdict], done: Stored, *, now: datetime) -> None:
    people = [(v.row.number, v.said) for v in new if v.said is not None]
    if not people:
        return
    rows = [_person(convener_id, said, now) for _number, said in people]
    made = session.execute(insert(Person).returning(col(Person.id), col(Person.email_key)), rows)
    ids = {key: number for number, key in made}
    numbers = [(number, ids[address_key(said.email)], said) for number, said in people]
    others = [_address(convener_id, who, a) for _number, who, said in numbers for a in said.other_emails]
    if others:
        session.execute(insert(PersonAddress), others)
    done.ids |= {number: who for number, who, _said in numbers}
    done.added += len(people)


def _merge(session: Session, wanted: Sequence[Verdict], done: Stored, so_far: Mapping[int, int]) -> None:
    into = {v.row.number: _whom(v, done.ids, so_far) for v in wanted}
    ids = [who for who in into.values() if who is not None]
    people = {p.id: p for p in session.exec(select(Person).where(col(Person.id).in_(ids)))} if ids else {}
    for verdict in wanted:
        person = people.get(into[verdict.row.number])
        if person is None or verdict.said is None:
            done.left.append((verdict, _("Row {row} was not taken either.", row=verdict.earlier)))
            continue
        found = verdict.changes or matching.changes(_as_known(session, person), verdict.said, keep_name=True)
        for change in found:
            _change(session, person, change)
        done.ids[verdict.row.number] = person.id or 0
        done.changed += 1
    session.flush()


def _whom(verdict: Verdict, ids: Mapping[int, int], so_far: Mapping[int, int]) -> int | None:
    if verdict.known is not None:
        return verdict.known.id
    earlier = verdict.earlier or 0
    return ids.get(earlier) or so_far.get(earlier)


def _change(session: Session, person: Person, change: matching.Change) -> None:
    if change.field == "other_emails":
        fresh = several(change.new)[len(several(change.old)) :]
        session.add_all(PersonAddress(**_address(person.convener_id, person.id or 0, one)) for one in fresh)
    elif change.field == "sectors":
        added = [one for one in several(change.new) if one not in person.sectors]
        person.sectors = [*person.sectors, *added]
    else:
        setattr(person, change.field, change.new)
        person.sort_key = sort_key(person.name)
    session.add(person)


def _as_known(session: Session, person: Person) -> matching.Known:
    session.flush()
    [known] = queries.book_of(session, person.convener_id, [person.email_key], [])
    return known


def _person(convener_id: int, said: Said, now: datetime) -> dict[str, Any]:
    plain = ("name", "email", "title", "organisation", "assistant_email", "time_zone")
    return {name: getattr(said, name) for name in plain} | {
        "convener_id": convener_id,
        "sort_key": sort_key(said.name),
        "email_key": address_key(said.email),
        "sectors": list(said.sectors),
        "language": said.language or "en-GB",
        "created_at": now,
    }


def _address(convener_id: int, person_id: int, address: str) -> dict[str, Any]:
    key = address_key(address)
    return {"convener_id": convener_id, "person_id": person_id, "address": address, "address_key": key, "learnt": False}
