"""
Public pages kept ready: rendered once, then answered ahead of the framework until the database changes.

What may be kept says so itself, by `Cache-Control: public` and an ETag. A page is shown for SECONDS at most, since
time alone changes some of them; nothing is shown while the database does not answer.
"""

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


def kept(app: App, state: State, *, seconds: float = SECONDS) -> App:
    """Wraps the framework. `state` changes whenever the database does, and is None while it does not answer."""
    pages: dict[Key, Page] = {}

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(PRIVATE):
            await app(scope, receive, send)
            return
        now, key = state(), (scope["path"], scope["query_string"])
        page = pages.get(key)
        if page is not None and now is not None and page.state == now and 0 <= time.time() - page.made < seconds:
            await _show(page, scope, send)
            return
        answer = Answer()

        async def pass_on(message: Message) -> None:
            answer.note(message)
            await send(message)

        await app(scope, receive, pass_on)
        _keep(pages, key, answer, now)

    return inner


def _keep(pages: dict[Key, Page], key: Key, answer: Answer, state: Hashable | None) -> None:
    headers = {name.lower(): value for name, value in answer.headers}
    may = headers.get(b"cache-control", b"").startswith(b"public") and b"set-cookie" not in headers
    etag = headers.get(b"etag", b"")
    if not (may and etag and answer.whole and answer.status == 200 and len(answer.body) <= LARGEST) or state is None:
        pages.pop(key, None)
        return
    if len(pages) >= MOST_PAGES:
        pages.clear()
    pages[key] = Page(tuple(answer.headers), answer.body, etag, state, time.time())


async def _show(page: Page, scope: Scope, send: Send) -> None:
    asked: Any = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
    known = page.etag in [one.strip().removeprefix(b"W/") for one in asked.split(b",")]
    headers = [h for h in page.headers if not known or h[0].lower() != b"content-length"]
    await send({"type": "http.response.start", "status": 304 if known else 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if known else page.body})
