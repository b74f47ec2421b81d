"""Who came, the needs that few may read and that end on a date, and how the day itself is kept."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field, SQLModel
from typing_extensions import TypedDict

from roundtables.attendance.seating_rules import Side
from roundtables.db import choice, json_type


class Came(StrEnum):
    IN_PERSON = "in-person"
    ONLINE = "online"
    NO = "no"
    WALK_IN = "walk-in"


class Attendance(SQLModel, table=True):
    invitation_id: int = Field(foreign_key="invitation.id", primary_key=True)
    came: Came = Field(sa_column=Column(choice(Came), nullable=False))
    recorded_at: datetime
    recorded_by: str


class Needs(SQLModel, table=True):
    invitation_id: int = Field(foreign_key="invitation.id", primary_key=True)
    dietary: str = ""
    access: str = ""
    note: str = ""
    given_at: datetime
    delete_on: date = Field(index=True)


class SeatKept(TypedDict):
    """One seat of a plan: the invitation that has it, None if nobody, and whether it is kept there by hand."""

    who: int | None
    kept: bool


class SeatingPlan(SQLModel, table=True):
    """Who sits where, clockwise from the top. There is one for a table, the same on the page and in print."""

    __tablename__ = "seating_plan"

    roundtable_id: int = Field(foreign_key="roundtable.id", primary_key=True)
    seats: list[SeatKept] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    loop: Side = Field(default=Side.RIGHT, sa_column=Column(choice(Side), nullable=False))
    made_at: datetime
    made_by: str


class Printing(SQLModel, table=True):
    """That something was printed, and a digest of what it said of each invitation, to tell what changed since."""

    id: int | None = Field(default=None, primary_key=True)
    roundtable_id: int = Field(foreign_key="roundtable.id", index=True)
    kind: str
    printed_at: datetime
    printed_by: str
    said: dict[str, str] = Field(default_factory=dict, sa_column=Column(json_type(), nullable=False))


class DoorMark(SQLModel, table=True):
    """One tap at the door. The same `key` counts once; `before` is what an undo brings back, None if nothing stood."""

    __tablename__ = "door_mark"
    __table_args__ = (UniqueConstraint("invitation_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    invitation_id: int = Field(foreign_key="invitation.id")
    key: str
    came: Came = Field(sa_column=Column(choice(Came), nullable=False))
    before: Came | None = Field(default=None, sa_column=Column(choice(Came)))
    marked_at: datetime
    marked_by: str
    undone_at: datetime | None = None


class WalkIn(SQLModel, table=True):
    """Somebody who came unasked: counted, and named only if they agreed. `key` is of the form, which counts once."""

    __tablename__ = "walk_in"
    __table_args__ = (UniqueConstraint("roundtable_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    roundtable_id: int = Field(foreign_key="roundtable.id")
    key: str
    name: str = ""
    organisation: str = ""
    online: bool = False
    may_be_listed: bool = False
    recorded_at: datetime
    recorded_by: str
