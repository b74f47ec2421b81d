"""A person's rights through the doors: everything that is held, as page, file and data; and its erasure."""

import io
import json
import zipfile

import pytest
from sqlmodel import select

from roundtables.attendance.actions import record_needs
from roundtables.invitation import intake
from roundtables.invitation.model import Invitation
from roundtables.keeping import holding, reading
from roundtables.keeping.model import Erasure
from roundtables.mail.inbox import Door
from roundtables.person.model import Person
from tests.mails import golden
from tests.web_client import csrf
from tests.world import ANA, JO, NOW


@pytest.fixture
def jo(world, db):
    """The number of Jo's invitation; she wrote twice, and told what she needs."""
    jo, _ = world.ask(JO, ANA)
    raw = golden("words-yes", TOKENJO=world.reply_token(jo))
    to = [f"rsvp+{world.reply_token(jo)}@localhost"]
    intake.receive(db, raw, door=Door.LMTP, now=NOW, envelope_from="jo@example.org", envelope_to=to)
    stray = b"From: Jo@Example.org\r\nSubject: parking\r\n\r\nIs there any?\r\n"
    intake.receive(db, stray, door=Door.LMTP, now=NOW, envelope_from="jo@example.org", envelope_to=["rsvp@localhost"])
    with db.write() as session:
        record_needs(session, session.get_one(Invitation, jo), dietary="gluten", access="", note="", now=NOW)
    return jo


def readings(db, number):
    with db.read() as session:
        return [one.by for one in reading.readings(session, [number])]


def test_the_page_shows_all_of_it_and_who_has_read_what_they_need(world, db, desk, jo):
    page = desk.get("/desk/people/1/held").text
    assert [
        word for word in ("gluten", "Whose job is it to be kind?", "Only Farah Lindqvist") if word not in page
    ] == []
    assert "Nobody has read it." in page
    assert readings(db, jo) == ["Farah Lindqvist"]
    assert "Nobody has read it." not in desk.get("/desk/people/1/held").text
    assert "Ana Ruiz" not in page
    assert "/desk/people/1/held" in desk.get("/desk/people/1").text


def test_reading_the_needs_of_a_table_is_noted_for_each_who_told_of_some(world, db, desk, jo):
    assert "gluten" in desk.get(f"/desk/roundtables/{world.table_id}/needs").text
    assert readings(db, jo) == ["Farah Lindqvist"]
    with db.read() as session:
        others = session.exec(select(Invitation.id).where(Invitation.id != jo)).all()
    assert [readings(db, number) for number in others] == [[]]


@pytest.mark.parametrize("door", ["desk", "api"])
def test_the_file_has_everything_and_nobody_elses(request, world, db, jo, door):
    address = "/desk/people/1/export" if door == "desk" else "/api/v1/people/1/export.zip"
    answer = request.getfixturevalue(door).get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist() == ["everything.json", "letters/1.eml", "letters/3.eml", "mails/1.eml", "mails/2.eml"]
    held = json.loads(archive.read("everything.json"))
    assert held["person"]["email"] == "jo@example.org"
    assert held["invitations"][0]["needs"]["dietary"] == "gluten"
    assert [mail["subject"] for mail in (*held["mails"], *held["other_mails"])][-1] == "parking"
    assert b"Is there any?" in archive.read("mails/2.eml")
    assert not [name for name in archive.namelist() if b"Ana Ruiz" in archive.read(name)]
    assert len(readings(db, jo)) == 1


def test_data_through_the_api_has_the_log_too(world, db, api, jo):
    held = api.get("/api/v1/people/1/export").json()
    assert {line["what"] for line in held["log"]} >= {"added", "changed", "noted"}
    assert held["account"] is None
    assert len(readings(db, jo)) == 1


def test_erasure_asks_once_whether_one_is_sure_and_then_leaves_nothing(world, db, desk, jo):
    form = {"_csrf": csrf(desk.get("/desk/people/1/held").text)}
    refused = desk.post("/desk/people/1/erasure", data=form)
    assert (refused.status_code, "tick that you are sure" in refused.text) == (422, True)
    done = desk.post("/desk/people/1/erasure", data=form | {"sure": "on"}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/desk/people")
    assert [desk.get(f"/desk/people/1{below}").status_code for below in ("", "/held", "/export")] == [404] * 3
    assert "Jo Bloggs" not in desk.get("/desk/people").text
    assert "Jo Bloggs" not in desk.get(f"/desk/roundtables/{world.table_id}/guests").text
    for address in ("/desk/inbox", "/desk/outbox", f"/desk/roundtables/{world.table_id}", f"/desk/invitations/{jo}"):
        page = desk.get(address)
        assert (page.status_code, "Jo Bloggs" in page.text, "jo@example.org" in page.text) == (200, False, False)


def test_deleting_by_the_api_is_erasure(world, db, api, jo):
    assert api.delete("/api/v1/people/1").status_code == 204
    assert api.get("/api/v1/people/1").status_code == 404
    with db.read() as session:
        assert session.get_one(Person, 1).name == "Somebody who was invited"
        assert len(session.exec(select(Erasure)).all()) == 1


def test_the_desk_says_that_the_instance_is_held(world, db, desk):
    assert "it is held" not in desk.get("/desk").text
    with db.write() as session:
        holding.hold(session, backup_of=NOW, now=NOW)
    assert "it is held" in desk.get("/desk").text
