"""The outbox at the desk: nothing leaves until somebody presses send."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from roundtables.convener import actions as conveners
from roundtables.convener.model import Role
from roundtables.invitation.rules import Answer, State
from roundtables.mail.outbox import LetterState, OutgoingLetter
from tests.web_client import browser, csrf
from tests.world import ANA, BASHIR, JO

NOW = datetime.now(UTC)


@pytest.fixture
def held(world):
    """The id of Jo's letter, held with her invitation."""
    world.ask(JO, send=False, now=NOW)
    return world.letters()[0].id


@pytest.fixture
def neighbour(settings, db, world):
    """The browser of another convener's organiser."""
    with db.write() as session:
        other = conveners.found_convener(session, "Penhallow Forum", now=NOW)
        account = conveners.appoint(session, other, "ned@penhallow.example", role=Role.OWNER, now=NOW)
        token = conveners.sign_in_link(session, account, now=NOW)
    with browser(settings, db) as client:
        assert client.post(f"/sign-in/{token}", follow_redirects=False).status_code == 303
        yield client


def state(world, letter_id):
    return next(letter.state for letter in world.letters() if letter.id == letter_id)


def post(desk, letter_id, what):
    token = csrf(desk.get("/desk/outbox").text)
    return desk.post(f"/desk/outbox/{letter_id}/{what}", data={"_csrf": token}, follow_redirects=False)


def test_held_letters_stand_first_and_say_that_nothing_leaves(desk, world, held):
    world.ask(ANA, now=NOW)
    page = desk.get("/desk/outbox").text
    assert "One letter waits for you. Nothing leaves until you press send." in page
    assert re.findall(r'<h2 id="(\w+)">', page) == ["held", "leaving"]
    assert page.index("Jo Bloggs") < page.index("Ana Ruiz")


def test_an_empty_outbox_says_what_will_stand_there(desk):
    assert "Nothing has been written yet." in desk.get("/desk/outbox").text


def test_sending_a_first_letter_asks_the_person(desk, world, held):
    assert post(desk, held, "sending").headers["location"] == "/desk/outbox"
    assert state(world, held) is LetterState.QUEUED
    assert world.states(1) == [State.INVITED]


def test_a_letter_that_waits_is_tried_at_once(desk, world):
    world.ask(JO, now=NOW)
    with world.db.write() as session:
        letter = session.get_one(OutgoingLetter, 1)
        letter.next_attempt_at = NOW.replace(year=2031)
        session.add(letter)
    assert post(desk, 1, "sending").status_code == 303
    assert world.letters()[0].next_attempt_at < NOW.replace(year=2031)
    assert world.states(1) == [State.INVITED]


def test_a_discarded_letter_never_leaves(desk, world, held):
    assert post(desk, held, "discarding").status_code == 303
    assert state(world, held) is LetterState.CANCELLED
    assert post(desk, held, "sending").status_code == 422
    assert state(world, held) is LetterState.CANCELLED


@pytest.mark.parametrize("gone", [LetterState.SENT, LetterState.SENDING, LetterState.CANCELLED])
@pytest.mark.parametrize("what", ["sending", "discarding"])
def test_what_has_left_cannot_be_sent_or_taken_back(desk, world, held, gone, what):
    with world.db.write() as session:
        letter = session.get_one(OutgoingLetter, held)
        letter.state = gone
        session.add(letter)
    refused = post(desk, held, what)
    assert refused.status_code == 422
    assert "This letter cannot be" in refused.text
    assert state(world, held) is gone


@pytest.mark.parametrize(
    ("standing", "doubts", "leased", "words", "may_change"),
    [
        (LetterState.IN_DOUBT, 1, False, "We do not know yet whether it arrived.", True),
        (LetterState.IN_DOUBT, 1, True, "We do not know yet whether it arrived.", False),
        (LetterState.QUEUED, 1, False, "An earlier try may have arrived.", True),
        (LetterState.SENDING, 1, True, "An earlier try may have arrived.", False),
        (LetterState.SENT, 1, False, "It may have been received twice.", False),
        (LetterState.FAILED, 2, False, "It may have been received all the same.", True),
        (LetterState.CANCELLED, 1, False, "It may have been received all the same.", False),
        (LetterState.QUEUED, 0, False, "", True),
        (LetterState.SENT, 0, False, "", False),
    ],
)
def test_what_we_cannot_know_is_said(desk, world, standing, doubts, leased, words, may_change):
    world.ask(JO, now=NOW)
    with world.db.write() as session:
        letter = session.get_one(OutgoingLetter, 1)
        letter.state, letter.doubts, letter.doubt_since, letter.attempts = standing, doubts, NOW if doubts else None, 1
        letter.lease_until = NOW if leased else None
    pages = [desk.get("/desk/outbox").text, desk.get("/desk/outbox/1").text]
    said = [re.findall(r"We do not know yet[^.]*\.|An earlier try[^.]*\.|It may have been[^.]*\.", x) for x in pages]
    assert said == [[words] * bool(words)] * 2
    assert ('action="/desk/outbox/1/discarding"' in pages[1]) == may_change
    assert "in-doubt" not in pages[0] + pages[1]


@pytest.mark.parametrize(("what", "after"), [("sending", LetterState.QUEUED), ("discarding", LetterState.CANCELLED)])
def test_an_organiser_may_decide_about_a_letter_in_doubt(desk, world, what, after):
    world.ask(JO, now=NOW)
    with world.db.write() as session:
        letter = session.get_one(OutgoingLetter, 1)
        letter.state, letter.doubts, letter.doubt_since = LetterState.IN_DOUBT, 1, NOW
    assert post(desk, 1, what).status_code == 303
    assert [(x.state, x.doubts) for x in world.letters()] == [(after, 1)]


def test_a_letter_is_read_as_its_reader_sees_it(desk, world, held):
    page = desk.get(f"/desk/outbox/{held}")
    assert "Jo Bloggs &lt;jo@example.org&gt;" in page.text
    assert f'src="/desk/outbox/{held}/html" sandbox=""' in page.text
    assert "METHOD:REQUEST" in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]


def test_the_letters_page_stands_in_a_frame_that_can_do_nothing(desk, world, held):
    framed = desk.get(f"/desk/outbox/{held}/html")
    assert "Dear Jo," in framed.text
    policy = [part.strip() for part in framed.headers["content-security-policy"].split(";")]
    assert policy == [
        "sandbox",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'self'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    ]


@pytest.mark.parametrize("what", ["sending", "discarding"])
def test_without_the_forms_token_nothing_happens(desk, world, held, what):
    assert desk.post(f"/desk/outbox/{held}/{what}", data={}).status_code == 403
    assert state(world, held) is LetterState.HELD


def test_another_convener_sees_none_of_it(neighbour, world, held):
    assert "Jo Bloggs" not in neighbour.get("/desk/outbox").text
    for below in ("", "/html"):
        assert neighbour.get(f"/desk/outbox/{held}{below}").status_code == 404
    for what in ("sending", "discarding"):
        assert post(neighbour, held, what).status_code == 404
    assert state(world, held) is LetterState.HELD


def test_a_stranger_is_asked_to_sign_in(client, held):
    for address in ("/desk/outbox", f"/desk/outbox/{held}", f"/desk/outbox/{held}/html"):
        came = client.get(address, follow_redirects=False)
        assert (came.status_code, came.headers["location"]) == (303, "/sign-in")


def test_the_number_of_queries_does_not_grow_with_the_letters(desk, world, held):
    few = queries_of(world, lambda: desk.get("/desk/outbox"))
    for invitation in world.ask(ANA, BASHIR, now=NOW):
        world.answer(invitation, Answer.ACCEPTED)
    assert queries_of(world, lambda: desk.get("/desk/outbox")) == few


def queries_of(world, act):
    seen = []

    def listen(connection, cursor, statement, *rest):
        seen.append(statement)

    event.listen(world.db.engine, "before_cursor_execute", listen)
    act()
    event.remove(world.db.engine, "before_cursor_execute", listen)
    return len(seen)
