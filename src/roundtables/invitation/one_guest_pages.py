"""One guest at the desk: what happened, what was written, and what an organiser can do about it."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlmodel import Session

from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import ORGANISERS, READERS, Organiser
from roundtables.db import Db, now
from roundtables.desk.at_table import at_table, table_of
from roundtables.desk.frame import check_organiser
from roundtables.errors import NotFound, Refusal
from roundtables.invitation import actions, answering, deputies, queries
from roundtables.invitation.guest_pages import known_of
from roundtables.invitation.guest_rows import rows
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Changed, Reply, State, Via
from roundtables.settings import Settings
from roundtables.web.answers import page, see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]
DONE = {
    "withdrawn": "Withdrawn. If they had been asked, they are told and their calendar entry goes.",
    "asked-again": "The same question is on its way to them once more.",
    "answered": "Taken down.",
    "undone": "Undone. What stood before stands again.",
    "seated": "The deputy has an invitation of their own, and the first one is taken back with thanks.",
    "thanked": "A polite letter of thanks is on its way.",
}


@get("/desk/invitations/{invitation_id:int}", may=READERS, sync_to_thread=True)
def guest(
    invitation_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings, said: FromQuery[str] = ""
) -> Response[str]:
    return _shown(organiser, db, settings, invitation_id, Form(), flash=DONE.get(said, ""))


@post("/desk/invitations/{invitation_id:int}/withdrawal", may=ORGANISERS, sync_to_thread=True)
def withdraw(
    invitation_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    def act(session: Session, invitation: Invitation, form: Form) -> str:
        because = form.text("because", most=1000)
        form.check()
        actions.withdraw(session, invitation, by=organiser.name, now=now(), because=because)
        return "withdrawn"

    return _act(organiser, db, settings, invitation_id, data, act)


@post("/desk/invitations/{invitation_id:int}/reminder", may=ORGANISERS, sync_to_thread=True)
def remind(
    invitation_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    def act(session: Session, invitation: Invitation, form: Form) -> str:
        actions.remind(session, invitation, by=organiser.name, now=now())
        return "asked-again"

    return _act(organiser, db, settings, invitation_id, data, act)


@post("/desk/invitations/{invitation_id:int}/answer", may=ORGANISERS, sync_to_thread=True)
def take_down_answer(
    invitation_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    """An answer given by telephone; one that cannot count says why, and the history keeps it."""

    def act(session: Session, invitation: Invitation, form: Form) -> str:
        form.text("answer", needed="What did they say?")
        answer = form.choice("answer", Answer, Answer.ACCEPTED)
        until, comment = form.day("until"), form.text("note", most=2000)
        form.check()
        reply = Reply(answer, now(), Via.PHONE, until=until, comment=comment)
        outcome = answering.record_reply(session, invitation, reply, by=organiser.name, now=now())
        if not isinstance(outcome, Changed):
            form.errors[""] = f"It does not count: {outcome.why}."
        return "answered"

    return _act(organiser, db, settings, invitation_id, data, act)


@post("/desk/invitations/{invitation_id:int}/undoing", may=ORGANISERS, sync_to_thread=True)
def undo(
    invitation_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    def act(session: Session, invitation: Invitation, form: Form) -> str:
        answering.undo(session, invitation, by=organiser.name, now=now(), by_organiser=True)
        return "undone"

    return _act(organiser, db, settings, invitation_id, data, act)


@post("/desk/invitations/{invitation_id:int}/deputy", may=ORGANISERS, sync_to_thread=True)
def decide_deputy(
    invitation_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    """`decision` is "seat" or "thank"."""

    def act(session: Session, invitation: Invitation, form: Form) -> str:
        name, email = form.text("name", most=200), form.text("email", most=254)
        form.check()
        if form.get("decision") == "seat":
            deputies.seat_deputy(session, invitation, name=name, email=email, by=organiser.name, now=now())
            return "seated"
        if form.get("decision") == "thank":
            deputies.thank_deputy(session, invitation, name=name, by=organiser.name, now=now())
            return "thanked"
        raise Refusal("Seat the deputy, or thank them?")

    return _act(organiser, db, settings, invitation_id, data, act)


def _act(
    organiser: Organiser, db: Db, settings: Settings, invitation_id: int, data: dict[str, Any], act: Any
) -> Response[str]:
    """One change to one invitation; a refusal shows the page again with what was typed."""
    check_organiser(data, organiser, settings)
    form = Form(data)
    try:
        with db.write() as session:
            said = act(session, _found(session, organiser, invitation_id), form)
    except NotFound:
        raise
    except Refusal as error:
        form.refuse(error)
    if form.errors:
        return _shown(organiser, db, settings, invitation_id, form, status=422)
    return see(f"/desk/invitations/{invitation_id}?said={said}")


def _shown(
    organiser: Organiser,
    db: Db,
    settings: Settings,
    invitation_id: int,
    form: Form,
    *,
    flash: str = "",
    status: int = 200,
) -> Response[str]:
    with db.read() as session:
        invitation = _found(session, organiser, invitation_id)
        table = table_of(session, organiser, invitation.roundtable_id)
        context = at_table(session, organiser, settings, table, tab="guests", flash=flash)
        known = known_of(session, table)
        letters = queries.letters_to(session, invitation_id)
    context |= {"guest": invitation, "row": next(row for row in rows(known) if row.id == invitation_id)}
    context |= {"history": known.histories[invitation_id], "mails": known.mails[invitation_id], "letters": letters}
    context |= {"can": _possible(invitation, is_open=context["open"]), "deputies_come": table.deputies != "never"}
    return page("invitation/desk_guest.html", status=status, form=form, **context)


def _found(session: Session, organiser: Organiser, invitation_id: int) -> Invitation:
    return queries.by_id(session, organiser.convener_id, invitation_id)


def _possible(invitation: Invitation, *, is_open: bool) -> set[str]:
    """Which forms the page offers; what an action refuses it still refuses by itself."""
    asked = invitation.state in (*queries.ASKED,) and invitation.state is not State.DELEGATED
    found = {"answer", "deputy"} if asked and is_open else set()
    found |= {"reminder"} if invitation.state is State.INVITED and is_open else set()
    found |= {"withdrawal"} if invitation.state not in (State.WITHDRAWN, State.LAPSED) else set()
    return found | ({"undoing"} if invitation.answer is not None and is_open else set())


HANDLERS = [
    Router(
        "/",
        route_handlers=[guest, withdraw, remind, take_down_answer, undo, decide_deputy],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
