"""
The one way in for mail, whatever door it came through: kept and committed, then read, then settled.

A door acknowledges once `keep` has returned. What cannot be read is quarantined with the reason; what makes us
stumble is tried three times, then quarantined too.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlmodel import Session, select

from roundtables.convener.model import Convener
from roundtables.db import Db
from roundtables.errors import TryLater, Unreadable
from roundtables.invitation.arrival import Settled
from roundtables.invitation.replies import handle
from roundtables.mail import inbox
from roundtables.mail.inbox import TRIES, Door, IncomingMail, Outcome

log = logging.getLogger("roundtables.intake")


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
    try:
        with db.write() as session:
            row = inbox.keep(session, raw, door=door, now=now, envelope_from=envelope_from, envelope_to=envelope_to)
            assert row.id is not None
            return row.id
    except SQLAlchemyError as error:
        log.error("a mail could not be kept: %s", type(error).__name__)
        raise TryLater("The database cannot keep anything just now.") from error


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
    try:
        with db.write() as session:
            found = select(IncomingMail).where(IncomingMail.id == mail_id).with_for_update()
            row = session.exec(found).one()
            if row.outcome is None:
                _settle(session, row, now=now, trusted=trusted)
    except Exception as error:
        _stumbled(db, mail_id, error)


def read_next(db: Db, *, now: datetime, trusted: str | None = None) -> bool:
    """Reads the oldest mail that waits, whoever kept it. Answers whether there was one."""
    with db.read() as session:  # a look without the writer's lock, many times a minute
        if not inbox.is_any_unread(session):
            return False
    mail_id = None
    try:
        with db.write() as session:
            row = inbox.next_unread(session)
            if row is None:
                return False
            mail_id = row.id
            _settle(session, row, now=now, trusted=trusted)
    except Exception as error:
        if mail_id is None:
            raise
        _stumbled(db, mail_id, error)
    return True


def _settle(session: Session, row: IncomingMail, *, now: datetime, trusted: str | None) -> None:
    try:
        settled = handle(session, row, now=now, trusted=trusted)
    except Unreadable as error:
        settled = Settled(Outcome.QUARANTINED, str(error))
    row.outcome, row.reason, row.decides = settled.outcome, settled.reason[:1000], settled.decides[:4000]
    row.suggestion = dict(settled.suggestion) if settled.suggestion else None
    row.facts = dict(settled.facts) if settled.facts else None
    row.tells_needs, row.settled_at = settled.tells_needs, now
    row.convener_id = row.convener_id or _only_convener(session)
    session.add(row)


def _stumbled(db: Db, mail_id: int, error: Exception) -> None:
    """Our own mistake must neither lose the mail nor stop the next one."""
    log.error("mail %d could not be settled: %s", mail_id, type(error).__name__, exc_info=error)
    if isinstance(error, OperationalError):
        return  # the database was away or busy: the mail waits, and this was not its fault
    with db.write() as session:
        inbox.count_try(session, mail_id)
        session.flush()
        row = session.get_one(IncomingMail, mail_id, populate_existing=True)
        if row.tries >= TRIES:
            row.outcome, row.reason = Outcome.QUARANTINED, f"it could not be read in {TRIES} tries"
            row.convener_id = row.convener_id or _only_convener(session)


def _only_convener(session: Session) -> int | None:
    """Mail that names nobody belongs to the convener if there is only one."""
    ids = session.exec(select(Convener.id).limit(2)).all()
    return ids[0] if len(ids) == 1 else None
