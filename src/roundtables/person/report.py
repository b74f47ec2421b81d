"""What became of a file of people. Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Left:
    """A row that was not taken: its number, why, and its words."""

    row: int
    reason: str
    words: str


@dataclass(slots=True)
class Report:
    """How many rows were new, changed somebody or said what we knew, and every row that was not taken."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    left: list[Left] = field(default_factory=list)
