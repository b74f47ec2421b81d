"""
Mail that arrived. Kept first, acknowledged then, read after that; each ends with an outcome and a reason.

    (kept, no outcome yet) -> APPLIED | NEEDS_HUMAN | IGNORED | QUARANTINED
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import BigInteger, Column, Index, LargeBinary, bindparam, insert
from sqlalchemy.orm import QueryableAttribute, defer
from sqlmodel import Field, Session, SQLModel, col, func, select

from roundtables.db import choice, json_type
from roundtables.mail.opening import Sealed

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


# Built once: for each mail they are asked anew.
_TWIN = (
    select(IncomingMail.id)
    .where(
        IncomingMail.fingerprint == bindparam("fingerprint"),
        col(IncomingMail.invitation_id).is_not_distinct_from(bindparam("invitation_id")),
        col(IncomingMail.id) < bindparam("before"),
        col(IncomingMail.outcome).is_not(None),
    )
    .order_by(col(IncomingMail.id))
    .limit(1)
)
_NUMBER_SINCE = select(func.count(func.distinct(IncomingMail.fingerprint))).where(
    IncomingMail.invitation_id == bindparam("invitation_id"),
    col(IncomingMail.received_at) > bindparam("since"),
    col(IncomingMail.id) < bindparam("before"),
)
_RAW = cast(QueryableAttribute[bytes], IncomingMail.raw)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A mail as it came through a door. `envelope_from` is "" for a null sender, None when nobody knows it."""

    raw: bytes
    door: Door
    received_at: datetime
    envelope_from: str | None = None
    envelope_to: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        recipients = "\n".join(sorted(self.envelope_to))
        return hashlib.sha256(self.raw + b"\0" + recipients.encode()).hexdigest()


def keep(session: Session, deliveries: Sequence[Delivery]) -> None:
    """A row for each delivery, unless the very same was kept before."""
    by_digest = {delivery.digest: delivery for delivery in deliveries}
    known = select(IncomingMail.digest).where(col(IncomingMail.digest).in_(by_digest))
    for digest in session.exec(known):
        del by_digest[digest]
    if by_digest:
        session.execute(insert(IncomingMail), [_row(delivery, digest) for digest, delivery in by_digest.items()])


def _row(delivery: Delivery, digest: str) -> dict[str, Any]:
    return {
        "received_at": delivery.received_at,
        "door": delivery.door,
        "envelope_from": delivery.envelope_from,
        "envelope_to": list(delivery.envelope_to),
        "raw": delivery.raw,
        "digest": digest,
    }


def number_of(session: Session, delivery: Delivery) -> int:
    """The number of the row a delivery was kept in."""
    return session.exec(select(IncomingMail.id).where(IncomingMail.digest == delivery.digest)).one() or 0


def unread(session: Session, *, most: int, without: Collection[int] = ()) -> list[int]:
    """
    The numbers of the oldest mails without an outcome and not among `without`; those that made us stumble come last.

    One number of tries at a time, for then the index has them in order: thousands may wait.
    """
    for tries in range(TRIES):
        waiting = select(IncomingMail.id).where(col(IncomingMail.outcome).is_(None), IncomingMail.tries == tries)
        waiting = waiting.order_by(col(IncomingMail.id)).limit(most + len(without))
        if found := [number for number in session.exec(waiting) if number is not None and number not in without]:
            return found[:most]
    return []


def sealed(session: Session, numbers: Sequence[int], trusted: str | None) -> dict[int, Sealed]:
    """What is to be opened of these mails; `trusted` is the name of our own mail server."""
    row = IncomingMail
    found = select(row.id, row.raw, row.envelope_from, row.envelope_to).where(col(row.id).in_(numbers))
    return {
        number: Sealed(raw, sender, tuple(to), trusted)
        for number, raw, sender, to in session.exec(found)
        if number is not None
    }


def hold(session: Session, numbers: Sequence[int]) -> list[IncomingMail]:
    """Those of the mails that have no outcome and that nobody else holds, for this transaction alone."""
    found = select(IncomingMail).where(col(IncomingMail.id).in_(numbers), col(IncomingMail.outcome).is_(None))
    found = found.options(defer(_RAW)).order_by(col(IncomingMail.id))
    return list(session.exec(found.with_for_update(skip_locked=True)))


def twin(session: Session, mail: IncomingMail, fingerprint: str, invitation_id: int | None) -> int | None:
    """The number of the settled mail of the same content and invitation that came before `mail`."""
    _write_down(session, invitation_id)
    mails = {"fingerprint": fingerprint, "invitation_id": invitation_id, "before": mail.id}
    number: int | None = session.connection().execute(_TWIN, mails).scalar()
    return number


def number_since(session: Session, invitation_id: int | None, *, since: datetime, before: IncomingMail) -> int:
    """How many different mails of one invitation came after `since` and before `before`; copies count once."""
    _write_down(session, invitation_id)
    mails = {"invitation_id": invitation_id, "since": since, "before": before.id}
    number: int = session.connection().execute(_NUMBER_SINCE, mails).scalar_one()
    return number


def _write_down(session: Session, invitation_id: int | None) -> None:
    """What this transaction settled of the same invitation counts too; all else need not be written down for that."""
    if any(isinstance(row, IncomingMail) and row.invitation_id == invitation_id for row in session.dirty):
        session.flush()


class MailboxPlace(SQLModel, table=True):
    """How far a mailbox elsewhere has been read; `validity` and `uid` are its own numbers (RFC 3501 §2.3.1.1)."""

    __tablename__ = "mailbox_place"

    mailbox: str = Field(primary_key=True)
    validity: int = Field(sa_column=Column(BigInteger, nullable=False))
    uid: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    read_at: datetime
