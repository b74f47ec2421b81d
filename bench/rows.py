"""One line of the table for each measurement."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`figure` in `unit`; `beside` is the bare thing measured with it, in the same unit."""

    what: str
    figure: float
    unit: str
    beside: float | None = None
    bare: str = ""

    @property
    def ratio(self) -> str:
        return f"{self.figure / self.beside:.2f}" if self.beside else ""


HEAD = ("what", "figure", "unit", "ratio", "of")


def show(rows: Iterable[Row]) -> str:
    """The whole table, figures to the right."""
    cells = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(HEAD))]
    return "\n".join(_line(line, widths) for line in cells)


def _cells(row: Row) -> tuple[str, ...]:
    of = f"{row.bare}: {_number(row.beside)}" if row.beside else row.bare
    return (row.what, _number(row.figure), row.unit, row.ratio, of)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    what, figure, unit, ratio, of = cells
    return f"{what:<{widths[0]}}  {figure:>{widths[1]}} {unit:<{widths[2]}}  {ratio:>{widths[3]}}  {of}".rstrip()


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
