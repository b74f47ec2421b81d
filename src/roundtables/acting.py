"""
Who acts just now, for the log: "account:3", "invitation:17", "command", or "" for the service itself.

A request finds out who asks in one thread and writes in another; both see the same slip of paper.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

App = Callable[[Any, Any, Any], Awaitable[None]]


class _Slip:
    """What one request, or one command, has written on it."""

    who = ""


_slip: ContextVar[_Slip | None] = ContextVar("acting", default=None)


def begin(who: str = "") -> None:
    """A fresh slip, for a request or a command that begins."""
    slip = _Slip()
    slip.who = who
    _slip.set(slip)


def as_who(who: str) -> None:
    """Whoever this request has turned out to come from."""
    if (slip := _slip.get()) is not None:
        slip.who = who


def now() -> str:
    """Who acts; "" outside of requests and commands."""
    slip = _slip.get()
    return slip.who if slip is not None else ""


def each_request(app: App) -> App:
    """Wraps an ASGI application: nobody acts as the one who came before."""

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        begin()
        await app(scope, receive, send)

    return outer
