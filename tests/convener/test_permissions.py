"""Every door, for everybody who may come to it: allowed or refused as docs/permissions.md says, and never a fault."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from litestar.testing import TestClient
from tools.permissions import FILE, PEOPLE, ROLES, Door, doors, written

from roundtables.invitation import queries as invitations
from roundtables.invitation.intake import receive
from roundtables.mail.inbox import Door as MailDoor
from roundtables.post.actions import write
from roundtables.post.text import Text
from roundtables.report.actions import Details as Report
from roundtables.report.actions import add as add_report
from roundtables.tokens import Purpose, derive
from tests.convener.people import colleague, sit_down, token_of
from tests.web_client import browser
from tests.world import ANA, JO, SECRET, World

DOORS = doors()
PAGES = [door for door in DOORS if not door.by_token]
PROGRAMS = [door for door in DOORS if door.by_token]
only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MAIL = (
    b"From: someone@example.org\r\nTo: rsvp@localhost\r\nSubject: hello\r\nMessage-ID: <1@example.org>\r\n\r\nHello\r\n"
)


def test_every_door_says_who_may_use_it():
    assert [f"{door.method} {door.path}" for door in DOORS if not door.may] == []


def test_the_page_of_permissions_is_what_the_doors_say():
    assert FILE.read_text("utf-8") == written(), "run make permissions"


def test_what_the_roles_are_for():
    doors = {(door.method, door.path): door for door in DOORS}
    marking = doors["POST", "/desk/invitations/{invitation_id}/attendance"]
    writing = doors["POST", "/desk/posts"]
    changing = [door for door in PAGES if door.method != "GET" and door.lets("viewer") and not door.lets("nobody")]
    assert [role for role in ROLES if marking.lets(role)] == ["day-team", "organiser", "owner"]
    assert [role for role in ROLES if writing.lets(role)] == ["editor", "organiser", "owner"]
    assert {door.path.split("/")[2] for door in changing if door.path != "/sign-out"} == {"account"}


@pytest.fixture
def story(world: World) -> World:
    """A table with guests, a mail, a report and a post, so that every address leads somewhere."""
    world.ask(JO, ANA)
    receive(world.db, MAIL, door=MailDoor.HTTP, now=datetime.now(UTC), trusted=None)
    with world.db.write() as session:
        add_report(session, world.convener_id, Report(title="On kindness"), now=datetime.now(UTC))
        write(session, world.convener_id, Text("Kind", body="Words."), now=datetime.now(UTC))
    colleague(world, "viewer", name="spare")
    return world


@pytest.fixture
def visitor(story: World, settings) -> Iterator[TestClient]:
    with browser(settings, story.db) as client:
        yield client


@only_sqlite
@pytest.mark.parametrize("person", PEOPLE)
def test_each_page_lets_in_whom_it_says(visitor, story, person):
    found = {f"{door.method} {door.path}": _tried(visitor, story, door, person) for door in PAGES}
    assert found == {f"{door.method} {door.path}": door.lets(person) for door in PAGES}


@only_sqlite
@pytest.mark.parametrize("person", ["nobody", *ROLES])
def test_each_call_of_the_api_takes_the_tokens_it_says(visitor, story, person):
    if person == "nobody":
        sit_down(visitor, story.db, story.account_id)  # a browser's cookie is no token
    else:
        visitor.headers["authorization"] = f"Bearer {token_of(story, colleague(story, person))}"
    found = {f"{door.method} {door.path}": _asked(visitor, door, {}, story, person) for door in PROGRAMS}
    assert found == {f"{door.method} {door.path}": door.lets(person) for door in PROGRAMS}


def _tried(client: TestClient, story: World, door: Door, person: str) -> bool:
    """Whether this person gets past this door; each time they have just sat down."""
    form = {}
    client.cookies = {}
    if person in ROLES:
        form = {"_csrf": sit_down(client, story.db, colleague(story, person).id)}
    elif person == "token":
        client.headers["authorization"] = f"Bearer {token_of(story, colleague(story, 'owner'))}"
    return _asked(client, door, form, story, person)


def _asked(client: TestClient, door: Door, form: dict[str, str], story: World, person: str) -> bool:
    how = {"data": form} if door.method != "GET" and not door.by_token else {}
    if door.path == "/desk/people/import" and how:
        how |= {"files": {"file": ("people.csv", b"name,email\n")}}  # a form of another kind is not even read
    answer = client.request(door.method, _address(door, story, person), follow_redirects=False, **how)
    assert answer.status_code < 500, f"{door.method} {door.path} for {person}: {answer.text[:500]}"
    by_link = door.may == frozenset({"invitee"}) or door.path == "/metrics"
    sent_away = answer.status_code == 303 and answer.headers["location"] == "/sign-in" and door.path != "/sign-out"
    sent_away &= not door.path.startswith("/sign-in")
    return not (answer.status_code in (401, 403) or sent_away or (by_link and answer.status_code == 404))


def _address(door: Door, story: World, person: str) -> str:
    with story.db.read() as session:
        guest = invitations.of_roundtable(session, story.table_id)[0]
    purpose = Purpose.UNSUBSCRIBE if door.path.startswith("/u/") else Purpose.PAGE
    known = {
        "token": derive(SECRET, purpose, guest.nonce) if person == "invitee" else "of-nobody",
        "membership_id": 2,
        "sign_in_id": 9999,
        "name": "7b2150.css" if "accent" in door.path else "people.csv",
        "slug": "kind",
        "file_path": "style.css",
        "path": "x",
    }
    places = {part[1:-1] for part in door.path.split("/") if part.startswith("{")}
    return door.path.format(**{place: known.get(place, 1) for place in places})
