"""Two people made one: what goes over, what stands in the way, and an undo that leaves nothing behind."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from roundtables.attendance.actions import record_attendance
from roundtables.attendance.model import Attendance, Came
from roundtables.desk import merging
from roundtables.errors import NotFound, Refusal
from roundtables.invitation.actions import invite
from roundtables.invitation.model import History, Invitation
from roundtables.invitation.rules import Answer
from roundtables.person import actions as people
from roundtables.person import kept_files, queries
from roundtables.person.actions import Details
from roundtables.person.model import PeopleMerge, Person, PersonAddress
from roundtables.roundtable.actions import plan
from tests.desk.test_outbox import neighbour  # noqa: F401 a fixture is used by its name
from tests.web_client import csrf
from tests.world import ANA, JO, KINDNESS, NOW

TABLES = (Person, PersonAddress, Invitation, Attendance, History)
OTHER_JO = Details(
    "Joanna Bloggs",
    "joanna@example.com",
    other_emails=("jb@example.net",),
    title="Leader",
    organisation="Northshire",
    sectors=("kindness",),
    assistant_email="pa@example.org",
)


@pytest.fixture
def two(world):
    """Jo, asked and come; Joanna, asked to another table and coming. Their ids."""
    [jo] = world.ask(JO)
    world.answer(jo, Answer.ACCEPTED)
    with world.db.write() as session:
        record_attendance(session, session.get_one(Invitation, jo), Came.IN_PERSON, by="Farah", now=NOW)
        joanna = people.add(session, world.convener_id, OTHER_JO, now=NOW)
        people.learn_address(session, joanna, "j.b@example.net")
        joanna.unsubscribed_at = NOW
        return world.invitation(jo).person_id, joanna.id


def ask_elsewhere(world, guest):
    with world.db.write() as session:
        table = plan(session, world.convener_id, KINDNESS, now=NOW)
        [asked] = invite(session, table, [guest], by="Farah", now=NOW, send=False)
        return asked.id


def everything(world):
    with world.db.read() as session:
        rows = {t.__name__: [row.model_dump() for row in session.exec(select(t))] for t in TABLES}
    return {name: sorted(found, key=repr) for name, found in rows.items()}


def merge(world, kept, gone, now=NOW):
    with world.db.write() as session:
        return merging.merge(session, world.convener_id, kept, gone, by="Farah", now=now).id


def undo(world, merge_id):
    with world.db.write() as session:
        merging.undo(session, session.get_one(PeopleMerge, merge_id), now=NOW)


def person(world, number):
    with world.db.read() as session:
        [known] = queries.known(session, world.convener_id, [number])
        return known


def test_addresses_and_whatever_stood_nowhere_go_over(world, two):
    jo, joanna = two
    merge(world, jo, joanna)
    known = person(world, jo)
    assert (known.name, known.title, known.organisation) == ("Jo Bloggs", "Chief Executive", "Northshire Council")
    assert set(known.other_emails) == {"joanna@example.com", "jb@example.net", "j.b@example.net"}
    assert (known.sectors, known.assistant_email) == (("kindness",), "pa@example.org")
    with world.db.read() as session:
        assert session.get(Person, joanna) is None
        assert session.get_one(Person, jo).unsubscribed_at == NOW
        assert queries.by_address(session, world.convener_id, "joanna@example.com").id == jo
        assert queries.merged_into(session, world.convener_id, joanna) == jo


def test_invitations_go_over_with_answers_attendance_and_history(world, two):
    jo, joanna = two
    asked = world.invitation(ask_elsewhere(world, JO)).id
    merge(world, joanna, jo)
    with world.db.read() as session:
        theirs = session.exec(select(Invitation).where(Invitation.person_id == joanna).order_by(Invitation.id)).all()
        assert [(i.id, i.answer, i.name) for i in theirs] == [
            (theirs[0].id, Answer.ACCEPTED, "Jo Bloggs"),
            (asked, None, "Jo Bloggs"),
        ]
        assert session.get_one(Attendance, theirs[0].id).came is Came.IN_PERSON


@pytest.mark.parametrize("way", [(0, 1), (1, 0)])
def test_an_undo_leaves_everything_as_it_was(world, two, way):
    ask_elsewhere(world, JO)
    before = everything(world)
    undo(world, merge(world, two[way[0]], two[way[1]]))
    assert everything(world) == before


def test_what_was_changed_since_stays_changed(world, two):
    jo, joanna = two
    done = merge(world, jo, joanna)
    with world.db.write() as session:
        session.get_one(Person, jo).assistant_email = "other.pa@example.org"
    undo(world, done)
    assert (person(world, jo).assistant_email, person(world, jo).sectors) == ("other.pa@example.org", ())
    assert person(world, joanna).other_emails == ("jb@example.net", "j.b@example.net")


def test_two_seats_at_one_table_stay_two_people(world):
    asked = [world.invitation(i).person_id for i in world.ask(JO, ANA)]
    with pytest.raises(Refusal, match="Both were asked to “Whose job is it to be kind") as refused:
        merge(world, *asked)
    assert "stay two people" in refused.value.message


@pytest.mark.parametrize("case", ["the same", "nobody", "a stranger"])
def test_who_cannot_be_made_one(world, two, case):
    jo, joanna = two
    if case == "the same":
        with pytest.raises(Refusal, match="the same person"):
            merge(world, jo, jo)
    elif case == "nobody":
        with pytest.raises(NotFound):
            merge(world, jo, 999)
    else:
        with pytest.raises(NotFound), world.db.write() as session:
            merging.merge(session, world.convener_id + 1, jo, joanna, by="Eve", now=NOW)


def test_an_undo_that_cannot_be_says_why(world, two):
    jo, joanna = two
    done = merge(world, jo, joanna)
    with world.db.write() as session:
        details = Details("Jo Bloggs", "joanna@example.com", other_emails=("jo@example.org",))
        people.change(session, session.get_one(Person, jo), details)
    with pytest.raises(Refusal, match="is their first address now"):
        undo(world, done)
    with world.db.write() as session:
        people.change(session, session.get_one(Person, jo), Details("Jo Bloggs", "jo@example.org"))
    undo(world, done)
    with pytest.raises(Refusal, match="two people again already"):
        undo(world, done)


def test_whoever_is_erased_leaves_nothing_in_a_merge(world, two):
    jo, joanna = two
    done = merge(world, jo, joanna)
    with world.db.write() as session:
        people.forget(session, session.get_one(Person, jo), now=NOW)
    with world.db.read() as session:
        assert session.get(PeopleMerge, done) is None


def test_thirty_days_later_the_undo_is_gone(world, two):
    done = merge(world, *two, now=datetime.now(UTC) - timedelta(days=31))
    with world.db.write() as session:
        kept_files.tidy(session, datetime.now(UTC))
        assert session.get(PeopleMerge, done) is None


def test_at_the_desk_from_looking_to_undoing(desk, world, two):
    jo, joanna = two
    chosen = desk.get(f"/desk/people/{jo}/merge").text
    assert f'href="/desk/people/{jo}/merge/{joanna}"' in chosen
    page = desk.get(f"/desk/people/{jo}/merge/{joanna}").text
    assert "<ins>joanna@example.com; jb@example.net; j.b@example.net</ins>" in page
    form = {"_csrf": csrf(page)}
    done = desk.post(f"/desk/people/{jo}/merge/{joanna}", data=form)
    assert "They are both Jo Bloggs now." in done.text
    assert desk.get(f"/desk/people/{joanna}").url.path == f"/desk/people/{jo}"
    again = desk.post(f"{done.url.path}/undo", data=form)
    assert "Each has again what was theirs." in again.text
    assert desk.post(f"{done.url.path}/undo", data=form).status_code == 409
    assert desk.get(f"/desk/people/{joanna}").url.path == f"/desk/people/{joanna}"


def test_the_desk_says_why_not(desk, world):
    jo, ana = [world.invitation(i).person_id for i in world.ask(JO, ANA)]
    page = desk.get(f"/desk/people/{jo}/merge/{ana}").text
    assert "Two invitations to one table stay two people." in page
    assert "Make them one" not in page


def test_nobody_elses_people(neighbour, world, two):  # noqa: F811 the fixture
    jo, joanna = two
    form = {"_csrf": csrf(neighbour.get("/desk/people").text)}
    assert neighbour.get(f"/desk/people/{jo}/merge").status_code == 404
    assert neighbour.get(f"/desk/people/{jo}/merge/{joanna}").status_code == 404
    assert neighbour.post(f"/desk/people/{jo}/merge/{joanna}", data=form).status_code == 404
    done = merge(world, jo, joanna)
    assert neighbour.get(f"/desk/people/merges/{done}").status_code == 404
    assert neighbour.post(f"/desk/people/merges/{done}/undo", data=form).status_code in (404, 409)
    assert person(world, jo).name == "Jo Bloggs"
