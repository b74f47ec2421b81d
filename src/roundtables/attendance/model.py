"""Who came, and the needs that few may read and that end on a date."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from roundtables.db import choice


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
