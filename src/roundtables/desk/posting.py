"""Letters as the desk lists them, and what may be done with one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from roundtables.errors import NotFound, Refusal
from roundtables.invitation.actions import send_drafts
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.mail import outbox
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.model import Roundtable

MOST = 100
KINDS = {
    "invitation": "Invitation",
    "new-date": "New date",
    "new-place": "New place",
    "seat-free": "A seat came free",
    "waiting": "Waiting list",
    "understood": "What we understood",
    "withdrawal": "Invitation withdrawn",
    "cancellation": "Cancelled",
    "deputy-declined": "About a deputy",
    "sign-in": "Sign-in link",
}
GROUPS = (
    ("held", "Waiting for you", (LetterState.HELD,)),
    ("leaving", "On their way", (LetterState.QUEUED, LetterState.SENDING)),
    ("failed", "Could not be delivered", (LetterState.FAILED,)),
    ("sent", "Sent", (LetterState.SENT,)),
    ("cancelled", "Discarded", (LetterState.CANCELLED,)),
)

SIGN_IN = "sign-in"  # nobody reads another person's way in


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
    answer: str
    created_at: datetime
    sent_at: datetime | None
    next_attempt_at: datetime | None
    table: str


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
    if letter.state not in (LetterState.HELD, LetterState.QUEUED, LetterState.FAILED):
        raise Refusal(f"This letter cannot be sent: it is {letter.state}.")
    draft = _draft_of(session, letter)
    if draft is None:
        outbox.release(session, letter, now=now)
        return
    table = roundtables.hold(session, draft.roundtable_id)
    send_drafts(session, table, [draft], by=by, now=now)


def discard(session: Session, letter: OutgoingLetter) -> None:
    """Takes back a letter that has not left. Raises Refusal for one that has."""
    _hold(session, letter)
    if letter.state not in (LetterState.HELD, LetterState.QUEUED, LetterState.FAILED):
        raise Refusal(f"This letter cannot be taken back: it is {letter.state}.")
    letter.state = LetterState.CANCELLED
    session.add(letter)


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
