"""What an organiser decides about a mail that waits, and how a decision is taken back."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from roundtables.errors import Refusal
from roundtables.invitation import deputies
from roundtables.invitation.actions import Guest, invite
from roundtables.invitation.answering import record_reply, undo
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Changed, Reply, Via
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.roundtable.model import Roundtable


class Decision(StrEnum):
    APPLY = "apply"
    SEAT_DEPUTY = "seat-deputy"
    THANK_DEPUTY = "thank-deputy"
    ADD_GUEST = "add-guest"
    SET_ASIDE = "set-aside"
    UNDO = "undo"


def decide(
    session: Session,
    mail: IncomingMail,
    decision: Decision,
    *,
    answer: str = "",
    name: str = "",
    email: str = "",
    note: str = "",
    by: str,
    now: datetime,
) -> None:
    """Does what the organiser decided and writes the outcome on the mail. Raises Refusal."""
    if decision is Decision.SET_ASIDE:
        _end(session, mail, Outcome.IGNORED, note or f"set aside by {by}", now=now)
        return
    invitation = _invitation(session, mail)
    if decision is Decision.UNDO:
        if mail.outcome is not Outcome.APPLIED:
            raise Refusal("This mail was not applied, so there is nothing to undo.")
        undo(session, invitation, by=by, now=now, mail_id=mail.id)
        _end(session, mail, Outcome.NEEDS_HUMAN, f"undone by {by}", now=now)
        return
    if mail.outcome is Outcome.APPLIED:
        raise Refusal("This mail has been applied already; undo that first.")
    if decision is Decision.APPLY:
        said = _apply(session, mail, invitation, answer, note, by=by, now=now)
    elif decision is Decision.SEAT_DEPUTY:
        deputy = deputies.seat_deputy(session, invitation, name=name, email=email, by=by, now=now)
        said = f"{deputy.name} was seated for {invitation.name}"
    elif decision is Decision.THANK_DEPUTY:
        deputies.thank_deputy(session, invitation, name=name, by=by, now=now)
        said = "a deputy was thanked and declined"
    else:
        said = _add_guest(session, invitation, name, email, note, by=by, now=now)
    _end(session, mail, Outcome.APPLIED, f"{said}, decided by {by}", now=now)


def _invitation(session: Session, mail: IncomingMail) -> Invitation:
    if mail.invitation_id is None:
        raise Refusal("This mail belongs to no invitation; it can only be set aside.")
    return session.get_one(Invitation, mail.invitation_id)


def _apply(
    session: Session, mail: IncomingMail, invitation: Invitation, answer: str, note: str, *, by: str, now: datetime
) -> str:
    wanted = answer or (mail.suggestion or {}).get("answer", "")
    if wanted not in list(Answer):
        raise Refusal("Say which answer this is: accepted, declined or tentative.", field="answer")
    reply = Reply(Answer(wanted), received_at=now, via=Via.MAIL, comment=note or mail.decides)
    outcome = record_reply(session, invitation, reply, by=by, now=now, mail_id=mail.id)
    if not isinstance(outcome, Changed):
        raise Refusal(f"It cannot be applied: {outcome.why}.")
    return f"{wanted}"


def _add_guest(
    session: Session, invitation: Invitation, name: str, email: str, note: str, *, by: str, now: datetime
) -> str:
    if not name or not email:
        raise Refusal("A further guest needs a name and an e-mail address.", field="email")
    table = session.get_one(Roundtable, invitation.roundtable_id)
    invite(session, table, [Guest(name=name, email=email, note=note)], by=by, now=now)
    return f"{name} was invited as a further guest"


def _end(session: Session, mail: IncomingMail, outcome: Outcome, reason: str, *, now: datetime) -> None:
    mail.outcome, mail.reason, mail.settled_at = outcome, reason, now
    session.add(mail)
    session.flush()
