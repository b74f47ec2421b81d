"""
What a change to a roundtable asks of those invited. Pure: no database, no mail, no clock.

    DRAFT -> OPEN -> HELD -> CLOSED        open when the first letter goes, held once its end is past
    DRAFT | OPEN -> CANCELLED
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from roundtables.texts import _


class Status(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    HELD = "held"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class Visibility(StrEnum):
    PRIVATE = "private"
    AFTER = "after"
    LISTED = "listed"


class Rule(StrEnum):
    CHATHAM_HOUSE = "chatham-house"
    CHATHAM_HOUSE_LIST = "chatham-house-list"
    CHATHAM_HOUSE_PLUS = "chatham-house-plus"
    ON_THE_RECORD = "on-the-record"


class Deputies(StrEnum):
    ASK = "ask"
    SAME_ORGANISATION = "same-organisation"
    NEVER = "never"


class Writes(StrEnum):
    """Whom a change writes to: everybody is asked again, or told, or nobody hears of it."""

    ASKS_AGAIN = "asks-again"
    TELLS = "tells"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Particulars:
    """What stands in somebody's calendar."""

    starts_at: datetime
    ends_at: datetime
    place: str
    online_url: str


def needs_new_invitation(before: Particulars, after: Particulars) -> Writes:
    """A time re-asks, a place tells, a typo does neither (RFC 5546 §2.1.4, RFC 6638 §3.2.8)."""
    if (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at):
        return Writes.ASKS_AGAIN
    if (before.place, before.online_url) != (after.place, after.online_url):
        return Writes.TELLS
    return Writes.NOTHING


def why_not_open(status: Status, ends_at: datetime, now: datetime) -> str:
    """Why nobody can be asked or answer any more, "" if they can."""
    if status in (Status.CANCELLED, Status.CLOSED):
        return _("the roundtable is {status}", status=status)
    return _("the roundtable is over") if ends_at <= now else ""


def why_not_cancellable(status: Status) -> str:
    return (
        _("The roundtable is already {status}.", status=status) if status in (Status.CANCELLED, Status.CLOSED) else ""
    )
