"""Reports over the REST API."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from litestar import Response, Router, get, patch, post
from litestar.params import FromPath, RawBody
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from roundtables.convener.access import AnyRequest, Signed, TheDb
from roundtables.convener.rules import ORGANISERS, READERS
from roundtables.db import now
from roundtables.report import actions, queries
from roundtables.report.actions import Details
from roundtables.web.api import (
    Cursor,
    Day,
    Limit,
    Line,
    Listing,
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
from roundtables.web.once import once
from roundtables.web.openapi import takes


class ReportIn(BaseModel):
    """What one may say of a report."""

    title: Line
    authors: Annotated[list[Line], Field(max_length=50)] = []
    publisher: Line = ""
    published_on: Day | None = None
    url: WebAddress = ""


ReportPatch = patch_of(ReportIn, "ReportPatch")


class ReportOut(BaseModel):
    """A report; `slug` is its place on the public site."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    slug: str
    title: str
    authors: list[str]
    publisher: str
    published_on: date | None
    url: str
    created_at: datetime


@get("/", may=READERS, sync_to_thread=True)
def list_reports(caller: Signed, db: TheDb, cursor: Cursor = "", limit: Limit = 100) -> Response[Listing[ReportOut]]:
    """Reports, newest first."""
    with db.read() as session:
        rows = queries.page(session, caller.convener_id, after=place_of(cursor, int), limit=limit + 1)
    rows, following = part(rows, limit, lambda r: (r.id or 0,))
    return told(Listing(items=[ReportOut.model_validate(r) for r in rows], next=following))


@post("/", may=ORGANISERS, sync_to_thread=True, operation_class=takes(ReportIn))
def add_report(request: AnyRequest, caller: Signed, db: TheDb, body: RawBody) -> Response[ReportOut]:
    """Adds a report."""
    allow(caller.may_organise)
    details = Details(**dict(read(ReportIn, body)))

    def act(session: Session) -> ReportOut:
        return ReportOut.model_validate(actions.add(session, caller.convener_id, details, now=now()))

    return once(db, request, caller.convener_id, body, act)


@get("/{report_id:int}", may=READERS, sync_to_thread=True)
def get_report(report_id: FromPath[int], caller: Signed, db: TheDb) -> Response[ReportOut]:
    """One report."""
    with db.read() as session:
        return told(ReportOut.model_validate(queries.by_id(session, caller.convener_id, report_id)))


@patch("/{report_id:int}", may=ORGANISERS, sync_to_thread=True, operation_class=takes(ReportPatch))
def change_report(report_id: FromPath[int], caller: Signed, db: TheDb, body: RawBody) -> Response[ReportOut]:
    """Changes the fields that are sent."""
    allow(caller.may_organise)
    changes = sent(read(ReportPatch, body))
    with db.write() as session:
        report = queries.by_id(session, caller.convener_id, report_id)
        actions.change(session, report, replace(actions.details_of(report), **changes))
        return told(ReportOut.model_validate(report))


HANDLERS = [
    Router(
        "/reports",
        route_handlers=[list_reports, add_report, get_report, change_report],
        guards=[known_numbers],
        tags=["Reports"],
    )
]
