"""Who sits where: each rule on its own, all of them at once, and thirty people in no time."""

import time
from dataclasses import replace
from random import Random

import pytest

from roundtables.attendance.seating_rules import (
    HARD,
    Place,
    Side,
    Somebody,
    apart,
    arrange,
    colleagues,
    cost,
    loop_seats,
    opposite,
)


def people(number, **more):
    """A chair, two hosts and `number` - 3 guests, each of an organisation and a field of their own."""
    crowd = [Somebody(1, "Chair", "Hosts", "H", chair=True), Somebody(2, "Host", "Ours", "H", host=True)]
    crowd += [Somebody(3, "Second host", "Theirs", "H", host=True)]
    crowd += [Somebody(n, f"Guest {n}", f"Council {n}", "LCVGR"[n % 5]) for n in range(4, number + 1)]
    return [replace(one, **more.get(f"p{one.id}", {})) for one in crowd]


def seat_of(plan, who):
    return next(seat for seat, place in enumerate(plan) if place.who == who)


def neighbours(plan, who):
    seat = seat_of(plan, who)
    return {plan[seat - 1].who, plan[(seat + 1) % len(plan)].who}


@pytest.mark.parametrize("number", [6, 7, 12, 16, 30])
def test_the_chair_sits_at_the_top_and_sees_the_speaker_across_the_table(number):
    plan = arrange(people(number, p5={"speaks": True}), loop=Side.RIGHT)
    assert plan[0].who == 1
    assert opposite(number, 0, seat_of(plan, 5))


@pytest.mark.parametrize("number", [6, 9, 16, 30])
def test_nobody_sits_beside_a_colleague(number):
    crowd = [replace(one, organisation="Tarn Council ") if one.id in (4, 5, 6) else one for one in people(number)]
    crowd = [replace(one, organisation="tarn  council") if one.id == 6 else one for one in crowd]
    plan = arrange(crowd, loop=Side.RIGHT)
    assert not any({4, 5, 6} & neighbours(plan, who) for who in (4, 5, 6))


@pytest.mark.parametrize("seed", range(8))
def test_colleagues_and_newcomers_of_any_crowd_find_their_places(seed):
    draw = Random(seed)
    crowd = people(15)
    new = draw.sample(range(4, 16), 4)
    where = {id: f"Organisation {n % 5}" for n, id in enumerate(draw.sample(range(4, 16), 12))}
    crowd = [
        replace(one, organisation=where.get(one.id, one.organisation), newcomer=one.id in new, field=draw.choice("LC"))
        for one in crowd
    ]
    plan, here = arrange(crowd, loop=Side.RIGHT), {one.id: one for one in crowd}
    assert not [n for n in range(15) if colleagues(here[plan[n].who], here[plan[n - 1].who])]
    assert all(neighbours(plan, who) & {1, 2, 3} for who in new)


@pytest.mark.parametrize("side", list(Side))
def test_who_needs_the_hearing_loop_sits_on_its_side(side):
    plan = arrange(people(16, p7={"loop": True}, p9={"loop": True}), loop=side)
    assert {seat_of(plan, 7), seat_of(plan, 9)} <= loop_seats(16, side)


def test_the_side_of_the_loop_is_the_side_that_is_drawn():
    assert {side: loop_seats(12, side) for side in Side} == {
        Side.TOP: {11, 0, 1, 2},
        Side.RIGHT: {1, 2, 3, 4},
        Side.BOTTOM: {4, 5, 6, 7},
        Side.LEFT: {7, 8, 9, 10},
    }


def test_more_people_who_need_the_loop_make_its_side_longer():
    assert len(loop_seats(12, Side.LEFT, needed=7)) == 7


def test_a_newcomer_sits_beside_a_host():
    plan = arrange(people(12, p6={"newcomer": True}, p8={"newcomer": True}), loop=Side.RIGHT)
    assert all(neighbours(plan, who) & {1, 2, 3} for who in (6, 8))


def test_fields_are_mixed():
    crowd = [Somebody(n, str(n), f"O{n}", "L" if n <= 4 else "C") for n in range(1, 9)]
    plan = arrange(crowd, loop=Side.RIGHT)
    fields = ["L" if place.who <= 4 else "C" for place in plan]
    assert all(fields[n] != fields[n - 1] for n in range(8))


def test_who_is_kept_stays_and_the_chair_can_be_kept_elsewhere():
    before = (Place(4), Place(5, kept=True), Place(6), Place(1, kept=True), *(Place(n) for n in (2, 3, 7, 8)))
    plan = arrange(people(8), loop=Side.RIGHT, before=before)
    assert (plan[1], plan[3]) == (Place(5, kept=True), Place(1, kept=True))
    assert sorted(place.who for place in plan) == list(range(1, 9))


def test_who_is_kept_in_a_seat_that_is_gone_is_seated_anew():
    before = tuple(Place(n, kept=n == 8) for n in range(1, 9))
    plan = arrange([one for one in people(8) if one.id in (1, 2, 8)], loop=Side.RIGHT, before=before)
    assert sorted(place.who for place in plan) == [1, 2, 8]
    assert not any(place.kept for place in plan)


def test_all_rules_at_once_are_kept_where_they_can_be():
    crowd = people(16, p5={"speaks": True}, p7={"loop": True}, p8={"newcomer": True}, p9={"newcomer": True})
    crowd = [replace(one, organisation="Tarn") if one.id in (10, 11, 12) else one for one in crowd]
    assert cost(arrange(crowd, loop=Side.LEFT), crowd, loop=Side.LEFT) < HARD


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_a_table_of_hardly_anybody_is_seated_too(number):
    plan = arrange(people(9)[:number], loop=Side.TOP)
    assert sorted(place.who for place in plan) == list(range(1, number + 1))


def test_the_same_people_in_another_order_get_the_same_seats():
    crowd = people(20, p5={"speaks": True}, p7={"newcomer": True})
    shuffled = Random(3).sample(crowd, len(crowd))
    assert arrange(shuffled, loop=Side.RIGHT) == arrange(crowd, loop=Side.RIGHT)


@pytest.mark.parametrize("organisations", [30, 10, 2])
def test_thirty_people_are_seated_in_a_tenth_of_a_second(organisations):
    draw = Random(7)
    crowd = [
        Somebody(n, str(n), f"O{draw.randrange(organisations)}", draw.choice("LCVG"), chair=n == 1, host=n < 4)
        for n in range(1, 31)
    ]
    crowd = [replace(one, newcomer=one.id % 3 == 0, loop=one.id in (8, 9), speaks=one.id == 5) for one in crowd]
    took = []
    for _ in range(3):
        began = time.process_time()
        arrange(crowd, loop=Side.RIGHT)
        took.append(time.process_time() - began)
    assert min(took) < 0.1


@pytest.mark.parametrize(("one", "other", "seats"), [(0, 1, 1), (0, 9, 1), (2, 7, 5), (3, 3, 0)])
def test_how_far_apart_two_seats_are(one, other, seats):
    assert apart(10, one, other) == seats


def test_people_without_an_organisation_are_nobodys_colleagues():
    assert not colleagues(Somebody(1, "A"), Somebody(2, "B"))
