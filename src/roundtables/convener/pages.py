"""In and out: the sign-in page, the link that works once, the way out."""

from datetime import datetime
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, URLEncodedBody
from sqlmodel import Session, col, func, select

from roundtables import naming
from roundtables.convener import actions, letters
from roundtables.convener.access import AnyRequest, TheDb, TheSettings, cookie_name
from roundtables.convener.model import Account, Convener, Membership, SignInLink
from roundtables.db import Db, now
from roundtables.errors import Refusal
from roundtables.mail import stationery, writing
from roundtables.settings import Settings
from roundtables.web import csrf
from roundtables.web.answers import page, see
from roundtables.web.forms import Form
from roundtables.web.problems import NotAllowed

MOST_LINKS = 5  # at once for one account: nobody's inbox is filled from here
WELCOME = [("V", 3), ("G", 2), ("R", 2), ("H", 2), ("L", 4), ("C", 3)]
SITE = {"name": "Roundtables", "accent": "#7b2150"}


@get("/sign-in", sync_to_thread=True)
def sign_in_page(db: TheDb) -> Response[str]:
    return _welcome(db, Form())


@post("/sign-in", status_code=200, sync_to_thread=True)
def ask_for_link(data: URLEncodedBody[dict[str, Any]], db: TheDb) -> Response[str]:
    """The answer is the same whether or not anybody has that address."""
    form = Form(data)
    try:
        address = naming.checked_address(form.text("email", most=254))
        with db.write() as session:
            _send_link(session, address, now=now())
    except Refusal as error:
        form.refuse(error)
        return _welcome(db, form, status=422)
    return _welcome(db, form, sent=True)


@get("/sign-in/{token:str}", sync_to_thread=True)
def link_page(token: FromPath[str], db: TheDb) -> Response[str]:
    """A page with one button; opening it uses nothing up, so that a mail scanner may."""
    return _welcome(db, Form(), token=token)


@post("/sign-in/{token:str}", sync_to_thread=True)
def sign_in(token: FromPath[str], db: TheDb, settings: TheSettings) -> Response[str]:
    try:
        with db.write() as session:
            cookie = actions.sign_in(session, token, now=now())
    except Refusal as error:
        form = Form()
        form.refuse(Refusal(error.message))
        return _welcome(db, form, status=422)
    return _with_cookie(see("/desk"), settings, cookie, int(actions.SIGN_IN_LASTS.total_seconds()))


@post("/sign-out", sync_to_thread=True)
def sign_out(
    request: AnyRequest, data: URLEncodedBody[dict[str, Any]], db: TheDb, settings: TheSettings
) -> Response[str]:
    cookie = request.cookies.get(cookie_name(settings), "")
    if not csrf.is_ours(str(data.get(csrf.FIELD, "")), settings.secret_key, cookie):
        raise NotAllowed("This page is too old to send. Go back, load it again, and send it once more.")
    with db.write() as session:
        actions.sign_out(session, cookie)
    return _with_cookie(see("/sign-in"), settings, "", 0)


def _welcome(db: Db, form: Form, *, token: str = "", sent: bool = False, status: int = 200) -> Response[str]:
    with db.read() as session:
        conveners = session.exec(select(Convener).limit(2)).all()
    site = {"name": conveners[0].name, "accent": conveners[0].accent} if len(conveners) == 1 else SITE
    return page("convener/sign_in.html", status=status, site=site, form=form, token=token, sent=sent, welcome=WELCOME)


def _send_link(session: Session, address: str, *, now: datetime) -> None:
    """A link in the post for whoever has an account under that address; otherwise nothing."""
    found = (
        select(Account, Convener)
        .join(Membership, col(Membership.account_id) == Account.id)
        .join(Convener, col(Convener.id) == Membership.convener_id)
        .where(Account.email == naming.address_key(address))
        .order_by(col(Membership.id))
    )
    row = session.exec(found).first()
    if row is None or _open_links(session, row[0], now) >= MOST_LINKS:
        return
    account, convener = row
    token = actions.sign_in_link(session, account, now=now)
    writing.put(session, letters.sign_in_link(stationery.of(session), convener, account, token), now=now)


def _open_links(session: Session, account: Account, now: datetime) -> int:
    """How many links of the ordinary kind this account was sent within their lifetime."""
    link = col(SignInLink.expires_at)
    recent = select(func.count()).where(
        SignInLink.account_id == account.id, link > now, link <= now + actions.LINK_LASTS
    )
    return session.exec(recent).one()


def _with_cookie(answer: Response[str], settings: Settings, value: str, seconds: int) -> Response[str]:
    answer.set_cookie(
        key=cookie_name(settings),
        value=value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.secure,
    )
    return answer


HANDLERS = [
    Router("/", route_handlers=[sign_in_page, ask_for_link, link_page, sign_in, sign_out], include_in_schema=False)
]
