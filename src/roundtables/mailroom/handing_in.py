"""Hands an answer in at our own LMTP door, and finds what became of it."""

import smtplib
import time
from email.utils import parseaddr

from sqlmodel import col, func, select

from roundtables.db import Db
from roundtables.errors import TryLater
from roundtables.mail.headers import split
from roundtables.mail.inbox import IncomingMail

PATIENCE, PAUSE = 2.0, 0.05  # seconds
NEWEST = 50


def hand_in(db: Db, raw: bytes, address: tuple[str, int]) -> int:
    """Delivers `raw` and answers the number of its row, waiting a moment until it is read. Raises TryLater."""
    head, _ = split(raw)
    before = _newest(db)
    try:
        with smtplib.LMTP(address[0], address[1]) as server:
            server.sendmail(parseaddr(head["from"][0])[1], [parseaddr(head["to"][0])[1]], raw)
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater("The mail door does not take anything just now.") from error
    return _wait(db, head["message-id"][0].encode(), before)


def _wait(db: Db, message_id: bytes, before: int) -> int:
    """The row with this Message-ID, read or (after PATIENCE) only kept. Raises TryLater if it never turns up."""
    deadline, found = time.monotonic() + PATIENCE, 0
    while time.monotonic() < deadline:
        found, done = _row(db, message_id, before)
        if done:
            break
        time.sleep(PAUSE)
    if not found:
        raise TryLater("The answer was handed in, and has not turned up yet.")
    return found


def _row(db: Db, message_id: bytes, before: int) -> tuple[int, bool]:
    newest = select(IncomingMail).where(col(IncomingMail.id) > before).order_by(col(IncomingMail.id)).limit(NEWEST)
    with db.read() as session:
        for row in session.exec(newest):
            if message_id in row.raw.partition(b"\r\n\r\n")[0]:
                return row.id or 0, row.outcome is not None
    return 0, False


def _newest(db: Db) -> int:
    with db.read() as session:
        return session.exec(select(func.max(IncomingMail.id))).one() or 0
