"""
How one seat passes between a principal and a deputy. Runs inside the caller's transaction, the table's row held.

    the deputy is seated          principal -> DELEGATED, their calendar entry goes with kind words
    the deputy says no            principal -> INVITED, asked once more, the seat kept for them (RFC 5546 §4.2.5)
    the deputy comes after all    principal -> DELEGATED again, as long as they have not answered meanwhile
    the principal comes after all deputy -> WITHDRAWN with thanks; the principal gets a fresh entry
"""

from datetime import datetime

from sqlmodel import Session, col, select

from roundtables.errors import Refusal
from roundtables.invitation import further_letters, letters, unsubscribing
from roundtables.invitation.keeping import forget_undo, new_identity, new_uid, note, row_id, write
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import whole
from roundtables.invitation.rules import Answer, Changed, NeedsHuman, Outcome, State
from roundtables.mail import outbox, stationery
from roundtables.roundtable.model import Roundtable

GONE = (State.DECLINED, State.WITHDRAWN, State.LAPSED)
OURS = "Roundtables"


def principal_of(session: Session, deputy: Invitation) -> Invitation | None:
    """In whose place somebody comes."""
    return session.get(Invitation, deputy.deputy_of_id) if deputy.deputy_of_id is not None else None


def chain(session: Session, invitation: Invitation) -> list[Invitation]:
    """Somebody, in whose place they come, in whose place that one came, and so on; four at most."""
    found = [invitation]
    while len(found) < 4 and (above := principal_of(session, found[-1])) is not None:
        found.append(above)
    return found


def live_deputy(session: Session, principal: Invitation) -> Invitation | None:
    """Who comes, or was asked to come, in somebody's place: the newest who has not said no."""
    found = select(Invitation).where(
        Invitation.deputy_of_id == principal.id, col(Invitation.state).not_in([*GONE, State.DRAFT])
    )
    return session.exec(found.order_by(col(Invitation.id).desc())).first()


def allow(session: Session, deputy: Invitation, outcome: Outcome) -> Outcome:
    """A seat that somebody else has answered for by now is no longer a deputy's to take."""
    if deputy.deputy_of_id is None or not isinstance(outcome, Changed) or outcome.to is Answer.DECLINED:
        return outcome
    why = _taken_by(session, deputy)
    return NeedsHuman(why, outcome.to) if why else outcome


def claim(session: Session, roundtable: Roundtable, deputy: Invitation, *, now: datetime) -> None:
    """A deputy who had said no comes after all; the principal, asked once more meanwhile, is let go again."""
    principal = principal_of(session, deputy)
    if principal is None or principal.state is not State.INVITED:
        return
    deputy.holds_seat, principal.holds_seat = deputy.holds_seat or principal.holds_seat, False
    words = f"{deputy.name} can come for you after all. Thank you both."
    let_go(session, roundtable, principal, words, now=now)
    note(session, principal, f"{deputy.name} comes as deputy after all", by=OURS, now=now)


def give_back(session: Session, roundtable: Roundtable, deputy: Invitation, *, kept: bool, now: datetime) -> str:
    """
    A deputy cannot come: the principal is asked once more, and the seat is kept for them if it was `kept` for the
    deputy. Answers what was done in a few words, "" if nothing.
    """
    principal = principal_of(session, deputy)
    if principal is None or principal.state is not State.DELEGATED or live_deputy(session, principal) is not None:
        return ""
    forget_undo(session, principal, now=now)
    principal.state, principal.holds_seat = State.INVITED, kept
    principal.answer = principal.until = principal.reply_sequence = principal.reply_stamp = None
    words = [
        f"{deputy.name} cannot come after all, so your own place at the table is yours again if you would like it."
    ]
    words += ["Somebody else may come for you as well: just tell us who."]
    _ask_anew(session, principal, words, asks=True, now=now)
    note(session, principal, f"{deputy.name} cannot come, asked once more", by=OURS, now=now)
    return f"{principal.name} was asked again"


def let_go(session: Session, roundtable: Roundtable, principal: Invitation, words: str, *, now: datetime) -> None:
    """A principal's calendar entry goes with kind words, and they count as having sent a deputy."""
    outbox.cancel_unsent(session, invitation_ids=[row_id(principal)])
    principal.state, principal.holds_seat, principal.waiting_since = State.DELEGATED, False, None
    principal.deputy_name = principal.deputy_email = principal.deputy_note = ""
    _take_back(session, roundtable, principal, words, undo=True, now=now)


def send_home(session: Session, roundtable: Roundtable, principal: Invitation, *, by: str, now: datetime) -> bool:
    """
    Withdraws the deputy with thanks; answers whether a seat came free with that. Raises Refusal where the deputy has
    sent somebody in turn.
    """
    deputy = live_deputy(session, principal)
    if deputy is None:
        return False
    if deputy.state is State.DELEGATED:
        raise Refusal(f"{deputy.name} has sent somebody in turn; undo that first.")
    had, deputy.holds_seat = deputy.holds_seat, False
    outbox.cancel_unsent(session, invitation_ids=[row_id(deputy)])
    deputy.state, deputy.waiting_since = State.WITHDRAWN, None
    words = f"{principal.name} can come after all. Thank you for having been ready to step in."
    _take_back(session, roundtable, deputy, words, now=now)
    note(session, deputy, f"withdrawn, {principal.name} comes", by=by, now=now)
    return had


def seat_is_theirs_again(session: Session, principal: Invitation, *, now: datetime) -> None:
    """A principal who was let go gets an entry of their own again, with the answer that stands."""
    _ask_anew(session, principal, ["Your place at the table is yours again."], asks=False, now=now)


def undone(
    session: Session, roundtable: Roundtable, invitation: Invitation, was: State, *, held: bool, by: str, now: datetime
) -> None:
    """What an undo means for the other one; `was` is the state that has just been undone, `held` if with a seat."""
    if was is State.DELEGATED and invitation.state is not State.DELEGATED:
        send_home(session, roundtable, invitation, by=by, now=now)
        seat_is_theirs_again(session, invitation, now=now)
    elif invitation.state is State.DELEGATED and was is not State.DELEGATED:
        _seat_again(session, roundtable, invitation, held=held, by=by, now=now)
    elif invitation.deputy_of_id is not None and invitation.state not in GONE:
        if why := _taken_by(session, invitation):
            raise Refusal(f"It cannot be undone: {why}.")
        claim(session, roundtable, invitation, now=now)
    else:
        give_back(session, roundtable, invitation, kept=held, now=now)


def refuse_if_sure(session: Session, principal: Invitation) -> None:
    """A principal cannot take a seat back on their own from a deputy who has said yes. Raises Refusal."""
    deputy = live_deputy(session, principal) if principal.state is State.DELEGATED else None
    if deputy is not None and deputy.state in (State.ACCEPTED, State.WAITING, State.DELEGATED):
        raise Refusal(f"{deputy.name} has said yes by now. Please reply to our letter, and we will see to it.")


def _taken_by(session: Session, deputy: Invitation) -> str:
    """Who has answered for this deputy's seat since, in words; "" if nobody has."""
    principal = principal_of(session, deputy)
    if principal is None:
        return ""
    if principal.state in (State.ACCEPTED, State.TENTATIVE, State.WAITING):
        return f"{principal.name} has answered for this seat since"
    other = live_deputy(session, principal)
    return f"{other.name} comes for {principal.name} by now" if other is not None and other.id != deputy.id else ""


def _seat_again(
    session: Session, roundtable: Roundtable, principal: Invitation, *, held: bool, by: str, now: datetime
) -> None:
    """The deputy who was sent home last is asked afresh, and the principal let go once more."""
    found = select(Invitation).where(Invitation.deputy_of_id == principal.id, Invitation.state == State.WITHDRAWN)
    deputy = session.exec(found.order_by(col(Invitation.id).desc())).first()
    if deputy is None:
        raise Refusal("There is no deputy any more who could come.")
    new_identity(session, deputy, new_uid())
    deputy.state, deputy.holds_seat, deputy.asked_at = State.INVITED, held, now
    deputy.answer = deputy.until = deputy.reply_sequence = deputy.reply_stamp = None
    session.flush()
    let_go(session, roundtable, principal, f"{deputy.name} will come for you after all. Thank you both.", now=now)
    draft = letters.invitation(stationery.of(session), whole(session, deputy), now=now)
    write(session, unsubscribing.bulk(session, deputy, draft), now=now)
    note(session, deputy, "asked again as deputy", by=by, now=now)


def _ask_anew(session: Session, invitation: Invitation, words: list[str], *, asks: bool, now: datetime) -> None:
    """A fresh calendar name: some calendars keep showing what was cancelled under the old one."""
    invitation.uid, invitation.asked_at = new_uid(), now
    session.add(invitation)
    session.flush()
    draft = further_letters.yours_again(stationery.of(session), whole(session, invitation), words, asks=asks, now=now)
    write(session, draft, now=now)


def _take_back(
    session: Session, roundtable: Roundtable, invitation: Invitation, words: str, *, undo: bool = False, now: datetime
) -> None:
    roundtable.sequence += 1  # each CANCEL counts the version up; reset_sequence stays (docs/mail.md)
    session.add_all([roundtable, invitation])
    session.flush()
    office = stationery.of(session)
    write(session, letters.taken_back(office, whole(session, invitation), now=now, because=words, undo=undo), now=now)
