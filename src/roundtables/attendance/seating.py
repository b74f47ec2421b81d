"""The plan of who sits where, as organisers change it. Each action runs inside the caller's transaction."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from roundtables.attendance.day import Day, Seated, gathered, in_the_room, seated
from roundtables.attendance.model import SeatingPlan, SeatKept
from roundtables.attendance.seating_changes import kept, swapped
from roundtables.attendance.seating_rules import Plan, Side, arrange
from roundtables.errors import Refusal
from roundtables.invitation.keeping import row_id
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.model import Roundtable


def seen(now: Seated) -> str:
    """What a page shows, in a few letters: a change is made only to the plan that its reader saw."""
    seats = ",".join(f"{place.who}{'k' * place.kept}" for place in now.plan)
    return hashlib.sha256(seats.encode()).hexdigest()[:16]


def swap(
    session: Session, table: Roundtable, one: int, other: int, *, as_seen: str, by: str, now: datetime
) -> SeatingPlan:
    """Two seats (from 1) change people, who are kept there. Raises Refusal."""
    return _change(session, table, as_seen, lambda plan: swapped(plan, one - 1, other - 1), by=by, now=now)


def keep(
    session: Session, table: Roundtable, seat: int, *, stays: bool, as_seen: str, by: str, now: datetime
) -> SeatingPlan:
    """Whoever has the seat (from 1) stays in it, or may be moved again. Raises Refusal."""
    return _change(session, table, as_seen, lambda plan: kept(plan, seat - 1, keep=stays), by=by, now=now)


def settle(session: Session, table: Roundtable, *, as_seen: str, by: str, now: datetime) -> SeatingPlan:
    """The plan as it stands, with its changes, is the plan from now on. Raises Refusal."""
    return _change(session, table, as_seen, lambda plan: plan, by=by, now=now)


def seat_anew(session: Session, table: Roundtable, *, loop: Side, by: str, now: datetime) -> SeatingPlan:
    """Everybody is seated by the rules, but for those kept where they are; `loop` says where the hearing loop is."""
    roundtables.hold(session, row_id(table))
    day = _day(session, table)
    return _store(session, day, arrange(in_the_room(day), loop=loop, before=seated(day).plan), loop, by=by, now=now)


def settle_unless_settled(session: Session, day: Day, *, by: str, now: datetime) -> None:
    """What is printed for the first time is the plan from then on."""
    if day.stored is None:
        _store(session, day, seated(day).plan, day.loop, by=by, now=now)


def _change(
    session: Session, table: Roundtable, as_seen: str, change: Callable[[Plan], Plan], *, by: str, now: datetime
) -> SeatingPlan:
    roundtables.hold(session, row_id(table))
    day = _day(session, table)
    stands = seated(day)
    if as_seen != seen(stands):
        raise Refusal("The plan has changed since you saw it, so nothing was done. This is how it stands now.")
    return _store(session, day, change(stands.plan), day.loop, by=by, now=now)


def _day(session: Session, table: Roundtable) -> Day:
    return gathered(session, table.convener_id, row_id(table))


def _store(session: Session, day: Day, plan: Plan, loop: Side, *, by: str, now: datetime) -> SeatingPlan:
    row = day.stored or SeatingPlan(roundtable_id=row_id(day.table), made_at=now, made_by=by)
    row.seats = [SeatKept(who=place.who, kept=place.kept) for place in plan]
    row.loop, row.made_at, row.made_by = loop, now, by
    session.add(row)
    session.flush()
    return row
