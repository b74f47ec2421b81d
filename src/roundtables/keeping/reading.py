"""Whoever reads what somebody needs stands in the log. A transaction of its own, after the page was made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from roundtables.attendance.model import Needs
from roundtables.convener.model import Account
from roundtables.db import Db
from roundtables.keeping.model import LOG, Entry

READ, NEEDS = "read", "needs"


@dataclass(frozen=True, slots=True)
class Reading:
    """Who read, and when: a name at the desk, "a command" for one on the machine itself."""

    at: datetime
    by: str


def note(db: Db, who: str, invitation_ids: Iterable[int], *, now: datetime) -> None:
    """That `who` ("account:3") has read the needs of these; of those who told of none there was nothing to read."""
    ids = list(invitation_ids)
    with db.read() as session:
        told = session.exec(select(Needs.invitation_id).where(col(Needs.invitation_id).in_(ids))).all() if ids else []
    if not told:
        return
    rows = [_row(number, who, now) for number in told]
    with db.write() as session:
        session.execute(insert(Entry), rows)


def _row(number: int, who: str, now: datetime) -> dict[str, object]:
    said = {"what": READ, "kind": "invitation", "about": number, "state": "", "fields": NEEDS}
    return {"at": now, "who": who, **said}


def readings(session: Session, invitation_ids: Sequence[int]) -> list[Reading]:
    """Every reading of the needs of these, newest first."""
    about = (LOG.kind == "invitation", LOG.about.in_(invitation_ids), LOG.what == READ)
    rows = session.execute(sql_select(LOG.at, LOG.who).where(*about).order_by(LOG.id.desc())).all()
    numbers = {int(who.partition(":")[2]) for _, who in rows if who.startswith("account:")}
    names = dict(session.exec(select(Account.id, Account.name).where(col(Account.id).in_(numbers))).all())
    return [Reading(at, _named(who, names)) for at, who in rows]


def _named(who: str, names: dict[int | None, str]) -> str:
    kind, _, number = who.partition(":")
    return names.get(int(number), "somebody who is gone") if kind == "account" else "a command"
