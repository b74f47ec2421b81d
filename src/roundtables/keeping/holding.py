"""A restored instance is held: it takes mail in and sends nothing, until somebody says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from roundtables.keeping.model import Entry, Hold
from roundtables.mail.outbox import LetterState, OutgoingLetter

Ended = Mapping[str, tuple[LetterState, datetime | None]]
ONLY = 1  # the number of the one row
UNDER_WAY = (LetterState.QUEUED, LetterState.SENDING, LetterState.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What would leave if the instance were released: how many letters of which kind, and since when it is held."""

    since: datetime
    backup_of: datetime
    in_backup: int
    kinds: Mapping[str, int]

    @property
    def letters(self) -> int:
        return sum(self.kinds.values())


def is_held(session: Session) -> bool:
    return session.exec(select(Hold.id)).first() is not None


def hold(session: Session, *, backup_of: datetime, now: datetime) -> Hold:
    """From now on nothing leaves; letters that a sender had in hand when the backup was made are nobody's."""
    under_way = col(OutgoingLetter.state).in_(UNDER_WAY)
    session.execute(
        update(OutgoingLetter)
        .where(col(OutgoingLetter.state) == LetterState.SENDING)
        .values(state=LetterState.QUEUED, lease_until=None, next_attempt_at=now)
    )
    row = session.get(Hold, ONLY) or Hold(id=ONLY, since=now, backup_of=backup_of)
    row.since, row.backup_of = now, backup_of
    row.letters = session.exec(select(func.count()).select_from(OutgoingLetter).where(under_way)).one()
    session.add(row)
    session.add(Entry(at=now, what="restored", kind="instance", about=ONLY))
    session.flush()
    return row


def waiting(session: Session) -> Waiting | None:
    """None if the instance is not held."""
    row = session.get(Hold, ONLY)
    if row is None:
        return None
    counted = select(OutgoingLetter.kind, func.count()).where(col(OutgoingLetter.state).in_(UNDER_WAY))
    kinds = dict(session.exec(counted.group_by(OutgoingLetter.kind)).all())
    return Waiting(row.since, row.backup_of, row.letters, kinds)


def release(session: Session, *, discard: bool, now: datetime) -> int:
    """Ends the hold. With `discard` what was on its way stays unsent, for good; answers how many letters may leave."""
    row = session.get(Hold, ONLY)
    if row is None:
        return 0
    under_way = col(OutgoingLetter.state).in_(UNDER_WAY)
    if discard:
        session.execute(update(OutgoingLetter).where(under_way).values(state=LetterState.CANCELLED))
    letters = session.exec(select(func.count()).select_from(OutgoingLetter).where(under_way)).one()
    session.delete(row)
    session.add(Entry(at=now, what="released", kind="instance", about=ONLY))
    session.flush()
    return letters


def settle(session: Session, known: Ended) -> int:
    """Letters of which we know what became of them after the backup: they are not sent again. Answers how many."""
    under_way = select(OutgoingLetter).where(col(OutgoingLetter.state).in_((*UNDER_WAY, LetterState.HELD)))
    ours = [letter for letter in session.exec(under_way) if letter.message_id in known]
    for letter in ours:
        letter.state, letter.sent_at = known[letter.message_id]
        letter.lease_until = None
        session.add(letter)
    session.flush()
    return len(ours)


def ended(session: Session) -> dict[str, tuple[LetterState, datetime | None]]:
    """Letters that are settled here, by Message-ID: how, and when they left."""
    letter, states = OutgoingLetter, (LetterState.SENT, LetterState.FAILED, LetterState.CANCELLED)
    found = session.exec(select(letter.message_id, letter.state, letter.sent_at).where(col(letter.state).in_(states)))
    return {message_id: (LetterState(state), sent_at) for message_id, state, sent_at in found}
