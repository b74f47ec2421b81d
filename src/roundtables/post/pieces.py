"""What readers see, as plain values: a convener, posts, discussions, reports, topics. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from roundtables.post.attribution import Shown
from roundtables.roundtable.rules import Rule
from roundtables.texts import _, listed


@dataclass(frozen=True, slots=True)
class Host:
    """A convener as the public sees it."""

    id: int
    name: str
    slug: str
    tagline: str
    about: str
    accent: str
    time_zone: str
    language: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Article:
    """A published post."""

    id: int
    host: Host
    slug: str
    title: str
    standfirst: str
    html: str
    plain: str
    authors: Sequence[Mapping[str, str]]
    language: str
    canonical_url: str
    published_at: datetime
    changed_at: datetime

    @property
    def path(self) -> str:
        return f"/posts/{self.slug}"

    @property
    def by(self) -> str:
        return listed([author["name"] for author in self.authors], _(" and "))


@dataclass(frozen=True, slots=True)
class Discussion:
    """A visible table, as planned; `came` only if the organiser released the number."""

    id: int
    host: Host
    slug: str
    title: str
    question: str
    summary: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    town: str
    seats: int
    seat_kinds: Sequence[Mapping[str, Any]]
    rule: Rule
    came: int | None
    shown: Shown
    public_uid: str
    changed_at: datetime
    created_at: datetime

    @property
    def path(self) -> str:
        return f"/discussions/{self.slug}"


@dataclass(frozen=True, slots=True)
class Paper:
    """A report that a visible table or a published post is linked to."""

    id: int
    host: Host
    slug: str
    title: str
    authors: list[str]
    publisher: str
    published_on: date | None
    url: str

    @property
    def path(self) -> str:
        return f"/reports/{self.slug}"


@dataclass(frozen=True, slots=True)
class Topic:
    slug: str
    name: str

    @property
    def path(self) -> str:
        return f"/topics/{self.slug}"
