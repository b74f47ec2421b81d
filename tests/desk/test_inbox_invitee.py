"""The invitee's page after an answer that was read from their words: what we understood, and the way back."""

import re

import pytest

from roundtables.invitation.answering import record_reply
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Reply, State, Via
from tests.desk.inbox_mails import NOW
from tests.world import ANA, JO

WORDS = {
    Answer.ACCEPTED: ("Count me in.", "We understood: you are coming on Thursday 1 July, from your words"),
    Answer.DECLINED: ("Sadly I can’t", "We understood: you cannot come, from your words"),
    Answer.TENTATIVE: ("Perhaps", "We understood: you are not sure yet, from your words"),
}


@pytest.fixture
def jo(world):
    return world.ask(JO, now=NOW)[0]


def says(world, invitation_id, answer, words, *, via=Via.MAIL, **beside):
    with world.db.write() as session:
        guest = session.get_one(Invitation, invitation_id)
        record_reply(session, guest, Reply(answer, NOW, via, comment=words), by=guest.name, now=NOW)
        for name, value in beside.items():
            setattr(guest, name, value)


def text(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize("answer", WORDS)
def test_it_says_what_was_understood_from_which_words_and_undoes_it(client, world, jo, answer):
    words, understood = WORDS[answer]
    at = f"/i/{world.page_token(jo)}"
    untouched = client.get(at).text
    says(world, jo, answer, words)
    page = client.get(at).text
    assert f"{understood} “ {words} ”" in text(page)
    assert f'<form method="post" action="{at}/undo">' in page
    assert "<script" not in page
    assert client.post(f"{at}/undo", follow_redirects=False).headers["location"] == at
    assert world.states(jo) == [State.INVITED]
    assert client.get(at).text == untouched


def test_looking_changes_nothing(client, world, jo):
    says(world, jo, Answer.ACCEPTED, "Count me in.")
    at = f"/i/{world.page_token(jo)}"
    for path in (at, f"{at}?answer=declined", f"{at}?answer=undo", f"{at}/undo", f"{at}/answer"):
        client.get(path)
        client.head(path)
        client.options(path)
    assert world.states(jo) == [State.ACCEPTED]


@pytest.mark.parametrize(
    ("via", "words", "expected"),
    [
        (Via.MAIL, "", "We have your yes, by mail."),
        (Via.CALENDAR, "Looking forward to it", "We have your yes, from your calendar."),
        (Via.PHONE, "sounded pleased", "We have your yes, by telephone."),
        (Via.PAGE, "", "We have your yes."),
    ],
)
def test_only_their_own_words_are_quoted_to_them(client, world, jo, via, words, expected):
    says(world, jo, Answer.ACCEPTED, words, via=via)
    page = text(client.get(f"/i/{world.page_token(jo)}").text)
    assert expected in page
    assert "from your words" not in page


def test_words_are_text_and_not_without_end(client, world, jo):
    says(world, jo, Answer.ACCEPTED, "<b>Yes</b>, " + "kind " * 500)
    page = client.get(f"/i/{world.page_token(jo)}").text
    assert "&lt;b&gt;Yes&lt;/b&gt;" in page
    assert len(page[page.index("We understood") : page.index("Not what you meant")]) < 600


def test_what_was_told_besides_and_who_told_it(client, world, jo):
    says(world, jo, Answer.ACCEPTED, "Yes, online.", mode="online", wants_writeup=True, provisional=True)
    page = text(client.get(f"/i/{world.page_token(jo)}").text)
    assert "You will join us online. You would like to see what comes of it, and you will." in page
    assert "Somebody answered in your name, from another address" in page


def test_a_bare_perhaps_is_asked_for_a_day_and_not_told_that_the_table_is_full(client, world, jo):
    says(world, jo, Answer.TENTATIVE, "Perhaps")
    page = text(client.get(f"/i/{world.page_token(jo)}").text)
    assert "Tell us the day by which you will know" in page
    assert "All the seats are taken" not in page


def test_nobody_undoes_the_answer_of_another(client, world, jo):
    ana = world.ask(ANA, now=NOW)[0]
    says(world, jo, Answer.ACCEPTED, "Count me in.")
    client.post(f"/i/{world.page_token(ana)}/undo")
    assert world.states(jo, ana) == [State.ACCEPTED, State.INVITED]
