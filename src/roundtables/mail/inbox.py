"""
Mail that arrived. Kept first, acknowledged then, read after that; each ends with an outcome and a reason.

    (kept, no outcome yet) -> APPLIED | NEEDS_HUMAN | IGNORED | QUARANTINED
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index, LargeBinary
from sqlalchemy import update as sql_update
from sqlmodel import Field, Session, SQLModel, col, select

from roundtables.db import choice, json_type

TRIES = 3


class Outcome(StrEnum):
    APPLIED = "applied"
    NEEDS_HUMAN = "needs-human"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"


class Door(StrEnum):
    LMTP = "lmtp"
    IMAP = "imap"
    PIPE = "pipe"
    HTTP = "http"


class IncomingMail(SQLModel, table=True):
    """`digest` is of the bytes and the envelope: the same delivery again finds its row."""

    __tablename__ = "incoming_mail"
    __table_args__ = (
        Index("ix_incoming_mail_convener_id_outcome_id", "convener_id", "outcome", "id"),
        Index("ix_incoming_mail_unread", "outcome", "tries", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    convener_id: int | None = Field(default=None, foreign_key="convener.id")
    received_at: datetime
    door: Door = Field(sa_column=Column(choice(Door), nullable=False))
    envelope_from: str | None = None
    envelope_to: list[str] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    digest: str = Field(unique=True)
    fingerprint: str = Field(default="", index=True)
    sender: str = ""
    subject: str = ""
    outcome: Outcome | None = Field(default=None, sa_column=Column(choice(Outcome)))
    reason: str = ""
    decides: str = ""
    suggestion: dict[str, Any] | None = Field(default=None, sa_column=Column(json_type()))
    invitation_id: int | None = Field(default=None, foreign_key="invitation.id", index=True)
    facts: dict[str, Any] | None = Field(default=None, sa_column=Column(json_type()))
    tells_needs: bool = False
    tries: int = 0
    settled_at: datetime | None = None


def keep(
    session: Session,
    raw: bytes,
    *,
    door: Door,
    now: datetime,
    envelope_from: str | None = None,
    envelope_to: Sequence[str] = (),
) -> IncomingMail:
    """The row of this delivery, a new one unless the very same was kept before."""
    digest = hashlib.sha256(raw + b"\0" + "\n".join(sorted(envelope_to)).encode()).hexdigest()
    kept = session.exec(select(IncomingMail).where(IncomingMail.digest == digest)).one_or_none()
    if kept is not None:
        return kept
    mail = IncomingMail(
        received_at=now, door=door, raw=raw, digest=digest, envelope_from=envelope_from, envelope_to=list(envelope_to)
    )
    session.add(mail)
    session.flush()
    return mail


def is_any_unread(session: Session) -> bool:
    waiting = select(IncomingMail.id).where(col(IncomingMail.outcome).is_(None), IncomingMail.tries < TRIES)
    return session.exec(waiting.limit(1)).first() is not None


def next_unread(session: Session) -> IncomingMail | None:
    """
    The oldest mail without an outcome, held by this transaction alone; those that made us stumble come last.

    One number of tries at a time, for then the index has them in order: thousands may wait.
    """
    for tries in range(TRIES):
        waiting = select(IncomingMail).where(col(IncomingMail.outcome).is_(None), IncomingMail.tries == tries)
        first = waiting.order_by(col(IncomingMail.id)).limit(1).with_for_update(skip_locked=True)
        if (mail := session.exec(first).one_or_none()) is not None:
            return mail
    return None


def count_try(session: Session, mail_id: int) -> None:
    session.execute(
        sql_update(IncomingMail).where(col(IncomingMail.id) == mail_id).values(tries=IncomingMail.tries + 1)
    )


def twin(session: Session, mail: IncomingMail, fingerprint: str, invitation_id: int | None) -> IncomingMail | None:
    """The settled mail of the same content and invitation that came before `mail`, None if there is none."""
    return session.exec(
        select(IncomingMail)
        .where(
            IncomingMail.fingerprint == fingerprint,
            col(IncomingMail.invitation_id) == invitation_id,
            col(IncomingMail.id) < mail.id,
            col(IncomingMail.outcome).is_not(None),
        )
        .order_by(col(IncomingMail.id))
        .limit(1)
    ).one_or_none()


class MailboxPlace(SQLModel, table=True):
    """How far a mailbox elsewhere has been read; `validity` and `uid` are its own numbers (RFC 3501 §2.3.1.1)."""

    __tablename__ = "mailbox_place"

    mailbox: str = Field(primary_key=True)
    validity: int
    uid: int = 0
    read_at: datetime
