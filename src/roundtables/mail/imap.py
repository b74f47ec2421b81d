"""
One folder of a mailbox elsewhere: what there is to ask it and to do in it.

TryLater: the connection is of no use any more. Refusal: the server said no to this one thing.
"""

import contextlib
import re
import threading
import time
from collections.abc import Sequence
from typing import Any, Final

from roundtables.errors import Refusal, TryLater
from roundtables.mail import imap_answers as answers
from roundtables.mail.imap_client import AN_ANSWER, Client, Times, enter
from roundtables.mail.mailbox_address import MailboxAddress, quoted
from roundtables.mail.message import MAX_BYTES
from roundtables.mail.wire import LONGEST_LINE

LONGEST_HEADER: Final = 64 * 1024
IDLE_TAG: Final = b"idle "  # the library's own end in a number
_VALIDITY = re.compile(rb"\[UIDVALIDITY (\d+)\]")


class Mailbox:
    """Opened by its constructor; close it after any TryLater. `validity`: whose numbers its UIDs are."""

    def __init__(self, address: MailboxAddress, *, times: Times, stopping: threading.Event) -> None:
        self._client, self._times = enter(address, times, stopping), times
        self._wire = self._client.wire
        try:
            self.validity = _selected(self._client, address.folder)
            self._can = self._client.can()  # most servers tell more to those they know
        except BaseException:
            self._wire.close()
            raise

    def close(self) -> None:
        """Says good-bye without waiting for an answer."""
        with contextlib.suppress(OSError):
            self._wire.send(b"bye LOGOUT\r\n")
        self._wire.close()

    @property
    def can_idle(self) -> bool:
        return "IDLE" in self._can

    @property
    def announced(self) -> bool:
        """Whether the last answer had news of mail beside it: what it lists may lack that mail."""
        return "EXISTS" in self._client.untagged_responses

    def search(self, after: int) -> list[int]:
        """The UIDs greater than `after`, in order. `n:*` names the last mail even if it is not (RFC 3501 §6.4.8)."""
        if after >= answers.LARGEST_NUMBER:
            return []
        return [uid for uid in answers.numbers(self._ask("SEARCH", f"UID {after + 1}:*")) if uid > after]

    def has(self, uid: int) -> bool:
        return uid in answers.numbers(self._ask("SEARCH", f"UID {uid}"))

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """UID -> bytes; those the server does not tell are left out."""
        return answers.sizes(self._ask("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)"))

    def whole(self, uid: int) -> bytes | None:
        """A mail as it is, left unseen; None if the server gives none."""
        size = MAX_BYTES + LONGEST_LINE  # some servers count a little less than they send
        told = self._ask("FETCH", str(uid), "(UID BODY.PEEK[])", seconds=self._times.body, size=size)
        return answers.content(told, uid)

    def header(self, uid: int) -> bytes | None:
        """The first 64 KB of a mail's header; None if the server gives none."""
        told = self._ask("FETCH", str(uid), f"(UID BODY.PEEK[HEADER]<0.{LONGEST_HEADER}>)")
        return answers.content(told, uid)

    def mark_seen(self, uid: int) -> None:
        self._ask("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")

    def move(self, uid: int, folder: str) -> None:
        """Moves a mail; where MOVE is missing or refused, by a copy, if one mail alone can be expunged (RFC 4315)."""
        if "MOVE" in self._can:
            with contextlib.suppress(Refusal):
                self._ask("MOVE", str(uid), quoted(folder))
                return
        if "UIDPLUS" not in self._can:
            raise Refusal("the mail server can neither move a mail nor expunge one alone")
        self._ask("COPY", str(uid), quoted(folder))
        self._ask("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
        self._ask("EXPUNGE", str(uid))

    def look_for(self, folder: str) -> None:
        """Raises Refusal if there is no such folder."""
        with self._client.answer():
            answer, _ = self._client.status(quoted(folder), "(UIDNEXT)")
        if answer != "OK":
            raise Refusal(f"the mail server has no folder {folder}")

    def wait_for_mail(self, seconds: float) -> bool:
        """Listens until the server announces mail or the time is over (RFC 2177). Answers whether it did."""
        news = False
        with self._client.answer():
            self._wire.send(IDLE_TAG + b"IDLE\r\n")
            while not (line := self._wire.readline()).startswith(b"+"):
                if line.startswith(IDLE_TAG):
                    raise Refusal("the mail server refuses IDLE")
                news |= self._hears(line)
        with self._client.answer(seconds + self._times.command):
            until = time.monotonic() + seconds
            while not news and (told := self._wire.line_within(until - time.monotonic())) is not None:
                news = self._hears(told)
        with self._client.answer():
            self._wire.send(b"DONE\r\n")
            while not (line := self._wire.readline()).startswith(IDLE_TAG):
                news |= self._hears(line)
        return news

    def _ask(self, *words: str, seconds: float | None = None, size: int = AN_ANSWER) -> list[Any]:
        """A command about UIDs and what is told. Raises Refusal if it is not answered OK."""
        with self._client.answer(seconds, size):
            answer, told = self._client.uid(*words)
        for validity in self._client.untagged_responses.get("UIDVALIDITY", ()):
            self._check(validity)
        if answer != "OK":
            raise Refusal(f"the mail server says no to {words[0]}")
        return list(told)

    def _hears(self, line: bytes) -> bool:
        """Whether a line that came while we listen is news of mail."""
        if line.upper().startswith(b"* BYE"):
            raise TryLater("the mail server says good-bye")
        if found := _VALIDITY.search(line):
            self._check(found[1])
        return answers.is_news(line)

    def _check(self, validity: Any) -> None:
        if answers.number(validity) != self.validity:
            raise TryLater("the mail server has numbered its mail anew")


def look_into(address: MailboxAddress) -> None:
    """Connects, logs in and opens the folder once, then leaves. Raises TryLater or Refusal with the reason."""
    mailbox = Mailbox(address, times=Times(silence=5, command=10), stopping=threading.Event())
    try:
        if address.move:
            mailbox.look_for(address.move)
    finally:
        mailbox.close()


def _selected(client: Client, folder: str) -> int:
    """Opens the folder and answers its UIDVALIDITY."""
    with client.answer():
        try:
            answer, _ = client.select(quoted(folder))
        except client.readonly:  # then nothing can be marked, but all of it can be read
            answer, _ = client.select(quoted(folder), readonly=True)
        _, told = client.response("UIDVALIDITY")
    if answer != "OK":
        raise Refusal(f"the mail server does not open the folder {folder}")
    if not told or not told[-1]:
        raise Refusal("the mail server does not number its mail (no UIDVALIDITY)")
    return answers.number(bytes(told[-1]))
