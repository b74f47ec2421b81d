"""What an organiser decides in the inbox: about a mail, or about a deputy who was proposed on a page."""

from typing import Any

from litestar import Response, Router, post
from litestar.params import FromPath, URLEncodedBody

from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import ORGANISERS
from roundtables.db import now
from roundtables.desk import inbox_lists
from roundtables.desk.frame import check_organiser
from roundtables.desk.inbox_pages import show_mail, show_offer
from roundtables.errors import NotFound, Refusal
from roundtables.invitation import deputies, queries
from roundtables.invitation.decisions import Decision, decide
from roundtables.web.answers import see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]
MOST = {"answer": 20, "name": 200, "email": 254, "note": 2000}


@post("/desk/inbox/{mail_id:int}/decision", may=ORGANISERS, sync_to_thread=True)
def decision(mail_id: FromPath[int], data: Typed, db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """What somebody decided about a mail."""
    check_organiser(data, organiser, settings)
    form = Form(data)
    try:
        wanted = form.choice("decision", Decision, Decision.SET_ASIDE)
        said = {name: form.text(name, most=most) for name, most in MOST.items()}
        form.check()
        with db.write() as session:
            found = inbox_lists.mail(session, organiser.convener_id, mail_id)
            found.convener_id = organiser.convener_id  # what was nobody's is now theirs who decided
            decide(session, found, wanted, **said, by=organiser.name, now=now())
    except NotFound:
        raise
    except Refusal as error:
        _refuse(form, error)
        with db.read() as session:
            return show_mail(session, organiser, settings, mail_id, form=form, status=422)
    return see(f"/desk/inbox/{mail_id}" if wanted is Decision.UNDO else f"/desk/inbox?done={mail_id}")


@post("/desk/inbox/deputies/{invitation_id:int}/decision", may=ORGANISERS, sync_to_thread=True)
def decide_deputy(
    invitation_id: FromPath[int], data: Typed, db: TheDb, organiser: Signed, settings: TheSettings
) -> Response[str]:
    """A yes or a polite no to a deputy who was proposed on the invitee's page."""
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
        with db.read() as session:
            return show_offer(session, organiser, settings, invitation_id, form=form, status=422)
    return see("/desk/inbox")


def _refuse(form: Form, error: Refusal) -> None:
    """Puts the refusal beside its field; of the only guest in a list that is the field itself."""
    form.refuse(error)
    form.errors = {field.removeprefix("guests.0."): words for field, words in form.errors.items()}


HANDLERS = [
    Router("/", route_handlers=[decision, decide_deputy], guards=[known_numbers], include_in_schema=False),
]
