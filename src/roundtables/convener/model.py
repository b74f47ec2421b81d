"""Conveners, the accounts that work for them, and how those sign in."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from roundtables.db import NAMES, choice

SQLModel.metadata.naming_convention = NAMES


class Role(StrEnum):
    OWNER = "owner"
    ORGANISER = "organiser"
    EDITOR = "editor"
    DAY_TEAM = "day-team"
    VIEWER = "viewer"


class Convener(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    slug: str = Field(unique=True)
    tagline: str = ""
    about: str = ""
    accent: str = "#7b2150"
    mail_from: str = ""
    time_zone: str = "Europe/London"
    created_at: datetime


class Account(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    name: str = ""
    created_at: datetime


class Membership(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("account_id", "convener_id"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    convener_id: int = Field(foreign_key="convener.id", index=True)
    role: Role = Field(sa_column=Column(choice(Role), nullable=False))


class SignInLink(SQLModel, table=True):
    __tablename__ = "sign_in_link"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    token_hash: str = Field(unique=True)
    expires_at: datetime
    used_at: datetime | None = None


class SignIn(SQLModel, table=True):
    """A browser that is signed in, until it ends."""

    __tablename__ = "sign_in"

    id: int | None = Field(default=None, primary_key=True)
    membership_id: int = Field(foreign_key="membership.id", index=True)
    token_hash: str = Field(unique=True)
    created_at: datetime
    expires_at: datetime


class ApiToken(SQLModel, table=True):
    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    membership_id: int = Field(foreign_key="membership.id", index=True)
    token_hash: str = Field(unique=True)
    created_at: datetime
    revoked_at: datetime | None = None
