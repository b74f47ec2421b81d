"""The guests of one table at the desk: the drawing, the list, writing people down, sending a wave."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlmodel import Session

from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import ORGANISERS, READERS, Organiser
from roundtables.db import Db, now
from roundtables.desk.at_table import at_table, table_of
from roundtables.desk.frame import check_organiser
from roundtables.desk.queries import drafted_letters
from roundtables.desk.steps import steps
from roundtables.errors import Refusal, Refusals
from roundtables.invitation import queries
from roundtables.invitation.actions import invite, send_drafts
from roundtables.invitation.guest_reading import FIELDS, ROWS, put_back, read_guests
from roundtables.invitation.guest_rows import Known, sitters, undelivered, waiting_list, waves
from roundtables.invitation.keeping import row_id
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.invitation.seating_plan import gauge_words, middle_words, seating, seats_of, taken
from roundtables.roundtable.model import Roundtable
from roundtables.settings import Settings
from roundtables.web.answers import page, see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form

DONE = {
    "added": "Written down as drafts. Nothing leaves until you send the wave.",
    "sent": "The letters are on their way.",
    "asked-again": "Moved. Everybody concerned is asked again; their old answers are remembered.",
    "told": "Changed. Everybody concerned is told; their answers stand.",
    "changed": "Changed. Nobody needed to be written to.",
    "called-off": "Called off. Everybody who had it in their calendar is told.",
    "closed": "Closed. Nobody is asked or can answer any more.",
}


@get("/desk/roundtables/{roundtable_id:int}", may=READERS, sync_to_thread=True)
def table_page(
    roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings, said: FromQuery[str] = ""
) -> Response[str]:
    return shown(organiser, db, settings, roundtable_id, said=said)


@get("/desk/roundtables/{roundtable_id:int}/guests", may=READERS, sync_to_thread=True)
def guests(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    return shown(organiser, db, settings, roundtable_id)


@get("/desk/roundtables/{roundtable_id:int}/invitations/new", may=ORGANISERS, sync_to_thread=True)
def new_guests(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    return _new(organiser, db, settings, roundtable_id, None)


@post("/desk/roundtables/{roundtable_id:int}/invitations", may=ORGANISERS, sync_to_thread=True)
def add_guests(
    roundtable_id: FromPath[int],
    data: URLEncodedBody[dict[str, Any]],
    organiser: Signed,
    db: TheDb,
    settings: TheSettings,
) -> Response[str]:
    """Everybody written down becomes a draft, or nobody does."""
    check_organiser(data, organiser, settings)
    form = Form(data)
    try:
        _invite(db, organiser, roundtable_id, form)
    except Refusal as error:
        form.refuse(error)
        return _new(organiser, db, settings, roundtable_id, form)
    return see(f"/desk/roundtables/{roundtable_id}?said=added")


@get("/desk/roundtables/{roundtable_id:int}/waves/{wave:int}", may=READERS, sync_to_thread=True)
def wave_page(
    roundtable_id: FromPath[int], wave: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    return _wave(organiser, db, settings, roundtable_id, wave, "")


@post("/desk/roundtables/{roundtable_id:int}/waves/{wave:int}/sending", may=ORGANISERS, sync_to_thread=True)
def send_wave(
    roundtable_id: FromPath[int],
    wave: FromPath[int],
    data: URLEncodedBody[dict[str, Any]],
    organiser: Signed,
    db: TheDb,
    settings: TheSettings,
) -> Response[str]:
    """Only those who were listed when the button was pressed are written to."""
    check_organiser(data, organiser, settings)
    listed = {int(number) for number in Form(data).get("listed").split(",") if number.isdigit()}
    try:
        with db.write() as session:
            table = table_of(session, organiser, roundtable_id)
            drafts = [i for i in _drafts(session, table, wave) if i.id in listed]
            send_drafts(session, table, drafts, by=organiser.name, now=now())
    except Refusal as error:
        return _wave(organiser, db, settings, roundtable_id, wave, error.message)
    return see(f"/desk/roundtables/{roundtable_id}?said=sent")


def shown(
    organiser: Organiser, db: Db, settings: Settings, roundtable_id: int, *, said: str = "", form: Form | None = None
) -> Response[str]:
    """The table with its guests; `form` is one of the page's own that came back with a problem (422)."""
    with db.read() as session:
        table = table_of(session, organiser, roundtable_id)
        context = at_table(session, organiser, settings, table, tab="guests", flash=DONE.get(said, ""))
        known = known_of(session, table)
    context |= drawing(known) | _lists(known, context) | {"form": form or Form()}
    return page("invitation/desk_guests.html", status=422 if form else 200, **context)


def known_of(session: Session, table: Roundtable) -> Known:
    """The guest list of one table, in four queries."""
    invitations = queries.of_roundtable(session, row_id(table))
    ids = [row_id(i) for i in invitations]
    return Known(
        table,
        invitations,
        queries.histories(session, ids),
        queries.mails(session, ids),
        queries.deliveries(session, invitations),
    )


def drawing(known: Known) -> dict[str, Any]:
    """What the drawing and the gauges are made from."""
    kinds = [(kind["key"], kind["name"], kind["target"]) for kind in known.table.seat_kinds]
    groups = seating(kinds, sitters(known), total=known.table.seats)
    return {
        "seats_drawn": seats_of(groups),
        "seats_taken": taken(groups),
        "middle": middle_words(groups),
        "gauges": [(group, gauge_words(group)) for group in groups],
    }


def _lists(known: Known, context: dict[str, Any]) -> dict[str, Any]:
    told = waves(known)
    return {
        "waves": told,
        "steps": steps(known, told, now=context["now"]),
        "waiting": waiting_list(known),
        "undelivered": undelivered(known),
        "to_tell": sum(i.state in queries.ASKED and i.state is not State.DECLINED for i in known.invitations),
    }


def _invite(db: Db, organiser: Organiser, roundtable_id: int, form: Form) -> None:
    written = read_guests(form)
    wave = form.whole("wave", least=1, most=99)
    form.check()
    try:
        with db.write() as session:
            table = table_of(session, organiser, roundtable_id)
            invite(session, table, written.guests, by=organiser.name, now=now(), wave=wave or 1, send=False)
    except Refusals as error:
        put_back(form, written, error)
        form.check()


def _drafts(session: Session, table: Roundtable, wave: int) -> list[Invitation]:
    everybody = queries.of_roundtable(session, row_id(table))
    return [i for i in everybody if i.wave == wave and i.state is State.DRAFT]


def _new(organiser: Organiser, db: Db, settings: Settings, roundtable_id: int, form: Form | None) -> Response[str]:
    with db.read() as session:
        table = table_of(session, organiser, roundtable_id)
        context = at_table(session, organiser, settings, table, tab="")
        everybody = queries.of_roundtable(session, row_id(table))
    drafts = [i.wave for i in everybody if i.state is State.DRAFT]
    wave = max(drafts) if drafts else max([i.wave for i in everybody], default=0) + 1
    status, form = (422, form) if form else (200, Form({"wave": str(wave)}))
    return page("invitation/desk_new.html", status=status, form=form, rows=range(ROWS), fields=FIELDS, **context)


def _wave(
    organiser: Organiser, db: Db, settings: Settings, roundtable_id: int, wave: int, problem: str
) -> Response[str]:
    with db.read() as session:
        table = table_of(session, organiser, roundtable_id)
        context = at_table(session, organiser, settings, table, tab="")
        drafts = _drafts(session, table, wave)
        letters = drafted_letters(session, [row_id(i) for i in drafts])
    context |= {"wave": wave, "drafts": drafts, "letters": letters, "problem": problem}
    return page("invitation/desk_wave.html", status=409 if problem else 200, **context)


HANDLERS = [
    Router(
        "/",
        route_handlers=[table_page, guests, new_guests, add_guests, wave_page, send_wave],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
