"""What a change to the whole table means for everybody asked. Runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from roundtables.errors import Refusal
from roundtables.invitation import letters, queries, seat_counts
from roundtables.invitation.answering import seat_those_waiting
from roundtables.invitation.keeping import forget_undo, new_uid, note, row_id, write
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import whole
from roundtables.invitation.rules import Answer, State
from roundtables.invitation.wording import when_words
from roundtables.mail import outbox, stationery
from roundtables.person import queries as people
from roundtables.roundtable import actions as planning
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.actions import Plan
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Status, Writes, why_not_cancellable, why_not_open
from roundtables.web.filters import count_words, plural

HAVE_IT_IN_THEIR_CALENDAR = (State.INVITED, State.ACCEPTED, State.TENTATIVE, State.WAITING)


@dataclass(frozen=True, slots=True)
class Change:
    """What a change did: whether it asked again or told, and how many letters it put in the outbox."""

    writes: Writes
    letters: int


def change(
    session: Session, roundtable: Roundtable, plan: Plan, *, by: str, now: datetime, ask_decliners: bool = True
) -> Change:
    """Writes a changed plan down and to everybody it concerns. Raises Refusal."""
    roundtable = roundtables.hold(session, row_id(roundtable))
    why, old_when = why_not_open(roundtable.status, roundtable.ends_at, now), when_words(roundtable)
    writes = planning.rewrite(session, roundtable, plan, now=now)
    if why and writes is not Writes.NOTHING:
        raise Refusal(f"Its time and place cannot be changed: {why}.")
    session.flush()
    taken = seat_counts.seats_taken(session, row_id(roundtable))
    if taken > roundtable.seats:
        words = f"{count_words(taken).capitalize()} {plural(taken, 'seat is', 'seats are')} taken"
        raise Refusal(f"{words}; withdraw somebody before there are fewer.", field="seats")
    concerned = _concerned(session, roundtable, ask_decliners=ask_decliners and writes is Writes.ASKS_AGAIN)
    if writes is Writes.ASKS_AGAIN:
        for invitation in concerned:
            _ask_again(session, invitation, old_when=old_when, by=by, now=now)
    elif writes is Writes.TELLS:
        for invitation in concerned:
            invitation.asked_at = now
            write(session, letters.new_place(stationery.of(session), whole(session, invitation), now=now), now=now)
    seat_those_waiting(session, roundtable, now=now)
    return Change(writes, len(concerned) if writes is not Writes.NOTHING else 0)


def cancel(session: Session, roundtable: Roundtable, *, by: str, now: datetime) -> int:
    """Calls the table off: a CANCEL to all who have it in their calendar. Answers how many letters. Raises Refusal."""
    roundtable = roundtables.hold(session, row_id(roundtable))
    if why := why_not_cancellable(roundtable.status):
        raise Refusal(why)
    everybody = queries.of_roundtable(session, row_id(roundtable))
    outbox.cancel_unsent(session, invitation_ids=[row_id(i) for i in everybody])
    roundtable.status, roundtable.changed_at = Status.CANCELLED, now
    roundtable.sequence += 1
    session.add(roundtable)
    session.flush()
    told = [i for i in everybody if i.state in HAVE_IT_IN_THEIR_CALENDAR]
    for invitation in told:
        write(session, letters.called_off(stationery.of(session), whole(session, invitation), now=now), now=now)
        note(session, invitation, "the table was cancelled", by=by, now=now)
    return len(told)


def close(
    session: Session, roundtable: Roundtable, *, by: str, now: datetime, came_in_public: int | None = None
) -> None:
    """
    Ends a table: nobody is asked or can answer any more, unanswered invitations lapse. Raises Refusal.

    `came_in_public` releases the number of those who came; without it the public learns no number.
    """
    roundtable = roundtables.hold(session, row_id(roundtable))
    if roundtable.status in (Status.CANCELLED, Status.CLOSED):
        raise Refusal(f"The roundtable is already {roundtable.status}.")
    if came_in_public is not None and not 0 <= came_in_public <= roundtable.seats:
        raise Refusal(f"Between 0 and {roundtable.seats} can have come.", field="came_in_public")
    for invitation in queries.of_roundtable(session, row_id(roundtable)):
        if invitation.state in (State.DRAFT, State.INVITED, State.WAITING, State.TENTATIVE):
            _lapse(session, invitation, by=by, now=now)
    roundtable.status, roundtable.closed_at, roundtable.changed_at = Status.CLOSED, now, now
    roundtable.came_in_public = came_in_public
    session.add(roundtable)
    session.flush()


def _concerned(session: Session, roundtable: Roundtable, *, ask_decliners: bool) -> Sequence[Invitation]:
    """An update goes only to those it concerns; a letter still held is written anew when it leaves."""
    states = (*HAVE_IT_IN_THEIR_CALENDAR, *((State.DECLINED,) if ask_decliners else ()))
    unanswered = (State.INVITED, State.DECLINED)  # to somebody who wants no more letters nothing is owed then
    found = [i for i in queries.of_roundtable(session, row_id(roundtable)) if i.state in states]
    gone = people.unsubscribed(session, [i.person_id for i in found])
    return [i for i in found if not (i.person_id in gone and i.state in unanswered)]


def _ask_again(session: Session, invitation: Invitation, *, old_when: str, by: str, now: datetime) -> None:
    was = invitation.state
    forget_undo(session, invitation, now=now)
    if invitation.answer is Answer.DECLINED:
        invitation.uid = new_uid()  # Google keeps showing a declined event as cancelled under its old UID
    invitation.earlier_answer = invitation.answer or invitation.earlier_answer
    invitation.state, invitation.answer, invitation.until = State.INVITED, None, None
    invitation.reply_sequence = invitation.reply_stamp = None
    invitation.asked_at = now
    note(session, invitation, f"asked about a new date, was {was}", by=by, now=now)
    draft = letters.new_date(stationery.of(session), whole(session, invitation), old_when=old_when, now=now)
    write(session, draft, now=now)


def _lapse(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    outbox.cancel_unsent(session, invitation_ids=[row_id(invitation)])
    invitation.state, invitation.holds_seat = State.LAPSED, False
    note(session, invitation, "lapsed when the table closed", by=by, now=now)
