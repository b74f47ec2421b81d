"""What a calendar program writes beside an answer is told from what a person wrote."""

import pytest

from roundtables.mail.message import read
from roundtables.mail.program_words import is_all
from tests.mails import golden

TITLE = "Housing and health"


@pytest.mark.parametrize(
    "name",
    ["apple", "google", "sogo", "nextcloud", "proton", "open-xchange"],
)
def test_what_calendars_really_write_is_theirs(name):
    mail = read(golden(f"{name}-accepted" if name != "open-xchange" else "open-xchange-with-comment"))
    assert is_all(mail.text, answer="accepted", summary=TITLE)
    assert not is_all(mail.text, answer="declined", summary=TITLE)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "accepted"),
        ("Jo Bloggs has declined this invitation.", "declined"),
        (
            "Jo has replied “Maybe” to this invitation.\n\nHousing and health\nTuesday 1 Dec 2026\n10:00 - 11:30",
            "tentative",
        ),
        ("Ms Aoife O’Neill-Ward has tentatively accepted your event invitation.", "tentative"),
        ("Title: Housing and health", "accepted"),
    ],
)
def test_an_answer_with_nothing_else(text, answer):
    assert is_all(text, answer=answer, summary=TITLE)


@pytest.mark.parametrize(
    "text",
    [
        "Jo Bloggs has declined this invitation.",
        "Jo Bloggs has accepted this invitation.\nSorry, cannot come after all.",
        "Jo Bloggs has accepted this invitation but cannot come.",
        "My calendar, which I hate, has accepted this invitation.",
        "I wish I had not accepted",
        "accepted",
        "Sorry, no",
        "Tuesday 1 Dec 2026 does not work",
        "Jo Bloggs has accepted your invitation to Money and health",
    ],
)
def test_what_a_person_may_have_written_is_read(text):
    assert not is_all(text, answer="accepted", summary=TITLE)


def test_nothing_in_it_takes_long():
    for unit in ("accepted ", "1 ", "a ", "has accepted this invitation to ", "mon 1\n", "'"):
        is_all(unit * 20_000, answer="accepted", summary=unit * 1_000)
