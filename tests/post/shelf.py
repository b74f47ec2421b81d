"""Posts, tables and reports for tests of what readers see."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import event

from roundtables.db import Db
from roundtables.post import actions
from roundtables.post.text import Text
from roundtables.report import actions as reports
from roundtables.roundtable.actions import plan
from roundtables.roundtable.rules import Visibility
from tests.world import KINDNESS, NOW, World

DANIEL = {"name": "Daniel Osei-Hart", "title": "Deputy Director", "organisation": "Larkmoor Trust"}
FORM = Text(
    title="The form was never the problem",
    standfirst="Most arrived with a story about a form.",
    body="Every public servant has a form.\n\n## Rules as shelter\n\nA rule can be *somewhere* to hide.",
    authors=[DANIEL],
    topics=["Kindness"],
)


def wrote(world: World, text: Text = FORM, *, published: bool = True, now=NOW, reason: str = "", **changes) -> int:
    """The id of a fresh post, published unless told otherwise."""
    with world.db.write() as session:
        post = actions.write(session, world.convener_id, replace(text, **changes), now=now)
        if published:
            actions.publish(session, post, by="Farah Lindqvist", now=now, override_reason=reason)
        return actions.number(post)


def laid(world: World, *, visibility: Visibility = Visibility.LISTED, now=NOW, **changes) -> int:
    """The id of a fresh table."""
    with world.db.write() as session:
        table = plan(session, world.convener_id, replace(KINDNESS, visibility=visibility, **changes), now=now)
        return table.id


def report(world: World, title: str = "The Warm State") -> int:
    details = reports.Details(
        title=title, authors=["Ines Calloway"], publisher="Larkmoor Trust", published_on=date(2018, 11, 20)
    )
    with world.db.write() as session:
        return reports.add(session, world.convener_id, details, now=NOW - timedelta(days=1)).id


@contextmanager
def counted(db: Db):
    """The statements sent to the database while it lasts."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
