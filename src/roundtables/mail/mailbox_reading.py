"""
The IMAP door: takes every mail out of a mailbox elsewhere, in the order of UIDs, whoever has looked at it before.

    fetch -> keep (durable) -> mark seen, and move if asked -> advance the place

A break anywhere repeats from the fetch; the intake knows what it has. A mail that cannot be fetched or kept holds the
place back but not the mail behind it.
"""

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence

from roundtables.db import Db
from roundtables.errors import Refusal, TryLater
from roundtables.mail import mailbox_place
from roundtables.mail.imap import Mailbox
from roundtables.mail.imap_client import Times
from roundtables.mail.mailbox_address import MailboxAddress
from roundtables.mail.message import MAX_BYTES

log = logging.getLogger("roundtables.mailbox")

Keep = Callable[[bytes], None]  # returns once the mail is kept durably; raises TryLater
AT_ONCE = 100  # mails whose sizes are asked together, and after which the place is noted
PATIENCE = 3  # tries of a mail before those behind it go first
MOST_LOOKS = 3


class Reader:
    """A thread's work: `step` takes what is there, `pause` waits for more, `close` leaves. No server makes it raise."""

    def __init__(
        self, address: MailboxAddress, db: Db, keep: Keep, *, stopping: threading.Event, times: Times | None = None
    ) -> None:
        self._address, self._db, self._keep = address, db, keep
        self._stopping, self._times = stopping, times or Times()
        self._box: Mailbox | None = None
        self._rest, self._complaint = 0.0, ""
        self._tries, self._taken = Counter[int](), set[int]()
        self._said = set[str]()
        self._numbered = 0
        self._idles = self._heard = self._silent = self._found = False  # of the connection, its last pause and round

    def step(self) -> bool:
        """Takes all mail not yet taken. Answers whether there was any."""
        return self._safely(self._round)

    def pause(self) -> None:
        """Until there may be mail: by IDLE, else after a while; after a fault, until the next try."""
        if self._box is None:
            self._stopping.wait(self._rest)
        else:
            self._safely(self._wait)

    def close(self) -> None:
        if self._box is not None:
            self._box.close()
        self._box = None

    def _safely(self, what: Callable[[Mailbox], bool]) -> bool:
        try:
            done = what(self._box or self._opened())
        except (TryLater, Refusal) as fault:
            self._note(fault)
            return False
        except BaseException:
            self.close()
            raise
        self._rest = 0
        if self._complaint:
            log.info("the mailbox can be read again")
            self._complaint = ""
        return done

    def _note(self, fault: Exception) -> None:
        """Leaves, and rests longer each time; a server that refuses us is not pestered."""
        self.close()
        longest = self._times.longest_rest
        self._rest = longest if isinstance(fault, Refusal) else min(2 * self._rest or self._times.rest, longest)
        if str(fault) != self._complaint and not self._stopping.is_set():
            log.warning("the mailbox cannot be read: %s", fault)
            self._complaint = str(fault)

    def _opened(self) -> Mailbox:
        box = self._box = Mailbox(self._address, times=self._times, stopping=self._stopping)
        mailbox_place.begin(self._db, self._address.name, box.validity)
        if box.validity != self._numbered:
            self._numbered = box.validity
            self._tries.clear()
            self._taken.clear()
        self._idles, self._heard, self._silent = box.can_idle, False, False
        return box

    def _round(self, box: Mailbox) -> bool:
        listed = _listed(box, mailbox_place.reached(self._db, self._address.name, box.validity))
        self._taken.intersection_update(listed)
        waiting, before = deque(listed), len(self._taken)
        new = sorted((uid for uid in listed if uid not in self._taken), key=lambda u: (self._tries[u] >= PATIENCE, u))
        for first in range(0, len(new), AT_ONCE):
            try:
                self._take_some(box, new[first : first + AT_ONCE])
            finally:
                self._advance(box, waiting)
        self._found = len(self._taken) > before
        if self._found and self._silent:
            log.info("the mail server did not announce mail: from now on we look every %d s", self._times.poll)
            self._idles = False
        return self._found

    def _take_some(self, box: Mailbox, uids: Sequence[int]) -> None:
        sizes = box.sizes(uids)
        for uid in uids:
            self._take(box, uid, too_large=sizes.get(uid, 0) > MAX_BYTES)

    def _take(self, box: Mailbox, uid: int, *, too_large: bool) -> None:
        """Keeps one mail. It counts as taken too if it is gone; if it is refused, another round tries again."""
        self._tries[uid] += 1
        try:
            raw = box.header(uid) if too_large else box.whole(uid)
            gone = raw is None and not box.has(uid)
        except Refusal as refusal:
            self._say_once(f"a mail in the mailbox cannot be fetched: {refusal}")
            return
        if raw is None and not gone:
            self._say_once("the mail server lists a mail that it does not give")
            return
        if raw is not None:
            if not self._kept(raw, uid):
                return
            self._settle(box, uid, too_large=too_large)
        self._taken.add(uid)
        del self._tries[uid]

    def _kept(self, raw: bytes, uid: int) -> bool:
        try:
            self._keep(raw)
        except TryLater:
            self._tries[uid] -= 1  # which is not the mail's fault
            raise
        except Exception:
            log.exception("a mail in the mailbox could not be kept")
            return False
        return True

    def _settle(self, box: Mailbox, uid: int, *, too_large: bool) -> None:
        """Marks a kept mail on the server. One of which we have only the header is left for people, as it is."""
        if too_large:
            log.warning("a mail in the mailbox is too large: its header is kept, the rest is there")
            return
        try:
            box.mark_seen(uid)
            if self._address.move:
                box.move(uid, self._address.move)
        except Refusal as refusal:
            self._say_once(f"a mail that is kept stays unmarked or unmoved in the mailbox: {refusal}")

    def _advance(self, box: Mailbox, waiting: deque[int]) -> None:
        """Notes how far all is taken: up to the first mail that is not."""
        reached = 0
        while waiting and waiting[0] in self._taken:
            reached = waiting.popleft()
        if reached:
            mailbox_place.advance(self._db, self._address.name, box.validity, reached)

    def _wait(self, box: Mailbox) -> bool:
        if self._heard and not self._found:
            self._stopping.wait(self._times.false_alarm)  # a server that cries wolf shall not keep us running
        if self._idles:
            try:
                self._heard = box.wait_for_mail(self._times.idle)
                self._silent = not self._heard
                return self._heard
            except Refusal:
                self._idles = False
        self._stopping.wait(self._times.poll)
        return False

    def _say_once(self, words: str) -> None:
        if words not in self._said:
            self._said.add(words)
            log.warning(words)


def _listed(box: Mailbox, place: int) -> list[int]:
    """The UIDs behind `place`. A mail announced while they were listed may not be among them: then once more."""
    for _ in range(MOST_LOOKS):
        uids = box.search(place)
        if not box.announced:
            break
    return uids
