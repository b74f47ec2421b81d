"""How a table ends at the desk: called off, or closed. A number that cannot be comes back beside its field."""

from typing import Any

from litestar import Response, Router, post
from litestar.params import FromPath, URLEncodedBody

from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import ORGANISERS
from roundtables.db import now
from roundtables.desk.at_table import table_of
from roundtables.desk.frame import check_organiser
from roundtables.errors import NotFound, Refusal
from roundtables.invitation.gathering import cancel, close
from roundtables.invitation.guest_pages import shown
from roundtables.roundtable.actions import MOST_SEATS
from roundtables.web.answers import see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form


@post("/cancellation", may=ORGANISERS, sync_to_thread=True)
def call_off(
    roundtable_id: FromPath[int],
    data: URLEncodedBody[dict[str, Any]],
    organiser: Signed,
    db: TheDb,
    settings: TheSettings,
) -> Response[str]:
    check_organiser(data, organiser, settings)
    with db.write() as session:
        cancel(session, table_of(session, organiser, roundtable_id), by=organiser.name, now=now())
    return see(f"/desk/roundtables/{roundtable_id}?said=called-off")


@post("/closing", may=ORGANISERS, sync_to_thread=True)
def close_table(
    roundtable_id: FromPath[int],
    data: URLEncodedBody[dict[str, Any]],
    organiser: Signed,
    db: TheDb,
    settings: TheSettings,
) -> Response[str]:
    check_organiser(data, organiser, settings)
    form = Form(data)
    came = form.whole("came_in_public", most=MOST_SEATS)
    try:
        form.check()
        with db.write() as session:
            table = table_of(session, organiser, roundtable_id)
            close(session, table, by=organiser.name, now=now(), came_in_public=came)
    except NotFound:
        raise
    except Refusal as error:
        form.refuse(error)
        return shown(organiser, db, settings, roundtable_id, form=form)
    return see(f"/desk/roundtables/{roundtable_id}?said=closed")


HANDLERS = [
    Router(
        "/desk/roundtables/{roundtable_id:int}",
        route_handlers=[call_off, close_table],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
