"""How many seats are taken and who waits for one."""

from collections.abc import Sequence

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select

from roundtables.invitation import seats
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.invitation.seats import Waiting

# Built once: for each answer that comes by mail it is asked anew.
_HOLDERS = select(Invitation.id).where(
    Invitation.roundtable_id == bindparam("roundtable_id"), col(Invitation.holds_seat).is_(True)
)


def seats_taken(session: Session, roundtable_id: int) -> int:
    """As the database has it and this transaction has changed it since, without writing that down first."""
    holders = set(session.connection().execute(_HOLDERS, {"roundtable_id": roundtable_id}).scalars())
    changed = [row for row in (*session.dirty, *session.new) if isinstance(row, Invitation)]
    here = [row for row in changed if row.roundtable_id == roundtable_id]
    return len(holders - {row.id for row in here}) + sum(row.holds_seat for row in here)


def seats_held(session: Session, roundtable_ids: Sequence[int]) -> dict[int, int]:
    """How many seats of each table are taken."""
    rows = session.exec(
        select(Invitation.roundtable_id, func.count())
        .where(col(Invitation.roundtable_id).in_(roundtable_ids), col(Invitation.holds_seat).is_(True))
        .group_by(col(Invitation.roundtable_id))
    )
    return dict.fromkeys(roundtable_ids, 0) | dict(rows.all())


def waiting(session: Session, roundtable_id: int) -> list[Waiting]:
    found = select(Invitation).where(Invitation.roundtable_id == roundtable_id, Invitation.state == State.WAITING)
    return [
        Waiting(i.id, i.waiting_since) for i in session.exec(found) if i.id is not None and i.waiting_since is not None
    ]


def place_in_line(session: Session, invitation: Invitation) -> int:
    """One's number on the waiting list, 0 if not on it."""
    if invitation.state is not State.WAITING:
        return 0
    order = seats.next_waiting(waiting(session, invitation.roundtable_id), free=1_000_000)
    return order.index(invitation.id) + 1 if invitation.id in order else 0
