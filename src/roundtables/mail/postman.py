"""
The postman's round: claims letters, hands them over one by one, writes down what became of each.

    MAIL, RCPT  ->  the letter is put in doubt, and committed  ->  DATA … the final dot  ->  the answer, and committed

A letter is advanced on the server's answer alone: 250 after the final dot is sent, 4xx is later, 5xx is never; no
answer after the dot leaves it in doubt (docs/decisions/0012).
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError

from roundtables.db import Clock, Db
from roundtables.mail import claims
from roundtables.mail.backoff import next_attempt, own_jitter
from roundtables.mail.claims import InHand, Wait
from roundtables.mail.transaction import Answer, Connection

__all__ = ["Connection", "deliver", "take_over"]

log = logging.getLogger("roundtables.postman")
NOTED_AGAIN_AFTER = (0.2, 1.0, 5.0)  # seconds, if the database is away just when an answer came


def take_over(db: Db, connection: Connection, *, alone: bool, now: datetime, base: timedelta) -> None:
    """
    Before the first round: what an earlier sender left. `alone`: there can be no other, as on SQLite, so that every
    lease is a dead one's.
    """
    with db.write() as session:
        if alone:
            claims.abandon_all(session, now=now, wait=Wait(base, bool(connection.archive)))
        if connection.archive:
            claims.let_copies_come(session, now=now)


def deliver(
    db: Db,
    connection: Connection,
    *,
    by: str,
    clock: Clock,
    base: timedelta,
    most: int = 20,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """
    Claims a batch and hands it over, each letter's fate in a commit of its own. Answers how many it claimed.

    A server that takes nothing costs one letter of the batch a try: the others go back as if never claimed, as they
    do when we are `stopping` or the lease runs out.
    """
    if connection.rests(base):
        return 0
    with db.read() as session:
        if not claims.is_any_due(session, now=clock()):
            return 0
    wait = Wait(base, bool(connection.archive))
    with db.write() as session:
        claims.note_doubts(session, now=clock(), wait=wait)
        letters = claims.claim(session, by=by, now=clock(), most=most)
    for n, letter in enumerate(letters):
        if stopping() or connection.rests(base) or letter.lease_until <= clock():
            _put_back(db, letters[n:])
            break
        answer = connection.hand_over(letter, _beginning(db, letter, clock)) if _is_wanted(db, letter) else None
        if answer is None:
            _put_back(db, [letter])
        else:
            _record(db, letter, answer, wait, now=clock())
    return len(letters)


def _is_wanted(db: Db, letter: InHand) -> bool:
    """Looked up before the server hears of the letter; what counts is the same question in `claims.hand_over`."""
    with db.read() as session:
        return claims.is_wanted(session, letter)


def _beginning(db: Db, letter: InHand, clock: Clock) -> Callable[[], bool]:
    def begin() -> bool:
        with db.write() as session:
            return claims.hand_over(session, letter, now=clock())

    return begin


def _put_back(db: Db, letters: list[InHand]) -> None:
    with db.write() as session:
        claims.put_back(session, letters)


def _record(db: Db, letter: InHand, answer: Answer, wait: Wait, *, now: datetime) -> None:
    """Writes the fate down. An answer that was given must not become a doubt because the database is briefly away."""
    for pause in NOTED_AGAIN_AFTER:
        try:
            return _note(db, letter, answer, wait, now=now)
        except OperationalError as error:
            log.warning("the answer to letter %d could not be noted yet: %s", letter.id, type(error).__name__)
            time.sleep(pause)
    _note(db, letter, answer, wait, now=now)


def _note(db: Db, letter: InHand, answer: Answer, wait: Wait, *, now: datetime) -> None:
    said = str(answer)
    with db.write() as session:
        if answer.taken:
            claims.record_taken(session, letter, answer=said, now=now)
        elif answer.in_doubt:
            after = wait.after(letter.attempts, letter.kind, letter.nonce)
            claims.record_doubt(session, letter, after, answer=said, now=now)
        else:
            after = next_attempt(letter.attempts, answer.code, base=wait.base, jitter=own_jitter(letter.nonce))
            claims.record_refused(session, letter, after, answer=said, now=now)
    if not answer.taken:
        log.info("letter %d: %s", letter.id, answer.code or ("in doubt" if answer.in_doubt else "no answer"))
