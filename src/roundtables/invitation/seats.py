"""
Who gets a seat. Pure: no database, no mail, no clock.

A yes takes a seat if one is free, a "not sure until" keeps one until its date, a bare "not sure" keeps none;
the rest wait in the order in which they said yes. Callers hold the roundtable's row while they ask.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from roundtables.invitation.rules import Answer, State


@dataclass(frozen=True, slots=True)
class Seated:
    """What an answer makes of an invitation: its state, and whether it holds a seat."""

    state: State
    holds_seat: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    id: int
    since: datetime


def seat(answer: Answer, *, seats: int, taken: int, held: bool, by_a_date: bool = False) -> Seated:
    """
    The place an answer leads to; `taken` counts all seats held, one's own (`held`) among them. `by_a_date`: a "not
    sure" that names the day by which they will know.
    """
    free = held or taken < seats
    if answer is Answer.ACCEPTED:
        return Seated(State.ACCEPTED if free else State.WAITING, free)
    if answer is Answer.TENTATIVE:
        return Seated(State.TENTATIVE, free and by_a_date)
    return Seated(State.DECLINED, False)


def next_waiting(waiting: Iterable[Waiting], *, free: int) -> list[int]:
    """Ids of those to seat now that `free` seats are free: who waits longest comes first."""
    in_order = sorted(waiting, key=lambda w: (w.since, w.id))
    return [w.id for w in in_order[: max(0, free)]]
