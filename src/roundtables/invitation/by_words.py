"""A sentence of plain mail: an answer if the words are plain and theirs, else a person decides."""

from sqlmodel import Session

from roundtables.invitation import letters, resolving
from roundtables.invitation.answering import record_reply
from roundtables.invitation.arrival import Arrival, Settled, Suggestion, ended
from roundtables.invitation.keeping import write
from roundtables.invitation.queries import whole
from roundtables.invitation.rules import Answer, Changed, Reply, State, Via
from roundtables.mail import cutting, message, stationery, words
from roundtables.mail.inbox import Outcome
from roundtables.mail.outbox import OutgoingLetter
from roundtables.mail.words import Says

SAID = {Says.ACCEPTED: Answer.ACCEPTED, Says.DECLINED: Answer.DECLINED, Says.TENTATIVE: Answer.TENTATIVE}


def settle(session: Session, arrival: Arrival) -> Settled:
    """Applies what the words say if they may be applied unseen, else suggests it."""
    mail, invitation = arrival.mail, arrival.invitation
    text = cutting.unsigned(cutting.answer_text(mail.text, sent_lines(arrival.found.letter)), invitation.name)
    reading = words.read(text, subject=mail.subject)
    answer = SAID.get(reading.says)
    doubt = _doubt(session, arrival)
    if answer is None or not reading.certain or doubt:
        suggestion = Suggestion(says=reading.says)
        if answer:
            suggestion["answer"] = answer
        return Settled(Outcome.NEEDS_HUMAN, doubt or reading.why, decides=reading.sentence, suggestion=suggestion)
    received = arrival.row.received_at
    reply = Reply(answer, received_at=received, via=Via.MAIL, stamp=mail.date, comment=reading.sentence)
    outcome = record_reply(session, invitation, reply, by=mail.from_address, now=arrival.now, mail_id=arrival.row.id)
    if isinstance(outcome, Changed):
        _confirm(session, arrival, reading.sentence)
    return ended(outcome, f"in their words: {answer}", decides=reading.sentence)


def sent_lines(letter: OutgoingLetter | None) -> list[str]:
    """The lines of the letter that is being answered: they come back quoted, and are not theirs."""
    return message.read(letter.raw).text.splitlines() if letter is not None else []


def _doubt(session: Session, arrival: Arrival) -> str:
    """Why words are not applied unseen, however plain they are; "" if nothing speaks against it."""
    mail, invitation = arrival.mail, arrival.invitation
    if not resolving.is_theirs(session, invitation, mail.from_address):
        return f"{mail.from_name or mail.from_address or 'Somebody'} answers, not {invitation.name}"
    if resolving.is_disproven(mail):
        return "our mail server found the sender forged"
    if not arrival.found.by_token and arrival.found.letter is None:
        return "it answers no letter of ours"
    return ""


def _confirm(session: Session, arrival: Arrival, sentence: str) -> None:
    """The short word of what we understood; somebody put on the waiting list has just been told."""
    assert arrival.row.id is not None
    if arrival.invitation.state is State.WAITING:
        return
    office, guest = stationery.of(session), whole(session, arrival.invitation)
    draft = letters.understood(office, guest, sentence=sentence, mail_id=arrival.row.id, now=arrival.now)
    write(session, draft, now=arrival.now)
