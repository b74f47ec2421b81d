"""Answers: from any door into the one place where they count. Runs inside the caller's transaction."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from roundtables.errors import Refusal
from roundtables.invitation import handing, letters, rules, seat_counts, seats
from roundtables.invitation.keeping import as_it_stands, note, restore, row_id, snapshot, write
from roundtables.invitation.model import History, Invitation
from roundtables.invitation.queries import standing, whole
from roundtables.invitation.rules import Answer, Changed, Outcome, Reply, State
from roundtables.mail import stationery, writing
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import why_not_open


def record_reply(
    session: Session, invitation: Invitation, reply: Reply, *, by: str, now: datetime, mail_id: int | None = None
) -> Outcome:
    """What an answer from any door does: decided by `rules.on_reply` and `seats.seat`, then written down."""
    roundtable = roundtables.hold(session, invitation.roundtable_id)
    as_it_stands(session, invitation)
    outcome = handing.allow(session, invitation, rules.on_reply(standing(invitation, roundtable, now), reply))
    if isinstance(outcome, Changed):
        before = snapshot(invitation)
        if outcome.to is not Answer.DECLINED:
            handing.claim(session, roundtable, invitation, now=now)
        _find_seat(session, roundtable, invitation, outcome.to, reply.until, now=now)
        _take_down(invitation, reply, outcome)
        said = f"{invitation.state} by {reply.via}" + (f" ({outcome.note})" if outcome.note else "")
        note(session, invitation, said, by=by, now=now, mail_id=mail_id, before=before)
        _tell_if_waiting(session, roundtable, invitation, before, now=now)
        if outcome.to is Answer.DECLINED:
            outcome = _with(outcome, _back_to_principal(session, roundtable, invitation, before, now=now))
        if before["holds_seat"] and not invitation.holds_seat:
            seat_those_waiting(session, roundtable, now=now)
    else:
        note(session, invitation, f"{reply.answer} by {reply.via}: {outcome.why}", by=by, now=now, mail_id=mail_id)
    return outcome


def undo(
    session: Session,
    invitation: Invitation,
    *,
    by: str,
    now: datetime,
    mail_id: int | None = None,
    by_organiser: bool = False,
) -> None:
    """
    Takes the newest answer back (or the one of `mail_id`); what stood before stands again. A principal takes a seat
    back from a deputy who has said yes only with an organiser. Raises Refusal.
    """
    roundtable = roundtables.hold(session, invitation.roundtable_id)
    as_it_stands(session, invitation)
    if why := why_not_open(roundtable.status, roundtable.ends_at, now):
        raise Refusal(f"It cannot be undone any more: {why}.")
    if not by_organiser:
        handing.refuse_if_sure(session, invitation)
    line, was, held = _newest(session, invitation, mail_id), invitation.state, invitation.holds_seat
    restore(invitation, line.before or {})
    line.undone_at = now
    session.add(line)
    handing.undone(session, roundtable, invitation, was, held=held, by=by, now=now)
    _find_seat_again(session, roundtable, invitation, now=now)
    note(session, invitation, f"undone, {invitation.state} again", by=by, now=now, mail_id=mail_id)
    seat_those_waiting(session, roundtable, now=now)


def _newest(session: Session, invitation: Invitation, mail_id: int | None) -> History:
    """The newest line that can be undone. Raises Refusal if there is none, or if it is not that of `mail_id`."""
    theirs = (History.invitation_id == invitation.id, col(History.before).is_not(None))
    found = select(History).where(*theirs, col(History.undone_at).is_(None)).order_by(col(History.id).desc())
    line = session.exec(found).first()
    if line is None:
        raise Refusal("There is no answer to undo.")
    if mail_id is not None and line.mail_id != mail_id:
        raise Refusal("A newer answer has come since; undo that one first.")
    return line


def _find_seat_again(session: Session, roundtable: Roundtable, invitation: Invitation, *, now: datetime) -> None:
    """The seat of somebody whose earlier answer stands again: others may have taken it meanwhile."""
    if invitation.state is State.DELEGATED:
        return
    kept, invitation.holds_seat = invitation.holds_seat, False
    session.flush()
    if invitation.answer is not None:
        _find_seat(session, roundtable, invitation, invitation.answer, invitation.until, now=now)
    elif kept:  # promised to them until they answer
        invitation.holds_seat = seat_counts.seats_taken(session, row_id(roundtable)) < roundtable.seats


def seat_those_waiting(session: Session, roundtable: Roundtable, *, now: datetime) -> list[Invitation]:
    """Gives the seats that are free to those who wait longest, and writes to each; the caller holds the row."""
    if why_not_open(roundtable.status, roundtable.ends_at, now):
        return []
    session.flush()
    free = roundtable.seats - seat_counts.seats_taken(session, row_id(roundtable))
    if free <= 0:
        return []
    seated = []
    for invitation_id in seats.next_waiting(seat_counts.waiting(session, row_id(roundtable)), free=free):
        invitation = session.get_one(Invitation, invitation_id)
        invitation.state, invitation.holds_seat, invitation.waiting_since = State.ACCEPTED, True, None
        invitation.asked_at = now
        note(session, invitation, "seated from the waiting list", by="Roundtables", now=now)
        write(session, letters.seat_free(stationery.of(session), whole(session, invitation), now=now), now=now)
        seated.append(invitation)
    return seated


def _back_to_principal(
    session: Session, roundtable: Roundtable, deputy: Invitation, before: dict[str, Any], *, now: datetime
) -> str:
    """A deputy's no gives the seat back to whom it came from; "" for everybody who is nobody's deputy."""
    return handing.give_back(session, roundtable, deputy, kept=before["holds_seat"], now=now)


def _with(outcome: Changed, said: str) -> Changed:
    return replace(outcome, note="; ".join(filter(None, [outcome.note, said])))


def _take_down(invitation: Invitation, reply: Reply, outcome: Changed) -> None:
    invitation.answer = outcome.to
    invitation.until = reply.until if outcome.to is Answer.TENTATIVE else None
    invitation.comment = reply.comment
    invitation.answered_at, invitation.answered_via = reply.received_at, reply.via
    invitation.reply_sequence, invitation.reply_stamp = outcome.sequence, outcome.stamp
    invitation.provisional = outcome.provisional
    invitation.deputy_name = invitation.deputy_email = ""
    invitation.bounced_at, invitation.bounce = None, ""


def _find_seat(
    session: Session,
    roundtable: Roundtable,
    invitation: Invitation,
    answer: Answer,
    until: date | None,
    *,
    now: datetime,
) -> None:
    """Counts the seats as they stand, then gives or takes this one."""
    taken = seat_counts.seats_taken(session, row_id(roundtable))
    found = seats.seat(
        answer, seats=roundtable.seats, taken=taken, held=invitation.holds_seat, by_a_date=until is not None
    )
    invitation.state, invitation.holds_seat = found.state, found.holds_seat
    if found.state is not State.WAITING:
        invitation.waiting_since = None
    elif invitation.waiting_since is None:
        invitation.waiting_since = now


def _tell_if_waiting(
    session: Session, roundtable: Roundtable, invitation: Invitation, before: dict[str, Any], *, now: datetime
) -> None:
    if invitation.state is not State.WAITING or before["state"] is State.WAITING:
        return
    order = seats.next_waiting(seat_counts.waiting(session, row_id(roundtable)), free=roundtable.seats + 10_000)
    position = order.index(row_id(invitation)) + 1
    draft = letters.waiting(stationery.of(session), whole(session, invitation), position=position, now=now)
    writing.put(session, draft, now=now)
