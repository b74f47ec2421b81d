"""Who is asking: the cookie of the desk, the token of the API. Dependencies for the doors."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from roundtables.convener import actions
from roundtables.convener.rules import Organiser
from roundtables.db import Db, now
from roundtables.settings import Settings
from roundtables.web import csrf
from roundtables.web.problems import NotAllowed, NotSignedIn

AnyRequest = Request[Any, Any, Any]
TheDb = NamedDependency[SkipValidation[Db]]
TheSettings = NamedDependency[SkipValidation[Settings]]
Signed = NamedDependency[SkipValidation[Organiser]]

READING = ("GET", "HEAD", "OPTIONS")


def cookie_name(settings: Settings) -> str:
    """A __Host- cookie where the service is reached by https."""
    return "__Host-roundtables" if settings.secure else "roundtables"


def provide_organiser(request: AnyRequest, db: TheDb, settings: TheSettings) -> Organiser:
    """Whoever is signed in at the desk. Raises NotSignedIn, or NotAllowed for one who may only read."""
    cookie = request.cookies.get(cookie_name(settings), "")
    with db.read() as session:
        who = actions.who_signed_in(session, cookie, now=now()) if cookie else None
    if who is None:
        raise NotSignedIn
    if request.method not in READING and not (who.may_organise or who.may_write_posts):
        raise NotAllowed("Your role may look at everything here, and change nothing.")
    return who


def provide_caller(request: AnyRequest, db: TheDb) -> Organiser:
    """Whoever holds the API token. Raises NotSignedIn."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    with db.read() as session:
        who = actions.who_holds_token(session, token.strip()) if scheme.lower() == "bearer" and token else None
    if who is None:
        raise NotSignedIn
    if request.method not in READING and not (who.may_organise or who.may_write_posts):
        raise NotAllowed("This token may read, and change nothing.")
    return who


def check_form(data: dict[str, Any], organiser: Organiser, settings: Settings) -> None:
    """Raises NotAllowed unless the form was given to this very sign-in."""
    if not csrf.is_ours(str(data.get(csrf.FIELD, "")), settings.secret_key, organiser.session_key):
        raise NotAllowed("This page is too old to send. Go back, load it again, and send it once more.")
