"""The three lists of the inbox, found without a query per row and without anybody's whole mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, func, select

from roundtables.errors import NotFound
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.roundtable.model import Roundtable

MOST = 100
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
    """A mail in a list; `guest` and `state` are of the invitation it belongs to, "" if it belongs to none."""

    id: int
    received_at: datetime
    sender: str
    subject: str
    outcome: Outcome | None
    reason: str
    decides: str
    suggestion: dict[str, Any] | None
    guest: str
    state: State | None
    table: str
    table_id: int | None

    @property
    def title(self) -> str:
        """What is to be decided, in a few words."""
        hint = self.suggestion or {}
        if not self.guest:
            return "Somebody we did not invite"
        if hint.get("says") == "deputy" or "deputy" in self.reason:
            return f"A deputy for {self.guest}"
        if hint.get("says") == "question":
            return f"{self.guest} asks something"
        likely = {"accepted": "a yes", "declined": "a no", "tentative": "not sure yet"}.get(hint.get("answer", ""), "")
        return f"{self.guest}: {likely}, we think" if likely else f"An answer of {self.guest}"


def rows(session: Session, convener_id: int, view: View) -> list[Row]:
    """The list of `view`: what waits longest first, all else the newest first; MOST at most."""
    order = col(IncomingMail.id) if view is View.NEEDS_YOU else col(IncomingMail.id).desc()
    found = _listed(convener_id).where(col(IncomingMail.outcome).in_(OUTCOMES[view])).order_by(order).limit(MOST)
    return [Row(*row) for row in session.exec(found)]


def understood_lately(session: Session, convener_id: int, now: datetime, *, most: int = 5) -> list[Row]:
    """What was applied since the day before yesterday, the newest first."""
    found = _listed(convener_id).where(
        IncomingMail.outcome == Outcome.APPLIED, col(IncomingMail.settled_at) > now - RECENT
    )
    return [Row(*row) for row in session.exec(found.order_by(col(IncomingMail.id).desc()).limit(most))]


def totals(session: Session, convener_id: int) -> dict[View, int]:
    """How many mails each list holds in all."""
    counted = (
        select(IncomingMail.outcome, func.count())
        .where(IncomingMail.convener_id == convener_id, col(IncomingMail.outcome).is_not(None))
        .group_by(col(IncomingMail.outcome))
    )
    found = {Outcome(outcome): number for outcome, number in session.exec(counted) if outcome is not None}
    return {view: sum(found.get(outcome, 0) for outcome in outcomes) for view, outcomes in OUTCOMES.items()}


def mail(session: Session, convener_id: int, mail_id: int) -> IncomingMail:
    """Raises NotFound."""
    found = session.get(IncomingMail, mail_id)
    if found is None or found.convener_id != convener_id:
        raise NotFound("mail")
    return found


def where_of(found: IncomingMail) -> View:
    """The list a mail stands in; one that is not read yet waits with those that need somebody."""
    return next((view for view, outcomes in OUTCOMES.items() if found.outcome in outcomes), View.NEEDS_YOU)


def first_waiting(rows: Sequence[Row]) -> int | None:
    return rows[0].id if rows else None


def _listed(convener_id: int) -> Any:
    mails = IncomingMail
    return (
        select(  # type: ignore[call-overload]  # sqlmodel types up to four columns
            mails.id,
            mails.received_at,
            mails.sender,
            mails.subject,
            mails.outcome,
            mails.reason,
            mails.decides,
            mails.suggestion,
            func.coalesce(Invitation.name, ""),
            Invitation.state,
            func.coalesce(Roundtable.title, ""),
            Roundtable.id,
        )
        .outerjoin(Invitation, col(Invitation.id) == mails.invitation_id)
        .outerjoin(Roundtable, col(Roundtable.id) == Invitation.roundtable_id)
        .where(mails.convener_id == convener_id)
    )
