"""The inbox at the desk: what needs a person, with the sentence that matters and one click to decide."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from roundtables.convener import actions as conveners
from roundtables.convener.model import Role
from roundtables.desk.inbox_reading import deputy_in
from roundtables.desk.inbox_text import Marked, marked
from roundtables.invitation import deputies, intake
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.mail.inbox import Door, IncomingMail, Outcome
from tests.desk.inbox_mails import lay
from tests.desk.test_outbox import queries_of
from tests.web_client import browser, csrf
from tests.world import ANA, BASHIR, JO

NOW = datetime.now(UTC)
OFFER = (
    "Dear Farah,\n\nJo is giving evidence that morning and cannot be in Leeds. "
    "Her deputy, Tomasz Reed, would be glad to come in her place.\nHe is at tomasz.reed@example.org.\n"
)


@pytest.fixture
def jo(world):
    return world.ask(JO, now=NOW)[0]


@pytest.fixture
def wrote(world, settings):
    """Delivers a mail to an invitee's own address and answers its id."""

    def write(invitation_id, words, *, sender="Jo Bloggs <jo@example.org>", subject="Re: Will you join us?"):
        mail = EmailMessage()
        mail["From"], mail["Subject"], mail["Date"] = sender, subject, NOW
        mail["To"] = to = f"rsvp+{world.reply_token(invitation_id)}@localhost"
        mail["Message-ID"] = f"<{abs(hash((words, sender)))}@example.org>"
        mail.set_content(words)
        raw = mail.as_bytes()
        return intake.receive(world.db, raw, door=Door.LMTP, now=NOW, envelope_from="x@y.example", envelope_to=[to]).id

    return write


@pytest.fixture
def neighbour(settings, db, world):
    with db.write() as session:
        other = conveners.found_convener(session, "Penhallow Forum", now=NOW)
        account = conveners.appoint(session, other, "ned@penhallow.example", role=Role.OWNER, now=NOW)
        token = conveners.sign_in_link(session, account, now=NOW)
    with browser(settings, db) as client:
        assert client.post(f"/sign-in/{token}", follow_redirects=False).status_code == 303
        yield client


def outcome(world, mail_id):
    with world.db.read() as session:
        return session.get_one(IncomingMail, mail_id).outcome


def decide(desk, at, **form):
    form |= {"_csrf": csrf(desk.get("/desk/inbox").text)}
    return desk.post(f"/desk/inbox/{at}/decision", data=form, follow_redirects=False)


def test_an_empty_inbox_puts_the_kettle_on(desk):
    assert "Every reply is understood. Put the kettle on." in desk.get("/desk/inbox").text


def test_the_mail_that_waits_is_open_with_its_sentence_marked(desk, world, jo, wrote):
    wrote(jo, OFFER)
    page = desk.get("/desk/inbox").text
    assert "<b>A deputy for Jo Bloggs</b>" in page
    assert "<mark>Her deputy, Tomasz Reed, would be glad to come in her place.</mark>" in page
    assert "We think: seat Tomasz Reed for Jo Bloggs" in page
    assert 'value="tomasz.reed@example.org"' in page


def test_a_mail_is_shown_as_text_and_nothing_of_it_is_alive(desk, world, jo, wrote):
    wrote(jo, "Perhaps <img src=x onerror=alert(1)> <b>bold</b>?", subject="<script>alert(1)</script>")
    page = desk.get("/desk/inbox").text
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x" in page


def test_one_click_seats_the_deputy(desk, world, jo, wrote):
    mail = wrote(jo, OFFER)
    came = decide(desk, mail, decision="seat-deputy", name="Tomasz Reed", email="tomasz.reed@example.org")
    assert came.headers["location"] == f"/desk/inbox?done={mail}"
    assert outcome(world, mail) is Outcome.APPLIED
    assert world.states(jo, jo + 1) == [State.DELEGATED, State.INVITED]


@pytest.mark.parametrize(
    ("answer", "state"),
    [("accepted", State.ACCEPTED), ("declined", State.DECLINED), ("tentative", State.TENTATIVE)],
)
def test_one_click_puts_an_answer_down_and_one_takes_it_back(desk, world, jo, wrote, answer, state):
    mail = wrote(jo, "I would love to, but I must leave at 11.")
    assert outcome(world, mail) is Outcome.NEEDS_HUMAN
    assert decide(desk, mail, decision="apply", answer=answer).status_code == 303
    assert world.states(jo) == [state]
    understood = desk.get("/desk/inbox?view=understood").text
    assert f'action="/desk/inbox/{mail}/decision"' in understood
    assert decide(desk, mail, decision="undo").status_code == 303
    assert world.states(jo) == [State.INVITED]
    assert outcome(world, mail) is Outcome.NEEDS_HUMAN


def test_what_is_set_aside_is_kept_and_may_be_read(desk, world, jo, wrote):
    mail = wrote(jo, "Who else is coming, and is there parking?")
    decide(desk, mail, decision="set-aside")
    assert outcome(world, mail) is Outcome.IGNORED
    assert "Who else is coming" in desk.get(f"/desk/inbox/{mail}").text
    assert "Set aside, 1" in desk.get("/desk/inbox").text


def test_the_sender_may_be_asked_as_a_further_guest(desk, world, jo, wrote):
    mail = wrote(jo, "Jo forwarded this to me, may I come?", sender="Sam Hill <sam@example.org>")
    page = desk.get(f"/desk/inbox/{mail}").text
    assert 'value="Sam Hill"' in page
    assert decide(desk, mail, decision="add-guest", name="Sam Hill", email="sam@example.org").status_code == 303
    assert [letter.to_address for letter in world.letters()] == ["jo@example.org", "sam@example.org"]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"decision": "seat-deputy", "name": "Tomasz", "email": "nowhere"}, "is not an e-mail address"),
        ({"decision": "apply", "answer": "perhaps"}, "Say which answer this is"),
        ({"decision": "undo"}, "This mail was not applied"),
        ({"decision": "burn"}, "One of: apply,"),
    ],
)
def test_a_refused_decision_changes_nothing_and_says_why(desk, world, jo, wrote, form, says):
    mail = wrote(jo, OFFER)
    refused = decide(desk, mail, **form)
    assert refused.status_code == 422
    assert says in refused.text
    assert outcome(world, mail) is Outcome.NEEDS_HUMAN
    assert world.states(jo) == [State.INVITED]


def test_a_deputy_without_an_address_cannot_be_seated(desk, world, jo):
    mail = lay(world, jo, suggestion={"says": "deputy", "name": "Tomasz Reed"})
    refused = decide(desk, mail, decision="seat-deputy", name="Tomasz Reed", email="")
    assert refused.status_code == 422
    assert "A deputy needs a name and an e-mail address." in refused.text
    assert 'value="Tomasz Reed"' in refused.text


def test_mail_understood_lately_stands_beside_with_a_way_back(desk, world, jo, wrote):
    wrote(jo, "Count me in, thank you.")
    page = desk.get("/desk/inbox?view=understood").text
    assert "<b><bdi>Jo Bloggs</bdi></b> is coming: <mark>“<bdi>Count me in" in page
    assert "Understood, 1" in page


def test_mail_that_cannot_be_read_is_shown_as_damage(desk, world, jo):
    to = [f"rsvp+{world.reply_token(jo)}@localhost"]
    raw = b"From: jo@example.org\r\nX: " + b"y" * 70_000 + b"\r\n\r\nyes"
    mail = intake.receive(world.db, raw, door=Door.LMTP, now=NOW, envelope_to=to)
    assert mail.outcome is Outcome.QUARANTINED
    assert "This mail cannot be shown: " in desk.get(f"/desk/inbox/{mail.id}").text
    assert "in quarantine" in desk.get("/desk/inbox?view=set-aside").text


def propose(world, invitation_id):
    with world.db.write() as session:
        guest = session.get_one(Invitation, invitation_id)
        deputies.propose(
            session, guest, name="Tomasz Reed", email="t@example.org", comment="My deputy.", by="Jo", now=NOW
        )


def test_a_deputy_proposed_on_the_page_waits_here_too(desk, world, jo):
    propose(world, jo)
    assert f'href="/desk/inbox/deputies/{jo}#open"' in desk.get("/desk/inbox").text
    page = desk.get(f"/desk/inbox/deputies/{jo}").text
    assert "Jo Bloggs offers a deputy" in page
    assert "My deputy." in page


@pytest.mark.parametrize(("decision", "state"), [("seat-deputy", State.DELEGATED), ("thank-deputy", State.INVITED)])
def test_that_deputy_gets_a_yes_or_a_polite_no(desk, world, jo, decision, state):
    propose(world, jo)
    form = {"decision": decision, "name": "Tomasz Reed", "email": "t@example.org"}
    assert decide(desk, f"deputies/{jo}", **form).status_code == 303
    assert world.states(jo) == [state]
    assert "Put the kettle on" in desk.get("/desk/inbox").text


def test_without_the_forms_token_nothing_is_decided(desk, world, jo, wrote):
    mail = wrote(jo, OFFER)
    propose(world, jo)
    assert desk.post(f"/desk/inbox/{mail}/decision", data={"decision": "set-aside"}).status_code == 403
    assert desk.post(f"/desk/inbox/deputies/{jo}/decision", data={"decision": "thank-deputy"}).status_code == 403
    assert outcome(world, mail) is Outcome.NEEDS_HUMAN


def test_another_convener_sees_none_of_it(neighbour, world, jo, wrote):
    mail = wrote(jo, OFFER)
    propose(world, jo)
    page = neighbour.get("/desk/inbox").text
    assert "Jo Bloggs" not in page
    token = csrf(page)
    for at in (f"/desk/inbox/{mail}", f"/desk/inbox/deputies/{jo}"):
        assert neighbour.get(at).status_code == 404
        sent = neighbour.post(f"{at}/decision", data={"_csrf": token, "decision": "set-aside"})
        assert sent.status_code == 404
    assert outcome(world, mail) is Outcome.NEEDS_HUMAN


def test_the_number_of_queries_does_not_grow_with_the_mails(desk, world, jo, wrote):
    wrote(jo, OFFER)
    few = queries_of(world, lambda: desk.get("/desk/inbox"))
    ana, bashir = world.ask(ANA, BASHIR, now=NOW)
    wrote(ana, "Possibly. Who else is coming?", sender="Ana Ruiz <ana@example.net>")
    wrote(bashir, "Count me in.", sender="Bashir Okello <bashir@example.com>")
    propose(world, ana)
    assert queries_of(world, lambda: desk.get("/desk/inbox")) == few


@pytest.mark.parametrize(
    ("text", "sentence", "expected"),
    [
        ("Dear all. I can\ncome. Bye", "I can come.", Marked("Dear all. ", "I can\ncome.", " Bye")),
        ("Dear all.", "I can come.", Marked("Dear all.", "", "")),
        ("Dear all.", "", Marked("Dear all.", "", "")),
        ("a (b)* [c]", "(b)* [c]", Marked("a ", "(b)* [c]", "")),
    ],
)
def test_a_sentence_is_found_whatever_its_white_space(text, sentence, expected):
    assert marked(text, sentence) == expected


@pytest.mark.parametrize(
    ("text", "sentence", "expected"),
    [
        (OFFER, "Her deputy, Tomasz Reed, would be glad to come.", ("Tomasz Reed", "tomasz.reed@example.org")),
        ("My deputy could come.", "My deputy could come.", ("", "")),
        ("Write to ada.lovelace@example.org.", "My deputy.", ("Ada Lovelace", "ada.lovelace@example.org")),
        ("From jo@example.org", "Kwame Mensah could come.", ("Kwame Mensah", "")),
        ("Jo Bloggs sends Amy Lee.", "Jo Bloggs sends Amy Lee.", ("Amy Lee", "")),
    ],
)
def test_who_may_come_instead_is_guessed_from_the_words(text, sentence, expected):
    assert deputy_in(text, sentence, [], without={"jo@example.org"}, sender="Jo Bloggs") == expected
