"""Answers written down: seats, waiting list, undo, on both databases."""

import threading
from collections import Counter
from datetime import date, timedelta

import pytest

from roundtables.errors import Refusal, Refusals
from roundtables.invitation.actions import Guest, remind, withdraw
from roundtables.invitation.answering import undo
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Changed, State, Via
from roundtables.invitation.seat_counts import seats_taken
from roundtables.mail.outbox import LetterState
from tests.world import ANA, BASHIR, CARYS, DEWI, EKOW, JO, NOW

YES, NO, MAYBE = Answer.ACCEPTED, Answer.DECLINED, Answer.TENTATIVE
HOUR = timedelta(hours=1)


def withdraw_one(world, invitation_id):
    with world.db.write() as session:
        withdraw(session, session.get_one(Invitation, invitation_id), by="Farah", now=NOW + 5 * HOUR)


def undo_one(world, invitation_id):
    with world.db.write() as session:
        undo(session, session.get_one(Invitation, invitation_id), by="them", now=NOW + 6 * HOUR)


def taken(world):
    with world.db.read() as session:
        return seats_taken(session, world.table_id)


def test_an_invitation_goes_out_to_each_and_opens_the_table(world):
    world.ask(JO, ANA)
    letters = world.letters()
    assert [(x.to_address, x.kind, x.state) for x in letters] == [
        ("jo@example.org", "invitation", LetterState.QUEUED),
        ("ana@example.net", "invitation", LetterState.QUEUED),
    ]
    assert all(other.email.encode() not in letter.raw for letter, other in zip(letters, (ANA, JO), strict=True))
    with world.db.read() as session:
        assert world.table(session).status == "open"


def test_a_draft_is_held_until_it_is_sent(world):
    [jo] = world.ask(JO, send=False)
    assert world.states(jo) == [State.DRAFT]
    assert [x.state for x in world.letters()] == [LetterState.HELD]


def test_nobody_is_asked_twice_and_a_wrong_guest_stops_the_whole_list(world):
    world.ask(JO)
    with pytest.raises(Refusals) as refused:
        world.ask(ANA, Guest("", "no-address"), JO)
    assert list(refused.value.errors) == ["guests.1.name", "guests.2.email"]
    assert len(world.letters()) == 1


def test_the_fourth_yes_for_three_seats_waits_and_is_told_so(world):
    ids = world.ask(JO, ANA, BASHIR, CARYS)
    for n, one in enumerate(ids):
        world.answer(one, YES, after=n * HOUR + HOUR)
    assert world.states(*ids) == [State.ACCEPTED, State.ACCEPTED, State.ACCEPTED, State.WAITING]
    assert [x.to_address for x in world.letters(kind="waiting")] == ["carys@example.org"]
    assert world.invitation(ids[3]).answer is YES


@pytest.mark.parametrize("free", ["a no", "a withdrawal"])
def test_a_seat_that_frees_goes_to_whoever_waits_longest(world, free):
    ids = world.ask(JO, ANA, BASHIR, CARYS, DEWI)
    for n, one in enumerate(ids):
        world.answer(one, YES, after=n * HOUR + HOUR)
    world.answer(ids[0], NO, after=9 * HOUR) if free == "a no" else withdraw_one(world, ids[0])
    gone = State.DECLINED if free == "a no" else State.WITHDRAWN
    assert world.states(*ids) == [gone, State.ACCEPTED, State.ACCEPTED, State.ACCEPTED, State.WAITING]
    assert [x.to_address for x in world.letters(kind="seat-free")] == ["carys@example.org"]
    assert b"PARTSTAT=ACCEPTED" in calendar_of(world.letters(kind="seat-free")[0])


def test_a_withdrawal_takes_one_calendar_entry_back_and_no_other(world):
    jo, _ = world.ask(JO, ANA)
    world.answer(jo, YES)
    withdraw_one(world, jo)
    [letter] = world.letters(kind="withdrawal")
    calendar = calendar_of(letter)
    assert b"METHOD:CANCEL" in calendar
    assert b"SEQUENCE:1" in calendar
    assert b"STATUS:CANCELLED" not in calendar
    assert letter.to_address == "jo@example.org"


def test_a_letter_not_yet_sent_does_not_leave_after_a_withdrawal(world):
    [jo] = world.ask(JO)
    withdraw_one(world, jo)
    assert [(x.kind, x.state) for x in world.letters()] == [
        ("invitation", LetterState.CANCELLED),
        ("withdrawal", LetterState.QUEUED),
    ]


def test_an_undo_brings_the_earlier_answer_back(world):
    [jo] = world.ask(JO)
    world.answer(jo, YES)
    world.answer(jo, NO, after=2 * HOUR)
    undo_one(world, jo)
    assert (world.states(jo), taken(world)) == ([State.ACCEPTED], 1)
    undo_one(world, jo)
    assert (world.states(jo), taken(world)) == ([State.INVITED], 0)
    with pytest.raises(Refusal, match="no answer to undo"):
        undo_one(world, jo)


def test_an_undone_no_finds_the_seat_taken_and_waits(world):
    ids = world.ask(JO, ANA, BASHIR, CARYS)
    for n, one in enumerate(ids):
        world.answer(one, YES, after=n * HOUR + HOUR)
    world.answer(ids[0], NO, after=9 * HOUR)
    undo_one(world, ids[0])
    assert world.states(*ids) == [State.WAITING, State.ACCEPTED, State.ACCEPTED, State.ACCEPTED]
    assert taken(world) == 3


@pytest.mark.parametrize(("until", "last"), [(date(2027, 4, 1), State.WAITING), (None, State.ACCEPTED)])
def test_a_not_sure_keeps_a_seat_only_if_it_names_a_day(world, until, last):
    ids = world.ask(JO, ANA, BASHIR, CARYS)
    world.answer(ids[0], MAYBE, until=until)
    for n, one in enumerate(ids[1:]):
        world.answer(one, YES, after=n * HOUR + 2 * HOUR)
    assert world.states(*ids) == [State.TENTATIVE, State.ACCEPTED, State.ACCEPTED, last]


def test_asking_again_repeats_the_question_with_the_same_version(world):
    [jo] = world.ask(JO)
    with world.db.write() as session:
        remind(session, session.get_one(Invitation, jo), by="Farah", now=NOW + HOUR)
    assert [x.sequence for x in world.letters(kind="invitation")] == [0, 0]
    world.answer(jo, YES, after=2 * HOUR)
    with pytest.raises(Refusal), world.db.write() as session:
        remind(session, session.get_one(Invitation, jo), by="Farah", now=NOW + 3 * HOUR)


def test_forty_answers_at_once_never_oversell_three_seats(world):
    guests = [Guest(f"Guest {n}", f"guest{n}@example.org") for n in range(40)]
    ids = world.ask(*guests)
    outcomes, gate = [], threading.Barrier(8)

    def some(mine):
        gate.wait()
        for one in mine:
            outcomes.append(world.answer(one, YES, via=Via.PAGE))

    threads = [threading.Thread(target=some, args=(ids[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [type(o) for o in outcomes] == [Changed] * 40
    assert Counter(world.states(*ids)) == {State.ACCEPTED: 3, State.WAITING: 37}
    assert taken(world) == 3


def test_seats_freed_at_once_go_to_different_people(world):
    ids = world.ask(JO, ANA, BASHIR, CARYS, DEWI, EKOW)
    for n, one in enumerate(ids):
        world.answer(one, YES, after=n * HOUR + HOUR)
    threads = [threading.Thread(target=world.answer, args=(i, NO), kwargs={"after": 9 * HOUR}) for i in ids[:2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert world.states(*ids[2:]) == [State.ACCEPTED, State.ACCEPTED, State.ACCEPTED, State.WAITING]
    assert sorted(x.to_address for x in world.letters(kind="seat-free")) == ["carys@example.org", "dewi@example.org"]


def test_somebody_withdrawn_can_be_asked_afresh_under_another_calendar_name(world):
    [jo] = world.ask(JO)
    before = world.invitation(jo)
    withdraw_one(world, jo)
    assert world.ask(JO, now=NOW + 6 * HOUR) == [jo]
    after = world.invitation(jo)
    assert after.state is State.INVITED
    assert after.uid != before.uid
    assert after.page_hash != before.page_hash


def calendar_of(letter) -> bytes:
    from roundtables.mail.message import read

    return read(letter.raw).calendars[0].data.replace(b"\r\n ", b"")
