"""
Who wants no more letters, and the way back. Runs inside the caller's transaction.

It holds for all tables of a convener. Letters that ask (invitations, reminders) stop; what is owed to somebody who has
answered (a new date, a cancellation) still goes.
"""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from roundtables import tokens
from roundtables.errors import NotFound
from roundtables.invitation import queries
from roundtables.invitation.keeping import note
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import Whole
from roundtables.invitation.rules import State
from roundtables.mail import outbox, stationery
from roundtables.mail.writing import Draft
from roundtables.person.model import Person

ASKING = ("invitation", "nudge")  # letters that stop
LEFT = "asked for no more letters"


def bulk(session: Session, invitation: Invitation, draft: Draft) -> Draft:
    """The draft of a letter that asks, with the way to have no more of them (RFC 2369, RFC 8058)."""
    remember_address(session, invitation)
    return replace(draft, unsubscribe_nonce=invitation.nonce)


def remember_address(session: Session, invitation: Invitation) -> None:
    """Writes down what an invitation's address for leaving hashes to: older rows have none."""
    token = tokens.derive(stationery.of(session).secret, tokens.Purpose.UNSUBSCRIBE, invitation.nonce)
    invitation.unsubscribe_hash = tokens.hashed(token)
    session.add(invitation)


def by_token(session: Session, token: str) -> Whole:
    """The invitation whose letter held this link. Raises NotFound."""
    found = select(Invitation).where(Invitation.unsubscribe_hash == tokens.hashed(token))
    invitation = session.exec(found).one_or_none()
    if invitation is None:
        raise NotFound("invitation")
    return queries.whole(session, invitation)


def has_left(session: Session, invitation: Invitation) -> bool:
    """Whether this invitation's person wants no more letters."""
    return session.get_one(Person, invitation.person_id).unsubscribed_at is not None


def leave(
    session: Session, invitation: Invitation, *, how: str, by: str, now: datetime, mail_id: int | None = None
) -> bool:
    """No more letters to this person; takes back those that ask and have not left. False if it was so already."""
    person = session.get_one(Person, invitation.person_id)
    if person.unsubscribed_at is not None:
        return False
    person.unsubscribed_at = now
    session.add(person)
    note(session, invitation, f"{LEFT}, {how}", by=by, now=now, mail_id=mail_id)
    theirs = select(Invitation.id).where(Invitation.person_id == person.id, Invitation.state != State.DRAFT)
    ids = [number for number in session.exec(theirs.order_by(col(Invitation.id))) if number is not None]
    outbox.cancel_unsent(session, invitation_ids=ids, kinds=ASKING)
    return True


def come_back(session: Session, invitation: Invitation, *, by: str, now: datetime) -> bool:
    """Letters may go to this person again. False if they could all along."""
    person = session.get_one(Person, invitation.person_id)
    if person.unsubscribed_at is None:
        return False
    person.unsubscribed_at = None
    session.add(person)
    note(session, invitation, "wants letters again", by=by, now=now)
    return True
