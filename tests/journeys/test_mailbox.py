"""With a mailbox on a Dovecot between us and the guests: answers are fetched by IMAP."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlmodel import select

from roundtables.db import Db
from roundtables.errors import Refusal, TryLater
from roundtables.mail import imap
from roundtables.mail.imap_client import Times
from roundtables.mail.inbox import MailboxPlace
from roundtables.mail.mailbox_address import parse
from roundtables.mail.mailbox_reading import Reader
from tests.journeys import mails
from tests.journeys.dovecot import Dovecot, dovecot
from tests.mail.servers import sink
from tests.service import founded, running, told, wait_until

pytestmark = pytest.mark.journey
GUEST = "guest@example.org"
TABLE = {
    "title": "Whose job is it to be kind?",
    "starts_at": "2030-07-04T10:00:00+01:00",
    "ends_at": "2030-07-04T12:30:00+01:00",
    "time_zone": "Europe/London",
    "seats": 3,
}


@pytest.fixture(scope="module")
def module_server():
    with dovecot() as one:
        yield one


@pytest.fixture
def server(module_server: Dovecot, monkeypatch):
    """Its mailbox empty, its certificate trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(module_server.certificate))
    module_server.clear()
    return module_server


def mail(name: str) -> bytes:
    return f"From: {name}@example.org\r\nSubject: Yes\r\n\r\nI will come.\r\n".encode()


@contextmanager
def reading(server: Dovecot, db: Db, scheme: str = "imap", more: str = "/INBOX") -> Iterator[dict[bytes, list[float]]]:
    """A reader in a thread as the worker has it, and when each mail was brought."""
    brought: dict[bytes, list[float]] = {}
    stopping = threading.Event()
    quick = Times(rest=0.1, longest_rest=0.5)
    reader = Reader(
        parse(server.url(scheme, more)),
        db,
        lambda raw: brought.setdefault(raw, []).append(time.monotonic()),
        stopping=stopping,
        times=quick,
    )

    def run() -> None:
        while not stopping.is_set():
            if not reader.step():
                reader.pause()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield brought
    finally:
        stopping.set()
        thread.join(2)
        assert not thread.is_alive(), "it must end promptly"
        reader.close()


@pytest.mark.parametrize("scheme", ["imap", "imaps", "imap+starttls"])
def test_mail_is_fetched_as_it_was_delivered_and_at_once(scheme, server, db):
    server.deliver(mail("jo"))
    with reading(server, db, scheme) as brought:
        wait_until(lambda: mail("jo") in brought, why=f"the first; {server.log()}")
        time.sleep(0.5)  # until it listens
        took = []
        for raw in (mail("ana"), mail("bashir"), mail("carys")):
            delivered = server.deliver(raw)
            wait_until(lambda raw=raw: raw in brought, why="a later one")
            took.append(brought[raw][0] - delivered)
        assert min(took) < 1, "half a second is Dovecot's own"
        wait_until(lambda: all(name.endswith(":2,S") for name in server.mails()), why="all seen")
    assert set(brought) == {mail(name) for name in ("jo", "ana", "bashir", "carys")}


def test_a_certificate_that_is_not_trusted_ends_it(server, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    for scheme in ("imaps", "imap+starttls"):
        with pytest.raises(TryLater, match="certificate is not trusted"):
            imap.look_into(parse(server.url(scheme)))


def test_a_wrong_password_and_a_missing_folder_are_said(server):
    with pytest.raises(Refusal, match="refuses the login"):
        imap.look_into(parse(server.url().replace("more", "less")))
    with pytest.raises(Refusal, match="does not open the folder Nowhere"):
        imap.look_into(parse(server.url(more="/Nowhere")))


def test_mail_is_moved_if_that_is_asked_for(server, db):
    server.make_folder("Done")
    server.deliver(mail("jo"))
    with reading(server, db, more="/INBOX?move=Done") as brought:
        wait_until(lambda: not server.mails() and len(server.mails(".Done")) == 1, why="the mail in its new folder")
    assert list(brought) == [mail("jo")]


def test_a_mailbox_that_lost_its_numbers_is_read_anew_and_a_server_that_restarts_is_found_again(server, db):
    with reading(server, db) as brought:
        server.deliver(mail("jo"))
        wait_until(lambda: mail("jo") in brought, why="the first")
        server.stop()
        server.number_anew()
        delivered = server.deliver(mail("ana"))
        server.start()
        wait_until(lambda: mail("ana") in brought, why="the second")
        assert brought[mail("ana")][0] - delivered < 10
        wait_until(lambda: len(brought[mail("jo")]) == 2, why="the first again")
        with db.read() as session:
            assert len(session.exec(select(MailboxPlace)).all()) == 1


def test_an_answer_in_the_mailbox_is_applied_by_the_running_service(server, tmp_path):
    mails.needs_node()
    token = founded(tmp_path)
    settings = {"imap_url": server.url(), "retry_base_seconds": "1"}
    with (
        sink() as out,
        running(tmp_path, "serve", "--port", "0", smtp_url=out.url, **settings) as service,
        service.api(token) as api,
    ):
        table = api.post("/roundtables", json=TABLE).json()["id"]
        guests = {"guests": [{"name": "Zoë Grünwald", "email": GUEST}]}
        assert api.post(f"/roundtables/{table}/invitations", json=guests).status_code == 201
        letter = out.wait_for(GUEST).raw
        server.deliver(mails.calendar_reply(letter, GUEST, "ACCEPTED"))
        wait_until(lambda: state(api, table) == "accepted", why="the answer")
        arrived = [(m["from"], m["door"], m["outcome"]) for m in api.get("/mail").json()["items"]]
        assert arrived == [(GUEST, "imap", "applied")]
        findings = {
            f["what"]: f for f in told(tmp_path, "doctor", smtp_url=out.url, reply_address="r@x.example", **settings)
        }
        assert findings["mailbox"]["well"], findings
        assert service.stop() == 0


def state(api: httpx.Client, table: int) -> str:
    (item,) = api.get(f"/roundtables/{table}/invitations").json()["items"]
    return str(item["state"])
