"""What measurements stand on: folders, guests by the thousand, a PostgreSQL that really syncs, other processes."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import Session, select
from tests.databases import OURS, Cluster, _as_owner, _owner, _program, _wait_for
from tests.service import founded

from roundtables import tokens
from roundtables.attendance.actions import take_down_needs
from roundtables.convener.model import Convener
from roundtables.db import Db, migrate, now
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.mail.stationery import Stationery
from roundtables.person.model import Person
from roundtables.roundtable.actions import Plan, plan
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Status
from roundtables.tokens import Purpose

SECRET = "a secret of the benchmarks, long enough"
STARTS = datetime(2030, 12, 5, 10, tzinfo=UTC)
AT_A_TABLE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was asked, and what an answer needs."""

    address: str
    token: str
    page: str
    uid: str


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="roundtables-bench-") as name:
        yield Path(name)


def opened(where: Path, url: str = "") -> tuple[Db, str]:
    """A fresh database with a convener, and an API token."""
    settings = {"database_url": url} if url else {}
    token = founded(where, **settings)
    return Db(
        url or f"sqlite:///{where}/var/roundtables.sqlite3",
        info={"stationery": Stationery(SECRET), "take_down_needs": take_down_needs},
    ), token


def ask(db: Db, number: int) -> list[Asked]:
    """`number` invitations, at tables of fifty, as if their letters had long been sent: rows, no letters."""
    asked = []
    with db.write() as session:
        convener_id = session.exec(select(Convener.id)).one()
        for begin in range(0, number, AT_A_TABLE):
            size = min(AT_A_TABLE, number - begin)
            table = plan_a_table(session, convener_id, seats=AT_A_TABLE)
            names = [f"g{begin + n}@example.org" for n in range(size)]
            people = [_person(convener_id, name) for name in names]
            session.add_all(people)
            session.flush()
            nonces = [tokens.nonce() for _ in names]
            rows = [_row(convener_id, table, p, nonce) for p, nonce in zip(people, nonces, strict=True)]
            session.execute(insert(Invitation), rows)
            asked += [_asked(name, nonce, table.uid) for name, nonce in zip(names, nonces, strict=True)]
    return asked


def plan_a_table(session: Session, convener_id: int, *, seats: int) -> Roundtable:
    """A table far ahead, open for answers."""
    ends = STARTS + timedelta(minutes=90)
    words = Plan("Bench", starts_at=STARTS, ends_at=ends, time_zone="Europe/London", seats=seats)
    table = plan(session, convener_id, words, now=now())
    table.status = Status.OPEN
    session.flush()
    return table


def _person(convener_id: int, address: str) -> Person:
    return Person(
        convener_id=convener_id, name=address, sort_key=address, email=address, email_key=address, created_at=now()
    )


def _row(convener_id: int, table: Roundtable, person: Person, nonce: str) -> dict[str, object]:
    return {
        "convener_id": convener_id,
        "roundtable_id": table.id,
        "person_id": person.id,
        "name": person.name,
        "email": person.email,
        "state": State.INVITED,
        "nonce": nonce,
        "reply_hash": tokens.hashed(tokens.derive(SECRET, Purpose.REPLY, nonce)),
        "page_hash": tokens.hashed(tokens.derive(SECRET, Purpose.PAGE, nonce)),
        "uid": table.uid,
        "asked_at": now(),
        "created_at": now(),
    }


def _asked(address: str, nonce: str, uid: str) -> Asked:
    return Asked(address, tokens.derive(SECRET, Purpose.REPLY, nonce), tokens.derive(SECRET, Purpose.PAGE, nonce), uid)


@contextmanager
def postgresql(where: Path) -> Iterator[str | None]:
    """The URL of a database on a server of its own that syncs as it should; None where PostgreSQL is missing."""
    initdb = _program("initdb")
    if initdb is None:
        yield None
        return
    home = Path(tempfile.mkdtemp(prefix="rt-pg-", dir="/tmp"))
    shutil.chown(home, _owner())
    words = [initdb, "-D", home / "data", "-U", "roundtables", "--auth", "trust", "--no-instructions", "-E", "UTF8"]
    _as_owner(subprocess.run, words, check=True, capture_output=True)
    options = {**OURS, "unix_socket_directories": str(home)}
    flags = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
    with (where / "postgresql.log").open("wb") as log:
        command = [Path(initdb).with_name("postgres"), "-D", home / "data", *flags]
        server = _as_owner(subprocess.Popen, command, stdout=log, stderr=log)
    try:
        cluster = _wait_for(Cluster(home), server, where / "postgresql.log")
        cluster.run("CREATE DATABASE bench")
        migrate(cluster.url("bench"))
        yield cluster.url("bench")
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def beside(*words: str) -> Iterator[str]:
    """Another Python process until the block ends, and the first line it says."""
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
