"""What `roundtables doctor` looks at: each finding in words a person can act on. A composition root."""

import smtplib
import socket
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from roundtables.app import stationery
from roundtables.db import Db, is_migrated, now
from roundtables.errors import Refusal, TryLater
from roundtables.keeping import holding
from roundtables.mail import imap, mailbox_address
from roundtables.settings import Settings, mail_server, split_address

SAFE_SQLITE = (3, 51, 3)  # before it, WAL can corrupt when two connections write or checkpoint at once
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Finding:
    """`mild`: worth knowing, but the service runs."""

    what: str
    well: bool
    words: str
    mild: bool = False


def examine(settings: Settings) -> list[Finding]:
    """All findings, the well ones too."""
    looks: tuple[Callable[[Settings], Iterator[Finding]], ...]
    looks = (_database, _secret, _address, _mail_out, _mail_in, _mailbox, _answers, _signing)
    return [finding for look in looks for finding in look(settings)]


def _database(settings: Settings) -> Iterator[Finding]:
    db = Db(settings.database)
    try:
        with db.read() as session:
            session.connection().execute(text("SELECT 1"))
        yield Finding("database", True, "answers")
        yield _version(db)
        yield from _held(db)
        yield from _durable(db)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0][:160]
        yield Finding("database", False, f"does not answer ({reason}); check ROUNDTABLES_DATABASE_URL")
    finally:
        db.close()


def _version(db: Db) -> Finding:
    try:
        newest = is_migrated(db)
    except SQLAlchemyError:
        newest = False
    return Finding("migrations", newest, "done" if newest else "not done; run: roundtables migrate")


def _held(db: Db) -> Iterator[Finding]:
    """Whether this is a restored instance that sends nothing yet."""
    try:
        with db.read() as session:
            waiting = holding.waiting(session)
    except SQLAlchemyError:
        return  # not migrated yet: said already
    if waiting is not None:
        words = f"since {waiting.since:%Y-%m-%d %H.%M} UTC: {waiting.letters} letters wait; run: roundtables release"
        yield Finding("held", False, words, mild=True)


def _durable(db: Db) -> Iterator[Finding]:
    if db.sqlite:
        well = sqlite3.sqlite_version_info >= SAFE_SQLITE
        advice = "" if well else "; use 3.51.3 or later, or PostgreSQL, where several processes write"
        yield Finding("SQLite", well, f"version {sqlite3.sqlite_version}{advice}", mild=True)
        return
    with db.read() as session:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            value = session.connection().execute(text("SELECT current_setting(:name)"), {"name": name}).scalar()
            yield Finding(f"PostgreSQL {name}", value == "on", f"{value}" + ("" if value == "on" else "; switch it on"))
        theirs = session.connection().execute(text("SELECT extract(epoch FROM now())")).scalar_one()
    apart = abs(float(theirs) - time.time())
    yield Finding("clock", apart < 5, f"{apart:.1f} s from the database's" + ("" if apart < 5 else "; set both by NTP"))


def _secret(settings: Settings) -> Iterator[Finding]:
    path = settings.data_dir / "secret_key"
    if path.exists():
        mode = stat.S_IMODE(path.stat().st_mode)
        yield Finding("secret", mode == 0o600, f"{path} has mode {mode:04o}" + ("" if mode == 0o600 else "; chmod 600"))
    long = len(settings.secret_key) >= 24
    yield Finding("secret length", long, "long enough" if long else "too short; use at least 24 letters")
    yield Finding("year", now().year >= 2026, f"{now().year}")


def _address(settings: Settings) -> Iterator[Finding]:
    here = any(f"//{name}" in settings.public_url for name in LOOPBACK)
    well = settings.secure or here
    advice = "" if well else "; links in letters should be https"
    yield Finding("public address", well, settings.public_url + advice)
    if here and settings.smtp_url and mail_server(settings.smtp_url)[1] not in LOOPBACK:
        yield Finding(
            "links", False, "letters leave this machine, but their links lead to it; set ROUNDTABLES_PUBLIC_URL"
        )


def _mail_out(settings: Settings) -> Iterator[Finding]:
    if not settings.smtp_url:
        yield Finding("mail out", True, "no SMTP_URL: letters wait in the outbox, readable at the desk", mild=True)
        return
    scheme, host, port, _, _ = mail_server(settings.smtp_url)
    connect = smtplib.SMTP_SSL if scheme == "smtps" else smtplib.SMTP
    try:
        with connect(host, port, timeout=5) as server:
            code, _ = server.ehlo()
        yield Finding("mail out", code == 250, f"{host}:{port} answers {code}")
    except (OSError, smtplib.SMTPException) as error:
        yield Finding("mail out", False, f"{host}:{port} does not answer ({error}); check ROUNDTABLES_SMTP_URL")
    local = settings.reply_address.endswith("@localhost")
    words = "answers would go to localhost; set ROUNDTABLES_REPLY_ADDRESS" if local else settings.reply_address
    yield Finding("reply address", not local or host in LOOPBACK, words)


def _mail_in(settings: Settings) -> Iterator[Finding]:
    if not settings.lmtp_listen:
        if not settings.imap_url:
            words = "no LMTP_LISTEN and no IMAP_URL: answers come by `roundtables deliver` and the API"
            yield Finding("mail in", True, words, mild=True)
        return
    try:
        with socket.create_connection(split_address(settings.lmtp_listen), timeout=3) as connection:
            greeting = connection.recv(200).decode("ascii", "replace").strip()
        yield Finding("mail in", greeting.startswith("220"), f"{settings.lmtp_listen} says {greeting[:60]}")
    except OSError:
        yield Finding("mail in", True, f"nobody listens at {settings.lmtp_listen} yet; start roundtables", mild=True)


def _mailbox(settings: Settings) -> Iterator[Finding]:
    if not settings.imap_url:
        return
    address = mailbox_address.parse(settings.imap_url)
    where = f"{address.host}:{address.port}"
    try:
        imap.look_into(address)
        yield Finding("mailbox", True, f"{where} lets us in and opens {address.folder}")
    except (TryLater, Refusal) as error:
        yield Finding("mailbox", False, f"{where}: {error}; check ROUNDTABLES_IMAP_URL")


def _answers(settings: Settings) -> Iterator[Finding]:
    if settings.reply_mode != "token" and not settings.trusted_authserv_id:
        words = "without TRUSTED_AUTHSERV_ID nothing proves who writes to a shared address: answers wait for a person"
        yield Finding("answers", False, f"{words}; name your mail server, or leave REPLY_MODE at token", mild=True)


def _signing(settings: Settings) -> Iterator[Finding]:
    if not settings.dkim_key_file:
        yield Finding("DKIM", True, "letters are not signed here", mild=True)
        return
    try:
        signer = stationery(settings).signer
        yield Finding("DKIM", signer is not None, "key readable" if signer else "set ROUNDTABLES_DKIM_SELECTOR too")
    except (OSError, ValueError) as error:
        yield Finding("DKIM", False, f"{settings.dkim_key_file}: {error}")
