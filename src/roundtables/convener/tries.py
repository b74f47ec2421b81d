"""
Guesses are counted, for the account that was named and for the place they come from, whether or not there is such an
account. What is kept is a keyed hash: nobody can read from it who tried.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from roundtables.convener.browsers import place
from roundtables.convener.model import SignInTry, Spent
from roundtables.convener.rules import TRIED_WITHIN, TRIES, TRIES_FROM_ONE_PLACE, must_wait
from roundtables.db import Db
from roundtables.errors import Refusal
from roundtables.texts import _

KEPT = timedelta(days=1)
WAIT = _("That was tried too often. Wait a quarter of an hour, or have a link sent to you by e-mail.")


class TriedTooOften(Refusal):
    """Not even looked at."""


def key(secret: str, kind: str, about: str) -> str:
    return hmac.new(secret.encode(), f"tries/{kind}/{about}".encode(), hashlib.sha256).hexdigest()


def count(db: Db, secret: str, *, account: str, host: str, now: datetime) -> str:
    """
    Notes a try before it is looked at, in a transaction of its own: many at once all see each other.
    Answers the account's key, for `forget`. Raises TriedTooOften.
    """
    keys = {key(secret, "account", account): TRIES, key(secret, "place", place(host)): TRIES_FROM_ONE_PLACE}
    with db.write() as session:
        session.execute(delete(SignInTry).where(col(SignInTry.tried_at) < now - KEPT))
        session.add_all(SignInTry(key=one, tried_at=now) for one in keys)
    with db.read() as session:
        for one, most in keys.items():
            recent = select(SignInTry.tried_at).where(SignInTry.key == one, SignInTry.tried_at > now - TRIED_WITHIN)
            if must_wait(session.exec(recent).all(), now=now, most=most + 1):
                raise TriedTooOften(WAIT)
    return next(iter(keys))


def forget(session: Session, account_key: str) -> None:
    """It was them: their tries were no guesses."""
    session.execute(delete(SignInTry).where(col(SignInTry.key) == account_key))


def spend(session: Session, what: str, *, now: datetime) -> bool:
    """Whether `what` had not been used before; from now on it has been."""
    digest = hashlib.sha256(what.encode()).hexdigest()
    session.execute(delete(Spent).where(col(Spent.spent_at) < now - KEPT))
    if session.get(Spent, digest) is not None:
        return False
    session.add(Spent(hash=digest, spent_at=now))
    session.flush()
    return True
