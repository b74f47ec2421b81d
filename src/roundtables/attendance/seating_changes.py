"""
A plan that was made, and the people who come now: who sits where, and what changed. Pure.

Nobody is moved: a deputy takes the principal's seat, whoever cancels leaves it free, whoever is new gets the free seat
that costs least, else a chair of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from roundtables.attendance.seating_rules import Place, Plan, Side, Somebody, cost
from roundtables.errors import Refusal
from roundtables.texts import Wording, _


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody of the guest list, whether they come or not; `principal` is whom they come for."""

    name: str
    principal: int | None = None


def brought_up_to_date(
    plan: Plan, people: Sequence[Somebody], known: Mapping[int, Known], *, loop: Side
) -> tuple[Plan, list[Wording]]:
    """The plan with those who come now, and a sentence for each change; seats are told from 1 on."""
    here = {one.id for one in people}
    seated = {place.who for place in plan}
    waiting = {one.id: one for one in sorted(people, key=lambda one: one.id) if one.id not in seated}
    now, told = list(plan), []
    for seat, place in enumerate(plan):
        if place.who is not None and place.who not in here:
            heir = _heir(place.who, waiting, known)
            now[seat] = Place(heir, place.kept and heir is not None)
            told.append(_passed_on(known, place.who, waiting.pop(heir).name if heir is not None else "", seat))
    for one in waiting.values():
        now, words = _seated(now, one, people, loop)
        told.append(words)
    return tuple(now), told


def swapped(plan: Plan, one: int, other: int) -> Plan:
    """Two seats (from 0) with each other's people, who are kept there from now on. Raises Refusal."""
    if one == other or not all(0 <= seat < len(plan) for seat in (one, other)):
        raise Refusal("Choose two different seats.", field="with")
    if plan[one].who is None and plan[other].who is None:
        raise Refusal("Nobody sits in either of these seats.", field="with")
    seats = list(plan)
    seats[one], seats[other] = (replace(plan[seat], kept=plan[seat].who is not None) for seat in (other, one))
    return tuple(seats)


def kept(plan: Plan, seat: int, *, keep: bool) -> Plan:
    """The plan with whoever sits there kept, or let go. Raises Refusal."""
    if not 0 <= seat < len(plan) or plan[seat].who is None:
        raise Refusal("Nobody sits in this seat.")
    return (*plan[:seat], replace(plan[seat], kept=keep), *plan[seat + 1 :])


def _heir(gone: int, waiting: Mapping[int, Somebody], known: Mapping[int, Known]) -> int | None:
    """Who comes in the place of somebody gone: their deputy, or the principal after all."""
    principal = known[gone].principal if gone in known else None
    return next((one.id for one in waiting.values() if one.principal == gone or one.id == principal), None)


def _passed_on(known: Mapping[int, Known], gone: int, heir: str, seat: int) -> Wording:
    name = known[gone].name if gone in known else _("Somebody")
    if heir:
        return _("{heir} comes instead of {name} and has seat {seat}.", heir=heir, name=name, seat=seat + 1)
    return _("{name} no longer comes; seat {seat} is free.", name=name, seat=seat + 1)


def _seated(now: list[Place], one: Somebody, people: Sequence[Somebody], loop: Side) -> tuple[list[Place], Wording]:
    here = Place(one.id)
    free = [seat for seat, place in enumerate(now) if place.who is None]
    tries = [[*now[:seat], here, *now[seat + 1 :]] for seat in free]
    tries = tries or [[*now[:seat], here, *now[seat:]] for seat in range(1, len(now) + 1)] or [[here]]
    best = min(tries, key=lambda plan: (cost(tuple(plan), people, loop=loop), plan.index(here)))
    words = {"name": one.name, "seat": best.index(here) + 1}
    if free:
        return best, _("{name} comes now and has seat {seat}, which was free.", **words)
    return best, _("{name} comes now; a chair is added as seat {seat}, and those after it move on by one.", **words)
