"""
What goes on beside the web: the sender, the reader of mail, the chores. A composition root; run as many as wanted.
"""

import asyncio
import fcntl
import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import IO

from roundtables.attendance.actions import forget_needs
from roundtables.db import Db, now
from roundtables.invitation import intake, nudging
from roundtables.keeping import holding, retaining, rules, sealing
from roundtables.mail import lmtp, mailbox_address, postman, reading_room
from roundtables.mail.inbox import Delivery, Door
from roundtables.mail.mailbox_reading import Reader
from roundtables.mail.together import Brought
from roundtables.person import kept_files
from roundtables.post.actions import publish_due
from roundtables.settings import Settings, split_address

log = logging.getLogger("roundtables.worker")
PAUSE = 1.0  # seconds between looks, if nobody wakes us
CHORES_EVERY = 30.0


class Worker:
    """Threads that send, read and tidy until `stop`."""

    def __init__(self, settings: Settings, db: Db) -> None:
        self.settings, self.db = settings, db
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._only_sender: IO[str] | None = None
        self._has_taken_over = False
        self._tidied_on: date | None = None
        self._mailbox: Reader | None = None
        self._reader = intake.Reader(db, settings.trusted_authserv_id or None)

    def start(self) -> None:
        loops: list[tuple[str, Callable[[], bool], Callable[[], object]]] = [
            ("opener", self._reader.open_some, self._until_something_is_written),
            ("reader", self._settle, lambda: self._reader.wait(PAUSE)),
            ("chores", self._chores, lambda: self._stopping.wait(CHORES_EVERY)),
        ]
        if self.settings.smtp_url:
            self._connection = postman.Connection(self.settings.smtp_url, self.settings.archive_address)
            loops.append(("sender", self._send, self._until_something_is_written))
        if self.settings.imap_url:
            address = mailbox_address.parse(self.settings.imap_url)
            self._mailbox = Reader(address, self.db, self._keep_from_mailbox, stopping=self._stopping)
            loops.append(("mailbox", self._mailbox.step, self._mailbox.pause))
        for name, step, pause in loops:
            thread = threading.Thread(target=self._go_on, args=(step, pause), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        self._stopping.set()
        with self.db.changed:
            self.db.changed.notify_all()
        for thread in self._threads:
            thread.join(10)
        if self._mailbox is not None:
            self._mailbox.close()
        reading_room.ours().close()
        if self._only_sender is not None:
            self._only_sender.close()

    async def listen(self) -> asyncio.Server | None:
        """The LMTP door, if one is set."""
        if not self.settings.lmtp_listen:
            return None
        address = split_address(self.settings.lmtp_listen)
        return await lmtp.listen(address, self._keep, self.settings.reply_address, self.settings.archive_address)

    def _keep(self, mails: Sequence[Brought]) -> None:
        at = now()
        intake.keep_all(self.db, [Delivery(m.raw, Door.LMTP, at, m.sender, (m.recipient,)) for m in mails])

    def _keep_from_mailbox(self, raw: bytes) -> None:
        intake.keep(self.db, raw, door=Door.IMAP, now=now(), envelope_from=None, envelope_to=[])

    def _go_on(self, step: Callable[[], bool], pause: Callable[[], object]) -> None:
        """Repeats `step` while it finds work; a fault is noted and tried again after a pause."""
        while not self._stopping.is_set():
            try:
                if not step():
                    pause()
            except Exception:
                log.exception("a background step failed")
                self._stopping.wait(PAUSE)

    def _until_something_is_written(self) -> None:
        if not self._stopping.is_set():
            self.db.wait(PAUSE)

    def _send(self) -> bool:
        base = timedelta(seconds=self.settings.retry_base_seconds)
        if self._is_held() or (not self._has_taken_over and not self._take_over(base)):
            return False
        stopping = self._stopping.is_set
        sent = postman.deliver(self.db, self._connection, by=self.name, clock=now, base=base, stopping=stopping)
        if not sent:
            self._connection.close()
        return sent > 0

    def _settle(self) -> bool:
        return self._reader.settle_some(now())

    def _chores(self) -> bool:
        with self.db.write() as session:
            forget_needs(session, now=now())
            kept_files.tidy(session, now())
            if not holding.is_held(session):
                nudging.nudge_due(session, now())
                publish_due(session, now())
        sealing.seal(self.db, self.settings.secret_key, now=now())
        self._tidy_up()
        reading_room.ours().rest()
        return False

    def _tidy_up(self) -> None:
        """Once a day: what is over goes."""
        today = now().date()
        if self._tidied_on != today:
            retaining.retain(self.db, today, rules.periods(**self.settings.chosen_periods))
            self._tidied_on = today

    def _is_held(self) -> bool:
        """Whether this is a restored instance that nobody has released yet."""
        with self.db.read() as session:
            return holding.is_held(session)

    def _take_over(self, base: timedelta) -> bool:
        """Whether we may send: before the first letter, what an earlier sender left is looked through."""
        if self.db.sqlite and self._only_sender is None and not self._become_the_only_sender():
            return False
        postman.take_over(self.db, self._connection, alone=self.db.sqlite, now=now(), base=base)
        self._has_taken_over = True
        return True

    def _become_the_only_sender(self) -> bool:
        """
        SQLite has one sender, the process that holds the lock. What an earlier one had in hand when it ended is
        then nobody's.
        """
        lock = open(f"{self.db.url.database}.sender", "w")  # noqa: SIM115 held as long as we send
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._only_sender = lock
        return True
