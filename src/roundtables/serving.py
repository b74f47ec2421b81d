"""Runs the web service and the work beside it in one process; says on standard output where it listens."""

import asyncio
import contextlib
import json
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import uvicorn

from roundtables import acting
from roundtables.app import create_app, database, threads
from roundtables.db import Db, is_migrated
from roundtables.errors import Refusal
from roundtables.keeping import running
from roundtables.settings import Settings
from roundtables.worker import Worker

LONGEST_STOP = 10  # seconds given to requests under way


@dataclass(frozen=True, slots=True)
class Serving:
    """What to run: `web` is (host, port), None for work alone; `more` adds web handlers."""

    settings: Settings
    web: tuple[str, int] | None = None
    background: bool = True
    workers: int = 1
    more: Sequence[Any] = ()


class Server(uvicorn.Server):
    """uvicorn that leaves signals to us: what comes after `serve` must still run."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(serving: Serving) -> None:
    """Serves until SIGINT or SIGTERM. Raises Refusal if it cannot start."""
    acting.begin()  # what is done from here on is nobody's command
    sock = _bind(*serving.web) if serving.web else None
    if serving.workers > 1 and serving.settings.database.startswith("sqlite"):
        raise Refusal("Several workers need PostgreSQL; SQLite has one writer.")
    children = [_fork(serving, sock) for _ in range(serving.workers - 1)] if sock else []
    threads()
    db = database(serving.settings)
    lock = running.say_so(serving.settings)
    try:
        _refuse_unmigrated(db)
        _run(_serve(serving, db, sock))
    finally:
        if lock is not None:
            lock.close()
        for child in children:
            child.terminate()
        for child in children:
            child.join(LONGEST_STOP)
        db.close()


def _run(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(main)


def _loop() -> asyncio.AbstractEventLoop:
    """The fast one where it is installed; on others than Windows it is."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def announce(kind: str, address: tuple[Any, ...]) -> None:
    """One line per socket once it is ready, for people and programs."""
    host = f"[{address[0]}]" if ":" in str(address[0]) else address[0]
    print(json.dumps({"listening": kind, "address": f"{host}:{address[1]}"}), flush=True)


async def _serve(serving: Serving, db: Db, sock: socket.socket | None) -> None:
    stopping = _on_signal()
    worker = Worker(serving.settings, db) if serving.background else None
    lmtp = None
    if worker is not None:
        lmtp = await _listening(worker)
        worker.start()
    server, task = None, None
    try:
        if sock is not None:
            server = _server(serving, db)
            task = asyncio.create_task(server.serve(sockets=[sock]))
            while not server.started and not task.done():
                await asyncio.sleep(0.01)
            announce("http", sock.getsockname())
        if lmtp is not None:
            announce("lmtp", lmtp.sockets[0].getsockname())
        if task is None and lmtp is None:
            print(json.dumps({"working": True}), flush=True)
        await _first(stopping.wait(), task)
    finally:
        if lmtp is not None:
            lmtp.close()
        if server is not None and task is not None:
            server.should_exit = True
            await task
        if worker is not None:
            await asyncio.to_thread(worker.stop)


async def _listening(worker: Worker) -> asyncio.Server | None:
    try:
        return await worker.listen()
    except OSError as error:
        raise Refusal(f"ROUNDTABLES_LMTP_LISTEN: {worker.settings.lmtp_listen}: {error.strerror}") from error


async def _first(stop: Any, task: asyncio.Task[None] | None) -> None:
    waits = {asyncio.ensure_future(stop)} | ({task} if task else set())
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)


def _server(serving: Serving, db: Db) -> Server:
    config = uvicorn.Config(
        create_app(serving.settings, db, serving.more),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=LONGEST_STOP,
        server_header=False,
        limit_concurrency=1000,
    )
    return Server(config)


def _on_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    return stopping


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, proto=socket.IPPROTO_TCP)  # named, or asyncio leaves Nagle's delay on
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise Refusal(f"Cannot listen on {host}:{port}: {error.strerror}") from error
    sock.listen(1024)
    sock.set_inheritable(True)
    return sock


def _fork(serving: Serving, sock: socket.socket) -> Any:
    """Another web process on the same socket, without the work beside it."""
    child = multiprocessing.get_context("fork").Process(target=_child, args=(serving, sock), daemon=True)
    child.start()
    return child


def _child(serving: Serving, sock: socket.socket) -> None:
    """Serves until it is told to stop, or until the process that started it is gone."""
    threads()
    parent = os.getppid()
    db = database(serving.settings)

    async def web() -> None:
        stopping = _on_signal()
        server = _server(serving, db)
        task = asyncio.create_task(server.serve(sockets=[sock]))
        while os.getppid() == parent and not stopping.is_set() and not task.done():
            await asyncio.sleep(0.5)
        server.should_exit = True
        await task

    _run(web())
    sys.exit(0)


def _refuse_unmigrated(db: Db) -> None:
    if not is_migrated(db):
        raise Refusal("The database is not at the newest version. Run: roundtables migrate")
