"""What a need means for the room and the kitchen, and that no name is handed on with it."""

import pytest

from roundtables.attendance.scripts import not_printable
from roundtables.attendance.wants import counted, wants_loop, without_names


@pytest.mark.parametrize(
    ("words", "wants"),
    [
        ("I use a hearing loop.", True),
        ("Hearing-loop please", True),
        ("I have two hearing aids", True),
        ("Dolen glyw, os gwelwch yn dda", True),
        ("I am hard of hearing and lip-read", True),
        ("No hearing loop needed", False),
        ("I don’t need a hearing loop", False),
        ("Step-free way in", False),
        ("A loop of the park before lunch", False),
        ("", False),
    ],
)
def test_who_wants_the_hearing_loop(words, wants):
    assert wants_loop(words) is wants


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("Vegan (Jo Bloggs)", "Vegan (…)"),
        ("jo is coeliac, ring 020 7946 0018", "jo is coeliac, ring …"),
        ("Ask ana@example.net", "Ask …"),
        ("No nuts for Mr Okello's table", "No nuts for Mr …'s table"),
        ("No lamb\n  please", "No lamb please"),
        ("Ann Lamb eats no lamb", "… eats no lamb"),
        ("No fish, Open Door Kitchens knows me", "No fish, … knows me"),
        ("An open door, please", "An open door, please"),
    ],
)
def test_a_wish_without_names(words, left):
    assert without_names(words, ["Jo Bloggs", "Ann Lamb", "Dr Bashir Okello"], ["Open Door Kitchens"]) == left


def test_wishes_are_counted_once_each_the_commonest_first():
    assert counted(["Vegan", "vegan.", "", "No nuts", " . "]) == [("Vegan", 2), ("No nuts", 1)]


@pytest.mark.parametrize(
    ("name", "families", "odd"),
    [
        ("Zoë Ångström", set(), False),
        ("Ελένη Παπαδοπούλου", set(), False),
        ("Иван Петров", set(), False),
        ("דוד כהן", set(), False),
        ("محمد الأحمد", set(), False),
        ("王小明", set(), True),
        ("王小明", {"Noto Sans CJK SC"}, False),
        ("ᏣᎳᎩ", set(), True),
        ("O’Neil-D’Arcy 3", set(), False),
    ],
)
def test_a_name_without_a_font_is_noticed(name, families, odd):
    assert not_printable([name], families) == ([name] if odd else [])
