"""
What a letter's row says at each step of its handing over, and what follows when an answer never comes.

The 14 faults are what a mail server or a network can do; the stages are where in the talk it does it.
"""

import logging
import shutil
import time
from collections import Counter
from datetime import timedelta

import pytest

from roundtables.mail import claims, outbox
from roundtables.mail.backoff import ARCHIVE_PATIENCE
from roundtables.mail.claims import ANSWER_LEASE, LEASE, Wait
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.mail.postman import Connection, deliver, take_over
from tests.mail.letters import RAW, put
from tests.mail.servers import GARBAGE, HANG_UP, RESET, SILENCE, scripted
from tests.world import JO, NOW, World

BASE = timedelta(seconds=300)
LATER = NOW + timedelta(days=1)
A, B, ARCHIVE = "a@example.org", "b@example.org", "archive@larkmoor.example"
HELD, QUEUED, SENDING, IN_DOUBT = LetterState.HELD, LetterState.QUEUED, LetterState.SENDING, LetterState.IN_DOUBT
SENT, FAILED, CANCELLED = LetterState.SENT, LetterState.FAILED, LetterState.CANCELLED


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path) -> str:
    """One kind of database here: what differs between them is the outbox's, and tested there."""
    return f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'test.sqlite3')}"


def go(world: World, url: str, *, archive: str = "", at=NOW, clock=None, by: str = "the test", patience=20, **more):
    connection = Connection(url, archive, after_the_dot=patience)
    try:
        return deliver(world.db, connection, by=by, clock=clock or (lambda: at), base=BASE, **more)
    finally:
        connection.close()


def one(world: World, **where) -> OutgoingLetter:
    (letter,) = world.letters(**where)
    return letter


def standing(world: World) -> tuple[str, int, bool, bool]:
    """State, doubts, whether it is known since when, whether somebody holds a lease."""
    letter = one(world)
    return letter.state.value, letter.doubts, letter.doubt_since is not None, letter.lease_until is not None


def change(world: World, **values) -> None:
    with world.db.write() as session:
        letter = session.get_one(OutgoingLetter, one(world).id)
        for name, value in values.items():
            setattr(letter, name, value)


def saying(stage: str, answer: str):
    return lambda at, address: answer if at == stage else None


def test_the_row_says_in_doubt_from_before_the_first_byte_to_the_answer(world):
    put(world.db, world.convener_id, [A], now=NOW)
    seen = {}

    def look(stage: str, address: str) -> None:
        seen[stage] = standing(world)

    with scripted(look) as server:
        go(world, server.url)
    assert {stage: seen[stage] for stage in ("mail", "rcpt", "data", "dot")} == {
        "mail": ("sending", 0, False, True),
        "rcpt": ("sending", 0, False, True),
        "data": ("in-doubt", 1, True, True),
        "dot": ("in-doubt", 1, True, True),
    }
    assert standing(world) == ("sent", 0, False, False)


NOT_NOW, NEVER = ("queued", 0, False, False), ("failed", 0, False, False)
UNKNOWN = ("in-doubt", 1, True, False)
BEFORE = ("connect", "ehlo")
FAULTS = {
    "421": dict.fromkeys(("connect", "ehlo", "mail", "rcpt", "data", "dot"), NOT_NOW),
    "450": dict.fromkeys(("connect", "mail", "rcpt", "data", "dot"), NOT_NOW),
    "451": dict.fromkeys(("connect", "mail", "rcpt", "data", "dot"), NOT_NOW),
    "452": dict.fromkeys(("connect", "mail", "rcpt", "data", "dot"), NOT_NOW),
    "454": dict.fromkeys(("connect", "mail", "rcpt", "data", "dot"), NOT_NOW),
    "500": dict.fromkeys(("mail", "rcpt", "data", "dot"), NEVER) | {"connect": NOT_NOW},
    "521": dict.fromkeys(("mail", "rcpt", "data", "dot"), NEVER) | {"connect": NOT_NOW},
    "550": dict.fromkeys(("mail", "rcpt", "data", "dot"), NEVER) | {"connect": NOT_NOW},
    "552": dict.fromkeys(("mail", "rcpt", "data", "dot"), NEVER) | {"connect": NOT_NOW},
    "554": dict.fromkeys(("mail", "rcpt", "data", "dot"), NEVER) | {"connect": NOT_NOW},
    HANG_UP: dict.fromkeys(("connect", "ehlo", "mail", "rcpt", "data"), NOT_NOW) | {"dot": UNKNOWN},
    RESET: dict.fromkeys(("connect", "ehlo", "mail", "rcpt", "data"), NOT_NOW) | {"dot": UNKNOWN},
    SILENCE: dict.fromkeys(("connect", "ehlo", "mail", "rcpt", "data"), NOT_NOW) | {"dot": UNKNOWN},
    GARBAGE: dict.fromkeys(("connect", "mail", "rcpt", "data"), NOT_NOW) | {"dot": UNKNOWN},
}
CELLS = [(fault, stage, expected) for fault, stages in FAULTS.items() for stage, expected in stages.items()]


@pytest.mark.parametrize(("fault", "stage", "expected"), CELLS, ids=[f"{f} at {s}" for f, s, _ in CELLS])
def test_each_fault_at_each_stage_has_its_consequence(world, monkeypatch, fault, stage, expected):
    put(world.db, world.convener_id, [A], now=NOW)
    answer = f"{fault} 4.2.0 so it is" if fault.isdigit() else fault
    patience = 0.3 if fault == SILENCE else 20
    with scripted(saying(stage, answer)) as server, monkeypatch.context() as hurried:
        hurried.setattr("roundtables.mail.transaction.PATIENCE", patience)
        go(world, server.url, patience=patience)
    assert standing(world) == expected
    with scripted() as server:
        go(world, server.url, at=LATER)
    again = expected is not NEVER
    assert [x.raw for x in server.taken] == [RAW] * again
    assert standing(world) == (("sent", expected[1], expected[2], False) if again else NEVER)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (HANG_UP, "451 later", ("queued", 1, True, False)),
        (HANG_UP, "550 never", ("failed", 1, True, False)),
        (HANG_UP, HANG_UP, ("in-doubt", 2, True, False)),
        (HANG_UP, None, ("sent", 1, True, False)),
        ("451 later", HANG_UP, ("in-doubt", 1, True, False)),
        ("451 later", None, ("sent", 0, False, False)),
    ],
)
def test_a_doubt_is_taken_back_by_its_own_answer_only(world, first, second, expected):
    put(world.db, world.convener_id, [A], now=NOW)
    for at, answer in ((NOW, first), (LATER, second)):
        with scripted(saying("dot", answer) if answer else lambda stage, address: None) as server:
            go(world, server.url, at=at)
    assert standing(world) == expected


def test_what_is_in_doubt_waits_and_goes_again_in_the_same_bytes(world):
    put(world.db, world.convener_id, [A], now=NOW)
    with scripted(saying("dot", HANG_UP)) as server:
        go(world, server.url)
    assert 240 <= (one(world).next_attempt_at - NOW).total_seconds() <= 360
    with scripted() as server:
        assert go(world, server.url, at=NOW + timedelta(seconds=239)) == 0
        assert go(world, server.url, at=NOW + timedelta(seconds=361)) == 1
    assert [x.raw for x in server.taken] == [RAW]


def test_a_silent_server_is_left_alone_for_a_while(world):
    put(world.db, world.convener_id, [A, B], now=NOW)
    with scripted(saying("dot", SILENCE)) as server:
        connection = Connection(server.url, after_the_dot=0.1)
        for _ in range(3):
            deliver(world.db, connection, by="me", clock=lambda: NOW, base=BASE)
        connection.close()
    assert [(x.state, x.attempts) for x in world.letters()] == [(IN_DOUBT, 1), (QUEUED, 0)]


def test_after_five_days_a_doubt_is_given_up_and_still_one(world):
    put(world.db, world.convener_id, [A], now=NOW)
    change(world, attempts=60)
    with scripted(saying("dot", HANG_UP)) as server:
        go(world, server.url)
    assert standing(world) == ("failed", 1, True, False)


# a process that ends in the middle


def died(world: World, *, begun: bool, at=NOW) -> claims.InHand:
    """A sender that took a letter in hand, handed it over if `begun`, and was heard of no more."""
    put(world.db, world.convener_id, [A], now=NOW)
    with world.db.write() as session:
        (letter,) = claims.claim(session, by="dead", now=at)
        if begun:
            assert claims.hand_over(session, letter, now=at)
    return letter


@pytest.mark.parametrize(
    ("begun", "archive", "expected", "wait"),
    [
        (False, "", ("queued", 0, False, False), timedelta(0)),
        (False, ARCHIVE, ("queued", 0, False, False), timedelta(0)),
        (True, "", ("in-doubt", 1, True, False), timedelta(seconds=240)),
        (True, ARCHIVE, ("in-doubt", 1, True, False), ARCHIVE_PATIENCE),
    ],
)
def test_who_sends_alone_finds_at_once_what_a_dead_sender_left(world, begun, archive, expected, wait):
    died(world, begun=begun)
    connection = Connection("smtp://127.0.0.1:1", archive)
    take_over(world.db, connection, alone=True, now=NOW, base=BASE)
    assert standing(world) == expected
    assert wait <= one(world).next_attempt_at - NOW <= wait * 1.5


@pytest.mark.parametrize(("begun", "lease"), [(False, LEASE), (True, ANSWER_LEASE)])
def test_beside_others_it_waits_for_the_lease(world, begun, lease):
    died(world, begun=begun)
    with scripted() as server:
        assert go(world, server.url, at=NOW + lease) == 0
        assert standing(world)[3]
        go(world, server.url, at=NOW + lease + timedelta(seconds=1))
        assert standing(world) == (("in-doubt", 1, True, False) if begun else ("sent", 0, False, False))
        go(world, server.url, at=LATER)
    assert standing(world) == ("sent", int(begun), begun, False)
    assert len(server.taken) == 1


def test_at_a_start_what_may_have_arrived_waits_for_its_copy_once_more(world):
    died(world, begun=True)
    for start in (NOW, NOW + timedelta(hours=3)):
        take_over(world.db, Connection("smtp://127.0.0.1:1", ARCHIVE), alone=False, now=start, base=BASE)
    change(world, lease_until=None)
    take_over(world.db, Connection("smtp://127.0.0.1:1", ARCHIVE), alone=True, now=LATER, base=BASE)
    assert one(world).next_attempt_at == LATER + ARCHIVE_PATIENCE


# leases, clocks, and second senders


@pytest.mark.parametrize("asleep", [LEASE, LEASE * 2, timedelta(hours=8), timedelta(days=3653)])
def test_who_slept_longer_than_the_lease_hands_nothing_over(world, asleep):
    """Asleep between the recipient and DATA, while another sends the letter."""
    put(world.db, world.convener_id, [A], now=NOW)
    clock = [NOW]

    def sleep(stage: str, address: str) -> None:
        if stage == "rcpt":
            clock[0] = NOW + asleep + timedelta(seconds=1)
            go(world, other.url, by="another", clock=lambda: clock[0])

    with scripted() as other, scripted(sleep) as server:
        go(world, server.url, clock=lambda: clock[0])
    assert (len(other.taken), len(server.taken)) == (1, 0)
    assert (standing(world), one(world).claimed_by, one(world).attempts) == (("sent", 0, False, False), "another", 2)


@pytest.mark.parametrize("name", ["another", "the test"])
def test_who_slept_hands_nothing_over_that_lies_in_other_hands(world, name):
    """The other has claimed it and not begun; it may even bear the same name, as a container started anew does."""
    put(world.db, world.convener_id, [A], now=NOW)
    at = NOW + LEASE + timedelta(seconds=1)
    clock = [NOW]

    def sleep(stage: str, address: str) -> None:
        if stage == "rcpt":
            clock[0] = at
            with world.db.write() as session:
                assert len(claims.claim(session, by=name, now=at)) == 1

    with scripted(sleep) as server:
        go(world, server.url, clock=lambda: clock[0])
    assert (server.taken, one(world).claimed_by, one(world).lease_until) == ([], name, at + LEASE)


def test_who_slept_and_was_not_missed_puts_the_letter_back(world):
    put(world.db, world.convener_id, [A, B], now=NOW)
    clock = [NOW]

    def sleep(stage: str, address: str) -> None:
        clock[0] = NOW + LEASE * 2

    with scripted(sleep) as server:
        go(world, server.url, clock=lambda: clock[0])
    assert server.taken == []
    assert [(x.state, x.attempts, x.doubts) for x in world.letters()] == [(QUEUED, 0, 0), (QUEUED, 0, 0)]


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1), timedelta(days=3653)])
@pytest.mark.parametrize("begun", [False, True])
def test_a_lease_from_a_clock_that_was_ahead_is_over(world, back, begun):
    died(world, begun=begun, at=NOW + back)
    with world.db.read() as session:
        assert claims.is_any_due(session, now=NOW)
    with scripted() as server:
        go(world, server.url)
    assert standing(world) == (("in-doubt", 1, True, False) if begun else ("sent", 0, False, False))


def test_an_answer_that_comes_after_the_lease_counts_if_nobody_has_claimed_the_letter_since(world):
    put(world.db, world.convener_id, [A], now=NOW)

    def slow(stage: str, address: str) -> None:
        if stage == "dot":
            with world.db.write() as session:
                claims.note_doubts(session, now=NOW + 2 * ANSWER_LEASE, wait=Wait(BASE))
            assert standing(world) == ("in-doubt", 1, True, False)

    with scripted(slow) as server:
        go(world, server.url)
    assert standing(world) == ("sent", 0, False, False)


def test_the_answer_is_noted_although_the_database_was_away_for_a_moment(world, monkeypatch):
    from sqlalchemy.exc import OperationalError

    put(world.db, world.convener_id, [A], now=NOW)
    noted, tries = claims.record_taken, []

    def away(*args, **kwargs):
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("UPDATE", {}, Exception("gone"))
        noted(*args, **kwargs)

    monkeypatch.setattr(claims, "record_taken", away)
    monkeypatch.setattr("roundtables.mail.postman.NOTED_AGAIN_AFTER", (0, 0))
    with scripted() as server:
        go(world, server.url)
    assert (standing(world), len(server.taken)) == (("sent", 0, False, False), 1)


# taking back


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data", "dot"])
def test_no_letter_begins_after_it_was_taken_back(world, stage):
    (jo,) = world.ask(JO, send=False)
    change(world, state=QUEUED, next_attempt_at=NOW)

    def taken_back(at: str, address: str) -> None:
        if at == stage:
            with world.db.write() as session:
                outbox.cancel_unsent(session, invitation_ids=[jo])

    with scripted(taken_back) as server:
        go(world, server.url)
        go(world, server.url, at=LATER)
    begun = stage in ("data", "dot")
    assert (standing(world), len(server.taken)) == (("sent" if begun else "cancelled", 0, False, False), int(begun))


@pytest.mark.parametrize(
    ("state", "leased", "after", "unwanted"),
    [
        (HELD, False, CANCELLED, False),
        (QUEUED, False, CANCELLED, False),
        (SENDING, True, SENDING, True),
        (IN_DOUBT, True, IN_DOUBT, True),
        (IN_DOUBT, False, CANCELLED, False),
        (SENT, False, SENT, False),
        (FAILED, False, FAILED, False),
    ],
)
def test_what_taking_back_does_in_each_state(world, state, leased, after, unwanted):
    (jo,) = world.ask(JO)
    change(world, state=state, lease_until=NOW + LEASE if leased else None)
    with world.db.write() as session:
        outbox.cancel_unsent(session, invitation_ids=[jo])
    assert (one(world).state, one(world).unwanted) == (after, unwanted)


def test_a_letter_taken_back_in_doubt_is_not_tried_again_and_its_doubt_remains(world):
    (jo,) = world.ask(JO, send=False)
    change(world, state=QUEUED, next_attempt_at=NOW)

    def taken_back(at: str, address: str) -> str | None:
        if at != "dot":
            return None
        with world.db.write() as session:
            outbox.cancel_unsent(session, invitation_ids=[jo])
        return HANG_UP

    with scripted(taken_back) as server:
        go(world, server.url)
        go(world, server.url, at=LATER)
    assert standing(world) == ("cancelled", 1, True, False)
    assert server.connections == 1


def test_a_newer_letter_does_not_overtake_one_in_doubt(world):
    (jo,) = world.ask(JO)
    change(world, state=IN_DOUBT, doubts=1, doubt_since=NOW, next_attempt_at=LATER)
    (newer,) = put(world.db, world.convener_id, [A], now=NOW, invitation_id=jo)
    with world.db.write() as session:
        assert claims.claim(session, by="me", now=NOW) == []
        assert outbox.settle_from_archive(session, world.letters()[0].message_id, now=NOW)
        assert [x.id for x in claims.claim(session, by="me", now=NOW)] == [newer]


# the archive


def test_the_archive_is_a_second_recipient_of_the_same_transaction(world):
    put(world.db, world.convener_id, [A, B], now=NOW)
    with scripted() as server:
        go(world, server.url, archive=ARCHIVE)
    assert [(x.recipients, x.raw) for x in server.taken] == [((A, ARCHIVE), RAW), ((B, ARCHIVE), RAW)]


def test_who_may_sign_in_is_nobody_elses_to_read(world):
    put(world.db, world.convener_id, [A], now=NOW)
    change(world, kind="sign-in")
    with scripted(saying("dot", HANG_UP)) as server:
        go(world, server.url, archive=ARCHIVE)
    assert one(world).next_attempt_at - NOW < ARCHIVE_PATIENCE
    with scripted() as server:
        go(world, server.url, archive=ARCHIVE, at=LATER)
    assert server.recipients == [A]


@pytest.mark.parametrize(
    ("answer", "expected", "recipients"),
    [
        ("550 no such mailbox", "sent", [(A,)]),
        ("451 later", "sent", [(A,)]),
        ("421 enough", "queued", []),
        (HANG_UP, "queued", []),
    ],
)
def test_a_refused_archive_stops_no_letter_and_is_logged(world, caplog, answer, expected, recipients):
    put(world.db, world.convener_id, [A], now=NOW)
    with (
        caplog.at_level(logging.WARNING),
        scripted(lambda at, to: answer if (at, to) == ("rcpt", ARCHIVE) else None) as server,
    ):
        go(world, server.url, archive=ARCHIVE)
    assert (one(world).state.value, [x.recipients for x in server.taken]) == (expected, recipients)
    assert [r.getMessage().split(":")[0] for r in caplog.records] == ["letter 1 goes without a copy"] * len(recipients)
    assert ARCHIVE not in caplog.text


@pytest.mark.parametrize(
    ("state", "doubts", "after", "left"),
    [
        (IN_DOUBT, 1, SENT, 0),
        (IN_DOUBT, 2, SENT, 1),
        (QUEUED, 1, SENT, 0),
        (SENDING, 1, SENT, 0),
        (FAILED, 1, SENT, 0),
        (CANCELLED, 1, SENT, 0),
        (QUEUED, 0, SENT, 0),
        (SENT, 1, SENT, 1),
        (SENT, 0, SENT, 0),
        (HELD, 0, HELD, 0),
    ],
)
def test_a_copy_settles_what_was_in_doubt(world, state, doubts, after, left):
    put(world.db, world.convener_id, [A], now=NOW)
    change(world, state=state, doubts=doubts, doubt_since=NOW if doubts else None, lease_until=None, answer="--- gone")
    with world.db.write() as session:
        assert outbox.settle_from_archive(session, f"<{one(world).message_id}>", now=LATER)
    letter = one(world)
    assert (letter.state, letter.doubts, letter.doubt_since) == (after, left, NOW if left else None)
    settled = state is not after
    assert letter.answer == ("seen in the archive" if settled else "--- gone")
    assert letter.sent_at == ((NOW if doubts else LATER) if settled else None)


def test_another_mailbox_settles_nothing(world):
    died(world, begun=True)
    with world.db.write() as session:
        assert not outbox.settle_from_archive(session, "<of-nobody@localhost>", now=NOW)
    assert standing(world) == ("in-doubt", 1, True, True)


def test_a_copy_that_is_faster_than_the_answer_settles_once(world):
    put(world.db, world.convener_id, [A], now=NOW)

    def copied(stage: str, address: str) -> None:
        if stage == "dot":
            with world.db.write() as session:
                assert outbox.settle_from_archive(session, one(world).message_id, now=NOW)

    with scripted(copied) as server:
        go(world, server.url, archive=ARCHIVE)
    assert (standing(world), one(world).answer) == (("sent", 0, False, False), "seen in the archive")


def test_a_copy_that_comes_back_while_it_goes_again_stops_the_second_one(world):
    put(world.db, world.convener_id, [A], now=NOW)
    with scripted(saying("dot", HANG_UP)) as server:
        go(world, server.url, archive=ARCHIVE)

    def copied(stage: str, address: str) -> None:
        if stage == "rcpt":
            with world.db.write() as session:
                outbox.settle_from_archive(session, one(world).message_id, now=NOW)

    with scripted(copied) as server:
        go(world, server.url, archive=ARCHIVE, at=LATER)
    assert (server.taken, standing(world)) == ([], ("sent", 0, False, False))


@pytest.mark.parametrize("copies", [False, True])
def test_of_many_killed_after_the_dot_only_those_without_a_copy_come_twice(world, copies):
    ids = put(world.db, world.convener_id, [f"g{n}@example.org" for n in range(12)], now=NOW)
    with scripted(lambda at, to: HANG_UP if at == "dot" and int(to[1:].split("@")[0]) % 3 == 0 else None) as server:
        server.takes_before_it_hangs_up = True
        go(world, server.url)
        doubtful = {x.id for x in world.letters() if x.state is IN_DOUBT}
        if copies:
            for letter in world.letters():
                with world.db.write() as session:
                    outbox.settle_from_archive(session, letter.message_id, now=NOW)
        server.script = lambda stage, address: None
        go(world, server.url, at=LATER)
    came = Counter(server.recipients)
    twice = {x.id for x in world.letters() if came[x.to_address] == 2}
    assert doubtful == set(ids[::3])
    assert (set(came.values()), twice) == (({1}, set()) if copies else ({1, 2}, doubtful))
    assert {x.id for x in world.letters() if x.doubts} == twice
    assert {x.raw for x in server.taken} == {RAW}


def test_time_spent_waiting_for_the_last_answer_is_its_own(world):
    put(world.db, world.convener_id, [A], now=NOW)
    with scripted(lambda at, to: time.sleep(0.3) if at == "dot" else None) as server:
        go(world, server.url, patience=5)
    assert standing(world) == ("sent", 0, False, False)
