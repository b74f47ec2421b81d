"""What the pages of the day begin with, and who may change anything on them."""

from typing import Any

from litestar import Router
from sqlmodel import Session

from roundtables.attendance.day import Day, gathered
from roundtables.convener.access import check_form
from roundtables.convener.rules import Organiser
from roundtables.desk.at_table import at_table
from roundtables.settings import Settings
from roundtables.web.api import known_numbers
from roundtables.web.problems import NotAllowed

TABLE = "/desk/roundtables/{roundtable_id:int}"


def at_day(
    session: Session, organiser: Organiser, settings: Settings, roundtable_id: int, *, tab: str, flash: str = ""
) -> tuple[Day, dict[str, Any]]:
    """All that is known of the day, and the frame of its page. Raises NotFound."""
    day = gathered(session, organiser.convener_id, roundtable_id)
    context = at_table(session, organiser, settings, day.table, tab=tab, flash=flash)
    return day, context | {"may_run_the_day": organiser.may_run_the_day}


def check_day_team(data: dict[str, Any], organiser: Organiser, settings: Settings) -> None:
    """Raises NotAllowed unless the form is ours and whoever sent it runs the day."""
    check_form(data, organiser, settings)
    if not organiser.may_run_the_day:
        raise NotAllowed("Only the people who run the day may change this.")


def pages_of_the_day(*handlers: Any) -> Router:
    """Handlers of the day; each says beside itself who may use it."""
    return Router(
        "/",
        route_handlers=list(handlers),
        guards=[known_numbers],
        include_in_schema=False,
    )
