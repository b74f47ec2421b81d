"""Passwords: Argon2id, and the same work whether or not there is anything to compare with."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session

from roundtables.convener import rules
from roundtables.convener.model import Account
from roundtables.errors import Refusal
from roundtables.texts import _

# OWASP's smallest set of parameters: 19 MiB a try, so that a few at once do not take a small server's memory.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
WORDS = {
    "short": _("A password needs at least {least} letters. A few words in a row are easy to keep in mind.",
               least=rules.SHORTEST_PASSWORD),
    "long": _("At most {most} letters, please.", most=rules.LONGEST_PASSWORD),
    "guessed": _("Anybody would try that one first. Please choose another."),
}  # fmt: skip


def checked(account: Account, password: str, *, convener: str) -> str:
    """`password` as it may be kept: hashed, which takes a tenth of a second. Raises Refusal."""
    known = [account.email, account.name, account.email.partition("@")[0], convener]
    if weak := rules.weakness(password, known=known):
        raise Refusal(WORDS[weak], field="password")
    return HASHER.hash(password)


def keep(session: Session, account_id: int, password_hash: str) -> None:
    """ "" takes the password away."""
    account = session.get_one(Account, account_id)
    account.password_hash = password_hash
    session.add(account)


def matches(password_hash: str, password: str) -> bool:
    """Whether it is the one; with nothing to compare with it takes as long, and it is not."""
    try:
        HASHER.verify(password_hash or _nobodys(), password[: rules.LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


@cache
def _nobodys() -> str:
    return HASHER.hash("the password of nobody at all")
