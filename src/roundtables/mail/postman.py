"""
Hands letters to the mail server: the only file that speaks SMTP. One connection serves a batch.

A letter is advanced on the server's answer alone: 250 after the final dot is sent, 4xx is later, 5xx is never.
"""

import contextlib
import logging
import smtplib
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

from sqlalchemy import update
from sqlmodel import col

from roundtables.db import Clock, Db
from roundtables.mail import outbox
from roundtables.mail.backoff import Again, next_attempt
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.settings import mail_server

log = logging.getLogger("roundtables.postman")
PATIENCE = 45  # seconds for one answer of the server
MARGIN = timedelta(minutes=5)  # of the lease: longer than one letter takes on a server that answers at all
ROWS_ALONE = {"synchronize_session": False}  # there is no object of theirs in these sessions
LONGEST_REST = timedelta(minutes=1)  # for a server that cannot be reached or says 421


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: its code (None if it said nothing) and its words. `unsent`: it took no letter at all."""

    code: int | None
    words: str
    unsent: bool = False

    @property
    def taken(self) -> bool:
        return self.code is not None and 200 <= self.code < 300


class Connection:
    """One connection to the mail server, opened at the first letter and again when it broke."""

    def __init__(self, url: str) -> None:
        self.scheme, self.host, self.port, self.user, self.password = mail_server(url)
        self._smtp: smtplib.SMTP | None = None
        self._out_of_reach_since: float | None = None

    def hand_over(self, letter: OutgoingLetter) -> Answer:
        """
        Tries once; once more where the server has ended a connection that other letters used. Never raises for
        what a server or a network does.
        """
        used_before = self._smtp is not None
        answer = self._try(letter)
        if answer.unsent and used_before:
            answer = self._try(letter)
        self._out_of_reach_since = time.monotonic() if answer.unsent else None
        return answer

    def rests(self, base: timedelta) -> bool:
        """Whether the server took nothing a moment ago; it is then left alone for `base`, a minute at most."""
        since = self._out_of_reach_since
        return since is not None and time.monotonic() - since < min(base, LONGEST_REST).total_seconds()

    def close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    def _try(self, letter: OutgoingLetter) -> Answer:
        try:
            smtp = self._smtp or self._open()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return _not_opened(error)
        try:
            answer = _transaction(smtp, letter)
        except (smtplib.SMTPException, OSError) as error:
            answer = Answer(None, f"{type(error).__name__}: {error}")
        except ValueError as error:  # an address that has no form in SMTP: nobody's fault but this letter's
            self.close()
            return Answer(553, f"never offered: {error}")
        if answer.code in (None, 421):
            self.close()
        return answer

    def _open(self) -> smtplib.SMTP:
        if self.scheme == "smtps":
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE, context=context)
        else:
            smtp = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        self._smtp = smtp
        smtp.ehlo_or_helo_if_needed()
        if self.scheme == "smtp+starttls":
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if self.user:
            smtp.login(self.user, self.password)
        return smtp


def _not_opened(error: Exception) -> Answer:
    """A refusal before any letter is about us, not about the letter: later, even where the server says never."""
    if not isinstance(error, smtplib.SMTPResponseException):
        return Answer(None, f"{type(error).__name__}: {error}", unsent=True)
    code, words = error.smtp_code, _words(error.smtp_error)
    return Answer(code, words, unsent=True) if 400 <= code < 500 else Answer(None, f"{code} {words}", unsent=True)


def _transaction(smtp: smtplib.SMTP, letter: OutgoingLetter) -> Answer:
    """MAIL, RCPT and DATA by themselves, so that a refusal of one letter leaves the connection for the next."""
    steps: tuple[Callable[[], tuple[int, bytes]], ...] = (
        lambda: smtp.mail(_bare(letter.envelope_from)),
        lambda: smtp.rcpt(_bare(letter.to_address)),
    )
    for step in steps:
        try:
            code, words = step()
        except smtplib.SMTPServerDisconnected as error:
            return Answer(None, str(error), unsent=True)
        if not 200 <= code < 300:
            return _refused(smtp, code, words)
    try:
        code, words = smtp.data(letter.raw)
    except smtplib.SMTPDataError as error:
        return _refused(smtp, error.smtp_code, error.smtp_error)
    return Answer(code, _words(words))


def _bare(address: str) -> str:
    """An address as it is; smtplib would look for one inside a text that holds more. Raises ValueError."""
    if parseaddr(address)[1] != address or not address.isascii():
        raise ValueError("not a bare address")
    return address


def _refused(smtp: smtplib.SMTP, code: int, words: bytes | str) -> Answer:
    """A "no" to this letter; what the server does to the connection after it takes nothing from the answer."""
    if code != 421:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.rset()
    return Answer(code, _words(words), unsent=code == 421)


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
    do when we are `stopping`.
    """
    if connection.rests(base):
        return 0
    with db.read() as session:
        if not outbox.is_any_due(session, now=clock()):
            return 0
    with db.write() as session:
        letters = outbox.claim(session, by=by, now=clock(), most=most)
    for n, letter in enumerate(letters):
        if stopping() or connection.rests(base) or not _in_time(letter, clock()):
            _put_back(db, letters[n:])
            break
        if _taken_back(db, letter):
            _put_back(db, [letter])
            continue
        _settle(db, letter, connection.hand_over(letter), now=clock(), base=base)
    return len(letters)


def _in_time(letter: OutgoingLetter, now: datetime) -> bool:
    """Whether the lease outlasts the handing over: another sender may have the letter after it."""
    return letter.lease_until is not None and letter.lease_until - now > MARGIN


def _taken_back(db: Db, letter: OutgoingLetter) -> bool:
    """Looked up right before the handing over: once somebody was told that a letter is cancelled, none begins."""
    with db.read() as session:
        return outbox.is_unwanted(session, letter)


def _put_back(db: Db, letters: Sequence[OutgoingLetter]) -> None:
    """Ends a lease that was not used; the try does not count."""
    first, ids = letters[0], [letter.id for letter in letters]
    ours = (col(OutgoingLetter.claimed_by) == first.claimed_by, col(OutgoingLetter.lease_until) == first.lease_until)
    unused = update(OutgoingLetter).where(
        *ours, col(OutgoingLetter.id).in_(ids), col(OutgoingLetter.state) == LetterState.SENDING
    )
    with db.write() as session:
        session.execute(unused.values(state=outbox.later(), lease_until=None, attempts=OutgoingLetter.attempts - 1))


def _settle(db: Db, letter: OutgoingLetter, answer: Answer, *, now: datetime, base: timedelta) -> None:
    """Writes the fate down, unless the lease is no longer ours."""
    values: dict[str, object] = {"answer": f"{answer.code or '---'} {answer.words}"[:500], "lease_until": None}
    if answer.taken:
        values |= {"state": LetterState.SENT, "sent_at": now}
    else:
        # the jitter is the letter's own: spread over letters, and yet the same whenever it is worked out
        jitter = (int(letter.nonce[:4], 16) / 0xFFFF) * 2 - 1
        after = next_attempt(letter.attempts, answer.code, base=base, jitter=jitter)
        if isinstance(after, Again):
            values |= {"state": outbox.later(), "next_attempt_at": now + after.after}
        else:
            values |= {"state": LetterState.FAILED}
        log.info("letter %d was not taken: %s", letter.id, answer.code or "no answer")
    ours = (col(OutgoingLetter.id) == letter.id, col(OutgoingLetter.claimed_by) == letter.claimed_by)
    still = (col(OutgoingLetter.state) == LetterState.SENDING, col(OutgoingLetter.attempts) == letter.attempts)
    with db.write() as session:
        session.execute(update(OutgoingLetter).where(*ours, *still).values(**values), execution_options=ROWS_ALONE)


def _words(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
