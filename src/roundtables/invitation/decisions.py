"""What an organiser decides about a mail that waits, and how a decision is taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from roundtables.errors import Refusal
from roundtables.invitation import assistants, beside, by_words, counter_proposals, deputies, unsubscribing
from roundtables.invitation.actions import Guest, invite
from roundtables.invitation.answering import record_reply, undo
from roundtables.invitation.arrival import Facts
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Changed, Outcome, Reply, State, Via
from roundtables.mail.inbox import IncomingMail
from roundtables.mail.inbox import Outcome as Ending
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.roundtable.model import Roundtable


class Decision(StrEnum):
    APPLY = "apply"
    SEAT_DEPUTY = "seat-deputy"
    THANK_DEPUTY = "thank-deputy"
    ADD_GUEST = "add-guest"
    ACCEPT_COUNTER = "accept-counter"
    DECLINE_COUNTER = "decline-counter"
    UNSUBSCRIBE = "unsubscribe"
    SET_ASIDE = "set-aside"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision with what was typed beside it, by whom and when."""

    answer: str
    name: str
    email: str
    note: str
    by: str
    now: datetime


def decide(
    session: Session,
    mail: IncomingMail,
    decision: Decision,
    *,
    answer: str = "",
    name: str = "",
    email: str = "",
    note: str = "",
    by: str,
    now: datetime,
) -> None:
    """Does what the organiser decided and writes the outcome on the mail. Raises Refusal."""
    choice = Choice(answer, name, email, note, by, now)
    if decision is Decision.SET_ASIDE:
        _set_aside(session, mail, choice)
        return
    invitation = _invitation(session, mail)
    if decision is Decision.UNDO:
        _undo(session, mail, invitation, choice)
        return
    if mail.outcome is Ending.APPLIED:
        raise Refusal("This mail has been applied already; undo that first.")
    said = DOES[decision](session, mail, invitation, choice)
    _end(session, mail, Ending.APPLIED, f"{said}, decided by {by}", now=now)


def _invitation(session: Session, mail: IncomingMail) -> Invitation:
    if mail.invitation_id is None:
        raise Refusal("This mail belongs to no invitation; it can only be set aside.")
    return session.get_one(Invitation, mail.invitation_id)


def _set_aside(session: Session, mail: IncomingMail, choice: Choice) -> None:
    """Nothing comes of it; a deputy it offered is not proposed any more."""
    if mail.invitation_id is not None and mail.outcome is Ending.NEEDS_HUMAN and _says(mail) == "deputy":
        invitation = session.get_one(Invitation, mail.invitation_id)
        deputies.drop_drafts(session, invitation)
        if invitation.deputy_email == (mail.suggestion or {}).get("email"):
            deputies.forget_offer(invitation)
    _end(session, mail, Ending.IGNORED, choice.note or f"set aside by {choice.by}", now=choice.now)


def _undo(session: Session, mail: IncomingMail, invitation: Invitation, choice: Choice) -> None:
    if mail.outcome is not Ending.APPLIED:
        raise Refusal("This mail was not applied, so there is nothing to undo.")
    letter = _letter_decided(session, mail, invitation)
    if _says(mail) == "unsubscribe":
        unsubscribing.come_back(session, invitation, by=choice.by, now=choice.now)
    elif letter is None:
        undo(session, invitation, by=choice.by, now=choice.now, mail_id=mail.id, by_organiser=True)
    elif letter.state in (LetterState.HELD, LetterState.QUEUED):
        letter.state = LetterState.CANCELLED
        letter.about = f"{letter.about}:taken-back-{letter.id}"  # so that the same can be decided again
        session.add(letter)
    else:
        raise Refusal("The letter has left already, so this cannot be undone.")
    _end(session, mail, Ending.NEEDS_HUMAN, f"undone by {choice.by}", now=choice.now)


def _letter_decided(session: Session, mail: IncomingMail, invitation: Invitation) -> OutgoingLetter | None:
    """The polite no that was all that came of this mail, None if something else did."""
    abouts = [f"deputy-no:{invitation.uid}:mail-{mail.id}", f"counter-no:{mail.id}"]
    found = select(OutgoingLetter).where(
        col(OutgoingLetter.about).in_([f"invitation:{invitation.id}:{about}" for about in abouts]),
        OutgoingLetter.state != LetterState.CANCELLED,
    )
    return session.exec(found).first()


def _apply(session: Session, mail: IncomingMail, invitation: Invitation, choice: Choice) -> str:
    """
    The answer counts, with what the mail tells beside it. Who wrote it in the invitee's name is known as their
    assistant from now on.
    """
    wanted = choice.answer or (mail.suggestion or {}).get("answer", "")
    if wanted not in list(Answer):
        raise Refusal("Say which answer this is: accepted, declined or tentative.", field="answer")
    known: Facts = beside.known(mail.facts)
    until = date.fromisoformat(known["until"]) if "until" in known and wanted == Answer.TENTATIVE else None
    comment = choice.note or mail.decides
    reply = Reply(Answer(wanted), received_at=choice.now, via=Via.MAIL, comment=comment, until=until)
    outcome = _record(session, mail, invitation, reply, choice)
    if not isinstance(outcome, Changed):
        raise Refusal(f"It cannot be applied: {outcome.why}.")
    beside.take_down(session, invitation, known)
    needs = by_words.needs_in(session, mail, invitation) if mail.tells_needs else ""
    beside.take_down_needs(session, invitation, needs, by=mail.sender, now=choice.now, mail_id=mail.id)
    return "; ".join([wanted, *_now_known(session, mail, invitation, choice)])


def _record(session: Session, mail: IncomingMail, invitation: Invitation, reply: Reply, choice: Choice) -> Outcome:
    if invitation.state is not State.DELEGATED:
        return record_reply(session, invitation, reply, by=choice.by, now=choice.now, mail_id=mail.id)
    if reply.answer is Answer.DECLINED:
        raise Refusal(f"A deputy comes for {invitation.name}; their own no changes nothing. Set it aside.")
    return deputies.take_seat_back(session, invitation, reply, by=choice.by, now=choice.now, mail_id=mail.id)


def _now_known(session: Session, mail: IncomingMail, invitation: Invitation, choice: Choice) -> list[str]:
    if _says(mail) != "assistant":
        return []
    address = (mail.suggestion or {}).get("email", "")
    is_new = assistants.remember(session, invitation, address, by=choice.by, now=choice.now)
    return [f"{address} is known as the assistant of {invitation.name} from now on"] if is_new else []


def _seat_deputy(session: Session, mail: IncomingMail, invitation: Invitation, choice: Choice) -> str:
    named = mail.suggestion or {} if _says(mail) == "deputy" else {}
    deputy = deputies.seat_deputy(
        session,
        invitation,
        name=choice.name or named.get("name", ""),
        email=choice.email or named.get("email", ""),
        by=choice.by,
        now=choice.now,
        mail_id=mail.id,
    )
    return f"{deputy.name} was seated for {invitation.name}"


def _thank_deputy(session: Session, mail: IncomingMail, invitation: Invitation, choice: Choice) -> str:
    named = (mail.suggestion or {}).get("name", "") if _says(mail) == "deputy" else ""
    name = choice.name or named
    deputies.thank_deputy(session, invitation, name=name, by=choice.by, now=choice.now, mail_id=mail.id)
    return "a deputy was thanked and declined"


def _add_guest(session: Session, mail: IncomingMail, invitation: Invitation, choice: Choice) -> str:
    if not choice.name or not choice.email:
        raise Refusal("A further guest needs a name and an e-mail address.", field="email")
    table = session.get_one(Roundtable, invitation.roundtable_id)
    guest = Guest(name=choice.name, email=choice.email, note=choice.note)
    invite(session, table, [guest], by=choice.by, now=choice.now)
    return f"{choice.name} was invited as a further guest"


def _accept_counter(session: Session, mail: IncomingMail, invitation: Invitation, choice: Choice) -> str:
    return counter_proposals.accept(session, mail, invitation, by=choice.by, now=choice.now)


def _decline_counter(session: Session, mail: IncomingMail, invitation: Invitation, choice: Choice) -> str:
    return counter_proposals.decline(session, mail, invitation, by=choice.by, now=choice.now)


def _unsubscribe(session: Session, mail: IncomingMail, invitation: Invitation, choice: Choice) -> str:
    unsubscribing.leave(session, invitation, how="in a mail", by=choice.by, now=choice.now, mail_id=mail.id)
    return f"{invitation.name} gets no more letters"


DOES: dict[Decision, Callable[[Session, IncomingMail, Invitation, Choice], str]] = {
    Decision.APPLY: _apply,
    Decision.SEAT_DEPUTY: _seat_deputy,
    Decision.THANK_DEPUTY: _thank_deputy,
    Decision.ADD_GUEST: _add_guest,
    Decision.ACCEPT_COUNTER: _accept_counter,
    Decision.DECLINE_COUNTER: _decline_counter,
    Decision.UNSUBSCRIBE: _unsubscribe,
}


def _says(mail: IncomingMail) -> str:
    return str((mail.suggestion or {}).get("says", ""))


def _end(session: Session, mail: IncomingMail, outcome: Ending, reason: str, *, now: datetime) -> None:
    mail.outcome, mail.reason, mail.settled_at = outcome, reason[:1000], now
    session.add(mail)
    session.flush()
