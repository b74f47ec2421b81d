"""In and out: the sign-in page with its ways in, what a second step may ask, the way out."""

from datetime import datetime
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlmodel import Session

from roundtables import naming
from roundtables.convener import actions, letters, passkeys, passwords, queries, second_factor, signing_in, tries
from roundtables.convener.access import AnyRequest, TheDb, TheSettings, cookie_name, who_is_there
from roundtables.convener.entering import (
    SITE,
    WELCOME,
    arrive,
    arriving_name,
    browser,
    host,
    let_in,
    site_of,
    welcome,
    with_cookie,
)
from roundtables.convener.model import Account
from roundtables.convener.passkeys import Site
from roundtables.convener.rules import EVERYBODY, READERS
from roundtables.convener.tries import TriedTooOften
from roundtables.db import Db, now
from roundtables.errors import Refusal
from roundtables.mail import stationery, writing
from roundtables.settings import Settings
from roundtables.texts import _
from roundtables.web import csrf
from roundtables.web.answers import page, see
from roundtables.web.forms import Form
from roundtables.web.problems import NotAllowed

Typed = URLEncodedBody[dict[str, Any]]
WRONG_PASSWORD = _("The e-mail and the password do not belong together. Have a link sent to you if you are not sure.")


@get("/sign-in", sync_to_thread=True)
def sign_in_page(request: AnyRequest, db: TheDb, settings: TheSettings, to: FromQuery[str] = "") -> Response[str]:
    """The ways in; with `to`, for somebody who is to show again who they are."""
    who = who_is_there(request, db, settings) if to else None
    form = Form({"to": to, "email": _address(db, who.account_id)} if who else {"to": to})
    return welcome(db, settings, form, who=who)


@post("/sign-in", status_code=200, sync_to_thread=True)
def ask_for_link(data: Typed, db: TheDb, settings: TheSettings) -> Response[str]:
    """The answer is the same whether or not anybody has that address."""
    form = Form(data)
    try:
        address = naming.checked_address(form.text("email", most=254))
        with db.write() as session:
            _send_link(session, address, now=now())
    except Refusal as error:
        form.refuse(error)
        return welcome(db, settings, form, status=422)
    return welcome(db, settings, form, sent=True)


@get("/sign-in/{token:str}", sync_to_thread=True)
def link_page(token: FromPath[str], db: TheDb, settings: TheSettings) -> Response[str]:
    """A page with one button; opening it uses nothing up, so that a mail scanner may."""
    return welcome(db, settings, Form(), token=token)


@post("/sign-in/{token:str}", sync_to_thread=True)
def sign_in(token: FromPath[str], request: AnyRequest, db: TheDb, settings: TheSettings) -> Response[str]:
    before = who_is_there(request, db, settings)
    try:
        with db.write() as session:
            account_id = actions.take_link(session, token, now=now())
            step = arrive(session, request, account_id, before=before, to="")
    except Refusal as error:
        return _refused(db, settings, Form(), error)
    return let_in(step, settings)


@post("/sign-in/password", sync_to_thread=True)
def by_password(request: AnyRequest, data: Typed, db: TheDb, settings: TheSettings) -> Response[str]:
    """The same words, after the same work, whether or not there is such an account."""
    form = Form(data)
    before = who_is_there(request, db, settings)
    address = naming.address_key(form.text("email", most=254))
    try:
        key = tries.count(db, settings.secret_key, account=address, host=host(request), now=now())
        with db.read() as session:
            account = queries.account_of(session, address)
        if not passwords.matches(account.password_hash if account else "", form.get("password")) or account is None:
            raise Refusal(WRONG_PASSWORD, field="password")
        with db.write() as session:
            tries.forget(session, key)
            step = arrive(session, request, account.id or 0, before=before, to=form.get("to"))
    except Refusal as error:
        return _refused(db, settings, form, error, with_password=True)
    return let_in(step, settings)


@post("/sign-in/passkey", sync_to_thread=True)
def by_passkey(request: AnyRequest, data: Typed, db: TheDb, settings: TheSettings) -> Response[str]:
    """A passkey that checked whose finger it was stands for both factors."""
    form = Form(data)
    before = who_is_there(request, db, settings)
    site = Site(settings.public_url, SITE["name"], settings.secret_key)
    try:
        with db.write() as session:
            account_id = passkeys.owner(session, site, form.get("credential"), now=now())
            step = arrive(session, request, account_id, before=before, to=form.get("to"), sure=True)
    except Refusal as error:
        return _refused(db, settings, form, error)
    return let_in(step, settings)


@get("/sign-in/next", sync_to_thread=True)
def next_page(request: AnyRequest, db: TheDb, settings: TheSettings) -> Response[str]:
    """What is still owed: a code, or which convener."""
    return _next(request, db, settings, Form())


@post("/sign-in/code", sync_to_thread=True)
def give_code(request: AnyRequest, data: Typed, db: TheDb, settings: TheSettings) -> Response[str]:
    form = Form(data)
    before = who_is_there(request, db, settings)
    try:
        with db.read() as session:
            account_id = _owed(session, request, settings).account_id
        key = tries.count(db, settings.secret_key, account=f"code {account_id}", host=host(request), now=now())
        with db.write() as session:
            arrival = _owed(session, request, settings)
            code = form.text("code", most=60)
            if not second_factor.accepts(session, account_id, code, settings.secret_key, now=now()):
                raise Refusal(second_factor.WRONG, field="code")
            tries.forget(session, key)
            step = signing_in.go_on(session, arrival, browser=browser(request), now=now(), before=before)
    except Refusal as error:
        form.refuse(error)
        return _next(request, db, settings, form, status=429 if isinstance(error, TriedTooOften) else 422)
    return let_in(step, settings) if step else see("/sign-in/next")


@post("/sign-in/convener", sync_to_thread=True)
def choose_convener(request: AnyRequest, data: Typed, db: TheDb, settings: TheSettings) -> Response[str]:
    form = Form(data)
    before = who_is_there(request, db, settings)
    try:
        place = form.whole("place", needed="Choose one of them.", least=1, most=2**31 - 1) or 0
        form.check()
        with db.write() as session:
            arrival = _owed(session, request, settings)
            step = signing_in.choose(session, arrival, place, browser=browser(request), now=now(), before=before)
    except Refusal as error:
        form.refuse(error)
        return _next(request, db, settings, form, status=422)
    return let_in(step, settings)


@post("/sign-out", may=READERS, sync_to_thread=True)
def sign_out(request: AnyRequest, data: Typed, db: TheDb, settings: TheSettings) -> Response[str]:
    cookie = request.cookies.get(cookie_name(settings), "")
    if not csrf.is_ours(str(data.get(csrf.FIELD, "")), settings.secret_key, cookie):
        raise NotAllowed("This page is too old to send. Go back, load it again, and send it once more.")
    with db.write() as session:
        actions.sign_out(session, cookie)
    return with_cookie(see("/sign-in"), settings, cookie_name(settings), "", 0)


def _next(request: AnyRequest, db: Db, settings: Settings, form: Form, *, status: int = 200) -> Response[str]:
    """The page of what is owed; whoever owes nothing, or took too long, begins again."""
    try:
        with db.read() as session:
            arrival = _owed(session, request, settings)
            places = queries.memberships(session, arrival.account_id)
    except Refusal:
        return see("/sign-in")
    shown = {"owes_code": arrival.owes_code, "places": places, "form": form, "welcome": WELCOME}
    return page("convener/next.html", status=status, site=site_of(db), **shown)


def _owed(session: Session, request: AnyRequest, settings: Settings) -> Any:
    return signing_in.owed(session, request.cookies.get(arriving_name(settings), ""), now=now())


def _refused(db: Db, settings: Settings, form: Form, error: Refusal, *, with_password: bool = False) -> Response[str]:
    form.refuse(error if with_password else Refusal(error.message))
    status = 429 if isinstance(error, TriedTooOften) else 422
    return welcome(db, settings, form, status=status, with_password=with_password)


def _address(db: Db, account_id: int) -> str:
    with db.read() as session:
        return session.get_one(Account, account_id).email


def _send_link(session: Session, address: str, *, now: datetime) -> None:
    """A link in the post for whoever has an account under that address and a place somewhere; otherwise nothing."""
    account = queries.account_of(session, address)
    places = queries.memberships(session, account.id or 0) if account else []
    if account is None or not places or actions.open_links(session, account, now=now) >= actions.MOST_LINKS:
        return
    token = actions.sign_in_link(session, account, now=now)
    writing.put(session, letters.sign_in_link(stationery.of(session), places[0][1], account, token), now=now)


HANDLERS = [
    Router(
        "/",
        route_handlers=[
            *(sign_in_page, ask_for_link, link_page, sign_in, by_password, by_passkey),
            *(next_page, give_code, choose_convener, sign_out),
        ],
        opt={"may": EVERYBODY},
        include_in_schema=False,
    )
]
