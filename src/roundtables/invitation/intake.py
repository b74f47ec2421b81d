"""
The one way in for mail, whatever door it came through: kept and committed, then opened, then settled.

A door acknowledges once `keep` has returned. Mails are opened in a process that can be ended (mail/reading_room.py),
and settled several in one transaction. What cannot be read is quarantined with the reason; what makes us stumble is
tried three times, then quarantined too.
"""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from operator import itemgetter

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlmodel import Session, select

from roundtables.convener.model import Convener
from roundtables.db import Db
from roundtables.errors import TryLater, Unreadable
from roundtables.invitation.arrival import Settled
from roundtables.invitation.replies import expect, handle
from roundtables.mail import inbox, reading_room, tongues
from roundtables.mail.inbox import TRIES, Delivery, Door, IncomingMail, Outcome
from roundtables.mail.opening import Opened, Sealed
from roundtables.mail.reading_room import Result, Stumbled

log = logging.getLogger("roundtables.intake")
AT_ONCE = 20  # mails settled in one transaction: others wait for it


def keep_all(db: Db, deliveries: Sequence[Delivery]) -> None:
    """Keeps deliveries durably, all of them or none. Raises TryLater: then nothing was kept."""
    try:
        with db.write() as session:
            inbox.keep(session, deliveries)
    except SQLAlchemyError as error:
        log.error("%d mails could not be kept: %s", len(deliveries), type(error).__name__)
        raise TryLater("The database cannot keep anything just now.") from error


def keep(
    db: Db,
    raw: bytes,
    *,
    door: Door,
    now: datetime,
    envelope_from: str | None = None,
    envelope_to: Sequence[str] = (),
) -> int:
    """Keeps a delivery durably and answers its number. Raises TryLater: then nothing was kept."""
    delivery = Delivery(raw, door, now, envelope_from, tuple(envelope_to))
    keep_all(db, [delivery])
    with db.read() as session:
        return inbox.number_of(session, delivery)


def receive(
    db: Db,
    raw: bytes,
    *,
    door: Door,
    now: datetime,
    envelope_from: str | None = None,
    envelope_to: Sequence[str] = (),
    trusted: str | None = None,
) -> IncomingMail:
    """Keeps a delivery, then reads it. Raises TryLater if it could not be kept."""
    mail_id = keep(db, raw, door=door, now=now, envelope_from=envelope_from, envelope_to=envelope_to)
    read(db, mail_id, now=now, trusted=trusted)
    with db.read() as session:
        return session.get_one(IncomingMail, mail_id)


def read(db: Db, mail_id: int, *, now: datetime, trusted: str | None = None) -> None:
    """Reads one kept mail unless it is settled; a stumble counts as a try and is not raised."""
    with db.read() as session:
        [sealed] = inbox.sealed(session, [mail_id], trusted).values()
    _settle_one(db, mail_id, *_open([sealed]), now=now)


def read_next(db: Db, *, now: datetime, trusted: str | None = None) -> bool:
    """Reads the oldest mails that wait, whoever kept them. Answers whether there were any."""
    reader = Reader(db, trusted)
    return reader.open_some() and reader.settle_some(now)


class Reader:
    """
    Opens the oldest mails and settles those that are open; one thread for each, so that neither waits for the other.

    Several readers may work on one database: a mail that two of them open is settled by one.
    """

    def __init__(self, db: Db, trusted: str | None) -> None:
        self.db, self.trusted = db, trusted
        self._opened: dict[int, Result] = {}
        self._is_open = threading.Condition()

    def open_some(self) -> bool:
        """Opens what waits, a batch ahead of settling at most. Answers whether there was anything."""
        if len(self._opened) > AT_ONCE:
            return False
        with self.db.read() as session:
            numbers = inbox.unread(session, most=AT_ONCE, without=list(self._opened))
            waiting = inbox.sealed(session, numbers, self.trusted) if numbers else {}
        opened = _open([waiting[number] for number in numbers])
        with self._is_open:
            self._opened.update(zip(numbers, opened, strict=True))
            self._is_open.notify_all()
        return bool(numbers)

    def settle_some(self, now: datetime) -> bool:
        """Settles what is open, several mails in one transaction. Answers whether there was anything."""
        with self._is_open:
            some = dict(islice(sorted(self._opened.items(), key=itemgetter(0)), AT_ONCE))
        if not some:
            return False
        try:
            with self.db.write() as session:
                rows = inbox.hold(session, list(some))
                expect(session, [opened for row in rows if isinstance(opened := some[row.id or 0], Opened)])
                for row in rows:
                    _settle(session, row, some[row.id or 0], now=now)
        except Exception as error:
            log.warning("%d mails are settled one by one: %s", len(some), type(error).__name__)
            for number, opened in some.items():
                _settle_one(self.db, number, opened, now=now)
        with self._is_open:
            for number in some:
                del self._opened[number]
        return True

    def wait(self, seconds: float) -> None:
        """Waits until a mail is open, `seconds` at most."""
        with self._is_open:
            self._is_open.wait_for(lambda: bool(self._opened), seconds)


def _open(mails: Sequence[Sealed]) -> list[Result]:
    """The mails opened; what their words need is read now, and not while a transaction waits for it."""
    opened = reading_room.ours().open_all(mails)
    if any(isinstance(each, Opened) and (each.mail.text or each.answers) for each in opened):
        tongues.get_ready()
    return opened


def _settle_one(db: Db, mail_id: int, opened: Result, *, now: datetime) -> None:
    try:
        with db.write() as session:
            for row in inbox.hold(session, [mail_id]):
                _settle(session, row, opened, now=now)
    except OperationalError as error:  # the database was away or busy: the mail waits, and this was not its fault
        log.error("mail %d waits: %s", mail_id, type(error).__name__)
    except Exception as error:
        log.error("mail %d could not be settled: %s", mail_id, type(error).__name__, exc_info=error)
        with db.write() as session:
            for row in inbox.hold(session, [mail_id]):
                _tried(session, row, type(error).__name__, now=now)


def _settle(session: Session, row: IncomingMail, opened: Result, *, now: datetime) -> None:
    if isinstance(opened, Stumbled):
        log.error("mail %s could not be opened: %s", row.id, opened.why)
        _tried(session, row, opened.why, now=now)
        return
    if isinstance(opened, Unreadable):
        _end(session, row, Settled(Outcome.QUARANTINED, str(opened)), now=now)
        return
    _end(session, row, handle(session, row, opened, now=now), now=now)


def _end(session: Session, row: IncomingMail, settled: Settled, *, now: datetime) -> None:
    row.outcome, row.reason, row.decides = settled.outcome, settled.reason[:1000], settled.decides[:4000]
    row.suggestion = dict(settled.suggestion) if settled.suggestion else None
    row.facts = dict(settled.facts) if settled.facts else None
    row.tells_needs, row.settled_at = settled.tells_needs, now
    row.convener_id = row.convener_id or _only_convener(session)
    session.add(row)


def _tried(session: Session, row: IncomingMail, why: str, *, now: datetime) -> None:
    """Our own mistake must neither lose the mail nor stop the next one."""
    row.tries += 1
    session.add(row)
    if row.tries >= TRIES:
        words = f"it could not be read in {TRIES} tries ({why})"
        _end(session, row, Settled(Outcome.QUARANTINED, words), now=now)


def _only_convener(session: Session) -> int | None:
    """Mail that names nobody belongs to the convener if there is only one."""
    ids = session.exec(select(Convener.id).limit(2)).all()
    return ids[0] if len(ids) == 1 else None
