"""
The round table, drawn from data as SVG. Pure: standard library and Markup, no people beyond what it is handed.

    organiser_table  every seat a link to its row, the count in the middle
    invitee_table    kinds only, others unsaid, one's own seat at six o'clock
    public_table     full or dotted, small kinds folded into "other"; it takes no people at all
    glyph, seat, pips, mark   the same seats, small

A square of 220 units, origin in the middle, y down; angles in degrees from three o'clock, clockwise.
Above thirty seats every large drawing falls back to the glyph: the list beside it says the rest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import asin, degrees, radians, sin

from markupsafe import Markup, escape

from roundtables.texts import _

from .shapes import BACK, ORDER, SIX, TWELVE, WORDS, SeatState, back, cushion, dot, n, own, polar, svg

__all__ = [
    "Seat",
    "SeatState",
    "fold_kinds",
    "glyph",
    "invitee_table",
    "mark",
    "organiser_table",
    "pips",
    "planned_glyph",
    "public_table",
    "seat",
    "welcome_table",
]

TABLE, SEAT_RING, LETTER_RING, LARGEST_SEAT = 64.0, 78.5, 102.5, 9.6
GAP = 0.62  # of a step, left between kinds
MOST_SEATS, FEWEST_OF_A_KIND = 30, 3
OTHER, OTHER_NAME = "O", _("Other fields")
NAME_ROOM, LINE_ROOM = 22, 26  # letters that fit across the table top


@dataclass(frozen=True, slots=True)
class Seat:
    """`kind` is one letter, `ref` the html id of the seat's row, `lines` name, post, organisation."""

    kind: str
    state: SeatState
    ref: str = ""
    lines: tuple[str, ...] = ()
    chair: bool = False
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Sizes:
    """What `n` seats in `g` kinds leave room for: step and back in degrees, radius in units."""

    step: float
    radius: float
    back: float


def sizes(seats: int, kinds: int) -> Sizes:
    """Seats as large as their chord allows, 9.6 units at most."""
    step = 360 / (seats + GAP * (kinds if kinds > 1 else 0))
    chord = 2 * SEAT_RING * sin(radians(min(step, 180) / 2))
    radius = min(LARGEST_SEAT, 0.4 * chord)
    return Sizes(step, radius, min(48, degrees(asin(min(1, 0.38 * chord / (radius + BACK))))))


def angles(seats: Sequence[Seat], *, first: float = TWELVE) -> list[float]:
    """The angle of every seat: the first one at `first`, or one's own turned to six o'clock."""
    if not seats:
        return []
    runs = 1 + sum(a.kind != b.kind for a, b in pairwise(seats))
    step, found, run = sizes(len(seats), runs).step, [first], 0
    for place, (before, seat) in enumerate(pairwise(seats), start=1):
        run += before.kind != seat.kind
        found.append(first + step * (place + GAP * run))
    turn = next((SIX - angle for seat, angle in zip(seats, found, strict=True) if seat.mine), 0.0)
    return [angle + turn for angle in found]


def fold_kinds(kinds: Iterable[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """Kinds (letter, name, people) as the public may see them: none with fewer than three people.

    The small ones become "other", at the end. If "other" would itself be smaller than three, the smallest
    kind that is left joins it, so that nobody can be told apart by subtraction.
    """
    merged: dict[str, tuple[str, int]] = {}
    for letter, name, count in kinds:
        merged[letter] = (merged.get(letter, (name, 0))[0], merged.get(letter, (name, 0))[1] + max(0, count))
    shown = {k: v for k, v in merged.items() if k != OTHER and v[1] >= FEWEST_OF_A_KIND}
    other = sum(count for letter, (_, count) in merged.items() if letter not in shown)
    while shown and 0 < other < FEWEST_OF_A_KIND:
        smallest = min(shown, key=lambda letter: shown[letter][1])
        other += shown.pop(smallest)[1]
    rows = [(letter, name, count) for letter, (name, count) in shown.items()]
    return [*rows, (OTHER, OTHER_NAME, other)] if other else rows


def organiser_table(seats: Sequence[Seat], *, label: str, taken: int, of: int, notes: Sequence[str] = ()) -> Markup:
    """The desk's drawing: seats link to their rows, names show in the middle on hover or focus."""
    if len(seats) > MOST_SEATS:
        return _glyph([seat.state for seat in seats], number=str(taken), label=label)
    return _plate(seats, label, "group", _count(taken, of, notes))


def invitee_table(kinds: Iterable[tuple[str, int]], own_kind: str, *, label: str) -> Markup:
    """The invitee's drawing: kinds (letter, seats) as planned, one's own in the middle of its kind."""
    seats: list[Seat] = []
    for letter, count in kinds:
        own = count // 2 if letter == own_kind and not any(seat.mine for seat in seats) else -1
        seats += [Seat(letter, SeatState.UNSAID, mine=place == own) for place in range(count)]
    return _drawing(seats, label)


def public_table(
    kinds: Iterable[tuple[str, int]], *, label: str, empty: int = 0, total: int, to_come: bool = False
) -> Markup:
    """
    The public's drawing: kinds (letter, people), folded; seats of `total` in no kind and not empty are "other".

    Before the day (`to_come`) all seats are dotted: nobody has sat down.
    """
    counts = [(letter, "", count) for letter, count in kinds]
    unsaid = max(0, total - empty - sum(count for _, _, count in counts))
    folded = fold_kinds([*counts, (OTHER, "", unsaid)])
    state = SeatState.EMPTY if to_come else SeatState.COMING
    seats = [Seat(letter, state) for letter, _, count in folded for _ in range(count)]
    return _drawing(seats + [Seat(OTHER, SeatState.EMPTY)] * max(0, empty), label)


def welcome_table(kinds: Iterable[tuple[str, int]]) -> Markup:
    """The sign-in page's picture: a full table whose nearest seat, at nine o'clock, is kept for the reader."""
    seats = [Seat(letter, SeatState.COMING) for letter, count in kinds for _ in range(count)]
    first = [Seat(seats[0].kind, SeatState.EMPTY)] if seats else []
    return _plate(first + seats[1:], "", "img", first=180)


def glyph(states: Sequence[SeatState], *, number: str = "") -> Markup:
    """The table at 24 to 96 px, read like a dial. Hidden from screen readers: the words stand beside it."""
    return _glyph(states, number=number)


def planned_glyph(seats: int) -> Markup:
    """The glyph of a table to which nobody has been asked."""
    return _glyph([SeatState.EMPTY] * seats)


def seat(kind: str, state: SeatState, label: str = "") -> Markup:
    """One seat, facing up, for rows and keys; without a label it is decoration."""
    state = SeatState(state)
    rest = "" if state is SeatState.DECLINED else back(kind, 0, 0, 8.5, TWELVE, 48)
    art = rest + cushion(state, 0, 0, 8.5, SIX)
    return svg("seat", 'viewBox="-13 -14 26 26"', label, art)


def pips(states: Sequence[SeatState], label: str = "") -> Markup:
    """Seats in a row, for gauges and promises."""
    art = "".join(cushion(SeatState(state), 11 + 22 * i, 11, 8.5, SIX) for i, state in enumerate(states))
    box = f'viewBox="0 0 {22 * len(states)} 22" width="{n(1.2 * len(states))}em"'
    return svg("pips", box, label, art)


def mark(empty: int = 0) -> Markup:
    """The brand mark: seven seats taken, one (`empty`, clockwise from the top) kept for you."""
    art = ""
    for place in range(8):
        x, y = polar(14.6, TWELVE + 45 * place)
        kind, radius = ("a", "3.2") if place == empty else ("y", "3.9")
        art += f'<circle class="{kind}" cx="{n(x)}" cy="{n(y)}" r="{radius}"/>'
    return svg("mark", 'viewBox="-20 -20 40 40"', "", f'<circle class="t" r="8.2"/>{art}')


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def _drawing(seats: Sequence[Seat], label: str) -> Markup:
    if len(seats) > MOST_SEATS:
        return _glyph([seat.state for seat in seats], label=label)
    return _plate(seats, label, "img")


def _plate(seats: Sequence[Seat], label: str, role: str, middle: str = "", *, first: float = TWELVE) -> Markup:
    found = angles(seats, first=first)
    size = sizes(len(seats), len(list(groupby(seat.kind for seat in seats)))) if seats else Sizes(0, 0, 0)
    art = "".join(_place(seat, angle, size) for seat, angle in zip(seats, found, strict=True))
    tops = f'<circle class="t" r="{n(TABLE)}"/><circle class="t" r="{n(TABLE - 4)}"/>'
    letters = "".join(_letters(seats, found))
    return svg("table", 'viewBox="-110 -110 220 220"', label, f"{tops}{middle}{art}{letters}", role)


def _count(taken: int, of: int, notes: Sequence[str]) -> str:
    lines = "".join(f'<text y="{25 + 9 * i}">{escape(note)}</text>' for i, note in enumerate(notes))
    head = f'<text class="big" y="2">{taken}</text><text y="14">of {of} seats taken</text>'
    return f'<g class="mid" aria-hidden="true">{head}{lines}</g>'


def _place(seat: Seat, angle: float, size: Sizes) -> str:
    x, y = polar(SEAT_RING, angle)
    spread = size.back * 1.7 if seat.chair else size.back  # the chair of the meeting has the carver
    rest = "" if seat.state is SeatState.DECLINED else back(seat.kind, x, y, size.radius, angle, spread)
    if seat.mine:
        return f'<g class="mine">{rest}{own(x, y, size.radius)}</g>'
    art = rest + cushion(seat.state, x, y, size.radius, angle + 180)
    return _link(seat, x, y, size.radius + 3, art) if seat.ref else art


def _link(seat: Seat, x: float, y: float, reach: float, art: str) -> str:
    lines = [line for line in (*seat.lines, WORDS[seat.state]) if line]
    top = 2.6 - 9.5 * (len(lines) - 1) / 2
    short = [_short(line, LINE_ROOM if i else NAME_ROOM) for i, line in enumerate(lines)]
    texts = "".join(f'<text y="{n(top + 9.5 * i)}">{escape(line)}</text>' for i, line in enumerate(short))
    hit = f'<circle class="hit" cx="{n(x)}" cy="{n(y)}" r="{n(reach)}"/>'
    who = f'<g class="who" aria-hidden="true">{texts}</g>'
    return f'<a href="#{escape(seat.ref)}" aria-label="{escape(", ".join(lines))}">{hit}{art}{who}</a>'


def _letters(seats: Sequence[Seat], found: Sequence[float]) -> Iterator[str]:
    for kind, run in groupby(zip(seats, found, strict=True), key=lambda pair: pair[0].kind):
        group = [angle for _, angle in run]
        x, y = polar(LETTER_RING, (group[0] + group[-1]) / 2)
        at = f'x="{n(x)}" y="{n(y + 2.9)}"'
        yield f'<text class="l k-{escape(kind)}" {at} aria-hidden="true">{escape(kind)}</text>'


def _glyph(states: Sequence[SeatState], *, number: str = "", label: str = "") -> Markup:
    dial = sorted((SeatState(state) for state in states), key=ORDER.index)
    step = 360 / max(1, len(dial))
    radius = min(2.7, 0.8 * 15.8 * sin(radians(min(step, 180) / 2)))
    art = "".join(dot(state, TWELVE + step * i, radius) for i, state in enumerate(dial))
    inside = f'<text class="num-in" y="3.4" aria-hidden="true">{escape(number)}</text>' if number else ""
    top = f'<circle class="t" r="{10.5 if number else 9}"/>'
    return svg("glyph", 'viewBox="-20 -20 40 40"', label, f"{top}{inside}{art}")
