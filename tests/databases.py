"""
Databases for tests: SQLite, and a PostgreSQL server of our own.

Each test worker starts one server (a fresh cluster in a temporary folder, a socket and no port, nothing synced),
migrates one template, and copies it for every test: a fresh database with the schema costs milliseconds.
Without PostgreSQL the tests that need it are skipped; where CI=true they fail.
"""

import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from roundtables import db

# Faster than it is safe: nothing here outlives the tests.
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
OURS = {"listen_addresses": "", "max_connections": "60", "shared_buffers": "32MB", "timezone": "UTC"}
TEMPLATE = "template_roundtables"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL server, reached through a socket in `folder`."""

    folder: Path

    def url(self, name: str) -> str:
        return f"postgresql://roundtables@/{name}?host={self.folder}"

    def run(self, statement: str, **names: str) -> None:
        """Runs `statement` outside any transaction, `{name}` filled in as identifiers."""
        ready = sql.SQL(statement).format(**{key: sql.Identifier(name) for key, name in names.items()})
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(ready)

    def make_template(self) -> None:
        """The database that all others are copied from: the whole schema, and nobody may connect."""
        self.run("CREATE DATABASE {name}", name=TEMPLATE)
        db.migrate(self.url(TEMPLATE))
        self.run("ALTER DATABASE {name} ALLOW_CONNECTIONS false", name=TEMPLATE)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a new database with the schema, dropped afterwards whoever is still connected."""
        name = f"test_{uuid4().hex}"
        self.run("CREATE DATABASE {name} TEMPLATE {template}", name=name, template=TEMPLATE)
        try:
            yield self.url(name)
        finally:
            self.run("DROP DATABASE {name} WITH (FORCE)", name=name)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """A server of our own. Skips (or with CI=true fails) where PostgreSQL is not installed."""
    initdb = _program("initdb")
    if initdb is None:
        _absent("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="roundtables-pg-", dir=_fast_folder()))
    try:
        shutil.chown(folder, _owner())
        with _server(Path(initdb), folder) as cluster:
            cluster.make_template()
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgres_cluster: Cluster) -> Iterator[str]:
    """A fresh PostgreSQL database with the schema."""
    with postgres_cluster.fresh() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file that holds the whole schema, its write-ahead log folded in."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    db.migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database with the schema: every test that asks for it runs on both kinds."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'test.sqlite3')}"


@contextmanager
def _server(initdb: Path, folder: Path) -> Iterator[Cluster]:
    data, log = folder / "data", folder / "log"
    command = [
        initdb,
        "--pgdata",
        data,
        "--username",
        "roundtables",
        "--auth",
        "trust",
        "--no-sync",
        "--no-instructions",
    ]
    _as_owner(subprocess.run, [*command, "--encoding", "UTF8", "--locale", "C.UTF-8"], check=True, capture_output=True)
    settings = {**UNSAFE, **OURS, "unix_socket_directories": str(folder)}
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    with log.open("wb") as out:
        server = _as_owner(
            subprocess.Popen, [initdb.with_name("postgres"), "-D", data, *options], stdout=out, stderr=out
        )
    try:
        yield _wait_for(Cluster(folder), server, log)
    finally:
        server.send_signal(signal.SIGINT)  # let nobody finish, but stop in order
        server.wait(30)


def _wait_for(cluster: Cluster, server: subprocess.Popen, log: Path) -> Cluster:
    for _ in range(600):
        try:
            cluster.run("SELECT 1")
            return cluster
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
    pytest.fail(f"PostgreSQL did not start: {log.read_text()[-2000:]}")


def _fast_folder() -> str:
    """Memory where there is enough (a copy takes 60 ms there, 330 on disk); a short name, as a socket's must be."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    return str(memory) if roomy else "/tmp"


def _program(name: str) -> str | None:
    """The newest of Debian's, else the one on the path."""
    found = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = sorted(found, key=lambda path: float(path.parts[-3]))[-1:]
    return str(newest[0]) if newest else shutil.which(name)


def _owner() -> str | None:
    """Whom the server runs as: PostgreSQL refuses to be root's."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _as_owner(start: Callable, command: list, **options: object):
    if os.geteuid() == 0:
        entry = pwd.getpwnam(_owner())
        options |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return start(
        [str(word) for word in command], cwd="/", env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, **options
    )


def _absent(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}, and CI=true asks for everything")
    pytest.skip(what)
