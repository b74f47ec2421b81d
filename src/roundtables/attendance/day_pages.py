"""The day at the desk: what people need, what they read beforehand, what came of it."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from sqlmodel import Session

from roundtables.attendance import queries as attendance
from roundtables.attendance.at_day import TABLE, pages_of_the_day
from roundtables.attendance.day import by_surname
from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import DAY_TEAM, READERS, Organiser
from roundtables.db import now
from roundtables.desk.at_table import at_table, table_of
from roundtables.desk.queries import READ_NEEDS, papers_of, posts_of, readers_of_needs
from roundtables.invitation import queries as invitations
from roundtables.invitation.keeping import row_id
from roundtables.invitation.rules import State
from roundtables.keeping import reading
from roundtables.settings import Settings
from roundtables.web.answers import page
from roundtables.web.problems import NotAllowed


@get(f"{TABLE}/needs", may=DAY_TEAM, sync_to_thread=True)
def needs(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    """Only those who run the day read this."""
    if organiser.role not in READ_NEEDS:
        raise NotAllowed("Only the people who run the day see what guests need.")
    with db.read() as session:
        context = _context(session, organiser, settings, roundtable_id, "needs")
        everybody = invitations.of_roundtable(session, roundtable_id)
        found = attendance.needs(session, [row_id(i) for i in everybody])
        readers = readers_of_needs(session, organiser.convener_id)
    reading.note(db, f"account:{organiser.account_id}", found, now=now())
    guests = by_surname([i for i in everybody if i.id in found], tuple(State))
    return page("attendance/needs.html", guests=guests, needs=found, readers=readers, **context)


@get(f"{TABLE}/papers", may=READERS, sync_to_thread=True)
def papers(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    with db.read() as session:
        context = _context(session, organiser, settings, roundtable_id, "papers")
        reports = papers_of(session, context["table"])
    return page("attendance/papers.html", reports=reports, **context)


@get(f"{TABLE}/outcomes", may=READERS, sync_to_thread=True)
def outcomes(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    with db.read() as session:
        context = _context(session, organiser, settings, roundtable_id, "outcomes")
        posts = posts_of(session, organiser.convener_id, roundtable_id)
    may_write = organiser.may_write_posts
    return page("attendance/outcomes.html", posts=posts, may_write=may_write, **context)


def _context(
    session: Session, organiser: Organiser, settings: Settings, roundtable_id: int, tab: str
) -> dict[str, Any]:
    table = table_of(session, organiser, roundtable_id)
    return at_table(session, organiser, settings, table, tab=tab)


HANDLERS = [pages_of_the_day(needs, papers, outcomes)]
