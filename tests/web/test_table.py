"""The drawing of the table, measured against its geometry rather than against stored pictures."""

import re
from itertools import pairwise
from math import asin, atan2, degrees, dist, hypot, isclose, radians, sin
from xml.etree import ElementTree

import pytest

from roundtables.web import table
from roundtables.web.table import Seat, SeatState, fold_kinds, invitee_table, organiser_table, public_table

PLAN = [("H", 2), ("L", 5), ("C", 3), ("V", 3), ("G", 2), ("R", 1)]
KINDS = "HLCVGRO"
SEAT_CLASSES = {"y", "m", "a", "e", "p", "n", "s0"}


def seats(count, kinds=6):
    """`count` seats in as many kinds as asked for, each with a row and a name."""
    letters = sorted((KINDS[i % kinds] for i in range(count)), key=KINDS.index)
    return [
        Seat(letter, SeatState.COMING, ref=f"g{i}", lines=(f"Guest {i}", "Chair", "A Trust"))
        for i, letter in enumerate(letters)
    ]


def draw(some):
    return organiser_table(some, label="Seats", taken=len(some), of=len(some))


def elements(drawing):
    return list(ElementTree.fromstring(str(drawing)).iter())


def circles(drawing, classes=SEAT_CLASSES):
    """(x, y, r) of each circle that has one of the classes."""
    return [
        tuple(float(one.get(key)) for key in ("cx", "cy", "r"))
        for one in elements(drawing)
        if one.tag == "circle" and one.get("class") in classes
    ]


def angle(x, y):
    return degrees(atan2(y, x)) % 360


def apart(one, other):
    return abs((one - other + 180) % 360 - 180)


@pytest.mark.parametrize("count", range(6, 31))
@pytest.mark.parametrize("kinds", [1, 2, 6])
def test_seats_stand_where_the_formula_puts_them(count, kinds):
    some = seats(count, kinds)
    step = 360 / (count + (0.62 * kinds if kinds > 1 else 0))
    chord = 2 * 78.5 * sin(radians(step / 2))
    found, place = circles(draw(some), {"y"}), 0.0
    for i, (x, y, r) in enumerate(found):
        place += 0 if i == 0 else step * (1.62 if some[i].kind != some[i - 1].kind else 1)
        assert isclose(hypot(x, y), 78.5, abs_tol=0.1)
        assert apart(angle(x, y), place - 90) < 0.1
        assert isclose(r, min(9.6, 0.4 * chord), abs_tol=0.051)
    assert len(found) == count


def test_the_first_seat_is_at_twelve_o_clock_and_the_chair_has_the_carver():
    some = [Seat("H", SeatState.COMING, chair=True), *seats(15)[1:]]
    assert circles(draw(some), {"y"})[0] == (0, -78.5, 9.6)
    arcs = [one.get("d") for one in elements(draw(some)) if one.get("class") == "k k-H"]
    spread = [degrees(asin(spans(arc) / 2 / 13.3)) for arc in arcs]
    assert isclose(spread[0], 1.7 * spread[1], rel_tol=0.06)


def spans(path):
    x1, y1, *_, x2, y2 = (float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", path))
    return dist((x1, y1), (x2, y2))


@pytest.mark.parametrize("count", [6, 16, 30])
def test_back_rests_are_as_wide_as_their_chord_allows(count):
    size = table.sizes(count, 6)
    chord = 2 * 78.5 * sin(radians(size.step / 2))
    assert size.back == pytest.approx(min(48, degrees(asin(min(1, 0.38 * chord / (size.radius + 3.7))))))
    arcs = [one.get("d") for one in elements(draw(seats(count))) if (one.get("class") or "").startswith("k ")]
    widest = 2 * (size.radius + 3.7) * sin(radians(size.back))
    assert [spans(arc) for arc in arcs] == pytest.approx([widest] * count, abs=0.25)


@pytest.mark.parametrize("count", range(6, 29))
def test_on_a_phone_hit_circles_are_24_pixels_apart_or_more(count):
    hits = circles(draw(seats(count, 7)), {"hit"})
    nearest = min(dist(a[:2], b[:2]) for a, b in pairwise([*hits, hits[0]]))
    assert nearest * 358 / 220 >= 24
    assert [r for *_, r in hits] == pytest.approx([table.sizes(count, min(count, 7)).radius + 3] * count, abs=0.06)


@pytest.mark.parametrize("own", [letter for letter, _ in PLAN])
def test_ones_own_seat_is_at_six_o_clock_with_a_shape_for_each_answer(own):
    drawing = invitee_table(PLAN, own, label="The table")
    assert circles(drawing, {"s0"}) == [(0, 78.5, 9.6)]
    assert len(circles(drawing, {"p"})) == 15
    mine = next(one for one in elements(drawing) if one.get("class") == "mine")
    assert [one.get("class") for one in mine] == [f"k k-{own}", "s0", "h s1", "d s2"]


def test_ones_own_seat_is_in_the_middle_of_its_kind_so_that_it_tells_no_order():
    arcs = [one.get("d") for one in elements(invitee_table(PLAN, "L", label="")) if one.get("class") == "k k-L"]
    starts = [float(arc[1:].split()[0]) for arc in arcs]
    assert [start > 9 for start in starts] == [True, True, True, False, False]


def test_an_invitee_of_a_kind_nobody_planned_has_no_seat_drawn_as_theirs():
    assert circles(invitee_table(PLAN, "X", label=""), {"s0"}) == []


@pytest.mark.parametrize(
    ("state", "classes"),
    [
        (SeatState.COMING, ["k k-L", "y"]),
        (SeatState.DEPUTY, ["k k-L", "y", "d"]),
        (SeatState.MAYBE, ["k k-L", "m", "h"]),
        (SeatState.ASKED, ["k k-L", "a"]),
        (SeatState.DECLINED, ["n", "n"]),
        (SeatState.EMPTY, ["k k-L", "e"]),
        (SeatState.UNSAID, ["k k-L", "p"]),
    ],
)
def test_each_state_has_a_shape_of_its_own(state, classes):
    assert [one.get("class") for one in elements(table.seat("L", state))] == ["seat", *classes]


def test_organisers_read_who_sits_where_and_the_count_in_the_middle():
    drawing = organiser_table(seats(6), label="Seats", taken=5, of=6, notes=["1 maybe", "none to fill"])
    links = [one for one in elements(drawing) if one.tag == "a"]
    assert [one.get("href") for one in links] == [f"#g{i}" for i in range(6)]
    assert links[0].get("aria-label") == "Guest 0, Chair, A Trust, coming"
    middle = next(one for one in elements(drawing) if one.get("class") == "mid")
    assert [one.text for one in middle] == ["5", "of 6 seats taken", "1 maybe", "none to fill"]


def test_a_long_name_is_shortened_in_the_middle_but_read_out_whole():
    name = "Bartholomew Featherstonehaugh-Cholmondeley"
    drawing = draw([Seat("L", SeatState.ASKED, ref="g", lines=(name,))])
    link = next(one for one in elements(drawing) if one.tag == "a")
    assert link.get("aria-label") == f"{name}, asked, no answer yet"
    assert [one.text for one in link.iter("text")] == ["Bartholomew Featherst…", "asked, no answer yet"]


HOSTILE = "\"><script>alert(1)</script>&'{{ 7*7 }}"


@pytest.mark.parametrize(
    "drawing",
    [
        organiser_table(
            [Seat(HOSTILE, SeatState.COMING, HOSTILE, (HOSTILE,))], label=HOSTILE, taken=1, of=1, notes=[HOSTILE]
        ),
        organiser_table(seats(31), label=HOSTILE, taken=31, of=31),
        invitee_table([(HOSTILE, 6)], HOSTILE, label=HOSTILE),
        public_table([(HOSTILE, 6)], label=HOSTILE, total=6),
        table.seat(HOSTILE, SeatState.MAYBE, HOSTILE),
        table.pips([SeatState.COMING], HOSTILE),
        table.glyph([SeatState.COMING], number=HOSTILE),
    ],
)
def test_hostile_words_stay_words(drawing):
    assert not [one for one in elements(drawing) if one.tag == "script"]
    assert "<script" not in drawing
    assert "style=" not in drawing


@pytest.mark.parametrize(
    ("kinds", "folded"),
    [
        ([("L", "Local", 5), ("C", "Care", 3)], [("L", "Local", 5), ("C", "Care", 3)]),
        (
            [("L", "Local", 5), ("G", "Government", 2), ("R", "Research", 1)],
            [("L", "Local", 5), ("O", "Other fields", 3)],
        ),
        ([("L", "Local", 5), ("C", "Care", 3), ("R", "Research", 1)], [("L", "Local", 5), ("O", "Other fields", 4)]),
        ([("L", "Local", 5), ("O", "Sundry", 4)], [("L", "Local", 5), ("O", "Other fields", 4)]),
        ([("R", "Research", 2)], [("O", "Other fields", 2)]),
        ([("L", "Local", 2), ("L", "Local", 2)], [("L", "Local", 4)]),
        ([("L", "Local", 4), ("C", "Care", 0)], [("L", "Local", 4)]),
        ([], []),
    ],
    ids=[
        "large enough",
        "small ones together",
        "a lone one takes the smallest along",
        "other stays other",
        "nothing but small",
        "named twice",
        "nobody of a kind",
        "nobody",
    ],
)
def test_kinds_with_fewer_than_three_people_are_not_told_apart(kinds, folded):
    assert fold_kinds(kinds) == folded


def test_the_public_drawing_is_full_or_dotted_and_holds_no_names_links_or_chair():
    drawing = public_table(PLAN, label="Sixteen seats", empty=1, total=17)
    shapes = {one.get("class") for one in elements(drawing) if one.tag in {"circle", "path"}}
    assert shapes == {"t", "y", "e", "k k-L", "k k-C", "k k-V", "k k-O"}
    assert (len(circles(drawing, {"y"})), len(circles(drawing, {"e"}))) == (16, 1)
    assert not [one for one in elements(drawing) if one.tag == "a" or one.get("id")]
    arcs = {round(spans(one.get("d")), 0) for one in elements(drawing) if (one.get("class") or "").startswith("k ")}
    assert len(arcs) == 1


def test_two_tables_of_the_same_plan_are_the_same_bytes_whoever_sat_there():
    """Small kinds may differ between the two worlds: nothing of them is to be seen."""
    here = public_table([("L", 5), ("C", 3), ("G", 2), ("R", 1)], label="x", empty=1, total=12)
    there = public_table([("L", 5), ("C", 3), ("V", 1), ("H", 2)], label="x", empty=1, total=12)
    assert here == there


def test_seats_the_public_is_told_nothing_about_are_other():
    drawing = public_table([("L", 5)], label="x", empty=2, total=12)
    letters = [one.text for one in elements(drawing) if one.tag == "text"]
    assert (letters, len(circles(drawing, {"y"})), len(circles(drawing, {"e"}))) == (["L", "O"], 10, 2)


@pytest.mark.parametrize(
    "drawing",
    [
        draw(seats(31)),
        invitee_table([("L", 31)], "L", label="Seats"),
        public_table([("L", 31)], label="Seats", total=31),
    ],
)
def test_above_thirty_seats_the_glyph_is_drawn(drawing):
    root = ElementTree.fromstring(str(drawing))
    assert (root.get("class"), root.get("aria-label")) == ("glyph", "Seats")
    assert len(circles(drawing, {"y", "p"})) == 31


@pytest.mark.parametrize("count", [0, 1, 2, 3, 400])
def test_odd_numbers_of_seats_do_not_break_a_drawing(count):
    states = [SeatState.ASKED] * count
    for drawing in (draw(seats(count)), table.glyph(states), table.planned_glyph(count), table.pips(states)):
        assert all(r > 0 for *_, r in circles(drawing, SEAT_CLASSES | {"z"}))


def test_the_glyph_reads_like_a_dial_from_twelve_o_clock():
    states = ["empty", "asked", "yes", "no", "maybe", "deputy"]
    drawing = table.glyph(states, number="2")
    shapes = [one.get("class") for one in elements(drawing)]
    assert shapes == ["glyph", "t", "num-in", "y", "y", "m", "h", "a", "z", "z"]
    assert circles(drawing, {"y"})[0] == (0, -15.8, 2.7)
    assert ElementTree.fromstring(str(drawing)).get("aria-hidden") == "true"


@pytest.mark.parametrize(("count", "radius"), [(6, 2.7), (14, 2.7), (16, 2.5), (30, 1.3)])
def test_the_glyphs_seats_shrink_as_they_grow_more(count, radius):
    assert {r for *_, r in circles(table.glyph(["yes"] * count), {"y"})} == {radius}


def test_pips_are_as_wide_as_their_seats():
    root = ElementTree.fromstring(str(table.pips(["yes", "asked"], "1 of 2")))
    assert (root.get("width"), root.get("viewBox"), root.get("aria-label")) == ("2.4em", "0 0 44 22", "1 of 2")


def test_the_mark_keeps_one_of_eight_seats_open():
    assert [len(circles(table.mark(), {one})) for one in ("y", "a")] == [7, 1]
    assert circles(table.mark(2), {"a"}) == [(14.6, 0, 3.2)]


def test_the_seat_kept_for_who_signs_in_is_the_nearest():
    assert circles(table.welcome_table([("V", 3), ("G", 3)]), {"e"}) == [(-78.5, 0, 9.6)]
    assert circles(table.welcome_table([])) == []


def test_before_the_day_every_seat_of_the_public_drawing_is_dotted():
    drawn = str(public_table([("L", 5), ("C", 4)], label="A table", total=9, to_come=True))
    assert (drawn.count('class="e"'), drawn.count('class="y"')) == (9, 0)
