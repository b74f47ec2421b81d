"""Runs the migrations of this folder on the database that `roundtables.db.migrate` names, one process at a time."""

from alembic import context
from sqlalchemy import text

from roundtables import models
from roundtables.db import Db
from roundtables.keeping import triggers

LOCK = 7_021_904  # any number, the same for every process


def run() -> None:
    db = Db(context.config.attributes["url"])
    try:
        _migrate(db)
    finally:
        db.close()


def _migrate(db: Db) -> None:
    with db.engine.connect().execution_options(begin_immediate=True) as connection, connection.begin():
        if not db.sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        context.configure(connection=connection, target_metadata=models.metadata, render_as_batch=db.sqlite)
        with context.begin_transaction():
            triggers.unwatch(connection)
            context.run_migrations()
            triggers.watch(connection)


run()
