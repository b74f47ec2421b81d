"""The command line, as a person or a mail server starts it: real processes, a data folder of their own."""

import json
import re
import socket
import sqlite3
import time
from contextlib import closing

import httpx
import pytest

from roundtables import cli
from tests.mail.servers import sink
from tests.mails import golden
from tests.service import founded, run, running, told, wait_until

SET_UP = ("setup", "--convener", "Larkmoor Trust", "--organiser", "farah@larkmoor.example")
TABLE = {
    "title": "Whose job is it to be kind?",
    "starts_at": "2030-07-01T10:00:00+01:00",
    "ends_at": "2030-07-01T12:00:00+01:00",
    "time_zone": "Europe/London",
    "seats": 3,
}
JO = {"guests": [{"name": "Jo Bloggs", "email": "jo@example.org"}]}


def test_setting_up_twice_makes_one_of_each_and_a_token_opens_the_api(tmp_path):
    first, second = told(tmp_path, *SET_UP), told(tmp_path, *SET_UP)
    assert [x["convener"] for x in (first, second)] == ["larkmoor-trust"] * 2
    assert first["sign_in"] != second["sign_in"]
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/sign-in/[\w-]{20,}", first["sign_in"])
    with closing(sqlite3.connect(tmp_path / "var" / "roundtables.sqlite3")) as connection:
        numbers = connection.execute(
            "SELECT (SELECT count(*) FROM convener), (SELECT count(*) FROM account)"
        ).fetchone()
    assert numbers == (1, 1)

    made = run(tmp_path, "token", "farah@larkmoor.example", "--convener", "larkmoor-trust")
    token = made.stdout.decode().strip()
    assert (made.returncode, bool(re.fullmatch(r"[\w-]{20,}", token))) == (0, True)

    with running(tmp_path, "serve", "--port", "0") as service:
        with service.api(token) as api:
            assert api.get("/people").status_code == 200
        sign_in = httpx.URL(second["sign_in"]).path
        with httpx.Client(base_url=service.url, trust_env=False) as browser:
            assert browser.get(sign_in).status_code == 200
            assert browser.get("/healthz").text == "up\n"
            assert browser.get("/readyz").text == "ready\n"
            assert browser.get("/metrics").status_code == 200
        begun = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - begun < 10
        assert service.process.stdout.read() == ""


def test_deliver_says_what_became_of_a_mail_and_ends_with_0_once_it_is_kept(tmp_path):
    founded(tmp_path)
    stranger = golden("words-yes", TOKENJO="x" * 26)
    (tmp_path / "mail.eml").write_bytes(stranger)
    from_file = told(tmp_path, "deliver", "mail.eml")
    from_pipe = json.loads(run(tmp_path, "deliver", stdin=b"Subject: twice\r\n" * 40_000).stdout)
    nothing = run(tmp_path, "deliver", stdin=b" \r\n")
    assert from_file | {"id": 1} == from_file
    assert (from_file["outcome"], from_file["invitation"]) == ("ignored", None)
    assert (from_pipe["id"], from_pipe["outcome"]) == (2, "quarantined")
    assert from_pipe["reason"]
    assert (nothing.returncode, nothing.stdout, nothing.stderr.count(b"\n")) == (1, b"", 1)
    with closing(sqlite3.connect(tmp_path / "var" / "roundtables.sqlite3")) as connection:
        assert connection.execute("SELECT raw, door FROM incoming_mail WHERE id = 1").fetchone() == (stranger, "pipe")


def test_what_cannot_be_kept_is_to_be_tried_again(tmp_path):
    never_migrated = run(tmp_path, "deliver", stdin=golden("words-yes"))
    away = run(tmp_path, "deliver", stdin=golden("words-yes"), database_url="postgresql://x@127.0.0.1:1/x")
    for done in (never_migrated, away):
        assert (done.returncode, done.stdout) == (75, b"")
        assert done.stderr.decode().splitlines()[-1].startswith("roundtables: ")


def test_seed_outbox_and_doctor(tmp_path):
    assert run(tmp_path, "doctor").returncode == 1, "nothing is there yet"
    first, second = told(tmp_path, "seed"), told(tmp_path, "seed")
    assert first["convener"] == second["convener"] == "carnegie-uk-trust"
    with closing(sqlite3.connect(tmp_path / "var" / "roundtables.sqlite3")) as connection:
        assert connection.execute("SELECT count(*) FROM roundtable").fetchone() == (3,)
    assert {x["state"] for x in told(tmp_path, "outbox")} == {"queued", "held"}
    assert {"what": "database", "well": True, "words": "answers"} in told(tmp_path, "doctor")


def test_doctor_names_what_is_wrong_and_what_to_do(tmp_path):
    assert told(tmp_path, "migrate") == {"migrated": True}
    (tmp_path / "var" / "secret_key").chmod(0o644)
    wrong_ones = {"public_url": "http://tables.example.org", "smtp_url": "smtp://127.0.0.1:1", "reply_mode": "static"}
    done = run(tmp_path, "doctor", **wrong_ones)
    wrong = [line for line in done.stdout.decode().splitlines() if line.startswith("look")]
    assert done.returncode == 1
    assert [re.match(r"look  ([\w ]+):", line)[1] for line in wrong if "SQLite" not in line] == [
        "secret",
        "public address",
        "mail out",
        "answers",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["token", "eve@example.org", "--convener", "larkmoor-trust"],
        ["token", "farah@larkmoor.example", "--convener", "elsewhere"],
        ["deliver", "not-there.eml"],
    ],
    ids=" ".join,
)
def test_what_is_refused_ends_with_1_and_the_reason_in_one_line(words, tmp_path, monkeypatch, capsys):
    founded(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROUNDTABLES_DATA_DIR", str(tmp_path / "var"))
    assert cli.run(words) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), err[:13]) == ("", 1, "roundtables: ")


@pytest.mark.parametrize("words", [[], ["fly"], ["setup"], ["serve", "--port", "x"]], ids=" ".join)
def test_wrong_use_ends_with_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.run(words)
    assert ended.value.code == 2
    assert "usage: roundtables" in capsys.readouterr().err


def test_a_port_in_use_is_refused_in_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(tmp_path, "serve", "--port", str(taken.getsockname()[1]))
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().splitlines()[-1].startswith("roundtables: Cannot listen on 127.0.0.1:")


def test_work_sends_what_a_web_without_background_was_told(tmp_path, postgresql_url):
    settings = {"database_url": postgresql_url, "secret_key": "a secret that both processes share"}
    token = founded(tmp_path, **settings)
    web = running(tmp_path, "serve", "--port", "0", "--no-background", **settings)
    with sink() as server, web as service, service.api(token) as api:
        table = api.post("/roundtables", json=TABLE).json()["id"]
        asked = api.post(f"/roundtables/{table}/invitations", json=JO)
        assert asked.status_code == 201, asked.text
        time.sleep(1.5)
        assert server.taken == [], "the web alone sends nothing"
        with running(tmp_path, "work", smtp_url=server.url, **settings) as worker:
            server.wait_for("jo@example.org")
            wait_until(lambda: api.get("/letters").json()["items"][0]["state"] == "sent", why="the letter's state")
            assert worker.stop() == 0


def test_two_services_on_one_file_send_each_letter_once(tmp_path):
    """SQLite has one sender: the second waits for the first to go, and then takes over."""
    token = founded(tmp_path)
    guests = [{"name": f"Guest {n}", "email": f"g{n}@example.org"} for n in range(30)]
    with sink(delay=0.02) as server:
        with (
            running(tmp_path, "serve", "--port", "0", smtp_url=server.url) as first,
            running(tmp_path, "serve", "--port", "0", smtp_url=server.url) as second,
            second.api(token) as api,
        ):
            table = api.post("/roundtables", json={**TABLE, "seats": 30}).json()["id"]
            invitations = f"/roundtables/{table}/invitations"
            assert api.post(invitations, json={"guests": guests[:20]}).status_code == 201
            wait_until(lambda: len(server.taken) >= 20, why="twenty letters")
            assert first.stop() == 0
            assert api.post(invitations, json={"guests": guests[20:]}).status_code == 201
            wait_until(lambda: len(server.taken) >= 30, why="ten more")
        assert sorted(r for x in server.taken for r in x.recipients) == sorted(g["email"] for g in guests)
