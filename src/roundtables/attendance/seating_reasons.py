"""
Why each person sits where they sit, and what could not be kept, in words. Pure.

Reasons are read off the plan as it stands, however it came about. Why somebody needs a seat is told only to those who
read needs; to all others it is "by request".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from roundtables.attendance.seating_rules import Plan, Side, Somebody, colleagues, loop_seats, opposite
from roundtables.texts import Wording, _, listed

MOST_NAMED = 3
WHERE = {Side.TOP: _("top"), Side.RIGHT: _("right"), Side.BOTTOM: _("bottom"), Side.LEFT: _("left")}


@dataclass(frozen=True, slots=True)
class Facts:
    """A plan and what it is judged by; `fields` are the names of seat kinds by letter."""

    plan: Plan
    people: Mapping[int, Somebody]
    loop: Side
    fields: Mapping[str, str]
    names: Mapping[int, str]
    reads_needs: bool = False

    def at(self, seat: int) -> Somebody | None:
        who = self.plan[seat % len(self.plan)].who
        return self.people.get(who) if who is not None else None

    @property
    def sitting(self) -> list[tuple[int, Somebody]]:
        return [(seat, one) for seat in range(len(self.plan)) if (one := self.at(seat)) is not None]

    @property
    def chair(self) -> int | None:
        return next((seat for seat, one in self.sitting if one.chair), None)

    @property
    def near_the_loop(self) -> set[int]:
        return loop_seats(len(self.plan), self.loop, needed=sum(one.loop for _seat, one in self.sitting))

    def neighbours(self, seat: int) -> list[Somebody]:
        sides = {(seat - 1) % len(self.plan), (seat + 1) % len(self.plan)} - {seat}
        return [one for side in sorted(sides) if (one := self.at(side)) is not None]


def on_paper(facts: Facts) -> Facts:
    """What may be told on a sheet that is handed round: nobody's needs, whoever prints it."""
    return replace(facts, reads_needs=False)


def reasons(facts: Facts) -> list[list[Wording]]:
    """For each seat, why its person sits there; a free seat has none."""
    seats = [(seat, facts.at(seat)) for seat in range(len(facts.plan))]
    return [_why(facts, seat, one) if one is not None else [] for seat, one in seats]


def not_kept(facts: Facts) -> list[Wording]:
    """What the plan fails to keep, a sentence for each; "by request" is all that is said of a need."""
    found = [*_nobody_for(facts), *_requests(facts), *_unseen(facts)]
    for seat, one in facts.sitting:
        after = facts.at(seat + 1)
        if after is not None and after is not one and colleagues(one, after):
            found.append(_beside(facts, seat, one, after))
    return [*found, *_lonely(facts)]


def _why(facts: Facts, seat: int, one: Somebody) -> list[Wording]:
    found = [_("Kept in this seat by hand")] if facts.plan[seat].kept else []
    found += _part(facts, seat, one)
    if one.loop and seat in facts.near_the_loop:
        found.append(_on_the_side(facts) if facts.reads_needs else _("Here by request"))
    if one.principal is not None:
        found.append(_("Comes for {name}", name=facts.names.get(one.principal, _("somebody"))))
    hosts = [other.name for other in facts.neighbours(seat) if other.is_host]
    if one.newcomer and not one.is_host and hosts:
        found.append(_("Here for the first time, beside {host}", host=hosts[0]))
    return [*found, *_company(facts, seat, one)]


def _part(facts: Facts, seat: int, one: Somebody) -> list[Wording]:
    """What the chair and the speaker see of each other."""
    chair = facts.chair
    if one.chair and seat == chair:
        seen = [other.name for at, other in facts.sitting if other.speaks and opposite(len(facts.plan), seat, at)]
        if seen:
            return [_("In the chair, and sees {names} across the table", names=", ".join(seen))]
        return [_("In the chair")]
    if one.speaks and chair is not None and opposite(len(facts.plan), chair, seat):
        return [_("Speaks, and is in the chair’s eye across the table")]
    return [_("Speaks")] if one.speaks else []


def _company(facts: Facts, seat: int, one: Somebody) -> list[Wording]:
    """Whom they are kept from, and whom they are put with."""
    found = []
    others = [(at, other.name) for at, other in facts.sitting if at != seat and colleagues(one, other)]
    beside = {other.id for other in facts.neighbours(seat)}
    if others and not any(colleagues(one, facts.people[id]) for id in beside):
        names = listed([name for _at, name in others], ", ")
        found.append(_("Apart from {names}, of the same organisation", names=names))
    fields = [facts.fields.get(other.field, "") for other in facts.neighbours(seat)]
    own = facts.fields.get(one.field, "")
    if own and fields and all(field and field != own for field in fields):
        found.append(_("Beside other fields: {fields}", fields=listed(dict.fromkeys(fields), ", ")))
    elif not found and len(facts.neighbours(seat)) == 2:
        left, right = facts.neighbours(seat)
        found.append(_("Between {left} and {right}", left=left.name, right=right.name))
    return found


def _on_the_side(facts: Facts) -> Wording:
    return _("On the side of the hearing loop ({side}), as asked for", side=WHERE[facts.loop])


def _nobody_for(facts: Facts) -> list[Wording]:
    if not facts.sitting:
        return []
    found = [] if facts.chair is not None else [_("Nobody who comes is down as chair, so no seat was set for one.")]
    if sum(one.chair for _seat, one in facts.sitting) > 1:
        found.append(_("More than one person is down as chair; the speaker was put opposite the first."))
    return found


def _requests(facts: Facts) -> list[Wording]:
    missed = [one.name for seat, one in facts.sitting if one.loop and seat not in facts.near_the_loop]
    if facts.reads_needs:
        return [_("{name} asked for the hearing loop and does not sit on its side.", name=name) for name in missed]
    return [_("A request of {name} about their seat is not kept.", name=name) for name in missed]


def _unseen(facts: Facts) -> list[Wording]:
    chair = facts.chair
    if chair is None:
        return []
    unseen = [one.name for at, one in facts.sitting if one.speaks and not opposite(len(facts.plan), chair, at)]
    return [_("{name} speaks and does not sit across from the chair.", name=name) for name in unseen if name]


def _beside(facts: Facts, seat: int, one: Somebody, after: Somebody) -> Wording:
    who = {"one": one.name, "other": after.name, "organisation": one.organisation}
    number = sum(colleagues(one, other) for _seat, other in facts.sitting)
    if 2 * number > len(facts.plan):
        said = _("{one} and {other} sit side by side: more than half the table is of {organisation}.", **who)
    elif facts.plan[seat].kept or facts.plan[(seat + 1) % len(facts.plan)].kept:
        said = _("{one} and {other}, both of {organisation}, sit side by side, as kept by hand.", **who)
    else:
        said = _("{one} and {other}, both of {organisation}, sit side by side.", **who)
    return said


def _lonely(facts: Facts) -> list[Wording]:
    new = [(seat, one) for seat, one in facts.sitting if one.newcomer and not one.is_host]
    alone = [one.name for seat, one in new if not any(other.is_host for other in facts.neighbours(seat))]
    hosts = sum(one.is_host for _seat, one in facts.sitting)
    if alone and not hosts:
        return [_("Nobody who comes is down as host, so nobody sits beside those who are here for the first time.")]
    if len(alone) > MOST_NAMED:
        return [_("{n} people here for the first time sit without a host beside them: hosts are few.", n=len(alone))]
    return [_("{name} is here for the first time, and no host sits beside them.", name=name) for name in alone]
