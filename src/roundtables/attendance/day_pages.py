"""The day at the desk: who comes through the door, what they need, badges, seats, papers, what came of it."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, URLEncodedBody
from sqlmodel import Session

from roundtables.attendance import queries as attendance
from roundtables.attendance.actions import record_attendance
from roundtables.attendance.model import Came
from roundtables.convener.access import AnyRequest, Signed, TheDb, TheSettings
from roundtables.convener.rules import Organiser
from roundtables.db import Db, now
from roundtables.desk.at_table import at_table, table_of
from roundtables.desk.frame import check_organiser
from roundtables.desk.queries import READ_NEEDS, papers_of, posts_of, readers_of_needs
from roundtables.invitation import queries as invitations
from roundtables.invitation.guest_pages import drawing, known_of
from roundtables.invitation.keeping import row_id
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.person.rules import sort_key
from roundtables.settings import Settings
from roundtables.web.answers import page, see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form
from roundtables.web.problems import NotAllowed

EXPECTED = (State.ACCEPTED, State.TENTATIVE)
MIGHT = (State.INVITED, State.WAITING, State.LAPSED)
TABLE = "/desk/roundtables/{roundtable_id:int}"
CAME = [(Came.IN_PERSON, "Came"), (Came.ONLINE, "Online"), (Came.NO, "No")]


@get(f"{TABLE}/door", sync_to_thread=True)
def door(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    with db.read() as session:
        context = _context(session, organiser, settings, roundtable_id, "door")
        everybody = invitations.of_roundtable(session, roundtable_id)
        came = attendance.came(session, [row_id(i) for i in everybody])
    expected, others = _by_surname(everybody, EXPECTED), _by_surname(everybody, MIGHT)
    return page("attendance/door.html", expected=expected, others=others, came=came, choices=CAME, **context)


@post("/desk/invitations/{invitation_id:int}/attendance", sync_to_thread=True)
def mark(
    request: AnyRequest,
    invitation_id: FromPath[int],
    data: URLEncodedBody[dict[str, Any]],
    organiser: Signed,
    db: TheDb,
    settings: TheSettings,
) -> Response[str]:
    """Came, online, or not; with htmx the answer is that one line of the door list."""
    check_organiser(data, organiser, settings)
    form = Form(data)
    came = form.choice("came", Came, Came.IN_PERSON)
    form.check()
    with db.write() as session:
        guest = invitations.by_id(session, organiser.convener_id, invitation_id)
        row = record_attendance(session, guest, came, by=organiser.name, now=now())
    if request.headers.get("hx-request"):
        said = {invitation_id: row}
        return page(
            "attendance/_door_row.html", guest=guest, came=said, choices=CAME, csrf=data["_csrf"], may_organise=1
        )
    return see(f"/desk/roundtables/{guest.roundtable_id}/door#g{invitation_id}")


@get(f"{TABLE}/needs", sync_to_thread=True)
def needs(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    """Only those who run the day read this."""
    if organiser.role not in READ_NEEDS:
        raise NotAllowed("Only the people who run the day see what guests need.")
    with db.read() as session:
        context = _context(session, organiser, settings, roundtable_id, "needs")
        everybody = invitations.of_roundtable(session, roundtable_id)
        found = attendance.needs(session, [row_id(i) for i in everybody])
        readers = readers_of_needs(session, organiser.convener_id)
    guests = _by_surname([i for i in everybody if i.id in found], tuple(State))
    return page("attendance/needs.html", guests=guests, needs=found, readers=readers, **context)


@get(f"{TABLE}/seating", sync_to_thread=True)
def seating(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    return _expected(organiser, db, settings, roundtable_id, "seating")


@get(f"{TABLE}/badges", sync_to_thread=True)
def badges(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    return _expected(organiser, db, settings, roundtable_id, "badges")


@get(f"{TABLE}/papers", sync_to_thread=True)
def papers(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    with db.read() as session:
        context = _context(session, organiser, settings, roundtable_id, "papers")
        reports = papers_of(session, context["table"])
    return page("attendance/papers.html", reports=reports, **context)


@get(f"{TABLE}/outcomes", sync_to_thread=True)
def outcomes(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    with db.read() as session:
        context = _context(session, organiser, settings, roundtable_id, "outcomes")
        posts = posts_of(session, organiser.convener_id, roundtable_id)
    may_write = organiser.may_write_posts
    return page("attendance/outcomes.html", posts=posts, may_write=may_write, **context)


def _context(
    session: Session, organiser: Organiser, settings: Settings, roundtable_id: int, tab: str
) -> dict[str, Any]:
    table = table_of(session, organiser, roundtable_id)
    return at_table(session, organiser, settings, table, tab=tab)


def _expected(organiser: Organiser, db: Db, settings: Settings, roundtable_id: int, tab: str) -> Response[str]:
    """A page about those who are expected: where they sit, or what their badges say."""
    with db.read() as session:
        context = _context(session, organiser, settings, roundtable_id, tab)
        known = known_of(session, context["table"])
    expected = _by_surname(known.invitations, EXPECTED)
    return page(f"attendance/{tab}.html", expected=expected, **context, **drawing(known))


def _by_surname(guests: Sequence[Invitation], states: Sequence[State]) -> list[Invitation]:
    return sorted((i for i in guests if i.state in states), key=lambda i: (sort_key(i.name), i.id or 0))


HANDLERS = [
    Router(
        "/",
        route_handlers=[door, mark, needs, seating, badges, papers, outcomes],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
