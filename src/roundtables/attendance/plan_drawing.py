"""
The table with everybody's name beside their seat, for the page (SVG) and for print (the same places, typst). Pure.

Units as in web/table.py: origin in the middle, y down, angles in degrees from three o'clock. Names stand in two
columns, so that thirty of them never touch; on a phone the numbers in the seats are enough, and the list has the names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import radians, sin

from markupsafe import Markup, escape

from roundtables.web.shapes import TWELVE, SeatState, back, cushion, n, polar, svg

RING, TOP, LARGEST = 78.5, 64.0, 9.6
COLUMN, LINE, FIRST = 112.0, 15.5, 101.0
WIDE, NARROW = 'viewBox="-232 -132 464 264"', 'viewBox="-104 -104 208 208"'
LONGEST_NAME = 26


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a seat is and where its name stands; `side` is -1 (left), 0 (above or below) or 1."""

    x: float
    y: float
    angle: float
    radius: float
    name_x: float
    name_y: float
    side: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """One seat of the drawing: its number from 1, whose it is ("" if free), and how it is drawn."""

    number: int
    name: str
    state: SeatState
    field: str = ""
    chair: bool = False


def spots(seats: int) -> list[Spot]:
    """The places of `seats` seats, the first at twelve o'clock."""
    step = 360 / max(1, seats)
    radius = min(LARGEST, 0.4 * 2 * RING * sin(radians(min(step, 180) / 2)))
    found = [(TWELVE + step * seat, *polar(RING, TWELVE + step * seat)) for seat in range(seats)]
    sides = [0 if abs(x) < 1 else 1 if x > 0 else -1 for _angle, x, _y in found]
    rows = {seat: y for side in (-1, 1) for seat, y in _column([i for i in range(seats) if sides[i] == side], found)}
    return [
        Spot(x, y, angle, radius, sides[seat] * COLUMN, rows.get(seat, FIRST * (1 if y > 0 else -1)), sides[seat])
        for seat, (angle, x, y) in enumerate(found)
    ]


def lead(spot: Spot) -> tuple[float, float]:
    """Where the line from a seat to its name begins."""
    return polar(RING + spot.radius + 6, spot.angle)


def short(name: str) -> str:
    """As much of a name as there is room for beside the table."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def names_round_the_table(seats: Sequence[Drawn], *, label: str, deputy: str = "deputy") -> Markup:
    """The drawing for a wide page: numbers in the seats, names beside them, and the word for a `deputy` behind one."""
    placed = zip(seats, spots(len(seats)), strict=True)
    art = "".join(_seat(one, spot) + _name(one, spot, deputy) for one, spot in placed)
    return svg("table named", WIDE, label, _top() + art)


def numbers_round_the_table(seats: Sequence[Drawn], *, label: str) -> Markup:
    """The drawing for a phone: numbers only."""
    placed = zip(seats, spots(len(seats)), strict=True)
    return svg("table numbered", NARROW, label, _top() + "".join(_seat(one, spot) for one, spot in placed))


def _column(seats: Sequence[int], found: Sequence[tuple[float, float, float]]) -> list[tuple[int, float]]:
    """The seats of one side from the top, each with the height of its name: near the seat, none too near the next."""
    order = sorted(seats, key=lambda seat: found[seat][2])
    heights = [found[seat][2] * 1.15 for seat in order]
    for i in range(1, len(heights)):
        heights[i] = max(heights[i], heights[i - 1] + LINE)
    over = max(0.0, heights[-1] - 120) if heights else 0
    for i in range(len(heights) - 1, -1, -1):
        most = (heights[i + 1] - LINE) if i + 1 < len(heights) else heights[i] - over
        heights[i] = min(heights[i], most)
    return list(zip(order, heights, strict=True))


def _top() -> str:
    return f'<circle class="t" r="{n(TOP)}"/><circle class="t" r="{n(TOP - 4)}"/>'


def _seat(one: Drawn, spot: Spot) -> str:
    spread = 60 if one.chair else 36
    rest = back(one.field or "O", spot.x, spot.y, spot.radius, spot.angle, spread)
    full = one.state in (SeatState.COMING, SeatState.DEPUTY)
    shape = SeatState.COMING if full else one.state  # a number stands where the deputy's mark would
    art = cushion(shape, spot.x, spot.y, spot.radius, spot.angle + 180)
    at = f'x="{n(spot.x)}" y="{n(spot.y + 2.9)}"'
    number = f'<text class="no{" on" if full else ""}" {at} aria-hidden="true">{one.number}</text>'
    return rest + art + number


def _name(one: Drawn, spot: Spot, deputy: str) -> str:
    if not one.name:
        return ""
    anchor = {-1: "end", 0: "middle", 1: "start"}[spot.side]
    at = f'x="{n(spot.name_x)}" y="{n(spot.name_y + 2.6)}" text-anchor="{anchor}" direction="ltr"'
    more = f"<tspan>, {escape(deputy)}</tspan>" if one.state is SeatState.DEPUTY else ""
    words = f'<text class="name-of" {at} aria-hidden="true">{escape(short(one.name))}{more}</text>'
    if not spot.side:
        return words
    x, y = lead(spot)
    return f'<path class="lead" d="M{n(x)} {n(y)}L{n(spot.name_x - 4 * spot.side)} {n(spot.name_y)}"/>{words}'
