"""With Postfix between us and the guests: out by SMTP, answers and bounces back by LMTP."""

import base64
import smtplib

import dkim
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.journeys import mails
from tests.journeys.postfix import Postfix, free_port, postfix
from tests.service import founded, running, wait_until

pytestmark = pytest.mark.journey
GUEST, NOBODY, ELSEWHERE = "guest@example.org", "nobody@example.org", "guest@example.net"
TABLE = {
    "title": "Wessen Aufgabe ist es, gütig zu sein?",
    "starts_at": "2030-07-04T10:00:00+01:00",
    "ends_at": "2030-07-04T12:30:00+01:00",
    "time_zone": "Europe/London",
    "seats": 3,
}
GUESTS = {
    "guests": [
        {"name": "Zoë Grünwald", "email": GUEST},
        {"name": "Nobody Known", "email": NOBODY},
        {"name": "Elsewhere Always", "email": ELSEWHERE},
    ]
}


@pytest.fixture(scope="module")
def key():
    return generate_private_key(65537, 2048)


@pytest.fixture
def between(tmp_path, key):
    """A client of a service that sends and receives through a Postfix of its own; the Postfix too."""
    mails.needs_node()
    token, lmtp_port = founded(tmp_path), free_port()
    pem = tmp_path / "dkim.pem"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    settings = {
        "lmtp_listen": f"127.0.0.1:{lmtp_port}",
        "mail_from": "notes@larkmoor.example",
        "dkim_selector": "s1",
        "dkim_key_file": str(pem),
        "retry_base_seconds": "1",
    }
    with (
        postfix(lmtp_port) as server,
        running(tmp_path, "serve", "--port", "0", smtp_url=server.url, **settings) as service,
        service.api(token) as api,
    ):
        yield api, server


def items(api: httpx.Client, table: int) -> dict[str, dict]:
    return {item["email"]: item for item in api.get(f"/roundtables/{table}/invitations").json()["items"]}


def test_letters_answers_and_bounces_through_postfix(between, key):
    api, server = between
    table = api.post("/roundtables", json=TABLE).json()["id"]
    assert api.post(f"/roundtables/{table}/invitations", json=GUESTS).status_code == 201
    said = api.post(
        f"/invitations/{items(api, table)[NOBODY]['id']}/answer", json={"answer": "accepted", "via": "phone"}
    )
    assert said.status_code == 200, said.text

    (letter,) = wait_until(server.letters, why=f"the letter; {server.log()}")
    it_came_through_unharmed(letter, key)
    answer_through_postfix(server, letter)
    wait_until(lambda: items(api, table)[GUEST]["state"] == "accepted", why="the answer")

    wait_until(lambda: items(api, table)[NOBODY]["delivery"] == "bounced", why="the bounce")
    assert items(api, table)[NOBODY]["state"] == "accepted", "a bounce is no answer"
    wait_until(lambda: items(api, table)[ELSEWHERE]["delivery"] == "failed", why="the refusal")
    assert items(api, table)[ELSEWHERE]["state"] == "invited"

    arrived = {(m["from"], m["door"], m["outcome"]) for m in api.get("/mail").json()["items"]}
    assert arrived == {("mailer-daemon@mx.example.com", "lmtp", "needs-human"), (GUEST, "lmtp", "applied")}
    asked = [x for x in api.get("/letters").json()["items"] if x["kind"] == "invitation"]
    states = {x["to"]: (x["state"], x["attempts"]) for x in asked}
    assert states == {GUEST: ("sent", 1), NOBODY: ("sent", 1), ELSEWHERE: ("failed", 1)}


def it_came_through_unharmed(letter: bytes, key) -> None:
    assert mails.method(letter) == "REQUEST"
    assert mails.lines(letter)["ATTENDEE"] == f"mailto:{GUEST}"
    assert mails.lines(letter)["SUMMARY"] == TABLE["title"].replace(",", "\\,")
    opened = mails.opened(letter)
    assert (opened["to"].addresses[0].display_name, opened["delivered-to"]) == ("Zoë Grünwald", GUEST)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    published = {b"s1._domainkey.larkmoor.example.": record}
    assert dkim.verify(letter, dnsfunc=lambda name, timeout=5: published.get(name, b""))


def answer_through_postfix(server: Postfix, letter: bytes) -> None:
    reply = mails.calendar_reply(letter, GUEST, "ACCEPTED")
    with smtplib.SMTP("127.0.0.1", server.port, local_hostname="mail.example.org", timeout=20) as smtp:
        smtp.sendmail(GUEST, [mails.reply_address(letter)], reply)
