"""
What several connections bring in the same moment is kept in one transaction: one sync of the disk serves them all.

Nobody waits for company: the first delivery is kept at once, and what comes meanwhile is the next transaction.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

MOST = 50  # deliveries in one transaction
MOST_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Brought:
    """One mail for one recipient; `sender` is "" for a null sender."""

    raw: bytes
    sender: str
    recipient: str


Keep = Callable[[Sequence[Brought]], None]  # all of them durably or, raising TryLater, none


class Together:
    """Belongs to one event loop."""

    def __init__(self, keep: Keep) -> None:
        self.keep = keep
        self._waiting: list[tuple[Brought, asyncio.Future[None]]] = []
        self._work: asyncio.Task[None] | None = None

    async def take(self, brought: Brought) -> None:
        """Returns once `brought` is kept; raises what keeping it raised."""
        kept = asyncio.get_running_loop().create_future()
        self._waiting.append((brought, kept))
        if self._work is None:
            self._work = asyncio.create_task(self._keep_all())
        await kept

    async def _keep_all(self) -> None:
        while some := self._next():
            fault = await self._try(some)
            if fault is not None and len(some) > 1:  # one of them may be to blame: each for itself
                for one in some:
                    _answer([one], await self._try([one]))
            else:
                _answer(some, fault)
        self._work = None

    def _next(self) -> list[tuple[Brought, asyncio.Future[None]]]:
        number, size = 0, 0
        for brought, _ in self._waiting[:MOST]:
            size += len(brought.raw)
            if number and size > MOST_BYTES:
                break
            number += 1
        some, self._waiting = self._waiting[:number], self._waiting[number:]
        return some

    async def _try(self, some: Sequence[tuple[Brought, asyncio.Future[None]]]) -> Exception | None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(None, partial(self.keep, [brought for brought, _ in some]))
        except Exception as error:
            return error
        return None


def _answer(some: Sequence[tuple[Brought, asyncio.Future[None]]], fault: Exception | None) -> None:
    for _, kept in some:
        if kept.done():  # its connection has gone
            continue
        if fault is None:
            kept.set_result(None)
        else:
            kept.set_exception(fault)
