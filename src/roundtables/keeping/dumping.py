"""A database as one file, and back: SQLite by its own backup, PostgreSQL by pg_dump and pg_restore."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from roundtables.errors import Refusal, Unreadable

SQLITE, POSTGRESQL = "database.sqlite3", "database.dump"
LONGEST = 6 * 3600  # seconds


def member(url: str) -> str:
    """The name of the database's file in a backup."""
    return SQLITE if is_sqlite(url) else POSTGRESQL


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def dump(url: str, target: Path) -> None:
    """A consistent copy, while others go on reading and writing. Raises Refusal."""
    if not is_sqlite(url):
        _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}"], make_url(url))
        return
    source = Path(make_url(url).database or "")
    if not source.is_file():
        raise Refusal(f"There is no database at {source}.")
    with closing(sqlite3.connect(source, timeout=15)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
        other.execute("PRAGMA journal_mode=DELETE")


def check(file: Path) -> None:
    """Raises Unreadable unless SQLite finds its file whole."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            [(said,)] = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        raise Unreadable(f"The database in the backup cannot be read ({error}).") from error
    if said != "ok":
        raise Unreadable(f"The database in the backup is damaged ({said[:100]}).")


def load(file: Path, url: str) -> None:
    """Into a PostgreSQL database, in the place of what is there, all or nothing. Raises Refusal."""
    words = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction"]
    _run([*words, "--exit-on-error", f"--dbname={make_url(url).database}", str(file)], make_url(url))


def _run(command: Sequence[str], url: URL) -> None:
    """One of PostgreSQL's programs; the password goes by the environment, where `ps` does not show it."""
    program = _program(command[0])
    if program is None:
        raise Refusal(f"{command[0]} is needed for a backup of PostgreSQL, and is not installed here.")
    done = subprocess.run(
        [program, *command[1:]],
        env={**os.environ, **_whereabouts(url)},
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Refusal(f"{command[0]} failed: {said[0][:200] if said else done.returncode}")


def _whereabouts(url: URL) -> dict[str, str]:
    host = url.host or url.query.get("host") or ""
    known = {
        "PGDATABASE": url.database,
        "PGHOST": host if isinstance(host, str) else host[0],
        "PGPORT": str(url.port) if url.port else "",
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password else "",
    }
    return {name: value for name, value in known.items() if value}


def _program(name: str) -> str | None:
    """Debian's newest, else the one on the path: an older one refuses a newer server."""
    found = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = sorted(found, key=lambda path: float(path.parts[-3]))[-1:]
    return str(newest[0]) if newest else shutil.which(name)
