"""
The shapes a seat can take, as pieces of SVG: one shape for each state, so that colour never says it alone. Pure.

Lengths in units of the drawing; angles in degrees from three o'clock, clockwise (y points down).
"""

from enum import StrEnum
from math import cos, pi, radians, sin

from markupsafe import Markup, escape

BACK, TWELVE, SIX = 3.7, -90.0, 90.0


class SeatState(StrEnum):
    """How a seat stands; the order is the order of the glyph's dial."""

    COMING = "yes"
    DEPUTY = "deputy"
    MAYBE = "maybe"
    ASKED = "asked"
    DECLINED = "no"
    EMPTY = "empty"
    UNSAID = "plain"


ORDER = list(SeatState)
WORDS = {
    SeatState.COMING: "coming",
    SeatState.DEPUTY: "deputy coming",
    SeatState.MAYBE: "maybe",
    SeatState.ASKED: "asked, no answer yet",
    SeatState.DECLINED: "declined, seat to fill",
    SeatState.EMPTY: "nobody asked yet",
    SeatState.UNSAID: "",
}


def n(number: float) -> str:
    """One decimal at most: keeps the page small."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def polar(radius: float, angle: float) -> tuple[float, float]:
    """From radius and angle to x and y."""
    return radius * cos(radians(angle)), radius * sin(radians(angle))


def alt(label: str, role: str = "img") -> str:
    """What a screen reader is told about a drawing: its label, or nothing."""
    return f'role="{role}" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'


def svg(name: str, box: str, label: str, art: str, role: str = "img") -> Markup:
    """One drawing of the class `name`; `box` is its viewBox and what else it needs."""
    # Every word in a label or in `art` was escaped where it went in.
    return Markup(f'<svg class="{name}" {box} {alt(label, role)}>{art}</svg>')  # noqa: S704


def back(kind: str, x: float, y: float, radius: float, angle: float, spread: float) -> str:
    """The back-rest: the kind's arc outside, `spread` degrees to either side of `angle`."""
    r = radius + BACK
    (x1, y1), (x2, y2) = polar(r, angle - spread), polar(r, angle + spread)
    path = f"M{n(x + x1)} {n(y + y1)}A{n(r)} {n(r)} 0 {int(spread > 90)} 1 {n(x + x2)} {n(y + y2)}"
    return f'<path class="k k-{escape(kind)}" d="{path}"/>'


def half(x: float, y: float, r: float, facing: float, shape: str) -> str:
    """The half disc on the side `facing`; `shape` is its class."""
    (x1, y1), (x2, y2) = polar(r, facing - 90), polar(r, facing + 90)
    return f'<path class="{shape}" d="M{n(x + x1)} {n(y + y1)}A{n(r)} {n(r)} 0 0 1 {n(x + x2)} {n(y + y2)}Z"/>'


def chevron(x: float, y: float, r: float, shape: str) -> str:
    """The mark for "passed on"; `shape` is its class."""
    a, b = r * 0.26, r * 0.42
    return f'<path class="{shape}" d="M{n(x - a)} {n(y - b)}L{n(x + a)} {n(y)}L{n(x - a)} {n(y + b)}"/>'


def own(x: float, y: float, r: float) -> str:
    """The three shapes the page shows one of, by the answer chosen."""
    disc = f'<circle class="s0" cx="{n(x)}" cy="{n(y)}" r="{n(r)}"/>'
    return disc + half(x, y, r, TWELVE, "h s1") + chevron(x, y, r, "d s2")


def cushion(state: SeatState, x: float, y: float, r: float, facing: float) -> str:
    """The seat itself; `facing` is the direction of the table's middle."""
    at = f'cx="{n(x)}" cy="{n(y)}" r="{n(r)}"'
    match state:
        case SeatState.COMING:
            return f'<circle class="y" {at}/>'
        case SeatState.DEPUTY:
            return f'<circle class="y" {at}/>' + chevron(x, y, r, "d")
        case SeatState.MAYBE:
            return f'<circle class="m" {at}/>' + half(x, y, r, facing, "h")
        case SeatState.ASKED:
            return f'<circle class="a" {at}/>'
        case SeatState.DECLINED:
            d, arm = n(2 * r * 0.38), r * 0.38
            cross = f"M{n(x - arm)} {n(y - arm)}l{d} {d}m0 -{d}l-{d} {d}"
            return f'<circle class="n" {at}/><path class="n" d="{cross}"/>'
        case SeatState.EMPTY:
            dash = 2 * pi * r / max(6, round(2 * pi * r / 4.1))
            return f'<circle class="e" {at} stroke-dasharray="0 {dash:.3f}"/>'
        case SeatState.UNSAID:
            return f'<circle class="p" {at}/>'


def dot(state: SeatState, angle: float, radius: float) -> str:
    """Three shapes only: full, half and ring; declined and empty are pinpricks."""
    x, y = polar(15.8, angle)
    if state in (SeatState.DECLINED, SeatState.EMPTY):
        return f'<circle class="z" cx="{n(x)}" cy="{n(y)}" r=".8"/>'
    if state in (SeatState.MAYBE, SeatState.ASKED):
        return cushion(state, x, y, max(radius * 0.6, radius - 0.5), angle + 180)
    return cushion(SeatState.COMING if state is SeatState.DEPUTY else state, x, y, radius, 0)
