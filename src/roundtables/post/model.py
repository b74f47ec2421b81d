"""A post, and what it is linked to."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel
from typing_extensions import TypedDict

from roundtables.db import choice, json_type


class State(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in-review"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Author(TypedDict):
    """As at the time of writing."""

    name: str
    title: str
    organisation: str


class Post(SQLModel, table=True):
    __table_args__ = (
        Index("ix_post_convener_id_created_at", "convener_id", "created_at", "id"),
        Index("ix_post_state_published_at", "state", "published_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    convener_id: int = Field(foreign_key="convener.id")
    slug: str = Field(unique=True)
    title: str
    standfirst: str = ""
    body: str = ""
    html: str = ""
    plain: str = ""
    authors: list[Author] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    language: str = "en-GB"
    canonical_url: str = ""
    state: State = Field(sa_column=Column(choice(State), nullable=False))
    publish_at: datetime | None = None
    published_at: datetime | None = None
    changed_at: datetime
    created_at: datetime
    override_reason: str = ""
    override_by: str = ""


class PostRoundtable(SQLModel, table=True):
    __tablename__ = "post_roundtable"

    post_id: int = Field(foreign_key="post.id", primary_key=True)
    roundtable_id: int = Field(foreign_key="roundtable.id", primary_key=True, index=True)


class PostReport(SQLModel, table=True):
    __tablename__ = "post_report"

    post_id: int = Field(foreign_key="post.id", primary_key=True)
    report_id: int = Field(foreign_key="report.id", primary_key=True, index=True)


class PostTopic(SQLModel, table=True):
    __tablename__ = "post_topic"

    post_id: int = Field(foreign_key="post.id", primary_key=True)
    slug: str = Field(primary_key=True, index=True)
    name: str
