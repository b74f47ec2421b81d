"""A sentence of plain mail: an answer if the words are plain and theirs, else a person decides."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session

from roundtables.invitation import assistants, beside, deputy_offers, further_letters, notices, resolving, unsubscribing
from roundtables.invitation.answering import record_reply
from roundtables.invitation.arrival import Arrival, Settled, Suggestion, ended
from roundtables.invitation.assistants import Writer
from roundtables.invitation.keeping import write
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import whole
from roundtables.invitation.rules import Answer, Changed, Reply, State, Via
from roundtables.mail import cutting, message, stationery, words
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.mail.message import ReceivedMail
from roundtables.mail.outbox import OutgoingLetter
from roundtables.mail.words import Reading, Says
from roundtables.roundtable.model import Roundtable

SAID = {Says.ACCEPTED: Answer.ACCEPTED, Says.DECLINED: Answer.DECLINED, Says.TENTATIVE: Answer.TENTATIVE}
BY = {Writer.INVITEE: "in their words", Writer.ASSISTANT: "in the words of their assistant"}


def settle(session: Session, arrival: Arrival) -> Settled:
    """Applies what the words say if they may be applied unseen, else suggests it; keeps what they tell beside it."""
    mail, invitation = arrival.mail, arrival.invitation
    table = session.get_one(Roundtable, invitation.roundtable_id)
    ours = sent_lines(arrival.found.letter)
    who = assistants.writer(session, invitation, mail.from_address)
    reading = _read(mail, invitation, table, ours, sender=mail.from_name)
    if who is Writer.ASSISTANT and not reading.certain:  # who is known to write for them may say "I"
        as_theirs = _read(mail, invitation, table, ours)
        reading = as_theirs if as_theirs.certain else reading
    settled = _by_what_it_says(session, arrival, reading, who, table)
    if reading.needs and not _doubt(arrival, who):
        by, mail_id = mail.from_address, arrival.row.id
        beside.take_down_needs(session, invitation, reading.needs, by=by, now=arrival.now, mail_id=mail_id)
    return replace(
        settled,
        decides=beside.without_needs(settled.decides, reading.needs),
        facts=beside.facts(reading),
        tells_needs=bool(reading.needs),
    )


def needs_in(session: Session, row: IncomingMail, invitation: Invitation) -> str:
    """What a kept mail tells of needs, verbatim."""
    mail = message.read(row.raw, envelope_from=row.envelope_from, envelope_to=row.envelope_to)
    return _read(mail, invitation, session.get_one(Roundtable, invitation.roundtable_id), []).needs


def sent_lines(letter: OutgoingLetter | None) -> list[str]:
    """The lines of the letter that is being answered: they come back quoted, and are not theirs."""
    return message.read(letter.raw).text.splitlines() if letter is not None else []


def _read(
    mail: ReceivedMail, invitation: Invitation, table: Roundtable, ours: list[str], *, sender: str = ""
) -> Reading:
    zone = ZoneInfo(table.time_zone)
    return words.read(
        cutting.unsigned(cutting.answer_text(mail.text, ours), invitation.name),
        subject=mail.subject,
        day=_day(table),
        sent=mail.date.astimezone(zone).date() if mail.date else None,
        invitee=invitation.name,
        sender=sender,
        copied=mail.copied,
    )


def _day(table: Roundtable) -> date:
    """The table's date on its own clock."""
    return table.starts_at.astimezone(ZoneInfo(table.time_zone)).date()


def _by_what_it_says(session: Session, arrival: Arrival, reading: Reading, who: Writer, table: Roundtable) -> Settled:
    doubt = _doubt(arrival, who)
    if reading.left:
        return _ask(arrival, reading, who, says="left", reason="they have left, it says")
    if reading.unsubscribe:
        return _leaves(session, arrival, reading, who, table, trusted=not doubt)
    if reading.says is Says.DEPUTY:
        return deputy_offers.settle(
            session,
            arrival,
            name=reading.deputy_name,
            email=reading.deputy_address,
            decides=reading.sentence,
            trusted=not doubt,
            why=_from_whom(arrival, who, "; ".join(filter(None, [reading.why, doubt]))),
        )
    if reading.says not in SAID or not reading.certain or doubt:
        return _ask(arrival, reading, who, says=reading.says, reason=doubt or reading.why)
    return _apply(session, arrival, reading, who, table)


def _apply(session: Session, arrival: Arrival, reading: Reading, who: Writer, table: Roundtable) -> Settled:
    mail, invitation, answer = arrival.mail, arrival.invitation, SAID[reading.says]
    reply = Reply(
        answer,
        received_at=arrival.row.received_at,
        via=Via.MAIL,
        stamp=mail.date,
        comment=beside.without_needs(reading.sentence, reading.needs),
        until=_until(arrival, reading, table),
    )
    by = mail.from_address if who is Writer.INVITEE else f"{mail.from_address}, assistant of {invitation.name}"
    outcome = record_reply(session, invitation, reply, by=by, now=arrival.now, mail_id=arrival.row.id)
    if isinstance(outcome, Changed):
        beside.take_down(session, invitation, beside.known(beside.facts(reading)))
        _confirm(session, arrival, reading)
    return ended(outcome, f"{BY[who]}: {answer}", decides=reading.sentence)


def _leaves(
    session: Session, arrival: Arrival, reading: Reading, who: Writer, table: Roundtable, *, trusted: bool
) -> Settled:
    """No letter that asks goes to them any more; whether it is a no to this table too, a plain no says."""
    reason, invitation = "they want no more letters of ours", arrival.invitation
    if trusted and who is Writer.INVITEE:
        by, mail_id = arrival.mail.from_address, arrival.row.id
        unsubscribing.leave(session, invitation, how="by mail", by=by, now=arrival.now, mail_id=mail_id)
        reason = f"{reason}, and get none that asks"
        if reading.says is Says.DECLINED and reading.certain:
            settled = _apply(session, arrival, reading, who, table)
            return replace(settled, reason=f"{settled.reason}; {reason}")
    return _ask(arrival, reading, who, says="unsubscribe", reason=reason)


def _ask(arrival: Arrival, reading: Reading, who: Writer, *, says: str, reason: str) -> Settled:
    """A person decides; the answer that somebody gives in the invitee's name may make their assistant known."""
    suggestion, mail = Suggestion(says=says), arrival.mail
    if answer := SAID.get(reading.says):
        suggestion["answer"] = answer
        if who is Writer.SOMEBODY and says == answer and mail.from_address and not resolving.is_disproven(mail):
            suggestion |= Suggestion(says="assistant", name=mail.from_name, email=mail.from_address)
    if reading.until:
        suggestion["until"] = reading.until.isoformat()
    return Settled(Outcome.NEEDS_HUMAN, reason, decides=reading.sentence, suggestion=suggestion)


def _until(arrival: Arrival, reading: Reading, table: Roundtable) -> date | None:
    """By when they let us know, if that is a day between the mail's own and the table's."""
    if reading.until is None or reading.says is not Says.TENTATIVE:
        return None
    today = arrival.row.received_at.astimezone(ZoneInfo(table.time_zone)).date()
    return reading.until if today <= reading.until <= _day(table) else None


def _doubt(arrival: Arrival, who: Writer) -> str:
    """Why words are not applied unseen, however plain they are; "" if nothing speaks against it."""
    mail, invitation = arrival.mail, arrival.invitation
    if resolving.is_disproven(mail):
        return "our mail server found the sender forged"
    if who is Writer.SOMEBODY:
        return f"{mail.from_name or mail.from_address or 'Somebody'} answers, not {invitation.name}"
    if not arrival.found.by_token and arrival.found.letter is None:
        return "it answers no letter of ours"
    return ""


def _from_whom(arrival: Arrival, who: Writer, why: str) -> str:
    return f"{why}; the assistant of {arrival.invitation.name} writes" if who is Writer.ASSISTANT else why


def _confirm(session: Session, arrival: Arrival, reading: Reading) -> None:
    """The short word of what we understood; somebody put on the waiting list has just been told."""
    assert arrival.row.id is not None
    invitation, now = arrival.invitation, arrival.now
    if invitation.state is State.WAITING or not notices.may_write(session, invitation, "understood", now):
        return
    draft = further_letters.understood(
        stationery.of(session),
        whole(session, invitation),
        sentence=beside.without_needs(reading.sentence, reading.needs),
        mail_id=arrival.row.id,
        now=now,
        beside=beside.in_words(beside.facts(reading), reading.needs, coming=invitation.state is not State.DECLINED),
    )
    write(session, draft, now=now)
