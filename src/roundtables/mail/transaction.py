"""
One letter, said to a mail server: the only file that speaks SMTP. One connection serves many letters.

No answer after the final dot is a doubt (RFC 1047); nothing before it is: the server has not all of the letter.
"""

import contextlib
import logging
import re
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr

from roundtables.mail.claims import NOT_COPIED, InHand
from roundtables.settings import mail_server

log = logging.getLogger("roundtables.postman")
PATIENCE = 45  # seconds for one answer of the server
AFTER_THE_DOT = 600  # seconds for the last one: to give up early makes duplicates (RFC 5321 §4.5.3.2.6)
LONGEST_REST = timedelta(minutes=1)  # for a server that cannot be reached, says 421 or stays silent

Begin = Callable[[], bool]  # puts the letter in doubt; whether its bytes may leave


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What the server said: its code (None if it said nothing) and its words. `unsent`: it took no letter at all.
    `in_doubt`: it had the whole letter and did not say what became of it; `silent`: and we waited for that.
    """

    code: int | None
    words: str
    unsent: bool = False
    in_doubt: bool = False
    silent: bool = False

    @property
    def taken(self) -> bool:
        return self.code is not None and 200 <= self.code < 300

    def __str__(self) -> str:
        return f"{self.code or '---'} {self.words}"[:500]


class Connection:
    """
    One connection to the mail server, opened at the first letter and again when it broke. `archive` is a mailbox of
    ours that gets a copy of each letter in the letter's own transaction, "" for none.
    """

    def __init__(self, url: str, archive: str = "", *, after_the_dot: float = AFTER_THE_DOT) -> None:
        self.scheme, self.host, self.port, self.user, self.password = mail_server(url)
        self.archive, self.after_the_dot = archive, after_the_dot
        self._smtp: smtplib.SMTP | None = None
        self._out_of_reach_since: float | None = None

    def hand_over(self, letter: InHand, begin: Begin) -> Answer | None:
        """
        Tries once; once more where the server has ended a connection that other letters used, before it was given
        any of this one. None: `begin` said no, and nothing left. Never raises for what a server or a network does.
        """
        begun: list[bool] = []
        used_before = self._smtp is not None

        def begin_once() -> bool:
            begun.append(begin())
            return begun[-1]

        answer = self._try(letter, begin_once)
        if answer is not None and answer.unsent and used_before and not begun:
            answer = self._try(letter, begin_once)
        resting = answer is not None and (answer.unsent or answer.silent)
        self._out_of_reach_since = time.monotonic() if resting else None
        return answer

    def rests(self, base: timedelta) -> bool:
        """Whether the server took nothing a moment ago; it is then left alone for `base`, a minute at most."""
        since = self._out_of_reach_since
        return since is not None and time.monotonic() - since < min(base, LONGEST_REST).total_seconds()

    def close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    def _try(self, letter: InHand, begin: Begin) -> Answer | None:
        try:
            smtp = self._smtp or self._open()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return _not_opened(error)
        whole = False
        try:
            answer = self._transaction(smtp, letter, begin)
            whole = True
        except (smtplib.SMTPException, OSError) as error:
            answer = Answer(None, f"{type(error).__name__}: {error}")
        except ValueError as error:  # an address that has no form in SMTP: nobody's fault but this letter's
            return Answer(553, f"never offered: {error}")
        finally:
            if not whole:
                self.close()
        if answer is not None and answer.code in (None, 421):
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

    def _transaction(self, smtp: smtplib.SMTP, letter: InHand, begin: Begin) -> Answer | None:
        """MAIL, RCPT and DATA by themselves, so that a refusal of one letter leaves the connection for the next."""
        refusal = self._envelope(smtp, letter)
        if refusal is not None:
            return refusal
        if not begin():
            _reset(smtp)
            return None
        code, words = smtp.docmd("data")
        if code != 354:
            return _refused(smtp, code, words) if code >= 400 else Answer(None, f"{code} to DATA")
        smtp.send(_on_the_wire(letter.raw))  # an error here: the dot, its last bytes, was never sent
        return _last_answer(smtp, self.after_the_dot)

    def _envelope(self, smtp: smtplib.SMTP, letter: InHand) -> Answer | None:
        """The sender, the recipient and our archive; what was answered if that ends it."""
        steps = ((smtp.mail, _bare(letter.envelope_from)), (smtp.rcpt, _bare(letter.to_address)))
        try:
            for step, address in steps:
                code, words = step(address)
                if not 200 <= code < 300:
                    return _refused(smtp, code, words)
            return self._copy(smtp, letter)
        except smtplib.SMTPServerDisconnected as error:
            return Answer(None, str(error), unsent=True)

    def _copy(self, smtp: smtplib.SMTP, letter: InHand) -> Answer | None:
        """The second recipient, in the same transaction; if it alone is refused, the letter goes all the same."""
        if not self.archive or letter.kind in NOT_COPIED:
            return None
        code, words = smtp.rcpt(self.archive)
        if code == 421:
            return _refused(smtp, code, words)
        if not 200 <= code < 300:
            log.warning("letter %d goes without a copy: the server refuses the archive address (%d)", letter.id, code)
        return None


def _on_the_wire(raw: bytes) -> bytes:
    """The letter as DATA carries it: dots doubled, ended by a dot of its own (RFC 5321 §4.5.2)."""
    dotted = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r\n|\r|\n", b"\r\n", raw))
    return dotted + (b"" if dotted.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _last_answer(smtp: smtplib.SMTP, seconds: float) -> Answer:
    """What comes after the dot. Whatever is no clear answer leaves the letter in doubt."""
    assert smtp.sock is not None
    smtp.sock.settimeout(seconds)
    try:
        code, words = smtp.getreply()
        smtp.sock.settimeout(PATIENCE)
    except (smtplib.SMTPException, OSError) as error:
        silent = isinstance(error.__context__, TimeoutError)
        return Answer(None, f"no answer after the letter: {error}", in_doubt=True, silent=silent)
    if 200 <= code < 300:
        return Answer(code, _words(words))
    if 400 <= code < 600:
        return _refused(smtp, code, words)
    return Answer(None, f"no clear answer after the letter: {code} {_words(words)}", in_doubt=True)


def _not_opened(error: Exception) -> Answer:
    """A refusal before any letter is about us, not about the letter: later, even where the server says never."""
    if not isinstance(error, smtplib.SMTPResponseException):
        return Answer(None, f"{type(error).__name__}: {error}", unsent=True)
    code, words = error.smtp_code, _words(error.smtp_error)
    return Answer(code, words, unsent=True) if 400 <= code < 500 else Answer(None, f"{code} {words}", unsent=True)


def _bare(address: str) -> str:
    """An address as it is; smtplib would look for one inside a text that holds more. Raises ValueError."""
    if parseaddr(address)[1] != address or not address.isascii():
        raise ValueError("not a bare address")
    return address


def _refused(smtp: smtplib.SMTP, code: int, words: bytes | str) -> Answer:
    """A "no" to this letter; what the server does to the connection after it takes nothing from the answer."""
    if code != 421:
        _reset(smtp)
    return Answer(code, _words(words), unsent=code == 421)


def _reset(smtp: smtplib.SMTP) -> None:
    with contextlib.suppress(smtplib.SMTPException, OSError):
        smtp.rset()


def _words(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
