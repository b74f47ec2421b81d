"""
Mail servers for tests, on real sockets of this machine.

`ScriptedServer` says at each step what a script tells it to, hangs up, breaks the line, says nothing or nonsense.
`Sink` is aiosmtpd and takes everything.
"""

import asyncio
import contextlib
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP

HANG_UP, RESET, SILENCE, GARBAGE = "hang up", "reset", "silence", "garbage"
Script = Callable[[str, str], str | None]  # stage and address -> what to say, None for the usual


@dataclass(frozen=True, slots=True)
class Taken:
    """One letter a server took."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    connection: int
    at: float


class ScriptedServer(socketserver.ThreadingTCPServer):
    """Stages: connect, ehlo, mail, rcpt, data, dot. An answer of 421 is the last one on its connection."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.script, self.connections, self.taken = script, 0, list[Taken]()
        self.takes_before_it_hangs_up = False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    @property
    def recipients(self) -> list[str]:
        return [r for letter in self.taken for r in letter.recipients]


class _Talk(socketserver.StreamRequestHandler):
    server: ScriptedServer
    rcpt: str

    def handle(self) -> None:
        self.server.connections += 1
        self.number, self.sender, self.rcpt, self.to = self.server.connections, "", "", list[str]()
        if not self.say("connect", "220 ready"):
            return
        for line in self.rfile:
            if not self.follow(line.decode().strip()):
                return

    def follow(self, line: str) -> bool:
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO" | "HELO":
                return self.say("ehlo", "250 hello")
            case "MAIL":
                self.sender, self.to = _address(rest), []
                return self.say("mail", "250 ok")
            case "RCPT":
                self.rcpt = _address(rest)
                answer = self.server.script("rcpt", self.rcpt)
                self.to += [self.rcpt] * (answer is None)
                return self.put(answer or "250 ok")
            case "DATA":
                return self.data()
            case "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return False
        self.wfile.write(b"250 ok\r\n")
        return True

    def data(self) -> bool:
        self.rcpt = self.to[0] if self.to else self.rcpt
        refusal = self.server.script("data", self.rcpt)
        if refusal is not None:
            return self.put(refusal)
        self.put("354 go on")
        raw = b""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            raw += line.removeprefix(b".") if line.startswith(b".") else line
        answer = self.server.script("dot", self.rcpt)
        if answer is None or (answer == HANG_UP and self.server.takes_before_it_hangs_up):
            self.server.taken.append(Taken(self.sender, tuple(self.to), raw, self.number, time.monotonic()))
        return self.put(answer or "250 taken")

    def say(self, stage: str, usual: str) -> bool:
        return self.put(self.server.script(stage, self.rcpt) or usual)

    def put(self, answer: str) -> bool:
        """Whether the connection goes on."""
        if answer == RESET:  # closed with nothing lingering, a socket sends RST
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if answer == SILENCE:
            with contextlib.suppress(OSError):
                self.rfile.read()
        if answer in (HANG_UP, RESET, SILENCE):
            return False
        self.wfile.write(answer.encode() + b"\r\n")
        return not answer.startswith("421")


@contextmanager
def scripted(script: Script = lambda stage, address: None) -> Iterator[ScriptedServer]:
    with ScriptedServer(script) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


@dataclass
class Sink:
    """Takes every letter, after `delay` seconds; `taken` grows from the server's own thread."""

    delay: float = 0.0
    port: int = 0
    connections: int = 0
    taken: list[Taken] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        letter = Taken(
            envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content, self.connections, time.monotonic()
        )
        self.taken.append(letter)
        await asyncio.sleep(self.delay)
        return "250 taken"

    def to(self, address: str) -> list[Taken]:
        return [letter for letter in list(self.taken) if address in letter.recipients]

    def wait_for(self, address: str, number: int = 1, *, seconds: float = 20) -> Taken:
        """The `number`th letter to `address`; fails when it has not come in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if len(found := self.to(address)) >= number:
                return found[number - 1]
            time.sleep(0.02)
        raise AssertionError(f"letter {number} to {address} has not come; {len(self.taken)} others have")


@contextmanager
def sink(*, delay: float = 0.0) -> Iterator[Sink]:
    """A running Sink, on a free port."""
    one, sessions = Sink(delay=delay), list[SMTP]()
    loop, ready = asyncio.new_event_loop(), threading.Event()

    def connection() -> SMTP:
        one.connections += 1
        sessions.append(SMTP(one, hostname="sink.example", loop=loop))
        return sessions[-1]

    async def serve() -> None:
        server = await loop.create_server(connection, "127.0.0.1", 0, backlog=200)
        one.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stopping.wait()
        server.close()
        for session in sessions:
            if session.transport is not None:
                session.transport.close()
        await asyncio.sleep(0.01)  # a closed transport lets go of its socket in the next round

    stopping = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield one
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
