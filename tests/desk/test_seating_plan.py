"""Who is drawn where, in tables: kinds and answers in, seats out. And the words beside the drawing."""

from datetime import UTC, datetime

import pytest

from roundtables.desk.opening import NextTable, Part, greeting_of_the_day, opening
from roundtables.errors import Refusal, Refusals
from roundtables.invitation.actions import Guest
from roundtables.invitation.guest_reading import read_line
from roundtables.invitation.rules import State
from roundtables.invitation.seating_plan import (
    Sitter,
    drawn_as,
    gauge_words,
    middle_words,
    seating,
    seats_of,
    states_of,
    taken,
)
from roundtables.roundtable.reading import kind_lines, read_kinds
from roundtables.web.shapes import SeatState

LETTERS = {"y": "yes", "d": "deputy", "m": "maybe", "a": "asked", "n": "no", "e": "empty"}
SHAPES = {letter: SeatState(value) for letter, value in LETTERS.items()}
NAMES = {state: letter for letter, state in SHAPES.items()}


def sitter(text, *, place=0):
    """ "Ly" is a yes of local government; a capital shape ("LA") holds its seat."""
    kind, shape = text[0], text[1]
    holds = shape in "ydm" or shape.isupper()
    return Sitter(kind, SHAPES[shape.lower()], holds, ref=f"{text}{place}")


def drawn(kinds, people, total):
    groups = seating(kinds, [sitter(p, place=n) for n, p in enumerate(people.split())], total=total)
    return " ".join(f"{group.key}:{''.join(NAMES[state] for state in group.states)}" for group in groups)


TWO = [("L", "Local government", 2), ("C", "Health and care", 1)]


@pytest.mark.parametrize(
    ("kinds", "people", "total", "expected"),
    [
        (TWO, "", 3, "L:ee C:e"),
        (TWO, "Ly", 3, "L:ye C:e"),
        (TWO, "La Ly Lm Cd", 4, "L:yma C:d"),
        (TWO, "Ln", 3, "L:ne C:e"),
        (TWO, "Ln Ly La", 3, "L:ya C:e"),
        (TWO, "La La La", 3, "L:aa C:e"),
        (TWO, "La La La", 5, "L:aaa C:e O:e"),
        (TWO, "Ly Ly Ly", 3, "L:yyy"),
        (TWO, "Ly Ly Ly Ca", 3, "L:yyy"),
        (TWO, "Ly LA La La", 3, "L:ya C:e"),
        (TWO, "Xy", 4, "L:ee C:e O:y"),
        (TWO, "Xy", 3, "L:ee O:y"),
        ([], "Xy Xa", 4, "O:yaee"),
        (TWO, "", 2, "L:ee"),
        ([("O", "Anybody", 2)], "Xy Oa", 2, "O:ya"),
        (TWO, "Ly Ly Ly Cy", 3, "L:yyy C:y"),
    ],
    ids=[
        "nobody asked",
        "one comes",
        "coming first, then maybe, then asked",
        "a no shows until it is filled",
        "a no that was filled is gone",
        "more asked than meant",
        "more asked than meant, and spare seats",
        "more come than meant: another kind gives way",
        "those without a seat are not drawn",
        "a seat held is drawn first",
        "a kind nobody planned",
        "a kind nobody planned, no spare seat",
        "no kinds at all",
        "fewer seats than targets",
        "the convener's own other",
        "more seats held than there are",
    ],
)
def test_seats_are_made_from_kinds_and_answers(kinds, people, total, expected):
    assert drawn(kinds, people, total) == expected


def test_the_chair_sits_first_whatever_they_answered():
    chair = Sitter("L", SeatState.ASKED, ref="chair", chair=True)
    [group, _] = seating(TWO, [sitter("Ly"), sitter("Ly"), chair], total=4)
    assert [seat.ref for seat in group.seats] == ["chair", "Ly0", "Ly0"]


@pytest.mark.parametrize(
    ("state", "deputy", "expected"),
    [
        (State.ACCEPTED, False, SeatState.COMING),
        (State.ACCEPTED, True, SeatState.DEPUTY),
        (State.INVITED, True, SeatState.ASKED),
        (State.TENTATIVE, False, SeatState.MAYBE),
        (State.DECLINED, False, SeatState.DECLINED),
        *((state, False, None) for state in (State.DRAFT, State.WAITING, State.DELEGATED)),
        *((state, False, None) for state in (State.WITHDRAWN, State.LAPSED)),
    ],
)
def test_an_invitation_has_a_shape_or_no_seat(state, deputy, expected):
    assert drawn_as(state, deputy=deputy) == expected


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ("", "0 of 2. Two seats to fill"),
        ("Ly Ly", "2 of 2. Full"),
        ("Ly Ld", "2 of 2, one of them a deputy. Full"),
        ("Ld Ld", "2 of 2, two of them deputies. Full"),
        ("Ly Lm", "1 of 2, 1 maybe"),
        ("Ly La", "1 of 2. 1 asked"),
        ("La Ln", "0 of 2. 1 asked. One seat to fill"),
    ],
)
def test_a_gauge_in_words(people, words):
    groups = seating(TWO[:1], [sitter(p) for p in people.split()], total=2)
    assert [gauge_words(group) for group in groups] == [words]


@pytest.mark.parametrize(
    ("people", "count", "words"),
    [("Ly Cd", 2, ["1 to fill"]), ("Ly Lm Ca", 1, ["1 maybe, 1 to answer"]), ("Ly Ly Cy", 3, [])],
)
def test_what_stands_in_the_middle_of_the_table(people, count, words):
    groups = seating(TWO, [sitter(p) for p in people.split()], total=3)
    assert (taken(groups), middle_words(groups), len(seats_of(groups))) == (count, words, 3)


def test_a_glyph_is_never_larger_than_its_table():
    counts = {State.INVITED: 9, State.ACCEPTED: 1, State.DRAFT: 3, State.DECLINED: 2}
    assert [NAMES[s] for s in states_of(counts, total=3)] == ["y", "a", "a"]
    assert [NAMES[s] for s in states_of({State.DECLINED: 2}, total=2)] == ["e", "e"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Local government 5", "L: Local government 5"),
        ("Health and care: 3\nHosts and chair 2", "C: Health and care 3\nH: Hosts and chair 2"),
        ("x: Readers 12", "X: Readers 12"),
        ("Lawyers 1\nLecturers 2", "L: Lawyers 1\nE: Lecturers 2"),
        ("Other 2", "T: Other 2"),
        ("学者 2", "A: 学者 2"),
    ],
)
def test_kinds_of_seat_are_read_a_line_each(text, expected):
    assert kind_lines(read_kinds(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["Research", "5", "Research -1", "A: One 1\nA: Two 2", "\n".join(f"Kind {'abc'[n % 3]}{n} 1" for n in range(13))],
)
def test_kinds_that_cannot_be_read_are_refused(text):
    with pytest.raises(Refusals) as refused:
        read_kinds(text)
    assert list(refused.value.errors) == ["seat_kinds"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Jo Bloggs <jo@example.org>", Guest("Jo Bloggs", "jo@example.org")),
        ('"Bloggs, Jo" <jo@example.org>', Guest("Bloggs, Jo", "jo@example.org")),
        ("Jo <jo@example.org>, Chair, Trust, L", Guest("Jo", "jo@example.org", "Chair", "Trust", seat_kind="L")),
        ("Jo <jo@example.org>\tChair, acting\tTrust", Guest("Jo", "jo@example.org", "Chair, acting", "Trust")),
        ("Jo, jo@example.org, Chair", Guest("Jo", "jo@example.org", "Chair")),
        ("Jo\tjo@example.org\tChair\tTrust\tL", Guest("Jo", "jo@example.org", "Chair", "Trust", seat_kind="L")),
    ],
)
def test_a_pasted_line_is_a_guest(line, expected):
    assert read_line(line) == expected


@pytest.mark.parametrize("line", ["Jo Bloggs", "<jo@example.org>", "Jo, Chair", "J" * 1000 + " <jo@example.org>"])
def test_a_line_without_a_name_or_an_address_is_refused(line):
    with pytest.raises(Refusal):
        read_line(line)


@pytest.mark.parametrize(
    ("hour", "words"),
    [(3, "evening"), (4, "morning"), (11, "morning"), (12, "afternoon"), (17, "afternoon"), (18, "evening")],
)
def test_the_desk_greets_by_the_clock(hour, words):
    assert (
        greeting_of_the_day("Farah", datetime(2027, 1, 5, hour, tzinfo=UTC), "Europe/London") == f"Good {words}, Farah."
    )


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (0, "hours left"),
        (1, "one day left"),
        (13, "13 days left"),
        (20, "three weeks left"),
        (100, "three months left"),
    ],
)
def test_the_opening_ends_with_the_next_table(days, left):
    said = opening(replies=1, deputies=0, letters=2, next_table=NextTable("Kind?", "/t", 0, days))
    assert said == [
        Part("one reply", "/desk/inbox", " needs you"),
        Part("two letters", "/desk/outbox", " are waiting to go"),
        Part("“Kind?”", "/t", f" is still empty with {left.replace('13', 'thirteen')}"),
    ]


def test_the_chair_is_drawn_before_others_who_were_asked():
    chair = Sitter("C", SeatState.ASKED, ref="chair", chair=True)
    [_, group] = seating(TWO, [sitter("Ca"), sitter("Ca"), chair], total=3)
    assert [seat.ref for seat in group.seats] == ["chair"]
