"""Posts over the REST API."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from litestar import Response, Router, delete, get, patch, post
from litestar.params import FromPath, RawBody
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from roundtables.convener.access import AnyRequest, Signed, TheDb
from roundtables.convener.rules import EDITORS, READERS
from roundtables.db import now
from roundtables.post import actions, queries
from roundtables.post.model import Post, State
from roundtables.post.queries import Links
from roundtables.post.rules import RuleBroken
from roundtables.post.text import LONGEST_BODY, Text
from roundtables.web.api import (
    Cursor,
    Limit,
    Line,
    Listing,
    Moment,
    RowId,
    WebAddress,
    allow,
    known_numbers,
    part,
    patch_of,
    place_of,
    read,
    sent,
    told,
)
from roundtables.web.api import Text as Words
from roundtables.web.once import once
from roundtables.web.openapi import takes
from roundtables.web.problems import problem

Body = Annotated[str, Field(max_length=LONGEST_BODY)]
Ids = Annotated[list[RowId], Field(max_length=50)]


class AuthorIn(BaseModel):
    """An author, as at the time of writing."""

    name: Line
    title: Line = ""
    organisation: Line = ""


class PostIn(BaseModel):
    """What one may say of a post; `body` is Markdown."""

    title: Line
    standfirst: Words = ""
    body: Body = ""
    authors: Annotated[list[AuthorIn], Field(max_length=20)] = []
    roundtable_ids: Ids = []
    report_ids: Ids = []
    topics: Annotated[list[Line], Field(max_length=50)] = []
    language: Line = "en-GB"
    canonical_url: WebAddress = ""
    publish_at: Moment | None = None


PostPatch = patch_of(PostIn, "PostPatch")


class PostOut(BaseModel):
    """A post; `slug` is its place on the public site once it is published."""

    id: int
    slug: str
    state: State
    title: str
    standfirst: str
    body: str
    authors: list[AuthorIn]
    roundtable_ids: list[int]
    report_ids: list[int]
    topics: list[str]
    language: str
    canonical_url: str
    publish_at: datetime | None
    published_at: datetime | None
    override_reason: str
    override_by: str


class FindingOut(BaseModel):
    """Words at [start, end) of a field that point at a guest; `must` stands in the way of publication."""

    model_config = ConfigDict(from_attributes=True)

    field: str
    start: int
    end: int
    words: str
    reason: str
    suggestion: str
    must: bool


class PublicationIn(BaseModel):
    """Why findings of the rule check are overruled; it is kept, with who said so."""

    override_reason: Words = ""


@get("/", may=READERS, sync_to_thread=True)
def list_posts(caller: Signed, db: TheDb, cursor: Cursor = "", limit: Limit = 100) -> Response[Listing[PostOut]]:
    """Posts, newest first."""
    with db.read() as session:
        rows = queries.page(session, caller.convener_id, after=place_of(cursor, int), limit=limit + 1)
        rows, following = part(rows, limit, lambda row: (row.id or 0,))
        linked = queries.links(session, [row.id or 0 for row in rows])
    return told(Listing(items=[_out(row, linked[row.id or 0]) for row in rows], next=following))


@post("/", may=EDITORS, sync_to_thread=True, operation_class=takes(PostIn))
def add_post(request: AnyRequest, caller: Signed, db: TheDb, body: RawBody) -> Response[PostOut]:
    """Writes a draft."""
    allow(caller.may_write_posts)
    text = Text(**read(PostIn, body).model_dump())

    def act(session: Session) -> PostOut:
        return _told(session, actions.write(session, caller.convener_id, text, now=now()))

    return once(db, request, caller.convener_id, body, act)


@get("/{post_id:int}", may=READERS, sync_to_thread=True)
def get_post(post_id: FromPath[int], caller: Signed, db: TheDb) -> Response[PostOut]:
    """One post."""
    with db.read() as session:
        return told(_told(session, queries.by_id(session, caller.convener_id, post_id)))


@patch("/{post_id:int}", may=EDITORS, sync_to_thread=True, operation_class=takes(PostPatch))
def change_post(post_id: FromPath[int], caller: Signed, db: TheDb, body: RawBody) -> Response[Any]:
    """Changes the fields that are sent. A published post is checked again: 409 with the findings."""
    allow(caller.may_write_posts)
    changes = _plain(sent(read(PostPatch, body)))
    try:
        with db.write() as session:
            row = queries.by_id(session, caller.convener_id, post_id)
            text = replace(actions.text_of(session, row), **changes)
            return told(_told(session, actions.change(session, row, text, by=caller.name, now=now())))
    except RuleBroken as error:
        return _objected(error)


@get("/{post_id:int}/findings", may=READERS, sync_to_thread=True)
def get_findings(post_id: FromPath[int], caller: Signed, db: TheDb) -> Response[Listing[FindingOut]]:
    """What the rule check says about a post, field by field."""
    with db.read() as session:
        found = actions.check(session, queries.by_id(session, caller.convener_id, post_id))
    return told(Listing(items=[FindingOut.model_validate(finding) for finding in found]))


@post(
    "/{post_id:int}/publication", may=EDITORS, sync_to_thread=True, operation_class=takes(PublicationIn, needed=False)
)
def publish_post(
    request: AnyRequest, post_id: FromPath[int], caller: Signed, db: TheDb, body: RawBody
) -> Response[Any]:
    """Publishes a post, now or at its `publish_at`; where the rule check objects 409 with the findings."""
    allow(caller.may_write_posts)
    reason = read(PublicationIn, body).override_reason

    def act(session: Session) -> PostOut:
        row = queries.by_id(session, caller.convener_id, post_id)
        return _told(session, actions.publish(session, row, by=caller.name, now=now(), override_reason=reason))

    try:
        return once(db, request, caller.convener_id, body, act)
    except RuleBroken as error:
        return _objected(error)


@delete("/{post_id:int}/publication", may=EDITORS, sync_to_thread=True, status_code=200)
def withdraw_post(post_id: FromPath[int], caller: Signed, db: TheDb) -> Response[PostOut]:
    """Takes a post from the public."""
    allow(caller.may_write_posts)
    with db.write() as session:
        row = actions.withdraw(session, queries.by_id(session, caller.convener_id, post_id), now=now())
        return told(_told(session, row))


def _told(session: Session, row: Post) -> PostOut:
    return _out(row, queries.links(session, [actions.number(row)])[actions.number(row)])


def _out(row: Post, linked: Links) -> PostOut:
    own = {name: getattr(row, name) for name in PostOut.model_fields if name not in Links.__dataclass_fields__}
    return PostOut(
        **own,
        roundtable_ids=list(linked.roundtable_ids),
        report_ids=list(linked.report_ids),
        topics=list(linked.topics),
    )


def _plain(changes: dict[str, Any]) -> dict[str, Any]:
    """Authors as plain values, as the actions take them."""
    if "authors" in changes:
        changes["authors"] = [author.model_dump() for author in changes["authors"]]
    return changes


def _objected(error: RuleBroken) -> Response[dict[str, Any]]:
    found = [FindingOut.model_validate(finding).model_dump() for finding in error.findings]
    return problem(409, error.message, errors=[], findings=found)


HANDLERS = [
    Router(
        "/posts",
        route_handlers=[list_posts, add_post, get_post, change_post, get_findings, publish_post, withdraw_post],
        guards=[known_numbers],
        tags=["Posts"],
    )
]
