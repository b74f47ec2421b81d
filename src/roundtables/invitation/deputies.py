"""Deputies: proposed by an invitee, seated or declined by an organiser. Runs inside the caller's transaction."""

from datetime import datetime

from sqlmodel import Session

from roundtables.errors import Refusal, Refusals
from roundtables.invitation import letters
from roundtables.invitation.actions import Guest, invite, send_drafts
from roundtables.invitation.answering import seat_those_waiting
from roundtables.invitation.keeping import as_it_stands, note, row_id, write
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import whole
from roundtables.invitation.rules import State
from roundtables.mail import outbox, stationery
from roundtables.naming import checked_address
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Deputies, why_not_open


def propose(
    session: Session, invitation: Invitation, *, name: str, email: str, comment: str, by: str, now: datetime
) -> None:
    """Keeps who would come instead, until an organiser decides. The principal is not a no. Raises Refusal."""
    roundtable = roundtables.hold(session, invitation.roundtable_id)
    as_it_stands(session, invitation)
    if why := why_not_open(roundtable.status, roundtable.ends_at, now):
        raise Refusal(f"No deputy can be proposed: {why}.")
    if roundtable.deputies is Deputies.NEVER:
        raise Refusal("For this table the hosts would like to keep to the people they asked.", field="name")
    if not name.strip():
        raise Refusal("Who would come? Please write a name.", field="name")
    invitation.deputy_name, invitation.deputy_email = " ".join(name.split())[:200], checked_address(email)
    invitation.deputy_note = comment.strip()[:2000]
    note(session, invitation, "a deputy was proposed", by=by, now=now)


def seat_deputy(
    session: Session, invitation: Invitation, *, name: str = "", email: str = "", by: str, now: datetime
) -> Invitation:
    """The deputy gets an invitation of their own, the principal's entry goes with kind words. Raises Refusal."""
    roundtable = roundtables.hold(session, invitation.roundtable_id)
    as_it_stands(session, invitation)
    name, email = name or invitation.deputy_name, email or invitation.deputy_email
    if not name or not email:
        raise Refusal("A deputy needs a name and an e-mail address.", field="email")
    if invitation.state in (State.WITHDRAWN, State.DELEGATED, State.DRAFT):
        raise Refusal(f"The invitation is {invitation.state}.")
    guest = Guest(name=name, email=email, organisation=invitation.organisation, seat_kind=invitation.seat_kind)
    deputy = _list(session, roundtable, guest, wave=invitation.wave, by=by, now=now)
    deputy.deputy_of_id = invitation.id
    deputy.note = f"{invitation.name} suggested that you come in their place, and we would be glad if you did."
    deputy.holds_seat = invitation.holds_seat
    _let_go(session, invitation, deputy, by=by, now=now)
    send_drafts(session, roundtable, [deputy], by=by, now=now)
    seat_those_waiting(session, roundtable, now=now)
    return deputy


def _list(session: Session, roundtable: Roundtable, guest: Guest, *, wave: int, by: str, now: datetime) -> Invitation:
    """The deputy's own draft; a refusal names the deputy's field and not a place in a list."""
    try:
        [deputy] = invite(session, roundtable, [guest], wave=wave, send=False, by=by, now=now)
    except Refusals as error:
        raise Refusal(error.message, field=error.field.rpartition(".")[2]) from error
    return deputy


def thank_deputy(session: Session, invitation: Invitation, *, name: str = "", by: str, now: datetime) -> None:
    """A polite no; the principal's own invitation stays as it is."""
    name = name or invitation.deputy_name or "your colleague"
    draft = letters.deputy_thanked(stationery.of(session), whole(session, invitation), deputy_name=name, now=now)
    write(session, draft, now=now)
    invitation.deputy_name = invitation.deputy_email = invitation.deputy_note = ""
    note(session, invitation, "a deputy was thanked and declined", by=by, now=now)


def _let_go(session: Session, invitation: Invitation, deputy: Invitation, *, by: str, now: datetime) -> None:
    outbox.cancel_unsent(session, invitation_ids=[row_id(invitation)])
    invitation.state, invitation.holds_seat, invitation.waiting_since = State.DELEGATED, False, None
    invitation.deputy_name = invitation.deputy_email = ""
    roundtable = roundtables.hold(session, invitation.roundtable_id)
    roundtable.sequence += 1
    session.add(roundtable)
    session.flush()
    kind_words = f"{deputy.name} will come for you. Thank you for making it possible."
    office = stationery.of(session)
    write(session, letters.taken_back(office, whole(session, invitation), now=now, because=kind_words), now=now)
    note(session, invitation, f"{deputy.name} was seated as deputy", by=by, now=now)
