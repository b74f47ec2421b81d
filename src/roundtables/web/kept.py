"""
Public pages kept ready: rendered once, then answered ahead of the framework until the database changes.

What may be kept says so itself, by `Cache-Control: public` and an ETag. A page is shown for SECONDS at most, since
time alone changes some of them; nothing is shown while the database does not answer.
"""

import asyncio
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from roundtables.web.shell import PRIVATE, App, Message, Receive, Scope, Send

SECONDS = 5.0
MOST_PAGES, LARGEST = 2000, 1_000_000

Key = tuple[str, bytes]
State = Callable[[], Hashable | None]


@dataclass(frozen=True, slots=True)
class Page:
    """A whole answer; `state` is the database's when it was asked for."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    etag: bytes
    state: Hashable
    made: float  # by the clock that pages are dated by


@dataclass(slots=True)
class Answer:
    """What the framework says, caught on its way out."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    whole: bool = False

    def note(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            self.whole = not message.get("more_body", False)


class Shelf:
    """The pages of one process, and what else it knows of addresses."""

    def __init__(self, state: State, seconds: float) -> None:
        self.state, self.seconds = state, seconds
        self.pages: dict[Key, Page] = {}
        self.never: set[Key] = set()  # asked for, and not to be kept
        self.rendering: dict[Key, asyncio.Lock] = {}

    def find(self, key: Key, now: Hashable | None) -> Page | None:
        page = self.pages.get(key)
        fresh = page is not None and now is not None and page.state == now
        return page if fresh and page and 0 <= time.time() - page.made < self.seconds else None

    def put(self, key: Key, answer: Answer, state: Hashable | None) -> None:
        page = _page(answer, state)
        if len(self.pages) + len(self.never) >= MOST_PAGES:
            self.pages.clear()
            self.never.clear()
        if page is None:
            self.pages.pop(key, None)
            self.never.add(key)
        else:
            self.never.discard(key)
            self.pages[key] = page


def kept(app: App, state: State, *, seconds: float = SECONDS) -> App:
    """Wraps the framework. `state` changes whenever the database does, and is None while it does not answer."""
    shelf = Shelf(state, seconds)

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        key = (scope["path"], scope.get("query_string", b"")) if scope["type"] == "http" else ("", b"")
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(PRIVATE):
            await app(scope, receive, send)
        elif page := shelf.find(key, state()):
            await _show(page, scope, send)
        elif key in shelf.never:
            await _render(app, shelf, key, scope, receive, send)
        else:
            await _render_once(app, shelf, key, scope, receive, send)

    return inner


async def _render_once(app: App, shelf: Shelf, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
    """Whoever asks for a page that is being rendered waits for it, instead of rendering it too."""
    lock = shelf.rendering.setdefault(key, asyncio.Lock())
    try:
        async with lock:
            if page := shelf.find(key, shelf.state()):
                await _show(page, scope, send)
            else:
                await _render(app, shelf, key, scope, receive, send)
    finally:
        if not lock.locked():
            shelf.rendering.pop(key, None)


async def _render(app: App, shelf: Shelf, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
    answer, state = Answer(), shelf.state()

    async def pass_on(message: Message) -> None:
        answer.note(message)
        await send(message)

    await app(scope, receive, pass_on)
    shelf.put(key, answer, state)


def _page(answer: Answer, state: Hashable | None) -> Page | None:
    """What may be kept of an answer, None if nothing."""
    headers = {name.lower(): value for name, value in answer.headers}
    may = headers.get(b"cache-control", b"").startswith(b"public") and b"set-cookie" not in headers
    etag = headers.get(b"etag", b"")
    if not (may and etag and answer.whole and answer.status == 200 and len(answer.body) <= LARGEST) or state is None:
        return None
    return Page(tuple(answer.headers), answer.body, etag, state, time.time())


async def _show(page: Page, scope: Scope, send: Send) -> None:
    asked: Any = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
    known = page.etag in [one.strip().removeprefix(b"W/") for one in asked.split(b",")]
    headers = [h for h in page.headers if not known or h[0].lower() != b"content-length"]
    await send({"type": "http.response.start", "status": 304 if known else 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if known else page.body})
