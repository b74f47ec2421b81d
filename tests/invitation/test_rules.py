"""What an answer changes: a table of standings and replies."""

from datetime import UTC, date, datetime, timedelta

import pytest

from roundtables.invitation.rules import Answer, Changed, Ignored, NeedsHuman, Reply, Standing, State, Via, on_reply
from roundtables.invitation.seats import Seated, Waiting, next_waiting, seat

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
ASKED = NOON - timedelta(days=3)
STARTS = datetime(2027, 7, 1, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def standing(state=State.INVITED, *, sequence=2, reset=2, **more) -> Standing:
    return Standing(state, sequence, reset, STARTS, ASKED, **more)


def held(answer=Answer.ACCEPTED, *, at=NOON, sequence=2, **more) -> Standing:
    state = {Answer.ACCEPTED: State.ACCEPTED, Answer.DECLINED: State.DECLINED, Answer.TENTATIVE: State.TENTATIVE}
    return standing(state[answer], answer=answer, reply_sequence=sequence, reply_stamp=at, **more)


def reply(answer=Answer.ACCEPTED, *, at=NOON, stamp=None, sequence=None, starts=None, **more) -> Reply:
    return Reply(answer, at, Via.CALENDAR, sequence=sequence, stamp=stamp, starts_at=starts, **more)


def changed(to=Answer.ACCEPTED, *, sequence=2, stamp=NOON, note="", provisional=False) -> Changed:
    return Changed(to, sequence, stamp, note, provisional)


CASES = {
    "a first yes": (standing(), reply(), changed()),
    "a first no": (standing(), reply(Answer.DECLINED), changed(Answer.DECLINED)),
    "a change of mind": (held(at=NOON - MINUTE), reply(Answer.DECLINED), changed(Answer.DECLINED)),
    "said earlier, arrived later": (
        held(at=NOON),
        reply(Answer.DECLINED, at=NOON + MINUTE, stamp=NOON - MINUTE, sequence=2),
        Ignored("we hold a newer answer"),
    ),
    "the same mail twice": (held(at=NOON), reply(stamp=NOON, sequence=2), Ignored("we hold this very answer")),
    "the same stamp, another answer: what arrives last counts": (
        held(at=NOON),
        reply(Answer.DECLINED, at=NOON + MINUTE, stamp=NOON, sequence=2),
        changed(Answer.DECLINED, note="it bears the time of the answer before; what came last counts"),
    ),
    "the same stamp with a comment": (
        held(at=NOON),
        reply(stamp=NOON, sequence=2, comment="By train"),
        changed(),
    ),
    "an answer to the old date": (
        standing(),
        reply(sequence=1),
        NeedsHuman("it answers an earlier date of the roundtable", Answer.ACCEPTED),
    ),
    "an answer to a harmless older version": (standing(sequence=4), reply(sequence=3), changed(sequence=3)),
    "no version, our time": (standing(), reply(starts=STARTS), changed()),
    "no version, the old time": (
        standing(),
        reply(starts=STARTS - timedelta(days=7)),
        NeedsHuman("it answers an earlier date of the roundtable", Answer.ACCEPTED),
    ),
    "a version that is no version": (standing(), reply(sequence=-1), changed()),
    "a version from the future": (
        standing(),
        reply(sequence=7),
        changed(note="it names a later version than ours"),
    ),
    "a poisoned clock": (standing(), reply(stamp=datetime(2099, 1, 1, tzinfo=UTC), sequence=2**31), None),
    "our own stamp echoed": (standing(), reply(stamp=ASKED, sequence=2), changed()),
    "a clock a little ahead": (standing(), reply(stamp=NOON + 5 * MINUTE), changed(stamp=NOON + 5 * MINUTE)),
    "after the end": (
        standing(over="the roundtable is closed"),
        reply(),
        Ignored("answered after the end: the roundtable is closed"),
    ),
    "after the table was cancelled": (
        standing(over="the roundtable is cancelled", cancelled=True),
        reply(),
        Ignored("answered after cancellation"),
    ),
    "said by somebody for them": (standing(), reply(provisional=True), changed(provisional=True)),
    "said by somebody for them, as they said themselves": (
        held(at=NOON - MINUTE),
        reply(provisional=True),
        changed(),
    ),
    "another answer by somebody for them": (
        held(at=NOON - MINUTE),
        reply(Answer.DECLINED, provisional=True),
        changed(Answer.DECLINED, provisional=True),
    ),
    "the same again by themselves": (held(at=NOON - MINUTE, provisional=True), reply(), changed()),
    "the very same by themselves, at the very same time": (
        held(at=NOON, provisional=True),
        reply(stamp=NOON, sequence=2),
        changed(),
    ),
    "a yes after the invitation was withdrawn": (
        standing(State.WITHDRAWN),
        reply(),
        NeedsHuman("the invitation is withdrawn", Answer.ACCEPTED),
    ),
    "a no after the invitation was withdrawn": (
        standing(State.WITHDRAWN),
        reply(Answer.DECLINED),
        Ignored("the invitation is withdrawn"),
    ),
    "after a deputy was seated": (
        standing(State.DELEGATED),
        reply(),
        NeedsHuman("a deputy was seated in their place", Answer.ACCEPTED),
    ),
    "maybe until another date": (
        held(Answer.TENTATIVE, at=NOON, until=date(2027, 4, 1)),
        reply(Answer.TENTATIVE, stamp=NOON, sequence=2, until=date(2027, 4, 8)),
        changed(Answer.TENTATIVE),
    ),
}


@pytest.mark.parametrize(("standing", "reply", "expected"), CASES.values(), ids=CASES.keys())
def test_on_reply(standing, reply, expected):
    if expected is None:
        expected = changed(note="it names a later version than ours")
    assert on_reply(standing, reply) == expected


def test_after_a_poisoned_clock_the_next_genuine_answer_counts():
    poisoned = on_reply(standing(), reply(stamp=datetime(2099, 1, 1, tzinfo=UTC), sequence=2**31))
    assert isinstance(poisoned, Changed)
    after = held(at=poisoned.stamp, sequence=poisoned.sequence)
    genuine = reply(Answer.DECLINED, at=NOON + timedelta(days=1), stamp=NOON + timedelta(days=1), sequence=2)
    assert on_reply(after, genuine) == changed(Answer.DECLINED, stamp=NOON + timedelta(days=1))


@pytest.mark.parametrize(
    ("answer", "taken", "held", "expected"),
    [
        (Answer.ACCEPTED, 1, False, Seated(State.ACCEPTED, True)),
        (Answer.ACCEPTED, 2, False, Seated(State.WAITING, False)),
        (Answer.ACCEPTED, 2, True, Seated(State.ACCEPTED, True)),
        (Answer.ACCEPTED, 3, False, Seated(State.WAITING, False)),
        (Answer.TENTATIVE, 1, False, Seated(State.TENTATIVE, False)),
        (Answer.TENTATIVE, 2, True, Seated(State.TENTATIVE, False)),
        (Answer.DECLINED, 2, True, Seated(State.DECLINED, False)),
    ],
)
def test_who_gets_one_of_two_seats(answer, taken, held, expected):
    assert seat(answer, seats=2, taken=taken, held=held) == expected


@pytest.mark.parametrize(("taken", "held", "keeps"), [(1, False, True), (2, False, False), (2, True, True)])
def test_a_not_sure_with_a_date_keeps_a_free_seat_until_then(taken, held, keeps):
    expected = Seated(State.TENTATIVE, keeps)
    assert seat(Answer.TENTATIVE, seats=2, taken=taken, held=held, by_a_date=True) == expected


def test_whoever_waits_longest_is_seated_first():
    waiting = [Waiting(1, NOON + MINUTE), Waiting(2, NOON), Waiting(3, NOON)]
    assert [next_waiting(waiting, free=n) for n in (-1, 0, 1, 2, 5)] == [[], [], [2], [2, 3], [2, 3, 1]]
