"""Erasure: not a byte of somebody is left, and what others need to know stays."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from roundtables.attendance.actions import record_attendance, record_needs
from roundtables.attendance.model import Came
from roundtables.invitation import actions, intake
from roundtables.invitation.deputies import propose
from roundtables.invitation.model import History, Invitation
from roundtables.invitation.rules import Answer, State
from roundtables.keeping import cleaning, erasing, register, sealing
from roundtables.keeping.model import Entry, Erasure
from roundtables.keeping.words import NOBODY, SOMEBODY
from roundtables.mail.inbox import Door, IncomingMail
from roundtables.mail.outbox import LetterState
from roundtables.person import actions as people
from roundtables.person import queries as book
from tests.mails import golden
from tests.world import ANA, BASHIR, CARYS, JO, NOW, SECRET

TRACES = [b"Jo Bloggs", b"jo@example.org", b"jo.second@example.net", b"gluten", b"ramp at the side", b"Northshire"]


@pytest.fixture
def lived(world, db):
    """Jo was asked, answered by mail, told needs, was somebody's deputy, and is erased."""
    jo, ana = world.ask(JO, ANA)
    to = f"rsvp+{world.reply_token(jo)}@localhost"
    raw = golden("words-yes", TOKENJO=world.reply_token(jo))
    intake.receive(db, raw, door=Door.LMTP, now=NOW, envelope_from="jo@example.org", envelope_to=[to])
    stray = b"From: Jo Bloggs <jo@example.org>\r\nTo: rsvp@localhost\r\nSubject: hello\r\n\r\nJo Bloggs was here\r\n"
    intake.receive(db, stray, door=Door.LMTP, now=NOW, envelope_from="jo@example.org", envelope_to=["rsvp@localhost"])
    intake.receive(db, b"Subject: x\r\n" * 40_000 + b"jo@example.org", door=Door.PIPE, now=NOW)
    with db.write() as session:
        row = session.get_one(Invitation, jo)
        record_needs(session, row, dietary="gluten", access="ramp at the side", note="", now=NOW)
        record_attendance(session, row, Came.IN_PERSON, by="Farah Lindqvist", now=NOW)
        person = session.get_one(type(book.by_address(session, world.convener_id, JO.email)), row.person_id)
        people.learn_address(session, person, "jo.second@example.net")
        propose(
            session,
            session.get_one(Invitation, ana),
            name="Jo Bloggs",
            email="jo@example.org",
            comment="Jo Bloggs knows more",
            by="Ana Ruiz",
            now=NOW,
        )
    return jo, ana


def erased(world, db, address="jo.second@example.net"):
    with db.write() as session:
        return erasing.erase(session, book.by_address(session, world.convener_id, address), now=NOW)


def everything(db) -> bytes:
    """Every row of every table, as text; bytes as they are."""
    found = b""
    with db.read() as session:
        connection = session.connection()
        for table in Entry.metadata.sorted_tables:
            for row in connection.execute(table.select()):
                found += b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row) + b"\n"
    return found


def test_no_table_says_anything_of_them_and_the_seat_stays(world, db, lived):
    jo, ana = lived
    assert [trace for trace in TRACES if trace not in everything(db)] == []
    done = erased(world, db)
    assert (done.people, done.invitations, done.mails, done.look) == (1, 1, 3, [])
    assert done.letters >= 2
    left = everything(db)
    assert [trace for trace in TRACES if trace in left] == []
    assert b"Ana Ruiz" in left
    row = world.invitation(jo)
    assert (row.name, row.email, row.state, row.holds_seat) == (SOMEBODY, NOBODY, State.ACCEPTED, True)
    with db.read() as session:
        assert session.connection().execute(text("SELECT came FROM attendance")).scalars().all() == ["in-person"]
        lines = session.exec(select(History).where(History.invitation_id == jo)).all()
    assert ("accepted by mail", SOMEBODY) in {(line.what, line.by) for line in lines}
    assert all(line.before is None for line in lines)
    assert world.invitation(ana).deputy_name in ("", SOMEBODY)
    assert sealing.verify(db, SECRET).whole


def test_not_a_byte_is_left_in_the_file_its_log_or_journal(world, db, lived):
    if not db.sqlite:
        pytest.skip("PostgreSQL keeps its files itself; its tables are rewritten")
    erased(world, db)
    assert cleaning.clean(db)
    path = db.url.database
    for suffix in ("", "-wal", "-journal", "-shm"):
        file = Path(path + suffix)
        content = file.read_bytes() if file.exists() else b""
        assert [trace for trace in TRACES if trace in content] == [], suffix


def test_postgresql_rewrites_its_tables(world, db, lived):
    erased(world, db)
    assert cleaning.clean(db)
    assert cleaning.clean(db, thoroughly=False)


def test_letters_on_their_way_are_taken_back_and_none_is_written_any_more(world, db, lived):
    jo, _ = lived
    erased(world, db)
    assert {letter.state for letter in world.letters(invitation_id=jo)} == {LetterState.CANCELLED}
    with db.write() as session:
        actions.withdraw(session, session.get_one(Invitation, jo), by="Farah", now=NOW)
    newest = world.letters(invitation_id=jo)[-1]
    assert (newest.state, newest.to_address) == (LetterState.CANCELLED, NOBODY)


def test_mail_they_write_later_and_links_they_hold_are_nobodys(world, db, lived, client):
    jo, _ = lived
    link, token = world.page_token(jo), world.reply_token(jo)
    assert client.get(f"/i/{link}").status_code == 200
    erased(world, db)
    assert client.get(f"/i/{link}").status_code == 404
    raw = golden("words-yes", TOKENJO=token).replace(b"I will be there", b"I shall be there")
    mail = intake.receive(db, raw + b"\r\n", door=Door.LMTP, now=NOW, envelope_to=[f"rsvp+{token}@localhost"])
    assert (mail.invitation_id, mail.outcome) == (None, "ignored")


def test_a_namesake_and_the_host_keep_their_names(world, db):
    """Jo Bloggs of another office has the same name: only addresses tell them apart."""
    with db.write() as session:
        for address in ("jo@example.org", "jo@elsewhere.example"):
            people.add(session, world.convener_id, people.Details("Jo Bloggs", address), now=NOW)
        erasing.erase(session, book.by_address(session, world.convener_id, "jo@example.org"), now=NOW)
    with db.read() as session:
        assert book.by_address(session, world.convener_id, "jo@elsewhere.example").name == "Jo Bloggs"


def test_what_is_public_is_left_for_a_person_to_decide_about(world, db, lived):
    with db.write() as session:
        session.connection().execute(text("UPDATE roundtable SET summary = 'Jo Bloggs spoke'"))
    done = erased(world, db)
    assert done.look == [f"roundtable {world.table_id}"]


def test_the_register_knows_them_without_saying_so(world, db, lived, tmp_path):
    with db.read() as session:
        marks = erasing.marks_of(session, book.by_address(session, world.convener_id, "jo@example.org"))
    assert marks == [register.mark(SECRET, a) for a in ("jo.second@example.net", "jo@example.org")]
    erased(world, db)
    with db.read() as session:
        assert {row.hash for row in session.exec(select(Erasure))} == set(marks)
    register.write_down(tmp_path, marks, now=NOW)
    register.write_down(tmp_path, marks[:1], now=NOW)
    with (tmp_path / "erased").open("a") as file:
        file.write("nonsense\n")
    assert register.read(tmp_path / "erased") == dict.fromkeys(marks, NOW)
    assert (tmp_path / "erased").stat().st_mode & 0o777 == 0o600


def test_erased_again_after_a_restore_but_not_whoever_came_back_later(world, db):
    world.ask(JO, ANA)
    with db.write() as session:
        marks = {register.mark(SECRET, "JO@example.org "): NOW, register.mark(SECRET, "x@example.org"): NOW}
        done = erasing.erase_again(session, marks, now=NOW)
        assert (done.people, done.invitations) == (1, 1)
        assert erasing.erase_again(session, marks, now=NOW).people == 0
        later = NOW.replace(year=2028)
        people.add(session, world.convener_id, people.Details("Jo Bloggs", "jo@example.org"), now=later)
        assert erasing.erase_again(session, marks, now=NOW).people == 0


def test_answers_remembered_for_programs_go_too(world, db, api):
    body = {"name": "Jo Bloggs", "email": "jo@example.org"}
    made = api.post("/api/v1/people", json=body, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201
    erased(world, db, "jo@example.org")
    assert b"Bloggs" not in everything(db)


def test_the_log_says_that_somebody_was_erased_and_hangs_together(world, db, lived):
    sealing.seal(db, SECRET, now=NOW)
    erased(world, db)
    sealing.seal(db, SECRET, now=NOW)
    with db.read() as session:
        assert [e.about for e in session.exec(select(Entry).where(Entry.what == "erased"))] != []
        assert json.dumps([e.fields for e in session.exec(select(Entry))]).count("Jo") == 0
    assert sealing.verify(db, SECRET).whole


def test_a_guest_of_another_table_whose_letter_does_not_name_them_keeps_it(world, db, lived):
    other = world.ask(BASHIR, CARYS)
    erased(world, db)
    for number in other:
        assert b"VCALENDAR" in world.letters(invitation_id=number)[0].raw or world.letters(invitation_id=number)[0].raw
        assert world.letters(invitation_id=number)[0].to_name != SOMEBODY
    with db.read() as session:
        assert session.exec(select(IncomingMail)).all()
    assert world.answer(other[0], Answer.ACCEPTED)
