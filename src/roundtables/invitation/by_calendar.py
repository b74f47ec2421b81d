"""A calendar program's answer: whose it is and whether it counts, then the one action that records it."""

from sqlmodel import Session

from roundtables.calendar.addresses import canonical_address
from roundtables.invitation import resolving
from roundtables.invitation.answering import record_reply
from roundtables.invitation.arrival import Arrival, Settled, ended, for_a_person
from roundtables.invitation.by_words import sent_lines
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Ignored, NeedsHuman, Reply, Via
from roundtables.invitation.verdict import Answered, Known, Verdict, on_objects
from roundtables.mail import cutting, words
from roundtables.mail.inbox import Outcome
from roundtables.mail.words import Says
from roundtables.person import actions as people
from roundtables.person.model import Person

OPPOSITE = {Answer.ACCEPTED: Says.DECLINED, Answer.DECLINED: Says.ACCEPTED}


def settle(session: Session, arrival: Arrival) -> Settled:
    """Applies a calendar answer, or says why not."""
    verdict = _verdict(session, arrival, arrival.invitation)
    if isinstance(verdict, NeedsHuman):
        return for_a_person(verdict)
    if isinstance(verdict, Ignored):
        return Settled(Outcome.IGNORED, verdict.why)
    if verdict.alias and resolving.is_disproven(arrival.mail):
        return for_a_person(NeedsHuman("our mail server found the sender forged", verdict.answer))
    if _contradicted(arrival, verdict.answer):
        return for_a_person(NeedsHuman("the words beside it say the opposite", verdict.answer))
    return _record(session, arrival, verdict)


def _verdict(session: Session, arrival: Arrival, invitation: Invitation) -> Verdict:
    own, sender = canonical_address(invitation.email), canonical_address(arrival.mail.from_address)
    named = {canonical_address(o.answer.attendee) for o in arrival.objects} | {sender}
    theirs = frozenset({own}) if named == {own} else resolving.addresses(session, invitation)
    known = Known(invitation.uid, own, theirs, invitation.name, arrival.found.by_token)
    proven = resolving.is_proven(arrival.mail)
    return on_objects(arrival.objects, known, sender=sender, sender_name=arrival.mail.from_name, proven=proven)


def _contradicted(arrival: Arrival, answer: Answer) -> bool:
    mail = arrival.mail
    if not mail.text.strip() or answer not in OPPOSITE:
        return False
    reading = words.read(cutting.answer_text(mail.text, sent_lines(arrival.found.letter)), subject=mail.subject)
    return reading.certain and reading.says is OPPOSITE[answer]


def _record(session: Session, arrival: Arrival, verdict: Answered) -> Settled:
    invitation, source = arrival.invitation, verdict.source
    reply = Reply(
        answer=verdict.answer,
        received_at=arrival.row.received_at,
        via=Via.CALENDAR,
        sequence=source.sequence,
        stamp=source.stamp,
        starts_at=source.starts_at,
        comment=source.comment,
    )
    by = arrival.mail.from_address or invitation.email
    outcome = record_reply(session, invitation, reply, by=by, now=arrival.now, mail_id=arrival.row.id)
    if verdict.alias:
        people.learn_address(session, session.get_one(Person, invitation.person_id), verdict.alias)
    said = f"calendar reply: {verdict.answer}"
    return ended(outcome, "; ".join([said, *verdict.notes]), decides=source.comment)
