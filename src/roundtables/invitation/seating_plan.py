"""
Who is drawn where: from the kinds a table was planned with and the answers it got to its seats. Pure.

A person who holds a seat always has one. Those asked fill what is meant for their kind, then what is spare. A "no"
shows only while nobody has taken that seat. Whoever is left over is in the list, not in the drawing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from roundtables.invitation.rules import State
from roundtables.web.filters import count_words, plural
from roundtables.web.shapes import SeatState
from roundtables.web.table import OTHER, OTHER_NAME, Seat

SITTING = (SeatState.COMING, SeatState.DEPUTY, SeatState.MAYBE, SeatState.ASKED)
DRAWN = {
    State.ACCEPTED: SeatState.COMING,
    State.TENTATIVE: SeatState.MAYBE,
    State.INVITED: SeatState.ASKED,
    State.DECLINED: SeatState.DECLINED,
}


@dataclass(frozen=True, slots=True)
class Sitter:
    """Somebody on the guest list; `holds` says whether a seat is theirs, `lines` are name, post, organisation."""

    kind: str
    state: SeatState
    holds: bool = False
    ref: str = ""
    lines: tuple[str, ...] = ()
    chair: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The seats of one kind, as drawn; `target` is how many were meant for it."""

    key: str
    name: str
    target: int
    seats: tuple[Seat, ...]

    @property
    def states(self) -> list[SeatState]:
        return [seat.state for seat in self.seats]


def drawn_as(state: State, *, deputy: bool = False) -> SeatState | None:
    """The shape of an invitation's seat; None for one that has none (drafted, waiting, delegated, over)."""
    found = DRAWN.get(state)
    return SeatState.DEPUTY if found is SeatState.COMING and deputy else found


def seating(kinds: Sequence[tuple[str, str, int]], sitters: Iterable[Sitter], *, total: int) -> list[Group]:
    """The `total` seats by kind (letter, name, target), in the convener's order; the rest under "other"."""
    plan = [*kinds, (OTHER, OTHER_NAME, 0)] if OTHER not in [key for key, _, _ in kinds] else list(kinds)
    known = {key for key, _, _ in plan}
    by_kind: dict[str, list[Sitter]] = {key: [] for key in known}
    for sitter in sitters:
        by_kind[sitter.kind if sitter.kind in known else OTHER].append(sitter)
    sizes = _sizes(plan, by_kind, total)
    groups = [Group(key, name, target, _fill(key, by_kind[key], sizes[key])) for key, name, target in plan]
    return [group for group in groups if group.seats]


def seats_of(groups: Iterable[Group]) -> list[Seat]:
    """All seats, in the order of the drawing."""
    return [seat for group in groups for seat in group.seats]


def tally(states: Iterable[SeatState]) -> dict[SeatState, int]:
    """How many seats are in each state."""
    return dict(Counter(states))


def states_of(counts: Mapping[State, int], *, total: int) -> list[SeatState]:
    """The seats of a glyph from the number of invitations in each state; never more than `total`."""
    found = [drawn for state, drawn in DRAWN.items() if drawn in SITTING for _ in range(counts.get(state, 0))]
    return (found + [SeatState.EMPTY] * total)[:total]


def gauge_words(group: Group) -> str:
    """ "3 of 5, one of them a deputy. 2 asked"; "1 of 3, 1 maybe. One seat to fill"."""
    found = tally(group.states)
    deputies, maybe = found.get(SeatState.DEPUTY, 0), found.get(SeatState.MAYBE, 0)
    taken, of = found.get(SeatState.COMING, 0) + deputies, len(group.seats)
    words = f"{taken} of {of}" + (
        f", {count_words(deputies)} of them {plural(deputies, 'a deputy', 'deputies')}" * (deputies > 0)
    )
    words += f", {maybe} maybe" * (maybe > 0)
    fill = found.get(SeatState.EMPTY, 0) + found.get(SeatState.DECLINED, 0)
    asked = found.get(SeatState.ASKED, 0)
    more = [f"{asked} asked"] * (asked > 0)
    more += [f"{count_words(fill).capitalize()} {plural(fill, 'seat')} to fill"] * (fill > 0)
    return ". ".join([words, *(more or (["Full"] if taken == of else []))])


def middle_words(groups: Iterable[Group]) -> list[str]:
    """The lines below the count in the middle of the table: "1 maybe, 3 to answer", "2 to fill"."""
    found = tally(seat.state for seat in seats_of(groups))
    open_ = [(found.get(SeatState.MAYBE, 0), "maybe"), (found.get(SeatState.ASKED, 0), "to answer")]
    fill = found.get(SeatState.DECLINED, 0) + found.get(SeatState.EMPTY, 0)
    first = ", ".join(f"{number} {word}" for number, word in open_ if number)
    return [line for line in (first, f"{fill} to fill" if fill else "") if line]


def taken(groups: Iterable[Group]) -> int:
    """Seats with somebody who comes, deputies among them."""
    found = tally(seat.state for seat in seats_of(groups))
    return found.get(SeatState.COMING, 0) + found.get(SeatState.DEPUTY, 0)


def _sizes(plan: Sequence[tuple[str, str, int]], by_kind: Mapping[str, Sequence[Sitter]], total: int) -> dict[str, int]:
    """Seats for each kind: what it was promised, more where people hold more, less where others took it."""
    held = {key: sum(sitter.holds for sitter in by_kind[key]) for key, _, _ in plan}
    sizes = {key: max(target, held[key]) for key, _, target in plan}
    for key, _, _ in reversed(plan):
        over = sum(sizes.values()) - total
        sizes[key] -= max(0, min(over, sizes[key] - held[key]))
    spare = total - sum(sizes.values())
    for key, _, _ in plan:
        wanted = sum(sitter.state in SITTING for sitter in by_kind[key])
        more = max(0, min(spare, wanted - sizes[key]))
        sizes[key], spare = sizes[key] + more, spare - more
    sizes[plan[-1][0] if OTHER not in sizes else OTHER] += max(0, spare)
    return sizes


def _fill(key: str, sitters: Sequence[Sitter], size: int) -> tuple[Seat, ...]:
    there = sorted(
        sitters, key=lambda sitter: (not sitter.holds, not sitter.chair, list(SeatState).index(sitter.state))
    )
    seats = [Seat(key, sitter.state, sitter.ref, sitter.lines, sitter.chair) for sitter in there[:size]]
    seats.sort(key=lambda seat: (not seat.chair, list(SeatState).index(seat.state)))
    return tuple(seats + [Seat(key, SeatState.EMPTY)] * (size - len(seats)))
