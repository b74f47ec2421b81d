"""How an invitation's changes are kept: history lines, snapshots for an undo, letters, secret addresses."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import update
from sqlmodel import Session, col

from roundtables import tokens
from roundtables.errors import Refusal
from roundtables.invitation import at_hand
from roundtables.invitation.model import History, Invitation
from roundtables.invitation.rules import Answer, State, Via
from roundtables.mail import outbox, stationery, writing
from roundtables.mail.outbox import OutgoingLetter
from roundtables.person.model import Person
from roundtables.roundtable.model import Roundtable

CALENDAR_LETTERS = ("invitation", "new-date", "new-place", "seat-free", "yours-again")
REMEMBERED = (
    *("state", "answer", "until", "comment", "answered_at", "answered_via", "reply_sequence", "reply_stamp"),
    *("holds_seat", "waiting_since", "deputy_name", "deputy_email", "deputy_note"),
    *("provisional", "mode", "wants_writeup"),
)


def note(
    session: Session,
    invitation: Invitation,
    what: str,
    *,
    by: str,
    now: datetime,
    mail_id: int | None = None,
    before: dict[str, Any] | None = None,
) -> None:
    """Adds a line to an invitation's history; `before` makes it one that can be undone."""
    line = History(invitation_id=row_id(invitation), at=now, by=by, what=what, mail_id=mail_id, before=before)
    session.add(line)
    session.add(invitation)


def as_it_stands(session: Session, invitation: Invitation) -> None:
    """Reads it anew once the table's row is held; on SQLite nobody can have written since the transaction began."""
    if session.get_bind().dialect.name != "sqlite" and not at_hand.is_at_hand(session, invitation):
        session.flush()  # or the refresh would throw away what this transaction has changed
        session.refresh(invitation)


def write(session: Session, draft: writing.Draft, *, now: datetime) -> OutgoingLetter:
    """Puts a letter in the outbox; of two about somebody's calendar only the newer leaves."""
    if draft.calendar is not None and draft.invitation_id is not None:
        outbox.cancel_unsent(session, invitation_ids=[draft.invitation_id], kinds=CALENDAR_LETTERS)
    return writing.put(session, draft, now=now)


def snapshot(invitation: Invitation) -> dict[str, Any]:
    """What an undo needs, as JSON."""
    values = {name: getattr(invitation, name) for name in REMEMBERED}
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in values.items()}


def restore(invitation: Invitation, before: dict[str, Any]) -> None:
    """Brings a snapshot back."""
    read = {"until": date.fromisoformat, "state": State, "answer": Answer, "answered_via": Via}
    read |= dict.fromkeys(("answered_at", "reply_stamp", "waiting_since"), datetime.fromisoformat)
    for name, value in before.items():
        setattr(invitation, name, read[name](value) if value is not None and name in read else value)


def forget_undo(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """Answers given so far can no longer be taken back: they were about something else."""
    theirs = (col(History.invitation_id) == invitation.id, col(History.undone_at).is_(None))
    session.execute(update(History).where(*theirs, col(History.before).is_not(None)).values(undone_at=now))


def new_uid() -> str:
    """A calendar name that nobody else has (RFC 7986 §5.3)."""
    return str(uuid4())


def new_identity(session: Session, invitation: Invitation, uid: str) -> None:
    """A fresh nonce: addresses and page of this invitation that nobody was given before."""
    secret = stationery.of(session).secret
    invitation.nonce, invitation.uid = tokens.nonce(), uid
    invitation.reply_hash = tokens.hashed(tokens.derive(secret, tokens.Purpose.REPLY, invitation.nonce))
    invitation.page_hash = tokens.hashed(tokens.derive(secret, tokens.Purpose.PAGE, invitation.nonce))
    leaving = tokens.derive(secret, tokens.Purpose.UNSUBSCRIBE, invitation.nonce)
    invitation.unsubscribe_hash = tokens.hashed(leaving)


def row_id(row: Roundtable | Invitation | Person) -> int:
    """The id of a stored row."""
    if row.id is None:
        raise Refusal("It is not stored yet.")
    return row.id
