"""The LMTP door over real sockets: what its 250 promises, and what it never lets through."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import create_engine, text
from sqlmodel import select

from roundtables.db import Db
from roundtables.errors import TryLater
from roundtables.invitation import intake
from roundtables.mail import lmtp
from roundtables.mail.inbox import Delivery, Door, IncomingMail
from roundtables.mail.message import MAX_BYTES
from roundtables.mail.together import Brought, Keep
from tests.world import NOW

JO, ANA = "rsvp+jo@localhost", "rsvp+ana@localhost"
MAIL = b"From: jo@example.org\r\nTo: rsvp+jo@localhost\r\nSubject: Yes\r\n\r\nI will come.\r\n"


class Client:
    """Speaks LMTP and nothing else; `ask` answers the reply's lines."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.file = self.socket.makefile("rb")
        self.greeting = self.reply()

    def ask(self, line: str) -> str:
        self.send(line.encode() + b"\r\n")
        return self.reply()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self) -> str:
        """One reply, its last line alone."""
        while (line := self.file.readline().decode())[3:4] == "-":
            pass
        return line.strip()

    def begin(self, *recipients: str, sender: str = "jo@example.org") -> list[str]:
        return [
            self.ask("LHLO test"),
            self.ask(f"MAIL FROM:<{sender}>"),
            *(self.ask(f"RCPT TO:<{r}>") for r in recipients),
        ]

    def data(self, raw: bytes, answers: int = 1) -> list[str]:
        assert self.ask("DATA").startswith("354")
        self.send(raw + b".\r\n")
        return [self.reply() for _ in range(answers)]

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@contextmanager
def listening(keep: Keep) -> Iterator[int]:
    """The port of a listener that hands its mail to `keep`, in a loop of its own."""
    loop, ready, port = asyncio.new_event_loop(), threading.Event(), list[int]()
    stopping = asyncio.Event()

    async def serve() -> None:
        server = await lmtp.listen(("127.0.0.1", 0), keep, "rsvp@localhost")
        port.append(server.sockets[0].getsockname()[1])
        ready.set()
        await stopping.wait()
        server.close()
        await asyncio.sleep(0.05)  # clients have gone; their transports notice

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    try:
        yield port[0]
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()


def keep_in(db: Db, mails: Sequence[Brought]) -> None:
    intake.keep_all(db, [Delivery(m.raw, Door.LMTP, NOW, m.sender, (m.recipient,)) for m in mails])


@pytest.fixture
def door(db: Db) -> Iterator[int]:
    with listening(partial(keep_in, db)) as port:
        yield port


@pytest.fixture
def client(door: int) -> Iterator[Client]:
    client = Client(door)
    yield client
    client.close()


@pytest.fixture
def bare() -> Iterator[tuple[Client, list[tuple[bytes, str]]]]:
    """A client of a door without a database, and what it kept."""
    kept: list[tuple[bytes, str]] = []
    with listening(lambda mails: kept.extend((m.raw, m.recipient) for m in mails)) as port:
        client = Client(port)
        yield client, kept
        client.close()


def kept(db: Db) -> list[IncomingMail]:
    with db.read() as session:
        return list(session.exec(select(IncomingMail).order_by(IncomingMail.id)))


def test_a_mail_is_kept_as_it_came_with_its_envelope(client, db):
    assert client.greeting.startswith("220 ")
    assert [a[:3] for a in client.begin(JO)] == ["250"] * 3
    assert client.data(MAIL) == ["250 2.0.0 Kept"]
    assert [(m.raw, m.envelope_from, m.envelope_to, m.door, m.outcome) for m in kept(db)] == [
        (MAIL, "jo@example.org", [JO], Door.LMTP, None)
    ]


def test_at_the_moment_of_its_250_the_mail_is_committed(client, db):
    other = create_engine(db.engine.url)
    for n in range(10):
        client.begin(JO)
        assert client.data(MAIL + b"%d\r\n" % n) == ["250 2.0.0 Kept"]
        with other.connect() as connection:  # a connection that shares nothing with the one that wrote
            assert connection.execute(text("SELECT count(*) FROM incoming_mail")).scalar_one() == n + 1
    other.dispose()


def test_the_250_waits_for_the_commit():
    begun, go_on = threading.Event(), threading.Event()

    def slow(mails: Sequence[Brought]) -> None:
        begun.set()
        assert go_on.wait(10)

    with listening(slow) as port:
        client = Client(port)
        client.begin(JO)
        client.ask("DATA")
        client.send(MAIL + b".\r\n")
        assert begun.wait(10)
        client.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)
        go_on.set()
        client.socket.settimeout(10)
        assert client.socket.recv(100) == b"250 2.0.0 Kept\r\n"
        client.close()


def test_each_recipient_gets_an_answer_and_a_row(client, db):
    client.begin(JO, ANA, "rsvp@localhost")
    assert client.data(MAIL, 3) == ["250 2.0.0 Kept"] * 3
    assert [m.envelope_to for m in kept(db)] == [[JO], [ANA], ["rsvp@localhost"]]


def test_what_comes_while_the_disk_is_busy_is_kept_together():
    go_on, all_sent, kept = threading.Event(), threading.Barrier(7), list[int]()

    def slow(mails: Sequence[Brought]) -> None:
        kept.append(len(mails))
        assert go_on.wait(10)

    def deliver(port: int) -> str:
        client = Client(port)
        client.begin(JO)
        client.ask("DATA")
        client.send(MAIL + b".\r\n")
        all_sent.wait(20)
        answer = client.reply()
        client.close()
        return answer

    with listening(slow) as port, ThreadPoolExecutor(6) as pool:
        answers = [pool.submit(deliver, port) for _ in range(6)]
        all_sent.wait(20)
        time.sleep(0.5)  # for the listener to read what was sent
        assert not any(answer.done() for answer in answers)
        go_on.set()
        assert [answer.result() for answer in answers] == ["250 2.0.0 Kept"] * 6
    assert sum(kept) == 6
    assert len(kept) <= 3, "each sync of the disk served several"


def test_one_that_cannot_be_kept_does_not_take_the_others_with_it():
    asked = list[int]()

    def not_the_second(mails: Sequence[Brought]) -> None:
        asked.append(len(mails))
        if any(b"second" in mail.raw for mail in mails):
            raise TryLater

    with listening(not_the_second) as port:
        client = Client(port)
        client.begin(JO, ANA)
        assert [a[:3] for a in client.data(MAIL, 2)] == ["250", "250"]
        client.begin(JO, ANA)
        assert [a[:3] for a in client.data(MAIL + b"second\r\n", 2)] == ["451", "451"]
        client.close()
    assert asked == [2, 2, 1, 1]


def test_answers_stand_in_the_order_of_the_recipients():
    def not_ana(mails: Sequence[Brought]) -> None:
        if ANA in {m.recipient for m in mails}:
            raise TryLater

    with listening(not_ana) as port:
        client = Client(port)
        client.begin(JO, ANA, "rsvp@localhost")
        assert [a[:3] for a in client.data(MAIL, 3)] == ["250", "451", "250"]
        client.close()


def test_the_same_delivery_again_finds_its_row(client, db):
    for _ in range(3):
        client.begin(JO)
        assert client.data(MAIL) == ["250 2.0.0 Kept"]
    assert len(kept(db)) == 1


def test_a_bounce_has_no_sender(client, db):
    client.begin(JO, sender="")
    client.data(MAIL)
    assert kept(db)[0].envelope_from == ""


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("rsvp@localhost", "250"),
        ("RSVP+Jo@LocalHost", "250"),
        ("rsvp+@localhost", "250"),
        ("rsvpx@localhost", "550"),
        ("rsvp@example.org", "550"),
        ("postmaster@localhost", "550"),
        ("rsvp+jo@localhost.example.org", "550"),
        ("jo%example.org@localhost", "550"),
    ],
)
def test_only_our_own_mailbox_is_known_here(bare, address, code):
    client, _ = bare
    assert client.begin(address)[-1][:3] == code


def test_an_unknown_mailbox_beside_a_known_one_has_no_answer_after_the_dot(bare):
    client, kept = bare
    assert [a[:3] for a in client.begin("eve@localhost", JO)] == ["250", "250", "550", "250"]
    assert client.data(MAIL) == ["250 2.0.0 Kept"]
    assert kept == [(MAIL, JO)]
    assert client.ask("NOOP").startswith("250")


def test_no_more_than_a_hundred_recipients_at_once(bare):
    client, _ = bare
    answers = client.begin(*(f"rsvp+{n}@localhost" for n in range(101)))
    assert [a[:3] for a in answers[-2:]] == ["250", "452"]


def test_a_size_announced_too_large_is_refused_before_it_comes(bare):
    client, _ = bare
    client.ask("LHLO test")
    assert client.ask(f"MAIL FROM:<jo@example.org> SIZE={MAX_BYTES + 1}").startswith("552")
    assert client.ask(f"MAIL FROM:<jo@example.org> SIZE={MAX_BYTES}").startswith("250")


def test_a_mail_too_large_is_refused_for_every_recipient_and_not_kept(bare):
    client, kept = bare
    client.begin(JO, ANA)
    line = b"x" * 998 + b"\r\n"
    assert [a[:3] for a in client.data(line * (MAX_BYTES // 1000 + 2), 2)] == ["552", "552"]
    client.begin(JO)
    assert client.data(MAIL) == ["250 2.0.0 Kept"], "and the connection goes on"
    assert kept == [(MAIL, JO)]


@pytest.mark.parametrize(("length", "codes"), [(60_000, ["250", "250"]), (200_000, ["500", "500"])])
def test_a_long_line_is_taken_and_an_endless_one_refused(bare, length, codes):
    client, kept = bare
    client.begin(JO, ANA)
    assert [a[:3] for a in client.data(b"Subject: x\r\n\r\n" + b"y" * length + b"\r\n", 2)] == codes
    assert len(kept) == codes.count("250")


@pytest.mark.parametrize("fault", [TryLater("away"), RuntimeError("a mistake of ours"), OSError("disk full")])
def test_what_cannot_be_kept_is_to_be_sent_again(fault):
    def away(mails: Sequence[Brought]) -> None:
        raise fault

    with listening(away) as port:
        client = Client(port)
        client.begin(JO, ANA)
        assert [a[:3] for a in client.data(MAIL, 2)] == ["451", "451"]
        client.close()


def test_a_database_that_is_away_keeps_nothing_and_says_so(tmp_path):
    db = Db(f"sqlite:///{tmp_path}/never-made.sqlite3")
    with listening(partial(keep_in, db)) as port:
        client = Client(port)
        client.begin(JO)
        assert client.data(MAIL) == ["451 4.3.0 Not kept, try again later"]
        client.close()
    db.close()


NO_ENDS = [
    *(b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\n.\r", b"\r.\n"),
    *(b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\n. \r\n", b"\r\r\n.\n", b"\r\n.\n\r", b"\0\r.\r\n"),
]


@pytest.mark.parametrize("end", NO_ENDS, ids=repr)
def test_nothing_but_the_true_end_ends_a_message(bare, end):
    client, kept = bare
    smuggled = b"MAIL FROM:<eve@example.org>\r\nRCPT TO:<rsvp+ana@localhost>\r\nDATA\r\nSubject: smuggled\r\n\r\nHa\r\n"
    client.begin(JO)
    assert client.data(MAIL + end + smuggled) == ["250 2.0.0 Kept"]
    assert client.ask("NOOP").startswith("250"), "and no further answer stands in between"
    assert [recipient for _, recipient in kept] == [JO]
    assert b"Subject: smuggled" in kept[0][0]


def test_a_stuffed_dot_comes_out_as_it_went_in(bare):
    client, kept = bare
    client.begin(JO)
    client.data(b"Subject: x\r\n\r\n..\r\n..two\r\n")
    assert kept[0][0] == b"Subject: x\r\n\r\n.\r\n.two\r\n"


def test_a_connection_cut_before_the_dot_leaves_nothing(bare):
    client, kept = bare
    client.begin(JO)
    client.ask("DATA")
    client.send(MAIL)
    client.socket.shutdown(socket.SHUT_RDWR)
    client.close()
    assert kept == []


def test_it_speaks_lmtp_and_relays_for_nobody(bare):
    client, _ = bare
    assert client.ask("EHLO test").startswith("500")
    assert client.ask("LHLO test").startswith("250")
    assert client.ask("VRFY rsvp@localhost")[:3] in ("252", "502")
    client.ask("MAIL FROM:<jo@example.org>")
    assert client.ask("RCPT TO:<jo@example.net>").startswith("550")
    assert client.ask("DATA").startswith("503")


def test_twenty_clients_at_once_lose_nothing(door, db):
    def deliver(n: int) -> list[str]:
        client = Client(door)
        answers = []
        for m in range(5):
            client.begin(JO)
            answers += client.data(MAIL + b"%d %d\r\n" % (n, m))
        client.close()
        return answers

    with ThreadPoolExecutor(20) as pool:
        answers = [answer for answers in pool.map(deliver, range(20)) for answer in answers]
    assert answers == ["250 2.0.0 Kept"] * 100
    assert len(kept(db)) == 100


def test_a_hundred_idle_connections_keep_nobody_waiting(bare):
    client, kept = bare
    idle = [Client(client.socket.getpeername()[1]) for _ in range(100)]
    client.begin(JO)
    assert client.data(MAIL) == ["250 2.0.0 Kept"]
    for one in idle:
        one.close()
    assert len(kept) == 1
