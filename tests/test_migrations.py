"""Migrations on both databases: from nothing to what the models say, and back, however often and by how many."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from roundtables import models
from roundtables.db import Db, alembic_config, is_migrated, migrate
from roundtables.errors import Refusal
from tests.world import World


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    cluster, name = request.getfixturevalue("postgres_cluster"), f"test_{uuid4().hex}"
    cluster.run("CREATE DATABASE {name} TEMPLATE template0", name=name)
    yield cluster.url(name)
    cluster.run("DROP DATABASE {name} WITH (FORCE)", name=name)


def tables(url: str) -> set[str]:
    db = Db(url)
    found = set(inspect(db.engine).get_table_names())
    db.close()
    return found


def migrated(url: str) -> bool:
    db = Db(url)
    answer = is_migrated(db)
    db.close()
    return answer


def test_from_nothing_to_every_table_of_the_models(empty):
    migrate(empty)
    assert migrated(empty)
    assert set(models.metadata.tables) <= tables(empty)


def test_the_migrations_and_the_models_say_the_same(empty):
    migrate(empty)
    db = Db(empty)
    ours = set(models.metadata.tables)

    def of_the_models(thing: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
        return kind != "table" or name in ours  # a search index is a table no model knows

    with db.engine.connect() as connection:
        options = {"compare_type": True, "render_as_batch": db.sqlite, "include_object": of_the_models}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), models.metadata)
    db.close()
    assert differences == []


def test_a_repeat_changes_nothing_and_loses_nothing(empty, stationery):
    migrate(empty)
    db, before = Db(empty, info={"stationery": stationery}), tables(empty)
    World(db)
    migrate(empty)
    with db.read() as session:
        names = session.connection().execute(text("SELECT name FROM convener")).scalars().all()
    db.close()
    assert (names, tables(empty), migrated(empty)) == (["Larkmoor Trust"], before, True)


def test_two_processes_at_once_do_it_once(empty):
    script = "import sys; from roundtables.db import migrate; migrate(sys.argv[1])"
    started = [
        subprocess.Popen([sys.executable, "-c", script, empty], stderr=subprocess.PIPE, cwd=Path(__file__).parents[1])
        for _ in range(2)
    ]
    ended = [(process.communicate(timeout=60)[1].decode(), process.returncode) for process in started]
    assert [code for _, code in ended] == [0, 0], ended
    assert migrated(empty)


def test_all_the_way_down_leaves_nothing_and_up_again_everything(empty):
    migrate(empty)
    full = tables(empty)
    command.downgrade(alembic_config(empty), "base")
    assert tables(empty) <= {"alembic_version"}
    migrate(empty)
    assert tables(empty) == full


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path, monkeypatch):
    """SQLite too: one transaction holds them all."""
    path = tmp_path / "half.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE outgoing_letter (id INTEGER)")  # stands in the way of the real one
        connection.commit()
    with pytest.raises(Exception, match="already exists"):
        migrate(f"sqlite:///{path}")
    assert tables(f"sqlite:///{path}") == {"outgoing_letter"}


def test_the_connection_of_a_new_database_keeps_what_it_commits(empty):
    db = Db(empty)
    with db.read() as session:
        if db.sqlite:
            pragmas = ("journal_mode", "synchronous", "foreign_keys")
            found = [session.connection().execute(text(f"PRAGMA {name}")).scalar() for name in pragmas]
            assert found == ["wal", 2, 1]
        else:
            assert session.connection().execute(text("SHOW transaction_isolation")).scalar() == "read committed"
    db.close()


def test_a_database_newer_than_we_are_is_left_alone(empty):
    migrate(empty)
    db = Db(empty)
    with db.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'of 2040'"))
    db.close()
    with pytest.raises(Refusal, match="another version"):
        migrate(empty)
    assert not migrated(empty)
