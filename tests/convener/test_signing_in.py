"""In by a link or a password, past a code, to one of several desks; and out again, here or everywhere."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import select

from roundtables.convener import actions, passwords, queries, second_factor, signing_in
from roundtables.convener.model import Account, Role, SignIn, SignInLink, SignInTry
from roundtables.convener.pages import WRONG_PASSWORD
from roundtables.convener.tries import WAIT
from roundtables.db import now
from tests.convener.people import COOKIE, colleague, cookie_of, sit_down, who
from tests.world import SECRET

FARAH = "farah@larkmoor.example"
GOOD = "seven kettles on one hob"
SECRET_SHOWN = re.compile(r'<p class="mailpart">([A-Z2-7 ]+)</p>')
CODES = re.compile(r"\b(?:[a-z2-7]{4}-){3}[a-z2-7]{4}\b")


@pytest.fixture
def with_password(world):
    """Farah has a password."""
    with world.db.write() as session:
        passwords.keep(session, world.account_id, passwords.HASHER.hash(GOOD))
    return world


@pytest.fixture
def two_desks(world):
    """Farah works for the Aldern Forum too."""
    with world.db.write() as session:
        other = actions.found_convener(session, "Aldern Forum", now=now())
        actions.appoint(session, other, FARAH, role=Role.VIEWER, now=now())
    return world


def authenticator_of(world, *, at=None):
    """Farah's authenticator, confirmed a while ago: the program, and her recovery codes."""
    then = (at or now()) - timedelta(hours=1)
    with world.db.write() as session:
        second_factor.begin(session, world.account_id, SECRET, now=then)
    with world.db.write() as session:
        found = session.get(second_factor.Authenticator, world.account_id)
        program = pyotp.TOTP(second_factor._opened(found.secret, SECRET))
        return program, second_factor.confirm(session, world.account_id, program.at(then), SECRET, now=then)


def log_in(client, password=GOOD, email=FARAH, **more):
    return client.post("/sign-in/password", data={"email": email, "password": password, **more}, follow_redirects=False)


def desk_of(client) -> str:
    found = re.search(r"<dt>Convener</dt><dd>(.*?)</dd>", client.get("/desk/account").text)
    return found[1] if found else ""


def test_a_password_signs_in(client, with_password):
    answer = log_in(client, email="FARAH@larkmoor.example")
    assert (answer.status_code, answer.headers["location"], desk_of(client)) == (303, "/desk", "Larkmoor Trust")


@pytest.mark.parametrize(
    ("email", "password"),
    [(FARAH, "something else"), (FARAH, ""), (FARAH, GOOD + " "), ("nobody@example.org", GOOD), ("", "")],
    ids=["wrong", "none", "with a blank", "no account", "nothing"],
)
def test_what_does_not_fit_is_told_in_the_same_words(client, with_password, email, password):
    answer = log_in(client, password, email)
    assert (answer.status_code, WRONG_PASSWORD in answer.text, "roundtables" in client.cookies) == (422, True, False)
    assert not password or password not in answer.text


def test_who_has_no_password_and_who_has_no_account_look_alike(client, world):
    told = [log_in(client, GOOD, email).text.replace(email, "E") for email in (FARAH, "nobody@example.org")]
    assert told[0] == told[1]


def test_comparing_costs_the_same_work_with_nothing_to_compare(monkeypatch):
    seen = []

    class Hasher:
        def verify(self, kept, typed):
            seen.append(kept[:30])
            raise passwords.VerificationError

    kept = passwords.HASHER.hash(GOOD)
    passwords._nobodys()
    monkeypatch.setattr(passwords, "HASHER", Hasher())
    assert [passwords.matches(kept, "x"), passwords.matches("", "x")] == [False, False]
    assert seen[0] == seen[1] == "$argon2id$v=19$m=19456,t=2,p=1"


@pytest.mark.parametrize("email", [FARAH, "nobody@example.org"])
def test_the_sixth_try_is_not_looked_at_whether_or_not_there_is_an_account(client, with_password, email):
    tried = [log_in(client, "wrong password", email).status_code for _ in range(5)]
    answer = log_in(client, GOOD, email)
    assert (tried, answer.status_code, WAIT in answer.text) == ([422] * 5, 429, True)


def test_a_link_still_opens_for_whoever_somebody_else_locked_out(client, with_password):
    for _ in range(6):
        log_in(client, "wrong password")
    assert client.post(f"/sign-in/{with_password.sign_in_link()}", follow_redirects=False).status_code == 303


def test_the_right_password_wipes_the_slate(client, with_password):
    assert [log_in(client, "wrong password").status_code for _ in range(4)] == [422] * 4
    assert [log_in(client).status_code, log_in(client, "wrong password").status_code] == [303, 422]


def test_tries_are_kept_without_saying_whose(client, with_password):
    log_in(client, "wrong password")
    with with_password.db.read() as session:
        kept = session.exec(select(SignInTry)).all()
    assert len(kept) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", row.key) for row in kept)


def test_a_password_is_chosen_and_ends_every_other_browser(client, world):
    elsewhere = cookie_of(world.db, world.account_id)
    link = world.sign_in_link()
    form = sit_down(client, world.db, world.account_id)
    answer = client.post("/desk/account/password", data={"_csrf": form, "password": GOOD})
    assert (answer.status_code, "That is your password now" in answer.text) == (200, True)
    assert who(world.db, elsewhere) is None
    assert client.post(f"/sign-in/{link}", follow_redirects=False).status_code == 422
    client.cookies = {}
    assert log_in(client).status_code == 303
    with world.db.read() as session:
        assert session.get(Account, world.account_id).password_hash.startswith("$argon2id$")


@pytest.mark.parametrize("password", ["short", "x" * 201, FARAH, "Larkmoor Trust"])
def test_a_weak_password_is_refused_and_never_shown_again(client, world, password):
    form = sit_down(client, world.db, world.account_id)
    answer = client.post("/desk/account/password", data={"_csrf": form, "password": password})
    assert (answer.status_code, 'id="f-password-error"' in answer.text) == (422, True)
    assert f'type="password" value="{password}"' not in answer.text


@pytest.mark.parametrize(
    "door",
    [
        *("password", "password/removal", "authenticator", "authenticator/confirmation", "authenticator/removal"),
        *("recovery-codes", "passkeys", "passkeys/1/removal"),
    ],
)
def test_ways_in_are_changed_only_by_somebody_who_just_came_in(client, with_password, door):
    form = sit_down(client, with_password.db, with_password.account_id, at=now() - timedelta(minutes=16))
    answer = client.post(f"/desk/account/{door}", data={"_csrf": form, "password": GOOD}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?to=account")


def test_signing_in_again_leads_back_and_replaces_the_sign_in(client, with_password):
    db = with_password.db
    sit_down(client, db, with_password.account_id, at=now() - timedelta(hours=1))
    old = client.cookies[COOKIE]
    page = client.get("/sign-in?to=account").text
    assert ("Is it still you, Farah Lindqvist?" in page, f'value="{FARAH}"' in page) == (True, True)
    answer = log_in(client, to="account")
    assert answer.headers["location"] == "/desk/account"
    assert (who(db, old), who(db, answer.cookies[COOKIE]).is_fresh(now())) == (None, True)


def test_nobody_is_sent_to_another_site_after_signing_in(client, with_password):
    assert log_in(client, to="//example.com").headers["location"] == "/desk"
    assert "example.com" not in client.get("/sign-in?to=//example.com").text


def test_with_an_authenticator_a_link_alone_is_not_enough(client, world):
    program, _codes = authenticator_of(world)
    assert (
        client.post(f"/sign-in/{world.sign_in_link()}", follow_redirects=False).headers["location"] == "/sign-in/next"
    )
    assert client.get("/desk", follow_redirects=False).headers["location"] == "/sign-in"
    assert "The code your authenticator shows" in client.get("/sign-in/next").text
    wrong = client.post("/sign-in/code", data={"code": "000000"})
    right = client.post("/sign-in/code", data={"code": program.now()}, follow_redirects=False)
    assert (wrong.status_code, right.headers["location"], desk_of(client)) == (422, "/desk", "Larkmoor Trust")


def test_digits_count_once(world):
    moment = now()
    program, _codes = authenticator_of(world, at=moment)
    with world.db.write() as session:
        given = [second_factor.accepts(session, world.account_id, program.at(moment), SECRET, now=moment) for _ in "ab"]
    assert given == [True, False]


@pytest.mark.parametrize(("seconds", "accepted"), [(-90, False), (-30, True), (0, True), (30, True), (90, False)])
def test_a_clock_may_be_half_a_minute_off(world, seconds, accepted):
    moment = now()
    program, _codes = authenticator_of(world, at=moment)
    shown = program.at(moment + timedelta(seconds=seconds))
    with world.db.write() as session:
        assert second_factor.accepts(session, world.account_id, shown, SECRET, now=moment) is accepted


def test_a_recovery_code_works_once_however_it_is_typed(world):
    _program, codes = authenticator_of(world)
    typed = codes[0].upper().replace("-", " ")
    with world.db.write() as session:
        given = [second_factor.accepts(session, world.account_id, typed, SECRET, now=now()) for _ in "ab"]
        assert (given, queries.recovery_codes_left(session, world.account_id)) == ([True, False], 9)


def test_guessing_codes_stops_after_five(client, world):
    program, _codes = authenticator_of(world)
    client.post(f"/sign-in/{world.sign_in_link()}", follow_redirects=False)
    tried = [client.post("/sign-in/code", data={"code": f"00000{n}"}).status_code for n in range(5)]
    answer = client.post("/sign-in/code", data={"code": program.now()})
    assert (tried, answer.status_code, WAIT in answer.text) == ([422] * 5, 429, True)


def test_an_authenticator_is_set_up_scanned_and_taken_away(client, world):
    form = sit_down(client, world.db, world.account_id)
    page = client.post("/desk/account/authenticator", data={"_csrf": form}).text
    program = pyotp.TOTP(SECRET_SHOWN.search(page)[1].replace(" ", ""))
    assert ("<svg" in page, "style=" in page) == (True, False)
    wrong = client.post("/desk/account/authenticator/confirmation", data={"_csrf": form, "code": "000000"})
    right = client.post("/desk/account/authenticator/confirmation", data={"_csrf": form, "code": program.now()})
    assert (wrong.status_code, right.status_code, len(CODES.findall(right.text))) == (422, 200, 10)
    assert CODES.search(client.get("/desk/account").text) is None
    assert client.get("/desk/account/authenticator", follow_redirects=False).status_code == 303
    client.post("/desk/account/authenticator/removal", data={"_csrf": form})
    with world.db.read() as session:
        left = queries.authenticator(session, world.account_id), queries.recovery_codes_left(session, world.account_id)
    assert left == (None, 0)


def test_one_that_was_never_confirmed_asks_nobody_for_a_code(client, world):
    with world.db.write() as session:
        second_factor.begin(session, world.account_id, SECRET, now=now())
    assert client.post(f"/sign-in/{world.sign_in_link()}", follow_redirects=False).headers["location"] == "/desk"


def test_the_secret_is_not_readable_in_the_database(world):
    program, _codes = authenticator_of(world)
    with world.db.read() as session:
        assert program.secret not in session.get(second_factor.Authenticator, world.account_id).secret


def test_after_another_secret_key_only_paper_helps(world):
    program, codes = authenticator_of(world)
    with world.db.write() as session:
        given = [
            second_factor.accepts(session, world.account_id, c, "new", now=now()) for c in (program.now(), codes[0])
        ]
    assert given == [False, True]


def test_with_two_desks_one_chooses_and_may_change_later(client, two_desks):
    answer = client.post(f"/sign-in/{two_desks.sign_in_link()}")
    assert ("At whose desk?" in answer.text, "Aldern Forum" in answer.text) == (True, True)
    client.post("/sign-in/convener", data={"place": "2"})
    assert desk_of(client) == "Aldern Forum"
    old = client.cookies[COOKIE]
    form = re.search(r'name="_csrf" value="(\w+)"', client.get("/desk/account").text)[1]
    client.post("/desk/account/convener", data={"_csrf": form, "place": "1"})
    assert (desk_of(client), who(two_desks.db, old)) == ("Larkmoor Trust", None)


@pytest.mark.parametrize("place", ["3", "99", "", "x"])
def test_nobody_chooses_a_desk_that_is_not_theirs(client, two_desks, place):
    colleague(two_desks, "viewer", name="dana")  # place 3 is hers
    client.post(f"/sign-in/{two_desks.sign_in_link()}")
    assert client.post("/sign-in/convener", data={"place": place}).status_code == 422
    assert client.get("/desk", follow_redirects=False).headers["location"] == "/sign-in"


def test_nobody_chooses_a_desk_while_a_code_is_owed(client, two_desks):
    authenticator_of(two_desks)
    client.post(f"/sign-in/{two_desks.sign_in_link()}")
    assert client.post("/sign-in/convener", data={"place": "1"}).status_code == 422
    assert client.get("/desk", follow_redirects=False).headers["location"] == "/sign-in"


def test_signing_in_again_stays_at_the_same_desk(client, two_desks):
    cookie = cookie_of_place(two_desks, 2)
    client.cookies = {COOKIE: cookie}
    client.post(f"/sign-in/{two_desks.sign_in_link()}")
    assert desk_of(client) == "Aldern Forum"


def cookie_of_place(world, place):
    with world.db.write() as session:
        arriving = signing_in.arrive(session, world.account_id, owes_code=False, browser="", now=now())
    with world.db.write() as session:
        arrival = signing_in.owed(session, arriving.cookie, now=now())
        return signing_in.choose(session, arrival, place, browser="", now=now(), before=None).cookie


def test_browsers_are_listed_and_ended_one_by_one_or_all(client, world):
    there = [cookie_of(world.db, world.account_id, browser=name) for name in ("Firefox, Linux", "Safari, iPhone")]
    form = sit_down(client, world.db, world.account_id)
    page = client.get("/desk/account").text
    assert [name in page for name in ("Firefox, Linux", "Safari, iPhone", "This very browser")] == [True] * 3
    with world.db.read() as session:
        first = session.exec(select(SignIn).order_by(SignIn.id)).first().id
    client.post(f"/desk/account/browsers/{first}/ending", data={"_csrf": form})
    assert [who(world.db, cookie) is None for cookie in there] == [True, False]
    client.post("/desk/account/browsers/ending", data={"_csrf": form})
    assert (who(world.db, there[1]), client.get("/desk").status_code) == (None, 200)


def test_nobody_ends_another_persons_browser(client, world):
    cookie_of(world.db, colleague(world, "viewer", name="dana").id)
    form = sit_down(client, world.db, world.account_id)
    assert client.post("/desk/account/browsers/1/ending", data={"_csrf": form}).status_code == 404


def test_coming_by_again_makes_it_hold_longer_but_not_for_ever(client, world):
    form = sit_down(client, world.db, world.account_id, at=now() - timedelta(days=10))
    assert form
    client.get("/desk")
    with world.db.read() as session:
        row = session.exec(select(SignIn)).one()
    assert timedelta(days=13, hours=23) < row.expires_at - now() <= timedelta(days=14)
    with world.db.write() as session:
        old = session.get(SignIn, row.id)
        old.created_at, old.seen_at = now() - timedelta(days=89), now() - timedelta(hours=2)
    client.get("/desk")
    with world.db.read() as session:
        assert session.exec(select(SignIn)).one().expires_at - now() < timedelta(days=1)


def test_a_sign_in_that_ran_out_opens_nothing(client, world):
    sit_down(client, world.db, world.account_id, at=now() - timedelta(days=15))
    assert client.get("/desk", follow_redirects=False).headers["location"] == "/sign-in"


def test_an_account_without_a_place_does_not_come_in_and_gets_no_link(client, world):
    with world.db.write() as session:
        session.delete(queries.memberships(session, world.account_id)[0][0])
    client.post("/sign-in", data={"email": FARAH})
    assert world.letters() == []
    answer = client.post(f"/sign-in/{world.sign_in_link()}")
    assert (answer.status_code, signing_in.NOWHERE in answer.text) == (422, True)
    with world.db.read() as session:
        assert session.exec(select(SignInLink)).one().used_at is None


def test_the_cookies_are_safe_where_there_is_https(settings, with_password):
    from tests.web_client import browser

    secure = settings.model_copy(update={"public_url": "https://tables.example.org"})
    with browser(secure, with_password.db) as client:
        set_cookie = log_in(client).headers.get_list("set-cookie")[0]
    assert set_cookie.startswith("__Host-roundtables=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(set_cookie.split("; "))
