"""
Backup and restore of a whole instance: database, secret, files, and the register of erasures. A composition root.

A restore prepares everything beside the target first: digests, the database whole and at the newest version, held,
erasures done again. Only then it takes the target's place.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from roundtables.app import database
from roundtables.db import Db, migrate
from roundtables.errors import Refusal
from roundtables.keeping import cleaning, dumping, erasing, holding, packing, register, running
from roundtables.keeping.erasing import Erased
from roundtables.keeping.packing import Manifest
from roundtables.settings import Settings

SECRET, FILES = "secret_key", "files"
COUNTED = {
    "people": "person",
    "roundtables": "roundtable",
    "invitations": "invitation",
    "letters": "outgoing_letter",
    "mails": "incoming_mail",
}


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: whose backup it was, what waits for `release`, what was erased once more."""

    manifest: Manifest
    letters: int
    erased: Erased
    settled: int
    clean: bool


@dataclass(frozen=True, slots=True)
class Since:
    """What is known to have happened after the backup: letters that ended, by Message-ID, and erasures."""

    ended: holding.Ended = field(default_factory=dict)
    erased: Mapping[str, datetime] = field(default_factory=dict)


def backup(settings: Settings, target: Path, *, now: datetime) -> Manifest:
    """Writes the whole instance to `target` while it runs. Raises Refusal."""
    if not target.parent.is_dir():
        raise Refusal(f"There is no folder {target.parent}.")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as name:
        folder = Path(name)
        members = {dumping.member(settings.database): folder / "database"}
        dumping.dump(settings.database, folder / "database")
        (folder / SECRET).write_text(settings.secret_key)
        members |= {SECRET: folder / SECRET, **_files(settings.data_dir)}
        revision, counts = _described(settings)
        manifest = Manifest(
            made_at=now.isoformat(),
            database="sqlite" if dumping.is_sqlite(settings.database) else "postgresql",
            revision=revision,
            counts=counts,
            members=packing.describe(members),
        )
        packing.pack(target, manifest, members)
    return manifest


def restore(settings: Settings, source: Path, *, replace: bool, erased: Path | None = None, now: datetime) -> Restored:
    """
    Puts a backup in the place of this instance and leaves it held. Raises Refusal, also where data is already, unless
    `replace`; Unreadable for a backup that is not whole. `erased` names a newer register.
    """
    if not source.is_file() or (erased is not None and not erased.is_file()):
        raise Refusal(f"There is no file {source if not source.is_file() else erased}.")
    running.refuse_if_running(settings)
    if not replace and not _is_empty(settings):
        raise Refusal("There is an instance here already. To put the backup in its place, say --replace.")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as name:
        folder = Path(name)
        manifest = packing.unpack(source, folder)
        theirs = _with_their_secret(settings, folder)
        since = _known_here(settings) if replace else Since()
        marks = register.together(since.erased, *map(register.read, _registers(settings.data_dir, folder, erased)))
        done = _put(theirs, folder, manifest, Since(since.ended, marks), now)
        if theirs is not settings:
            os.replace(folder / SECRET, settings.data_dir / SECRET)
        _keep_files(settings.data_dir, folder)
        register.replace(settings.data_dir, marks)
    return done


def _put(
    settings: Settings,
    folder: Path,
    manifest: Manifest,
    since: Since,
    now: datetime,
) -> Restored:
    """The database made ready, and then in its place."""
    file = folder / dumping.member(settings.database)
    if not file.is_file():
        raise Refusal(f"The backup is of a {manifest.database} database, and this instance has another.")
    if not dumping.is_sqlite(settings.database):
        dumping.load(file, settings.database)
        return _prepare(settings, manifest, since, now)
    dumping.check(file)
    ready = settings.model_copy(update={"database_url": f"sqlite:///{file}"})
    done = _prepare(ready, manifest, since, now)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    target = Path(make_url(settings.database).database or "")
    for beside in ("-wal", "-shm"):
        Path(f"{target}{beside}").unlink(missing_ok=True)
    os.replace(file, target)
    return done


def _prepare(settings: Settings, manifest: Manifest, since: Since, now: datetime) -> Restored:
    """Held first of all; then what is known to have happened since is done again."""
    migrate(settings.database)
    with closing(database(settings)) as db:
        with db.write() as session:
            settled = holding.settle(session, since.ended)
            letters = holding.hold(session, backup_of=datetime.fromisoformat(manifest.made_at), now=now).letters
            erased = erasing.erase_again(session, register.together(register.known(session), since.erased), now=now)
        clean = cleaning.clean(db) if erased.people else True
    return Restored(manifest, letters, erased, settled, clean)


def _with_their_secret(settings: Settings, folder: Path) -> Settings:
    """
    The backup's secret is from now on ours: links and addresses that were given out hang on it. Raises Refusal where
    the operator has set another one.
    """
    secret = (folder / SECRET).read_text().strip()
    own = settings.data_dir / SECRET
    if secret == settings.secret_key:
        return settings
    if not own.is_file() or own.read_text().strip() != settings.secret_key:
        raise Refusal("ROUNDTABLES_SECRET_KEY is not the backup's: set it to that, or leave it out.")
    return settings.model_copy(update={"secret_key": secret})


def _registers(data_dir: Path, folder: Path, erased: Path | None) -> list[Path]:
    """Every register at hand: the backup's, the one that lies here, and the one that was named."""
    return [path for path in (folder / register.FILE, data_dir / register.FILE, erased) if path is not None]


def _keep_files(data_dir: Path, folder: Path) -> None:
    shutil.rmtree(data_dir / FILES, ignore_errors=True)
    if (folder / FILES).is_dir():
        os.replace(folder / FILES, data_dir / FILES)


def _files(data_dir: Path) -> dict[str, Path]:
    """Papers, and the register. No links: what they lead to is not ours."""
    found = {register.FILE: data_dir / register.FILE} if (data_dir / register.FILE).is_file() else {}
    papers = sorted(p for p in (data_dir / FILES).rglob("*") if p.is_file() and not p.is_symlink())
    return found | {str(path.relative_to(data_dir)): path for path in papers}


def _described(settings: Settings) -> tuple[str, dict[str, int]]:
    """(revision, how many rows of what)."""
    with closing(Db(settings.database)) as db, db.read() as session:
        connection = session.connection()
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        counts = {
            name: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 our own names
            for name, table in COUNTED.items()
        }
    return str(revision), counts


def _is_empty(settings: Settings) -> bool:
    """Whether nobody has anything here: no database, or one without a convener."""
    url = settings.database
    if dumping.is_sqlite(url) and not Path(make_url(url).database or "").is_file():
        return True
    with closing(Db(url)) as db:
        if not inspect(db.engine).has_table("convener"):
            return True
        with db.read() as session:
            return session.connection().execute(text("SELECT 1 FROM convener")).first() is None


def _known_here(settings: Settings) -> Since:
    """What the instance that is replaced knows. Nothing if it cannot say."""
    try:
        with closing(database(settings)) as db, db.read() as session:
            return Since(holding.ended(session), register.known(session))
    except SQLAlchemyError:
        return Since()
