"""A calendar answer that was read, into the one action that records it."""

from datetime import datetime

from sqlmodel import Session

from roundtables.calendar.answers import CalendarAnswer
from roundtables.invitation import refreshing, rules
from roundtables.invitation.answering import record_reply
from roundtables.invitation.arrival import Arrival
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Ignored, NeedsHuman, Outcome, Reply, Via
from roundtables.invitation.verdict import Answered
from roundtables.person import actions as people
from roundtables.person.model import Person


def record(session: Session, arrival: Arrival, verdict: Answered, of: Invitation | None = None) -> Outcome:
    """
    Applies an answer of this invitee (or of another invitation, `of`) if the rules let it; learns their address. What
    was out of date is followed by the newest version, once.
    """
    invitation = of or arrival.invitation
    reply = reply_of(arrival, verdict.answer, verdict.source, provisional=bool(verdict.provisional))
    by = arrival.mail.from_address or invitation.email
    outcome = record_reply(session, invitation, reply, by=by, now=arrival.now, mail_id=arrival.row.id)
    if verdict.alias:
        people.learn_address(session, session.get_one(Person, invitation.person_id), verdict.alias)
    follow_up(session, invitation, outcome, verdict.answer, now=arrival.now)
    return outcome


def follow_up(
    session: Session, invitation: Invitation, outcome: Outcome, answer: Answer | None, *, now: datetime
) -> None:
    """The newest version to whose calendar shows an old one."""
    if isinstance(outcome, NeedsHuman) and outcome.why == rules.OLD_DATE:
        refreshing.ask_about_the_new_date(session, invitation, now=now)
    if isinstance(outcome, Ignored) and outcome.why == rules.AFTER_CANCELLATION:
        refreshing.cancel_once_more(session, invitation, answer, now=now)


def reply_of(arrival: Arrival, answer: Answer, source: CalendarAnswer, *, provisional: bool = False) -> Reply:
    """What a calendar object says, as the rules read it."""
    return Reply(
        answer=answer,
        received_at=arrival.row.received_at,
        via=Via.CALENDAR,
        sequence=source.sequence,
        stamp=source.stamp,
        starts_at=source.starts_at if source.method != "COUNTER" else None,  # there it is the time they propose
        comment=source.comment,
        provisional=provisional,
    )
