"""Needs, wishes for the paper, and how somebody takes part, as they stand beside an answer."""

import pytest

from roundtables.mail import words
from roundtables.mail.words import Reading


def read(text: str) -> Reading:
    return words.read(text, invitee="Jo Bloggs", sender="Jo Bloggs")


NEEDS = {
    "Count me in. I'm coeliac.": "I'm coeliac.",
    "Yes, I'll be there, and I use a wheelchair.": "and I use a wheelchair.",
    "Yes please, count me in, no nuts, no eggs.": "no nuts, no eggs.",
    "I'll be there: I am vegan, and I am looking forward to hearing what everybody says.": "I am vegan",
    "Two things: I'm coeliac (properly, not fashionably) and I use a hearing loop, so could I sit inside it if there's "
    "one? I'll be there.": "I'm coeliac (properly, not fashionably) and I use a hearing loop",
    "I'll be there.": "",
    "Before I answer, is there a lift?": "",
}


@pytest.mark.parametrize(("text", "needs"), NEEDS.items(), ids=lambda each: each[:40])
def test_needs_are_their_words_and_no_more_than_the_clause(text, needs):
    assert read(text).needs == needs


WAYS = {
    "I'll join online.": "online",
    "I'll be there in person.": "room",
    "Happy to come. Online, if that's all right.": "online",
    "I can't come, in person or online.": "",
    "Before I answer: may I join by video?": "",
    "I'll be there.": "",
}


@pytest.mark.parametrize(("text", "mode"), WAYS.items(), ids=WAYS.keys())
def test_how_they_take_part(text, mode):
    assert read(text).mode == mode


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("I can't come. Please send me the notes.", True),
        ("I'll be there. I'd love a copy of the notes.", True),
        ("I can't come. Good luck with it.", False),
        ("Before I answer, could you send me a report?", False),
    ],
)
def test_who_wants_what_comes_of_it(text, wants):
    assert read(text).wants_writeup is wants
