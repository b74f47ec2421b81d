"""Colleagues: asked in by a letter, given another role, seen off, and never without an owner."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from roundtables.convener import actions, colleagues, queries
from roundtables.convener.model import ApiToken, Role
from roundtables.db import now
from roundtables.errors import Refusal
from tests.convener.people import colleague, cookie_of, sit_down, token_of, who

LINK = re.compile(r"/sign-in/[\w-]{32}")


def place_of(world, account):
    with world.db.read() as session:
        return next(m.id for m, a in queries.colleagues(session, world.convener_id) if a.id == account.id)


def roles(world):
    with world.db.read() as session:
        return {account.name: str(place.role) for place, account in queries.colleagues(session, world.convener_id)}


def test_a_colleague_asked_in_gets_a_letter_and_comes_in_by_it(client, world):
    form = sit_down(client, world.db, world.account_id)
    sent = {"_csrf": form, "email": "Dana@larkmoor.example", "name": "Dana Moss", "role": "editor"}
    assert client.post("/desk/colleagues", data=sent, follow_redirects=False).status_code == 303
    [letter] = world.letters(to_address="dana@larkmoor.example")
    assert letter.subject == "A place at the desk of Larkmoor Trust"
    link = LINK.search(letter.raw.decode().replace("=\r\n", ""))[0]
    client.cookies = {}
    assert client.post(link, follow_redirects=False).headers["location"] == "/desk"
    assert "Dana Moss" in client.get("/desk/account").text
    assert roles(world) == {"Dana Moss": "editor", "Farah Lindqvist": "owner"}


def test_the_letter_and_the_place_are_there_together_or_not_at_all(world):
    def ask_and_fail():
        who = {"name": "Dana", "role": Role.EDITOR, "by": "Farah"}
        with world.db.write() as session:
            colleagues.ask_in(session, world.convener_id, "dana@larkmoor.example", **who, now=now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        ask_and_fail()
    assert (roles(world), world.letters()) == ({"Farah Lindqvist": "owner"}, [])


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"email": "nonsense", "role": "editor"}, "email", ""),
        ({"email": "", "role": "editor"}, "email", "Their e-mail is needed."),
        ({"email": "farah@larkmoor.example", "role": "viewer"}, "email", "They have a place at this desk already."),
        ({"email": "dana@larkmoor.example", "role": "queen"}, "role", "One of"),
    ],
)
def test_what_cannot_be_asked_stands_beside_its_field(client, world, typed, field, words):
    form = sit_down(client, world.db, world.account_id)
    answer = client.post("/desk/colleagues", data={"_csrf": form, **typed})
    assert (answer.status_code, f'id="f-{field}-error"' in answer.text, words in answer.text) == (422, True, True)
    assert (roles(world), world.letters()) == ({"Farah Lindqvist": "owner"}, [])


@pytest.mark.parametrize("change", ["role", "removal"])
def test_another_role_or_none_ends_what_was_open(client, world, change):
    dana = colleague(world, "organiser", name="dana")
    cookie, token, place = cookie_of(world.db, dana.id), token_of(world, dana), place_of(world, dana)
    form = sit_down(client, world.db, world.account_id)
    address = f"/desk/colleagues/{place}/{change}"
    assert client.post(address, data={"_csrf": form, "role": "viewer"}, follow_redirects=False).status_code == 303
    assert who(world.db, cookie) is None
    assert client.get("/api/v1/people", headers={"authorization": f"Bearer {token}"}).status_code == 401
    assert roles(world) == {"Farah Lindqvist": "owner"} | ({"Dana": "viewer"} if change == "role" else {})


def test_the_same_role_again_ends_nothing(world):
    dana = colleague(world, "organiser", name="dana")
    cookie = cookie_of(world.db, dana.id)
    with world.db.write() as session:
        colleagues.change_role(session, world.convener_id, place_of(world, dana), Role.ORGANISER, now=now())
    assert who(world.db, cookie) is not None


@pytest.mark.parametrize(("change", "role"), [("role", "organiser"), ("removal", "")])
def test_the_last_owner_stays(client, world, change, role):
    form = sit_down(client, world.db, world.account_id)
    answer = client.post(f"/desk/colleagues/1/{change}", data={"_csrf": form, "role": role})
    assert (answer.status_code, colleagues.LAST_OWNER in answer.text) == (422, True)
    assert roles(world) == {"Farah Lindqvist": "owner"}


def test_two_owners_who_leave_in_the_same_second_do_not_both_get_away(world):
    places = [place_of(world, colleague(world, "owner", name="dana")), 1]

    def leave(place):
        try:
            with world.db.write() as session:
                colleagues.remove(session, world.convener_id, place)
            return "left"
        except Refusal as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, places)) == [colleagues.LAST_OWNER, "left"]


def test_an_owner_of_another_convener_reaches_nobody_here(client, world):
    with world.db.write() as session:
        other = actions.found_convener(session, "Aldern Forum", now=now())
        stranger = actions.appoint(session, other, "kit@aldern.example", role=Role.OWNER, now=now())
    form = sit_down(client, world.db, stranger.id)
    sent = {"_csrf": form, "role": "viewer"}
    tried = [client.post(f"/desk/colleagues/1/{act}", data=sent) for act in ("role", "removal", "letter")]
    assert ([answer.status_code for answer in tried], roles(world)) == ([404] * 3, {"Farah Lindqvist": "owner"})


@pytest.mark.parametrize("act", ["", "/1/role", "/1/removal", "/1/letter"])
def test_roles_ask_for_a_fresh_sign_in(client, world, act):
    form = sit_down(client, world.db, world.account_id, at=now() - timedelta(minutes=16))
    sent = {"_csrf": form, "role": "viewer", "email": "dana@larkmoor.example"}
    answer = client.post(f"/desk/colleagues{act}", data=sent, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?to=colleagues")
    assert (roles(world), world.letters()) == ({"Farah Lindqvist": "owner"}, [])


def test_a_link_is_sent_again_but_not_without_end(client, world):
    dana = colleague(world, "viewer", name="dana")
    form = sit_down(client, world.db, world.account_id)
    place = place_of(world, dana)
    codes = [client.post(f"/desk/colleagues/{place}/letter", data={"_csrf": form}).status_code for _ in range(6)]
    assert (codes, len(world.letters())) == ([200] * 5 + [422], 5)


def test_a_revoked_token_is_kept_as_revoked(world):
    dana = colleague(world, "organiser", name="dana")
    token_of(world, dana)
    with world.db.write() as session:
        colleagues.change_role(session, world.convener_id, place_of(world, dana), Role.EDITOR, now=now())
    with world.db.read() as session:
        assert session.get(ApiToken, 1).revoked_at is not None
