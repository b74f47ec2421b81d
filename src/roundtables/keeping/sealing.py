"""The log made fast, stretch by stretch, and proved whole. Any process may seal; a seal is made once."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, text
from sqlalchemy import select as sql_select
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from roundtables.db import Db
from roundtables.keeping import chain
from roundtables.keeping.chain import Line
from roundtables.keeping.model import LOG, Seal

AT_ONCE = 1000
PATIENCE = "500ms"  # for others to finish what they write
EVERYTHING = 2**62
COLUMNS = [LOG[name] for name in ("id", "at", "who", "what", "kind", "about", "state", "fields")]
EXPLAINED = {
    "invitation": "SELECT id, state || CASE WHEN holds_seat THEN ' seated' ELSE '' END FROM invitation",
    "letter": "SELECT id, state FROM outgoing_letter",
    "mail": "SELECT id, coalesce(outcome, '') FROM incoming_mail",
    "roundtable": "SELECT id, status FROM roundtable",
    "membership": "SELECT id, role FROM membership",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """How far the log is whole. `broken`: the first entry that was changed. `why`: what is wrong, "" if nothing."""

    entries: int
    seals: int
    unsealed: int
    head: str
    broken: int | None = None
    why: str = ""
    unexplained: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.why


def seal(db: Db, secret: str, *, now: datetime) -> int:
    """Seals what is not sealed yet, a stretch at a time; answers how many entries."""
    number = 0
    while some := _seal_some(db, secret, now):
        number += some
    return number


def _seal_some(db: Db, secret: str, now: datetime) -> int:
    """The stretch is read and hashed outside of the writing transaction, which only looks whether it is still next."""
    until = _settled(db)
    with db.read() as session:
        last = _last(session)
        lines = _between(session, last.last_id if last else 0, until, AT_ONCE)
    if not lines:
        return 0
    marks = chain.hang(last.head if last else chain.BEGINNING, lines)
    number = last.id + 1 if last else 1
    fresh = Seal(
        id=number,
        at=now,
        last_id=lines[-1].id,
        marks=[[line.id, mark[: chain.MARK]] for line, mark in zip(lines, marks, strict=True)],
        head=marks[-1],
        signature=chain.signature(secret, number, marks[-1]),
    )
    with db.write() as session:
        if not db.sqlite:
            session.connection().execute(text("LOCK TABLE audit_seal IN SHARE ROW EXCLUSIVE MODE"))
        if session.execute(sql_select(func.max(col(Seal.id)))).scalar() != (last.id if last else None):
            return 0  # somebody else was first
        session.add(fresh)
    return len(lines)


def _settled(db: Db) -> int:
    """
    Up to this number no entry can appear any more. On PostgreSQL numbers are given before their transactions end, so
    for one moment nobody may have one open; where somebody has for long, we come again later.
    """
    newest = sql_select(func.coalesce(func.max(LOG.id), 0))
    with db.read() as session:
        if db.sqlite:
            return int(session.execute(newest).scalar_one())
        session.connection().execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
        try:
            session.connection().execute(text("LOCK TABLE audit IN SHARE MODE"))
        except OperationalError:
            return 0
        return int(session.execute(newest).scalar_one())


def verify(db: Db, secret: str) -> Proof:
    """Every seal and entry looked through, and whether the log explains where everything stands."""
    with db.read() as session:
        entries = session.execute(sql_select(func.count(LOG.id))).scalar_one()
        before, last_id, seals = chain.BEGINNING, 0, 0
        for number in session.exec(select(Seal.id).order_by(col(Seal.id))).all():
            one = session.get_one(Seal, number)
            seals += 1
            broken, why = _look_at(session, one, before, last_id, seals, secret)
            if why:
                return Proof(entries, seals - 1, 0, before, broken, why)
            before, last_id = one.head, one.last_id
            session.expunge(one)
        unsealed = session.execute(sql_select(func.count(LOG.id)).where(LOG.id > last_id)).scalar_one()
        missing = _unexplained(session)
    why = f"{len(missing)} rows stand where no entry says: {', '.join(missing[:5])}" if missing else ""
    return Proof(entries, seals, unsealed, before, None, why, tuple(missing))


def _look_at(session: Session, one: Seal, before: str, after: int, number: int, secret: str) -> tuple[int | None, str]:
    """(the first broken entry, what is wrong); (None, "") for a seal that is whole."""
    lines = _between(session, after, one.last_id, EVERYTHING)
    if one.id != number:
        return lines[0].id if lines else int(one.marks[0][0]), f"seal {number} is missing"
    broken = chain.first_broken(before, lines, one.marks, one.head)
    if broken is not None:
        return broken, f"entry {broken} is not as it was sealed"
    if one.signature != chain.signature(secret, one.id, one.head):
        return int(one.marks[0][0]), f"seal {one.id} was not made with our secret"
    return None, ""


def _unexplained(session: Session) -> list[str]:
    """Rows that stand otherwise than the newest entry about them says, as "invitation 7"."""
    newest = sql_select(func.max(LOG.id)).where(LOG.state != "").group_by(LOG.kind, LOG.about)
    said = session.execute(sql_select(LOG.kind, LOG.about, LOG.state).where(LOG.id.in_(newest)))
    told = {(kind, about): state for kind, about, state in said}
    return [
        f"{kind} {number}"
        for kind, question in EXPLAINED.items()
        for number, state in session.connection().execute(text(question))
        if told.get((kind, number), "") != state
    ]


def _last(session: Session) -> Seal | None:
    return session.exec(select(Seal).order_by(col(Seal.id).desc()).limit(1)).first()


def _between(session: Session, after: int, last: int, most: int) -> list[Line]:
    """The entries behind `after` up to `last`, `most` of them."""
    found = sql_select(*COLUMNS).where(LOG.id > after, LOG.id <= last).order_by(LOG.id).limit(most)
    return [_line(*values) for values in session.execute(found)]


def _line(number: int, at: datetime, *rest: Any) -> Line:
    return Line(number, at.astimezone(UTC).isoformat(timespec="microseconds"), *rest)


def has_head(db: Db, head: str) -> bool:
    """Whether a seal has this head: what came before it is then as it was when the head was noted."""
    with db.read() as session:
        return session.exec(select(Seal.id).where(Seal.head == head)).first() is not None
