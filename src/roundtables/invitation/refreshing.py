"""
The newest version once more: to a calendar that asks for it, to one that answered an old date or a cancelled table.

It goes to the address that was invited, whoever asked (RFC 5546 §6.2.2), and seldom: once an hour, five times a day.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from roundtables.calendar import itip
from roundtables.invitation import letters
from roundtables.invitation.arrival import Arrival, Settled
from roundtables.invitation.keeping import row_id, write
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import Whole, whole
from roundtables.invitation.rules import Answer, State
from roundtables.invitation.wording import Words, draft, short_day, when_words
from roundtables.mail import stationery
from roundtables.mail.inbox import Outcome
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.mail.writing import Draft
from roundtables.roundtable.rules import Status, why_not_open

AN_HOUR = 1
A_DAY = 5
ASKED = (State.INVITED, State.ACCEPTED, State.TENTATIVE, State.WAITING, State.DECLINED)
TAKEN_BACK = (State.WITHDRAWN, State.DELEGATED)


def settle(session: Session, arrival: Arrival) -> Settled:
    """Answers a REFRESH; nobody's answer is touched."""
    invitation = arrival.invitation
    everything = whole(session, invitation)
    about = f"invitation:{row_id(invitation)}:refresh:"
    if _sent(session, about, arrival.now - timedelta(hours=1)) >= AN_HOUR:
        return Settled(Outcome.IGNORED, "it asks for the newest version, which was sent within the hour")
    if _sent(session, about, arrival.now - timedelta(days=1)) >= A_DAY:
        return Settled(Outcome.IGNORED, "it asks for the newest version, which was sent often enough today")
    newest = _newest(session, everything, now=arrival.now)
    if newest is None:
        return Settled(Outcome.IGNORED, "it asks for the newest version, and there is none to send")
    _send(session, invitation, replace(newest, about=f"{about}{arrival.row.id}"), now=arrival.now)
    return Settled(Outcome.IGNORED, "it asked for the newest version, which was sent again")


def ask_about_the_new_date(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """The newest REQUEST to somebody who answered an earlier date, once for each date."""
    if invitation.state in ASKED:
        everything = whole(session, invitation)
        about = f"invitation:{row_id(invitation)}:old-date:{everything.roundtable.reset_sequence}"
        if not _exists(session, about):
            words = ["Your calendar has answered an earlier date. May we ask you about the new one?"]
            _send(session, invitation, replace(_request(session, everything, words, now=now), about=about), now=now)


def cancel_once_more(session: Session, invitation: Invitation, answer: Answer | None, *, now: datetime) -> None:
    """The CANCEL to somebody who still believes in it, if the first one never left."""
    everything = whole(session, invitation)
    about = f"invitation:{row_id(invitation)}:cancel-again:{everything.roundtable.sequence}"
    if answer is Answer.DECLINED or invitation.state is State.DRAFT or _was_told(session, everything):
        return
    if not _exists(session, about):
        again = letters.called_off(stationery.of(session), everything, now=now)
        write(session, replace(again, about=about), now=now)


def _newest(session: Session, everything: Whole, *, now: datetime) -> Draft | None:
    table, guest = everything.roundtable, everything.invitation
    if guest.asked_at is None:
        return None
    if table.status is Status.CANCELLED:
        return letters.called_off(stationery.of(session), everything, now=now)
    if guest.state in TAKEN_BACK:
        return letters.taken_back(stationery.of(session), everything, now=now)
    if why_not_open(table.status, table.ends_at, now) or guest.state not in ASKED:
        return None
    return _request(session, everything, ["Your calendar asked for the newest version, and here it is."], now=now)


def _request(session: Session, everything: Whole, paragraphs: list[str], *, now: datetime) -> Draft:
    table = everything.roundtable
    words = Words(
        kind="invitation",
        subject=f"As it stands: {table.title}, {short_day(table)}",
        preheader=f"{when_words(table)}.",
        paragraphs=paragraphs,
        asks=everything.invitation.answer is None,
    )
    return draft(stationery.of(session), everything, words, "", now, itip.request)


def _send(session: Session, invitation: Invitation, newest: Draft, *, now: datetime) -> None:
    if newest.calendar_method == "REQUEST":
        invitation.asked_at = now
        session.add(invitation)
    write(session, newest, now=now)


def _sent(session: Session, about: str, since: datetime) -> int:
    theirs = (col(OutgoingLetter.about).startswith(about, autoescape=True), col(OutgoingLetter.created_at) > since)
    return session.exec(select(func.count()).select_from(OutgoingLetter).where(*theirs)).one()


def _exists(session: Session, about: str) -> bool:
    return session.exec(select(OutgoingLetter.id).where(OutgoingLetter.about == about)).first() is not None


def _was_told(session: Session, everything: Whole) -> bool:
    """Whether a cancellation of this version left, or is about to."""
    gone = [LetterState.FAILED, LetterState.CANCELLED]
    told = select(OutgoingLetter.id).where(
        OutgoingLetter.invitation_id == everything.invitation.id,
        col(OutgoingLetter.kind).in_(["cancellation", "withdrawal"]),
        col(OutgoingLetter.sequence) >= everything.roundtable.sequence,
        col(OutgoingLetter.state).not_in(gone),
    )
    return session.exec(told.limit(1)).first() is not None
