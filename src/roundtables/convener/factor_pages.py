"""The second factor of an account: an authenticator with its recovery codes, and passkeys."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, URLEncodedBody

from roundtables.convener import passkeys, second_factor, tries
from roundtables.convener.access import AnyRequest, Signed, TheDb, TheSettings, check_form, check_fresh
from roundtables.convener.account_pages import shown
from roundtables.convener.entering import host
from roundtables.convener.model import Account, Authenticator
from roundtables.convener.passkeys import Site
from roundtables.convener.rules import READERS, Organiser
from roundtables.db import Db, now
from roundtables.desk.frame import frame
from roundtables.errors import Refusal
from roundtables.settings import Settings
from roundtables.web.answers import page, see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]


@post("/desk/account/authenticator", may=READERS, sync_to_thread=True)
def begin(data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    _check(data, organiser, settings)
    with db.write() as session:
        second_factor.begin(session, organiser.account_id, settings.secret_key, now=now())
    return see("/desk/account/authenticator")


@get("/desk/account/authenticator", may=READERS, sync_to_thread=True)
def scan(organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    """What to scan; only until it is confirmed, and only for somebody who came in just now."""
    check_fresh(organiser, to="account")
    return _to_scan(organiser, db, settings, Form())


@post("/desk/account/authenticator/confirmation", may=READERS, status_code=200, sync_to_thread=True)
def confirm(request: AnyRequest, data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    """The digits prove that it was scanned; the answer shows the recovery codes, once."""
    _check(data, organiser, settings)
    form = Form(data)
    try:
        about = f"confirm {organiser.account_id}"
        key = tries.count(db, settings.secret_key, account=about, host=host(request), now=now())
        with db.write() as session:
            code = form.text("code", most=20)
            codes = second_factor.confirm(session, organiser.account_id, code, settings.secret_key, now=now())
            tries.forget(session, key)
    except Refusal as error:
        form.refuse(error)
        return _to_scan(organiser, db, settings, form, status=422)
    return _told(organiser, db, settings, codes)


@post("/desk/account/recovery-codes", may=READERS, status_code=200, sync_to_thread=True)
def new_codes(data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    """Ten others; those of before are void."""
    _check(data, organiser, settings)
    with db.write() as session:
        codes = second_factor.fresh_codes(session, organiser.account_id)
    return _told(organiser, db, settings, codes)


@post("/desk/account/authenticator/removal", may=READERS, sync_to_thread=True)
def take_away(data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    _check(data, organiser, settings)
    with db.write() as session:
        second_factor.take_away(session, organiser.account_id)
    return see("/desk/account?said=no-authenticator#ways")


@post("/desk/account/passkeys", may=READERS, sync_to_thread=True)
def add_passkey(data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    _check(data, organiser, settings)
    form = Form(data)
    site = Site(settings.public_url, organiser.convener_name, settings.secret_key)
    try:
        name = form.text("name", most=80)
        form.check()
        with db.write() as session:
            passkeys.add(session, site, organiser.account_id, form.get("credential"), name=name, now=now())
    except Refusal as error:
        form.refuse(error)
        return shown(organiser, db, settings, form, status=422)
    return see("/desk/account?said=passkey#ways")


@post("/desk/account/passkeys/{passkey_id:int}/removal", may=READERS, sync_to_thread=True)
def drop_passkey(
    passkey_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    _check(data, organiser, settings)
    with db.write() as session:
        passkeys.take_away(session, organiser.account_id, passkey_id)
    return see("/desk/account?said=no-passkey#ways")


def _check(data: dict[str, Any], organiser: Organiser, settings: Settings) -> None:
    check_form(data, organiser, settings)
    check_fresh(organiser, to="account")


def _to_scan(organiser: Organiser, db: Db, settings: Settings, form: Form, *, status: int = 200) -> Response[str]:
    with db.read() as session:
        found = session.get(Authenticator, organiser.account_id)
        mine = session.get_one(Account, organiser.account_id)
        context = frame(session, organiser, settings, current="")
    if found is None or found.confirmed_at is not None:
        return see("/desk/account#ways")
    drawing, secret = second_factor.to_scan(
        found, settings.secret_key, account=mine.email, convener=organiser.convener_name
    )
    return page("convener/scan.html", status=status, drawing=drawing, secret=secret, form=form, **context)


def _told(organiser: Organiser, db: Db, settings: Settings, codes: list[str]) -> Response[str]:
    with db.read() as session:
        context = frame(session, organiser, settings, current="")
    return page("convener/recovery_codes.html", codes=codes, **context)


HANDLERS = [
    Router(
        "/",
        route_handlers=[begin, scan, confirm, new_codes, take_away, add_passkey, drop_passkey],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
