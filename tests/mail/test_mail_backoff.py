from datetime import timedelta

import pytest

from roundtables.mail.backoff import ARCHIVE_PATIENCE, Again, GiveUp, after_doubt, next_attempt, own_jitter

BASE = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("attempt", "code", "expected"),
    [
        (1, 451, Again(timedelta(minutes=5))),
        (2, 421, Again(timedelta(minutes=10))),
        (3, None, Again(timedelta(minutes=20))),
        (6, 450, Again(timedelta(minutes=160))),
        (7, 450, Again(timedelta(hours=4))),
        (34, 450, Again(timedelta(hours=4))),
        (37, 450, GiveUp("it could not be delivered in 5 days")),
        (10**9, None, GiveUp("it could not be delivered in 5 days")),
        (1, 500, GiveUp("the server refused it for good (500)")),
        (1, 550, GiveUp("the server refused it for good (550)")),
        (9, 554, GiveUp("the server refused it for good (554)")),
    ],
)
def test_what_follows_an_attempt(attempt, code, expected):
    assert next_attempt(attempt, code, base=BASE) == expected


@pytest.mark.parametrize(
    ("attempt", "copied", "expected"),
    [
        (1, False, Again(timedelta(minutes=5))),
        (1, True, Again(ARCHIVE_PATIENCE)),
        (3, True, Again(timedelta(minutes=20))),
        (37, True, GiveUp("it could not be delivered in 5 days")),
    ],
)
def test_what_follows_a_doubt(attempt, copied, expected):
    assert after_doubt(attempt, base=BASE, copied=copied) == expected


def test_a_letter_has_a_jitter_of_its_own():
    assert [round(own_jitter(nonce), 2) for nonce in ("0000aa", "8000", "ffffbb")] == [-1, 0, 1]


def test_jitter_moves_a_pause_by_a_fifth():
    moved = [next_attempt(1, 451, base=BASE, jitter=jitter) for jitter in (-1, 0.5, 1)]
    assert moved == [Again(timedelta(minutes=m)) for m in (4, 5.5, 6)]


def test_all_pauses_together_end_after_five_days():
    pauses = []
    while isinstance(step := next_attempt(len(pauses) + 1, 451, base=BASE), Again):
        pauses.append(step.after)
    assert timedelta(days=5) <= sum(pauses, timedelta()) < timedelta(days=5, hours=4)


@pytest.mark.parametrize(("attempt", "base", "jitter"), [(0, BASE, 0), (1, timedelta(0), 0), (1, BASE, 1.1)])
def test_nonsense_is_refused(attempt, base, jitter):
    with pytest.raises(ValueError, match="an attempt counts from 1"):
        next_attempt(attempt, 451, base=base, jitter=jitter)
