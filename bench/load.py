"""Asks for pages over kept-open connections: by wrk where it is installed, else by a small client of our own."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Sequence
from time import perf_counter

CONNECTIONS = 16


def pages_per_second(url: str, *, seconds: float) -> float:
    """GET `url` again and again. The client shares the machine with the server, so both figures stand for less."""
    if shutil.which("wrk"):
        words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", url]
        out = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        return float(re.findall(r"Requests/sec:\s+([\d.]+)", out)[0])
    host, _, path = url.removeprefix("http://").partition("/")
    request = f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    return asyncio.run(_for(host, request, seconds))


def each_once(host: str, requests: Sequence[bytes]) -> float:
    """Requests per second, each sent once over `CONNECTIONS` connections."""

    async def go() -> float:
        begun = perf_counter()
        await asyncio.gather(*(_send(host, requests[n::CONNECTIONS]) for n in range(CONNECTIONS)))
        return len(requests) / (perf_counter() - begun)

    return asyncio.run(go())


async def _for(host: str, request: bytes, seconds: float) -> float:
    done, until = 0, perf_counter() + seconds

    async def one() -> None:
        nonlocal done
        reader, writer = await _connect(host)
        while perf_counter() < until:
            await _answer(reader, writer, request)
            done += 1
        writer.close()

    begun = perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return done / (perf_counter() - begun)


async def _send(host: str, requests: Sequence[bytes]) -> None:
    reader, writer = await _connect(host)
    for request in requests:
        await _answer(reader, writer, request)
    writer.close()


async def _connect(host: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    name, _, port = host.partition(":")
    return await asyncio.open_connection(name, int(port))


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    assert status < 400, (status, head)
    length = re.search(rb"content-length: (\d+)", head)
    if length:
        await reader.readexactly(int(length[1]))
