"""How far a long piece of work is, on a terminal."""

import sys
from typing import TextIO

WIDTH = 30


class Progress:
    """A bar on standard error, if a person watches it: "█████░░░░░  50,000 of 100,000 people"."""

    def __init__(self, whole: int, what: str, screen: TextIO | None = None) -> None:
        self.whole, self.what = whole, what
        self.screen = screen or sys.stderr

    def at(self, done: int) -> None:
        """`done` of the whole are done; on the last one the line is left alone."""
        if not self.screen.isatty():
            return
        full = WIDTH * done // max(self.whole, 1)
        bar = "█" * full + "░" * (WIDTH - full)
        end = "\n" if done >= self.whole else ""
        self.screen.write(f"\r{bar}  {done:,} of {self.whole:,} {self.what}{end}")
        self.screen.flush()
