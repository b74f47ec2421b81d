"""
Deputies: offered by an invitee, seated or declined. Runs inside the caller's transaction.

How the seat itself passes from one to the other, and back, is in handing.py.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from roundtables.errors import Refusal, Refusals
from roundtables.invitation import further_letters, handing, organisations
from roundtables.invitation.actions import Guest, invite, send_drafts
from roundtables.invitation.answering import record_reply, seat_those_waiting
from roundtables.invitation.keeping import as_it_stands, note, row_id, snapshot, write
from roundtables.invitation.model import History, Invitation
from roundtables.invitation.queries import whole
from roundtables.invitation.rules import Outcome, Reply, State
from roundtables.mail import outbox, stationery, writing
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.naming import address_key, checked_address
from roundtables.person import queries as people
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Deputies, why_not_open

DEEPEST = 2  # a deputy may send somebody in turn, and that is where it ends


def propose(
    session: Session,
    invitation: Invitation,
    *,
    name: str,
    email: str,
    comment: str,
    by: str,
    now: datetime,
    mail_id: int | None = None,
) -> Invitation | None:
    """
    Somebody would come instead. By the table's policy an organiser decides, or a colleague is seated at once: then it
    is their invitation that is answered, else None. The principal is not a no. Raises Refusal.
    """
    roundtable = roundtables.hold(session, invitation.roundtable_id)
    as_it_stands(session, invitation)
    if why := why_not_open(roundtable.status, roundtable.ends_at, now):
        raise Refusal(f"No deputy can be proposed: {why}.")
    if roundtable.deputies is Deputies.NEVER:
        raise Refusal("For this table the hosts would like to keep to the people they asked.", field="name")
    if not name.strip():
        raise Refusal("Who would come? Please write a name.", field="name")
    name, email = " ".join(name.split())[:200], checked_address(email)
    if may_seat_at_once(session, roundtable, invitation, email):
        return seat_deputy(session, invitation, name=name, email=email, by=by, now=now, mail_id=mail_id)
    invitation.deputy_name, invitation.deputy_email = name, email
    invitation.deputy_note = comment.strip()[:2000]
    note(session, invitation, "a deputy was proposed", by=by, now=now, mail_id=mail_id)
    return None


def may_seat_at_once(session: Session, table: Roundtable, principal: Invitation, email: str) -> bool:
    """Whether the policy lets a colleague in without a person's yes, and nothing else speaks against this one."""
    if table.deputies is not Deputies.SAME_ORGANISATION or not organisations.is_colleague(session, principal, email):
        return False
    return not why_not(session, table, principal, email)


def why_not(session: Session, table: Roundtable, principal: Invitation, email: str) -> str:
    """Why this person cannot be seated in the principal's place, as a sentence; "" if they can."""
    above = handing.chain(session, principal)
    if principal.state in (State.WITHDRAWN, State.DELEGATED, State.DRAFT, State.LAPSED):
        return f"The invitation is {principal.state}."
    if len(above) > DEEPEST:
        return f"{principal.name} comes for a deputy already; a seat is not passed on any further."
    if address_key(email) in [address_key(one.email) for one in above]:
        return "The seat would pass back to somebody who has passed it on."
    if why := _not_to_be_asked(session, table, email):
        return why
    organisation = organisations.of_deputy(session, principal, email)
    full = organisations.too_many(session, table, organisation, instead_of=principal)
    return f"{full[:1].upper()}{full[1:]}." if full else ""


def _not_to_be_asked(session: Session, table: Roundtable, email: str) -> str:
    known = people.by_address(session, table.convener_id, email)
    if known is None:
        return ""
    if known.unsubscribed_at is not None:
        return f"{known.name} has asked us not to write."
    held = select(Invitation.state).where(Invitation.roundtable_id == table.id, Invitation.person_id == known.id)
    is_asked = session.exec(held).first() not in (None, State.WITHDRAWN)
    return f"{known.name} has been asked to this table already." if is_asked else ""


def seat_deputy(
    session: Session,
    invitation: Invitation,
    *,
    name: str = "",
    email: str = "",
    by: str,
    now: datetime,
    mail_id: int | None = None,
) -> Invitation:
    """
    The deputy gets an invitation of their own, the principal's entry goes with kind words; `answering.undo` takes it
    back. Raises Refusal.
    """
    roundtable = roundtables.hold(session, invitation.roundtable_id)
    as_it_stands(session, invitation)
    name, email = name or invitation.deputy_name, email or invitation.deputy_email
    if not name or not email:
        raise Refusal("A deputy needs a name and an e-mail address.", field="email")
    if why := why_not(session, roundtable, invitation, email):
        raise Refusal(why, field="email")
    before = snapshot(invitation)
    organisation = organisations.of_deputy(session, invitation, email)
    guest = Guest(name=name, email=email, organisation=organisation, seat_kind=invitation.seat_kind)
    deputy = _list(session, roundtable, guest, wave=invitation.wave, by=by, now=now)
    deputy.deputy_of_id = invitation.id
    deputy.note = f"{invitation.name} suggested that you come in their place, and we would be glad if you did."
    deputy.holds_seat = invitation.holds_seat
    words = f"{deputy.name} will come for you. Thank you for making it possible."
    handing.let_go(session, roundtable, invitation, words, now=now)
    note(session, invitation, f"{deputy.name} was seated as deputy", by=by, now=now, mail_id=mail_id, before=before)
    send_drafts(session, roundtable, [deputy], by=by, now=now)
    seat_those_waiting(session, roundtable, now=now)
    return deputy


def take_seat_back(
    session: Session, invitation: Invitation, reply: Reply, *, by: str, now: datetime, mail_id: int | None = None
) -> Outcome:
    """
    A principal comes after all: the deputy is withdrawn with thanks, and the principal's answer counts. One undo
    seats the deputy again. Raises Refusal.
    """
    roundtable = roundtables.hold(session, invitation.roundtable_id)
    as_it_stands(session, invitation)
    before = snapshot(invitation)
    seat = handing.send_home(session, roundtable, invitation, by=by, now=now)
    invitation.state, invitation.holds_seat = State.INVITED, seat
    session.flush()
    outcome = record_reply(session, invitation, reply, by=by, now=now, mail_id=mail_id)
    handing.seat_is_theirs_again(session, invitation, now=now)
    found = select(History).where(History.invitation_id == invitation.id, col(History.before).is_not(None))
    line = session.exec(found.order_by(col(History.id).desc())).first()
    if line is not None:
        line.before = before
        session.add(line)
    return outcome


def what_taking_back_means(session: Session, invitation: Invitation) -> str:
    """What a yes of a principal would do to their deputy, as a sentence; "" if nobody was seated for them."""
    deputy = handing.live_deputy(session, invitation) if invitation.state is State.DELEGATED else None
    if deputy is None:
        return ""
    said = {State.ACCEPTED: "has said yes", State.TENTATIVE: "is not sure yet", State.WAITING: "is waiting for a seat"}
    return (
        f"{deputy.name}, who {said.get(deputy.state, 'has not answered yet')}, is told with thanks and loses the seat."
    )


def thank_deputy(
    session: Session,
    invitation: Invitation,
    *,
    name: str = "",
    by: str,
    now: datetime,
    mail_id: int | None = None,
) -> None:
    """A polite no, the one that lies ready if there is one; the principal's own invitation stays as it is."""
    drafted = _drafts(session, invitation)
    if drafted:
        outbox.release(session, drafted[-1], now=now)
    else:
        write(session, _polite_no(session, invitation, name or invitation.deputy_name, mail_id, now=now), now=now)
    forget_offer(invitation)
    note(session, invitation, "a deputy was thanked and declined", by=by, now=now, mail_id=mail_id)


def draft_polite_no(session: Session, invitation: Invitation, *, name: str, mail_id: int | None, now: datetime) -> None:
    """Lays the polite no ready in the outbox, held until somebody lets it go."""
    if not _drafts(session, invitation):
        writing.put(session, _polite_no(session, invitation, name, mail_id, now=now), now=now, hold=True)


def drop_drafts(session: Session, invitation: Invitation) -> None:
    """A polite no that lies ready is not wanted any more."""
    for letter in _drafts(session, invitation):
        letter.state = LetterState.CANCELLED
        session.add(letter)


def forget_offer(invitation: Invitation) -> None:
    invitation.deputy_name = invitation.deputy_email = invitation.deputy_note = ""


def fallen_through(session: Session, convener_id: int) -> list[tuple[Invitation, Invitation]]:
    """Principals who were asked again because their deputy cannot come and have not answered since, with the deputy."""
    asked_again = select(Invitation).where(
        Invitation.convener_id == convener_id, col(Invitation.state) == State.INVITED
    )
    said_no = select(Invitation).where(
        Invitation.convener_id == convener_id,
        Invitation.state == State.DECLINED,
        col(Invitation.deputy_of_id).in_(asked_again.with_only_columns(col(Invitation.id))),
    )
    newest = {deputy.deputy_of_id: deputy for deputy in session.exec(said_no.order_by(col(Invitation.id)))}
    principals = session.exec(select(Invitation).where(col(Invitation.id).in_(newest)).order_by(col(Invitation.id)))
    return [(principal, newest[principal.id]) for principal in principals]


def _polite_no(
    session: Session, invitation: Invitation, name: str, mail_id: int | None, *, now: datetime
) -> writing.Draft:
    about = f"mail-{mail_id}" if mail_id is not None else now.strftime("%Y%m%dT%H%M%S%f")
    office, guest = stationery.of(session), whole(session, invitation)
    return further_letters.deputy_thanked(office, guest, deputy_name=name or "your colleague", about=about, now=now)


def _drafts(session: Session, invitation: Invitation) -> list[OutgoingLetter]:
    held = select(OutgoingLetter).where(
        OutgoingLetter.invitation_id == row_id(invitation),
        OutgoingLetter.kind == "deputy-declined",
        OutgoingLetter.state == LetterState.HELD,
    )
    return list(session.exec(held.order_by(col(OutgoingLetter.id))))


def _list(session: Session, roundtable: Roundtable, guest: Guest, *, wave: int, by: str, now: datetime) -> Invitation:
    """The deputy's own draft; a refusal names the deputy's field and not a place in a list."""
    try:
        [deputy] = invite(session, roundtable, [guest], wave=wave, send=False, by=by, now=now)
    except Refusals as error:
        raise Refusal(error.message, field=error.field.rpartition(".")[2]) from error
    return deputy
