"""The drawing with names: every name in its place, and none upon another."""

from itertools import pairwise

import pytest

from roundtables.attendance.plan_drawing import (
    COLUMN,
    LINE,
    Drawn,
    names_round_the_table,
    numbers_round_the_table,
    spots,
)
from roundtables.web.shapes import SeatState


@pytest.mark.parametrize("seats", [1, 2, 3, 6, 12, 17, 30, 34])
def test_no_two_names_touch(seats):
    for side in (-1, 1):
        heights = sorted(spot.name_y for spot in spots(seats) if spot.side == side)
        assert all(b - a >= LINE - 0.01 for a, b in pairwise(heights))
        assert all(-132 < height < 132 for height in heights)


def test_names_keep_the_order_of_their_seats_and_stand_on_their_side():
    right = [spot for spot in spots(16) if spot.side == 1]
    assert [spot.name_y for spot in right] == sorted(spot.name_y for spot in right)
    assert {spot.name_x for spot in right} == {COLUMN}


def test_what_people_wrote_is_text():
    drawn = [Drawn(1, "<script>alert(1)</script>", SeatState.COMING, 'L"><b>', chair=True)]
    art = names_round_the_table(drawn, label="<i>")
    assert "<script" not in art
    assert "<b>" not in art
    assert "<i>" not in art


def test_a_phone_has_numbers_and_no_names():
    drawn = [Drawn(1, "Jo Bloggs", SeatState.COMING), Drawn(2, "", SeatState.EMPTY)]
    assert "Jo Bloggs" in names_round_the_table(drawn, label="Table")
    assert "Jo Bloggs" not in numbers_round_the_table(drawn, label="Table")
    assert ">2</text>" in numbers_round_the_table(drawn, label="Table")
