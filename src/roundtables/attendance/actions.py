"""Who came, and what they need. Each action runs inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from roundtables.attendance.model import Attendance, Came, Needs
from roundtables.errors import Refusal
from roundtables.invitation.keeping import row_id
from roundtables.invitation.model import Invitation
from roundtables.mail.inbox import IncomingMail
from roundtables.mail.redaction import redacted
from roundtables.roundtable.model import Roundtable
from roundtables.web.filters import day

KEPT_AFTER_THE_DAY = timedelta(days=14)
LOOK_BACK = timedelta(days=92)
LONGEST = 2000
UTC_ZONE = "Etc/UTC"


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
    if max(len(dietary), len(access), len(note)) > LONGEST:
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


def take_down_needs(session: Session, invitation: Invitation, words: str, now: datetime) -> bool:
    """Adds what somebody wrote by mail to what they need; answers whether it was new. What was known stays."""
    known = session.get(Needs, row_id(invitation))
    if known is None:
        record_needs(session, invitation, dietary="", access="", note=words[:LONGEST], now=now)
        return True
    if " ".join(words.split()) in " ".join(known.note.split()):
        return False
    known.note = f"{known.note}\n{words}".strip()[-LONGEST:]
    known.given_at = now
    session.add(known)
    session.flush()
    return True


def forget_needs(session: Session, *, now: datetime) -> int:
    """Deletes the needs whose day has come, and takes them out of the mails that told them; answers how many."""
    overdue = session.exec(select(Needs).where(col(Needs.delete_on) <= now.date())).all()
    for row in overdue:
        session.delete(row)
    for mail in _mails_that_tell(session, [row.invitation_id for row in overdue], now):
        _redact(session, mail, now=now)
    session.flush()
    return len(overdue)


def _mails_that_tell(session: Session, invitation_ids: Sequence[int], now: datetime) -> Sequence[IncomingMail]:
    """Mails of these invitations, and of tables whose day came in the last quarter: not all that was told was kept."""
    last = now - KEPT_AFTER_THE_DAY
    lately = select(Invitation.id).join(Roundtable, col(Roundtable.id) == Invitation.roundtable_id)
    lately = lately.where(col(Roundtable.ends_at) <= last, col(Roundtable.ends_at) > last - LOOK_BACK)
    told = select(IncomingMail).where(col(IncomingMail.tells_needs).is_(True))
    found = session.exec(told.where(col(IncomingMail.invitation_id).in_(lately))).all()
    if not invitation_ids:
        return found
    return [*found, *session.exec(told.where(col(IncomingMail.invitation_id).in_(invitation_ids)))]


def _redact(session: Session, mail: IncomingMail, *, now: datetime) -> None:
    """What is left of a mail that told of needs: how it is found again, and that something was taken out."""
    said = f"What stood here told of somebody's needs. It was deleted on {day(now, UTC_ZONE)}, as promised."
    mail.raw = redacted(mail.raw, said)
    mail.decides, mail.tells_needs = "", False
    mail.reason = f"{mail.reason}; its words were deleted, as they told of needs"[:1000]
    session.add(mail)
    guest = session.get(Invitation, mail.invitation_id)
    if guest is not None and guest.comment:
        guest.comment = ""
        session.add(guest)
