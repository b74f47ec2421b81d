"""
One database, two ways in: `read()` and `write()`. The same code runs on SQLite and PostgreSQL.

A unit of work is opened inside the handler that needs it, never in a dependency (docs/decisions/0001).
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import JSON, Enum, create_engine, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.types import TypeEngine
from sqlmodel import Session

from roundtables import acting
from roundtables.errors import Refusal

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def choice(values: type[StrEnum]) -> Enum:
    """A column type that keeps the value of `values` as text, on both databases."""
    return Enum(values, native_enum=False, length=24, values_callable=lambda e: [v.value for v in e])


def json_type() -> TypeEngine[Any]:
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


# Who makes the changes of this transaction, for the log that the database writes (keeping/triggers.py)
_ACTS_SQLITE = "INSERT INTO acting (id, who) VALUES (1, :who) ON CONFLICT (id) DO UPDATE SET who = excluded.who"
_ACTS_POSTGRESQL = "SELECT set_config('roundtables.who', :who, true)"

Clock = Callable[[], datetime]


def now() -> datetime:
    """The present moment, UTC, in whole microseconds."""
    return datetime.now(UTC)


class Db:
    """The one way to the database; share it between threads, it holds no session itself."""

    def __init__(self, url: str, *, info: dict[str, Any] | None = None) -> None:
        """`info` goes with every session: what its letters are written on (mail/stationery.py)."""
        self.info = info or {}
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._writer = threading.Lock()
        self.changed = threading.Condition()
        self.writes = 0  # by this object, since it was made
        self.engine = _engine(self.url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False, info=self.info) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        with self._one_writer(), Session(self.engine, expire_on_commit=False, info=self.info) as session:
            if self.sqlite:
                session.connection(execution_options={"begin_immediate": True})
            if who := acting.now():
                acts(session, who)
            yield session
            if "who" in session.info:
                session.flush()
                acts(session, "")
            session.commit()
        with self.changed:
            self.writes += 1
            self.changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """On SQLite nobody in this process writes meanwhile; for what is no transaction."""
        with self._one_writer():
            yield

    def wait(self, seconds: float) -> None:
        """Waits until this process has written something, `seconds` at most."""
        with self.changed:
            self.changed.wait(seconds)

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if not self.sqlite:
            yield
            return
        with self._writer:
            yield

    def close(self) -> None:
        self.engine.dispose()


def acts(session: Session, who: str) -> None:
    """From here on the changes of this transaction are `who`'s, in the log that the database writes by itself."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    session.connection().execute(text(_ACTS_SQLITE if sqlite else _ACTS_POSTGRESQL), {"who": who})
    session.info["who"] = who


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, pool_size=20, max_overflow=10, pool_pre_ping=True, hide_parameters=True)


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 15, "check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, so that a writer can say IMMEDIATE
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("casefold", 1, lambda s: s.casefold() if s else s, deterministic=True)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        immediate = connection.get_execution_options().get("begin_immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _migrations() -> Path:
    packed = Path(__file__).parent / "_migrations"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "migrations"


def alembic_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_migrations()))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Brings the database at `url` to the newest revision; safe to repeat. Raises Refusal for one newer than we are."""
    try:
        command.upgrade(alembic_config(url), "head")
    except CommandError as error:
        raise Refusal(f"The database belongs to another version of Roundtables ({error}).") from error


def is_migrated(db: Db) -> bool:
    """Whether the database stands at the newest revision; raises what the driver raises when it is away."""
    from alembic.script import ScriptDirectory

    head = ScriptDirectory.from_config(alembic_config("")).get_current_head()
    with db.read() as session:
        return session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar() == head
