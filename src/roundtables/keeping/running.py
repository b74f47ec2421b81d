"""Whether the service runs on this instance just now: then nobody may take its database away."""

import fcntl
from contextlib import closing
from pathlib import Path
from typing import IO

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from roundtables.db import Db
from roundtables.errors import Refusal
from roundtables.settings import Settings

OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
RUNS = "Roundtables is running on this database. Stop it first."


def say_so(settings: Settings) -> IO[str] | None:
    """The service runs for as long as this is held; on PostgreSQL its connections say so."""
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite":
        return None
    lock = open(f"{url.database}.running", "w")  # noqa: SIM115 held as long as we run
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def refuse_if_running(settings: Settings) -> None:
    """Raises Refusal."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite":
        _refuse_if_locked(Path(f"{url.database}.running"))
        _refuse_if_locked(Path(f"{url.database}.sender"))
        return
    try:
        with closing(Db(settings.database)) as db, db.read() as session:
            others = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if session.connection().execute(text(others)).scalar_one():
                raise Refusal(RUNS)
    except SQLAlchemyError as error:
        raise Refusal("The database does not answer; check ROUNDTABLES_DATABASE_URL.") from error


def _refuse_if_locked(path: Path) -> None:
    if not path.is_file():
        return
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refusal(RUNS) from error
