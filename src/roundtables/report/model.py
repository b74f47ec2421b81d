"""A publication that a discussion is about."""

from datetime import date, datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from roundtables.db import json_type


class Report(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    convener_id: int = Field(foreign_key="convener.id", index=True)
    slug: str = Field(unique=True)
    title: str
    authors: list[str] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    publisher: str = ""
    published_on: date | None = None
    url: str = ""
    created_at: datetime
