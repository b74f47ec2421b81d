"""About oneself: languages, the password, the browsers that are signed in, other conveners."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlmodel import Session

from roundtables.convener import actions, passkeys, passwords, queries, signing_in
from roundtables.convener.access import AnyRequest, Signed, TheDb, TheSettings, check_form, check_fresh
from roundtables.convener.entering import browser, let_in
from roundtables.convener.model import Account, Convener
from roundtables.convener.passkeys import Site
from roundtables.convener.rules import ORGANISERS, READERS, SHORTEST_PASSWORD, Organiser
from roundtables.db import Db, now
from roundtables.desk.frame import frame
from roundtables.errors import Refusal
from roundtables.settings import Settings
from roundtables.texts import LANGUAGES, _
from roundtables.web.answers import page, see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]
DONE = {
    "password": _("That is your password now. Every other browser of yours was signed out."),
    "no-password": _("You have no password any more."),
    "ended": _("Signed out there."),
    "alone": _("Signed out everywhere but here."),
    "no-authenticator": _("Nobody asks you for a code any more."),
    "passkey": _("The passkey is kept."),
    "no-passkey": _("The passkey opens nothing here any more."),
}


@get("/desk/account", may=READERS, sync_to_thread=True)
def account(organiser: Signed, db: TheDb, settings: TheSettings, said: FromQuery[str] = "") -> Response[str]:
    return shown(organiser, db, settings, Form(), flash=DONE.get(said, ""))


@post("/desk/account/language", may=READERS, sync_to_thread=True)
def choose_language(data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    """In which language one reads the desk; "" is the convener's."""
    check_form(data, organiser, settings)
    with db.write() as session:
        actions.choose_language(session, organiser.account_id, Form(data).text("language", most=20))
    return see("/desk/account")


@post("/desk/account/public-language", may=ORGANISERS, sync_to_thread=True)
def speak(data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    """The language of the convener's public pages and letters."""
    check_form(data, organiser, settings)
    with db.write() as session:
        actions.speak(session, organiser.convener_id, Form(data).text("language", most=20))
    return see("/desk/account")


@post("/desk/account/password", may=READERS, sync_to_thread=True)
def choose_password(data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    """A password, or another one; whoever else was in as this person is out."""
    check_form(data, organiser, settings)
    check_fresh(organiser, to="account")
    form = Form(data)
    try:
        with db.read() as session:
            mine = session.get_one(Account, organiser.account_id)
        kept = passwords.checked(mine, form.get("password"), convener=organiser.convener_name)
        with db.write() as session:
            passwords.keep(session, organiser.account_id, kept)
            signing_in.end_others(session, organiser)
    except Refusal as error:
        form.refuse(error)
        return shown(organiser, db, settings, form, status=422)
    return see("/desk/account?said=password#ways")


@post("/desk/account/password/removal", may=READERS, sync_to_thread=True)
def drop_password(data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    check_form(data, organiser, settings)
    check_fresh(organiser, to="account")
    with db.write() as session:
        passwords.keep(session, organiser.account_id, "")
        signing_in.end_others(session, organiser)
    return see("/desk/account?said=no-password#ways")


@post("/desk/account/browsers/{sign_in_id:int}/ending", may=READERS, sync_to_thread=True)
def end_browser(
    sign_in_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    check_form(data, organiser, settings)
    with db.write() as session:
        signing_in.end(session, organiser.account_id, sign_in_id)
    return see("/desk/account?said=ended#browsers")


@post("/desk/account/browsers/ending", may=READERS, sync_to_thread=True)
def end_other_browsers(data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    check_form(data, organiser, settings)
    with db.write() as session:
        signing_in.end_others(session, organiser)
    return see("/desk/account?said=alone#browsers")


@post("/desk/account/convener", may=READERS, sync_to_thread=True)
def change_desk(request: AnyRequest, data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    """To another convener that one works for."""
    check_form(data, organiser, settings)
    place = Form(data).whole("place", least=1, most=2**31 - 1) or 0
    with db.write() as session:
        step = signing_in.switch(session, organiser, place, browser=browser(request), now=now())
    return let_in(step, settings)


def shown(
    organiser: Organiser, db: Db, settings: Settings, form: Form, *, flash: str = "", status: int = 200
) -> Response[str]:
    """The page about oneself."""
    with db.read() as session:
        mine = session.get_one(Account, organiser.account_id)
        context = frame(session, organiser, settings, current="", flash=flash)
        context |= _ways(session, organiser, settings, mine)
        context["browsers"] = queries.browsers(session, organiser.account_id, now=now())
        context["places"] = queries.memberships(session, organiser.account_id)
        host = session.get_one(Convener, organiser.convener_id)
    context |= {"account": mine, "organiser": organiser, "host": host, "languages": LANGUAGES, "form": form}
    return page("desk/account.html", status=status, **context)


def _ways(session: Session, organiser: Organiser, settings: Settings, mine: Account) -> dict[str, Any]:
    """How this person may come in."""
    site = Site(settings.public_url, organiser.convener_name, settings.secret_key)
    fresh = organiser.is_fresh(now())
    return {
        "fresh": fresh,
        "authenticator": queries.authenticator(session, organiser.account_id),
        "codes_left": queries.recovery_codes_left(session, organiser.account_id),
        "passkeys": queries.passkeys(session, organiser.account_id),
        "passkey": passkeys.to_make_one(session, site, mine, now=now()) if fresh and site.has_passkeys else "",
        "shortest": SHORTEST_PASSWORD,
    }


HANDLERS = [
    Router(
        "/",
        route_handlers=[
            *(account, choose_language, speak, choose_password, drop_password),
            *(end_browser, end_other_browsers, change_desk),
        ],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
