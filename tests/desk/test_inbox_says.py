"""Whatever a reading suggests, the inbox says it in plain words, and its one loud button does just that."""

import re
from datetime import datetime, timedelta

import pytest

from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, State
from roundtables.mail.inbox import Outcome
from tests.desk.inbox_mails import NOW, lay, letter, outcome
from tests.web_client import csrf
from tests.world import ANA, BASHIR, CARYS, JO, KINDNESS
from tests.world import NOW as BEGINNING

LATER = {
    "starts_at": (KINDNESS.starts_at + timedelta(days=7)).isoformat(),
    "ends_at": (KINDNESS.ends_at + timedelta(days=7)).isoformat(),
}
TOMASZ = {"name": "Tomasz Reed", "email": "tomasz.reed@example.org"}
CASES = {  # says: suggestion, title, words of the loud button, state and outcome after it, subjects written
    "accepted": ({"answer": "accepted"}, "Jo Bloggs: a yes, we think", "Put down a yes", State.ACCEPTED, []),
    "declined": ({"answer": "declined"}, "Jo Bloggs: a no, we think", "Put down a no", State.DECLINED, []),
    "tentative": (
        {"answer": "tentative"},
        "Jo Bloggs: not sure yet, we think",
        "Put down “not sure yet”",
        State.TENTATIVE,
        [],
    ),
    "deputy": (
        TOMASZ,
        "A deputy for Jo Bloggs",
        "Seat Tomasz Reed",
        State.DELEGATED,
        ["Invitation withdrawn: Whose job is it to be kind?, Thursday 1 July", "Will you join us on Thursday 1 July?"],
    ),
    "question": ({}, "Jo Bloggs asks something", "I have answered it", State.INVITED, []),
    "counter": (
        LATER,
        "Jo Bloggs proposes another time",
        "Keep the time, tell Jo Bloggs",
        State.INVITED,
        ["The time stays: Whose job is it to be kind?, Thursday 1 July"],
    ),
    "refresh": (
        {},
        "Jo Bloggs’s calendar asks for the newest version",
        "I have seen to it",
        State.INVITED,
        [],
    ),
    "forwarded": (TOMASZ, "Somebody answered Jo Bloggs’s invitation", "Leave it at that", State.INVITED, []),
    "assistant": (
        {"answer": "declined", "name": "Priya Nand", "email": "priya@example.org"},
        "Somebody writes for Jo Bloggs",
        "Put down a no",
        State.DECLINED,
        [],
    ),
    "unsubscribe": ({}, "Jo Bloggs wants no more mail", "Send no more letters", State.INVITED, []),
    "left": ({}, "Jo Bloggs has left", "Put down a no", State.DECLINED, []),
    "bounced": ({}, "Undeliverable: Jo Bloggs", "I have seen to it", State.INVITED, []),
    "refused": ({}, "Refused by the mail server of Jo Bloggs", "I have seen to it", State.INVITED, []),
    "complaint": ({}, "Jo Bloggs called a letter of ours spam", "I have seen it", State.INVITED, []),
    "challenge": ({}, "Jo Bloggs’s mail filter asks who we are", "I have seen to it", State.INVITED, []),
    "auto-reply": ({}, "Away: Jo Bloggs", "Leave it at that", State.INVITED, []),
    "unknown": ({}, "A mail from Jo Bloggs", "Set it aside", State.INVITED, []),
}
GO = re.compile(r'<form[^>]*action="([^"]+)"(?:(?!</form>).)*?<button class="go"(?:(?!</form>).)*?</form>', re.S)
FIELD = re.compile(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"')
BUTTON = re.compile(r'<button class="go" name="decision" value="([^"]+)">([^<]+)</button>')


@pytest.fixture
def jo(world):
    return world.ask(JO, now=NOW)[0]


def press_go(desk, page):
    """Sends the only loud button of the page with its form as it stands."""
    [found] = GO.finditer(page)
    form = dict(FIELD.findall(found[0]))
    [(form["decision"], words)] = BUTTON.findall(found[0])
    return words, desk.post(found[1], data=form, follow_redirects=False)


def decide(desk, mail, **form):
    form |= {"_csrf": csrf(desk.get("/desk/inbox").text)}
    return desk.post(f"/desk/inbox/{mail}/decision", data=form, follow_redirects=False)


@pytest.mark.parametrize("says", CASES)
def test_every_suggestion_has_its_title_and_a_button_that_does_what_it_says(desk, world, jo, says):
    suggestion, title, words, state, subjects = CASES[says]
    mail = lay(world, jo, suggestion={"says": says, **suggestion})
    page = desk.get("/desk/inbox").text
    assert f"<b>{title}</b>" in page
    assert f'<h2 id="mail">{title}</h2>' in page
    pressed, came = press_go(desk, page)
    assert (pressed, came.status_code, came.headers["location"]) == (words, 303, f"/desk/inbox?done={mail}")
    assert world.states(jo) == [state]
    is_aside = words in (
        "I have answered it",
        "I have seen to it",
        "I have seen it",
        "Leave it at that",
        "Set it aside",
    )
    assert outcome(world, mail) is (Outcome.IGNORED if is_aside else Outcome.APPLIED)
    written = [letter.subject for letter in world.letters() if letter.id > 1]
    assert sorted(one.partition(" Please")[0] for one in written) == sorted(subjects)


@pytest.mark.parametrize("says", CASES)
def test_what_will_go_out_is_named_before_and_is_what_goes_out(desk, world, jo, says):
    suggestion, _, _, _, subjects = CASES[says]
    lay(world, jo, suggestion={"says": says, **suggestion})
    page = desk.get("/desk/inbox").text
    for subject in subjects:
        assert f"“{subject}" in page
    press_go(desk, page)
    assert len(world.letters()) == 1 + len(subjects)


def test_a_table_may_move_to_the_time_that_was_proposed_and_says_whom_it_asks_again(desk, world, jo):
    world.ask(ANA, BASHIR, now=NOW)
    mail = lay(world, jo, suggestion={"says": "counter", **LATER})
    page = desk.get("/desk/inbox").text
    assert "Three people would be asked again" in page
    old, new = "Thursday 1 July 2027, 10.00 to 12.30 UK time", "Thursday 8 July 2027, 10.00 to 12.30 UK time"
    assert f"From {old} to {new}." in page
    assert decide(desk, mail, decision="accept-counter").status_code == 303
    with world.db.read() as session:
        assert world.table(session).starts_at == datetime.fromisoformat(LATER["starts_at"])


def test_a_proposal_without_a_time_can_only_be_declined_or_seen_to(desk, world, jo):
    mail = lay(world, jo, suggestion={"says": "counter"})
    page = desk.get("/desk/inbox").text
    assert 'value="accept-counter"' not in page
    assert f'href="/desk/roundtables/{world.table_id}/edit"' in page
    assert decide(desk, mail, decision="accept-counter").status_code == 422


def test_a_time_beyond_all_calendars_is_no_time(desk, world, jo):
    lay(world, jo, suggestion={"says": "counter", "starts_at": "9999-12-31T23:59:59+00:00"})
    assert 'value="accept-counter"' not in desk.get("/desk/inbox").text


def test_the_organisations_maximum_is_told_before_a_deputy_is_seated(desk, world, jo):
    with world.db.write() as session:
        world.table(session).max_per_organisation = 1
    carys = world.ask(CARYS, now=NOW)[0]
    with world.db.write() as session:
        guest = session.get_one(Invitation, carys)
        guest.organisation = "Northshire Council"
    world.answer(carys, Answer.ACCEPTED)
    mail = lay(world, jo, suggestion={"says": "deputy", **TOMASZ})
    page = desk.get("/desk/inbox").text
    assert "One of Northshire Council is coming already, and the table takes one." in page
    assert decide(desk, mail, decision="seat-deputy", **TOMASZ).status_code == 422


def test_a_seat_within_the_maximum_is_told_too(desk, world, jo):
    with world.db.write() as session:
        world.table(session).max_per_organisation = 2
    lay(world, jo, suggestion={"says": "deputy", **TOMASZ})
    assert "Northshire Council would have one seat of its two." in desk.get("/desk/inbox").text


def test_who_would_get_the_seat_is_named_before_a_no_is_put_down(desk, world):
    jo, ana, bashir, carys = world.ask(JO, ANA, BASHIR, CARYS, now=NOW)
    for number, one in enumerate((jo, ana, bashir, carys)):
        world.answer(one, Answer.ACCEPTED, after=NOW - BEGINNING + timedelta(minutes=number - 10))
    assert world.states(carys) == [State.WAITING]
    mail = lay(world, jo, suggestion={"answer": "declined"}, raw=letter("I may not make it."))
    page = desk.get("/desk/inbox").text
    assert "<b>Carys Pugh</b> “A seat is yours: Whose job is it to be kind?, Thursday 1 July”" in page
    assert decide(desk, mail, decision="apply", answer="declined").status_code == 303
    assert world.states(jo, carys) == [State.DECLINED, State.ACCEPTED]


def test_a_yes_without_a_free_seat_is_told_to_wait(desk, world):
    jo, ana, bashir, carys = world.ask(JO, ANA, BASHIR, CARYS, now=NOW)
    for one in (ana, bashir, carys):
        world.answer(one, Answer.ACCEPTED)
    lay(world, jo, suggestion={"answer": "accepted"})
    page = desk.get("/desk/inbox").text
    assert "“You are on the waiting list: Whose job is it to be kind?”" in page
    assert "they wait as number one" in page


def test_facts_stand_beside_as_small_tags(desk, world, jo):
    facts = {
        "back": "2027-06-07",
        "until": "2027-06-18",
        "mode": "online",
        "wants_writeup": True,
        "left": True,
        "language": "cy",
        "notes": ["two people would come"],
    }
    lay(world, jo, facts=facts)
    page = desk.get("/desk/inbox").text
    assert re.findall(r'<li class="tag">([^<]+)</li>', page) == [
        "Back on Monday 7 June",
        "Until Friday 18 June",
        "Online",
        "Would like the write-up",
        "Has left",
        "Written in Welsh",
        "Two people would come",
    ]


def test_an_answer_somebody_gave_in_the_invitees_name_is_tagged_provisional(desk, world, jo):
    world.answer(jo, Answer.ACCEPTED)
    with world.db.write() as session:
        session.get_one(Invitation, jo).provisional = True
    mail = lay(world, jo, outcome=Outcome.APPLIED, sender="pa@example.org", reason="calendar reply: accepted")
    assert "Provisional, via pa@example.org" in desk.get(f"/desk/inbox/{mail}").text


def test_facts_that_make_no_sense_are_not_told(desk, world, jo):
    lay(world, jo, facts={"back": "soon", "until": 7, "notes": "none", "language": "en"})
    assert 'class="tag"' not in desk.get("/desk/inbox").text


def test_a_mail_of_nobodys_can_only_be_set_aside(desk, world):
    mail = lay(world, None, sender="m.stowe@example.org", reason="a calendar reply of somebody who was not invited")
    page = desk.get("/desk/inbox").text
    assert "<b>Somebody we did not invite: m.stowe@example.org</b>" in page
    assert "Nothing about any guest or room has gone out in reply." in page
    words, _ = press_go(desk, page)
    assert (words, outcome(world, mail)) == ("Set it aside", Outcome.IGNORED)


def test_after_a_decision_the_page_says_what_was_done_and_offers_the_way_back(desk, world, jo):
    mail = lay(world, jo, suggestion={"answer": "accepted"})
    decide(desk, mail, decision="apply", answer="accepted")
    page = desk.get(f"/desk/inbox?done={mail}").text
    assert "Accepted, decided by Farah Lindqvist." in page
    assert "Undo brings back what stood before: asked, no answer yet." in page
    assert decide(desk, mail, decision="undo").headers["location"] == f"/desk/inbox/{mail}"
    assert world.states(jo) == [State.INVITED]
    assert "Undone by Farah Lindqvist." in desk.get(f"/desk/inbox/{mail}").text


def test_undoing_a_seated_deputy_says_what_it_means_for_them(desk, world, jo):
    mail = lay(world, jo, suggestion={"says": "deputy", **TOMASZ})
    decide(desk, mail, decision="seat-deputy", **TOMASZ)
    page = desk.get(f"/desk/inbox/{mail}").text
    assert "Tomasz Reed, who has not answered yet, is told with thanks and loses the seat." in page
    assert decide(desk, mail, decision="undo").status_code == 303
    assert world.states(jo, jo + 1) == [State.INVITED, State.WITHDRAWN]
