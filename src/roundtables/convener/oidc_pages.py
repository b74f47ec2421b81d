"""To the identity provider of one's organisation, and back."""

from typing import Any

from litestar import Response, Router, get
from litestar.params import FromQuery
from sqlmodel import Session, select

from roundtables import tokens
from roundtables.convener import oidc, queries, tries
from roundtables.convener.access import AnyRequest, TheDb, TheSettings, cookie_name, who_is_there
from roundtables.convener.entering import GOING_TO, arrive, let_in, welcome, with_cookie
from roundtables.convener.model import Account
from roundtables.convener.oidc import Client, Told, Trip
from roundtables.convener.rules import EVERYBODY
from roundtables.db import Db, now
from roundtables.errors import NotFound, Refusal
from roundtables.settings import Settings
from roundtables.texts import _
from roundtables.web.answers import see
from roundtables.web.forms import Form

RETURN = "/sign-in/oidc/return"
TRIP_LASTS = 600  # seconds
STRANGER = _("Nobody at this desk has that account’s address. Ask an owner of the desk to ask you in.")


@get("/sign-in/oidc", sync_to_thread=True)
def set_out(db: TheDb, settings: TheSettings, to: FromQuery[str] = "") -> Response[str]:
    """Off to the provider; the cookie is what brings this browser, and no other, back in."""
    kept = f"{tokens.fresh()}.{to if to in GOING_TO else ''}"
    client = _client(settings)
    try:
        there = oidc.way_there(client, Trip(kept, settings.secret_key))
    except Refusal as error:
        return _refused(db, settings, error)
    return with_cookie(see(there), settings, _trip_name(settings), kept, TRIP_LASTS)


@get("/sign-in/oidc/return", sync_to_thread=True)
def come_back(
    request: AnyRequest,
    db: TheDb,
    settings: TheSettings,
    code: FromQuery[str] = "",
    iss: FromQuery[str] = "",
) -> Response[str]:
    """Back with a code: only whom we know comes in."""
    kept = request.cookies.get(_trip_name(settings), "")
    state = request.query_params.get("state", "") if kept else ""
    trip = Trip(kept, settings.secret_key)
    before = who_is_there(request, db, settings)
    client = _client(settings)
    try:
        told = oidc.told(client, trip, code=code, state=state, issuer=iss, now=now())
        with db.write() as session:
            if not tries.spend(session, f"oidc/{kept}", now=now()):
                raise Refusal(oidc.WRONG)
            step = arrive(session, request, _known(session, told), before=before, to=kept.partition(".")[2])
    except Refusal as error:
        return _forgotten(_refused(db, settings, error), settings)
    return _forgotten(let_in(step, settings), settings)


def _known(session: Session, told: Told) -> int:
    """The account a provider means. Once somebody came in this way it is theirs alone, whatever address they have."""
    bound = session.exec(select(Account).where(Account.oidc_subject == told.subject)).one_or_none()
    account = bound or (queries.account_of(session, told.email) if told.email else None)
    if account is None or account.id is None or (account.oidc_subject and account.oidc_subject != told.subject):
        raise Refusal(STRANGER)
    account.oidc_subject = told.subject
    session.add(account)
    return account.id


def _client(settings: Settings) -> Client:
    if not settings.oidc_issuer:
        raise NotFound
    return Client(
        settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, settings.public_url + RETURN
    )


def _trip_name(settings: Settings) -> str:
    return cookie_name(settings) + "-trip"


def _refused(db: Db, settings: Settings, error: Refusal) -> Response[str]:
    form = Form()
    form.refuse(Refusal(error.message))
    return welcome(db, settings, form, status=503 if isinstance(error, oidc.Away) else 422)


def _forgotten(answer: Response[str], settings: Settings) -> Response[Any]:
    return with_cookie(answer, settings, _trip_name(settings), "", 0)


HANDLERS = [
    Router("/", route_handlers=[set_out, come_back], opt={"may": EVERYBODY}, include_in_schema=False),
]
