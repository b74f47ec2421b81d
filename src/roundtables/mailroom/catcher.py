"""A mail server that delivers nothing: each letter it takes is a file, written durably before it says 250."""

import itertools
import logging
import os
import time
from asyncio import Server
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session

from roundtables.mail.message import MAX_BYTES

log = logging.getLogger("roundtables.mailroom")
MOST_LETTERS = 1000


class Catcher:
    """Listens on this machine alone; `start` answers the port the system chose."""

    def __init__(self, folder: Path, *, most: int = MOST_LETTERS) -> None:
        """`folder` keeps the newest `most` letters; it is made if it is missing."""
        self.folder, self.most = folder, most
        self._number = itertools.count()
        self._listener: _OnAnyPort | None = None

    def start(self) -> int:
        """Opens the listener. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob("*.part"):
            left.unlink(missing_ok=True)
        self._listener = _OnAnyPort(self, hostname="127.0.0.1", port=0, data_size_limit=MAX_BYTES)
        self._listener.start()
        return self._listener.port

    def stop(self) -> None:
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook; 250 only once the letter is on disk."""
        raw = envelope.original_content or b""
        try:
            self.keep(raw)
        except OSError as error:
            log.error("a letter could not be kept: %s", type(error).__name__)
            return "451 4.3.0 Not kept, try again later"
        return "250 2.0.0 Kept in the mail room"

    def keep(self, raw: bytes) -> Path:
        """Writes one letter durably: a name that sorts by arrival, first the bytes, then the name, then the folder."""
        name = f"{time.time_ns():020d}-{next(self._number):06d}.eml"
        part = self.folder / f"{name}.part"
        with open(part, "xb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self.folder / name)
        _sync_folder(self.folder)
        self._forget_oldest()
        return self.folder / name

    def _forget_oldest(self) -> None:
        for letter in sorted(self.folder.glob("*.eml"))[: -self.most]:
            letter.unlink(missing_ok=True)


class _OnAnyPort(Controller):
    """aiosmtpd opens port 0 but then looks for itself there; the real port is known once the socket is."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd has no types


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
