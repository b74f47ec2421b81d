"""
The standard library's IMAP client on a wire of ours (wire.py), which bounds every literal, line and wait.

TryLater: the connection is of no use any more. Refusal: the server said no to this one thing.
"""

import contextlib
import imaplib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from roundtables.errors import Refusal, TryLater
from roundtables.mail.mailbox_address import MailboxAddress
from roundtables.mail.wire import LONGEST_LINE, Wire

AN_ANSWER: Final = 2 * LONGEST_LINE


@dataclass(frozen=True, slots=True)
class Times:
    """All in seconds. `silence` is the longest wait for a byte, `command` and `body` for all of an answer."""

    silence: float = 20
    command: float = 40
    body: float = 300
    idle: float = 9 * 60  # well below the 30 minutes of RFC 2177, and below what firewalls forget
    poll: float = 60
    rest: float = 1  # after a fault; doubles with each
    longest_rest: float = 45
    false_alarm: float = 1


class Client(imaplib.IMAP4):
    """Greets the server in its constructor; `enter` makes one that is logged in."""

    def __init__(self, wire: Wire, times: Times) -> None:
        self.wire, self.times = wire, times
        try:
            super().__init__()
        except self.abort:
            raise
        except self.error:
            raise TryLater("no mail server with IMAP answers there, or it sends us away") from None

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """The wire is open already."""

    def read(self, size: int) -> bytes:
        return self.wire.read(size)

    def readline(self) -> bytes:
        return self.wire.readline()

    def send(self, data: Any) -> None:
        self.wire.send(bytes(data))

    def shutdown(self) -> None:
        self.wire.close()

    @contextlib.contextmanager
    def answer(self, seconds: float | None = None, size: int = AN_ANSWER) -> Iterator[None]:
        """For one answer: what it may take, and its faults in our words."""
        self.wire.allow(seconds=seconds or self.times.command, size=size)
        self.untagged_responses.clear()  # the library would keep them for ever
        with _in_plain_words():
            yield

    def can(self) -> frozenset[str]:
        """What the server says it can, asked anew."""
        with self.answer():
            _, told = self.capability()
        return frozenset(b" ".join(line for line in told if line).decode("ascii", "replace").upper().split())


def enter(address: MailboxAddress, times: Times, stopping: threading.Event) -> Client:
    """A client that is connected and logged in."""
    with _in_plain_words():
        wire = Wire(address.host, address.port, silence=times.silence, stopping=stopping)
        try:
            wire.allow(seconds=times.command, size=AN_ANSWER)
            if address.scheme == "imaps":
                wire.secure(address.host)
            client = Client(wire, times)
            if address.scheme == "imap+starttls":
                _start_tls(client, address.host)
            if client.state != "AUTH":  # PREAUTH: we are in already
                _log_in(client, address)
        except BaseException:
            wire.close()
            raise
    return client


def _start_tls(client: Client, host: str) -> None:
    with client.answer():
        answer, _ = client.xatom("STARTTLS")
        if answer != "OK":
            raise Refusal("the mail server does not offer STARTTLS")
        client.wire.secure(host)


def _log_in(client: Client, address: MailboxAddress) -> None:
    can, user, secret = client.can(), address.user, _secret(address)
    with client.answer():
        try:
            if address.oauth:
                client.authenticate("XOAUTH2", _once(f"user={user}\x01auth=Bearer {secret}\x01\x01"))
            elif "AUTH=PLAIN" in can:
                client.authenticate("PLAIN", _once(f"\0{user}\0{secret}"))  # RFC 4616 §2
            elif "LOGINDISABLED" in can:
                raise Refusal("the mail server takes no password without encryption; use imaps:// or imap+starttls://")
            else:
                client.login(user, secret)
        except client.abort:
            raise
        except client.error:  # its words may name the user
            raise Refusal("the mail server refuses the login; check user and password") from None


def _secret(address: MailboxAddress) -> str:
    """A token is read at each connection, for somebody else renews it."""
    if not address.token_file:
        return address.password
    try:
        return Path(address.token_file).read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise Refusal(f"the token_file cannot be read ({type(error).__name__})") from None


def _once(words: str) -> Callable[[bytes], bytes]:
    """Says `words` when first asked, and nothing to what a server adds: with XOAUTH2, why it refuses."""
    saying = iter([words.encode()])
    return lambda _: next(saying, b"")


@contextlib.contextmanager
def _in_plain_words() -> Iterator[None]:
    """The server's own words stay out of ours: they may name somebody."""
    try:
        yield
    except imaplib.IMAP4.abort as error:
        raise TryLater("the mail server broke off") from error
    except imaplib.IMAP4.error as error:
        raise Refusal("the mail server does not take what we say") from error
    except ssl.SSLCertVerificationError as error:
        raise TryLater(f"the mail server's certificate is not trusted: {error.verify_message}") from error
    except OSError as error:
        raise TryLater(error.strerror or type(error).__name__) from error
    except ValueError as error:
        raise TryLater("the mail server answers in no form we know") from error
