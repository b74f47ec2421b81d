"""The smallest thing Litestar can answer, in one uvicorn process: prints its address, runs until it is ended."""

import asyncio
import socket

import uvicorn
import uvloop
from litestar import Litestar, get


@get("/", sync_to_thread=False)
def hello() -> str:
    return "hello"


async def main() -> None:
    sock = socket.socket(proto=socket.IPPROTO_TCP)
    sock.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            Litestar([hello], logging_config=None), log_config=None, log_level="error", access_log=False, lifespan="off"
        )
    )
    task = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started:
        await asyncio.sleep(0.01)
    print(f"127.0.0.1:{sock.getsockname()[1]}", flush=True)
    await task


if __name__ == "__main__":
    uvloop.run(main())
