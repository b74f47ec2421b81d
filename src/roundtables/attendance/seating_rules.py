"""
Who sits where round the table. Pure: the same people always get the same seats.

In this order of weight: who is kept in a seat by hand, the side of the hearing loop, the chair sees the speaker, nobody
beside a colleague, a newcomer beside a host, fields mixed. What cannot be kept is told in seating_reasons.py.

Seats are numbered clockwise; seat 0 is at twelve o'clock of the drawing and is the chair's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LOOP, SPEAKER, COLLEAGUES, LONELY, SAME_FIELD = 1000, 600, 300, 100, 4
HARD = LONELY  # a plan that costs less keeps every promise
TRIES, PASSES = 3, 6
FULL = 360


class Side(StrEnum):
    """Where in the room the hearing loop is, seen as the table is drawn."""

    TOP = "top"
    RIGHT = "right"
    BOTTOM = "bottom"
    LEFT = "left"


QUARTER = {Side.TOP: 0, Side.RIGHT: 90, Side.BOTTOM: 180, Side.LEFT: 270}


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person who comes to the room; `principal` is the invitation in whose place they come."""

    id: int
    name: str
    organisation: str = ""
    field: str = ""
    chair: bool = False
    speaks: bool = False
    host: bool = False
    newcomer: bool = False
    loop: bool = False
    principal: int | None = None

    @property
    def is_host(self) -> bool:
        return self.host or self.chair


@dataclass(frozen=True, slots=True)
class Place:
    """One seat: who sits there, None if nobody does, and whether an organiser keeps them there."""

    who: int | None
    kept: bool = False


Plan = tuple[Place, ...]


def arrange(people: Sequence[Somebody], *, loop: Side, before: Plan = ()) -> Plan:
    """A seat for everybody, as many as there are people; whoever `before` keeps in a seat stays in it."""
    everybody = sorted(people, key=lambda one: one.id)
    held = _held(everybody, before)
    room = _Room(everybody, held, loop, places=len(everybody))
    tried: list[tuple[int, list[int]]] = []
    while len(tried) < TRIES and not (tried and tried[-1][0] < HARD):
        tried.append(_solved(room, len(tried)))
    kept = {everybody[n].id for n in held.values()}
    return tuple(Place(everybody[n].id, everybody[n].id in kept) for n in min(tried, key=lambda one: one[0])[1])


def opposite(places: int, chair: int, seat: int) -> bool:
    """Whether a seat is on the far third of the table, where the chair sees it without turning."""
    return 3 * apart(places, chair, seat) >= places


def apart(places: int, one: int, other: int) -> int:
    """How many seats on, the short way round."""
    distance = abs(one - other) % places
    return min(distance, places - distance)


def loop_seats(places: int, side: Side, *, needed: int = 0) -> set[int]:
    """The third of the seats nearest the loop, more if more are needed."""

    def from_loop(seat: int) -> float:
        angle = abs(FULL * seat / places - QUARTER[side]) % FULL
        return min(angle, FULL - angle)

    return set(sorted(range(places), key=lambda seat: (from_loop(seat), seat))[: max(1, round(places / 3), needed)])


def colleagues(one: Somebody, other: Somebody) -> bool:
    """Whether both are of one organisation, by its name as printed."""
    return bool(one.organisation.strip()) and _key(one.organisation) == _key(other.organisation)


def cost(plan: Plan, people: Sequence[Somebody], *, loop: Side) -> int:
    """What a plan fails to keep, by weight; below HARD every promise is kept."""
    numbers = {one.id: n for n, one in enumerate(people)}
    seats = [numbers.get(place.who, len(people)) if place.who is not None else len(people) for place in plan]
    held = {seat: n for seat, n in enumerate(seats) if n < len(people)}
    return _Room(people, held, loop, places=len(plan)).total(seats)


class _Room:
    """
    Everybody by number, what each seat costs each of them, and what it costs to sit beside each other. The number
    behind the last person stands for nobody: it costs nothing and is beside nobody.
    """

    def __init__(self, people: Sequence[Somebody], held: Mapping[int, int], loop: Side, *, places: int) -> None:
        self.people, self.places, self.nobody = people, places, len(people)
        self.held = dict(held)
        self.chair = self._seat_of_the_chair()
        near = loop_seats(places, loop, needed=sum(one.loop for one in people)) if places else set()
        self.alone = [[self._alone(one, seat, near) for seat in range(places)] for one in people] + [[0] * places]
        nobody = [0] * (len(people) + 1)
        self.beside = [*([*(_beside(one, other) for other in people), 0] for one in people), nobody]
        self.hosts = [one.is_host for one in people] + [False]
        self.newcomers = [one.newcomer and not one.is_host for one in people] + [False]

    def _seat_of_the_chair(self) -> int | None:
        number = next((n for n, one in enumerate(self.people) if one.chair), None)
        if number is None:
            return None
        if number not in self.held.values():
            self.held[next(seat for seat in range(self.places) if seat not in self.held)] = number
        return next(seat for seat, n in self.held.items() if n == number)

    def _alone(self, one: Somebody, seat: int, near: set[int]) -> int:
        far = one.speaks and self.chair is not None and not opposite(self.places, self.chair, seat)
        return LOOP * (one.loop and seat not in near) + SPEAKER * far

    def lonely(self, seats: list[int], seat: int) -> int:
        """What it costs that a newcomer sits there without a host beside them."""
        if not self.newcomers[seats[seat]]:
            return 0
        return 0 if self.hosts[seats[seat - 1]] or self.hosts[seats[(seat + 1) % self.places]] else LONELY

    def about(self, seats: list[int], seat: int) -> int:
        """What a seat costs, with both its neighbours."""
        here, after = seats[seat], (seat + 1) % self.places
        found = self.alone[here][seat] + self.beside[here][seats[seat - 1]] + self.beside[here][seats[after]]
        for one in {seat - 1 if seat else self.places - 1, seat, after}:
            if self.newcomers[seats[one]]:
                found += self.lonely(seats, one)
        return found

    def total(self, seats: list[int], among: Iterable[int] | None = None) -> int:
        """What these seats cost (all if left out), each pair of neighbours counted at its first seat."""
        found = 0
        for seat in range(self.places) if among is None else among:
            here = seats[seat]
            found += self.alone[here][seat] + self.beside[here][seats[(seat + 1) % self.places]]
            if self.newcomers[here]:
                found += self.lonely(seats, seat)
        return found


def _held(everybody: Sequence[Somebody], before: Plan) -> dict[int, int]:
    """Seat -> number of whoever stays there; a table that shrank keeps only the seats it has."""
    numbers = {one.id: n for n, one in enumerate(everybody)}
    here = [(seat, place.who) for seat, place in enumerate(before) if place.kept and place.who in numbers]
    return {seat: numbers[who] for seat, who in here if who is not None and seat < len(everybody)}


def _solved(room: _Room, turn: int) -> tuple[int, list[int]]:
    """Seats filled one by one where each costs least, then people swapped as long as that helps; the cost first."""
    seats = [room.held.get(seat, room.nobody) for seat in range(room.places)]
    for number in _order(room, turn):
        free = [seat for seat in range(room.places) if seats[seat] == room.nobody]
        seats[min(free, key=lambda seat: (_with(room, seats, seat, number), seat))] = number
    _swap_while_it_helps(room, seats)
    return room.total(seats), seats


def _order(room: _Room, turn: int) -> list[int]:
    """Whoever is hardest to seat comes first; among equals another one begins with each `turn`."""
    left = [n for n in range(len(room.people)) if n not in room.held.values()]
    begin = turn * len(left) // TRIES
    many = {n: sum(price >= COLLEAGUES for price in room.beside[n]) for n in left}

    def ease(n: int) -> tuple[bool, bool, bool, int, bool]:
        one = room.people[n]
        return not one.loop, not one.speaks, not one.is_host, -many[n], not one.newcomer

    return sorted(left[begin:] + left[:begin], key=ease)


def _with(room: _Room, seats: list[int], seat: int, number: int) -> int:
    seats[seat] = number
    found = room.about(seats, seat)
    seats[seat] = room.nobody
    return found


def _swap_while_it_helps(room: _Room, seats: list[int]) -> None:
    loose = [seat for seat in range(room.places) if seat not in room.held]
    for _pass in range(PASSES):
        better = [_best_swap(room, seats, one, loose) for one in loose if room.about(seats, one)]
        if not any(better):
            return


def _best_swap(room: _Room, seats: list[int], one: int, loose: Sequence[int]) -> bool:
    best, there = 0, one
    for other in loose:
        gain = _gain(room, seats, one, other) if other != one else 0
        if gain > best:
            best, there = gain, other
    seats[one], seats[there] = seats[there], seats[one]
    return best > 0


def _gain(room: _Room, seats: list[int], one: int, other: int) -> int:
    """What swapping two people saves. Those who share neighbours are counted with them, each seat once."""
    near = apart(room.places, one, other) < 3
    both = {(seat + step) % room.places for seat in (one, other) for step in (-1, 0, 1)} if near else set()
    before = room.total(seats, both) if near else room.about(seats, one) + room.about(seats, other)
    seats[one], seats[other] = seats[other], seats[one]
    after = room.total(seats, both) if near else room.about(seats, one) + room.about(seats, other)
    seats[one], seats[other] = seats[other], seats[one]
    return before - after


def _beside(one: Somebody, other: Somebody) -> int:
    if one is other:
        return 0
    return COLLEAGUES * colleagues(one, other) + SAME_FIELD * (one.field == other.field != "")


def _key(organisation: str) -> str:
    return " ".join(organisation.casefold().split())
