"""An invitation: one person, one table. And the lines of its history."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from roundtables.db import choice, json_type
from roundtables.invitation.rules import Answer, State, Via


class Invitation(SQLModel, table=True):
    """`name`, `title` and `organisation` are as printed at the event: the book may move on."""

    __table_args__ = (
        UniqueConstraint("roundtable_id", "person_id"),
        Index("ix_invitation_roundtable_id_state", "roundtable_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    convener_id: int = Field(foreign_key="convener.id", index=True)
    roundtable_id: int = Field(foreign_key="roundtable.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    name: str
    email: str
    title: str = ""
    organisation: str = ""
    role: str = "guest"
    seat_kind: str = ""
    wave: int = 1
    note: str = ""

    state: State = Field(sa_column=Column(choice(State), nullable=False))
    answer: Answer | None = Field(default=None, sa_column=Column(choice(Answer)))
    earlier_answer: Answer | None = Field(default=None, sa_column=Column(choice(Answer)))
    until: date | None = None
    comment: str = ""
    answered_at: datetime | None = None
    answered_via: Via | None = Field(default=None, sa_column=Column(choice(Via)))
    reply_sequence: int | None = None
    reply_stamp: datetime | None = None
    holds_seat: bool = False
    waiting_since: datetime | None = None

    nonce: str
    reply_hash: str = Field(unique=True)
    page_hash: str = Field(unique=True)
    uid: str = Field(index=True)
    asked_at: datetime | None = None
    bounced_at: datetime | None = None
    bounce: str = ""
    away_until: date | None = None
    provisional: bool = False
    wants_writeup: bool = False
    mode: str = ""
    unsubscribe_hash: str | None = Field(default=None, unique=True, index=True)

    deputy_of_id: int | None = Field(default=None, foreign_key="invitation.id", index=True)
    deputy_name: str = ""
    deputy_email: str = ""
    deputy_note: str = ""

    created_at: datetime


class History(SQLModel, table=True):
    """One line of what happened to an invitation; `before` is what an undo brings back."""

    id: int | None = Field(default=None, primary_key=True)
    invitation_id: int = Field(foreign_key="invitation.id", index=True)
    at: datetime
    by: str
    what: str
    mail_id: int | None = Field(default=None, foreign_key="incoming_mail.id", index=True)
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(json_type()))
    undone_at: datetime | None = None
