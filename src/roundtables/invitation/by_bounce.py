"""
Letters that came back. The address a report came to says which letter, and whose; the answer is never touched.

    hard       a wrong or dead address: the guest is marked, at once where "no such person" came to the letter's own
               address, else at the second letter; a person is told at the first
    soft       in the history; of two letters, as above
    policy     a person is told; the address may be right and is not marked
    delayed    in the history            success   ignored            unknown   as hard
"""

from sqlmodel import Session, select

from roundtables.calendar.addresses import canonical_address
from roundtables.invitation import queries, resolving
from roundtables.invitation.arrival import Arrival, Settled, Suggestion
from roundtables.invitation.keeping import note
from roundtables.invitation.model import Invitation
from roundtables.mail.automatic import Kind as Machine
from roundtables.mail.bounces import Bounce, Kind
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.mail.outbox import OutgoingLetter

NOBODY_THERE = ("5.1.1", "5.1.10")
LETTERS_TO_BELIEVE = 2  # a report can be forged by whoever knows an address of ours
CAME_BACK = " came back"


def settle(session: Session, arrival: Arrival) -> Settled | None:
    """How a report about a letter ends; None for a mail that is none."""
    mail, found = arrival.mail, arrival.found
    returned = mail.returned or (_unexplained(session, arrival) if found.bounced else None)
    if returned is None:
        return _by_a_person(session, arrival) if found.bounced else None
    invitation = whose(session, arrival, returned.original_message_id)
    if invitation is None:
        return Settled(Outcome.IGNORED, "a letter came back, and it names none of ours")
    if returned.kind is Kind.SUCCESS:
        return Settled(Outcome.IGNORED, "a letter has arrived, a mail server says")
    letter = _letter(session, arrival, invitation, returned.original_message_id)
    return _come_back(session, arrival, invitation, letter, returned)


def whose(session: Session, arrival: Arrival, message_id: str) -> Invitation | None:
    """Whose letter it is about: by the address it came to, else by the letter it carries back. The mail is filed so."""
    if arrival.found.invitation is not None:
        return arrival.found.invitation
    letter = _by_message_id(session, message_id)
    invitation = session.get(Invitation, letter.invitation_id) if letter and letter.invitation_id else None
    if invitation is not None:
        arrival.row.invitation_id, arrival.row.convener_id = invitation.id, invitation.convener_id
    return invitation


def once(
    session: Session,
    arrival: Arrival,
    invitation: Invitation,
    reason: str,
    suggestion: Suggestion,
    *,
    decides: str = "",
) -> Settled:
    """A person is told the first time such a thing (says, email) happens to an invitation; later it is ignored."""
    theirs = (IncomingMail.invitation_id == invitation.id, IncomingMail.id != arrival.row.id)
    earlier = select(IncomingMail.suggestion).where(*theirs)
    told = (suggestion.get("says"), suggestion.get("email", ""))
    known = any((said.get("says"), said.get("email", "")) == told for said in session.exec(earlier) if said)
    if known:
        return Settled(Outcome.IGNORED, f"{reason}; you were told before", decides=decides)
    return Settled(Outcome.NEEDS_HUMAN, reason, decides=decides, suggestion=suggestion)


def _unexplained(session: Session, arrival: Arrival) -> Bounce | None:
    """Whatever a mail system writes to a letter's own address is a letter that came back, hard or not."""
    mail = arrival.mail
    if mail.notice is not None and mail.notice.kind is not Machine.OTHER:
        return None
    invitation = arrival.found.invitation
    if invitation is not None and resolving.is_theirs(session, invitation, mail.from_address):
        return None
    return Bounce(Kind.UNKNOWN, diagnostic=" ".join(mail.subject.split())[:200])


def _by_a_person(session: Session, arrival: Arrival) -> Settled | None:
    """The invitee's own address wrote where only mail systems write. An answer it is not, but somebody may look."""
    if arrival.mail.notice is not None and arrival.mail.notice.kind is not Machine.OTHER:
        return None
    if arrival.mail.automatic:
        return Settled(Outcome.IGNORED, f"an automatic answer to a letter: {arrival.mail.automatic}")
    return Settled(Outcome.NEEDS_HUMAN, "it came to an address for letters that come back, where nothing is an answer")


def _come_back(
    session: Session, arrival: Arrival, invitation: Invitation, letter: OutgoingLetter | None, returned: Bounce
) -> Settled:
    name = f"letter {letter.id}" if letter else "a letter"
    status = f" ({returned.status})" if returned.status else ""
    if returned.kind is Kind.DELAYED:
        _note(session, arrival, invitation, f"{name} is late; the mail server still tries{status}")
        return Settled(Outcome.IGNORED, f"a letter is late{status}", decides=returned.diagnostic)
    to = letter.to_address if letter else invitation.email
    if canonical_address(to) != canonical_address(invitation.email):
        _note(session, arrival, invitation, f"{name} to another address{CAME_BACK}{status}")
        reason = f"a letter to {to} came back; the address of {invitation.name} is another, and not in doubt"
        return Settled(Outcome.IGNORED, reason, decides=returned.diagnostic)
    _note(session, arrival, invitation, f"{name}{CAME_BACK}{status}")
    if returned.kind is Kind.POLICY:
        invitation.bounce = invitation.bounce or str(Kind.POLICY)
        reason = f"their mail server refused our letter by policy{status}; the address may be right"
        refused = Suggestion(says="refused", email=to)
        return once(session, arrival, invitation, reason, refused, decides=returned.diagnostic)
    return _undelivered(session, arrival, invitation, returned, to, status)


def _undelivered(
    session: Session, arrival: Arrival, invitation: Invitation, returned: Bounce, to: str, status: str
) -> Settled:
    at_once = returned.kind is Kind.HARD and returned.status in NOBODY_THERE and arrival.found.bounced
    marked = at_once or _letters_back(session, invitation) >= LETTERS_TO_BELIEVE
    if marked:
        invitation.bounced_at, invitation.bounce = arrival.now, str(returned.kind)
    if returned.kind is Kind.SOFT and not marked:
        return Settled(
            Outcome.IGNORED, f"a letter came back, perhaps not for good{status}", decides=returned.diagnostic
        )
    reason = f"a letter to {invitation.name} came back undelivered{status}; the answer is untouched"
    bounced = Suggestion(says="bounced", email=to)
    return once(session, arrival, invitation, reason, bounced, decides=returned.diagnostic)


def _letters_back(session: Session, invitation: Invitation) -> int:
    """How many different letters to the guest's own address have come back."""
    session.flush()
    lines = [line.what.partition(CAME_BACK) for line in queries.history(session, invitation.id or 0)]
    return len({letter for letter, came_back, _ in lines if came_back and "another address" not in letter})


def _letter(session: Session, arrival: Arrival, invitation: Invitation, message_id: str) -> OutgoingLetter | None:
    if arrival.found.bounced:
        return arrival.found.letter
    letter = _by_message_id(session, message_id)
    return letter if letter is not None and letter.invitation_id == invitation.id else None


def _by_message_id(session: Session, message_id: str) -> OutgoingLetter | None:
    if not message_id:
        return None
    return session.exec(select(OutgoingLetter).where(OutgoingLetter.message_id == message_id)).one_or_none()


def _note(session: Session, arrival: Arrival, invitation: Invitation, what: str) -> None:
    note(session, invitation, what, by="a mail server", now=arrival.now, mail_id=arrival.row.id)
