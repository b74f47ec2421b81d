"""The people at the desk: by surname, found by a word, changed by a form, with all they were asked to."""

import re
from datetime import UTC, datetime

import pytest

from roundtables.attendance.actions import record_attendance
from roundtables.attendance.model import Came
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer
from roundtables.person import actions as people
from roundtables.person import queries
from roundtables.person.actions import Details
from tests.desk.test_outbox import neighbour, queries_of  # noqa: F401 a fixture is used by its name
from tests.web_client import csrf
from tests.world import ANA, BASHIR, CARYS, JO

NOW = datetime.now(UTC)
FORM = {"name": "Nkechi Amadi", "email": "nkechi@example.org", "title": "Chief Executive", "organisation": "Harrowdale"}


def names(page):
    return re.findall(r'<a href="/desk/people/\d+">([^<]+)</a>', page)


def person_of(world, email):
    with world.db.read() as session:
        return queries.by_address(session, world.convener_id, email)


def send(desk, at, **form):
    return desk.post(at, data=form | {"_csrf": csrf(desk.get("/desk/people").text)}, follow_redirects=False)


def test_people_stand_by_surname(desk, world):
    world.ask(JO, ANA, BASHIR, CARYS, now=NOW)
    assert names(desk.get("/desk/people").text) == ["Jo Bloggs", "Dr Bashir Okello", "Carys Pugh", "Ana Ruiz"]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("pugh", ["Carys Pugh"]),
        ("COUNCIL", ["Jo Bloggs", "Carys Pugh"]),
        ("ana@example.net", ["Ana Ruiz"]),
        ("%", []),
        ("<b>", []),
    ],
)
def test_a_search_needs_no_script(desk, world, word, found):
    world.ask(JO, ANA, BASHIR, CARYS, now=NOW)
    page = desk.get("/desk/people", params={"q": word}).text
    assert names(page) == found
    assert found or "Nobody in the book fits" in page
    assert "<b></b>" not in page


def test_a_long_book_goes_on_overleaf(desk, world):
    with world.db.write() as session:
        for number in range(103):
            details = Details(name=f"Guest {number:03d}", email=f"guest{number}@example.org")
            people.add(session, world.convener_id, details, now=NOW)
    page = desk.get("/desk/people").text
    assert len(names(page)) == 100
    [further] = re.findall(r'rel="next" href="([^"]+)"', page)
    assert names(desk.get(further.replace("&amp;", "&")).text) == ["Guest 100", "Guest 101", "Guest 102"]


def test_somebody_is_added_and_their_page_opens(desk, world):
    came = send(desk, "/desk/people", **FORM, other_emails="n@example.net\nna@example.com", sectors="health; kindness")
    assert came.status_code == 303
    page = desk.get(came.headers["location"]).text
    assert "<h1>Nkechi Amadi</h1>" in page
    assert "n@example.net, na@example.com" in page
    assert "health, kindness" in page


def test_a_change_begins_with_what_we_know(desk, world):
    send(desk, "/desk/people", **FORM)
    number = person_of(world, "nkechi@example.org").id
    form = desk.get(f"/desk/people/{number}/details").text
    assert 'value="Harrowdale"' in form
    came = send(desk, f"/desk/people/{number}/details", **FORM | {"organisation": "Aberwen"})
    assert came.headers["location"] == f"/desk/people/{number}"
    assert person_of(world, "nkechi@example.org").organisation == "Aberwen"


@pytest.mark.parametrize(
    ("wrong", "beside", "says"),
    [
        ({"name": ""}, "name", "A person needs a name."),
        ({"email": ""}, "email", "Where do letters go?"),
        ({"email": "nowhere"}, "email", "is not an e-mail address"),
        ({"email": "jo@example.org"}, "email", "belongs to Jo Bloggs already"),
        ({"assistant_email": "nobody"}, "assistant_email", "is not an e-mail address"),
    ],
)
def test_a_refusal_stands_beside_its_field_with_what_was_typed(desk, world, wrong, beside, says):
    world.ask(JO, now=NOW)
    refused = send(desk, "/desk/people", **FORM | wrong)
    assert refused.status_code == 422
    assert f'id="f-{beside}-error">' in refused.text
    assert says in refused.text
    assert 'value="Harrowdale"' in refused.text
    assert person_of(world, "nkechi@example.org") is None


def test_a_persons_page_tells_what_they_were_asked_to(desk, world):
    [jo] = world.ask(JO, now=NOW)
    world.answer(jo, Answer.ACCEPTED)
    with world.db.write() as session:
        record_attendance(session, session.get_one(Invitation, jo), Came.IN_PERSON, by="Farah", now=NOW)
    page = desk.get(f"/desk/people/{world.invitation(jo).person_id}").text
    assert "Asked once, answered once, came once." in page
    assert "Whose job is it to be kind?" in page
    assert "Said yes, by page. Came." in page


def test_without_the_forms_token_nobody_is_added(desk, world):
    assert desk.post("/desk/people", data=FORM).status_code == 403
    assert person_of(world, "nkechi@example.org") is None


def test_another_convener_sees_none_of_it(neighbour, world):  # noqa: F811 the fixture
    [jo] = world.ask(JO, now=NOW)
    number = world.invitation(jo).person_id
    assert names(neighbour.get("/desk/people").text) == []
    for at in (f"/desk/people/{number}", f"/desk/people/{number}/details"):
        assert neighbour.get(at).status_code == 404
    assert send(neighbour, f"/desk/people/{number}/details", **FORM).status_code == 404
    assert person_of(world, "jo@example.org").name == "Jo Bloggs"


def test_the_number_of_queries_does_not_grow_with_the_people(desk, world):
    world.ask(JO, now=NOW)
    few = queries_of(world, lambda: desk.get("/desk/people"))
    world.ask(ANA, BASHIR, CARYS, now=NOW)
    assert queries_of(world, lambda: desk.get("/desk/people")) == few
