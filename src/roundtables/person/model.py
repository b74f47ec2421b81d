"""A person in a convener's book, the other addresses they write from, files of people, and people made one."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from roundtables.db import json_type


class Person(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("convener_id", "email_key"),
        Index("ix_person_convener_id_sort_key", "convener_id", "sort_key", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    convener_id: int = Field(foreign_key="convener.id")
    name: str
    sort_key: str
    email: str
    email_key: str
    title: str = ""
    organisation: str = ""
    sectors: list[str] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    assistant_email: str = ""
    time_zone: str = ""
    language: str = "en-GB"
    created_at: datetime
    unsubscribed_at: datetime | None = None
    erased_at: datetime | None = None


class PersonAddress(SQLModel, table=True):
    """Another address a person writes from; `learnt` from their own mail, or given."""

    __tablename__ = "person_address"
    __table_args__ = (UniqueConstraint("convener_id", "address_key"),)

    id: int | None = Field(default=None, primary_key=True)
    convener_id: int = Field(foreign_key="convener.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    address: str
    address_key: str
    learnt: bool = False


class PeopleFile(SQLModel, table=True):
    """
    A file of people that is looked through before it is stored; kept for an hour. `content` and `report` are
    compressed; everybody whom it adds is `created_at` the moment `began_at`.
    """

    __tablename__ = "people_file"

    id: int | None = Field(default=None, primary_key=True)
    convener_id: int = Field(foreign_key="convener.id")
    account_id: int = Field(foreign_key="account.id")
    pasted: bool = False
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    report: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    created_at: datetime = Field(index=True)
    began_at: datetime | None = None
    undone_at: datetime | None = None


class PeopleMerge(SQLModel, table=True):
    """Two people made one; `before` is what an undo brings back, kept for thirty days."""

    __tablename__ = "people_merge"

    id: int | None = Field(default=None, primary_key=True)
    convener_id: int = Field(foreign_key="convener.id")
    kept_id: int = Field(index=True)
    gone_id: int = Field(index=True)
    at: datetime
    by: str
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(json_type()))
    undone_at: datetime | None = None
