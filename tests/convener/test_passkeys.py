"""Passkeys: made and used in a real browser, and everything that is not a passkey of ours."""

import json
import socket
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from roundtables.convener import actions, passkeys
from roundtables.convener.model import Account, Passkey
from roundtables.convener.passkeys import CHALLENGE_LASTS, Site
from roundtables.db import Db, now
from roundtables.errors import Refusal
from tests import service
from tests.convener.people import sit_down
from tests.journeys.browser import barriers, chromium, complaints

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
HERE = Site("https://tables.example.org", "Larkmoor Trust", "a secret")


@pytest.mark.parametrize(
    ("origin", "has"),
    [
        ("https://tables.example.org", True),
        ("http://localhost:8000", True),
        ("http://tables.example.org", False),
        ("http://127.0.0.1:8000", False),
        ("https://[::1]:8000", False),
    ],
)
def test_passkeys_need_a_name_and_https(origin, has):
    assert Site(origin, "", "").has_passkeys is has


def answer_to(options: str, **change: str) -> str:
    """What a browser would send, as far as the challenge is concerned."""
    said = {"type": "webauthn.get", "challenge": json.loads(options)["challenge"], "origin": HERE.origin} | change
    data = urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    return json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": data}})


def test_a_challenge_is_ours_for_ten_minutes_and_counts_once(world):
    answer = answer_to(passkeys.to_sign_in(HERE, now=NOON))
    with world.db.write() as session:
        assert len(passkeys._ours(session, HERE, "sign-in", answer, NOON)) == 40
        with pytest.raises(Refusal, match="took too long"):
            passkeys._ours(session, HERE, "sign-in", answer, NOON)


@pytest.mark.parametrize("wrong", ["late", "other purpose", "other secret", "made up", "changed"])
def test_a_challenge_that_is_not_ours_is_refused(world, wrong):
    options = passkeys.to_sign_in(HERE, now=NOON)
    raw = bytearray(urlsafe_b64decode(json.loads(options)["challenge"] + "=="))
    raw[20] ^= 1
    made_up = {"made up": "AAAA", "changed": urlsafe_b64encode(raw).decode()}
    change = {"challenge": made_up[wrong]} if wrong in made_up else {}
    site = Site(HERE.origin, HERE.name, "another") if wrong == "other secret" else HERE
    purpose = "make/1" if wrong == "other purpose" else "sign-in"
    at = NOON + CHALLENGE_LASTS + timedelta(seconds=1) if wrong == "late" else NOON
    with world.db.write() as session, pytest.raises(Refusal, match="took too long"):
        passkeys._ours(session, site, purpose, answer_to(options, **change), at)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "[]", "null", "{}", "nonsense", '{"response": 3}', '{"response": {"clientDataJSON": "###"}}', "[" * 9000),
        *('{"response": {"clientDataJSON": "bnVsbA"}}', "x" * 30_000),
    ],
)
def test_what_is_no_passkey_is_refused_and_never_a_fault(client, world, typed):
    assert client.post("/sign-in/passkey", data={"credential": typed}).status_code == 422
    form = sit_down(client, world.db, world.account_id)
    assert client.post("/desk/account/passkeys", data={"_csrf": form, "credential": typed}).status_code == 422


def test_a_signature_that_is_missing_is_refused(world):
    with world.db.write() as session:
        row = Passkey(account_id=world.account_id, credential="AAAA", public_key=b"none", created_at=NOON)
        session.add(row)
        session.flush()
        with pytest.raises(Refusal, match="not recognised"):
            passkeys.owner(session, HERE, answer_to(passkeys.to_sign_in(HERE, now=NOON)), now=NOON)


def test_nobody_takes_another_persons_passkey_away(client, world):
    with world.db.write() as session:
        other = Account(email="dana@larkmoor.example", created_at=NOON)
        session.add(other)
        session.flush()
        session.add(Passkey(account_id=other.id, credential="AAAA", public_key=b"none", created_at=NOON))
    form = sit_down(client, world.db, world.account_id)
    assert client.post("/desk/account/passkeys/1/removal", data={"_csrf": form}).status_code == 404


@pytest.mark.journey
def test_a_passkey_is_made_and_signs_in_with_both_factors(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    url = f"http://localhost:{port}"
    service.founded(tmp_path)
    db = Db(f"sqlite:///{tmp_path / 'var' / 'roundtables.sqlite3'}")
    with db.write() as session:
        farah = session.exec(select(Account)).one()
        link = actions.sign_in_link(session, farah, now=now())
    words = ("serve", "--port", port, "--no-background")
    with service.running(tmp_path, *words, public_url=url), chromium() as browser:
        page = browser.new_page(base_url=url)
        said = complaints(page)
        with_a_key(page)
        page.goto(f"/sign-in/{link}")
        page.get_by_role("button", name="Sign in").click()
        page.goto("/desk/account")
        page.get_by_label("What you call it").fill("my telephone")
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.get_by_text("The passkey is kept.")).to_be_visible()
        assert [*barriers(page), *said] == []
        page.get_by_role("button", name="Sign out of this browser").click()
        expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
        assert [*barriers(page), *said] == []
        page.get_by_role("button", name="Use a passkey").click()
        expect(page).to_have_url(f"{url}/desk")
        page.goto("/desk/account")
        expect(page.get_by_text("Last used: Today")).to_be_visible()
        page.get_by_role("button", name="Take it away").click()
        expect(page.get_by_text("opens nothing here any more")).to_be_visible()
        page.get_by_role("button", name="Sign out of this browser").click()
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_text("This passkey was not recognised")).to_be_visible()
        assert said == ["Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"]
    db.close()


def with_a_key(page) -> None:
    """A telephone of nobody's that says it saw its owner's finger."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    chosen = {"isUserVerified": True, "automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": kind | chosen})
