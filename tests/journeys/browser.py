"""
Chromium as people use it, and the demo that it looks at: the real command, in a process of its own.

The demo ends by SIGTERM, and must end well.
"""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.journeys.mails import absent
from tests.service import PROGRAM, environment

CHROMIUM = Path("/usr/bin/chromium")
QUIETLY = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "iframes": False,
}
PHONE, DESKTOP = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
LONGEST_START, LONGEST_STEP = 60, 20  # seconds, on a busy machine

expect.set_options(timeout=LONGEST_STEP * 1000)


@dataclass(frozen=True)
class Demo:
    """A running demo and the browser that looks at it; `signed_in` is the organiser's cookie jar."""

    url: str
    browser: Browser
    signed_in: Any = None

    @contextmanager
    def page(self, *, script: bool = False, **more: Any) -> Iterator[Page]:
        """A page of somebody who is nobody yet, or with storage_state=demo.signed_in of the organiser."""
        context = self.browser.new_context(
            base_url=self.url, java_script_enabled=script, **{"viewport": DESKTOP, **more}
        )
        context.set_default_timeout(LONGEST_STEP * 1000)
        try:
            yield context.new_page()
        finally:
            context.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Skips where there is no Chromium; with CI=true that is a failure."""
    if not CHROMIUM.exists():
        absent(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """The address of `roundtables demo` on a free port, until the block ends; SIGTERM must end it well."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "demo.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [PROGRAM, "demo", "--port", str(port)], cwd=folder, env=environment(folder), stdout=written, stderr=written
        )
    try:
        _answers(f"http://127.0.0.1:{port}/", process, log)
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        assert process.wait(20) == 0, log.read_text()[-3000:]
    finally:
        process.kill()
        process.wait()


def _answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the demo did not start: {log.read_text()[-3000:]}")


def barriers(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA on the page as it stands: the rule and the first place."""
    found = Axe().run(page, options=WCAG).response["violations"]
    return [f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:160]}" for one in found]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


def complaints(page: Page) -> list[str]:
    """What the page's console says, from now on: errors, warnings, the content security policy's among them."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def look_at(page: Page, address: str) -> list[str]:
    """What is wrong with the page at `address`, on a desk and on a phone."""
    answer = page.goto(address)
    wrong = [] if answer and answer.ok else [f"status {answer and answer.status}"]
    wrong += barriers(page)
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        wrong += [f"{sideways(page)} px too wide at {size['width']}"] * (sideways(page) > 0)
    return wrong


def links(page: Page, here: str) -> list[str]:
    found = page.locator("a[href]:not([download])").evaluate_all(
        "all => all.map(a => new URL(a.getAttribute('href'), location).href)"
    )
    return [one.removeprefix(here).partition("#")[0] for one in found if one.startswith(f"{here}/")]


def is_page(address: str) -> bool:
    """Not a file, and not a link that signs in."""
    return not re.search(r"\.\w+$|/raw$|^/sign-in/", address.partition("?")[0])


def kind_of(address: str) -> str:
    """Addresses that one template answers are of one kind."""
    path = re.sub(r"/\d[\d-]*", "/N", address.partition("?")[0])
    return re.sub(r"^/(posts|discussions|reports|topics|conveners|i)/.+", r"/\1/NAME", path)
