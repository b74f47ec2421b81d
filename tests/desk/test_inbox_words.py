"""What the inbox says, as a table: titles, thoughts, buttons and reasons, without a page around them."""

import pytest

from roundtables.desk.inbox_words import Button, main_button, moment, other_buttons, thought, title, why_it_waits

ASIDE = Button("set-aside", "", "None of these: set it aside")
YES = Button("apply", "accepted", "Put down a yes")
NO = Button("apply", "declined", "Put down a no")
MAYBE = Button("apply", "tentative", "Put down “not sure yet”")


@pytest.mark.parametrize(
    ("hint", "guest", "expected"),
    [
        (None, "Jo", "A mail from Jo"),
        ({"says": "something new"}, "Jo", "A mail from Jo"),
        ({"answer": "accepted"}, "Jo", "Jo: a yes, we think"),
        ({"says": "left", "answer": "declined"}, "Jo", "Jo has left"),
        ({"says": "deputy"}, "", "Somebody we did not invite: a@b.example"),
    ],
)
def test_a_title_says_what_is_to_be_decided(hint, guest, expected):
    assert title(hint, guest, sender="a@b.example") == expected


@pytest.mark.parametrize(
    ("hint", "guest", "deputy", "expected"),
    [
        ({"says": "deputy"}, "Jo", "Tomasz", "We think: seat Tomasz for Jo"),
        ({"says": "deputy"}, "Jo", "", "We think: a deputy for Jo"),
        ({"says": "tentative", "answer": "tentative"}, "Jo", "", "We think: not sure yet from Jo"),
        ({"says": "unknown"}, "Jo", "", "We are not sure what to make of it"),
        ({"says": "bounced"}, "", "", "We are not sure what to make of it"),
    ],
)
def test_a_headline_says_what_we_think(hint, guest, deputy, expected):
    assert thought(hint, guest, deputy) == expected


@pytest.mark.parametrize(
    ("hint", "guest", "others"),
    [
        ({"answer": "accepted"}, "Jo", [NO, MAYBE, ASIDE]),
        ({"says": "question"}, "Jo", [YES, NO, MAYBE]),
        (
            {"says": "counter", "starts_at": "2027-07-08T09:00:00+00:00"},
            "Jo",
            [Button("accept-counter", "", "Move the table"), YES, NO, MAYBE, ASIDE],
        ),
        ({"says": "counter", "starts_at": "2027-07-08T09:00:00"}, "Jo", [YES, NO, MAYBE, ASIDE]),
        ({"says": "counter", "starts_at": "9999-12-31T00:00:00+00:00"}, "Jo", [YES, NO, MAYBE, ASIDE]),
        ({"answer": "accepted"}, "", []),
    ],
)
def test_what_may_be_done_instead(hint, guest, others):
    assert other_buttons(main_button(hint, guest), hint, guest) == others


@pytest.mark.parametrize(
    ("reason", "hint", "expected"),
    [
        ("", None, ""),
        ("Priya answers, not Jo", None, "It was not applied by itself: Priya answers, not Jo."),
        ("undone by Farah", None, "Undone by Farah."),
        ("a letter came back", {"says": "bounced"}, "A letter came back."),
    ],
)
def test_why_a_mail_waits_is_a_sentence(reason, hint, expected):
    assert why_it_waits(reason, hint) == expected


@pytest.mark.parametrize("value", [None, "", "soon", "2027-07-08", "2027-07-08T09:00:00", "0001-01-01T00:00:00+00:00"])
def test_what_is_no_moment_of_ours_is_none(value):
    assert moment(value) is None
