"""Safe keeping by the command line: real processes, as an operator starts them."""

import json
import sqlite3
import time
import zipfile
from contextlib import closing

import pytest

from tests.mail.servers import sink
from tests.service import founded, run, running, told, wait_until
from tests.test_command_line import JO, TABLE


@pytest.fixture
def instance(tmp_path):
    """A folder with an instance whose only letter waits: nobody has set a mail server."""
    token = founded(tmp_path)
    with running(tmp_path, "serve", "--port", "0") as service, service.api(token) as api:
        table = api.post("/roundtables", json=TABLE).json()
        assert api.post(f"/roundtables/{table['id']}/invitations", json=JO).status_code == 201
        refused = run(tmp_path, "restore", "nothing.tar.gz")
        assert refused.returncode == 1
    return tmp_path


def test_a_restored_copy_takes_mail_in_and_sends_nothing_until_it_is_released(instance, tmp_path_factory):
    made = told(instance, "backup", "kept.tar.gz")
    assert (made["counts"]["letters"], made["counts"]["people"]) == (1, 1)
    copy = tmp_path_factory.mktemp("copy")
    (instance / "kept.tar.gz").rename(copy / "kept.tar.gz")
    back = told(copy, "restore", "kept.tar.gz")
    assert (back["held"], back["letters_waiting"]) == (True, 1)
    again = run(copy, "restore", "kept.tar.gz")
    assert (again.returncode, b"--replace" in again.stderr) == (1, True)
    assert "held" in run(copy, "doctor").stdout.decode()
    with sink() as server, running(copy, "serve", "--port", "0", smtp_url=server.url) as service:
        taken = told(copy, "deliver", stdin=b"From: x@example.com\r\nSubject: hello\r\n\r\nhello\r\n")
        assert taken["outcome"] == "ignored"
        refused = run(copy, "restore", "kept.tar.gz", "--replace")
        assert (refused.returncode, b"is running" in refused.stderr) == (1, True)
        time.sleep(3)
        assert server.taken == []
        shown = told(copy, "release", "--dry-run")
        assert (shown["kinds"], shown["released"]) == ({"invitation": 1}, False)
        assert told(copy, "release")["may_leave"] == 1
        server.wait_for("jo@example.org")
        assert told(copy, "release") == {"released": False, "held": False}
        assert service.stop() == 0
    proof = told(copy, "audit", "verify")
    assert (proof["whole"], proof["broken"]) == (True, None)


def test_the_log_is_proved_and_a_broken_entry_is_named(instance):
    with running(instance, "serve", "--port", "0"):
        wait_until(lambda: told(instance, "audit", "verify")["unsealed"] == 0)
    proof = told(instance, "audit", "verify")
    assert (proof["whole"], proof["entries"] > 5, proof["seals"]) == (True, True, proof["seals"])
    assert run(instance, "audit", "verify", "--head", proof["head"]).returncode == 0
    with closing(sqlite3.connect(instance / "var" / "roundtables.sqlite3")) as connection:
        connection.execute("DROP TRIGGER audit_never_audit_update")
        connection.execute("UPDATE audit SET who = 'account:9' WHERE id = 3")
        connection.commit()
    broken = run(instance, "audit", "verify", "--json")
    assert (broken.returncode, json.loads(broken.stdout)["broken"]) == (1, 3)
    assert run(instance, "audit", "verify", "--head", "0" * 64).returncode == 1


def test_a_person_is_given_out_and_erased_and_a_restore_does_not_bring_them_back(instance):
    told(instance, "backup", "before.tar.gz")
    held = told(instance, "person", "export", "JO@example.org")
    assert held["held"][0]["person"]["name"] == "Jo Bloggs"
    assert run(instance, "person", "export", "jo@example.org", "jo.zip").returncode == 0
    assert (instance / "jo.zip").stat().st_mode & 0o777 == 0o600
    assert zipfile.ZipFile(instance / "jo.zip").namelist() == ["everything.json", "letters/1.eml"]
    gone = told(instance, "person", "erase", "jo@example.org")
    assert (gone["people"], gone["letters"], gone["clean"]) == (1, 1, True)
    assert run(instance, "person", "erase", "jo@example.org").returncode == 1
    assert_no_trace(instance)
    assert told(instance, "restore", "before.tar.gz", "--replace")["erased_again"] == 1
    assert_no_trace(instance)
    assert told(instance, "audit", "verify")["whole"] is True


def assert_no_trace(folder):
    for path in (folder / "var").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [word for word in (b"Jo Bloggs", b"jo@example.org", b"Sm8gQmxvZ2dz") if word in content], path


def test_retention_says_what_would_go_on_a_day_and_does_it(instance):
    shown = told(instance, "retention", "--dry-run", "--today", "2035-01-01")
    counts = {row["kind"]: row["count"] for row in shown}
    assert (counts["needs"], counts["raw-mail"], counts["letters"]) == (0, 0, 0)
    assert [row["days"] for row in shown if row["kind"] == "raw-mail"] == [365]
    chosen = told(instance, "retention", "--dry-run", "--today", "2035-01-01", keep_mail_days="30")
    assert [row["days"] for row in chosen if row["kind"] == "raw-mail"] == [30]
    with closing(sqlite3.connect(instance / "var" / "roundtables.sqlite3")) as connection:
        connection.execute("UPDATE outgoing_letter SET state = 'sent'")
        connection.commit()
    words = run(instance, "retention", "--dry-run", "--today", "2035-01-01").stdout.decode()
    assert "letters: 1, the oldest of 2030-07-01" in words
    assert told(instance, "retention", "--today", "2035-01-01")["letters"] == 1
    assert told(instance, "retention", "--today", "2035-01-01") == {}
