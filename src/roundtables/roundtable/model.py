"""A roundtable, planned, open, held and closed."""

from datetime import date, datetime

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel
from typing_extensions import NotRequired, TypedDict

from roundtables.db import choice, json_type
from roundtables.roundtable.rules import Deputies, Rule, Status, Visibility


class SeatKind(TypedDict):
    """A kind of seat: `key` is one capital letter, `target` how many seats are meant for it, within the two limits."""

    key: str
    name: str
    target: int
    least: NotRequired[int]
    most: NotRequired[int]


class TagLimit(TypedDict):
    """At most (`most`), or at least (`least`), so many with this tag or sector."""

    tag: str
    least: NotRequired[int]
    most: NotRequired[int]


class AgendaItem(TypedDict):
    """`at` is a time in the table's zone, such as "10.15"; `who` leads it."""

    at: str
    what: str
    who: str


class Roundtable(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("slug"),
        Index("ix_roundtable_convener_id_starts_at", "convener_id", "starts_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    convener_id: int = Field(foreign_key="convener.id")
    slug: str
    uid: str = Field(unique=True)
    public_uid: str
    title: str
    question: str = ""
    summary: str = ""
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: str = ""
    town: str = ""
    online_url: str = ""
    seats: int
    seat_kinds: list[SeatKind] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    max_per_organisation: int | None = None
    rule: Rule = Field(sa_column=Column(choice(Rule), nullable=False))
    deputies: Deputies = Field(sa_column=Column(choice(Deputies), nullable=False))
    visibility: Visibility = Field(sa_column=Column(choice(Visibility), nullable=False))
    status: Status = Field(sa_column=Column(choice(Status), nullable=False))
    reply_by: date | None = None
    host_name: str = ""
    hosts: list[str] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    partners: list[str] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    agenda: list[AgendaItem] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    tag_limits: list[TagLimit] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    place_after_yes: bool = False
    on_record_part: str = ""
    sequence: int = 0
    reset_sequence: int = 0
    reset_at: datetime | None = None
    changed_at: datetime
    created_at: datetime
    closed_at: datetime | None = None
    came_in_public: int | None = None
    reply_hash: str | None = Field(default=None, unique=True, index=True)


class RoundtableReport(SQLModel, table=True):
    __tablename__ = "roundtable_report"

    roundtable_id: int = Field(foreign_key="roundtable.id", primary_key=True)
    report_id: int = Field(foreign_key="report.id", primary_key=True, index=True)
