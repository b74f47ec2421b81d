"""
The IMAP door against a server that misbehaves in every way we know: nothing lost, nothing taken twice, and the next
round recovers.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import pytest
from sqlmodel import select

from roundtables import doctoring
from roundtables.db import Db
from roundtables.errors import Refusal, TryLater
from roundtables.invitation import intake
from roundtables.mail import imap, mailbox_place
from roundtables.mail.imap_client import Times
from roundtables.mail.inbox import Door, IncomingMail, MailboxPlace
from roundtables.mail.mailbox_address import MailboxAddress, parse, quoted
from roundtables.mail.mailbox_reading import Reader
from roundtables.mail.message import MAX_BYTES
from roundtables.mail.wire import Wire
from roundtables.settings import Settings, load
from tests.mail.bad_imap import ALL, FALL_SILENT, FOR_EVER, HANG_UP, BadImap, Folder, Trick, bad_imap
from tests.service import wait_until
from tests.world import NOW

QUICK = Times(silence=0.3, command=0.6, body=0.9, idle=0.3, poll=0.05, rest=0.02, longest_rest=0.1, false_alarm=0.02)
SECONDS = 8  # for a scenario to recover in, on a busy machine


def mail(name: str, more: str = "") -> bytes:
    return (
        f"From: {name}@example.org\r\nTo: rsvp+{name}@localhost\r\nSubject: Yes\r\n\r\nI will come.{more}\r\n".encode()
    )


JO, ANA, BASHIR, CARYS = (mail(name) for name in ("jo", "ana", "bashir", "carys"))


@dataclass
class Shelf:
    """Where mail is kept: `times` counts how often each was brought; the first `refusals` tries fail."""

    times: dict[bytes, int] = field(default_factory=dict)
    refusals: list[Exception] = field(default_factory=list)

    def keep(self, raw: bytes) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.times[raw] = self.times.get(raw, 0) + 1


@contextmanager
def reading(server: BadImap, db: Db, keep: Callable[[bytes], None], more: str = "") -> Iterator[Reader]:
    reader = Reader(parse(server.url(more)), db, keep, stopping=threading.Event(), times=QUICK)
    try:
        yield reader
    finally:
        reader.close()


def go_on(reader: Reader, until: Callable[[], bool]) -> None:
    """What the worker does with it, until something is so."""
    deadline = time.monotonic() + SECONDS
    while not until():
        assert time.monotonic() < deadline, "it does not recover"
        if not reader.step():
            reader.pause()


def place(db: Db) -> tuple[int, int]:
    with db.read() as session:
        found = session.exec(select(MailboxPlace)).one()
    return found.validity, found.uid


def number_anew(folder: Folder) -> None:
    folder.number_anew(9)


def lose_ana(folder: Folder) -> None:
    folder.expunge(7)


SHORT = b"* 1 FETCH (UID 3 BODY[] {%d}\r\nFrom: jo@exa" % len(JO)
STILL_THERE = b"* OK still here\r\n"
HANGS = [
    ("a greeting that is none", Trick("greeting", b"\x16\x03\x01\x00 HTTP/1.1 200 OK\r\n")),
    ("a greeting that sends us away", Trick("greeting", b"* BYE too many\r\n", HANG_UP)),
    ("a greeting that does not come", Trick("greeting", b"", FALL_SILENT)),
    ("another protocol", Trick("greeting", b"220 mx.example.org ESMTP\r\n")),
    ("no to the login", Trick("AUTHENTICATE", b"TAG NO not you\r\n")),
    ("good-bye at the login", Trick("AUTHENTICATE", b"* BYE later\r\n", HANG_UP)),
    ("no to the folder", Trick("SELECT", b"TAG NO not now\r\n")),
    ("a folder without numbering", Trick("SELECT", b"* 3 EXISTS\r\nTAG OK done\r\n")),
    ("a numbering that is none", Trick("SELECT", b"* OK [UIDVALIDITY 0]\r\nTAG OK done\r\n")),
    ("a folder that may only be read", Trick("SELECT", b"* OK [UIDVALIDITY 1]\r\nTAG OK [READ-ONLY]\r\n")),
    ("a search that finds words", Trick("SEARCH", b"* SEARCH three 7\r\nTAG OK done\r\n")),
    ("a search that finds numbers too large", Trick("SEARCH", b"* SEARCH 3 7 99999999999\r\nTAG OK done\r\n")),
    ("no to the search", Trick("SEARCH", b"TAG NO [SERVERBUG]\r\n")),
    ("a search in several lines", Trick("SEARCH", b"* SEARCH 7\r\n* SEARCH 3\r\n* SEARCH\r\nTAG OK done\r\n")),
    ("sizes that are not told", Trick("SIZE", b"TAG OK done\r\n")),
    ("sizes that are none", Trick("SIZE", b"* 1 FETCH (UID 3 RFC822.SIZE big)\r\nTAG OK done\r\n")),
    ("numbered anew while we fetch", Trick("BODY", b"* OK [UIDVALIDITY 9]\r\nTAG OK done\r\n", first=number_anew)),
    ("numbered anew and cut off", Trick("BODY", b"", HANG_UP, first=number_anew)),
    ("a mail that is there and not given", Trick("BODY", b"TAG OK done\r\n")),
    ("no to one mail", Trick("BODY", b"TAG NO [SERVERBUG]\r\n")),
    ("no to one mail five times", Trick("BODY", b"TAG NO [SERVERBUG]\r\n", times=5)),
    ("another mail than asked for", Trick("BODY", b"* 2 FETCH (UID 7 BODY[] {4}\r\noops)\r\nTAG OK done\r\n")),
    ("a mail of nothing", Trick("BODY", b"* 1 FETCH (UID 3 BODY[] NIL)\r\nTAG OK done\r\n")),
    ("cut off inside a literal", Trick("BODY", SHORT, HANG_UP)),
    ("cut off inside a literal five times", Trick("BODY", SHORT, HANG_UP, times=5)),
    ("a literal that never ends", Trick("BODY", SHORT, FALL_SILENT)),
    ("less than the literal announces", Trick("BODY", SHORT + b")\r\nTAG OK done\r\n")),
    ("more than the literal announces", Trick("BODY", b"* 1 FETCH (UID 3 BODY[] {4}\r\n%b)\r\nTAG OK done\r\n" % JO)),
    ("a literal of 2 GB", Trick("BODY", b"* 1 FETCH (UID 3 BODY[] {2147483648}\r\nFrom")),
    ("a literal of 5000 digits", Trick("BODY", b"* 1 FETCH (UID 3 BODY[] {" + b"9" * 5000 + b"}\r\nFrom")),
    ("a literal where none belongs", Trick("SEARCH", b"* SEARCH {30000000}\r\n")),
    ("bytes that come slowly", Trick("BODY", SHORT * 3, slowly=True)),
    ("a line without end", Trick("SIZE", b"* 1 FETCH (" + b"x" * 5_000_000)),
    ("talk without end", Trick("SIZE", STILL_THERE * 20_000)),
    ("good-bye in the middle of a line", Trick("SIZE", b"* 1 FETCH (UID 3 RFC* BYE shutting down\r\n", HANG_UP)),
    ("good-bye in the middle of a mail", Trick("BODY", b"* BYE shutting down\r\nTAG OK done\r\n", HANG_UP)),
    ("cut off between FETCH and STORE", Trick("STORE", b"", HANG_UP)),
    ("silence between FETCH and STORE", Trick("STORE", b"", FALL_SILENT)),
    ("mail announced that is not there", Trick("SEARCH", beside=b"* 999999999 EXISTS\r\n", times=FOR_EVER)),
    ("mail announced while listening that is not there", Trick("IDLE", beside=b"* 5 EXISTS\r\n", times=20)),
    ("IDLE refused", Trick("IDLE", b"TAG NO not here\r\n", times=FOR_EVER)),
    ("IDLE not understood", Trick("IDLE", b"TAG BAD not here\r\n", times=FOR_EVER)),
    ("IDLE that is not answered", Trick("IDLE", b"", FALL_SILENT)),
    ("cut off while listening", Trick("IDLE", b"+ idling\r\n", HANG_UP)),
    ("good-bye while listening", Trick("IDLE", b"+ idling\r\n* BYE\r\n", HANG_UP)),
    ("numbered anew while listening", Trick("IDLE", b"+ idling\r\n* OK [UIDVALIDITY 9]\r\n", first=number_anew)),
    ("a dead line while listening", Trick("DONE", b"", FALL_SILENT)),
    ("words without end while listening", Trick("IDLE", b"+ idling\r\n" + STILL_THERE * 20_000)),
]


@pytest.mark.parametrize("trick", [trick for _, trick in HANGS], ids=[name for name, _ in HANGS])
def test_nothing_is_lost_and_the_next_rounds_recover(trick, db):
    """Three mails with gaps between their numbers, one of them read by a person; later a fourth."""
    shelf = Shelf()
    with bad_imap(replace(trick)) as server, reading(server, db, shelf.keep) as reader:
        for uid, raw in ((3, JO), (7, ANA), (20, BASHIR)):
            server.inbox.put(raw, uid)
        server.inbox.seen.add(7)
        go_on(reader, lambda: len(shelf.times) >= 3)
        reader.step()
        reader.pause()
        with server.lock:
            server.inbox.put(CARYS)
        go_on(reader, lambda: len(shelf.times) >= 4 and reader._box is not None and not reader.step())
        assert server.tricks[0].times < trick.times, "it was not tried"
        assert set(shelf.times) == {JO, ANA, BASHIR, CARYS}
        assert place(db) == (server.inbox.validity, max(server.inbox.mails))
        assert set(server.inbox.mails.values()) == {JO, ANA, BASHIR, CARYS}, "nothing is ever deleted"
        assert server.inbox.seen == set(server.inbox.mails) or "READ-ONLY" in str(trick.words)


def test_a_mail_that_is_gone_when_we_come_for_it_is_passed_over(db):
    shelf = Shelf()
    with bad_imap(Trick("BODY", first=lose_ana)) as server, reading(server, db, shelf.keep) as reader:
        for uid, raw in ((3, JO), (7, ANA), (20, BASHIR)):
            server.inbox.put(raw, uid)
        go_on(reader, lambda: not reader.step())
        assert shelf.times == {JO: 1, BASHIR: 1}
        assert place(db) == (1, 20)


def test_each_mail_is_brought_once_and_in_order(db):
    brought = []
    with bad_imap() as server, reading(server, db, brought.append) as reader:
        for n in range(250):
            server.inbox.put(mail(f"guest{n}"), 3 * n + 1)
        assert reader.step() is True
        assert brought == [mail(f"guest{n}") for n in range(250)]
        assert reader.step() is False
        assert place(db) == (1, 748)
        assert server.asked.count("SIZE") == 3
        with reading(server, db, brought.append) as another:
            assert another.step() is False
        assert server.asked.count("BODY") == 250


def test_a_mailbox_numbered_anew_is_read_from_its_beginning(db):
    shelf = Shelf()
    with bad_imap() as server:
        server.inbox.put(JO, 50)
        with reading(server, db, shelf.keep) as reader:
            reader.step()
            assert place(db) == (1, 50)
        server.inbox.number_anew(2)
        server.inbox.put(ANA)
        with reading(server, db, shelf.keep) as reader:
            reader.step()
        assert shelf.times == {JO: 2, ANA: 1}
        assert place(db) == (2, 2)


def test_other_mail_under_the_same_numbers_is_other_mail(db):
    def restore(folder: Folder) -> None:
        folder.validity, folder.mails = 2, {1: BASHIR, 2: CARYS}

    shelf = Shelf()
    with bad_imap() as server, reading(server, db, shelf.keep) as reader:
        server.inbox.put(JO)
        server.inbox.put(ANA)
        reader.step()
        server.tricks.append(Trick("SEARCH", b"", HANG_UP, first=restore))
        go_on(reader, lambda: CARYS in shelf.times)
        assert set(shelf.times) == {JO, ANA, BASHIR, CARYS}


def test_a_mail_that_can_never_be_fetched_holds_the_place_but_not_the_others(db):
    shelf = Shelf()
    with (
        bad_imap(Trick("BODY 1", SHORT, HANG_UP, times=FOR_EVER)) as server,
        reading(server, db, shelf.keep) as reader,
    ):
        for raw in (JO, ANA, BASHIR):
            server.inbox.put(raw)
        go_on(reader, lambda: {ANA, BASHIR} <= set(shelf.times))
        assert (shelf.times, place(db), server.inbox.seen) == ({ANA: 1, BASHIR: 1}, (1, 0), {2, 3})
        server.tricks.clear()
        go_on(reader, lambda: JO in shelf.times)
        assert (shelf.times, place(db)) == ({JO: 1, ANA: 1, BASHIR: 1}, (1, 3))


def test_mail_announced_as_we_stop_listening_counts_as_announced(db):
    shelf = Shelf()
    late = Trick("DONE", beside=b"* 1 EXISTS\r\n", first=lambda inbox: inbox.put(JO) and None)
    with bad_imap(late) as server, reading(server, db, shelf.keep) as reader:
        go_on(reader, lambda: JO in shelf.times)
        reader.pause()
        assert server.asked.count("IDLE") == 2, "IDLE does what it should"


def test_a_literal_of_two_gigabytes_is_refused_before_it_comes(db):
    trick = Trick("BODY", b"* 1 FETCH (UID 1 BODY[] {2147483648}\r\n" + b"x" * 1000, FALL_SILENT)
    with bad_imap(trick) as server:
        server.inbox.put(JO)
        reader = Reader(parse(server.url()), db, Shelf().keep, stopping=threading.Event(), times=Times())
        began = time.monotonic()
        assert reader.step() is False
        assert time.monotonic() - began < 5, "silence alone would take 20 seconds"
        assert trick.times == 0


@contextmanager
def wire_to(send: Callable[[socket.socket], object]) -> Iterator[Wire]:
    """A wire to somebody who sends something and then waits."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                send(connection)
                connection.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        wire = Wire("127.0.0.1", listener.getsockname()[1], silence=1, stopping=threading.Event())
        try:
            yield wire
        finally:
            wire.close()
            thread.join()


def slowly(connection: socket.socket) -> None:
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def lines(wire: Wire) -> None:
    while True:
        wire.readline()


def literal(size: int) -> Callable[[Wire], object]:
    return lambda wire: wire.read(size)


LIMITS = [
    ("says nothing", lambda c: None, lines),
    ("takes too long", slowly, lines),
    ("hung up", lambda c: c.shutdown(socket.SHUT_WR), lines),
    ("a line without end", lambda c: c.sendall(b"x" * 4_000_000), lines),
    ("talks without end", lambda c: c.sendall(b"x\n" * 20_000), lines),
    ("sends more than was asked for", lambda c: c.sendall((b"x" * 9_999 + b"\n") * 1_000), lines),
    ("announces more than was asked for", lambda c: None, literal(5_000_001)),
    ("says nothing", lambda c: c.sendall(b"x" * 4_999_999), literal(5_000_000)),
]


@pytest.mark.parametrize(("words", "send", "take"), LIMITS, ids=[limit[0] for limit in LIMITS])
def test_a_wire_waits_no_longer_and_takes_no_more_than_it_was_told_to(words, send, take):
    with wire_to(send) as wire:
        wire.allow(seconds=2, size=5_000_000)
        began = time.monotonic()
        with pytest.raises(TryLater, match=words):
            take(wire)
        assert time.monotonic() - began < 4


@pytest.mark.parametrize("fault", [TryLater("no"), RuntimeError("ours")], ids=["try later", "a mistake of ours"])
def test_what_cannot_be_kept_is_neither_marked_nor_stepped_over(fault, db):
    shelf = Shelf(refusals=[fault])
    with bad_imap() as server, reading(server, db, shelf.keep) as reader:
        server.inbox.put(JO)
        assert reader.step() is False
        assert (server.inbox.seen, place(db)) == (set(), (1, 0))
        go_on(reader, lambda: JO in shelf.times)
        assert (server.inbox.seen, place(db), shelf.times) == ({1}, (1, 1), {JO: 1})


def test_a_try_later_stops_the_round(db):
    shelf = Shelf(refusals=[TryLater("no")])
    with bad_imap() as server, reading(server, db, shelf.keep) as reader:
        server.inbox.put(JO)
        server.inbox.put(ANA)
        reader.step()
        assert shelf.times == {}
        assert server.asked.count("BODY") == 1


def test_a_mail_that_can_never_be_kept_holds_the_place_but_not_the_others(db, caplog):
    kept = []

    def keep(raw: bytes) -> None:
        if raw == JO:
            raise RuntimeError("poison")
        kept.append(raw)

    with bad_imap() as server, reading(server, db, keep) as reader:
        server.inbox.put(JO)
        server.inbox.put(ANA)
        for _ in range(5):
            reader.step()
        server.inbox.put(BASHIR)
        reader.step()
        assert kept == [ANA, BASHIR]
        assert (place(db), server.inbox.seen) == ((1, 0), {2, 3})
    assert "example.org" not in caplog.text


def test_a_mail_that_is_too_large_is_kept_as_its_header_and_left_as_it_is(db, caplog):
    shelf, large = Shelf(), mail("jo") + b"x" * MAX_BYTES
    with bad_imap() as server, reading(server, db, shelf.keep, "?move=Taken") as reader:
        server.inbox.put(large)
        server.inbox.put(ANA)
        reader.step()
        assert list(shelf.times) == [large.partition(b"\r\n\r\n")[0], ANA]
        assert (server.inbox.mails, server.inbox.seen) == ({1: large}, set())
        assert place(db) == (1, 2)
    assert "too large" in caplog.text
    assert "example.org" not in caplog.text


FETCHED = [
    b"* 1 FETCH (UID 1 BODY[] {N}\r\nRAW)\r\n",
    b"* 1 FETCH (BODY[] {N}\r\nRAW UID 1)\r\n",
    b"* 1 FETCH (BODY[] {N}\r\nRAW FLAGS (\\Seen) UID 1)\r\n",
    b"* 1 FETCH (FLAGS () UID 1 BODY[] ~{N}\r\nRAW)\r\n",
    b"* 1 FETCH (FLAGS (\\Seen))\r\n* 4 FETCH (UID 1 BODY[] {N}\r\nRAW)\r\n* 2 EXPUNGE\r\n",
    b"* 2 FETCH (UID 9 BODY[] {5}\r\nother)\r\n* 1 FETCH (UID 1 BODY[] {N}\r\nRAW)\r\n* 1 FETCH (UID 1 FLAGS ())\r\n",
    b'* 1 FETCH (UID 1 BODY[] "From: \\"Jo\\" <jo@example.org>")\r\n',
]


@pytest.mark.parametrize("told", FETCHED)
def test_a_mail_is_found_however_the_server_tells_it(told, db):
    shelf = Shelf()
    words = told.replace(b"N", b"%d" % len(JO)).replace(b"RAW", JO) + b"TAG OK done\r\n"
    with bad_imap(Trick("BODY", words)) as server, reading(server, db, shelf.keep) as reader:
        server.inbox.put(JO)
        reader.step()
    assert list(shelf.times) == ([JO] if b"RAW" in told else [b'From: "Jo" <jo@example.org>'])


NO, BAD = b"TAG NO no\r\n", b"TAG BAD no\r\n"
MOVES = [
    ("by MOVE", ALL, [], True),
    ("MOVE is missing", ALL.replace(" MOVE", ""), [], True),
    ("MOVE is refused", ALL, [Trick("MOVE", NO)], True),
    ("MOVE is not understood", ALL, [Trick("MOVE", BAD)], True),
    ("neither MOVE nor UIDPLUS", "IMAP4rev1 AUTH=PLAIN", [], False),
    ("the copy is refused", "IMAP4rev1 UIDPLUS", [Trick("COPY", NO, times=FOR_EVER)], False),
    ("cut off after the copy", "IMAP4rev1 UIDPLUS", [Trick("COPY", then=HANG_UP)], True),
    ("cut off before the expunge", "IMAP4rev1 UIDPLUS", [Trick("EXPUNGE", b"", then=HANG_UP)], True),
    ("cut off in the move", ALL, [Trick("MOVE", then=HANG_UP)], True),
    ("STORE is refused", ALL, [Trick("STORE", NO, times=FOR_EVER)], False),
]


@pytest.mark.parametrize(("can", "tricks", "moved"), [m[1:] for m in MOVES], ids=[m[0] for m in MOVES])
def test_a_kept_mail_is_moved_where_that_can_be_done_safely(can, tricks, moved, db):
    shelf = Shelf()
    with bad_imap(*map(replace, tricks), can=can) as server, reading(server, db, shelf.keep, "?move=Taken") as reader:
        server.inbox.put(JO)
        server.inbox.put(ANA)
        server.inbox.deleted.add(2)  # somebody else's mark: only what is ours may be expunged
        go_on(reader, lambda: len(shelf.times) == 2 and reader._box is not None and not reader.step())
        assert set(server.folders["Taken"].mails.values()) == ({JO, ANA} if moved else set())
        assert set(server.inbox.mails.values()) == (set() if moved else {JO, ANA})
        assert place(db) == (1, 2)


def test_a_folder_to_move_to_that_is_not_there_costs_no_mail(db, caplog):
    shelf = Shelf()
    with bad_imap() as server, reading(server, db, shelf.keep, "?move=Nowhere") as reader:
        for raw in (JO, ANA):
            server.inbox.put(raw)
        reader.step()
        assert (shelf.times, server.inbox.seen, place(db)) == ({JO: 1, ANA: 1}, {1, 2}, (1, 2))
    assert caplog.text.count("stays unmarked or unmoved") == 1


def test_two_readers_of_one_mailbox_keep_each_mail_once_and_never_move_the_place_backwards(db):
    def keep(raw: bytes) -> None:
        intake.keep(db, raw, door=Door.IMAP, now=NOW, envelope_from=None, envelope_to=[])

    with bad_imap() as server:
        for n in range(40):
            server.inbox.put(mail(f"guest{n}"))

        def run() -> None:
            with reading(server, db, keep, "?move=Taken") as reader:
                go_on(reader, lambda: not server.inbox.mails)

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with db.read() as session:
        kept = sorted(row.raw for row in session.exec(select(IncomingMail)))
    assert kept == sorted(mail(f"guest{n}") for n in range(40))


def test_the_place_moves_forward_only_and_only_within_its_numbering(db):
    mailbox_place.begin(db, "box", 5)
    for uid in (10, 4):
        mailbox_place.advance(db, "box", 5, uid)
    mailbox_place.advance(db, "box", 4, 99)
    mailbox_place.begin(db, "box", 5)
    assert mailbox_place.reached(db, "box", 5) == 10
    mailbox_place.begin(db, "box", 6)
    mailbox_place.advance(db, "box", 5, 99)
    assert mailbox_place.reached(db, "box", 6) == 0
    with pytest.raises(TryLater):
        mailbox_place.reached(db, "box", 5)


def test_mail_that_comes_while_we_listen_is_there_at_once(db):
    shelf, stopping = Shelf(), threading.Event()
    with bad_imap() as server:
        patient = Times(idle=60, poll=60)
        reader = Reader(parse(server.url()), db, shelf.keep, stopping=stopping, times=patient)
        thread = threading.Thread(target=loop, args=(reader, stopping))
        thread.start()
        wait_until(lambda: server.idling, why="listening")
        began = time.monotonic()
        server.deliver(JO)
        wait_until(lambda: JO in shelf.times, why="the mail")
        assert time.monotonic() - began < 1
        wait_until(lambda: server.asked.count("IDLE") == 2, why="listening again")
        began = time.monotonic()
        stopping.set()
        thread.join(10)
        assert time.monotonic() - began < 2, "it must end promptly"
        reader.close()


def loop(reader: Reader, stopping: threading.Event) -> None:
    while not stopping.is_set():
        if not reader.step():
            reader.pause()


def test_mail_that_comes_between_the_search_and_listening_is_found(db):
    """The announcement comes with the search's own answer, which does not list it yet."""
    shelf = Shelf()
    late = Trick("SEARCH", b"* SEARCH\r\n* 1 EXISTS\r\nTAG OK done\r\n", first=lambda inbox: inbox.put(JO) and None)
    with bad_imap(late) as server, reading(server, db, shelf.keep) as reader:
        assert reader.step() is True
    assert shelf.times == {JO: 1}


@pytest.mark.parametrize("can", [ALL, ALL.replace(" IDLE", "")], ids=["IDLE that is silent", "no IDLE"])
def test_where_the_server_does_not_announce_mail_we_look_ourselves(can, db):
    shelf = Shelf()
    with bad_imap(can=can) as server, reading(server, db, shelf.keep) as reader:
        server.announces = False
        for raw in (JO, ANA, BASHIR):
            assert reader.step() is False
            timer = threading.Timer(0.1, server.deliver, [raw])
            timer.start()
            go_on(reader, lambda raw=raw: raw in shelf.times)
            timer.join()
        assert server.asked.count("IDLE") == (1 if "IDLE" in can else 0), "once bitten"


@pytest.mark.parametrize("stage", ["greeting", "AUTHENTICATE", "SEARCH", "BODY", "IDLE", "DONE"])
def test_it_ends_at_once_whatever_it_waits_for(stage, db):
    stopping = threading.Event()
    with bad_imap(Trick(stage, b"", FALL_SILENT)) as server:
        server.inbox.put(JO)
        times = Times(idle=0.1 if stage == "DONE" else 60)
        reader = Reader(parse(server.url()), db, Shelf().keep, stopping=stopping, times=times)
        thread = threading.Thread(target=loop, args=(reader, stopping))
        thread.start()
        wait_until(lambda: stage in server.asked, why=stage)
        began = time.monotonic()
        stopping.set()
        thread.join(10)
        assert time.monotonic() - began < 1
        reader.close()


def test_a_server_that_is_away_is_asked_less_and_less_often(db):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"imap://jo:x@127.0.0.1:{nobody.getsockname()[1]}"
        reader = Reader(parse(url), db, Shelf().keep, stopping=threading.Event(), times=Times())
        rests = [reader.step() or reader._rest for _ in range(8)]
    assert rests == [1, 2, 4, 8, 16, 32, 45, 45]


def test_a_fault_is_logged_once_and_names_nobody(db, caplog):
    caplog.set_level(logging.INFO)
    unknown = Trick("AUTHENTICATE", b"TAG NO jo@example.org\r\n", times=3)
    with bad_imap(unknown) as server, reading(server, db, Shelf().keep) as reader:
        for _ in range(5):
            reader.step()
    said = [record.message for record in caplog.records if record.name == "roundtables.mailbox"]
    assert said == [
        "the mailbox cannot be read: the mail server refuses the login; check user and password",
        "the mailbox can be read again",
    ]


def test_a_token_is_read_anew_at_each_connection(db, tmp_path):
    token, shelf = tmp_path / "token", Shelf()
    token.write_text("old\n")
    with bad_imap(password="fresh") as server:
        server.inbox.put(JO)
        url = server.url(f"?auth=xoauth2&token_file={token}").replace(":fresh@", "@")
        reader = Reader(parse(url), db, shelf.keep, stopping=threading.Event(), times=QUICK)
        assert reader.step() is False
        token.write_text("fresh\n")
        assert reader.step() is True
        reader.close()
        token.unlink()
        reader.step()
        assert server.secrets == [
            b"user=farah@larkmoor.example\x01auth=Bearer old\x01\x01",
            b"user=farah@larkmoor.example\x01auth=Bearer fresh\x01\x01",
        ]


@pytest.mark.parametrize(
    ("can", "password", "secret"),
    [
        ("IMAP4rev1 AUTH=PLAIN", "p%22w%5C%C3%BC%2F", b'\0farah@larkmoor.example\0p"w\\\xc3\xbc/'),
        ("IMAP4rev1", "p%22w%5C", b'farah@larkmoor.example "p\\"w\\\\"'),
    ],
    ids=["PLAIN", "LOGIN"],
)
def test_passwords_arrive_as_they_are(can, password, secret):
    with bad_imap(can=can) as server:
        with pytest.raises(Refusal):  # it is not the server's
            imap.look_into(parse(f"imap://farah%40larkmoor.example:{password}@127.0.0.1:{server.port}"))
        assert server.secrets == [secret]


def test_no_password_is_sent_where_the_server_wants_none_unencrypted():
    with bad_imap(can="IMAP4rev1 LOGINDISABLED STARTTLS") as server:
        with pytest.raises(Refusal, match="without encryption"):
            imap.look_into(parse(server.url()))
        assert server.secrets == []


@pytest.mark.parametrize(
    ("words", "trick"),
    [
        ("does not offer", Trick("STARTTLS", b"TAG NO not here\r\n")),
        ("before the encryption", Trick("STARTTLS", b"TAG OK go on\r\n* PREAUTH we know you\r\n")),
        (None, Trick("STARTTLS", b"TAG OK go on\r\n", HANG_UP)),
        ("does not take", Trick("greeting", b"* PREAUTH we know you\r\n")),
    ],
    ids=["refused", "words slipped in before it", "cut off", "let in without it"],
)
def test_what_should_be_encrypted_is_encrypted_or_nothing_is_said(words, trick):
    with bad_imap(trick, can="IMAP4rev1 AUTH=PLAIN STARTTLS") as server:
        with pytest.raises((Refusal, TryLater), match=words):
            imap.look_into(parse(server.url().replace("imap://", "imap+starttls://")))
        assert server.secrets == []
        assert trick.times == 0


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("imaps://jo:x@mail.example.org", "jo@mail.example.org:993/INBOX"),
        ("imap://jo%40example.org:p%2Fw@[::1]:1143/Answers%20in", "jo@example.org@::1:1143/Answers in"),
        ("imap+starttls://jo:x@mail.example.org/R%C3%A9ponses?move=Taken", "jo@mail.example.org:143/Réponses"),
        ("imaps://jo@h.example/?auth=xoauth2&token_file=/run/token", "jo@h.example:993/INBOX"),
    ],
)
def test_a_mailbox_has_a_name_without_a_secret(url, name):
    assert parse(url).name == name


def test_the_parts_of_a_mailbox():
    url = "imaps://jo%40example.org@mail.example.org:1993/In%2Fbox?auth=xoauth2&token_file=/run/token&move=Taken%20in"
    expected = MailboxAddress(
        "imaps", "mail.example.org", 1993, "jo@example.org", "", "In/box", True, "/run/token", "Taken in"
    )
    assert parse(url) == expected


@pytest.mark.parametrize(
    ("folder", "written"),
    [
        ("INBOX", '"INBOX"'),
        ("A & B", '"A &- B"'),
        ('"q" \\', '"\\"q\\" \\\\"'),
        ("Réponses", '"R&AOk-ponses"'),
        ("~peter/mail/台北/日本語", '"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'),  # RFC 3501 §5.1.3
    ],
)
def test_a_folder_is_written_as_imap_has_it(folder, written):
    assert quoted(folder) == written


def test_a_look_into_a_mailbox_says_what_is_wrong():
    with bad_imap() as server:
        imap.look_into(parse(server.url("?move=Taken")))
        assert server.inbox.seen == set()
        with pytest.raises(Refusal, match="no folder Nowhere"):
            imap.look_into(parse(server.url("?move=Nowhere")))


WRONG = [
    "mail.example.org",
    "imap://",
    "imaps://mail.example.org",
    "pop3://jo:x@mail.example.org",
    "imaps://jo@mail.example.org/INBOX",
    "imaps://jo:x@mail.example.org:99999",
    "imaps://jo:x@mail.example.org:post",
    "imaps://jo:x@[mail",
    "imaps://jo:x@mail.example.org/INBOX#here",
    "imaps://jo:x%0D%0AA1 LOGOUT@mail.example.org",
    "imaps://jo:x@mail.example.org/In%0Abox",
    "imaps://jo:x@mail.example.org/?move=INBOX",
    "imaps://jo:x@mail.example.org/?move=",
    "imaps://jo:x@mail.example.org/?move=A&move=B",
    "imaps://jo:x@mail.example.org/?delete=yes",
    "imaps://jo:x@mail.example.org/?auth=ntlm",
    "imaps://jo@mail.example.org/?token_file=/run/token",
    "imaps://jo:x@mail.example.org/?auth=xoauth2&token_file=/run/token",
]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_imap_url_stops_the_start_with_one_line_that_names_it(url, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROUNDTABLES_IMAP_URL", url)
    with pytest.raises(Refusal) as refused:
        load()
    assert refused.value.message.startswith("ROUNDTABLES_IMAP_URL: ")
    assert "\n" not in refused.value.message
    assert "x@" not in refused.value.message, "a password is not for the log"


def test_the_doctor_looks_into_the_mailbox():
    with bad_imap() as server:
        well = Settings(imap_url=server.url())
        no_such = Settings(imap_url=server.url("?move=Nowhere"))
        assert [(f.well, f.words) for f in doctoring._mailbox(well)] == [
            (True, f"127.0.0.1:{server.port} lets us in and opens INBOX")
        ]
        assert [(f.well, f.words) for f in doctoring._mailbox(no_such)] == [
            (False, f"127.0.0.1:{server.port}: the mail server has no folder Nowhere; check ROUNDTABLES_IMAP_URL")
        ]
    assert list(doctoring._mailbox(Settings())) == []
