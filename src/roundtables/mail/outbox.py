"""
Letters on their way. A letter is a row written in the transaction of the change it tells of.

    HELD -> QUEUED -> SENDING -> IN_DOUBT -> SENT        "yes" of the server
               ^         │           ├─────> QUEUED      its "not now"; tried again later
               └─────────┘           ├─────> FAILED      its "never", or five days of "not now"
                                     └─────> IN_DOUBT    no answer at all: SENT once our copy of it comes back,
                                                         tried again byte for byte when the wait is over

    SENDING     one sender's, until its lease runs out; no byte of the letter has left
    IN_DOUBT    its bytes may be out. Written before they leave, with `doubts` counted up, so that a crash needs no
                further step; an answer counts it down again. `doubts` above 0 says: that many more than one copy
                may have been received. While a sender waits for the answer, it holds a lease here too.
    CANCELLED   what it said is no longer so; of a letter in a sender's hands that is noted (`unwanted`), and no
                further try begins

Who may take a letter in hand, and what becomes of it there, is claims.py.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, Index, LargeBinary, Table, case
from sqlalchemy import update as sql_update
from sqlmodel import Field, Session, SQLModel, col, func, select

from roundtables.db import choice

SEEN = "seen in the archive"  # in place of the server's answer


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


TABLE = cast("Table", OutgoingLetter.__table__)  # type: ignore[attr-defined]  # sqlmodel does not declare it
ROW = TABLE.c


def release(session: Session, letter: OutgoingLetter, *, now: datetime) -> None:
    """Lets a letter go: one that was held, or one that waits for its next try."""
    letter.state = LetterState.QUEUED
    letter.next_attempt_at = now
    session.add(letter)


def is_in_hand(letter: OutgoingLetter) -> bool:
    """Whether a sender has the letter just now: nobody else may change what becomes of it."""
    handed_over = letter.state is LetterState.IN_DOUBT and letter.lease_until is not None
    return letter.state is LetterState.SENDING or handed_over


def cancel_unsent(session: Session, *, invitation_ids: Sequence[int], kinds: Sequence[str] = ()) -> None:
    """
    Takes back what has not left yet; of a letter in a sender's hands it notes that no further try may begin. One
    statement, for a letter may pass from one state to the next between two.
    """
    theirs = [col(OutgoingLetter.invitation_id).in_(invitation_ids)]
    theirs += [col(OutgoingLetter.kind).in_(kinds)] if kinds else []
    state, in_hand = col(OutgoingLetter.state), col(OutgoingLetter.lease_until).is_not(None)
    waiting = state.in_([LetterState.HELD, LetterState.QUEUED]) | ((state == LetterState.IN_DOUBT) & ~in_hand)
    under_way = state.in_([LetterState.SENDING, LetterState.IN_DOUBT])
    taken_back = sql_update(OutgoingLetter).where(*theirs, waiting | under_way)
    session.execute(
        taken_back.values(
            state=case((waiting, LetterState.CANCELLED), else_=state),
            unwanted=case((waiting, col(OutgoingLetter.unwanted)), else_=True),
        )
    )


def settle_from_archive(session: Session, message_id: str, *, now: datetime) -> bool:
    """
    A letter's copy came to our own mailbox: what was in doubt is sent. Answers whether `message_id` (with or without
    angle brackets) names a letter of ours; to say it twice, or of a letter that is settled, changes nothing.

    A copy is in the same transaction as the letter (RFC 5321 §3.3): if one arrived, the server has taken both.
    """
    ours = ROW.message_id == message_id.strip().strip("<>")
    open_still = ROW.state.not_in([LetterState.HELD, LetterState.SENT])
    arrived = {
        "state": LetterState.SENT,
        "answer": SEEN,
        "sent_at": func.coalesce(ROW.doubt_since, now),
        "lease_until": None,
    }
    session.connection().execute(TABLE.update().where(ours, open_still).values(**arrived, **answered()))
    return session.connection().execute(select(ROW.id).where(ours)).first() is not None


def answered() -> dict[str, ColumnElement[Any]]:
    """The columns of a letter in doubt once one of its handings over has found its answer."""
    return {
        "doubts": case((ROW.doubts > 0, ROW.doubts - 1), else_=0),
        "doubt_since": case((ROW.doubts > 1, ROW.doubt_since), else_=None),
    }


def later() -> ColumnElement[LetterState]:
    """The state of a letter that goes back to the queue: queued, or cancelled if nobody wants it any more."""
    return case((ROW.unwanted, LetterState.CANCELLED.value), else_=LetterState.QUEUED.value)
