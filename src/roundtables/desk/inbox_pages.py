"""The inbox at the desk: replies that need a person, those understood, those set aside; and one click to decide."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlmodel import Session

from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import Organiser
from roundtables.db import now
from roundtables.desk import inbox_lists
from roundtables.desk.frame import check_organiser, frame
from roundtables.desk.inbox_lists import View
from roundtables.desk.inbox_reading import shown
from roundtables.errors import NotFound, Refusal
from roundtables.invitation import deputies, queries
from roundtables.invitation.decisions import Decision, decide
from roundtables.invitation.guest_rows import STATES
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.mail.inbox import IncomingMail
from roundtables.settings import Settings
from roundtables.web.answers import page, see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]
FIELDS = ("answer", "name", "email", "note")


@get("/desk/inbox", sync_to_thread=True)
def inbox(db: TheDb, organiser: Signed, settings: TheSettings, view: FromQuery[str] = "") -> Response[str]:
    """One of the three lists; of those that need somebody, the one that waits longest is open."""
    with db.read() as session:
        chosen = View(view) if view in list(View) else View.NEEDS_YOU
        context = _lists(session, organiser, settings, chosen)
        waiting = inbox_lists.first_waiting(context["rows"]) if chosen is View.NEEDS_YOU else None
        found = inbox_lists.mail(session, organiser.convener_id, waiting) if waiting else None
        return page("desk/inbox.html", **context, **_opened(session, found), form=Form())


@get("/desk/inbox/{mail_id:int}", sync_to_thread=True)
def mail(mail_id: FromPath[int], db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """One mail in its list."""
    return _shown(mail_id, db, organiser, settings, Form())


@post("/desk/inbox/{mail_id:int}/decision", sync_to_thread=True)
def decision(mail_id: FromPath[int], data: Typed, db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """What somebody decided about a mail."""
    check_organiser(data, organiser, settings)
    form = Form(data)
    try:
        wanted = form.choice("decision", Decision, Decision.SET_ASIDE)
        said = {name: form.text(name, most=2000) for name in FIELDS}
        form.check()
        with db.write() as session:
            found = inbox_lists.mail(session, organiser.convener_id, mail_id)
            decide(session, found, wanted, **said, by=organiser.name, now=now())
    except NotFound:
        raise
    except Refusal as error:
        _refuse(form, error)
        return _shown(mail_id, db, organiser, settings, form, status=422)
    return see("/desk/inbox")


@get("/desk/inbox/deputies/{invitation_id:int}", sync_to_thread=True)
def deputy(invitation_id: FromPath[int], db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """A deputy whom an invitee proposed on their page."""
    return _deputy(invitation_id, db, organiser, settings, Form())


@post("/desk/inbox/deputies/{invitation_id:int}/decision", sync_to_thread=True)
def decide_deputy(
    invitation_id: FromPath[int], data: Typed, db: TheDb, organiser: Signed, settings: TheSettings
) -> Response[str]:
    """A yes or a polite no to that deputy."""
    check_organiser(data, organiser, settings)
    form = Form(data)
    try:
        wanted = form.choice("decision", Decision, Decision.THANK_DEPUTY)
        name, email = form.text("name", most=200), form.text("email", most=254)
        form.check()
        with db.write() as session:
            guest = queries.by_id(session, organiser.convener_id, invitation_id)
            if wanted is Decision.SEAT_DEPUTY:
                deputies.seat_deputy(session, guest, name=name, email=email, by=organiser.name, now=now())
            else:
                deputies.thank_deputy(session, guest, name=name, by=organiser.name, now=now())
    except NotFound:
        raise
    except Refusal as error:
        _refuse(form, error)
        return _deputy(invitation_id, db, organiser, settings, form, status=422)
    return see("/desk/inbox")


def _refuse(form: Form, error: Refusal) -> None:
    """Puts the refusal beside its field; of the only guest in a list that is the field itself."""
    form.refuse(error)
    form.errors = {field.removeprefix("guests.0."): words for field, words in form.errors.items()}


def _shown(
    mail_id: int, db: TheDb, organiser: Organiser, settings: Settings, form: Form, *, status: int = 200
) -> Response[str]:
    with db.read() as session:
        found = inbox_lists.mail(session, organiser.convener_id, mail_id)
        context = _lists(session, organiser, settings, inbox_lists.where_of(found))
        return page("desk/inbox.html", status=status, **context, **_opened(session, found), form=form)


def _deputy(
    invitation_id: int, db: TheDb, organiser: Organiser, settings: Settings, form: Form, *, status: int = 200
) -> Response[str]:
    with db.read() as session:
        guest = queries.by_id(session, organiser.convener_id, invitation_id)
        context = _lists(session, organiser, settings, View.NEEDS_YOU)
        opened = _opened(session, None) | _belongs(session, guest)
    form.typed = {"name": guest.deputy_name, "email": guest.deputy_email} | form.typed
    return page("desk/inbox.html", status=status, **context, **opened, form=form)


def _lists(session: Session, organiser: Organiser, settings: Settings, view: View) -> dict[str, Any]:
    """What every page of the inbox shows besides the mail that is open."""
    convener_id, at = organiser.convener_id, now()
    proposed = queries.deputies_proposed(session, convener_id)
    needs = view is View.NEEDS_YOU
    return frame(session, organiser, settings, current="inbox") | {
        "view": view,
        "rows": inbox_lists.rows(session, convener_id, view),
        "totals": inbox_lists.totals(session, convener_id),
        "proposed": proposed,
        "lately": inbox_lists.understood_lately(session, convener_id, at) if needs else [],
    }


def _opened(session: Session, mail: IncomingMail | None) -> dict[str, Any]:
    """The mail that is open, with the guest and table it belongs to."""
    if mail is None:
        return {"mail": None, "shown": None} | _belongs(session, None)
    guest = session.get(Invitation, mail.invitation_id) if mail.invitation_id else None
    ours = [guest.email] if guest else []
    return {"mail": mail, "shown": shown(mail, ours=ours), **_belongs(session, guest)}


def _belongs(session: Session, guest: Invitation | None) -> dict[str, Any]:
    if guest is None:
        return {"guest": None, "table": None, "standing": "", "stands": ""}
    table = queries.whole(session, guest).roundtable
    numbers = queries.counts(session, [guest.roundtable_id])[guest.roundtable_id]
    maybe = f", {numbers[State.TENTATIVE]} maybe" if State.TENTATIVE in numbers else ""
    return {
        "guest": guest,
        "table": table,
        "standing": f"{numbers.get(State.ACCEPTED, 0)} of {table.seats} taken{maybe}",
        "stands": STATES[guest.state].lower(),
    }


HANDLERS = [
    Router(
        "/",
        route_handlers=[inbox, mail, decision, deputy, decide_deputy],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
