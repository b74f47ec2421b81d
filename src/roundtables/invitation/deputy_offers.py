"""
A mail offers a deputy: what becomes of it by the table's policy. Runs inside the caller's transaction.

    ask                 kept as proposed, and an organiser decides
    same organisation   a colleague is seated at once, with a way back; anybody else as with ask
    never               a polite no lies ready in the outbox
"""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from roundtables.errors import Refusal
from roundtables.invitation import deputies, handing
from roundtables.invitation.arrival import Arrival, Settled, Suggestion
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.rules import Deputies, why_not_open


def settle(
    session: Session, arrival: Arrival, *, name: str, email: str, decides: str, trusted: bool, why: str
) -> Settled:
    """
    How a mail that offers a deputy ends. `trusted`: the invitee or their known assistant wrote it, and it is not
    forged; `why` is what the desk is told, "somebody else may come instead".
    """
    invitation = arrival.invitation
    table = roundtables.hold(session, invitation.roundtable_id)
    suggestion = Suggestion(says="deputy", name=name, email=email)
    if why_not_open(table.status, table.ends_at, arrival.now):
        return Settled(Outcome.NEEDS_HUMAN, f"{why}; the table is over", decides=decides, suggestion=suggestion)
    if table.deputies is Deputies.NEVER:
        reason = f"{why}, and this table keeps to the people asked"
        if trusted and invitation.state not in (State.WITHDRAWN, State.DELEGATED, State.LAPSED):
            deputies.draft_polite_no(session, invitation, name=name, mail_id=arrival.row.id, now=arrival.now)
            reason += "; a polite no lies ready in the outbox"
        return Settled(Outcome.NEEDS_HUMAN, reason, decides=decides, suggestion=suggestion)
    against = _against(session, invitation, email)
    if not (trusted and name and email) or against:
        reason = "; ".join(filter(None, [why, against]))
        return Settled(Outcome.NEEDS_HUMAN, reason, decides=decides, suggestion=suggestion)
    return _proposed(session, arrival, suggestion, decides, why)


def _proposed(session: Session, arrival: Arrival, suggestion: Suggestion, decides: str, why: str) -> Settled:
    invitation, by = arrival.invitation, arrival.mail.from_address
    try:
        deputy = deputies.propose(
            session,
            invitation,
            name=suggestion["name"],
            email=suggestion["email"],
            comment=decides,
            by=by,
            now=arrival.now,
            mail_id=arrival.row.id,
        )
    except Refusal as error:
        return Settled(Outcome.NEEDS_HUMAN, f"{why}; {_small(error.message)}", decides=decides, suggestion=suggestion)
    if deputy is None:
        return Settled(Outcome.NEEDS_HUMAN, why, decides=decides, suggestion=suggestion)
    said = f"{deputy.name}, of the same organisation, was seated for {invitation.name}"
    return Settled(Outcome.APPLIED, said, decides=decides)


def waiting_as_mail(session: Session, invitation_ids: Sequence[int]) -> set[int]:
    """Those of these invitations whose proposed deputy waits in the inbox as a mail: one thing to decide, not two."""
    found = select(IncomingMail.invitation_id, IncomingMail.suggestion).where(
        col(IncomingMail.invitation_id).in_(invitation_ids), IncomingMail.outcome == Outcome.NEEDS_HUMAN
    )
    return {i for i, hint in session.exec(found) if i is not None and (hint or {}).get("says") == "deputy"}


def _against(session: Session, invitation: Invitation, email: str) -> str:
    """Why somebody cannot simply take the seat, for the organiser to see beforehand."""
    deputy = handing.live_deputy(session, invitation)
    if invitation.state is State.DELEGATED and deputy is not None:
        return f"{deputy.name} was seated for {invitation.name} already"
    if not email:
        return "no address is named"
    table = roundtables.hold(session, invitation.roundtable_id)
    return _small(deputies.why_not(session, table, invitation, email))


def _small(sentence: str) -> str:
    """A sentence as a part of another one."""
    return sentence.rstrip(".")
