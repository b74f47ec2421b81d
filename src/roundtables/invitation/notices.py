"""
How often we write of our own accord, so that two programs never talk to each other for long.

A letter somebody asked for, or that a fact makes necessary (an invitation, a new date, a cancellation), is never
stopped here. A notice, sent only because a mail came in, is: one of a kind to one invitee in seven days.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from roundtables.invitation.model import Invitation
from roundtables.mail import inbox
from roundtables.mail.inbox import IncomingMail
from roundtables.mail.outbox import LetterState, OutgoingLetter

NOTICES = frozenset({"understood", "old-date"})  # "refresh" has limits of its own
QUIET = timedelta(days=7)  # RFC 3834 §2
MOST_IN_AN_HOUR = 20
HOUR = timedelta(hours=1)


def may_write(session: Session, invitation: Invitation, kind: str, now: datetime) -> bool:
    """Whether a letter of `kind` may go to this invitee now: of the notices one in seven days, of all else any."""
    if kind not in NOTICES:
        return True
    written = select(OutgoingLetter.id).where(
        OutgoingLetter.invitation_id == invitation.id,
        OutgoingLetter.kind == kind,
        OutgoingLetter.state != LetterState.CANCELLED,
        col(OutgoingLetter.created_at) > now - QUIET,
    )
    return session.exec(written.limit(1)).first() is None


def too_many(session: Session, invitation: Invitation, row: IncomingMail) -> int:
    """By how many `row` goes beyond the mails of one invitation that are read in an hour; copies count once."""
    since = row.received_at - HOUR
    earlier = inbox.number_since(session, invitation.id, since=since, before=row)
    return max(0, earlier + 1 - MOST_IN_AN_HOUR)
