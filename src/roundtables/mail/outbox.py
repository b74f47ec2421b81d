"""
Letters on their way. A letter is a row written in the transaction of the change it tells of.

    HELD -> QUEUED -> SENDING -> SENT          SENDING is a lease: one sender's, until it runs out
                         └─────> QUEUED        a "not now" of the server; tried again later
                         └─────> FAILED        a "never", or five days of "not now"
    HELD | QUEUED -> CANCELLED                 what it said is no longer so; of one in a sender's hands that is
                                               noted (`unwanted`), and no further try begins
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Column, ColumnElement, Index, LargeBinary, case
from sqlalchemy import update as sql_update
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, exists, select

from roundtables.db import choice

LEASE = timedelta(minutes=10)


class LetterState(StrEnum):
    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    IN_DOUBT = "in-doubt"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class OutgoingLetter(SQLModel, table=True):
    """`raw` is rendered once; `about` names what the letter tells of, so that it is told once."""

    __tablename__ = "outgoing_letter"
    __table_args__ = (
        Index("ix_outgoing_letter_state_next_attempt_at", "state", "next_attempt_at", "id"),
        Index("ix_outgoing_letter_convener_id_id", "convener_id", "id"),
        Index("ix_outgoing_letter_invitation_id_id", "invitation_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    convener_id: int = Field(foreign_key="convener.id")
    roundtable_id: int | None = Field(default=None, foreign_key="roundtable.id", index=True)
    invitation_id: int | None = Field(default=None, foreign_key="invitation.id")
    kind: str
    about: str = Field(unique=True)
    sequence: int = 0
    to_name: str = ""
    to_address: str
    envelope_from: str
    bounce_hash: str | None = Field(default=None, unique=True)
    subject: str
    message_id: str = Field(unique=True)
    nonce: str
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: LetterState = Field(sa_column=Column(choice(LetterState), nullable=False))
    attempts: int = 0
    doubts: int = 0
    doubt_since: datetime | None = None
    next_attempt_at: datetime | None = None
    lease_until: datetime | None = None
    claimed_by: str = ""
    unwanted: bool = False
    answer: str = ""
    created_at: datetime
    sent_at: datetime | None = None


def release(session: Session, letter: OutgoingLetter, *, now: datetime) -> None:
    """Lets a held letter go."""
    letter.state = LetterState.QUEUED
    letter.next_attempt_at = now
    session.add(letter)


def cancel_unsent(session: Session, *, invitation_ids: Sequence[int], kinds: Sequence[str] = ()) -> None:
    """Takes back what has not left yet; of a letter in a sender's hands it notes that no further try may begin."""
    theirs = [col(OutgoingLetter.invitation_id).in_(invitation_ids)]
    theirs += [col(OutgoingLetter.kind).in_(kinds)] if kinds else []
    waiting = col(OutgoingLetter.state).in_([LetterState.HELD, LetterState.QUEUED])
    session.execute(sql_update(OutgoingLetter).where(*theirs, waiting).values(state=LetterState.CANCELLED))
    in_hand = col(OutgoingLetter.state) == LetterState.SENDING
    session.execute(sql_update(OutgoingLetter).where(*theirs, in_hand).values(unwanted=True))


def is_unwanted(session: Session, letter: OutgoingLetter) -> bool:
    """Whether a letter was taken back while it lay in a sender's hands."""
    found = select(OutgoingLetter.unwanted).where(OutgoingLetter.id == letter.id)
    return bool(session.connection().execute(found).scalar_one())


def later() -> ColumnElement[LetterState]:
    """The state of a letter that goes back to the queue: queued, or cancelled if nobody wants it any more."""
    return case((col(OutgoingLetter.unwanted), LetterState.CANCELLED), else_=LetterState.QUEUED)


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Whether a sender would find something; a look without the writer's lock."""
    due = (col(OutgoingLetter.state) == LetterState.QUEUED) & (col(OutgoingLetter.next_attempt_at) <= now)
    abandoned = (col(OutgoingLetter.state) == LetterState.SENDING) & (col(OutgoingLetter.lease_until) < now)
    return session.exec(select(OutgoingLetter.id).where(due | abandoned).limit(1)).first() is not None


def claim(session: Session, *, by: str, now: datetime, most: int = 20) -> list[OutgoingLetter]:
    """
    Up to `most` letters for one sender. No two senders get the same, and nobody's newer letter overtakes
    their older one. A lease that ran out is claimed again, byte for byte the same letter.
    """
    _end_unwanted(session, now=now)
    earlier = aliased(OutgoingLetter)
    on_its_way = [LetterState.QUEUED, LetterState.SENDING]
    overtaking = exists().where(
        col(earlier.invitation_id) == OutgoingLetter.invitation_id,
        col(earlier.id) < OutgoingLetter.id,
        col(earlier.state).in_(on_its_way),
    )
    queued = (col(OutgoingLetter.state) == LetterState.QUEUED) & (col(OutgoingLetter.next_attempt_at) <= now)
    abandoned = (col(OutgoingLetter.state) == LetterState.SENDING) & (col(OutgoingLetter.lease_until) < now)
    ids = (
        select(OutgoingLetter.id)
        .where(queued | abandoned, ~overtaking)
        .order_by(col(OutgoingLetter.next_attempt_at), col(OutgoingLetter.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    claimed = session.execute(
        sql_update(OutgoingLetter)
        .where(col(OutgoingLetter.id).in_(ids))
        .values(
            state=LetterState.SENDING,
            lease_until=now + LEASE,
            claimed_by=by,
            attempts=OutgoingLetter.attempts + 1,
        )
        .returning(OutgoingLetter)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(claimed.scalars(), key=lambda letter: letter.id or 0)


def _end_unwanted(session: Session, *, now: datetime) -> None:
    """What was taken back in the hands of a sender that died is not tried again."""
    in_hand = (col(OutgoingLetter.state) == LetterState.SENDING, col(OutgoingLetter.lease_until) < now)
    statement = sql_update(OutgoingLetter).where(*in_hand, col(OutgoingLetter.unwanted))
    session.execute(statement.values(state=LetterState.CANCELLED))


def abandon_all(session: Session, *, now: datetime) -> None:
    """Ends every lease: for the one sender of an embedded database, when it starts."""
    in_hand = col(OutgoingLetter.state) == LetterState.SENDING
    session.execute(
        sql_update(OutgoingLetter).where(in_hand).values(state=later(), lease_until=None, next_attempt_at=now)
    )
