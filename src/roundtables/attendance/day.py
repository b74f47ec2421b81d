"""All that is known of one table's day, in a handful of queries: for the seating, the printouts and the door."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from roundtables.attendance import queries
from roundtables.attendance.model import Attendance, Came, Needs, SeatingPlan, WalkIn
from roundtables.attendance.seating_changes import Known, brought_up_to_date
from roundtables.attendance.seating_reasons import Facts
from roundtables.attendance.seating_rules import Place, Plan, Side, Somebody, arrange
from roundtables.attendance.wants import wants_loop
from roundtables.convener.model import Convener
from roundtables.errors import NotFound
from roundtables.invitation import queries as invitations
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.person.rules import sort_key
from roundtables.roundtable.model import Roundtable
from roundtables.texts import Wording

EXPECTED = (State.ACCEPTED, State.TENTATIVE)
MIGHT = (State.INVITED, State.WAITING, State.LAPSED)
ONLINE = "online"


@dataclass(frozen=True, slots=True)
class Day:
    """One table with everybody asked, who came, what they need (by invitation id), who came before, and the plan."""

    table: Roundtable
    convener: Convener
    everybody: Sequence[Invitation]
    came: Mapping[int, Attendance]
    needs: Mapping[int, Needs]
    came_before: frozenset[int]
    stored: SeatingPlan | None
    walk_ins: Sequence[WalkIn] = ()

    @property
    def expected(self) -> list[Invitation]:
        """Those who said yes or maybe, by surname."""
        return by_surname(self.everybody, EXPECTED)

    @property
    def names(self) -> dict[int, str]:
        return {i.id: i.name for i in self.everybody if i.id is not None}

    @property
    def loop(self) -> Side:
        return self.stored.loop if self.stored else Side.RIGHT

    def comes_online(self, guest: Invitation) -> bool:
        row = self.came.get(guest.id or 0)
        return row.came is Came.ONLINE if row else guest.mode == ONLINE


@dataclass(frozen=True, slots=True)
class Seated:
    """Who sits where as things stand, and what changed since the plan was kept; `facts` tell the reasons."""

    plan: Plan
    changes: Sequence[Wording]
    facts: Facts

    def seat_of(self, invitation_id: int | None) -> int | None:
        """The number of somebody's seat, from 1."""
        return next((n for n, place in enumerate(self.plan, start=1) if place.who == invitation_id), None)


def gathered(session: Session, convener_id: int, roundtable_id: int) -> Day:
    """The day of one of the convener's tables. Raises NotFound."""
    table = session.get(Roundtable, roundtable_id)
    if table is None or table.convener_id != convener_id:
        raise NotFound("roundtable")
    everybody = invitations.of_roundtable(session, roundtable_id)
    ids = [i.id for i in everybody if i.id is not None]
    return Day(
        table,
        session.get_one(Convener, convener_id),
        everybody,
        queries.came(session, ids),
        queries.needs(session, ids),
        _came_before(session, [i.person_id for i in everybody], before=table.starts_at),
        session.get(SeatingPlan, roundtable_id),
        queries.walk_ins(session, roundtable_id),
    )


def seated(day: Day, *, reads_needs: bool = False) -> Seated:
    """The plan that is kept, brought up to date; where none is kept, the one the rules make."""
    people = in_the_room(day)
    if day.stored is None:
        plan, changes = arrange(people, loop=day.loop), list[Wording]()
    else:
        plan, changes = brought_up_to_date(plan_of(day.stored), people, _known(day), loop=day.loop)
    here = {one.id: one for one in people}
    fields = {kind["key"]: kind["name"] for kind in day.table.seat_kinds}
    return Seated(plan, changes, Facts(plan, here, day.loop, fields, day.names, reads_needs))


def in_the_room(day: Day) -> list[Somebody]:
    """Those who are expected and do not join online."""
    hosts = {kind["key"] for kind in day.table.seat_kinds if "host" in kind["name"].casefold()}
    return [_somebody(day, i, hosts) for i in day.expected if not day.comes_online(i)]


def plan_of(stored: SeatingPlan) -> Plan:
    return tuple(Place(seat["who"], seat["kept"]) for seat in stored.seats)


def by_surname(guests: Sequence[Invitation], states: Sequence[State]) -> list[Invitation]:
    return sorted((i for i in guests if i.state in states), key=lambda i: (sort_key(i.name), i.id or 0))


def _somebody(day: Day, guest: Invitation, hosts: set[str]) -> Somebody:
    role, needs = guest.role.strip().casefold(), day.needs.get(guest.id or 0)
    return Somebody(
        id=guest.id or 0,
        name=guest.name,
        organisation=guest.organisation,
        field=guest.seat_kind,
        chair=role == "chair",
        speaks=role == "speaker",
        host=role == "host" or guest.seat_kind in hosts,
        newcomer=guest.person_id not in day.came_before and role != "speaker",
        loop=needs is not None and wants_loop(needs.access, needs.note),
        principal=guest.deputy_of_id,
    )


def _known(day: Day) -> dict[int, Known]:
    return {i.id: Known(i.name, i.deputy_of_id) for i in day.everybody if i.id is not None}


def _came_before(session: Session, person_ids: Sequence[int], *, before: datetime) -> frozenset[int]:
    """Those of these people who came to an earlier table."""
    found = (
        select(Invitation.person_id)
        .join(Attendance, col(Attendance.invitation_id) == Invitation.id)
        .join(Roundtable, col(Roundtable.id) == Invitation.roundtable_id)
        .where(col(Invitation.person_id).in_(person_ids), Attendance.came != Came.NO, Roundtable.starts_at < before)
    )
    return frozenset(session.exec(found))
