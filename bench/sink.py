"""A mail server that takes everything and keeps nothing: prints its port, runs until it is ended."""

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP


class Takes:
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        return "250 taken"


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Takes(), hostname="sink"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
