"""Conveners, the accounts that work for them, and how those sign in."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from roundtables.db import NAMES, choice
from roundtables.texts import SOURCE

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
    language: str = SOURCE  # of public pages and letters
    created_at: datetime


class Account(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    name: str = ""
    language: str = ""  # of the desk; "" is the convener's
    password_hash: str = ""  # "" where no password was chosen
    oidc_subject: str = ""  # whom an identity provider means: its issuer, a blank, its name for them
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
    """A browser that is signed in for one convener, until it ends."""

    __tablename__ = "sign_in"

    id: int | None = Field(default=None, primary_key=True)
    membership_id: int = Field(foreign_key="membership.id", index=True)
    token_hash: str = Field(unique=True)
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None = None
    proved_at: datetime | None = None  # when somebody last showed who they are
    browser: str = ""  # "Firefox on Linux", for its owner to know it by


class Arrival(SQLModel, table=True):
    """Somebody who has shown who they are, and still owes a code or the choice of a convener."""

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    token_hash: str = Field(unique=True)
    owes_code: bool
    going_to: str = ""
    expires_at: datetime


class Authenticator(SQLModel, table=True):
    """A program that shows six digits. The secret is encrypted; until it is confirmed nobody is asked for a code."""

    account_id: int = Field(foreign_key="account.id", primary_key=True)
    secret: str
    created_at: datetime
    confirmed_at: datetime | None = None


class RecoveryCode(SQLModel, table=True):
    """Stands in for the authenticator, once."""

    __tablename__ = "recovery_code"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    code_hash: str = Field(unique=True)
    used_at: datetime | None = None


class Passkey(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    credential: str = Field(unique=True)  # its number, base64url
    public_key: bytes
    uses: int = 0  # as the key itself counts them
    name: str = ""
    created_at: datetime
    used_at: datetime | None = None


class SignInTry(SQLModel, table=True):
    """A try that may have been a guess. `key` hides which account, or which place, it was."""

    __tablename__ = "sign_in_try"
    __table_args__ = (Index("ix_sign_in_try_key_tried_at", "key", "tried_at"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str
    tried_at: datetime = Field(index=True)


class Spent(SQLModel, table=True):
    """What counts once: a code, a challenge, the state of a round trip."""

    hash: str = Field(primary_key=True)
    spent_at: datetime = Field(index=True)


class ApiToken(SQLModel, table=True):
    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    membership_id: int = Field(foreign_key="membership.id", index=True)
    token_hash: str = Field(unique=True)
    created_at: datetime
    revoked_at: datetime | None = None
