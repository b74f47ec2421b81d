"""A person in a convener's book, and the other addresses they write from."""

from datetime import datetime

from sqlalchemy import Column, Index, UniqueConstraint
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
