"""
Which mail is an RSVP, and whose: from a mail that was kept to the one action that counts.

    bounce -> the person's address      calendar reply -> its answer      a machine's mail -> nothing
    words  -> an answer if they are plain, else a person decides
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from roundtables.calendar import answers
from roundtables.calendar.addresses import canonical_address
from roundtables.errors import Unreadable
from roundtables.invitation import letters, resolving
from roundtables.invitation.answering import record_reply
from roundtables.invitation.keeping import note, write
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import whole
from roundtables.invitation.resolving import Found
from roundtables.invitation.rules import Answer, Changed, Ignored, NeedsHuman, Reply, State, Via
from roundtables.invitation.rules import Outcome as RuleOutcome
from roundtables.invitation.verdict import Known, Object, on_objects
from roundtables.mail import cutting, inbox, message, stationery, words
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.mail.message import ReceivedMail
from roundtables.mail.outbox import OutgoingLetter
from roundtables.mail.words import Says
from roundtables.person import actions as people
from roundtables.person.model import Person

SAID = {Says.ACCEPTED: Answer.ACCEPTED, Says.DECLINED: Answer.DECLINED, Says.TENTATIVE: Answer.TENTATIVE}
OPPOSITE = {Answer.ACCEPTED: Says.DECLINED, Answer.DECLINED: Says.ACCEPTED}


@dataclass(frozen=True, slots=True)
class Settled:
    """How a mail ends: outcome, reason, the sentence that decided, and what a person might do."""

    outcome: Outcome
    reason: str
    decides: str = ""
    suggestion: dict[str, str] | None = None


def handle(session: Session, row: IncomingMail, *, now: datetime, trusted: str | None = None) -> Settled:
    """Reads one kept mail and does what it asks, in the caller's transaction. Raises Unreadable."""
    mail = message.read(
        row.raw, envelope_from=row.envelope_from, envelope_to=row.envelope_to, trusted_authserv_id=trusted
    )
    objects, unreadable = _objects(mail)
    uids = tuple({o.answer.uid for o in objects if o.answer.uid})
    found = resolving.resolve(session, mail, uids, stationery.of(session))
    twin = inbox.twin(session, row, mail.fingerprint, found.invitation.id if found.invitation else None)
    row.sender, row.subject, row.fingerprint = mail.from_address, mail.subject[:500], mail.fingerprint
    if found.invitation is not None:
        row.invitation_id, row.convener_id = found.invitation.id, found.invitation.convener_id
    if twin is not None:
        return Settled(Outcome.IGNORED, f"the same mail came before, as number {twin.id}")
    return _settle(session, row, mail, found, objects, unreadable, now=now)


def _settle(
    session: Session,
    row: IncomingMail,
    mail: ReceivedMail,
    found: Found,
    objects: list[Object],
    unreadable: str,
    *,
    now: datetime,
) -> Settled:
    if found.bounced or mail.bounce:
        return _bounce(session, mail, found, now=now)
    if found.invitation is None:
        return _nobodys(mail)
    if objects:
        return _calendar(session, row, mail, found, found.invitation, objects, now=now)
    if mail.automatic:
        return Settled(Outcome.IGNORED, f"a machine wrote it: {mail.automatic}")
    if unreadable:
        return Settled(Outcome.NEEDS_HUMAN, f"its calendar part cannot be read: {unreadable}")
    return _worded(session, row, mail, found, found.invitation, now=now)


def _objects(mail: ReceivedMail) -> tuple[list[Object], str]:
    """All calendar answers in the mail; the reason if a part could not be read."""
    found: list[Object] = []
    unreadable = ""
    for part in mail.calendars:
        try:
            found += [Object(answer, part.method) for answer in answers.read(part.data, charset=part.charset)]
        except Unreadable as error:
            unreadable = str(error)
    return found, unreadable


def _bounce(session: Session, mail: ReceivedMail, found: Found, *, now: datetime) -> Settled:
    if found.invitation is None:
        return Settled(Outcome.IGNORED, "a letter came back, and it names none of ours")
    if not mail.bounce:
        return Settled(Outcome.IGNORED, f"an automatic answer to a letter: {mail.automatic or 'not a failure'}")
    found.invitation.bounced_at = now
    note(session, found.invitation, "a letter came back undelivered", by=mail.from_address or "a mail server", now=now)
    return Settled(Outcome.IGNORED, "a letter came back undelivered; the address is marked, the answer is untouched")


def _nobodys(mail: ReceivedMail) -> Settled:
    if mail.automatic:
        return Settled(Outcome.IGNORED, f"a machine wrote it: {mail.automatic}")
    if mail.calendars:
        return Settled(Outcome.NEEDS_HUMAN, "a calendar reply of somebody who was not invited under this address")
    return Settled(Outcome.IGNORED, "it answers no invitation of ours")


def _calendar(
    session: Session,
    row: IncomingMail,
    mail: ReceivedMail,
    found: Found,
    invitation: Invitation,
    objects: list[Object],
    *,
    now: datetime,
) -> Settled:
    own, sender = canonical_address(invitation.email), canonical_address(mail.from_address)
    named = {canonical_address(o.answer.attendee) for o in objects} | {sender}
    theirs = frozenset({own}) if named == {own} else resolving.addresses(session, invitation)
    known = Known(invitation.uid, own, theirs, invitation.name, found.by_token)
    verdict = on_objects(objects, known, sender=sender, sender_name=mail.from_name, proven=resolving.is_proven(mail))
    if isinstance(verdict, NeedsHuman):
        return _for_a_person(verdict)
    if isinstance(verdict, Ignored):
        return Settled(Outcome.IGNORED, verdict.why)
    if verdict.alias and resolving.is_disproven(mail):
        return _for_a_person(NeedsHuman("our mail server found the sender forged", verdict.answer))
    if _contradicted(session, mail, found, verdict.answer):
        return _for_a_person(NeedsHuman("the words beside it say the opposite", verdict.answer))
    source = verdict.source
    reply = Reply(
        answer=verdict.answer,
        received_at=row.received_at,
        via=Via.CALENDAR,
        sequence=source.sequence,
        stamp=source.stamp,
        starts_at=source.starts_at,
        comment=source.comment,
    )
    outcome = record_reply(
        session, invitation, reply, by=mail.from_address or invitation.email, now=now, mail_id=row.id
    )
    if verdict.alias:
        people.learn_address(session, session.get_one(Person, invitation.person_id), verdict.alias)
    said = f"calendar reply: {verdict.answer}"
    return _ended(outcome, "; ".join([said, *verdict.notes]), decides=source.comment)


def _contradicted(session: Session, mail: ReceivedMail, found: Found, answer: Answer) -> bool:
    if not mail.text.strip() or answer not in OPPOSITE:
        return False
    reading = words.read(cutting.answer_text(mail.text, _sent_lines(found.letter)), subject=mail.subject)
    return reading.certain and reading.says is OPPOSITE[answer]


def _worded(
    session: Session, row: IncomingMail, mail: ReceivedMail, found: Found, invitation: Invitation, *, now: datetime
) -> Settled:
    text = cutting.unsigned(cutting.answer_text(mail.text, _sent_lines(found.letter)), invitation.name)
    reading = words.read(text, subject=mail.subject)
    answer = SAID.get(reading.says)
    doubt = _doubt(session, mail, found, invitation)
    if answer is None or not reading.certain or doubt:
        return Settled(
            Outcome.NEEDS_HUMAN,
            doubt or reading.why,
            decides=reading.sentence,
            suggestion={"answer": answer, "says": reading.says} if answer else {"says": reading.says},
        )
    reply = Reply(answer, received_at=row.received_at, via=Via.MAIL, stamp=mail.date, comment=reading.sentence)
    outcome = record_reply(session, invitation, reply, by=mail.from_address, now=now, mail_id=row.id)
    if isinstance(outcome, Changed):
        _confirm(session, row, invitation, reading.sentence, now=now)
    return _ended(outcome, f"in their words: {answer}", decides=reading.sentence)


def _doubt(session: Session, mail: ReceivedMail, found: Found, invitation: Invitation) -> str:
    """Why words are not applied unseen, however plain they are; "" if nothing speaks against it."""
    if not resolving.is_theirs(session, invitation, mail.from_address):
        return f"{mail.from_name or mail.from_address or 'Somebody'} answers, not {invitation.name}"
    if resolving.is_disproven(mail):
        return "our mail server found the sender forged"
    if not found.by_token and found.letter is None:
        return "it answers no letter of ours"
    return ""


def _confirm(session: Session, row: IncomingMail, invitation: Invitation, sentence: str, *, now: datetime) -> None:
    """The short word of what we understood; somebody put on the waiting list has just been told."""
    assert row.id is not None
    if invitation.state is not State.WAITING:
        office = stationery.of(session)
        write(
            session,
            letters.understood(office, whole(session, invitation), sentence=sentence, mail_id=row.id, now=now),
            now=now,
        )


def _sent_lines(letter: OutgoingLetter | None) -> list[str]:
    """The lines of the letter that is being answered: they come back quoted, and are not theirs."""
    return message.read(letter.raw).text.splitlines() if letter is not None else []


def _for_a_person(verdict: NeedsHuman) -> Settled:
    suggestion = {"answer": str(verdict.suggestion)} if verdict.suggestion else None
    return Settled(Outcome.NEEDS_HUMAN, verdict.why, suggestion=suggestion)


def _ended(outcome: RuleOutcome, said: str, *, decides: str) -> Settled:
    if isinstance(outcome, Changed):
        return Settled(Outcome.APPLIED, f"{said}; {outcome.note}" if outcome.note else said, decides=decides)
    if isinstance(outcome, Ignored):
        return Settled(Outcome.IGNORED, f"{said}; {outcome.why}", decides=decides)
    settled = _for_a_person(outcome)
    return Settled(settled.outcome, f"{said}; {settled.reason}", decides=decides, suggestion=settled.suggestion)
