"""What every page about one table begins with: its facts, its tabs, how it stands."""

from typing import Any

from sqlmodel import Session

from roundtables.convener.rules import Organiser
from roundtables.db import now
from roundtables.desk.frame import frame
from roundtables.roundtable import queries
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.reading import DEPUTIES, RULES
from roundtables.roundtable.rules import Status, why_not_open
from roundtables.settings import Settings
from roundtables.texts import _, listed
from roundtables.web.filters import day_year, when, zone_words

TABS = {
    "guests": _("Guests"),
    "needs": _("Needs"),
    "door": _("Door list"),
    "seating": _("Seating"),
    "badges": _("Badges"),
    "papers": _("Papers"),
    "afterwards": _("Afterwards"),
    "outcomes": _("What came of it"),
}


def table_of(session: Session, organiser: Organiser, roundtable_id: int) -> Roundtable:
    """The convener's table of that id. Raises NotFound."""
    return queries.by_id(session, organiser.convener_id, roundtable_id)


def at_table(
    session: Session, organiser: Organiser, settings: Settings, table: Roundtable, *, tab: str, flash: str = ""
) -> dict[str, Any]:
    """The frame, and table, tab, tabs (key, address, words), facts, standing, open (whether people can be asked)."""
    base = f"/desk/roundtables/{table.id}"
    found = frame(session, organiser, settings, current="tables", flash=flash)
    return found | {
        "table": table,
        "base": base,
        "tab": tab,
        "tabs": [(key, f"{base}/{key}", words) for key, words in TABS.items()],
        "facts": facts(table),
        "standing": standing(table),
        "open": not why_not_open(table.status, table.ends_at, now()),
        "kinds": {kind["key"]: kind["name"] for kind in table.seat_kinds},
    }


def facts(table: Roundtable) -> str:
    """ "Thursday 4 July 2019, 10.00 to 12.30 UK time, the Weigh House, Leeds. Chatham House Rule. Deputies: none."."""
    zone = table.time_zone
    hours = listed([when(table.starts_at, table.ends_at, zone), zone_words(table.starts_at, zone)], " ")
    where = table.place or (_("online") if table.online_url else table.town)
    place = listed([part for part in (hours, where) if part], ", ")
    deputies = _("Deputies: {policy}.", policy=DEPUTIES[table.deputies])
    return listed([place, RULES[table.rule], deputies], ". ")


def standing(table: Roundtable) -> str:
    """How the table stands, as a sentence; "" while it is open and to come."""
    status = queries.status_now(table, now())
    closed = day_year(table.closed_at, table.time_zone) if table.closed_at else ""
    return {
        Status.DRAFT: _("In preparation: nobody has been asked yet."),
        Status.OPEN: "",
        Status.HELD: _("Held. Mark who came, then close it."),
        Status.CANCELLED: _("Called off."),
        Status.CLOSED: _("Closed on {day}.", day=closed) if closed else _("Closed."),
    }[status]
