"""Backup and restore: whole or not at all, held until released, and nobody erased comes back."""

import gzip
import io
import json
import shutil
import sqlite3
import tarfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from roundtables.db import Db
from roundtables.errors import Refusal, Unreadable
from roundtables.keeping import archive, dumping, erasing, holding, packing, register, running, sealing
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.person import queries as book
from roundtables.person.model import Person
from roundtables.settings import Settings
from tests.world import ANA, BASHIR, JO, NOW, SECRET

LATER = NOW + timedelta(days=3)


@pytest.fixture
def here(db, world, database_url, tmp_path):
    """The instance that is backed up: two asked, one letter sent, a paper; nobody has its database open."""
    world.ask(JO, ANA)
    with db.write() as session:
        session.connection().execute(text("UPDATE outgoing_letter SET state = 'sent', attempts = 1 WHERE id = 1"))
    sealing.seal(db, SECRET, now=NOW)
    db.engine.dispose()
    folder = tmp_path / "here"
    (folder / "files" / "papers").mkdir(parents=True)
    (folder / "files" / "papers" / "brief.pdf").write_bytes(b"%PDF a brief")
    (folder / "files" / "link").symlink_to("/etc/passwd")
    return Settings(data_dir=folder, database_url=database_url, secret_key=SECRET, _env_file=None)


@pytest.fixture
def elsewhere(request, here, tmp_path):
    """A fresh machine: no database yet, and a secret of its own."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "secret_key").write_text("made by the first command here")
    url = f"sqlite:///{folder / 'roundtables.sqlite3'}"
    if not dumping.is_sqlite(here.database):
        cluster = request.getfixturevalue("postgres_cluster")
        cluster.run("CREATE DATABASE {name} TEMPLATE template0", name="elsewhere")
        url = cluster.url("elsewhere")
    yield Settings(data_dir=folder, database_url=url, secret_key="made by the first command here", _env_file=None)
    if not dumping.is_sqlite(here.database):
        cluster.run("DROP DATABASE {name} WITH (FORCE)", name="elsewhere")


def asked(settings, question):
    with closing(Db(settings.database)) as db, db.read() as session:
        return session.connection().execute(text(question)).all()


def letters(settings):
    return [tuple(row) for row in asked(settings, "SELECT id, state FROM outgoing_letter ORDER BY id")]


def test_a_backup_is_one_file_for_its_owner_alone(here, tmp_path):
    file = tmp_path / "kept.tar.gz"
    manifest = archive.backup(here, file, now=NOW)
    assert file.stat().st_mode & 0o777 == 0o600
    assert manifest.counts == {"people": 2, "roundtables": 1, "invitations": 2, "letters": 2, "mails": 0}
    with tarfile.open(file) as packed:
        names = packed.getnames()
    assert names[0] == "manifest.json"
    assert set(names[1:]) == {dumping.member(here.database), "secret_key", "files/papers/brief.pdf"}
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_all_of_it_comes_back_held_and_sends_nothing_until_released(here, elsewhere, tmp_path):
    archive.backup(here, tmp_path / "kept", now=NOW)
    done = archive.restore(elsewhere, tmp_path / "kept", replace=False, now=LATER)
    assert (done.letters, done.erased.people, done.settled) == (1, 0, 0)
    assert (elsewhere.data_dir / "secret_key").read_text() == SECRET
    assert (elsewhere.data_dir / "files" / "papers" / "brief.pdf").read_bytes() == b"%PDF a brief"
    assert [p.name for p in elsewhere.data_dir.iterdir() if p.name.startswith(".")] == []
    assert asked(elsewhere, "SELECT name FROM person ORDER BY id") == asked(here, "SELECT name FROM person ORDER BY id")
    assert letters(elsewhere) == [(1, "sent"), (2, "queued")]
    with closing(Db(elsewhere.database)) as db:
        with db.read() as session:
            waiting = holding.waiting(session)
            assert (waiting.backup_of, waiting.in_backup, waiting.kinds) == (NOW, 1, {"invitation": 1})
        assert sealing.verify(db, SECRET).whole
        with db.write() as session:
            assert holding.release(session, discard=False, now=LATER) == 1
            assert not holding.is_held(session)
        assert sealing.seal(db, SECRET, now=LATER) > 0
        assert sealing.verify(db, SECRET).whole


def test_released_with_discard_nothing_of_the_backup_leaves(here, elsewhere, tmp_path):
    archive.backup(here, tmp_path / "kept", now=NOW)
    archive.restore(elsewhere, tmp_path / "kept", replace=False, now=LATER)
    with closing(Db(elsewhere.database)) as db, db.write() as session:
        assert holding.release(session, discard=True, now=LATER) == 0
        assert holding.release(session, discard=True, now=LATER) == 0
    assert letters(elsewhere) == [(1, "sent"), (2, "cancelled")]


def test_where_data_is_already_a_word_is_needed(here, tmp_path):
    archive.backup(here, tmp_path / "kept", now=NOW)
    with pytest.raises(Refusal, match="--replace"):
        archive.restore(here, tmp_path / "kept", replace=False, now=LATER)
    assert letters(here) == [(1, "sent"), (2, "queued")]


def test_what_was_sent_since_is_not_sent_again_and_who_was_erased_since_stays_so(here, world, db, tmp_path):
    """In place: the instance that is replaced still knows both."""
    archive.backup(here, tmp_path / "kept", now=NOW)
    world.ask(BASHIR, now=LATER)
    with db.write() as session:
        session.connection().execute(text("UPDATE outgoing_letter SET state = 'sent' WHERE id = 2"))
        person = book.by_address(session, world.convener_id, "jo@example.org")
        marks = erasing.marks_of(session, person)
        erasing.erase(session, person, now=LATER)
    register.write_down(here.data_dir, marks, now=LATER)
    db.engine.dispose()
    done = archive.restore(here, tmp_path / "kept", replace=True, now=LATER)
    assert (done.settled, done.erased.people, done.letters) == (1, 1, 0)
    assert letters(here) == [(1, "sent"), (2, "sent")]
    assert [name for (name,) in asked(here, "SELECT name FROM person ORDER BY id")] == [
        "Somebody who was invited",
        "Ana Ruiz",
    ]
    if dumping.is_sqlite(here.database):
        content = Path(here.database.removeprefix("sqlite:///")).read_bytes()
        assert b"Jo Bloggs" not in content
        assert b"jo@example.org" not in content


@pytest.mark.parametrize("named", [True, False], ids=["a newer register is named", "it lies there"])
def test_nobody_erased_comes_back_on_a_fresh_machine(here, elsewhere, tmp_path, named):
    archive.backup(here, tmp_path / "kept", now=NOW)
    folder = tmp_path if named else elsewhere.data_dir
    register.write_down(folder, [register.mark(SECRET, "jo@example.org")], now=LATER)
    newer = tmp_path / "erased" if named else None
    done = archive.restore(elsewhere, tmp_path / "kept", replace=False, erased=newer, now=LATER)
    assert (done.erased.people, done.erased.invitations) == (1, 1)
    assert asked(elsewhere, "SELECT count(*) FROM invitation") == [(2,)]
    assert register.read(elsewhere.data_dir / "erased") != {}
    with closing(Db(elsewhere.database)) as db, db.read() as session:
        people = session.exec(select(Person).where(Person.erased_at.is_(None))).all()
        assert [person.name for person in people] == ["Ana Ruiz"]
        raws = session.exec(select(OutgoingLetter.raw)).all()
        assert not any(b"Jo Bloggs" in raw for raw in raws)


def spoiled(tmp_path, name, change):
    """A copy of the backup with one member changed."""
    file = tmp_path / "spoiled"
    with tarfile.open(tmp_path / "kept") as old, tarfile.open(file, "w:gz") as new:
        for entry in old:
            content = old.extractfile(entry).read()
            if entry.name == name:
                entry, content = change(entry, content)
                if entry is None:
                    continue
            entry.size = len(content)
            new.addfile(entry, io.BytesIO(content))
    return file


def another(entry, content):
    return entry, bytes([content[0] ^ 1]) + content[1:]


def longer(entry, content):
    return entry, content + b"x"


def absent(entry, content):
    return None, b""


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("secret_key", another, "digest is another"),
        ("files/papers/brief.pdf", longer, "not as long"),
        ("files/papers/brief.pdf", absent, "is missing"),
        ("manifest.json", absent, "manifest"),
        ("manifest.json", lambda e, c: (e, b"{}"), "manifest"),
        ("manifest.json", lambda e, c: (e, c.replace(b"files/papers", b"../../papers")), "another version"),
    ],
    ids=["another secret", "longer", "one missing", "no manifest", "an empty manifest", "a way out"],
)
def test_what_is_not_as_it_was_made_is_refused_and_changes_nothing(here, elsewhere, tmp_path, name, change, said):
    archive.backup(here, tmp_path / "kept", now=NOW)
    before = sorted(path.name for path in elsewhere.data_dir.iterdir())
    with pytest.raises(Unreadable, match=said):
        archive.restore(elsewhere, spoiled(tmp_path, name, change), replace=False, now=LATER)
    assert sorted(path.name for path in elsewhere.data_dir.iterdir()) == before
    assert (elsewhere.data_dir / "secret_key").read_text() == "made by the first command here"


def test_half_a_file_or_another_file_is_refused(here, elsewhere, tmp_path):
    archive.backup(here, tmp_path / "kept", now=NOW)
    whole = (tmp_path / "kept").read_bytes()
    for content in (whole[: len(whole) // 2], b"nothing like it", gzip.compress(b"nor this"), b""):
        (tmp_path / "bad").write_bytes(content)
        with pytest.raises(Unreadable):
            archive.restore(elsewhere, tmp_path / "bad", replace=False, now=LATER)
    with pytest.raises(Refusal, match="no file"):
        archive.restore(elsewhere, tmp_path / "absent", replace=False, now=LATER)


def test_another_secret_by_the_operator_is_refused(here, elsewhere, tmp_path):
    archive.backup(here, tmp_path / "kept", now=NOW)
    theirs = elsewhere.model_copy(update={"secret_key": "set in the environment"})
    with pytest.raises(Refusal, match="SECRET_KEY"):
        archive.restore(theirs, tmp_path / "kept", replace=False, now=LATER)


def test_a_running_service_keeps_its_database(here, tmp_path, db):
    archive.backup(here, tmp_path / "kept", now=NOW)
    lock = running.say_so(here)
    with db.read() as session:
        session.connection().execute(text("SELECT 1"))
        with pytest.raises(Refusal, match="running"):
            archive.restore(here, tmp_path / "kept", replace=True, now=LATER)
    if lock is not None:
        lock.close()


def test_without_the_programs_of_postgresql_it_says_so(here, tmp_path, monkeypatch):
    if dumping.is_sqlite(here.database):
        pytest.skip("SQLite needs none")
    monkeypatch.setattr(dumping, "_program", lambda name: None)
    with pytest.raises(Refusal, match="pg_dump is needed"):
        archive.backup(here, tmp_path / "kept", now=NOW)


def test_a_backup_for_another_kind_of_database_is_refused(here, elsewhere, tmp_path):
    archive.backup(here, tmp_path / "kept", now=NOW)
    other = "sqlite:////nowhere/x.sqlite3" if not dumping.is_sqlite(here.database) else "postgresql://x@127.0.0.1:1/x"
    if other.startswith("postgresql"):
        pytest.skip("asks the server first")
    with pytest.raises(Refusal, match="another"):
        archive.restore(
            elsewhere.model_copy(update={"database_url": other}), tmp_path / "kept", replace=False, now=LATER
        )


def test_a_backup_is_consistent_while_others_write(world, db, database_url, tmp_path):
    """The copy has a moment of its own: whole transactions or none."""
    if not db.sqlite:
        pytest.skip("pg_dump sees to that")
    with db.write() as session:
        session.connection().execute(text("UPDATE convener SET tagline = 'not committed'"))
        dumping.dump(database_url, tmp_path / "copy")
        session.connection().execute(text("UPDATE convener SET tagline = ''"))
    dumping.check(tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT tagline FROM convener").fetchall() == [("",)]


def test_a_damaged_database_is_found_before_anything_is_replaced(tmp_path, sqlite_template):
    shutil.copy(sqlite_template, tmp_path / "db")
    content = bytearray((tmp_path / "db").read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    (tmp_path / "db").write_bytes(content)
    with pytest.raises(Unreadable, match=r"damaged|cannot be read"):
        dumping.check(tmp_path / "db")


def test_a_manifest_says_what_there_is(here, tmp_path):
    archive.backup(here, tmp_path / "kept", now=NOW)
    with tarfile.open(tmp_path / "kept") as packed:
        said = json.loads(packed.extractfile("manifest.json").read())
    assert (said["format"], said["made_at"]) == (packing.FORMAT, NOW.isoformat())
    assert said["members"]["files/papers/brief.pdf"]["bytes"] == 12


def test_a_letter_in_a_senders_hands_is_nobodys_after_a_restore(here, db, elsewhere, tmp_path):
    with db.write() as session:
        session.connection().execute(text("UPDATE outgoing_letter SET state = 'sending' WHERE id = 2"))
    db.engine.dispose()
    archive.backup(here, tmp_path / "kept", now=NOW)
    archive.restore(elsewhere, tmp_path / "kept", replace=False, now=LATER)
    assert letters(elsewhere) == [(1, "sent"), (2, str(LetterState.QUEUED))]
