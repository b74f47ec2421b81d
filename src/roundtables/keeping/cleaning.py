"""After an erasure: what was overwritten must not be left in the free room of the database's file."""

import logging
import time

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from roundtables.db import Db

log = logging.getLogger("roundtables.keeping")
TRIES = 20
PAUSE = 0.25  # seconds between tries: readers finish
PLACES = (
    *("person", "person_address", "people_file", "people_merge", "invitation", "history", "needs", "walk_in"),
    *("incoming_mail", "outgoing_letter", "remembered_answer"),
)


def clean(db: Db, *, thoroughly: bool = True) -> bool:
    """
    Writes the file anew without its free room, and empties the write-ahead log. Answers whether all of it is done;
    on PostgreSQL `thoroughly` rewrites the tables, which locks each for a moment, else their free room is used again.
    """
    if db.sqlite:
        return _rewrite_file(db)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in PLACES:
            if connection.execute(text("SELECT to_regclass(:name)"), {"name": table}).scalar() is not None:
                connection.execute(text(f"VACUUM {'(FULL)' if thoroughly else ''} {table}"))
    return True


def _rewrite_file(db: Db) -> bool:
    for _ in range(TRIES):
        try:
            with db.alone(), db.engine.connect() as connection:
                raw = connection.connection.dbapi_connection
                assert raw is not None
                raw.execute("VACUUM")
                busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return True
        except OperationalError:
            log.info("the file is busy: its free room is cleared a little later")
        time.sleep(PAUSE)
    return False
