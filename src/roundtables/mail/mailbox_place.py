"""How far a mailbox has been read. Several may read one at once: nobody moves the place backwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from roundtables.db import Db, now
from roundtables.errors import TryLater
from roundtables.mail.inbox import MailboxPlace


def begin(db: Db, mailbox: str, validity: int) -> None:
    """Makes the place of a mailbox whose folder was just opened; one that is numbered anew starts over."""
    with _writing(db) as session:
        place = session.get(MailboxPlace, mailbox, with_for_update=True)
        if place is None:
            session.add(MailboxPlace(mailbox=mailbox, validity=validity, uid=0, read_at=now()))
        elif place.validity != validity:
            place.validity, place.uid, place.read_at = validity, 0, now()


def reached(db: Db, mailbox: str, validity: int) -> int:
    """All mail up to this UID is kept or gone. Raises TryLater if another reader found the mailbox numbered anew."""
    try:
        with db.read() as session:
            place = session.get(MailboxPlace, mailbox)
    except SQLAlchemyError as error:
        raise TryLater("the database does not answer") from error
    if place is None or place.validity != validity:
        raise TryLater("the mail server has numbered its mail anew")
    return place.uid


def advance(db: Db, mailbox: str, validity: int, uid: int) -> None:
    """Moves the place forward to `uid`; nothing happens if it is there, further on, or of another numbering."""
    place = (col(MailboxPlace.mailbox) == mailbox, col(MailboxPlace.validity) == validity, col(MailboxPlace.uid) < uid)
    with _writing(db) as session:
        session.execute(update(MailboxPlace).where(*place).values(uid=uid, read_at=now()))


@contextmanager
def _writing(db: Db) -> Iterator[Session]:
    try:
        with db.write() as session:
            yield session
    except SQLAlchemyError as error:
        raise TryLater("the database cannot keep anything just now") from error
