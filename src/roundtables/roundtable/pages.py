"""Tables at the desk: the list, laying a new one, changing one, calling it off, closing it."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlmodel import Session

from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import ORGANISERS, READERS, Organiser
from roundtables.db import Db, now
from roundtables.desk.at_table import at_table, table_of
from roundtables.desk.frame import check_organiser, frame
from roundtables.desk.lines import table_lines
from roundtables.errors import Refusal
from roundtables.invitation import gathering
from roundtables.report import queries as reports
from roundtables.roundtable import actions, queries
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.reading import (
    DEPUTIES,
    RULES,
    VISIBILITIES,
    form_of,
    keeping_reports,
    read_plan,
    with_report,
)
from roundtables.roundtable.rules import Writes
from roundtables.settings import Settings
from roundtables.texts import _
from roundtables.web.answers import page, see
from roundtables.web.api import LARGEST_ID, known_numbers
from roundtables.web.forms import Form

A_PAGE = 30


@get("/desk/roundtables", may=READERS, sync_to_thread=True)
def tables(organiser: Signed, db: TheDb, settings: TheSettings, after: FromQuery[int | None] = None) -> Response[str]:
    with db.read() as session:
        found = queries.page(
            session, organiser.convener_id, after=min(after or LARGEST_ID, LARGEST_ID), limit=A_PAGE + 1
        )
        context = frame(session, organiser, settings, current="tables")
        lines = table_lines(session, found[:A_PAGE], now=now())
    older = f"/desk/roundtables?after={found[A_PAGE - 1].id}" if len(found) > A_PAGE else ""
    newer = "/desk/roundtables" if after else ""
    return page("roundtable/list.html", lines=lines, older=older, newer=newer, **context)


@get("/desk/roundtables/new", may=ORGANISERS, sync_to_thread=True)
def new_table(organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    return _new(organiser, db, settings, None)


@post("/desk/roundtables", may=ORGANISERS, sync_to_thread=True)
def lay_table(
    data: URLEncodedBody[dict[str, Any]], organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    check_organiser(data, organiser, settings)
    form = Form(data)
    try:
        plan = read_plan(form)
        with db.write() as session:
            plan = with_report(session, organiser.convener_id, plan, form, now=now())
            table = actions.plan(session, organiser.convener_id, plan, now=now())
            address = f"/desk/roundtables/{table.id}/invitations/new"
    except Refusal as error:
        form.refuse(error)
        return _new(organiser, db, settings, form)
    return see(address)


@get("/desk/roundtables/{roundtable_id:int}/edit", may=ORGANISERS, sync_to_thread=True)
def edit_table(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    return _edit(organiser, db, settings, roundtable_id, None)


@post("/desk/roundtables/{roundtable_id:int}/edit", may=ORGANISERS, sync_to_thread=True)
def change_table(
    roundtable_id: FromPath[int],
    data: URLEncodedBody[dict[str, Any]],
    organiser: Signed,
    db: TheDb,
    settings: TheSettings,
) -> Response[str]:
    """Rehearses the change first; one that writes to people is only made once they were named and agreed to."""
    check_organiser(data, organiser, settings)
    form = Form(data)
    try:
        change = _change(db, organiser, roundtable_id, form, rehearse=not form.ticked("agreed"))
        if change.letters and not form.ticked("agreed"):
            return _preview(organiser, db, settings, roundtable_id, form, change)
        if not form.ticked("agreed"):
            change = _change(db, organiser, roundtable_id, form, rehearse=False)
    except Refusal as error:
        form.refuse(error)
        return _edit(organiser, db, settings, roundtable_id, form)
    return see(f"/desk/roundtables/{roundtable_id}?said={SAID[change.writes]}")


SAID = {Writes.ASKS_AGAIN: "asked-again", Writes.TELLS: "told", Writes.NOTHING: "changed"}


def _new(organiser: Organiser, db: Db, settings: Settings, form: Form | None) -> Response[str]:
    with db.read() as session:
        context = frame(session, organiser, settings, current="tables") | _choices(session, organiser)
    status = 422 if form else 200
    form = form or Form({"time_zone": context["zone"], "starts_at": "10.00", "ends_at": "12.30"})
    return page("roundtable/new.html", status=status, form=form, **context)


def _edit(organiser: Organiser, db: Db, settings: Settings, roundtable_id: int, form: Form | None) -> Response[str]:
    with db.read() as session:
        table = table_of(session, organiser, roundtable_id)
        context = at_table(session, organiser, settings, table, tab="") | _choices(session, organiser)
        plan = actions.plan_of(session, table)
    return page("roundtable/edit.html", status=422 if form else 200, form=form or form_of(plan), **context)


def _preview(
    organiser: Organiser, db: Db, settings: Settings, roundtable_id: int, form: Form, change: gathering.Change
) -> Response[str]:
    with db.read() as session:
        table = table_of(session, organiser, roundtable_id)
        context = at_table(session, organiser, settings, table, tab="")
    typed = {name: value for name, value in form.typed.items() if name not in ("_csrf", "agreed", "ask_decliners")}
    return page(
        "roundtable/preview.html",
        change=change,
        typed=typed,
        ask_decliners=_asks_decliners(form),
        asks_again=change.writes is Writes.ASKS_AGAIN,
        **context,
    )


def _change(db: Db, organiser: Organiser, roundtable_id: int, form: Form, *, rehearse: bool) -> gathering.Change:
    """Makes the change typed, or only finds out what it would do. Raises Refusal."""
    plan = read_plan(form)
    with db.write() as session:
        table: Roundtable = table_of(session, organiser, roundtable_id)
        plan = with_report(session, organiser.convener_id, plan, form, now=now())
        plan = keeping_reports(plan, actions.report_ids(session, table))
        change = gathering.change(
            session, table, plan, by=organiser.name, now=now(), ask_decliners=_asks_decliners(form)
        )
        if rehearse:
            session.rollback()
    return change


def _asks_decliners(form: Form) -> bool:
    return form.get("ask_decliners", "yes") == "yes"


def _choices(session: Session, organiser: Organiser) -> dict[str, Any]:
    found = reports.page(session, organiser.convener_id, limit=200)
    return {
        "rules": list(RULES.items()),
        "deputies": [(value, words.capitalize()) for value, words in DEPUTIES.items()],
        "visibilities": list(VISIBILITIES.items()),
        "reports": [("", _("None yet")), *((report.id, report.title) for report in found)],
    }


HANDLERS = [
    Router(
        "/",
        route_handlers=[tables, new_table, lay_table, edit_table, change_table],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
