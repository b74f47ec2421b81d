"""Letters as the desk lists them, and what may be done with one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, func, select

from roundtables.errors import NotFound, Refusal
from roundtables.invitation.actions import send_drafts
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.mail import outbox
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.model import Roundtable
from roundtables.texts import _

MOST = 100
KINDS = {
    "invitation": _("Invitation"),
    "new-date": _("New date"),
    "new-place": _("New place"),
    "seat-free": _("A seat came free"),
    "waiting": _("Waiting list"),
    "understood": _("What we understood"),
    "withdrawal": _("Invitation withdrawn"),
    "cancellation": _("Cancelled"),
    "deputy-declined": _("About a deputy"),
    "thanks-came": _("Thank you for coming"),
    "thanks-missed": _("We missed you"),
    "thanks-deputy": _("Thank you for your deputy"),
    "sign-in": _("Sign-in link"),
}
GROUPS = (
    ("held", _("Waiting for you"), (LetterState.HELD,)),
    ("leaving", _("On their way"), (LetterState.QUEUED, LetterState.SENDING, LetterState.IN_DOUBT)),
    ("failed", _("Could not be delivered"), (LetterState.FAILED,)),
    ("sent", _("Sent"), (LetterState.SENT,)),
    ("cancelled", _("Discarded"), (LetterState.CANCELLED,)),
)

SIGN_IN = "sign-in"  # nobody reads another person's way in

STANDING = {
    LetterState.HELD: _("it waits for you"),
    LetterState.QUEUED: _("it is on its way"),
    LetterState.SENDING: _("it is in the hands of the mail server just now"),
    LetterState.IN_DOUBT: _("it is in the hands of the mail server just now"),
    LetterState.SENT: _("it has left"),
    LetterState.FAILED: _("it could not be delivered"),
    LetterState.CANCELLED: _("it was discarded"),
}
DOUBT = {
    LetterState.QUEUED: _("An earlier try may have arrived."),
    LetterState.SENDING: _("An earlier try may have arrived."),
    LetterState.SENT: _("It may have been received twice."),
    LetterState.FAILED: _("It may have been received all the same."),
    LetterState.CANCELLED: _("It may have been received all the same."),
}


class Told(StrEnum):
    """A letter's state as programs are told it: a letter in doubt is still being sent."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


def told(state: LetterState) -> Told:
    return Told.SENDING if state is LetterState.IN_DOUBT else Told(state.value)


def states_told(word: Told) -> list[LetterState]:
    """The states that are told as `word`."""
    return [state for state in LetterState if told(state) is word]


def doubt(state: LetterState, doubts: int) -> str:
    """What we cannot know about a letter, as a sentence; "" where all is known."""
    if state is LetterState.IN_DOUBT:
        return _("We do not know yet whether it arrived.")
    return DOUBT.get(state, "") if doubts else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One letter in the list."""

    id: int
    kind: str
    to_name: str
    to_address: str
    subject: str
    state: LetterState
    attempts: int
    doubts: int
    answer: str
    created_at: datetime
    sent_at: datetime | None
    next_attempt_at: datetime | None
    table: str

    @property
    def doubt(self) -> str:
        return doubt(self.state, self.doubts)


@dataclass(frozen=True, slots=True)
class Group:
    """Letters of one standing: the newest MOST, and how many there are in all."""

    key: str
    title: str
    total: int
    rows: Sequence[Row]


def groups(session: Session, convener_id: int) -> list[Group]:
    """The outbox, in one query for each group and one for the totals; empty groups are left out."""
    counted = (
        select(OutgoingLetter.state, func.count())
        .where(OutgoingLetter.convener_id == convener_id, OutgoingLetter.kind != SIGN_IN)
        .group_by(col(OutgoingLetter.state))
    )
    totals = {LetterState(state): number for state, number in session.exec(counted)}
    found = [
        Group(key, title, sum(totals.get(s, 0) for s in states), _rows(session, convener_id, states))
        for key, title, states in GROUPS
    ]
    return [group for group in found if group.total]


def letter(session: Session, convener_id: int, letter_id: int) -> OutgoingLetter:
    """Raises NotFound."""
    found = session.get(OutgoingLetter, letter_id)
    if found is None or found.convener_id != convener_id or found.kind == SIGN_IN:
        raise NotFound("letter")
    return found


def send(session: Session, letter: OutgoingLetter, *, by: str, now: datetime) -> None:
    """Lets a held letter go, tries a waiting or failed one at once. Raises Refusal for all others."""
    _hold(session, letter)
    if not may_change(letter):
        raise Refusal("This letter cannot be sent: {why}.", why=STANDING[letter.state])
    draft = _draft_of(session, letter)
    if draft is None:
        outbox.release(session, letter, now=now)
        return
    table = roundtables.hold(session, draft.roundtable_id)
    send_drafts(session, table, [draft], by=by, now=now)


def discard(session: Session, letter: OutgoingLetter) -> None:
    """Takes back a letter that has not left, and one in doubt from further tries. Raises Refusal for all others."""
    _hold(session, letter)
    if not may_change(letter):
        raise Refusal("This letter cannot be taken back: {why}.", why=STANDING[letter.state])
    letter.state = LetterState.CANCELLED
    session.add(letter)


def may_change(letter: OutgoingLetter) -> bool:
    """Whether an organiser may say now what becomes of the letter: it has neither left nor is anybody sending it."""
    ended = letter.state in (LetterState.SENT, LetterState.CANCELLED)
    return not ended and not outbox.is_in_hand(letter)


def _hold(session: Session, letter: OutgoingLetter) -> None:
    """The row as it is now, nobody else's until the transaction ends."""
    session.refresh(letter, with_for_update=True)


def _draft_of(session: Session, letter: OutgoingLetter) -> Invitation | None:
    """The draft whose first letter this is: sending it is what asks that person."""
    if letter.state is not LetterState.HELD or letter.invitation_id is None:
        return None
    invitation = session.get_one(Invitation, letter.invitation_id)
    return invitation if invitation.state is State.DRAFT else None


def _rows(session: Session, convener_id: int, states: Sequence[LetterState]) -> list[Row]:
    letters = OutgoingLetter
    found = (
        select(  # type: ignore[call-overload]  # sqlmodel types up to four columns
            letters.id,
            letters.kind,
            letters.to_name,
            letters.to_address,
            letters.subject,
            letters.state,
            letters.attempts,
            letters.doubts,
            letters.answer,
            letters.created_at,
            letters.sent_at,
            letters.next_attempt_at,
            func.coalesce(Roundtable.title, ""),
        )
        .outerjoin(Roundtable, col(Roundtable.id) == letters.roundtable_id)
        .where(letters.convener_id == convener_id, letters.kind != SIGN_IN, col(letters.state).in_(states))
        .order_by(col(letters.id).desc())
        .limit(MOST)
    )
    return [Row(*row) for row in session.exec(found)]
