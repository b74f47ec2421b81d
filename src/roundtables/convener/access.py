"""Who is asking: the cookie of the desk, the token of the API. Dependencies for the doors."""

import logging
from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from roundtables import acting
from roundtables.convener import actions, signing_in
from roundtables.convener.rules import Organiser
from roundtables.db import Db, now
from roundtables.settings import Settings
from roundtables.web import csrf
from roundtables.web.problems import NotAllowed, NotFresh, NotSignedIn

log = logging.getLogger("roundtables.web")
AnyRequest = Request[Any, Any, Any]
TheDb = NamedDependency[SkipValidation[Db]]
TheSettings = NamedDependency[SkipValidation[Settings]]
Signed = NamedDependency[SkipValidation[Organiser]]


def cookie_name(settings: Settings) -> str:
    """A __Host- cookie where the service is reached by https."""
    return "__Host-roundtables" if settings.secure else "roundtables"


def provide_organiser(request: AnyRequest, db: TheDb, settings: TheSettings) -> Organiser:
    """Whoever is signed in at the desk. Raises NotSignedIn, or NotAllowed for one who may not use this door."""
    who = _signed_in(request, db, settings)
    if not _may(request, who):
        raise NotAllowed("Your role may look at everything here, and change nothing.")
    return who


provide_day_team = provide_organiser


def _may(request: AnyRequest, who: Organiser) -> bool:
    """Whether the door's own `may=` names the role; a door that names nobody lets nobody in."""
    named = request.route_handler.opt.get("may", ())
    if not named:
        log.error("%s names nobody: its handler needs may=, as in convener/rules.py", request.route_handler)
    return who.role in named


def _signed_in(request: AnyRequest, db: Db, settings: Settings) -> Organiser:
    who = who_is_there(request, db, settings)
    if who is None:
        raise NotSignedIn
    acting.as_who(f"account:{who.account_id}")
    return who


def who_is_there(request: AnyRequest, db: Db, settings: Settings) -> Organiser | None:
    """Whoever is signed in in this browser, None if nobody is; now and then it is noted that they came by."""
    cookie = request.cookies.get(cookie_name(settings), "")
    if not cookie:
        return None
    moment = now()
    with db.read() as session:
        found = actions.who_signed_in(session, cookie, now=moment)
    if found is None:
        return None
    who, sign_in = found
    if signing_in.is_worth_noticing(sign_in, moment):
        with db.write() as session:
            signing_in.noticed(session, sign_in.id, now=moment)
    return who


def provide_caller(request: AnyRequest, db: TheDb) -> Organiser:
    """Whoever holds the API token. Raises NotSignedIn."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    with db.read() as session:
        who = actions.who_holds_token(session, token.strip()) if scheme.lower() == "bearer" and token else None
    if who is None:
        raise NotSignedIn
    acting.as_who(f"account:{who.account_id}")
    if not _may(request, who):
        raise NotAllowed("The role of this token may not do this.")
    return who


def check_form(data: dict[str, Any], organiser: Organiser, settings: Settings) -> None:
    """Raises NotAllowed unless the form was given to this very sign-in."""
    if not csrf.is_ours(str(data.get(csrf.FIELD, "")), settings.secret_key, organiser.session_key):
        raise NotAllowed("This page is too old to send. Go back, load it again, and send it once more.")


def check_fresh(organiser: Organiser, *, to: str) -> None:
    """Raises NotFresh unless they showed who they are within the last quarter of an hour; `to` is where they were."""
    if not organiser.is_fresh(now()):
        raise NotFresh(to)
