"""
Where hostile mail is opened: a process that can be ended, started at the first mail and let go when none comes.

A mail that takes too long costs that process its life and nobody else anything: the next mail gets a new one.
"""

import atexit
import contextlib
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from roundtables.errors import Unreadable

from .opener import receive, send
from .opening import Opened, Sealed

PATIENCE = 30.0  # seconds by the clock: for a machine that has no processor to spare
SMALL = 256 * 1024  # bytes that are opened together
IDLE = 60.0  # seconds without mail after which the process is let go


@dataclass(frozen=True, slots=True)
class Stumbled:
    """A mail that could not be opened, for a reason that may pass; `why` holds nothing of the mail."""

    why: str


Result = Opened | Unreadable | Stumbled


class ReadingRoom:
    """Opens mails one after the other; threads may share it."""

    def __init__(self, *, patience: float = PATIENCE, command: Sequence[str] = ()) -> None:
        self.command = command or (sys.executable, "-m", "roundtables.mail.opener")
        self.patience = patience
        self._one_at_a_time = threading.Lock()
        self._opener: subprocess.Popen[bytes] | None = None
        self._last_used = 0.0

    @property
    def pid(self) -> int | None:
        """The number of the process, None while there is none."""
        return self._opener.pid if self._opener else None

    def open(self, sealed: Sealed) -> Result:
        return self._open([sealed])[0]

    def open_all(self, mails: Sequence[Sealed]) -> list[Result]:
        """Each of several; small ones together, and each by itself where one of them ends the process."""
        found: list[Result] = []
        for some in _together(mails):
            results = self._open(some)
            ended = len(some) > 1 and any(isinstance(result, Stumbled) for result in results)
            found += [self.open(mail) for mail in some] if ended else results
        return found

    def _open(self, mails: Sequence[Sealed]) -> list[Result]:
        with self._one_at_a_time:
            self._last_used = time.monotonic()
            try:
                return self._ask(self._ready(), mails)
            except (OSError, pickle.UnpicklingError, EOFError) as error:
                self._end()
                return [Stumbled(f"the opener could not be asked ({type(error).__name__})")] * len(mails)

    def rest(self) -> None:
        """Lets the process go if nobody has brought mail for a while; for a chore to call."""
        with self._one_at_a_time:
            if self._opener is not None and time.monotonic() - self._last_used > IDLE:
                self._end()

    def close(self) -> None:
        with self._one_at_a_time:
            self._end()

    def _ready(self) -> subprocess.Popen[bytes]:
        """The process, a new one if there is none or somebody has ended it."""
        if self._opener is not None and self._opener.poll() is not None:
            self._end()
        if self._opener is None:
            self._opener = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._opener

    def _ask(self, opener: subprocess.Popen[bytes], mails: Sequence[Sealed]) -> list[Result]:
        requests, answers = _streams(opener)
        with contextlib.suppress(BrokenPipeError):  # its end is told below
            send(requests, pickle.dumps(list(mails), pickle.HIGHEST_PROTOCOL))
        ready, _, _ = select.select([answers], [], [], self.patience)
        words = receive(answers) if ready else None
        if words is None:
            ended = self._ended(opener, in_time=bool(ready))
            return [ended] if len(mails) == 1 else [Stumbled("the opener ended")] * len(mails)
        answers_to = pickle.loads(words)  # noqa: S301 written by our own process
        return [Stumbled(f"our own mistake ({each})") if isinstance(each, str) else each for each in answers_to]

    def _ended(self, opener: subprocess.Popen[bytes], *, in_time: bool) -> Result:
        """What the end of the process tells of the one mail it was reading."""
        self._end()
        if not in_time:
            return Stumbled(f"it was not read within {self.patience:g} seconds")
        if opener.returncode == -signal.SIGPROF:
            return Unreadable("reading it would take more time than a mail may")
        return Stumbled(f"the opener ended ({opener.returncode})")

    def _end(self) -> None:
        opener, self._opener = self._opener, None
        if opener is None:
            return
        with contextlib.suppress(OSError):
            opener.stdin.close() if opener.stdin else None
        try:
            opener.wait(0.2)
        except subprocess.TimeoutExpired:
            opener.kill()
            opener.wait()
        if opener.stdout:
            opener.stdout.close()


def _together(mails: Sequence[Sealed]) -> Iterator[list[Sealed]]:
    """In their order, as many small ones at once as SMALL allows."""
    some: list[Sealed] = []
    for mail in mails:
        if some and sum(len(each.raw) for each in (*some, mail)) > SMALL:
            yield some
            some = []
        some.append(mail)
    if some:
        yield some


def _streams(opener: subprocess.Popen[bytes]) -> tuple[BinaryIO, BinaryIO]:
    assert opener.stdin is not None
    assert opener.stdout is not None
    return opener.stdin, opener.stdout  # type: ignore[return-value]  # typeshed: IO[bytes], which is what BinaryIO is


_ours = ReadingRoom()
atexit.register(lambda: _ours.close())


def ours() -> ReadingRoom:
    """The one of this process."""
    return _ours
