"""The log: the database writes it by itself, whoever changes what; it hangs together, and says where it was broken."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from roundtables.db import acts
from roundtables.invitation import actions, intake
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer
from roundtables.keeping import sealing, triggers
from roundtables.keeping.model import Entry
from roundtables.mail.inbox import Door
from roundtables.person import actions as people
from roundtables.person import queries as book
from tests.mails import golden
from tests.web_client import csrf
from tests.world import ANA, BASHIR, JO, NOW, SECRET


def entries(db, kind=None):
    """(what, kind, about, state, fields), oldest first."""
    with db.read() as session:
        found = session.exec(select(Entry).order_by(Entry.id)).all()
    return [(e.what, e.kind, e.about, e.state, e.fields) for e in found if kind in (None, e.kind)]


def whos(db, kind):
    with db.read() as session:
        return [e.who for e in session.exec(select(Entry).where(Entry.kind == kind).order_by(Entry.id))]


def tamper(db, statement):
    """Changes the log as somebody would who has the database itself in hand."""
    with db.engine.begin() as connection:
        triggers.unwatch(connection)
        connection.execute(text(statement))


def test_a_yes_is_explained_from_the_list_to_the_seat(world, db):
    [jo] = world.ask(JO)
    world.answer(jo, Answer.ACCEPTED)
    with db.write() as session:
        actions.withdraw(session, session.get_one(Invitation, jo), by="Farah", now=NOW)
    said = entries(db, "invitation")
    assert [(what, state) for what, _, about, state, _ in said if state and about == jo] == [
        ("added", "draft"),
        ("changed", "invited"),
        ("changed", "accepted seated"),
        ("changed", "withdrawn"),
    ]
    assert [fields for what, *_, fields in said if what == "noted"] == ["line 1", "line 2", "line 3", "line 4"]
    changed = next(fields for what, _, _, state, fields in said if state == "accepted seated")
    assert set(changed.split()) >= {"state", "answer", "answered_at", "answered_via", "holds_seat"}


def test_tables_people_memberships_and_letters_have_entries_and_none_has_a_name_in_it(world, db):
    world.ask(JO)
    with db.write() as session:
        person = book.by_address(session, world.convener_id, JO.email)
        people.change(session, person, people.Details("Jo Bloggs", "jo.b@example.org", ["jo@example.org"]))
        number = person.id
    said = entries(db)
    assert ("added", "membership", 1, "owner", "") in said
    assert ("changed", "roundtable", world.table_id, "open", "status") in said
    assert ("changed", "person", number, "", "email email_key title organisation") in said
    assert ("added", "person", number, "", "person_address") in said
    assert ("added", "letter", 1, "queued", "") in said
    with db.read() as session:
        everything = str(session.connection().execute(text("SELECT * FROM audit")).all())
    assert not [word for word in ("Jo", "Bloggs", "example.org", "Northshire", "Farah") if word in everything]


def test_statements_that_no_object_knows_of_are_logged_too(world, db):
    world.ask(JO, ANA)
    with db.write() as session:
        session.connection().execute(text("UPDATE outgoing_letter SET state = 'sent'"))
        session.connection().execute(text("UPDATE outgoing_letter SET attempts = 2"))
    assert [e for e in entries(db, "letter") if e[0] == "changed"] == [
        ("changed", "letter", 1, "sent", "state"),
        ("changed", "letter", 2, "sent", "state"),
    ]


def test_what_is_rolled_back_was_never_logged(world, db):
    before = entries(db)
    with pytest.raises(DatabaseError):
        _change_and_fail(db)
    assert entries(db) == before


def _change_and_fail(db):
    with db.write() as session:
        session.connection().execute(text("UPDATE roundtable SET title = 'Another'"))
        session.connection().execute(text("UPDATE nothing_of_ours SET x = 1"))


def test_a_mail_is_logged_as_kept_and_as_settled_and_what_it_changed_names_it(world, db):
    [jo] = world.ask(JO)
    raw = golden("words-yes", TOKENJO=world.reply_token(jo))
    mail = intake.receive(db, raw, door=Door.LMTP, now=NOW, envelope_to=[f"rsvp+{world.reply_token(jo)}@localhost"])
    assert mail.outcome == "applied", mail.reason
    said = entries(db, "mail")
    assert [(what, about, state) for what, _, about, state, _ in said] == [
        ("added", mail.id, ""),
        ("changed", mail.id, "applied"),
    ]
    assert f"mail:{mail.id}" in whos(db, "invitation")
    assert sealing.verify(db, SECRET).whole


def test_who_is_the_account_at_the_desk_the_invitation_on_its_page_and_nobody_afterwards(world, db, desk):
    form = {"_csrf": csrf(desk.get("/desk/people/new").text), "name": "Ekow Mensah", "email": "ekow@example.org"}
    assert desk.post("/desk/people", data=form, follow_redirects=False).status_code == 303
    assert whos(db, "person") == [f"account:{world.account_id}"]
    [jo] = world.ask(JO)
    assert desk.post(f"/i/{world.page_token(jo)}/answer", data={"answer": "accepted"}).status_code == 200
    assert whos(db, "invitation")[-1] == f"invitation:{jo}"
    world.ask(ANA)
    assert whos(db, "invitation")[-1] == ""
    with db.write() as session:
        acts(session, "command")
        people.add(session, world.convener_id, people.Details("Carys Pugh", "carys@example.org"), now=NOW)
    world.ask(BASHIR)
    assert whos(db, "person")[-2:] == ["command", ""]


def test_the_log_cannot_be_changed_by_the_service(world, db):
    for statement in ("UPDATE audit SET who = 'somebody'", "DELETE FROM audit"):
        with pytest.raises(DatabaseError, match="never changed"), db.write() as session:
            session.connection().execute(text(statement))


def test_sealing_takes_everything_once_and_the_proof_says_how_far(world, db, monkeypatch):
    monkeypatch.setattr(sealing, "AT_ONCE", 5)
    world.ask(JO, ANA)
    number = len(entries(db))
    assert sealing.seal(db, SECRET, now=NOW) == number > 10
    assert sealing.seal(db, SECRET, now=NOW) == 0
    first = sealing.verify(db, SECRET)
    assert (first.whole, first.entries, first.unsealed, first.broken) == (True, number, 0, None)
    assert first.seals == -(-number // 5)
    world.ask(BASHIR)
    later = sealing.verify(db, SECRET)
    assert (later.whole, later.head, later.unsealed) == (True, first.head, later.entries - number)
    assert sealing.seal(db, SECRET, now=NOW) == later.unsealed
    assert sealing.verify(db, SECRET).head != first.head


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET who = 'account:9' WHERE id = 7", 7),
        ("UPDATE audit SET state = 'declined' WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 8", 8),
        ("DELETE FROM audit WHERE id > 3", 4),
        ("UPDATE audit SET about = about + 1 WHERE id = 12", 12),
        ("DELETE FROM audit_seal WHERE id = 2", 6),
        ("UPDATE audit_seal SET signature = 'forged' WHERE id = 1", 1),
    ],
    ids=["who", "what it says", "one taken out", "all after", "about whom", "a seal taken out", "a seal forged"],
)
def test_the_first_broken_entry_is_named(world, db, monkeypatch, statement, broken):
    monkeypatch.setattr(sealing, "AT_ONCE", 5)
    world.ask(JO, ANA)
    sealing.seal(db, SECRET, now=NOW)
    tamper(db, statement)
    proof = sealing.verify(db, SECRET)
    assert (proof.whole, proof.broken) == (False, broken), proof


def test_another_secret_did_not_sign_it(world, db):
    sealing.seal(db, SECRET, now=NOW)
    assert sealing.verify(db, "another secret").why == "seal 1 was not made with our secret"


def test_a_change_that_went_round_the_log_is_found(world, db):
    [jo] = world.ask(JO)
    tamper(db, f"UPDATE invitation SET state = 'accepted' WHERE id = {jo}")
    proof = sealing.verify(db, SECRET)
    assert (proof.whole, proof.unexplained) == (False, (f"invitation {jo}",))


def test_a_database_from_before_the_log_begins_it_with_where_everything_stands(world, db):
    [jo] = world.ask(JO)
    with db.engine.begin() as connection:
        triggers.unwatch(connection)
        connection.execute(text("DELETE FROM audit"))
        triggers.watch(connection)
    said = entries(db)
    assert ("found", "invitation", jo, "invited", "") in said
    assert {what for what, *_ in said} == {"found"}
    assert sealing.verify(db, SECRET).whole


def test_nothing_is_sealed_while_somebody_may_still_write_before_it(world, db):
    """On PostgreSQL a number is given before its transaction ends: a seal must not pass it by."""
    if db.sqlite:
        pytest.skip("SQLite has one writer")
    sealing.seal(db, SECRET, now=NOW)
    with db.write() as session:
        session.connection().execute(text("UPDATE convener SET tagline = 'kind on purpose'"))
        world.ask(JO)  # later numbers, committed first
        assert sealing.seal(db, SECRET, now=NOW) == 0
    assert sealing.seal(db, SECRET, now=NOW) > 1
    proof = sealing.verify(db, SECRET)
    assert (proof.whole, proof.unsealed) == (True, 0)
