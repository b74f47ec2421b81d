"""Colleagues at this desk: everybody sees who they are, owners ask them in, change their roles and see them off."""

from collections.abc import Callable
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlmodel import Session

from roundtables.convener import colleagues, queries
from roundtables.convener.access import Signed, TheDb, TheSettings, check_form, check_fresh
from roundtables.convener.model import Role
from roundtables.convener.rules import OWNERS, READERS, Organiser
from roundtables.db import Db, now
from roundtables.desk.frame import frame
from roundtables.errors import NotFound, Refusal
from roundtables.settings import Settings
from roundtables.texts import _
from roundtables.web.answers import page, see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]
ROLES = [
    (Role.OWNER, _("Owner: everything, and who else works here")),
    (Role.ORGANISER, _("Organiser: tables, guests, letters and posts")),
    (Role.EDITOR, _("Editor: writes posts, reads the rest")),
    (Role.DAY_TEAM, _("Day team: the door, the seats and the needs")),
    (Role.VIEWER, _("Viewer: may look, and change nothing")),
]
DONE = {
    "asked": _("A letter with a link is on its way to them."),
    "changed": _("That is their role now. They sign in again where they were signed in."),
    "removed": _("They have no place here any more, and were signed out everywhere."),
}


@get("/desk/colleagues", may=READERS, sync_to_thread=True)
def everybody(organiser: Signed, db: TheDb, settings: TheSettings, said: FromQuery[str] = "") -> Response[str]:
    return _shown(organiser, db, settings, Form(), flash=DONE.get(said, ""))


@post("/desk/colleagues", may=OWNERS, sync_to_thread=True)
def ask_in(data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    """A place for somebody, and the letter that tells them."""
    form = Form(data)

    def act(session: Session) -> None:
        email = form.text("email", needed="Their e-mail is needed.", most=254)
        name, role = form.text("name", most=120), form.choice("role", Role, Role.VIEWER)
        form.check()
        colleagues.ask_in(session, organiser.convener_id, email, name=name, role=role, by=organiser.name, now=now())

    return _done(data, organiser, db, settings, form, act, "asked")


@post("/desk/colleagues/{membership_id:int}/letter", may=OWNERS, sync_to_thread=True)
def ask_again(
    membership_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    def act(session: Session) -> None:
        colleagues.ask_again(session, organiser.convener_id, membership_id, by=organiser.name, now=now())

    return _done(data, organiser, db, settings, Form(), act, "asked")


@post("/desk/colleagues/{membership_id:int}/role", may=OWNERS, sync_to_thread=True)
def change_role(
    membership_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    form = Form(data)

    def act(session: Session) -> None:
        if not form.text("role", needed="Choose a role.", most=24):
            form.check()
        role = form.choice("role", Role, Role.VIEWER)
        form.check()
        colleagues.change_role(session, organiser.convener_id, membership_id, role, now=now())

    return _done(data, organiser, db, settings, form, act, "changed")


@post("/desk/colleagues/{membership_id:int}/removal", may=OWNERS, sync_to_thread=True)
def remove(
    membership_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    def act(session: Session) -> None:
        colleagues.remove(session, organiser.convener_id, membership_id)

    return _done(data, organiser, db, settings, Form(), act, "removed")


def _done(
    data: dict[str, Any],
    organiser: Organiser,
    db: Db,
    settings: Settings,
    form: Form,
    act: Callable[[Session], None],
    said: str,
) -> Response[str]:
    """`act` in a transaction of its own, for an owner who came in just now; what it refuses stands on the page."""
    check_form(data, organiser, settings)
    check_fresh(organiser, to="colleagues")
    try:
        with db.write() as session:
            act(session)
    except NotFound:
        raise
    except Refusal as error:
        form.refuse(error)
        return _shown(organiser, db, settings, form, status=422)
    return see(f"/desk/colleagues?said={said}")


def _shown(
    organiser: Organiser, db: Db, settings: Settings, form: Form, *, flash: str = "", status: int = 200
) -> Response[str]:
    with db.read() as session:
        context = frame(session, organiser, settings, current="", flash=flash)
        people = queries.colleagues(session, organiser.convener_id)
    context |= {"fresh": organiser.is_fresh(now()), "may_appoint": organiser.may_appoint, "own": organiser.account_id}
    return page("convener/colleagues.html", status=status, people=people, roles=ROLES, form=form, **context)


HANDLERS = [
    Router(
        "/",
        route_handlers=[everybody, ask_in, ask_again, change_role, remove],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
