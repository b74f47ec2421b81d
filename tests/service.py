"""The real command line in processes of its own, with a data folder and settings of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from roundtables.convener import actions as conveners
from roundtables.convener.model import Role
from roundtables.db import Db, migrate, now

PROGRAM = str(Path(sys.executable).with_name("roundtables"))
FARAH = "farah@larkmoor.example"
LONGEST_START = 60  # seconds; a busy machine with two cores


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Nothing of ours comes in from outside but what `settings` names: smtp_url="…" is ROUNDTABLES_SMTP_URL."""
    plain = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder), "PYTHONWARNINGS": "error"}
    told = {"data_dir": str(folder / "var"), **settings}
    return plain | {f"ROUNDTABLES_{name.upper()}": value for name, value in told.items()}


def run(folder: Path, *words: str, stdin: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Runs one command in `folder` to its end."""
    return subprocess.run(
        [PROGRAM, *words],
        cwd=folder,
        env=environment(folder, **settings),
        input=stdin,
        capture_output=True,
        timeout=LONGEST_START,
    )


def told(folder: Path, *words: str, stdin: bytes = b"", **settings: str) -> Any:
    """What a command prints with --json, once it has exited with 0."""
    done = run(folder, *words, "--json", stdin=stdin, **settings)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def founded(folder: Path, **settings: str) -> str:
    """
    An API token of the Larkmoor Trust's organiser, on a database made for it. What `setup` and `token` do, without
    the seconds it takes to start them; test_command_line.py starts them.
    """
    (folder / "var").mkdir(exist_ok=True)
    url = settings.get("database_url", f"sqlite:///{folder / 'var' / 'roundtables.sqlite3'}")
    migrate(url)
    db = Db(url)
    with db.write() as session:
        convener = conveners.found_convener(session, "Larkmoor Trust", now=now())
        conveners.appoint(session, convener, FARAH, role=Role.OWNER, name="Farah Lindqvist", now=now())
        token = conveners.api_token(session, FARAH, convener.slug, now=now())
    db.close()
    return token


@dataclass
class Service:
    """A running `serve` or `work`: its process and where it listens, by kind ("http", "lmtp")."""

    process: subprocess.Popen[str]
    listening: dict[str, str]
    log: Path

    @property
    def url(self) -> str:
        return f"http://{self.listening['http']}"

    @property
    def lmtp_port(self) -> int:
        return int(self.listening["lmtp"].rpartition(":")[2])

    def api(self, token: str) -> httpx.Client:
        """A client of the REST API; its addresses are below /api/v1."""
        headers = {"authorization": f"Bearer {token}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30, trust_env=False)

    def stop(self, seconds: float = 20) -> int:
        """Ends it by SIGTERM and answers its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def running(folder: Path, *words: str, **settings: str) -> Iterator[Service]:
    """`roundtables` with `words` ("serve", "--port", "0"), until the block ends; fails with its log if it cannot."""
    log = folder / f"{words[0]}-{time.monotonic_ns()}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [PROGRAM, *words],
            cwd=folder,
            env=environment(folder, **settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        expected = (words[0] == "serve") + (
            "lmtp_listen" in settings and "--no-background" not in words
        )  # lines it prints, one at least
        yield Service(process, _listening(process, max(1, expected), log), log)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _listening(process: subprocess.Popen[str], lines: int, log: Path) -> dict[str, str]:
    found = {}
    assert process.stdout is not None
    for _ in range(lines):
        line = process.stdout.readline()
        if not line:
            raise AssertionError(f"it ended with {process.wait()}: {log.read_text()[-3000:]}")
        said = json.loads(line)
        found[said.get("listening", "working")] = said.get("address", "")
    return found


def wait_until(what: Any, *, seconds: float = 20, why: str = "it") -> Any:
    """The first true answer of `what()`; fails when there is none in time."""
    until = time.monotonic() + seconds
    while True:
        if answer := what():
            return answer
        if time.monotonic() > until:
            raise AssertionError(f"{why} did not come about in {seconds} s")
        time.sleep(0.05)
