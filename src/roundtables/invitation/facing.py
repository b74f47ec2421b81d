"""What an invitee sees of their own table and answer: who else is asked is no part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from roundtables.attendance import queries as attendance
from roundtables.attendance.model import Needs
from roundtables.errors import Refusal
from roundtables.invitation import queries, seat_counts
from roundtables.invitation.keeping import row_id
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import Whole
from roundtables.invitation.rules import State
from roundtables.invitation.wording import THE_RULE
from roundtables.person.rules import greeting
from roundtables.report.model import Report
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Deputies, Status, why_not_open
from roundtables.texts import _

FOUR = ("accepted", "declined", "tentative", "deputy")
OTHER = ("O", _("Other fields"))


@dataclass(frozen=True, slots=True)
class Faced:
    """
    All that the page shows. `over` is why nothing can be changed: withdrawn, draft, cancelled, over, delegated or "".
    `kinds`: letter, name and number of seats as planned; `own_kind` is one of the letters, "" if none is theirs.
    """

    whole: Whole
    over: str
    line: int
    deputy: Invitation | None
    needs: Needs | None
    reports: Sequence[Report]
    kinds: Sequence[tuple[str, str, int]]
    own_kind: str

    @property
    def greeting(self) -> str:
        return greeting(self.whole.invitation.name)

    @property
    def rule(self) -> str:
        return THE_RULE[self.whole.roundtable.rule]

    @property
    def coming(self) -> bool:
        return self.whole.invitation.state is State.ACCEPTED

    @property
    def may_send_deputy(self) -> bool:
        return self.whole.roundtable.deputies is not Deputies.NEVER

    @property
    def seats(self) -> list[tuple[str, int]]:
        return [(letter, number) for letter, _name, number in self.kinds]

    @property
    def answers(self) -> tuple[str, ...]:
        """What may be chosen, in the words of the form."""
        return FOUR if self.may_send_deputy else FOUR[:3]

    @property
    def drawing(self) -> str:
        """The words for those who do not see the drawing."""
        mine = next(((name, n) for letter, name, n in self.kinds if letter == self.own_kind), None)
        if mine is None:
            return _("The table from above. One of its seats is yours.")
        kind, n = mine[0].lower(), mine[1]
        if n == 1:
            return _("The table from above. Yours is the one seat for {kind}, nearest you in this drawing.", kind=kind)
        return _(
            "The table from above. Yours is one of {n} seats for {kind}, nearest you in this drawing.", kind=kind, n=n
        )


def face(session: Session, token: str, now: datetime) -> Faced:
    """The page of this token, in at most six queries. Raises NotFound."""
    whole = queries.by_page_token(session, token)
    guest, table = whole.invitation, whole.roundtable
    kinds = planned_kinds(table)
    letters = [letter for letter, _name, _n in kinds]
    own = guest.seat_kind if guest.seat_kind in letters else OTHER[0]
    return Faced(
        whole=whole,
        over=over(guest.state, table, now),
        line=seat_counts.place_in_line(session, guest),
        deputy=queries.deputies(session, [row_id(guest)]).get(row_id(guest)),
        needs=attendance.needs(session, [row_id(guest)]).get(row_id(guest)),
        reports=roundtables.reports(session, row_id(table)),
        kinds=kinds,
        own_kind=own if own in letters else "",
    )


def planned_kinds(table: Roundtable) -> list[tuple[str, str, int]]:
    """The kinds of seat as planned (letter, name, seats); seats of no kind are "other"."""
    kinds = [(kind["key"], kind["name"], kind["target"]) for kind in table.seat_kinds if kind["target"] > 0]
    rest = table.seats - sum(number for _letter, _name, number in kinds)
    return [*kinds, (*OTHER, rest)] if rest > 0 else kinds


def over(state: State, table: Roundtable, now: datetime) -> str:
    """Why an invitee can change nothing: withdrawn, draft, cancelled, over or delegated; "" if they can."""
    if state in (State.WITHDRAWN, State.DRAFT):
        return str(state)
    if table.status is Status.CANCELLED:
        return "cancelled"
    if state is State.LAPSED or why_not_open(table.status, table.ends_at, now):
        return "over"
    return "delegated" if state is State.DELEGATED else ""


def refuse_if_over(whole: Whole, now: datetime) -> None:
    """Raises Refusal where an invitee can change nothing any more."""
    if over(whole.invitation.state, whole.roundtable, now):
        raise Refusal("Nothing can be changed here any more.")
