"""Retention: what is over goes on its day and not before; a dry run counts exactly what then goes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from roundtables.attendance.actions import record_needs
from roundtables.invitation import intake
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer
from roundtables.keeping import retaining, rules, sealing
from roundtables.keeping.rules import PERIODS, Kind
from roundtables.mail.inbox import Door
from roundtables.person import kept_files
from roundtables.person.model import PeopleMerge
from roundtables.web.once import RememberedAnswer
from tests.mails import golden
from tests.world import ANA, BASHIR, JO, KINDNESS, NOW, SECRET

CLOSED = datetime(2027, 7, 5, 15, tzinfo=UTC)  # the table is on the 1st
DAYS = rules.periods()

# kind, days of the table, the last day it is still there, the day it goes
EDGES = [
    (Kind.NEEDS, 14, date(2027, 7, 14), date(2027, 7, 15)),
    (Kind.RAW_MAIL, 365, date(2028, 7, 4), date(2028, 7, 5)),
    (Kind.LETTERS, 365, date(2028, 7, 4), date(2028, 7, 5)),
    (Kind.STRAY_MAIL, 90, date(2027, 5, 30), date(2027, 5, 31)),
    (Kind.UNDO, 14, date(2027, 7, 19), date(2027, 7, 20)),
    (Kind.UNCONFIRMED, 14, date(2027, 7, 19), date(2027, 7, 20)),
    (Kind.UNSENT, 14, date(2027, 7, 19), date(2027, 7, 20)),
    (Kind.SIGN_IN_LINKS, 1, None, None),
    (Kind.SESSIONS, 0, None, None),
    (Kind.REMEMBERED, 7, date(2027, 3, 8), date(2027, 3, 9)),
    (Kind.PEOPLE_FILES, 1, date(2027, 3, 2), date(2027, 3, 3)),
    (Kind.MERGES, 30, date(2027, 3, 31), date(2027, 4, 1)),
]


@pytest.fixture
def over(world, db):
    """A table that was held and closed, with one of everything that is kept for a time."""
    jo, ana = world.ask(JO, ANA)
    world.ask(BASHIR, send=False)
    raw = golden("words-yes", TOKENJO=world.reply_token(jo))
    to = [f"rsvp+{world.reply_token(jo)}@localhost"]
    intake.receive(db, raw, door=Door.LMTP, now=NOW, envelope_from="jo@example.org", envelope_to=to)
    stray = b"From: x@example.com\r\nSubject: hello\r\n\r\na word in passing\r\n"
    intake.receive(db, stray, door=Door.LMTP, now=NOW, envelope_from="x@example.com", envelope_to=["rsvp@localhost"])
    world.answer(ana, Answer.DECLINED)
    with db.write() as session:
        record_needs(session, session.get_one(Invitation, jo), dietary="gluten", access="", note="", now=NOW)
        session.connection().execute(text("UPDATE outgoing_letter SET state = 'sent' WHERE state = 'queued'"))
        session.connection().execute(
            text("UPDATE invitation SET deputy_name = 'Ekow Mensah' WHERE id = :id"), {"id": ana}
        )
        table = world.table(session)
        table.closed_at = CLOSED
        session.add(table)
        session.add(
            RememberedAnswer(
                convener_id=world.convener_id, key="k", request_hash="", status=201, body="{}", created_at=NOW
            )
        )
        session.add(PeopleMerge(convener_id=world.convener_id, kept_id=1, gone_id=2, at=NOW, by="Farah"))
        kept_files.keep(session, world.convener_id, world.account_id, b"name,email", pasted=False, now=NOW)


def counted(db, today, kind):
    with db.read() as session:
        return {one.kind: one.count for one in retaining.overdue(session, today, DAYS)}[kind]


def test_every_kind_has_days_a_reason_and_an_edge_that_is_tested():
    assert list(PERIODS) == list(Kind) == [kind for kind, *_ in EDGES]
    assert [PERIODS[kind].days for kind in Kind] == [days for _, days, *_ in EDGES]
    assert all(period.why and period.since for period in PERIODS.values())


@pytest.mark.parametrize(("kind", "days", "still", "goes"), [e for e in EDGES if e[2]], ids=lambda v: str(v))
def test_it_is_there_on_its_last_day_and_goes_on_the_next(world, db, over, kind, days, still, goes):
    assert (counted(db, still, kind), counted(db, goes, kind) > 0) == (0, True)
    assert retaining.retain(db, still, DAYS).get(kind, 0) == 0
    expected = counted(db, goes, kind)
    assert retaining.retain(db, goes, DAYS)[kind] == expected
    assert (counted(db, goes, kind), retaining.retain(db, goes, DAYS)) == (0, {})


def test_sign_ins_and_links_go_once_they_open_nothing(world, db):
    world.sign_in_link()
    with db.read() as session:
        ends = session.connection().execute(text("SELECT expires_at FROM sign_in_link")).scalar_one()
    day = datetime.fromisoformat(str(ends)).date()
    assert [counted(db, day + timedelta(days=n), Kind.SIGN_IN_LINKS) for n in (0, 1, 2)] == [0, 0, 1]
    assert retaining.retain(db, day + timedelta(days=2), DAYS) == {Kind.SIGN_IN_LINKS: 1}


def test_what_stays_is_that_it_happened(world, db, over):
    retaining.retain(db, date(2030, 1, 1), DAYS)
    with db.read() as session:
        connection = session.connection()
        mails = connection.execute(text("SELECT outcome, length(raw), decides FROM incoming_mail ORDER BY id")).all()
        letters = connection.execute(text("SELECT state, length(raw) FROM outgoing_letter")).all()
        states = connection.execute(text("SELECT state FROM invitation ORDER BY id")).scalars().all()
    assert [tuple(row) for row in mails] == [("applied", 0, ""), ("ignored", 0, "")]
    assert {state for state, _ in letters} == {"sent", "cancelled"}
    assert {length for _, length in letters} == {0}
    assert states == ["accepted", "declined", "draft"]
    assert sealing.verify(db, SECRET).whole


def test_a_dry_run_says_what_then_goes_and_changes_nothing(world, db, over):
    today = date(2030, 1, 1)
    with db.read() as session:
        told = retaining.overdue(session, today, DAYS)
        again = retaining.overdue(session, today, DAYS)
    assert told == again
    assert {one.kind: one.count for one in told if one.count} == retaining.retain(db, today, DAYS)
    oldest = {one.kind: str(one.oldest)[:10] for one in told if one.count}
    assert (oldest[Kind.NEEDS], oldest[Kind.RAW_MAIL], oldest[Kind.STRAY_MAIL]) == (
        "2027-07-15",
        "2027-07-05",
        "2027-03-01",
    )


def test_an_operator_chooses_other_days_and_a_table_nobody_closed_is_over_too(world, db, over):
    days = rules.periods(raw_mail=10, letters=None)
    assert (days[Kind.RAW_MAIL], days[Kind.LETTERS]) == (10, 365)
    with db.write() as session:
        session.connection().execute(text("UPDATE roundtable SET closed_at = NULL"))
    ended = KINDNESS.ends_at.date()
    with db.read() as session:
        found = [
            {one.kind: one.count for one in retaining.overdue(session, ended + timedelta(days=n), days)}
            for n in (10, 11)
        ]
    assert [one[Kind.RAW_MAIL] for one in found] == [0, 1]


def test_nothing_of_a_mail_is_left_in_the_file(world, db, over):
    if not db.sqlite:
        pytest.skip("PostgreSQL keeps its files itself")
    retaining.retain(db, date(2030, 1, 1), DAYS)
    with db.engine.connect() as connection:
        connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(db.url.database, "rb") as file:
        assert b"a word in passing" not in file.read()
