"""Mails made to hurt, each opened in the process that may be ended: the worst in time, and the most memory it took."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.invitation.test_intake_under_attack import CALENDAR_BOMBS
from tests.mail.test_mail_bombs import BOMBS

from bench.rows import Row
from roundtables.mail.opener import WARM_UP
from roundtables.mail.opening import Sealed
from roundtables.mail.reading_room import ReadingRoom


def measure(*, quick: bool) -> Iterator[Row]:
    bombs = BOMBS | CALENDAR_BOMBS
    with closing(ReadingRoom()) as room:
        room.open(WARM_UP)
        before, took = _memory(room), {}
        for name, raw in bombs.items():
            begun = time.perf_counter()
            room.open(Sealed(raw))
            took[name] = time.perf_counter() - begun
        worst = max(took, key=lambda name: took[name])
        yield Row(f"the worst of {len(bombs)} bombs, opened ({worst})", took[worst] * 1000, "ms", 2000, "allowed")
        yield Row("memory they took, all in all", (_memory(room) - before) / 1024, "MB", 128, "allowed")


def _memory(room: ReadingRoom) -> int:
    """The most that the process ever held, in kB."""
    status = Path(f"/proc/{room.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
