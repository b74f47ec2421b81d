"""A plan that is kept, and people who cancel, send deputies or say yes late."""

import pytest

from roundtables.attendance.seating_changes import Known, brought_up_to_date, kept, swapped
from roundtables.attendance.seating_rules import Place, Side, Somebody
from roundtables.errors import Refusal

PLAN = (Place(1), Place(2, kept=True), Place(3), Place(4))
PEOPLE = {n: Somebody(n, name, f"Council {n}") for n, name in enumerate(["Moira", "Ann", "Ben", "Cai", "Dee"], start=1)}
KNOWN = {n: Known(one.name) for n, one in PEOPLE.items()} | {9: Known("Tom", principal=2)}


def now(*ids, plan=PLAN, more=()):
    return brought_up_to_date(plan, [*(PEOPLE[n] for n in ids), *more], KNOWN, loop=Side.RIGHT)


def test_a_plan_that_fits_is_left_alone():
    assert now(1, 2, 3, 4) == (PLAN, [])


def test_who_cancels_leaves_the_seat_free_and_nobody_is_moved():
    assert now(1, 2, 4) == (
        (Place(1), Place(2, kept=True), Place(None), Place(4)),
        ["Ben no longer comes; seat 3 is free."],
    )


def test_a_deputy_has_the_principals_seat_kept_or_not():
    deputy = Somebody(9, "Tom", "Council 2", principal=2)
    assert now(1, 3, 4, more=[deputy]) == (
        (Place(1), Place(9, kept=True), Place(3), Place(4)),
        ["Tom comes instead of Ann and has seat 2."],
    )


def test_a_principal_who_comes_after_all_has_the_deputys_seat():
    plan = (Place(1), Place(9), Place(3), Place(4))
    assert now(1, 2, 3, 4, plan=plan) == (
        (Place(1), Place(2), Place(3), Place(4)),
        ["Ann comes instead of Tom and has seat 2."],
    )


def test_who_says_yes_late_has_the_free_seat():
    plan = (Place(1), Place(None), Place(3), Place(4))
    assert now(1, 3, 4, 5, plan=plan) == (
        (Place(1), Place(5), Place(3), Place(4)),
        ["Dee comes now and has seat 2, which was free."],
    )


def test_who_comes_besides_has_a_chair_of_their_own():
    plan, told = now(1, 2, 3, 4, 5)
    assert [place.who for place in plan if place.who != 5] == [1, 2, 3, 4]
    assert told == [
        f"Dee comes now; a chair is added as seat {plan.index(Place(5)) + 1}, and those after it move on by one."
    ]


def test_two_who_swap_are_kept_where_they_are_now():
    assert swapped(PLAN, 0, 2) == (Place(3, kept=True), Place(2, kept=True), Place(1, kept=True), Place(4))


def test_one_can_move_to_a_free_seat():
    assert swapped((Place(1), Place(None)), 0, 1) == (Place(None), Place(1, kept=True))


@pytest.mark.parametrize(("one", "other"), [(0, 0), (0, 4), (-1, 2)])
def test_a_swap_that_is_none_is_refused(one, other):
    with pytest.raises(Refusal, match="two different seats"):
        swapped(PLAN, one, other)


def test_two_free_seats_are_not_swapped():
    with pytest.raises(Refusal, match="Nobody sits in either"):
        swapped((Place(None), Place(None)), 0, 1)


def test_somebody_is_kept_and_let_go_again():
    assert kept(PLAN, 1, keep=False)[1] == Place(2)
    assert kept(PLAN, 0, keep=True)[0] == Place(1, kept=True)


def test_nobody_cannot_be_kept():
    with pytest.raises(Refusal, match="Nobody sits"):
        kept((Place(None),), 0, keep=True)
