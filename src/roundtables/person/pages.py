"""The people at the desk: the book by surname, one person with all they were asked to, and changes to both."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlmodel import Session

from roundtables.attendance import queries as attendance
from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import ORGANISERS, READERS, Organiser
from roundtables.db import now
from roundtables.desk.frame import check_organiser, frame
from roundtables.errors import NotFound, Refusal
from roundtables.invitation import queries as invitations
from roundtables.person import actions, queries
from roundtables.person.actions import Details
from roundtables.person.model import Person
from roundtables.settings import Settings
from roundtables.web.answers import page, see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]
A_PAGE = 100


@get("/desk/people", may=READERS, sync_to_thread=True)
def people(
    db: TheDb, organiser: Signed, settings: TheSettings, q: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[str]:
    """The book by surname, all of it or what fits the search."""
    search = " ".join(q.split())[:100]
    with db.read() as session:
        found = queries.page(session, organiser.convener_id, after=_place(after), limit=A_PAGE + 1, search=search)
        shown = found[:A_PAGE]
        times = attendance.times(session, [row.id for row in shown if row.id is not None])
        context = frame(session, organiser, settings, current="people")
    more = _address(search, shown[-1]) if len(found) > A_PAGE else ""
    return page("person/people.html", people=shown, times=times, search=search, more=more, **context)


@get("/desk/people/new", may=ORGANISERS, sync_to_thread=True)
def new(db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    return _form(db, organiser, settings, Form())


@post("/desk/people", may=ORGANISERS, sync_to_thread=True)
def add(data: Typed, db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """A new person in the book."""
    check_organiser(data, organiser, settings)
    form = Form(data)
    try:
        details = _details(form)
        with db.write() as session:
            person = actions.add(session, organiser.convener_id, details, now=now())
            address = f"/desk/people/{person.id}"
    except Refusal as error:
        form.refuse(error)
        return _form(db, organiser, settings, form, status=422)
    return see(address)


@get("/desk/people/{person_id:int}", may=READERS, sync_to_thread=True)
def person(person_id: FromPath[int], db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """One person: what we know, and every table they were asked to."""
    with db.read() as session:
        if (one_with := queries.merged_into(session, organiser.convener_id, person_id)) is not None:
            return see(f"/desk/people/{one_with}")
        found = _found(session, organiser, person_id)
        asked = invitations.of_person(session, organiser.convener_id, person_id)
        came = attendance.came(session, [invitation.id for invitation, _ in asked if invitation.id is not None])
        others = queries.other_addresses(session, [person_id]).get(person_id, [])
        times = attendance.times(session, [person_id]).get(person_id, (0, 0, 0))
        context = frame(session, organiser, settings, current="people")
    return page("person/person.html", person=found, asked=asked, came=came, others=others, times=times, **context)


@get("/desk/people/{person_id:int}/details", may=ORGANISERS, sync_to_thread=True)
def details(person_id: FromPath[int], db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """The form with what we know."""
    with db.read() as session:
        found = _found(session, organiser, person_id)
        others = queries.other_addresses(session, [person_id]).get(person_id, [])
    return _form(db, organiser, settings, _filled(found, others), person=found)


@post("/desk/people/{person_id:int}/details", may=ORGANISERS, sync_to_thread=True)
def change(person_id: FromPath[int], data: Typed, db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """Writes down what changed."""
    check_organiser(data, organiser, settings)
    form = Form(data)
    with db.read() as session:
        found = _found(session, organiser, person_id)
    try:
        said = _details(form)
        with db.write() as session:
            actions.change(session, _found(session, organiser, person_id), said)
    except NotFound:
        raise
    except Refusal as error:
        form.refuse(error)
        return _form(db, organiser, settings, form, person=found, status=422)
    return see(f"/desk/people/{person_id}")


def _found(session: Session, organiser: Organiser, person_id: int) -> Person:
    found = queries.by_id(session, organiser.convener_id, person_id)
    if found.erased_at is not None:
        raise NotFound("person")
    return found


def _form(
    db: TheDb, organiser: Organiser, settings: Settings, form: Form, *, person: Person | None = None, status: int = 200
) -> Response[str]:
    with db.read() as session:
        context = frame(session, organiser, settings, current="people")
    return page("person/form.html", status=status, form=form, person=person, **context)


def _details(form: Form) -> Details:
    """What was typed. Raises Refusals."""
    said = Details(
        name=form.text("name", needed="A person needs a name.", most=200),
        email=form.text("email", needed="Where do letters go? An e-mail address, please.", most=254),
        other_emails=_several(form.text("other_emails", most=2000)),
        title=form.text("title", most=200),
        organisation=form.text("organisation", most=200),
        sectors=_several(form.text("sectors", most=2000)),
        assistant_email=form.text("assistant_email", most=254),
        time_zone=form.text("time_zone", most=60),
        language=form.text("language", most=20) or "en-GB",
    )
    form.check()
    return said


def _several(typed: str) -> list[str]:
    """One per line, or with a semicolon between."""
    return [piece.strip() for piece in typed.replace("\n", ";").split(";") if piece.strip()]


def _filled(person: Person, others: list[str]) -> Form:
    return Form(
        {
            "name": person.name,
            "email": person.email,
            "other_emails": "\n".join(others),
            "title": person.title,
            "organisation": person.organisation,
            "sectors": "; ".join(person.sectors),
            "assistant_email": person.assistant_email,
            "time_zone": person.time_zone,
            "language": person.language,
        }
    )


def _place(after: str) -> tuple[str, int] | None:
    """Where a further page begins: "pugh carys~17"."""
    key, _, number = after.rpartition("~")
    return (key[:200], int(number)) if number.isascii() and number.isdigit() and len(number) < 16 else None


def _address(search: str, last: Person) -> str:
    asked = {"q": search, "after": f"{last.sort_key}~{last.id}"}
    return "/desk/people?" + urlencode({name: value for name, value in asked.items() if value})


HANDLERS = [
    Router(
        "/",
        route_handlers=[people, new, add, person, details, change],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
