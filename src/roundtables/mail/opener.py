"""
The process that opens mail: python -m roundtables.mail.opener, spoken to by reading_room.py over its standard streams.

It has no database, no settings and no secrets; it may use so much memory and, for one mail, so much time of the
processor, and is ended by the kernel where a mail takes more.
"""

import pickle
import resource
import signal
import struct
import sys
from typing import BinaryIO

from roundtables.errors import Unreadable

from .opening import Opened, Sealed, open_mail

LENGTH = struct.Struct("!I")
SECONDS = 1.0  # of the processor, for one mail
BRIEF = 0.2  # the same for one of several
ROOM = 128 * 1024 * 1024  # bytes beyond what an idle opener holds
WARM_UP = Sealed(b"From: a@example.org\r\nSubject: Yes\r\n\r\nYes, I will come.\r\n")


def main() -> None:
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    for ours in (signal.SIGINT, signal.SIGTERM):  # the end of the service is told by the end of our input
        signal.signal(ours, signal.SIG_IGN)
    open_mail(WARM_UP)
    _bound_memory()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold somebody's mail
    while (request := receive(source)) is not None:
        mails: list[Sealed] = pickle.loads(request)  # noqa: S301 our own words, through a pipe only we hold
        send(sink, pickle.dumps([_answer(mail, BRIEF if mails[1:] else SECONDS) for mail in mails]))


def _answer(sealed: Sealed, seconds: float) -> Opened | Unreadable | str:
    """The mail opened, why it cannot be read, or the name of our own mistake."""
    signal.setitimer(signal.ITIMER_PROF, seconds)  # unhandled: its signal ends the process, whatever runs
    try:
        return open_mail(sealed)
    except Unreadable as error:
        return error
    except MemoryError:
        return Unreadable("reading it would take more memory than a mail may")
    except Exception as error:
        return type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def send(sink: BinaryIO, words: bytes) -> None:
    sink.write(LENGTH.pack(len(words)) + words)
    sink.flush()


def receive(source: BinaryIO) -> bytes | None:
    """The next message, None when the other side has gone."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    words = source.read(length)
    return words if len(words) == length else None


def _bound_memory() -> None:
    with open("/proc/self/statm", encoding="ascii") as statm:
        pages = int(statm.read().split()[0])
    most = pages * resource.getpagesize() + ROOM
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main()
