"""Calendar replies through LMTP of a real process: kept with a sync before each 250, read, applied."""

import smtplib
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import perf_counter, sleep

from sqlalchemy import text
from tests.mails import golden
from tests.service import running

from bench.rows import Row
from bench.stage import SECRET, Asked, ask, folder, opened, postgresql
from roundtables.calendar import answers
from roundtables.db import Db
from roundtables.mail import message

CLIENTS = 8
WARM = 10
TIMES = {"20261201T100000Z": "20301205T100000Z", "20261201T113000Z": "20301205T113000Z"}


def measure(*, quick: bool) -> Iterator[Row]:
    replies = 150 if quick else 400
    bare = _bare(300)
    with folder() as where:
        yield Row("bare SQLite commits, each synced", _commits(where, 100 if quick else 400), "/s")
    for invitations in (1000, 2000) if quick else (1000, 100_000):
        with folder() as where:
            yield _through(where, "", "SQLite", invitations, replies, bare)
    with folder() as where, postgresql(where) as url:
        if url is not None:
            yield _through(where, url, "PostgreSQL", 1000, replies, bare)


def _through(where: Path, url: str, name: str, invitations: int, replies: int, bare: float) -> Row:
    db, _ = opened(where, url)
    with closing(db):
        step = max(1, invitations // replies)
        asked = ask(db, invitations)[::step][:replies]
        mails = [(f"rsvp+{one.token}@localhost", yes(one)) for one in asked]
        settings = {"secret_key": SECRET, "lmtp_listen": "127.0.0.1:0"} | ({"database_url": url} if url else {})
        with running(where, "serve", "--port", "0", **settings) as service:
            _hand_in(service.lmtp_port, mails[:WARM])  # the first mail in words reads the phrasebooks
            _wait_for_all(db, WARM)
            begun = perf_counter()
            with ThreadPoolExecutor(CLIENTS) as pool:
                list(pool.map(lambda n: _hand_in(service.lmtp_port, mails[WARM + n :: CLIENTS]), range(CLIENTS)))
            _wait_for_all(db, len(mails))
            took = perf_counter() - begun
    what = f"calendar replies, kept and applied ({name}, {invitations:,} invitations)"
    return Row(what, (len(mails) - WARM) / took, "/s", bare, "bare parsing")


def yes(one: Asked) -> bytes:
    """As Google writes it."""
    words = {"TOKENJO": one.token, "UIDOFTABLE": one.uid, "jo@example.org": one.address}
    return golden("google-accepted", **words, **TIMES)


def _hand_in(port: int, mails: list[tuple[str, bytes]]) -> None:
    with smtplib.LMTP("127.0.0.1", port, local_hostname="mx.example") as lmtp:
        for address, raw in mails:
            lmtp.sendmail("guest@example.org", [address], raw)


def _wait_for_all(db: Db, number: int) -> None:
    while True:
        with db.read() as session:
            found = session.connection().execute(text("SELECT outcome, count(*) FROM incoming_mail GROUP BY 1")).all()
        if dict(found) == {"applied": number}:
            return
        assert {outcome for outcome, _ in found} <= {"applied", None}, found
        sleep(0.02)


def _commits(where: Path, number: int) -> float:
    """What the disk allows: a row and a sync each, as every mail needs one before its 250 and one when it is read."""
    with closing(sqlite3.connect(where / "bare.sqlite3", isolation_level=None)) as connection:
        for words in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE mail (raw BLOB)"):
            connection.execute(words)
        begun = perf_counter()
        for _ in range(number):
            connection.execute("INSERT INTO mail VALUES (zeroblob(3000))")
        return number / (perf_counter() - begun)


def _bare(number: int) -> float:
    """Mails per second that one core reads, the calendar object too, and does nothing with."""
    raw = yes(Asked("g1@example.org", "t" * 26, "p" * 26, "a-uid@example.org"))
    begun = perf_counter()
    for _ in range(number):
        mail = message.read(raw)
        assert answers.read(mail.calendars[0].data)[0].partstat == "ACCEPTED"
    return number / (perf_counter() - begun)
