"""In with the account of one's organisation: a real provider in a process of its own, and tokens that are not right."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from roundtables.convener import oidc
from roundtables.convener.model import Account
from roundtables.convener.oidc import Client, Trip
from roundtables.convener.oidc_pages import STRANGER
from roundtables.errors import Refusal
from roundtables.settings import Settings
from tests.web_client import browser

USERS = [
    {"sub": "farah", "email": "Farah@larkmoor.example", "email_verified": True},
    {"sub": "unsure", "email": "farah@larkmoor.example", "email_verified": False},
    {"sub": "impostor", "email": "farah@larkmoor.example", "email_verified": True},
    {"sub": "stranger", "email": "kit@example.org", "email_verified": True},
]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The issuer of a provider that knows USERS."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    users = [word for user in USERS for word in ("--user-claims", json.dumps(user))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true", *users]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _once_up(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(10)


def _once_up(issuer: str, process: subprocess.Popen) -> str:
    for _ in range(300):
        try:
            httpx2.get(f"{issuer}/.well-known/openid-configuration")
            return issuer
        except httpx2.TransportError:
            assert process.poll() is None, "the provider did not start"
            time.sleep(0.1)
    raise AssertionError("the provider does not answer")


@pytest.fixture
def visitor(settings: Settings, db, world, provider) -> Iterator:
    set_up = {"oidc_issuer": provider, "oidc_client_id": "us", "oidc_client_secret": "between the two of us"}
    with browser(settings.model_copy(update=set_up), db) as client:
        yield client


def go_there(client, to: str = "") -> str:
    answer = client.get(f"/sign-in/oidc{'?to=' + to if to else ''}", follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"]


def agree(there: str, sub: str) -> str:
    """Somebody signs in at the provider: where that leads, without our origin."""
    back = urlsplit(httpx2.post(there, data={"sub": sub}).headers["location"])
    return f"{back.path}?{back.query}"


def test_known_people_come_in(visitor, world):
    there = go_there(visitor, "account")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"], asked["scope"]) == ("code", "S256", "openid email")
    answer = visitor.get(agree(there, "farah"), follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/account")
    assert "Farah Lindqvist" in visitor.get("/desk/account").text


@pytest.mark.parametrize("sub", ["stranger", "unsure"])
def test_strangers_and_addresses_nobody_vouches_for_stay_outside(visitor, sub):
    answer = visitor.get(agree(go_there(visitor), sub))
    assert (answer.status_code, STRANGER in answer.text) == (422, True)
    assert visitor.get("/desk", follow_redirects=False).headers["location"] == "/sign-in"


def test_once_bound_an_account_is_nobody_elses_whatever_their_address(visitor, world):
    visitor.get(agree(go_there(visitor), "farah"))
    visitor.cookies = {}
    assert visitor.get(agree(go_there(visitor), "impostor")).status_code == 422
    with world.db.read() as session:
        assert session.get(Account, world.account_id).oidc_subject.endswith(" farah")


def test_only_the_browser_that_set_out_comes_back_and_only_once(visitor, settings, db):
    back = agree(go_there(visitor), "farah")
    cookies = dict(visitor.cookies)
    visitor.cookies = {}
    assert visitor.get(back).status_code == 422
    visitor.cookies = cookies
    assert visitor.get(back, follow_redirects=False).status_code == 303
    visitor.cookies = cookies
    assert visitor.get(back).status_code == 422


@pytest.mark.parametrize(
    "spoil",
    [
        lambda back: back.replace("state=", "state=x"),
        lambda back: back.replace("code=", "code=x"),
        lambda back: back + "&iss=https://elsewhere.example",
        lambda back: back.partition("?")[0],
        lambda back: back.partition("?")[0] + "?error=access_denied&state=x",
    ],
    ids=["state", "code", "issuer", "nothing", "refused there"],
)
def test_what_does_not_fit_is_refused(visitor, spoil):
    assert visitor.get(spoil(agree(go_there(visitor), "farah"))).status_code == 422


def test_without_a_provider_there_is_no_such_door(client):
    assert [client.get(f"/sign-in/oidc{path}").status_code for path in ("", "/return")] == [404, 404]
    assert "/sign-in/oidc" not in client.get("/sign-in").text


def test_a_provider_that_is_away_is_said_to_be(settings, db, world):
    away = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "us", "oidc_client_secret": "s"}
    with browser(settings.model_copy(update=away), db) as client:
        assert client.get("/sign-in/oidc").status_code == 503


NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
NOW = int(NOON.timestamp())
US = Client("https://login.example", "us", "secret", "https://tables.example.org/sign-in/oidc/return")
TRIP = Trip("a cookie", "a secret")
GOOD = {"iss": US.issuer, "sub": "f", "aud": "us", "exp": NOW + 300, "iat": NOW, "nonce": TRIP.nonce}
KEY, OTHER = RSAKey.generate_key(2048, {"kid": "1"}), RSAKey.generate_key(2048, {"kid": "1"})
KEYS = KeySet([KEY]).as_dict(private=False)


@pytest.mark.parametrize("change", [{}, {"aud": ["us"]}, {"aud": ["us", "x"], "azp": "us"}, {"exp": NOW - 30}])
def test_a_right_id_token_is_read(change):
    token = jwt.encode({"alg": "RS256", "kid": "1"}, GOOD | change, KEY)
    assert oidc._claims(token, KEYS, US, TRIP, NOON)["sub"] == "f"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://login.example.evil"},
        {"aud": "them"},
        {"aud": ["us", "them"]},
        {"azp": "them"},
        {"exp": NOW - 61},
        {"iat": NOW + 90},
        {"nonce": "another"},
        *({name: None} for name in ("iss", "sub", "aud", "exp", "iat", "nonce")),
    ],
    ids=str,
)
def test_a_token_of_other_claims_is_refused(change):
    claims = {name: value for name, value in (GOOD | change).items() if value is not None}
    with pytest.raises(Refusal):
        oidc._claims(jwt.encode({"alg": "RS256", "kid": "1"}, claims, KEY), KEYS, US, TRIP, NOON)


@pytest.mark.parametrize(
    "token",
    [
        jwt.encode({"alg": "RS256", "kid": "1"}, GOOD, OTHER),
        jwt.encode({"alg": "HS256", "kid": "1"}, GOOD, OctKey.import_key("a secret of somebody’s that is long")),
        "eyJhbGciOiJub25lIn0." + jwt.encode({"alg": "RS256", "kid": "1"}, GOOD, KEY).split(".")[1] + ".",
        "",
        "a.b.c",
        None,
    ],
    ids=["another key", "a shared secret", "no signature", "empty", "nonsense", "none"],
)
def test_a_token_nobody_signed_is_refused(token):
    with pytest.raises(Refusal):
        oidc._claims(token, KEYS, US, TRIP, NOON)
