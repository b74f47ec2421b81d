"""The log and its seals, the register of erasures, and whether this instance is held. No personal data in any of it."""

from datetime import datetime
from typing import cast

from sqlalchemy import BigInteger, Column, Index, Integer, Table
from sqlmodel import Field, SQLModel

from roundtables.db import json_type

NUMBER = BigInteger().with_variant(Integer(), "sqlite")


class Entry(SQLModel, table=True):
    """
    One change, written by the database itself in the transaction that made it (triggers.py). Never changed again.

    `who` is "account:3", "invitation:17", "mail:240", "command" or "" for the service itself; `about` the number of
    the row of that `kind`; `state` where it stands since, for what has a state; `fields` the names of what changed.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_kind_about", "kind", "about", "id"),)

    id: int | None = Field(default=None, sa_column=Column(NUMBER, primary_key=True))
    at: datetime
    who: str = ""
    what: str
    kind: str
    about: int
    state: str = ""
    fields: str = ""


LOG = cast("Table", Entry.__table__).c  # type: ignore[attr-defined]  # sqlmodel does not declare it


class Seal(SQLModel, table=True):
    """A stretch of the log made fast: `marks` are [number, mark] of each entry, `head` hangs on the seal before."""

    __tablename__ = "audit_seal"

    id: int = Field(primary_key=True)
    at: datetime
    last_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    marks: list[list[int | str]] = Field(sa_column=Column(json_type(), nullable=False))
    head: str
    signature: str


class Acting(SQLModel, table=True):
    """On SQLite: who makes the changes of the transaction under way; no row says anything between two."""

    id: int = Field(primary_key=True)
    who: str = ""


class Hold(SQLModel, table=True):
    """There is a row while this instance is held: `letters` were on their way in the backup it was made from."""

    id: int = Field(primary_key=True)
    since: datetime
    backup_of: datetime
    letters: int = 0


class Erasure(SQLModel, table=True):
    """An address that was erased, as a keyed hash: a backup made before must not bring its person back."""

    hash: str = Field(primary_key=True)
    at: datetime
