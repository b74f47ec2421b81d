"""
The outermost layer: what holds for every answer, also those the framework gives by itself (404, 405).

Security headers, HEAD, a request id, one log line per request without anything personal in it.
"""

import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from uuid import uuid4

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger("roundtables.web")

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
WITH_SCRIPT = POLICY + "; script-src 'self'; connect-src 'self'"
SCRIPTED = ("/desk", "/api/v1/docs", "/sign-in")
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), browsing-topics=()"),
)
PRIVATE = ("/desk", "/i/", "/u/", "/sign-in", "/sign-out", "/api/", "/mailroom")


def shell(app: App, *, secure: bool) -> App:
    """Wraps the framework; `secure` adds Strict-Transport-Security."""

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        await _Exchange(app, scope, secure=secure).run(receive, send)

    return outer


class _Exchange:
    """One request and its answer."""

    def __init__(self, app: App, scope: Scope, *, secure: bool) -> None:
        self.app, self.scope, self.secure = app, scope, secure
        self.id, self.started, self.status = uuid4().hex[:12], time.perf_counter(), 500
        self.head = scope["method"] == "HEAD"
        self.path: str = scope["path"]

    async def run(self, receive: Receive, send: Send) -> None:
        inner = {**self.scope, "method": "GET"} if self.head else self.scope
        try:
            await self.app(inner, receive, lambda message: self._pass_on(message, send))
        finally:
            took = (time.perf_counter() - self.started) * 1000
            log.info("%s %s %s %d %.1fms", self.id, self.scope["method"], _shape(self.path), self.status, took)

    async def _pass_on(self, message: Message, send: Send) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", []), *self._headers(message)]
        elif message["type"] == "http.response.body" and self.head:
            message = {**message, "body": b""}
        await send(message)

    def _headers(self, message: Message) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in message.get("headers", [])}
        policy = WITH_SCRIPT if self.path.startswith(SCRIPTED) else POLICY
        added = [*HEADERS, (b"content-security-policy", policy.encode()), (b"x-request-id", self.id.encode())]
        if self.secure:
            added.append((b"strict-transport-security", b"max-age=31536000"))
        if self.path.startswith(PRIVATE):
            added.append((b"cache-control", b"no-store"))
        return [(name, value) for name, value in added if name not in present]


def _shape(path: str) -> str:
    """The path without the secrets and names that may stand in it."""
    first, *rest = path.strip("/").split("/")
    if first in ("i", "u", "sign-in") and rest:
        return f"/{first}/…"
    return path if len(path) < 120 else path[:119] + "…"
