"""
Marks at the door, taps that are taken back, and people who came unasked. Each action runs inside the caller's
transaction, and takes the table's row first, so that two helpers follow one another.

A form carries a key of its own. However often it is sent (a second tap, a telephone that tries again), it counts once;
what another helper has marked since is not touched by it.
"""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlmodel import Session, col, select

from roundtables.attendance.actions import record_attendance
from roundtables.attendance.model import Attendance, Came, DoorMark, WalkIn
from roundtables.errors import Refusal
from roundtables.invitation.keeping import row_id
from roundtables.invitation.model import Invitation
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.model import Roundtable

LONGEST = 200
LONGEST_KEY = 64


@dataclass(frozen=True, slots=True)
class Unasked:
    """Somebody at the door; `agreed` says whether their name may be kept at all."""

    name: str = ""
    organisation: str = ""
    agreed: bool = False
    may_be_listed: bool = False
    online: bool = False


def fresh_key() -> str:
    """A key for a form that nobody has sent yet."""
    return token_hex(8)


def mark(
    session: Session, invitation: Invitation, came: Came, *, key: str = "", by: str, now: datetime
) -> Attendance | None:
    """Writes down whether somebody came, once for each key; answers how it stands now."""
    roundtables.hold(session, invitation.roundtable_id)
    id, key = row_id(invitation), _key(key, came.value)
    if session.exec(select(DoorMark).where(DoorMark.invitation_id == id, DoorMark.key == key)).first() is not None:
        return _standing(session, id)
    before = _standing(session, id)
    session.add(
        DoorMark(
            invitation_id=id, key=key, came=came, before=before.came if before else None, marked_at=now, marked_by=by
        )
    )
    return record_attendance(session, invitation, came, by=by, now=now)


def take_back(session: Session, invitation: Invitation, mark_id: int, *, by: str, now: datetime) -> bool:
    """Brings back what stood before that mark, if it is still the newest; answers whether anything changed."""
    roundtables.hold(session, invitation.roundtable_id)
    id = row_id(invitation)
    newest = select(DoorMark).where(DoorMark.invitation_id == id, col(DoorMark.undone_at).is_(None))
    last = session.exec(newest.order_by(col(DoorMark.id).desc())).first()
    if last is None or last.id != mark_id:
        return False
    last.undone_at = now
    session.add(last)
    if last.before is not None:
        record_attendance(session, invitation, last.before, by=by, now=now)
    elif (standing := _standing(session, id)) is not None:
        session.delete(standing)
    session.flush()
    return True


def walk_in(session: Session, table: Roundtable, who: Unasked, *, key: str = "", by: str, now: datetime) -> WalkIn:
    """
    Counts somebody who came unasked, once for each key. Name and organisation are kept only if they agreed.
    Raises Refusal.
    """
    roundtables.hold(session, row_id(table))
    key = _key(key, "walk-in")
    known = session.exec(select(WalkIn).where(WalkIn.roundtable_id == table.id, WalkIn.key == key)).first()
    if known is not None:
        return known
    name, organisation = (" ".join(words.split())[:LONGEST] for words in (who.name, who.organisation))
    if who.agreed and not name:
        raise Refusal("Who came? Please write a name, or leave out that it is kept.", field="name")
    if who.may_be_listed and not who.agreed:
        raise Refusal("Nobody can be listed whose name is not kept.", field="may_be_listed")
    row = WalkIn(
        roundtable_id=row_id(table),
        key=key,
        name=name if who.agreed else "",
        organisation=organisation if who.agreed else "",
        online=who.online,
        may_be_listed=who.may_be_listed,
        recorded_at=now,
        recorded_by=by,
    )
    session.add(row)
    session.flush()
    return row


def was_not_there(session: Session, table: Roundtable, walk_in_id: int) -> None:
    """Takes a walk-in off the list, name and all; twice is as good as once."""
    roundtables.hold(session, row_id(table))
    row = session.get(WalkIn, walk_in_id)
    if row is not None and row.roundtable_id == table.id:
        session.delete(row)
        session.flush()


def _standing(session: Session, invitation_id: int) -> Attendance | None:
    return session.get(Attendance, invitation_id, populate_existing=True)


def _key(key: str, what: str) -> str:
    """A page's key means one thing for each of its buttons; without a key every time is another."""
    return f"{(key or fresh_key())[:LONGEST_KEY]}:{what}"
