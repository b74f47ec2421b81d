"""Who sits where: the drawing with names, the reason for every seat, two people swapped, somebody kept in place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlmodel import Session

from roundtables.attendance import seating
from roundtables.attendance.at_day import TABLE, at_day, check_day_team, pages_of_the_day
from roundtables.attendance.day import Day, Seated, seated
from roundtables.attendance.plan_drawing import Drawn, names_round_the_table, numbers_round_the_table
from roundtables.attendance.seating_reasons import WHERE, not_kept, on_paper, reasons
from roundtables.attendance.seating_rules import Side
from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import DAY_TEAM, READERS, Organiser
from roundtables.db import Db, now
from roundtables.desk.at_table import table_of
from roundtables.errors import Refusal
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.roundtable.model import Roundtable
from roundtables.settings import Settings
from roundtables.texts import Wording, _
from roundtables.web.answers import page, see
from roundtables.web.forms import Form
from roundtables.web.shapes import SeatState
from roundtables.web.templating import environment

Typed = URLEncodedBody[dict[str, Any]]
DONE = {
    "swapped": _("Swapped, and checked again. Both stay where they are now."),
    "kept": _("Kept. Seating everybody anew leaves them there."),
    "loose": _("They may be moved again when everybody is seated anew."),
    "settled": _("This is the plan from now on."),
    "anew": _("Seated anew, but for those you keep in their seats."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One seat of the list; `guest` is None where nobody sits. What is printed tells of nobody's needs."""

    number: int
    guest: Invitation | None
    drawn: Drawn
    why: list[Wording]
    on_paper: list[Wording]
    kept: bool


@get(f"{TABLE}/seating", may=READERS, sync_to_thread=True)
def seating_page(
    roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings, said: FromQuery[str] = ""
) -> Response[str]:
    return _shown(organiser, db, settings, roundtable_id, flash=DONE.get(said, ""))


@post(f"{TABLE}/seating", may=DAY_TEAM, sync_to_thread=True)
def seat_anew(
    roundtable_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    """Everybody is seated by the rules again; whoever is kept stays."""
    check_day_team(data, organiser, settings)
    form = Form(data)

    def act(session: Session, table: Roundtable) -> None:
        loop = form.choice("loop", Side, Side.RIGHT)
        form.check()
        seating.seat_anew(session, table, loop=loop, by=organiser.name, now=now())

    return _done(organiser, db, settings, roundtable_id, act, "anew")


@post(f"{TABLE}/seating/settling", may=DAY_TEAM, sync_to_thread=True)
def settle(
    roundtable_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    """The plan as shown, with what changed, is the plan."""
    check_day_team(data, organiser, settings)
    seen = Form(data).text("seen", most=40)

    def act(session: Session, table: Roundtable) -> None:
        seating.settle(session, table, as_seen=seen, by=organiser.name, now=now())

    return _done(organiser, db, settings, roundtable_id, act, "settled")


@post(f"{TABLE}/seating/swaps", may=DAY_TEAM, sync_to_thread=True)
def swap(
    roundtable_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    """Two seats change people."""
    check_day_team(data, organiser, settings)
    form = Form(data)

    def act(session: Session, table: Roundtable) -> None:
        one, other = (form.whole(name, needed="Choose two seats.", least=1) for name in ("seat", "with"))
        form.check()
        seen = form.text("seen", most=40)
        seating.swap(session, table, one or 0, other or 0, as_seen=seen, by=organiser.name, now=now())

    return _done(organiser, db, settings, roundtable_id, act, "swapped")


@post(f"{TABLE}/seating/keeping", may=DAY_TEAM, sync_to_thread=True)
def keep(
    roundtable_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    """Somebody stays in their seat, or may be moved again."""
    check_day_team(data, organiser, settings)
    form = Form(data)
    stays = form.ticked("stays")

    def act(session: Session, table: Roundtable) -> None:
        seat, seen = form.whole("seat", needed="Which seat?", least=1), form.text("seen", most=40)
        form.check()
        seating.keep(session, table, seat or 0, stays=stays, as_seen=seen, by=organiser.name, now=now())

    return _done(organiser, db, settings, roundtable_id, act, "kept" if stays else "loose")


def rows_of(day: Day, found: Seated) -> list[Row]:
    """The seats in their order, with the reason for each."""
    guests = {i.id: i for i in day.everybody}
    why, printed = reasons(found.facts), reasons(on_paper(found.facts))
    rows = []
    for seat, place in enumerate(found.plan):
        guest = guests.get(place.who) if place.who is not None else None
        drawn = drawn_as(seat + 1, guest, chair=found.facts.chair == seat)
        rows.append(Row(seat + 1, guest, drawn, why[seat], printed[seat], place.kept))
    return rows


def drawn_as(number: int, guest: Invitation | None, *, chair: bool) -> Drawn:
    if guest is None:
        return Drawn(number, "", SeatState.EMPTY)
    maybe, deputy = guest.state is State.TENTATIVE, guest.deputy_of_id is not None
    state = SeatState.MAYBE if maybe else SeatState.DEPUTY if deputy else SeatState.COMING
    return Drawn(number, guest.name, state, guest.seat_kind, chair)


def _done(
    organiser: Organiser,
    db: Db,
    settings: Settings,
    roundtable_id: int,
    act: Callable[[Session, Roundtable], None],
    said: str,
) -> Response[str]:
    try:
        with db.write() as session:
            act(session, table_of(session, organiser, roundtable_id))
    except Refusal as error:
        return _shown(organiser, db, settings, roundtable_id, problem=error.message)
    return see(f"/desk/roundtables/{roundtable_id}/seating?said={said}")


def _shown(
    organiser: Organiser, db: Db, settings: Settings, roundtable_id: int, *, flash: str = "", problem: str = ""
) -> Response[str]:
    with db.read() as session:
        day, context = at_day(session, organiser, settings, roundtable_id, tab="seating", flash=flash)
    found = seated(day, reads_needs=organiser.may_run_the_day)
    rows = rows_of(day, found)
    say = environment(organiser.language).said
    label, deputy = say(_("The table from above; the list says who has which seat")), say(_("deputy"))
    context |= {
        "rows": rows,
        "drawing": names_round_the_table([row.drawn for row in rows], label=label, deputy=deputy),
        "numbers": numbers_round_the_table([row.drawn for row in rows], label=label),
        "changes": found.changes,
        "not_kept": not_kept(found.facts),
        "stored": day.stored,
        "seen": seating.seen(found),
        "sides": [(side, WHERE[side]) for side in Side],
        "loop": day.loop,
        "online": [guest for guest in day.expected if day.comes_online(guest)],
        "problem": problem,
    }
    return page("attendance/seating.html", status=409 if problem else 200, **context)


HANDLERS = [pages_of_the_day(seating_page, seat_anew, settle, swap, keep)]
