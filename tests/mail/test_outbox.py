"""The outbox: one row for what is told once, and claims that no two senders share. On both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import select

from roundtables.mail import claims, outbox, writing
from roundtables.mail.backoff import Again
from roundtables.mail.claims import LEASE, Wait
from roundtables.mail.outbox import LetterState, OutgoingLetter
from tests.mail.letters import RAW, put
from tests.world import ANA, JO, NOW, World

HELD, QUEUED, SENDING = LetterState.HELD, LetterState.QUEUED, LetterState.SENDING
WAIT = Wait(timedelta(minutes=5))
SENT, FAILED, CANCELLED = LetterState.SENT, LetterState.FAILED, LetterState.CANCELLED


def draft(world: World, about: str, text: str = "Will you?") -> writing.Draft:
    return writing.Draft(
        convener_id=world.convener_id,
        kind="note",
        about=about,
        to_name="Jo",
        to_address="jo@example.org",
        from_name="Larkmoor Trust",
        subject="A word",
        text=text,
        html=f"<p>{text}</p>",
    )


def claim(world: World, *, by: str = "one", at=NOW, most: int = 20) -> list[int]:
    with world.db.write() as session:
        return [letter.id for letter in claims.claim(session, by=by, now=at, most=most)]


def mark(world: World, letter_id: int, state: LetterState) -> None:
    with world.db.write() as session:
        session.get_one(OutgoingLetter, letter_id).state = state


def cancel(world: World, invitation_id: int, *kinds: str) -> None:
    with world.db.write() as session:
        outbox.cancel_unsent(session, invitation_ids=[invitation_id], kinds=kinds)


def letter(world: World, letter_id: int) -> OutgoingLetter:
    with world.db.read() as session:
        return session.get_one(OutgoingLetter, letter_id)


def test_what_is_told_twice_is_one_letter(world):
    for text in ("Will you?", "Or will you not?"):
        with world.db.write() as session:
            writing.put(session, draft(world, "word:1", text), now=NOW)
    with world.db.write() as session:
        writing.put(session, draft(world, "word:2"), now=NOW)
    first, second = world.letters()
    assert (first.about, second.about) == ("word:1", "word:2")
    assert b"Or will you not?" not in first.raw


def test_two_who_tell_the_same_at_once_leave_one_letter(world):
    def tell(_: int) -> None:
        with world.db.write() as session:
            writing.put(session, draft(world, "word:1"), now=NOW)

    with ThreadPoolExecutor(4) as pool:
        told = [pool.submit(tell, n) for n in range(8)]
    faults = [type(t.exception()).__name__ for t in told if t.exception()]
    assert len(world.letters()) == 1
    assert set(faults) <= {"IntegrityError"}, "who comes second may be refused, never doubled"


def test_letters_are_claimed_in_the_order_in_which_they_are_due(world):
    late, soon, later = (
        put(world.db, world.convener_id, ["a@example.org"], now=NOW - timedelta(minutes=m))[0] for m in (1, 3, 0)
    )
    not_due = put(world.db, world.convener_id, ["b@example.org"], now=NOW + timedelta(seconds=1))
    assert [claim(world, most=1) for _ in range(3)] == [[soon], [late], [later]]
    assert claim(world) == []
    assert claim(world, at=NOW + timedelta(seconds=1)) == not_due


def test_a_claim_takes_no_more_than_it_asks_for(world):
    ids = put(world.db, world.convener_id, [f"g{n}@example.org" for n in range(7)], now=NOW)
    assert [len(claim(world, most=3)) for _ in range(4)] == [3, 3, 1, 0]
    assert all(letter(world, i).state is SENDING for i in ids)


@pytest.mark.parametrize("senders", [2, 8])
def test_no_two_senders_get_the_same_letter(world, senders):
    ids = put(world.db, world.convener_id, [f"g{n}@example.org" for n in range(200)], now=NOW)
    begin = threading.Barrier(senders)

    def send(name: int) -> list[int]:
        mine: list[int] = []
        begin.wait()
        while batch := claim(world, by=f"sender {name}", most=7):
            assert len(batch) <= 7
            mine += batch
        return mine

    with ThreadPoolExecutor(senders) as pool:
        claimed = list(pool.map(send, range(senders)))
    assert sorted(letter_id for mine in claimed for letter_id in mine) == ids
    assert {letter(world, i).attempts for i in ids} == {1}
    for name, mine in enumerate(claimed):
        assert {letter(world, i).claimed_by for i in mine} <= {f"sender {name}"}


@pytest.mark.parametrize(
    ("older", "claimed"),
    [(QUEUED, "older"), (SENDING, "none"), (HELD, "newer"), (SENT, "newer"), (FAILED, "newer"), (CANCELLED, "newer")],
)
def test_a_newer_letter_does_not_overtake_an_older_one_on_its_way(world, older, claimed):
    (jo,) = world.ask(JO)
    first = world.letters()[0].id
    (second,) = put(world.db, world.convener_id, ["jo@example.org"], now=NOW - timedelta(hours=1), invitation_id=jo)
    mark(world, first, older)
    with world.db.write() as session:  # a claim under way: its lease still runs
        session.get_one(OutgoingLetter, first).lease_until = NOW + LEASE
    assert claim(world) == {"older": [first], "newer": [second], "none": []}[claimed]


def test_letters_of_one_person_leave_one_by_one_and_do_not_hold_up_others(world):
    jo, _ana = world.ask(JO, ANA)
    to_jo, to_ana = (x.id for x in world.letters())
    (again,) = put(world.db, world.convener_id, ["jo@example.org"], now=NOW, invitation_id=jo)
    assert claim(world) == [to_jo, to_ana]
    assert claim(world) == []
    mark(world, to_jo, SENT)
    assert claim(world) == [again]


def test_a_lease_that_ran_out_is_claimed_again_byte_for_byte(world):
    (one,) = put(world.db, world.convener_id, ["a@example.org"], now=NOW)
    with world.db.write() as session:
        (first,) = claims.claim(session, by="one", now=NOW)
    assert claim(world, by="two", at=NOW + LEASE) == []
    with world.db.write() as session:
        (second,) = claims.claim(session, by="two", now=NOW + LEASE + timedelta(seconds=1))
    assert (second.id, second.raw, second.envelope_from) == (one, RAW, first.envelope_from)
    assert (second.claimed_by, second.attempts) == ("two", 2)


@pytest.mark.parametrize(
    ("state", "after"),
    [(HELD, CANCELLED), (QUEUED, CANCELLED), (SENDING, SENDING), (SENT, SENT), (FAILED, FAILED)],
)
def test_a_letter_can_be_cancelled_until_somebody_has_it_in_hand(world, state, after):
    (jo,) = world.ask(JO)
    mark(world, world.letters()[0].id, state)
    cancel(world, jo)
    assert world.letters()[0].state is after


def test_cancelling_names_whose_letters_and_which_kind(world):
    jo, _ana = world.ask(JO, ANA)
    cancel(world, jo, "reminder")
    assert [x.state for x in world.letters()] == [QUEUED, QUEUED]
    cancel(world, jo, "invitation")
    assert [x.state for x in world.letters()] == [CANCELLED, QUEUED]


def test_a_cancelled_letter_is_never_claimed(world):
    (jo,) = world.ask(JO)
    cancel(world, jo)
    assert claim(world, at=NOW + timedelta(days=1)) == []


def test_of_a_cancel_and_a_claim_at_once_exactly_one_wins(world):
    invitation_ids = world.ask(JO, ANA)
    begin = threading.Barrier(3)
    claimed: list[int] = []

    def take_back(invitation_id: int) -> None:
        begin.wait()
        cancel(world, invitation_id)

    def send() -> None:
        begin.wait()
        claimed.extend(claim(world))

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(take_back, i) for i in invitation_ids] + [pool.submit(send)]
    assert [d.exception() for d in done] == [None] * 3
    assert {x.id: x.state for x in world.letters()} == {
        x.id: SENDING if x.id in claimed else CANCELLED for x in world.letters()
    }


def test_a_held_letter_waits_until_it_is_released(world):
    world.ask(JO, send=False)
    assert world.letters()[0].state is HELD
    assert claim(world, at=NOW + timedelta(days=365)) == []
    with world.db.write() as session:
        outbox.release(session, session.exec(select(OutgoingLetter)).one(), now=NOW)
    assert claim(world) == [world.letters()[0].id]


def test_whether_any_is_due_is_what_a_claim_would_find(world):
    def due(at) -> bool:
        with world.db.read() as session:
            return claims.is_any_due(session, now=at)

    put(world.db, world.convener_id, ["a@example.org"], now=NOW)
    put(world.db, world.convener_id, ["b@example.org"], now=NOW, state=HELD)
    moments = [NOW - timedelta(seconds=1), NOW, NOW + LEASE, NOW + LEASE + timedelta(seconds=1)]
    seen = [due(moments[0]), due(moments[1]), bool(claim(world)), due(moments[2]), due(moments[3])]
    assert seen == [False, True, True, False, True]


def test_the_only_sender_of_an_embedded_database_takes_back_what_was_in_hand(world):
    (one,) = put(world.db, world.convener_id, ["a@example.org"], now=NOW)
    assert claim(world, by="an earlier life") == [one]
    with world.db.write() as session:
        claims.abandon_all(session, now=NOW, wait=WAIT)
    assert claim(world, by="this one") == [one]


def test_a_handing_over_is_written_alike_on_both_databases(world):
    (one,) = put(world.db, world.convener_id, ["a@example.org"], now=NOW)
    seen = []

    def step(act, at):
        with world.db.write() as session:
            (hand,) = claims.claim(session, by="one", now=at)
            assert claims.hand_over(session, hand, now=at)
            act(session, hand, at)
        row = letter(world, one)
        seen.append((row.state, row.doubts, row.doubt_since, row.attempts, row.lease_until, row.answer))

    day, again = timedelta(days=1), Again(timedelta(minutes=5))
    step(lambda s, hand, at: claims.record_doubt(s, hand, again, answer="---", now=at), NOW)
    step(lambda s, hand, at: claims.record_refused(s, hand, again, answer="451", now=at), NOW + day)
    step(lambda s, hand, at: claims.note_doubts(s, now=at + day, wait=WAIT), NOW + 2 * day)
    step(lambda s, hand, at: claims.abandon_all(s, now=at, wait=WAIT), NOW + 4 * day)
    step(lambda s, hand, at: outbox.settle_from_archive(s, letter(world, one).message_id, now=at), NOW + 5 * day)
    assert seen == [
        (LetterState.IN_DOUBT, 1, NOW, 1, None, "---"),
        (QUEUED, 1, NOW, 2, None, "451"),
        (LetterState.IN_DOUBT, 2, NOW, 3, None, "451"),
        (LetterState.IN_DOUBT, 3, NOW, 4, None, "451"),
        (SENT, 3, NOW, 5, None, "seen in the archive"),
    ]


def test_a_letter_handed_over_is_only_marked_when_it_is_taken_back(world):
    (jo,) = world.ask(JO)
    with world.db.write() as session:
        (hand,) = claims.claim(session, by="one", now=NOW)
        assert claims.hand_over(session, hand, now=NOW)
    cancel(world, jo)
    row = world.letters()[0]
    assert (row.state, row.unwanted) == (LetterState.IN_DOUBT, True)
    with world.db.write() as session:
        claims.record_refused(session, hand, Again(timedelta(minutes=5)), answer="451", now=NOW)
    row = world.letters()[0]
    assert (row.state, row.doubts) == (CANCELLED, 0)
