"""Who came, and what they need. Each action runs inside the caller's transaction."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from roundtables.attendance.model import Attendance, Came, Needs
from roundtables.errors import Refusal
from roundtables.invitation.keeping import row_id
from roundtables.invitation.model import Invitation
from roundtables.roundtable.model import Roundtable

KEPT_AFTER_THE_DAY = timedelta(days=14)


def record_attendance(session: Session, invitation: Invitation, came: Came, *, by: str, now: datetime) -> Attendance:
    """Writes down whether somebody came; the newest word counts."""
    row = session.get(Attendance, row_id(invitation))
    row = row or Attendance(invitation_id=row_id(invitation), came=came, recorded_at=now, recorded_by=by)
    row.came, row.recorded_at, row.recorded_by = came, now, by
    session.add(row)
    session.flush()
    return row


def record_needs(
    session: Session, invitation: Invitation, *, dietary: str, access: str, note: str, now: datetime
) -> Needs | None:
    """Keeps what somebody needs until two weeks after the day; nothing said, nothing kept. Raises Refusal."""
    if max(len(dietary), len(access), len(note)) > 2000:
        raise Refusal("Please keep each to 2,000 letters.", field="note")
    session.execute(delete(Needs).where(col(Needs.invitation_id) == invitation.id))
    if not (dietary or access or note):
        return None
    table = session.get_one(Roundtable, invitation.roundtable_id)
    row = Needs(
        invitation_id=row_id(invitation),
        dietary=dietary,
        access=access,
        note=note,
        given_at=now,
        delete_on=(table.ends_at + KEPT_AFTER_THE_DAY).date(),
    )
    session.add(row)
    session.flush()
    return row


def forget_needs(session: Session, *, now: datetime) -> int:
    """Deletes the needs whose day has come; answers how many."""
    overdue = session.exec(select(Needs).where(col(Needs.delete_on) <= now.date())).all()
    for row in overdue:
        session.delete(row)
    return len(overdue)
