"""Who may do what at the desk, for how long a sign-in holds, and when to wait before another try. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# Who may use a door: beside each handler stands `may=` one of these (docs/permissions.md is made from them).
OWNERS = frozenset({"owner"})
ORGANISERS = OWNERS | {"organiser"}
EDITORS = ORGANISERS | {"editor"}
DAY_TEAM = ORGANISERS | {"day-team"}
READERS = EDITORS | DAY_TEAM | {"viewer"}  # whoever is signed in
LINK_HOLDERS = frozenset({"invitee"})  # whoever holds a personal link, signed in or not
EVERYBODY = READERS | LINK_HOLDERS | {"nobody"}

SIGN_IN_LASTS = timedelta(days=14)  # without a visit
SIGN_IN_ENDS = timedelta(days=90)  # however often one comes
FRESH_FOR = timedelta(minutes=15)
NOTED_EVERY = timedelta(hours=1)  # how exactly we know when a browser was last here

TRIES = 5  # in TRIED_WITHIN, for one account
TRIES_FROM_ONE_PLACE = 40  # the same, for one address: a whole office may share it
TRIED_WITHIN = timedelta(minutes=15)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200


@dataclass(frozen=True, slots=True)
class Organiser:
    """Someone signed in, for one convener: what every query is scoped by and every change is signed with."""

    account_id: int
    convener_id: int
    convener_name: str
    name: str
    role: str
    language: str = "en-GB"  # in which they read the desk
    session_key: str = ""  # what form tokens are bound to; "" for API tokens
    sign_in_id: int | None = None
    proved_at: datetime | None = None  # when they last showed who they are; None for API tokens

    @property
    def may_organise(self) -> bool:
        return self.role in ORGANISERS

    @property
    def may_run_the_day(self) -> bool:
        """Whether they may mark who came, seat people, print, and read what guests need."""
        return self.role in DAY_TEAM

    @property
    def may_write_posts(self) -> bool:
        return self.role in EDITORS

    @property
    def may_appoint(self) -> bool:
        """Whether they may ask colleagues to the desk, change their roles, and see them off."""
        return self.role in OWNERS

    def is_fresh(self, now: datetime) -> bool:
        """Whether they showed who they are just now, as passwords, second factors and roles ask for."""
        return self.proved_at is not None and now - self.proved_at <= FRESH_FOR


def leaves_an_owner(owners: int, *, was: str, becomes: str = "") -> bool:
    """Whether a convener of `owners` still has one when one colleague's role changes; "" is out of the door."""
    return was not in OWNERS or becomes in OWNERS or owners > 1


def ends_at(*, began: datetime, now: datetime) -> datetime:
    """Until when a sign-in holds if nobody comes back: it slides with every visit, up to a bound."""
    return min(now + SIGN_IN_LASTS, began + SIGN_IN_ENDS)


def must_wait(tries: Sequence[datetime], *, now: datetime, most: int = TRIES) -> bool:
    """Whether there were so many tries of late that another is not even looked at."""
    return sum(now - tried < TRIED_WITHIN for tried in tries) >= most


def weakness(password: str, *, known: Sequence[str]) -> str:
    """
    What speaks against a password, "" for nothing. Length is what counts; no letters of any kind are asked for
    (NIST SP 800-63B §3.1.1.2). `known` are words that anybody would try first: the name, the address, the convener.
    """
    if len(password) < SHORTEST_PASSWORD:
        return "short"
    if len(password) > LONGEST_PASSWORD:
        return "long"
    folded = password.casefold()
    if len(set(folded)) < 4 or any(folded == word.casefold() for word in known):
        return "guessed"
    return ""
