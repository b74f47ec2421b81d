"""Roundtables over the REST API: planned, changed, called off, closed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, Router, get, patch, post
from litestar.params import FromPath, RawBody
from sqlmodel import Session

from roundtables.convener.access import AnyRequest, Signed, TheDb
from roundtables.convener.model import Convener
from roundtables.convener.rules import ORGANISERS, READERS
from roundtables.db import now
from roundtables.invitation import gathering, seat_counts
from roundtables.invitation import queries as invitations
from roundtables.invitation.rules import State
from roundtables.roundtable import actions, queries
from roundtables.roundtable.actions import Plan
from roundtables.roundtable.fields import ClosingIn, RoundtableIn, RoundtableOut, RoundtablePatch, keyed
from roundtables.roundtable.model import Roundtable
from roundtables.web.api import Cursor, Limit, Listing, allow, known_numbers, part, place_of, read, sent, told
from roundtables.web.once import once
from roundtables.web.openapi import takes


@get("/", may=READERS, sync_to_thread=True)
def list_roundtables(
    caller: Signed, db: TheDb, cursor: Cursor = "", limit: Limit = 100
) -> Response[Listing[RoundtableOut]]:
    """Roundtables, newest first."""
    with db.read() as session:
        rows = queries.page(session, caller.convener_id, after=place_of(cursor, int), limit=limit + 1)
        rows, following = part(rows, limit, lambda r: (r.id or 0,))
        return told(Listing(items=_shown(session, rows), next=following))


@post("/", may=ORGANISERS, sync_to_thread=True, operation_class=takes(RoundtableIn))
def plan_roundtable(request: AnyRequest, caller: Signed, db: TheDb, body: RawBody) -> Response[RoundtableOut]:
    """Plans a roundtable; nobody hears of it until invitations are sent."""
    allow(caller.may_organise)
    said = dict(read(RoundtableIn, body))
    said["seat_kinds"] = keyed(said["seat_kinds"])

    def act(session: Session) -> RoundtableOut:
        said["time_zone"] = said["time_zone"] or session.get_one(Convener, caller.convener_id).time_zone
        return _shown(session, [actions.plan(session, caller.convener_id, Plan(**said), now=now())])[0]

    return once(db, request, caller.convener_id, body, act)


@get("/{roundtable_id:int}", may=READERS, sync_to_thread=True)
def get_roundtable(roundtable_id: FromPath[int], caller: Signed, db: TheDb) -> Response[RoundtableOut]:
    """One roundtable."""
    with db.read() as session:
        return told(_shown(session, [queries.by_id(session, caller.convener_id, roundtable_id)])[0])


@patch("/{roundtable_id:int}", may=ORGANISERS, sync_to_thread=True, operation_class=takes(RoundtablePatch))
def change_roundtable(
    roundtable_id: FromPath[int], caller: Signed, db: TheDb, body: RawBody
) -> Response[RoundtableOut]:
    """Changes the fields that are sent. A new time asks everybody again, a new place tells them."""
    allow(caller.may_organise)
    changes = sent(read(RoundtablePatch, body))
    with db.write() as session:
        table = queries.hold(session, _known(session, caller.convener_id, roundtable_id))
        if "seat_kinds" in changes:
            changes["seat_kinds"] = keyed(changes["seat_kinds"], table.seat_kinds)
        plan = replace(actions.plan_of(session, table), **changes)
        gathering.change(session, table, plan, by=caller.name, now=now())
        return told(_shown(session, [table])[0])


@post("/{roundtable_id:int}/cancellation", may=ORGANISERS, sync_to_thread=True)
def cancel_roundtable(
    roundtable_id: FromPath[int], request: AnyRequest, caller: Signed, db: TheDb, body: RawBody
) -> Response[RoundtableOut]:
    """Calls it off; everybody who has it in their calendar is told."""
    allow(caller.may_organise)

    def act(session: Session) -> RoundtableOut:
        table = queries.by_id(session, caller.convener_id, roundtable_id)
        gathering.cancel(session, table, by=caller.name, now=now())
        return _shown(session, [table])[0]

    return once(db, request, caller.convener_id, body, act)


@post(
    "/{roundtable_id:int}/closing", may=ORGANISERS, sync_to_thread=True, operation_class=takes(ClosingIn, needed=False)
)
def close_roundtable(
    roundtable_id: FromPath[int], request: AnyRequest, caller: Signed, db: TheDb, body: RawBody
) -> Response[RoundtableOut]:
    """Ends it: nobody is asked or can answer any more."""
    allow(caller.may_organise)
    came = read(ClosingIn, body).came_in_public

    def act(session: Session) -> RoundtableOut:
        table = queries.by_id(session, caller.convener_id, roundtable_id)
        gathering.close(session, table, by=caller.name, now=now(), came_in_public=came)
        return _shown(session, [table])[0]

    return once(db, request, caller.convener_id, body, act)


def _known(session: Session, convener_id: int, roundtable_id: int) -> int:
    queries.by_id(session, convener_id, roundtable_id)
    return roundtable_id


def _shown(session: Session, tables: Sequence[Roundtable]) -> list[RoundtableOut]:
    ids = [table.id or 0 for table in tables]
    reports, states = queries.report_ids(session, ids), invitations.counts(session, ids)
    held = seat_counts.seats_held(session, ids)
    return [_out(t, reports[t.id or 0], states[t.id or 0], held[t.id or 0]) for t in tables]


def _out(table: Roundtable, reports: list[int], states: dict[State, int], held: int) -> RoundtableOut:
    zone = ZoneInfo(table.time_zone)
    counts: dict[str, int] = {state.value: number for state, number in states.items()}
    seats = {"seats": table.seats, "seats_taken": held, "seats_free": max(0, table.seats - held)}
    own: dict[str, Any] = {"starts_at": table.starts_at.astimezone(zone), "ends_at": table.ends_at.astimezone(zone)}
    own |= {"status": queries.status_now(table, now()), "report_ids": reports, "counts": {**counts, **seats}}
    return RoundtableOut(**{**table.model_dump(), **own})


HANDLERS = [
    Router(
        "/roundtables",
        route_handlers=[
            *(list_roundtables, plan_roundtable, get_roundtable, change_roundtable),
            *(cancel_roundtable, close_roundtable),
        ],
        guards=[known_numbers],
        tags=["Roundtables"],
    )
]
