"""Everybody who may come to a door: a colleague for each role, signed in in a browser or by a program's token."""

from datetime import datetime

from litestar.testing import TestClient

from roundtables.convener import actions, signing_in
from roundtables.convener.model import Account, Convener, Role
from roundtables.convener.rules import Organiser
from roundtables.db import Db, now
from roundtables.web import csrf
from tests.world import SECRET, World

COOKIE = "roundtables"


def colleague(world: World, role: str, *, name: str = "") -> Account:
    """Somebody with that role at the Larkmoor Trust."""
    with world.db.write() as session:
        trust = session.get_one(Convener, world.convener_id)
        address = f"{name or role}@larkmoor.example"
        return actions.appoint(session, trust, address, role=Role(role), name=name.title(), now=now())


def cookie_of(db: Db, account_id: int, *, at: datetime | None = None, browser: str = "") -> str:
    """A fresh sign-in's cookie; `at` is when they showed who they are."""
    with db.write() as session:
        return signing_in.arrive(session, account_id, owes_code=False, browser=browser, now=at or now()).cookie


def sit_down(client: TestClient, db: Db, account_id: int, *, at: datetime | None = None) -> str:
    """Signs the browser in, and answers the token of its forms."""
    cookie = cookie_of(db, account_id, at=at)
    client.cookies = {COOKIE: cookie}
    return csrf.form_token(SECRET, cookie)


def who(db: Db, cookie: str) -> Organiser | None:
    with db.read() as session:
        found = actions.who_signed_in(session, cookie, now=now())
    return found[0] if found else None


def token_of(world: World, account: Account) -> str:
    with world.db.write() as session:
        slug = session.get_one(Convener, world.convener_id).slug
        return actions.api_token(session, account.email, slug, now=now())
