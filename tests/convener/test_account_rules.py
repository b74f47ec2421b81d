"""Who may stay, how long a sign-in holds, when to wait: tables without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from roundtables.convener.browsers import named, place
from roundtables.convener.rules import Organiser, ends_at, leaves_an_owner, must_wait, weakness

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
KNOWN = ["farah@larkmoor.example", "Farah Lindqvist", "Larkmoor Trust"]


@pytest.mark.parametrize(
    ("owners", "was", "becomes", "stays"),
    [
        (1, "owner", "", False),
        (1, "owner", "organiser", False),
        (1, "owner", "owner", True),
        (2, "owner", "viewer", True),
        (2, "owner", "", True),
        (1, "organiser", "", True),
        (1, "viewer", "owner", True),
    ],
)
def test_somebody_stays_owner(owners, was, becomes, stays):
    assert leaves_an_owner(owners, was=was, becomes=becomes) is stays


@pytest.mark.parametrize(
    ("after", "holds"),
    [
        (timedelta(0), timedelta(days=14)),
        (timedelta(days=10), timedelta(days=24)),
        (timedelta(days=80), timedelta(days=90)),
        (timedelta(days=90), timedelta(days=90)),
    ],
)
def test_a_sign_in_slides_up_to_a_bound(after, holds):
    assert ends_at(began=NOON, now=NOON + after) == NOON + holds


@pytest.mark.parametrize(
    ("minutes", "fresh"), [(0, True), (15, True), (16, False)], ids=["now", "a quarter of an hour", "longer"]
)
def test_fresh_is_a_quarter_of_an_hour(minutes, fresh):
    who = Organiser(1, 1, "Larkmoor Trust", "Farah", "owner", proved_at=NOON)
    assert who.is_fresh(NOON + timedelta(minutes=minutes)) is fresh


def test_a_token_is_never_fresh():
    assert not Organiser(1, 1, "Larkmoor Trust", "Farah", "owner").is_fresh(NOON)


@pytest.mark.parametrize(
    ("minutes_ago", "waits"),
    [([], False), ([0, 1, 2, 3], False), ([0, 1, 2, 3, 14], True), ([0, 1, 2, 3, 15], False)],
)
def test_five_tries_in_a_quarter_of_an_hour_are_enough(minutes_ago, waits):
    assert must_wait([NOON - timedelta(minutes=m) for m in minutes_ago], now=NOON) is waits


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("kettle on a hob", ""),
        ("no digits needed", ""),
        ("Ünïcødé wörds", ""),
        ("eleven char", "short"),
        ("a" * 200 + "b", "long"),
        ("aaaaaaaaaaaabb", "guessed"),
        ("FARAH@larkmoor.example", "guessed"),
        ("larkmoor trust", "guessed"),
    ],
)
def test_what_speaks_against_a_password(password, expected):
    assert weakness(password, known=KNOWN) == expected


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_browser_has_a_name_its_owner_knows(agent, name):
    assert named(agent) == name


@pytest.mark.parametrize(
    ("host", "shared"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
        ("2001:0DB8::1", "2001:db8:0:0"),
        ("2001:db8:0:0:ffff::1", "2001:db8:0:0"),
        ("::1", "0:0:0:0"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_place_is_what_a_household_shares(host, shared):
    assert place(host) == shared
