"""The door: who is here, marked on a telephone, with or without script, as often as the line drops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, URLEncodedBody
from sqlmodel import Session

from roundtables.attendance import checking_in, queries
from roundtables.attendance.at_day import TABLE, at_day, check_day_team, pages_of_the_day
from roundtables.attendance.day import MIGHT, Day, by_surname, seated
from roundtables.attendance.model import Attendance, Came, DoorMark
from roundtables.convener.access import AnyRequest, Signed, TheDb, TheSettings
from roundtables.convener.rules import DAY_TEAM, READERS, Organiser
from roundtables.db import Db, now
from roundtables.desk.at_table import table_of
from roundtables.errors import Refusal
from roundtables.invitation import queries as invitations
from roundtables.invitation.keeping import row_id
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.settings import Settings
from roundtables.texts import _
from roundtables.web.answers import page, see
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]
CAME = [(Came.IN_PERSON, _("Here")), (Came.ONLINE, _("Online")), (Came.NO, _("Not coming"))]
HERE = (Came.IN_PERSON, Came.WALK_IN)


@dataclass(frozen=True, slots=True)
class Count:
    """How the door stands, in numbers."""

    expected: int
    here: int
    online: int
    missing: int
    unasked: int

    @property
    def open(self) -> int:
        return self.expected - self.missing


@get(f"{TABLE}/door", may=READERS, sync_to_thread=True)
def door(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    return _shown(organiser, db, settings, roundtable_id, None)


@post("/desk/invitations/{invitation_id:int}/attendance", may=DAY_TEAM, sync_to_thread=True)
def mark(
    request: AnyRequest,
    invitation_id: FromPath[int],
    data: Typed,
    organiser: Signed,
    db: TheDb,
    settings: TheSettings,
) -> Response[str]:
    """Here, online, or not coming; the same form counts once."""
    check_day_team(data, organiser, settings)
    form = Form(data)
    came, key = form.choice("came", Came, Came.IN_PERSON), form.text("key", most=64)
    form.check()
    with db.write() as session:
        guest = invitations.by_id(session, organiser.convener_id, invitation_id)
        checking_in.mark(session, guest, came, key=key, by=organiser.name, now=now())
    return _row_or_page(request, db, organiser, guest, data)


@post("/desk/invitations/{invitation_id:int}/attendance/undoing", may=DAY_TEAM, sync_to_thread=True)
def take_back(
    request: AnyRequest,
    invitation_id: FromPath[int],
    data: Typed,
    organiser: Signed,
    db: TheDb,
    settings: TheSettings,
) -> Response[str]:
    """What stood before the mark that the page showed; a newer one by somebody else is left alone."""
    check_day_team(data, organiser, settings)
    number = Form(data).whole("mark", least=1, most=2**31 - 1) or 0
    with db.write() as session:
        guest = invitations.by_id(session, organiser.convener_id, invitation_id)
        checking_in.take_back(session, guest, number, by=organiser.name, now=now())
    return _row_or_page(request, db, organiser, guest, data)


@post(f"{TABLE}/walk-ins", may=DAY_TEAM, sync_to_thread=True)
def walk_in(
    roundtable_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    """Somebody came unasked. Without their consent only that somebody came is kept."""
    check_day_team(data, organiser, settings)
    form = Form(data)
    try:
        with db.write() as session:
            table = table_of(session, organiser, roundtable_id)
            who, key = _unasked(form), form.text("key", most=64)
            form.check()
            checking_in.walk_in(session, table, who, key=key, by=organiser.name, now=now())
    except Refusal as error:
        form.refuse(error)
        return _shown(organiser, db, settings, roundtable_id, form)
    return see(f"/desk/roundtables/{roundtable_id}/door#unasked")


@post(f"{TABLE}/walk-ins/{{walk_in_id:int}}/undoing", may=DAY_TEAM, sync_to_thread=True)
def not_there(
    roundtable_id: FromPath[int],
    walk_in_id: FromPath[int],
    data: Typed,
    organiser: Signed,
    db: TheDb,
    settings: TheSettings,
) -> Response[str]:
    check_day_team(data, organiser, settings)
    with db.write() as session:
        checking_in.was_not_there(session, table_of(session, organiser, roundtable_id), walk_in_id)
    return see(f"/desk/roundtables/{roundtable_id}/door#unasked")


def _unasked(form: Form) -> checking_in.Unasked:
    return checking_in.Unasked(
        form.text("name", most=200),
        form.text("organisation", most=200),
        agreed=form.ticked("agreed"),
        may_be_listed=form.ticked("may_be_listed"),
        online=form.ticked("online"),
    )


def count(day: Day) -> Count:
    came = [row.came for row in day.came.values()]
    return Count(
        expected=len(day.expected),
        here=sum(one in HERE for one in came) + sum(not one.online for one in day.walk_ins),
        online=sum(one is Came.ONLINE for one in came) + sum(one.online for one in day.walk_ins),
        missing=sum(one is Came.NO for one in came),
        unasked=len(day.walk_ins),
    )


def _shown(organiser: Organiser, db: Db, settings: Settings, roundtable_id: int, form: Form | None) -> Response[str]:
    with db.read() as session:
        day, context = at_day(session, organiser, settings, roundtable_id, tab="door")
        marks = queries.last_marks(session, [row_id(i) for i in day.everybody])
    seats = seated(day)
    at_the_door = [i for i in by_surname(day.everybody, tuple(State)) if i.id in day.came and i not in day.expected]
    others = [i for i in by_surname(day.everybody, MIGHT) if i not in at_the_door]
    context |= {
        "lists": [(_("Expected"), day.expected), (_("Came without a yes"), at_the_door), (_("Asked, no yes"), others)],
        "count": count(day),
        "walk_ins": day.walk_ins,
        "seats": {place.who: seat for seat, place in enumerate(seats.plan, start=1)},
        "form": form or Form(),
        "key": checking_in.fresh_key(),
        **_of_rows(day.came, marks),
    }
    return page("attendance/door.html", status=422 if form else 200, **context)


def _row_or_page(
    request: AnyRequest, db: Db, organiser: Organiser, guest: Invitation, data: dict[str, Any]
) -> Response[str]:
    """With script that one line of the list; else the list, at that line."""
    if not request.headers.get("hx-request"):
        return see(f"/desk/roundtables/{guest.roundtable_id}/door#g{guest.id}")
    with db.read() as session:
        context = _row(session, guest) | {"csrf": data["_csrf"], "may_run_the_day": organiser.may_run_the_day}
        zone = table_of(session, organiser, guest.roundtable_id).time_zone
    site = {"language": organiser.language}
    return page("attendance/_door_row.html", guest=guest, zone_of_table=zone, site=site, seats={}, **context)


def _row(session: Session, guest: Invitation) -> dict[str, Any]:
    came = queries.came(session, [row_id(guest)])
    return _of_rows(came, queries.last_marks(session, [row_id(guest)])) | {"key": checking_in.fresh_key()}


def _of_rows(came: Mapping[int, Attendance], marks: Mapping[int, DoorMark]) -> dict[str, Any]:
    choices: Sequence[tuple[Came, str]] = CAME
    return {"came": came, "marks": marks, "choices": choices}


HANDLERS = [pages_of_the_day(door, mark, take_back, walk_in, not_there)]
