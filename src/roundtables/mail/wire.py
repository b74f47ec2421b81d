"""
A connection that waits no longer, and takes in no more, than it was told to: whatever the other side does.

Every wait is in slices, so that `stopping` ends it within one.
"""

import errno
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from roundtables.errors import TryLater

T = TypeVar("T")
SLICE = 0.2  # seconds
LONGEST_LINE = 2 * 1024 * 1024  # the UIDs of a quarter of a million mails
MOST_LINES = 10_000
# A peer that is gone without a word is noticed within a minute, also while we only listen: first after 30 s, then
# every 10 s, three times.
KEEP_ALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
UNDER_WAY = (errno.EAGAIN, errno.EINPROGRESS, errno.EALREADY)


class Wire:
    """`silence`: seconds the other side may say nothing. Raises OSError, and TryLater past any limit."""

    def __init__(self, host: str, port: int, *, silence: float, stopping: threading.Event) -> None:
        self._silence, self._stopping = silence, stopping
        self._held = bytearray()
        self.allow(seconds=silence, size=LONGEST_LINE)
        self._socket = self._connected(host, port)

    def allow(self, *, seconds: float, size: int) -> None:
        """From now on: `seconds` and `size` bytes, for all that is read until it is allowed anew."""
        self._until, self._room, self._lines = time.monotonic() + seconds, size, MOST_LINES

    def secure(self, host: str) -> None:
        """TLS from here on. What came before it is nobody's word, so there must be none (RFC 9051 §11.1)."""
        if self._held:
            raise TryLater("the mail server spoke on before the encryption began")
        context = ssl.create_default_context()
        self._socket = context.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
        self._patiently(self._socket.do_handshake)

    def send(self, data: bytes) -> None:
        self._socket.settimeout(self._silence)
        self._socket.sendall(data)
        self._socket.settimeout(SLICE)

    def readline(self) -> bytes:
        """One line with its end."""
        looked_at = 0
        while (end := self._held.find(b"\n", looked_at)) < 0:
            looked_at = len(self._held)
            if looked_at > LONGEST_LINE:
                raise TryLater("the mail server sends a line without end")
            self._fill()
        self._lines -= 1
        if self._lines < 0:
            raise TryLater("the mail server talks without end")
        return self._cut(end + 1)

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes; refused before the first of them is waited for if there is no room."""
        if size > self._room + len(self._held):
            raise TryLater("the mail server announces more than was asked for")
        while len(self._held) < size:
            self._fill()
        return self._cut(size)

    def line_within(self, seconds: float) -> bytes | None:
        """The next line, None if there is none in time: then silence is no fault."""
        until = time.monotonic() + seconds
        while b"\n" not in self._held:
            if time.monotonic() >= until:
                return None
            self._go_on()
            try:
                self._receive()
            except TimeoutError:
                continue
        return self.readline()

    def close(self) -> None:
        self._socket.close()

    def _cut(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def _fill(self) -> None:
        if time.monotonic() > self._until:
            raise TryLater("the mail server takes too long")
        self._patiently(self._receive)

    def _receive(self) -> None:
        some = self._socket.recv(64 * 1024)
        if not some:
            raise TryLater("the mail server hung up")
        self._held += some
        self._room -= len(some)
        if self._room < 0:
            raise TryLater("the mail server sends more than was asked for")

    def _patiently(self, attempt: Callable[[], T]) -> T:
        """Repeats what a time-out interrupts, until it is done or the silence has lasted too long."""
        until = min(time.monotonic() + self._silence, self._until)
        while True:
            self._go_on()
            try:
                return attempt()
            except TimeoutError:
                if time.monotonic() > until:
                    raise TryLater("the mail server says nothing") from None

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise TryLater("we are stopping")

    def _connected(self, host: str, port: int) -> socket.socket:
        failure = OSError(errno.EADDRNOTAVAIL, "the host has no address")
        for family, kind, protocol, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            sock = socket.socket(family, kind, protocol)
            try:
                self._reach(sock, where)
                return sock
            except OSError as error:
                failure = error
                sock.close()
            except BaseException:
                sock.close()
                raise
        raise failure

    def _reach(self, sock: socket.socket, where: tuple[object, ...]) -> None:
        sock.settimeout(SLICE)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in KEEP_ALIVE.items():
            if (option := getattr(socket, name, None)) is not None:  # not everywhere
                sock.setsockopt(socket.IPPROTO_TCP, option, value)
        until = time.monotonic() + self._silence
        while (code := sock.connect_ex(where)) in UNDER_WAY:
            self._go_on()
            if time.monotonic() > until:
                raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            time.sleep(SLICE / 10)
        if code not in (0, errno.EISCONN):
            raise OSError(code, os.strerror(code))
