"""Whether anything in the database has changed, asked so cheaply that a reader's page may ask it every time."""

import sqlite3
import threading
import time
from collections.abc import Hashable

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from roundtables.db import Db

PAUSE = 0.2  # seconds between questions to a server


class Watch:
    """
    `state()` is the same as before exactly while nobody, in whatever process, has committed a change since.

    SQLite counts the commits of others for a connection that never writes; in PostgreSQL two equal snapshots see
    the same rows. A server is asked every PAUSE at most, so a change by another process shows after that time at the
    latest; our own show at once.
    """

    def __init__(self, db: Db) -> None:
        self.db = db
        self._asking = threading.Lock()
        self._files: dict[str, sqlite3.Connection] = {}
        self._last: tuple[float, Hashable] = (-PAUSE, None)

    def state(self) -> Hashable | None:
        """None if the database does not answer: then nothing that was kept may be shown."""
        with self._asking:
            try:
                return (self.db.url, self.db.writes, self._of_file() if self.db.sqlite else self._of_server())
            except (sqlite3.Error, SQLAlchemyError):
                return None

    def _of_file(self) -> int:
        path = str(self.db.url.database)
        if path not in self._files:
            self._files[path] = sqlite3.connect(path, check_same_thread=False)
        return int(self._files[path].execute("PRAGMA data_version").fetchone()[0])

    def _of_server(self) -> Hashable:
        at, state = self._last
        if time.monotonic() - at >= PAUSE:
            with self.db.engine.connect() as connection:
                state = connection.execute(text("SELECT pg_current_snapshot()::text")).scalar_one()
            self._last = (time.monotonic(), state)
        return state
