"""
The three lists of the inbox, a page at a time, found without a query per row and without anybody's whole mail.

A mail of nobody's (it names no table, and there are several conveners) is shown to the first convener, who set the
service up.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, union_all
from sqlalchemy import select as sql_select
from sqlmodel import Session, and_, col, func, literal, or_, select

from roundtables.convener.model import Convener
from roundtables.desk import inbox_words
from roundtables.desk.inbox_text import inert, inert_line
from roundtables.errors import NotFound
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.roundtable.model import Roundtable

MOST = 25
RECENT = timedelta(days=2)


class View(StrEnum):
    NEEDS_YOU = "needs-you"
    UNDERSTOOD = "understood"
    SET_ASIDE = "set-aside"


OUTCOMES = {
    View.NEEDS_YOU: (Outcome.NEEDS_HUMAN,),
    View.UNDERSTOOD: (Outcome.APPLIED,),
    View.SET_ASIDE: (Outcome.IGNORED, Outcome.QUARANTINED),
}


@dataclass(frozen=True, slots=True)
class Row:
    """
    A mail in a list; `guest` and `state` are of the invitation it belongs to, "" if it belongs to none. What tells of
    needs is not quoted.
    """

    id: int
    received_at: datetime
    settled_at: datetime | None
    sender: str
    subject: str
    outcome: Outcome | None
    reason: str
    decides: str
    suggestion: dict[str, Any] | None
    facts: dict[str, Any] | None
    tells_needs: bool
    invitation_id: int | None
    guest: str
    state: State | None
    table: str
    table_id: int | None

    @property
    def title(self) -> str:
        """What is to be decided, in a few words."""
        return inbox_words.title(self.suggestion, self.guest, sender=self.sender)

    @property
    def quote(self) -> str:
        """The sentence that decided, fit for a list."""
        return "" if self.tells_needs else inert_line(self.decides, 200)

    @property
    def tags(self) -> list[str]:
        return [inert_line(tag) for tag in inbox_words.tags(self.facts)]


@dataclass(frozen=True, slots=True)
class Part:
    """A page of a list; `newer` and `older` are ids to go on from, None where the list ends."""

    rows: Sequence[Row]
    newer: int | None
    older: int | None


def part(
    session: Session,
    convener_id: int,
    view: View,
    *,
    after: int | None = None,
    before: int | None = None,
    most: int = MOST,
) -> Part:
    """
    A page of `view`: what needs somebody begins with the oldest, all else with the newest. `after` an id stand newer
    mails, `before` it older ones.
    """
    rising = after is not None or (before is None and view is View.NEEDS_YOU)
    found = _rows(session, convener_id, view, after=after, before=before, rising=rising, most=most + 1)
    more, found = len(found) > most, found[:most]
    if rising is not (view is View.NEEDS_YOU):
        found.reverse()
    if not found:
        return Part([], None, None)
    ids = [row.id for row in found]
    newer = max(ids) if (more if rising else before is not None) else None
    older = min(ids) if (after is not None if rising else more) else None
    return Part(found, newer, older)


def rows(session: Session, convener_id: int, view: View) -> Sequence[Row]:
    """The first page of `view`."""
    return part(session, convener_id, view).rows


def understood_lately(session: Session, convener_id: int, now: datetime, *, most: int = 5) -> list[Row]:
    """The newest of those applied, if that was since the day before yesterday."""
    newest = part(session, convener_id, View.UNDERSTOOD, most=most).rows
    return [row for row in newest if row.settled_at is not None and row.settled_at > now - RECENT]


def totals(session: Session, convener_id: int) -> dict[View, int]:
    """How many mails each list holds in all."""
    each = [
        select(IncomingMail.outcome, func.count())
        .where(whose, col(IncomingMail.outcome).is_not(None))
        .group_by(col(IncomingMail.outcome))
        for whose in _whose(convener_id)  # apart, so that each is counted in the index alone
    ]
    found: Counter[Outcome] = Counter()
    for outcome, number in session.execute(union_all(*each)):
        found[Outcome(outcome)] += number
    return {view: sum(found[outcome] for outcome in outcomes) for view, outcomes in OUTCOMES.items()}


def mail(session: Session, convener_id: int, mail_id: int) -> IncomingMail:
    """Raises NotFound."""
    found = session.exec(select(IncomingMail).where(IncomingMail.id == mail_id, or_(*_whose(convener_id)))).first()
    if found is None:
        raise NotFound("mail")
    return found


def where_of(found: IncomingMail) -> View:
    """The list a mail stands in; one that is not read yet waits with those that need somebody."""
    return next((view for view, outcomes in OUTCOMES.items() if found.outcome in outcomes), View.NEEDS_YOU)


def first_waiting(rows: Sequence[Row]) -> int | None:
    return rows[0].id if rows else None


def _whose(convener_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    first = select(func.min(Convener.id)).scalar_subquery()
    mine = col(IncomingMail.convener_id) == convener_id
    return mine, and_(col(IncomingMail.convener_id).is_(None), literal(convener_id) == first)


def _rows(
    session: Session,
    convener_id: int,
    view: View,
    *,
    after: int | None,
    before: int | None,
    rising: bool,
    most: int,
) -> list[Row]:
    """By the index on convener, outcome and id: a few ids of each outcome, then those that come first of all."""
    mails = IncomingMail
    order = col(mails.id) if rising else col(mails.id).desc()
    found = select(mails.id).order_by(order).limit(most)
    found = found.where(col(mails.id) > after) if after is not None else found
    found = found.where(col(mails.id) < before) if before is not None and after is None else found
    each = [found.where(w, mails.outcome == o).subquery() for w in _whose(convener_id) for o in OUTCOMES[view]]
    some = union_all(*(select(one.c.id) for one in each)).subquery()
    listed = _listed().where(col(mails.id).in_(select(some.c.id))).order_by(order).limit(most)
    return [_row(*row) for row in session.execute(listed)]


def _row(*columns: Any) -> Row:
    names = dict(zip(Row.__slots__, columns, strict=True))
    for name in ("sender", "subject", "reason"):
        names[name] = inert_line(names[name], 1000)
    return Row(**names | {"decides": inert(names["decides"])})


def _listed() -> Any:
    mails = IncomingMail
    columns: Any = (
        *(mails.id, mails.received_at, mails.settled_at, mails.sender, mails.subject, mails.outcome, mails.reason),
        *(mails.decides, mails.suggestion, mails.facts, mails.tells_needs, mails.invitation_id),
        *(func.coalesce(Invitation.name, ""), Invitation.state, func.coalesce(Roundtable.title, ""), Roundtable.id),
    )
    return (
        sql_select(*columns)
        .outerjoin(Invitation, col(Invitation.id) == mails.invitation_id)
        .outerjoin(Roundtable, col(Roundtable.id) == Invitation.roundtable_id)
    )
