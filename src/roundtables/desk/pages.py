"""The desk's first page, and the small one about oneself."""

from datetime import datetime
from typing import Any

from litestar import Response, Router, get
from sqlmodel import Session

from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import READERS, Organiser
from roundtables.desk import inbox_lists, queries
from roundtables.desk.frame import frame
from roundtables.desk.inbox_lists import View
from roundtables.desk.lines import TableLine, table_lines
from roundtables.desk.opening import KETTLE, NextTable, greeting_of_the_day, opening
from roundtables.invitation import queries as invitations
from roundtables.person.rules import greeting
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Status
from roundtables.web.answers import page

A_FEW = 5


@get("/desk", may=READERS, sync_to_thread=True)
def home(organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    with db.read() as session:
        context = frame(session, organiser, settings, current="desk")
        context |= _tables(session, organiser, context["now"]) | _waiting(session, organiser)
    context |= _opening(organiser, context)
    return page("desk/home.html", **context)


def _tables(session: Session, organiser: Organiser, now: datetime) -> dict[str, Any]:
    to_come = queries.tables_to_come(session, organiser.convener_id, now=now, most=8)
    past = queries.tables_past(session, organiser.convener_id, now=now, most=3)
    number = queries.number_of_tables(session, organiser.convener_id)
    lines = table_lines(session, [*to_come, *past], now=now)
    return {"lines": lines, "to_come": to_come, "others": number - len(lines)}


def _waiting(session: Session, organiser: Organiser) -> dict[str, Any]:
    mails = queries.mails_for_a_person(session, organiser.convener_id, most=A_FEW)
    deputies = [guest for guest, _ in invitations.deputies_proposed(session, organiser.convener_id)][:A_FEW]
    return {
        "mails": mails,
        "titles": {row.id: row.title for row in inbox_lists.rows(session, organiser.convener_id, View.NEEDS_YOU)},
        "deputies": queries.not_listed(deputies, mails),
        "letters": queries.held_letters(session, organiser.convener_id, most=A_FEW),
        "forgettings": queries.forgettings(session, organiser.convener_id, most=A_FEW),
    }


def _opening(organiser: Organiser, context: dict[str, Any]) -> dict[str, Any]:
    parts = opening(
        replies=context["counts"].mails,
        deputies=context["counts"].deputies,
        letters=context["counts"].to_send,
        next_table=_next_table(context["lines"], context["to_come"], context["now"]),
    )
    hello = greeting_of_the_day(greeting(organiser.name), context["now"], context["zone"])
    idle = not (context["counts"].needs_you or context["counts"].to_send)
    return {"hello": hello, "parts": parts, "kettle": KETTLE if idle and context["lines"] else ""}


def _next_table(lines: list[TableLine], tables: list[Roundtable], now: datetime) -> NextTable | None:
    """The nearest table to which people have been asked."""
    found = next((pair for pair in zip(lines, tables, strict=False) if pair[1].status is Status.OPEN), None)
    if found is None:
        return None
    line, table = found
    return NextTable(line.title, f"/desk/roundtables/{line.id}", line.number, (table.starts_at - now).days)


HANDLERS = [Router("/", route_handlers=[home], include_in_schema=False)]
