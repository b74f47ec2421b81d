"""The postman: what each answer of a mail server means for a letter, said over real sockets."""

import base64
import shutil
import socket
from datetime import timedelta

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from roundtables.db import Db
from roundtables.mail import claims, outbox
from roundtables.mail.claims import ANSWER_LEASE, LEASE, Wait
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.mail.postman import Connection, deliver
from roundtables.mail.signature import Signer
from roundtables.mail.stationery import Stationery
from tests.mail.letters import RAW, put
from tests.mail.servers import HANG_UP, scripted, sink
from tests.world import JO, NOW, SECRET, World

BASE = timedelta(seconds=300)
SENDING = LetterState.SENDING
A, B, C = "a@example.org", "b@example.org", "c@example.org"


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path) -> str:
    """One kind of database here: what differs between them is the outbox's, and tested there."""
    return f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'test.sqlite3')}"


def send(world: World, url: str, *recipients: str, at=NOW, base=BASE) -> int:
    put(world.db, world.convener_id, recipients, now=at)
    return again(world, Connection(url), at=at, base=base)


def again(world: World, connection: Connection, *, at=NOW, base=BASE, clock=None, **more) -> int:
    tried = deliver(world.db, connection, by="the test", clock=clock or (lambda: at), base=base, **more)
    connection.close()
    return tried


def fates(world: World) -> list[tuple[str, str, int, str]]:
    """(address, state, attempts, the server's answer) of every letter."""
    return [(x.to_address, x.state.value, x.attempts, x.answer) for x in world.letters()]


def pauses(world: World) -> list[float]:
    return [(x.next_attempt_at - NOW).total_seconds() for x in world.letters()]


def saying(stage: str, answer: str, *addresses: str):
    """A script: `answer` at `stage`, to these addresses only if any are named."""
    return lambda at, address: answer if at == stage and (not addresses or address in addresses) else None


def test_a_letter_that_was_taken_is_sent_in_its_own_bytes(world):
    with sink() as server:
        assert send(world, server.url, A) == 1
    (letter,) = world.letters()
    assert (letter.state, letter.sent_at, letter.lease_until) == (LetterState.SENT, NOW, None)
    assert [(x.sender, x.recipients, x.raw) for x in server.taken] == [(letter.envelope_from, (A,), RAW)]


def test_a_batch_goes_through_one_connection(world):
    with scripted() as server:
        send(world, server.url, *(f"g{n}@example.org" for n in range(12)))
    assert (server.connections, len(server.taken)) == (1, 12)
    assert {x.state for x in world.letters()} == {LetterState.SENT}


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("code", ["450", "451", "452"])
def test_not_now_is_tried_again_later(world, stage, code):
    with scripted(saying(stage, f"{code} 4.2.0 a little later")) as server:
        send(world, server.url, A)
    assert fates(world) == [(A, "queued", 1, f"{code} 4.2.0 a little later")]
    assert 240 <= pauses(world)[0] <= 360
    with scripted() as server:
        assert again(world, Connection(server.url), at=NOW + timedelta(seconds=239)) == 0
        assert again(world, Connection(server.url), at=NOW + timedelta(seconds=361)) == 1
    assert fates(world) == [(A, "sent", 2, "250 taken")]
    assert [x.raw for x in server.taken] == [RAW]


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
def test_never_is_final_and_keeps_the_servers_words(world, stage):
    with scripted(saying(stage, "550 5.1.1 No such person here")) as server:
        send(world, server.url, A)
        assert fates(world) == [(A, "failed", 1, "550 5.1.1 No such person here")]
        assert again(world, Connection(server.url), at=NOW + timedelta(days=9)) == 0


def test_five_days_of_not_now_are_enough(world):
    put(world.db, world.convener_id, [A], now=NOW)
    with scripted(saying("rcpt", "451 later")) as server:
        connection, at = Connection(server.url), NOW
        for _ in range(60):
            again(world, connection, at=at)
            letter = world.letters()[0]
            if letter.state is not LetterState.QUEUED:
                break
            at = letter.next_attempt_at
    assert letter.state is LetterState.FAILED
    assert timedelta(days=4) < at - NOW < timedelta(days=6.3), "five days, give or take the jitter"


def test_one_bad_letter_does_not_stop_the_others(world):
    def script(stage: str, address: str) -> str | None:
        return {(B, "rcpt"): "550 nobody", (C, "dot"): "554 too rude"}.get((address, stage))

    with scripted(script) as server:
        send(world, server.url, A, B, "d@example.org", C, "e@example.org")
    assert [(a, s) for a, s, *_ in fates(world)] == [
        (A, "sent"),
        (B, "failed"),
        ("d@example.org", "sent"),
        (C, "failed"),
        ("e@example.org", "sent"),
    ]
    assert (server.connections, server.recipients) == (1, [A, "d@example.org", "e@example.org"])


@pytest.mark.parametrize("address", ["jö@example.org", "jo@exämple.org", "jo@example.org\r\nRCPT TO:<eve@example.org>"])
def test_an_address_that_smtp_cannot_carry_stops_nobody_else(world, address):
    with scripted() as server:
        send(world, server.url, A, address, C)
    assert [(s, n) for _, s, n, _ in fates(world)] == [("sent", 1), ("failed", 1), ("sent", 1)]
    assert server.recipients == [A, C]


def test_a_server_that_ends_a_connection_gets_a_new_one_at_once(world):
    def three_per_connection(stage: str, address: str) -> str | None:
        full = stage == "mail" and len(server.taken) >= 3 * server.connections
        return "421 4.7.0 enough for one connection" if full else None

    with scripted(three_per_connection) as server:
        send(world, server.url, *(f"g{n}@example.org" for n in range(8)))
    assert {(s, n) for _, s, n, _ in fates(world)} == {("sent", 1)}
    assert (server.connections, len(server.taken)) == (3, 8)


@pytest.mark.parametrize("stage", ["mail", "rcpt"])
def test_a_connection_found_dead_is_opened_anew_before_anything_was_sent(world, stage):
    with scripted(
        lambda at, address: HANG_UP if at == stage and address == B and server.connections == 1 else None
    ) as server:
        send(world, server.url, A, B, C) if stage == "rcpt" else send(world, server.url, A, B)
    assert {(s, n) for _, s, n, _ in fates(world)} == {("sent", 1)}


def test_a_connection_lost_after_the_dot_is_tried_again_with_the_same_bytes(world):
    with scripted(saying("dot", HANG_UP, B)) as server:
        send(world, server.url, A, B, C)
    assert [(s, n) for _, s, n, _ in fates(world)] == [("sent", 1), ("in-doubt", 1), ("sent", 1)]
    with scripted() as server:
        again(world, Connection(server.url), at=NOW + timedelta(hours=1))
    assert [(x.recipients, x.raw) for x in server.taken] == [((B,), RAW)]


@pytest.mark.parametrize(
    ("stage", "answer", "kept"),
    [
        ("connect", "421 busy", "421 busy"),
        ("connect", "554 not you", "--- 554 not you"),
        ("ehlo", "421 going down", "--- SMTPServerDisconnected: Connection unexpectedly closed"),
        ("mail", "421 busy", "421 busy"),
    ],
)
def test_a_server_that_takes_nothing_costs_one_letter_a_try_and_is_left_alone(world, stage, answer, kept):
    with scripted(saying(stage, answer)) as server:
        connection = Connection(server.url)
        put(world.db, world.convener_id, [A, B, C], now=NOW)
        for _ in range(5):
            again(world, connection)
    assert server.connections == 1
    assert fates(world) == [(A, "queued", 1, kept), (B, "queued", 0, ""), (C, "queued", 0, "")]
    with scripted() as server:
        assert again(world, Connection(server.url)) == 2
    assert server.recipients == [B, C]


def test_nobody_there_is_a_not_now(world):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{free.getsockname()[1]}"
        send(world, url, A, B)
    assert [(a, s, n) for a, s, n, _ in fates(world)] == [(A, "queued", 1), (B, "queued", 0)]
    assert "ConnectionRefusedError" in world.letters()[0].answer


def test_a_server_is_tried_again_after_the_first_wait_if_that_is_shorter(world):
    with scripted(saying("connect", "421 busy")) as server:
        connection = Connection(server.url)
        put(world.db, world.convener_id, [A, B], now=NOW)
        again(world, connection, base=timedelta(microseconds=1))
        again(world, connection, base=timedelta(microseconds=1))
    assert server.connections == 2


def test_a_password_the_server_does_not_know_fails_no_letter(world):
    with scripted(saying("ehlo", "250-hello\r\n250 AUTH PLAIN")) as server:
        send(world, server.url.replace("//", "//user:wrong@"), A)
    assert [s for _, s, *_ in fates(world)] == ["queued"]


def test_who_is_asked_to_stop_puts_back_what_is_not_begun(world):
    put(world.db, world.convener_id, [A, B, C], now=NOW)
    with scripted() as server:
        again(world, Connection(server.url), stopping=lambda: len(server.taken) == 1)
    assert [(a, s, n) for a, s, n, _ in fates(world)] == [(A, "sent", 1), (B, "queued", 0), (C, "queued", 0)]


def test_a_fate_is_not_written_once_another_has_claimed_the_letter(world):
    (one,) = put(world.db, world.convener_id, [A], now=NOW)

    def stolen(stage: str, address: str) -> None:
        if stage == "dot":
            with world.db.write() as session:
                claims.note_doubts(session, now=NOW + 2 * ANSWER_LEASE, wait=Wait(BASE))
                claims.claim(session, by="another", now=NOW + 3 * ANSWER_LEASE)

    with scripted(stolen) as server:
        again(world, Connection(server.url))
    with world.db.read() as session:
        letter = session.get_one(OutgoingLetter, one)
    assert (letter.state, letter.claimed_by, letter.attempts, letter.doubts) == (SENDING, "another", 2, 1)


def test_letters_whose_lease_runs_short_go_back_untried(world):
    put(world.db, world.convener_id, [A, B], now=NOW)
    clock = [NOW]

    def slow(stage: str, address: str) -> None:
        if stage == "dot":
            clock[0] = NOW + timedelta(minutes=6)

    with scripted(slow) as server:
        again(world, Connection(server.url), clock=lambda: clock[0])
    assert server.recipients == [A]
    assert [(a, s, n) for a, s, n, _ in fates(world)] == [(A, "sent", 1), (B, "queued", 0)]


@pytest.fixture(scope="module")
def key():
    return generate_private_key(65537, 2048)


def test_a_letter_is_signed_where_a_key_is_set_and_still_is_at_the_other_end(database_url, key):
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    office = Stationery(secret=SECRET, mail_from="notes@larkmoor.example", signer=Signer("larkmoor.example", "s1", pem))
    db = Db(database_url, info={"stationery": office})
    (world := World(db)).ask(JO)
    with sink() as server:
        again(world, Connection(server.url))
    db.close()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    (letter,) = server.taken
    assert letter.raw.startswith(b"DKIM-Signature:")
    assert verifies(letter.raw, public)
    assert not verifies(letter.raw.replace(b"Jo Bloggs", b"Eve Bloggs", 1), public)


def verifies(raw: bytes, public: bytes) -> bool:
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)

    def dns(name: bytes, timeout: int = 5) -> bytes:
        return record if name == b"s1._domainkey.larkmoor.example." else b""

    return dkim.verify(raw, dnsfunc=dns)


def taking_back(world: World, invitation_id: int, answer: str | None):
    """A script: while letter A is at its final dot, the letters of that invitation are taken back."""

    def script(stage: str, address: str) -> str | None:
        if (stage, address) != ("dot", A):
            return None
        with world.db.write() as session:
            outbox.cancel_unsent(session, invitation_ids=[invitation_id])
        return answer

    return script


def test_a_letter_taken_back_before_its_turn_in_the_batch_is_not_begun(world):
    [jo] = world.ask(JO, send=False)
    with scripted(taking_back(world, jo, None)) as server:
        put(world.db, world.convener_id, [A], now=NOW)
        put(world.db, world.convener_id, [B], now=NOW, invitation_id=jo)
        again(world, Connection(server.url))
    assert server.recipients == [A]
    assert [(x.to_address, x.state) for x in world.letters(kind="invitation") if x.to_address in (A, B)] == [
        (A, LetterState.SENT),
        (B, LetterState.CANCELLED),
    ]


def test_a_letter_taken_back_while_it_was_refused_is_not_tried_again(world):
    [jo] = world.ask(JO, send=False)
    with scripted(taking_back(world, jo, "451 later")) as server:
        put(world.db, world.convener_id, [A], now=NOW, invitation_id=jo)
        again(world, Connection(server.url))
    [letter] = [x for x in world.letters() if x.to_address == A]
    assert (letter.state, letter.answer) == (LetterState.CANCELLED, "451 later")


def test_a_letter_taken_back_in_the_hands_of_a_sender_that_died_is_not_claimed_again(world):
    [jo] = world.ask(JO, send=False)
    put(world.db, world.convener_id, [A], now=NOW, invitation_id=jo)
    with world.db.write() as session:
        assert [x.to_address for x in claims.claim(session, by="dead", now=NOW)] == [A]
    with world.db.write() as session:
        outbox.cancel_unsent(session, invitation_ids=[jo])
    with world.db.write() as session:
        assert claims.claim(session, by="next", now=NOW + 2 * LEASE) == []
    assert [x.state for x in world.letters() if x.to_address == A] == [LetterState.CANCELLED]
