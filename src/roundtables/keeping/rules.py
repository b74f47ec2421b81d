"""
How long what is kept, from when, and why: one table. Pure.

Days are whole days, UTC: what was over at some hour of the 1st and is kept 14 days goes on the 16th. Needs go on the
date that was promised, the 15th.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    NEEDS = "needs"
    RAW_MAIL = "raw-mail"
    LETTERS = "letters"
    STRAY_MAIL = "stray-mail"
    UNDO = "undo"
    UNCONFIRMED = "unconfirmed"
    UNSENT = "unsent"
    SIGN_IN_LINKS = "sign-in-links"
    SESSIONS = "sessions"
    REMEMBERED = "remembered-answers"
    PEOPLE_FILES = "people-files"
    MERGES = "merges"


@dataclass(frozen=True, slots=True)
class Period:
    """`days` after `since`, a word for people; `why` it is kept that long and no longer."""

    days: int
    since: str
    why: str


PERIODS: Mapping[Kind, Period] = {
    Kind.NEEDS: Period(14, "the day", "the caterer's bill may come late; after that nobody needs them"),
    Kind.RAW_MAIL: Period(
        365, "the table closed", "a disputed answer is looked up; what it decided is kept without it"
    ),
    Kind.LETTERS: Period(
        365, "the table closed", "what was promised is looked up; that it was sent is kept without it"
    ),
    Kind.STRAY_MAIL: Period(90, "it came", "mail that is no answer waits for a person that long"),
    Kind.UNDO: Period(14, "the table closed", "an answer can be taken back while somebody may say it was none"),
    Kind.UNCONFIRMED: Period(14, "the table closed", "deputies whom nobody agreed to are nobody's guests"),
    Kind.UNSENT: Period(14, "the table closed", "a letter that nobody sent before the day is not sent after it"),
    Kind.SIGN_IN_LINKS: Period(1, "it ran out", "a day to explain why a link did not work"),
    Kind.SESSIONS: Period(0, "it ran out", "a session that is over opens nothing"),
    Kind.REMEMBERED: Period(7, "it was given", "a program that asks twice does so within days"),
    Kind.PEOPLE_FILES: Period(1, "it was read", "a file is kept between looking and storing, no longer"),
    Kind.MERGES: Period(30, "they were made one", "two people made one by mistake are told apart again until then"),
}


def before(kind: Kind, today: date, days: Mapping[Kind, int]) -> datetime:
    """What was over before this moment goes on `today`."""
    first = today - timedelta(days=days[kind])
    return datetime(first.year, first.month, first.day, tzinfo=UTC)


def periods(**chosen: int | None) -> dict[Kind, int]:
    """The table's days, with those an operator has chosen in their place: raw_mail=30."""
    given = {Kind(name.replace("_", "-")): days for name, days in chosen.items() if days is not None}
    return {kind: given.get(kind, period.days) for kind, period in PERIODS.items()}
