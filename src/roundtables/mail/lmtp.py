"""
The LMTP door: a listener for the mail server in front. Its 250 says that the mail is kept, recipient by recipient.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from roundtables.errors import TryLater
from roundtables.mail.message import MAX_BYTES
from roundtables.mail.stationery import token_in
from roundtables.mail.together import Brought, Keep, Together

log = logging.getLogger("roundtables.lmtp")

Listening = Callable[[str, tuple[str, int]], None]
MOST_RECIPIENTS = 100
LONGEST_LINE = 64 * 1024
LATER = "451 4.3.0 Not kept, try again later"
AFTER_DATA = ("552 Error: Too much", "500 Line too long")  # aiosmtpd's own, said once after the final dot


class Door:
    """aiosmtpd's hooks: whose mail is taken, and what is answered."""

    def __init__(self, keep: Keep, *addresses: str) -> None:
        """Takes mail for these addresses, with or without a token behind a plus or where else it may stand."""
        self.together = Together(keep)
        self.mailboxes = {address.lower() for address in addresses if address}

    async def handle_RCPT(
        self, server: LMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if all(token_in(address, mailbox) is None for mailbox in self.mailboxes):
            return "550 5.1.1 No such mailbox here"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: LMTP, session: Session, envelope: Envelope) -> str:
        """One answer per recipient, in their order (RFC 2033 §4.2)."""
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        sender = "" if envelope.mail_from in (None, "<>") else envelope.mail_from
        mails = [Brought(raw, sender, recipient) for recipient in envelope.rcpt_tos]
        return "\r\n".join(await asyncio.gather(*map(self._take, mails)))

    async def _take(self, brought: Brought) -> str:
        try:
            await self.together.take(brought)
        except TryLater:
            return LATER
        except Exception:  # whatever it was, the mail is not kept, and a 5xx would lose it for good
            log.exception("a mail could not be kept")
            return LATER
        return "250 2.0.0 Kept"


class Listener(LMTP):
    """aiosmtpd's LMTP, but patient with long lines, and with an answer for each recipient whatever happens."""

    line_length_limit = LONGEST_LINE

    async def push(self, status: Any) -> None:
        envelope = self.envelope
        if str(status).startswith(AFTER_DATA) and envelope is not None:  # RFC 2033 §4.2
            status = "\r\n".join([status] * len(envelope.rcpt_tos))
        await super().push(status)


async def listen(address: tuple[str, int], keep: Keep, *addresses: str) -> asyncio.Server:
    """Opens the listener for mail to `addresses`; its real port stands in the server's sockets. Raises OSError."""
    door = Door(keep, *addresses)
    return await asyncio.get_running_loop().create_server(lambda: _session(door), *address)


def _session(door: Door) -> Any:
    return Listener(door, data_size_limit=MAX_BYTES, hostname=socket.gethostname(), ident="Roundtables", timeout=60)
