"""
Who has which letter in hand, from the claim to what became of it. The states are drawn in outbox.py.

A claim is a lease of a few letters; no byte of one leaves before `hand_over` has said yes. That is one compare-and-set
in one commit: the letter is still this sender's, its lease runs, nobody has taken it back, and from now on it is in
doubt. So a lease that ran out without it costs nothing, however long a sender stood still or a clock jumped, and
leases can be short. After it, what the server says is written down if nobody else has claimed the letter since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Update, bindparam, case, func
from sqlmodel import Session, exists, select

from roundtables.mail.backoff import ARCHIVE_PATIENCE, Again, GiveUp, after_doubt, own_jitter
from roundtables.mail.outbox import ROW, TABLE, LetterState, answered, later

LEASE = timedelta(minutes=2)  # of a batch; what is not begun in it goes back untried
ANSWER_LEASE = timedelta(minutes=12)  # of a letter handed over: longer than a sender waits for the answer
NOT_COPIED = frozenset({"sign-in"})  # whoever reads the archive must not come in by it
ON_ITS_WAY = (LetterState.QUEUED, LetterState.SENDING, LetterState.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class InHand:
    """A claimed letter: what a sender needs of it, and by what its row is known to be still the sender's."""

    id: int
    kind: str
    nonce: str
    to_address: str
    envelope_from: str
    raw: bytes
    attempts: int
    claimed_by: str
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a letter in doubt waits: the first pause, and whether copies of letters come back to us."""

    base: timedelta
    copies: bool = False

    def after(self, attempts: int, kind: str, nonce: str) -> Again | GiveUp:
        copied = self.copies and kind not in NOT_COPIED
        return after_doubt(max(attempts, 1), base=self.base, jitter=own_jitter(nonce), copied=copied)


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Whether a sender would find something to do; a look without the writer's lock."""
    left = ROW.state.in_([LetterState.SENDING, LetterState.IN_DOUBT]) & _ran_out(now)
    return session.connection().execute(select(ROW.id).where(_due(now) | left).limit(1)).first() is not None


def claim(session: Session, *, by: str, now: datetime, most: int = 20) -> list[InHand]:
    """
    Up to `most` letters for one sender. No two senders get the same, and nobody's newer letter overtakes
    their older one. A lease that ran out is claimed again, byte for byte the same letter.
    """
    sending = (ROW.state == LetterState.SENDING) & _ran_out(now)
    connection = session.connection()
    connection.execute(TABLE.update().where(sending, ROW.unwanted).values(state=LetterState.CANCELLED))
    earlier = TABLE.alias()
    overtaking = exists().where(
        earlier.c.invitation_id == ROW.invitation_id, earlier.c.id < ROW.id, earlier.c.state.in_(ON_ITS_WAY)
    )
    ids = (
        select(ROW.id)
        .where(_due(now) | sending, ~overtaking)
        .order_by(ROW.next_attempt_at, ROW.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    claimed = connection.execute(
        TABLE.update()
        .where(ROW.id.in_(ids))
        .values(state=LetterState.SENDING, lease_until=now + LEASE, claimed_by=by, attempts=ROW.attempts + 1)
        .returning(*(ROW[name] for name in InHand.__dataclass_fields__))
    )
    return sorted((InHand(*found) for found in claimed), key=lambda letter: letter.id)


def note_doubts(session: Session, *, now: datetime, wait: Wait, everyones: bool = False) -> None:
    """
    Letters whose sender is gone since it handed them over: nobody will hear that answer now. `everyones`: whoever
    holds a lease is gone, not only who let it run out.
    """
    gone = ROW.lease_until.is_not(None) if everyones else _ran_out(now)
    theirs = select(ROW.id, ROW.attempts, ROW.kind, ROW.nonce).where(ROW.state == LetterState.IN_DOUBT, gone)
    connection = session.connection()
    for its, *letter in connection.execute(theirs.with_for_update(skip_locked=True)).all():
        fate = _fate(wait.after(*letter), _in_doubt(), now)
        connection.execute(TABLE.update().where(ROW.id == its).values(lease_until=None, **fate))


def abandon_all(session: Session, *, now: datetime, wait: Wait) -> None:
    """Ends every lease: for the one sender of an embedded database, when it starts."""
    note_doubts(session, now=now, wait=wait, everyones=True)
    in_hand = TABLE.update().where(ROW.state == LetterState.SENDING)
    session.connection().execute(in_hand.values(state=later(), lease_until=None, next_attempt_at=now))


def let_copies_come(session: Session, *, now: datetime) -> None:
    """
    For a sender that starts where copies come back: what may have arrived waits once more, for while we were down
    nobody has read the archive.
    """
    doubtful = TABLE.update().where(
        ROW.state.in_([LetterState.QUEUED, LetterState.IN_DOUBT]), ROW.doubts > 0, ROW.kind.not_in(NOT_COPIED)
    )
    too_soon = ROW.next_attempt_at < now + ARCHIVE_PATIENCE
    session.connection().execute(doubtful.where(too_soon).values(next_attempt_at=now + ARCHIVE_PATIENCE))


def is_wanted(session: Session, letter: InHand) -> bool:
    """Whether nobody has taken the letter back since it was claimed."""
    return not session.connection().execute(UNWANTED, {"its": letter.id}).scalar_one()


def hand_over(session: Session, letter: InHand, *, now: datetime) -> bool:
    """
    Puts the letter in doubt: its bytes may leave once this is committed. No, and nothing is changed, if it is no
    longer this sender's, its lease ran out or somebody took it back.
    """
    told = {"its": letter.id, "whose": letter.claimed_by, "lease": letter.lease_until}
    return session.connection().execute(HAND_OVER, told | {"at": now, "until": now + ANSWER_LEASE}).rowcount == 1


def record_taken(session: Session, letter: InHand, *, answer: str, now: datetime) -> None:
    """The server took the letter. This and what follows is noted unless another sender has claimed it since."""
    told = {"its": letter.id, "whose": letter.claimed_by, "nth": letter.attempts}
    session.connection().execute(TAKEN, told | {"at": now, "said": answer})


def record_refused(session: Session, letter: InHand, after: Again | GiveUp, *, answer: str, now: datetime) -> None:
    """The server said no, or never had the whole letter: it did not arrive, and is tried again or given up."""
    out = ROW.state == LetterState.IN_DOUBT
    counted = {name: case((out, value), else_=ROW[name]) for name, value in answered().items()}
    fate = _fate(after, later(), now)
    _record(session, letter, (LetterState.SENDING, LetterState.IN_DOUBT), answer=answer, **counted, **fate)


def record_doubt(session: Session, letter: InHand, after: Again | GiveUp, *, answer: str, now: datetime) -> None:
    """The server had the whole letter and said nothing."""
    _record(session, letter, (LetterState.IN_DOUBT,), answer=answer, **_fate(after, _in_doubt(), now))


def put_back(session: Session, unused: Sequence[InHand]) -> None:
    """Ends a lease that was not used; the try does not count."""
    ids = [letter.id for letter in unused]
    ours = (ROW.claimed_by == unused[0].claimed_by, ROW.lease_until == unused[0].lease_until)
    statement = TABLE.update().where(ROW.id.in_(ids), ROW.state == LetterState.SENDING, *ours)
    session.connection().execute(statement.values(state=later(), lease_until=None, attempts=ROW.attempts - 1))


def _due(now: datetime) -> ColumnElement[bool]:
    waits = (ROW.state == LetterState.IN_DOUBT) & ROW.lease_until.is_(None)
    return ((ROW.state == LetterState.QUEUED) | waits) & (ROW.next_attempt_at <= now)


def _ran_out(now: datetime) -> ColumnElement[bool]:
    """Whether a lease is over; also one that lies further ahead than any does, for then a clock was set back."""
    return (ROW.lease_until < now) | (ROW.lease_until > now + ANSWER_LEASE)


def _in_doubt() -> ColumnElement[LetterState]:
    """The state of a letter whose answer did not come: it waits, unless nobody wants another try."""
    return case((ROW.unwanted, LetterState.CANCELLED.value), else_=LetterState.IN_DOUBT.value)


def _fate(after: Again | GiveUp, state: ColumnElement[LetterState], now: datetime) -> dict[str, Any]:
    if isinstance(after, GiveUp):
        return {"state": LetterState.FAILED}
    return {"state": state, "next_attempt_at": now + after.after}


def _record(session: Session, letter: InHand, were: Sequence[LetterState], **values: Any) -> None:
    ours = (ROW.id == letter.id, ROW.claimed_by == letter.claimed_by, ROW.attempts == letter.attempts)
    statement = TABLE.update().where(*ours, ROW.state.in_(were)).values(lease_until=None, **values)
    session.connection().execute(statement)


def _prepare_handing_over() -> Update:
    lease = (ROW.claimed_by == bindparam("whose"), ROW.lease_until == bindparam("lease"))
    runs = ROW.lease_until > bindparam("at")
    return (
        TABLE.update()
        .where(ROW.id == bindparam("its"), ROW.state == LetterState.SENDING, ~ROW.unwanted, *lease, runs)
        .values(
            state=LetterState.IN_DOUBT,
            doubts=ROW.doubts + 1,
            doubt_since=func.coalesce(ROW.doubt_since, bindparam("at")),
            lease_until=bindparam("until"),
        )
    )


def _prepare_taken() -> Update:
    ours = (ROW.claimed_by == bindparam("whose"), ROW.attempts == bindparam("nth"))
    return (
        TABLE.update()
        .where(ROW.id == bindparam("its"), ROW.state == LetterState.IN_DOUBT, *ours)
        .values(
            state=LetterState.SENT,
            sent_at=bindparam("at"),
            answer=bindparam("said"),
            lease_until=None,
            **answered(),
        )
    )


# one of each for every letter: built once
HAND_OVER, TAKEN = _prepare_handing_over(), _prepare_taken()
UNWANTED = select(ROW.unwanted).where(ROW.id == bindparam("its"))
