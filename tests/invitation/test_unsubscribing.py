"""No more letters: by the page, by a mail program's one click, by mail; and what still goes."""

import re
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from roundtables.db import Db
from roundtables.errors import Refusal, Refusals
from roundtables.invitation import actions, gathering, intake, unsubscribing
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import history
from roundtables.invitation.rules import Answer, State
from roundtables.mail.inbox import Door, Outcome
from roundtables.mail.outbox import LetterState
from roundtables.mail.signature import Signer
from roundtables.mail.stationery import Stationery
from roundtables.person.model import Person
from roundtables.roundtable.actions import plan
from roundtables.tokens import Purpose, derive, hashed
from tests.web_client import csrf
from tests.world import ANA, JO, KINDNESS, NOW, SECRET, World

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
HOUR = timedelta(hours=1)


@pytest.fixture
def jo(world):
    [jo] = world.ask(JO)
    return jo


def token(world, invitation_id) -> str:
    return derive(SECRET, Purpose.UNSUBSCRIBE, world.invitation(invitation_id).nonce)


def has_left(world, invitation_id) -> bool:
    with world.db.read() as session:
        return unsubscribing.has_left(session, world.invitation(invitation_id))


def left_lines(world, invitation_id) -> list[str]:
    with world.db.read() as session:
        return [line.what for line in history(session, invitation_id) if "letters" in line.what]


def headers(raw: bytes) -> dict[str, str]:
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n ", " ")
    return {line.partition(":")[0]: line.partition(":")[2].strip() for line in head.split("\r\n")}


def leave(world, invitation_id) -> None:
    with world.db.write() as session:
        whom = session.get_one(Invitation, invitation_id)
        unsubscribing.leave(session, whom, how="on the page", by="them", now=NOW)


def test_looking_changes_nothing_and_says_from_whom_and_what_it_means(client, world, jo):
    page = client.get(at := f"/u/{token(world, jo)}")
    assert page.status_code == 200
    for words in ("Larkmoor Trust", "jo@example.org", "No more letters, please", "still tell you should it move"):
        assert words in page.text
    assert "set-cookie" not in page.headers
    assert page.headers["cache-control"] == "no-store"
    assert client.head(at).status_code == 200
    assert not has_left(world, jo)


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "Two-Clicks"}, {"_csrf": "0" * 64}, {"yes": "1"}])
def test_a_post_that_nobody_meant_changes_nothing(client, world, jo, body):
    answer = client.post(f"/u/{token(world, jo)}", data=body)
    assert answer.status_code == 422
    assert "Nothing has changed" in answer.text
    assert not has_left(world, jo)


@pytest.mark.parametrize("sent", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}])
def test_one_click_of_a_mail_program_is_enough(client, world, jo, sent):
    """RFC 8058 §3.1: no cookie, no redirect, url-encoded or multipart."""
    at = f"/u/{token(world, jo)}"
    first = client.post(at, follow_redirects=False, **sent)
    second = client.post(at, follow_redirects=False, **sent)
    assert [(a.status_code, "set-cookie" in a.headers) for a in (first, second)] == [(200, False)] * 2
    assert has_left(world, jo)
    assert left_lines(world, jo) == ["asked for no more letters, by their mail program"]


def test_a_person_presses_a_button_and_another_to_come_back(client, world, jo):
    at = f"/u/{token(world, jo)}"
    left = client.post(at, data={"_csrf": csrf(client.get(at).text)})
    assert "You get no more letters from Larkmoor Trust" in left.text
    assert has_left(world, jo)
    assert client.post(f"{at}/return", data=ONE_CLICK).status_code == 422
    assert has_left(world, jo)
    back = client.post(f"{at}/return", data={"_csrf": csrf(left.text)})
    assert "No more letters, please" in back.text
    assert not has_left(world, jo)
    assert left_lines(world, jo) == ["asked for no more letters, on the page", "wants letters again"]


def test_a_link_that_opens_nothing_says_so_and_the_token_of_one_is_not_anothers(client, world, jo):
    [ana] = world.ask(ANA)
    for wrong in ("x" * 26, world.page_token(jo), world.reply_token(jo)):
        assert client.get(f"/u/{wrong}").status_code == 404
        assert client.post(f"/u/{wrong}", data=ONE_CLICK).status_code == 404
    client.post(f"/u/{token(world, ana)}", data={"_csrf": csrf(client.get(f"/u/{token(world, jo)}").text)})
    assert (has_left(world, jo), has_left(world, ana)) == (False, False)


def test_another_site_cannot_post_it_through_somebodys_browser(client, world, jo):
    sent = client.post(f"/u/{token(world, jo)}", data=ONE_CLICK, headers={"origin": "https://evil.example"})
    assert sent.status_code == 403
    assert not has_left(world, jo)


def test_a_mail_to_the_address_for_leaving_does_the_same_once(world, jo):
    to = f"rsvp+u-{token(world, jo)}@localhost"
    raw = f"From: Jo <jo@example.org>\r\nTo: {to}\r\nMessage-ID: <1@example.org>\r\nSubject: unsubscribe\r\n\r\n"
    ends = []
    for n in range(2):
        mail = raw.replace("<1@", f"<{n}@").encode()
        sent = {"door": Door.LMTP, "now": NOW, "envelope_from": "jo@example.org", "envelope_to": [to]}
        ends.append(intake.receive(world.db, mail, **sent).outcome)
    assert ends == [Outcome.APPLIED, Outcome.IGNORED]
    assert has_left(world, jo)
    assert left_lines(world, jo) == ["asked for no more letters, by mail"]
    assert world.states(jo) == [State.INVITED]


def test_a_machine_that_answers_the_address_for_leaving_changes_nothing(world, jo):
    to = f"rsvp+u-{token(world, jo)}@localhost"
    raw = f"From: Jo <jo@example.org>\r\nTo: {to}\r\nSubject: Automatic reply: x\r\n\r\nBack on Monday.\r\n".encode()
    mail = intake.receive(world.db, raw, door=Door.LMTP, now=NOW, envelope_from="", envelope_to=[to])
    assert mail.outcome is Outcome.IGNORED
    assert not has_left(world, jo)


def test_somebody_who_left_is_neither_asked_nor_reminded_and_the_organiser_reads_why(world, jo):
    leave(world, jo)
    why = "Jo Bloggs asked for no more letters"
    with pytest.raises(Refusal, match=why), world.db.write() as session:
        actions.remind(session, session.get_one(Invitation, jo), by="Farah", now=NOW + HOUR)
    with world.db.write() as session:
        another = plan(session, world.convener_id, KINDNESS, now=NOW)
    with pytest.raises(Refusals) as refused, world.db.write() as session:
        actions.invite(session, another, [ANA, JO], by="Farah", now=NOW + HOUR)
    assert list(refused.value.errors) == ["guests.1.email"]
    assert refused.value.errors["guests.1.email"].startswith(why)


def test_a_draft_of_somebody_who_left_stays_a_draft_and_the_others_go(world):
    jo, ana = world.ask(JO, ANA, send=False)
    leave(world, jo)
    with world.db.write() as session:
        drafts = [session.get_one(Invitation, i) for i in (jo, ana)]
        assert actions.send_drafts(session, world.table(session), drafts, by="Farah", now=NOW + HOUR) == 1
    assert world.states(jo, ana) == [State.DRAFT, State.INVITED]
    assert left_lines(world, jo)[-1] == "not asked: Jo Bloggs asked for no more letters"


def test_letters_that_ask_and_have_not_left_are_taken_back(world, jo):
    leave(world, jo)
    assert [x.state for x in world.letters()] == [LetterState.CANCELLED]


def test_what_is_owed_still_goes_and_carries_no_way_to_leave(world, jo):
    world.answer(jo, Answer.ACCEPTED)
    leave(world, jo)
    with world.db.write() as session:
        gathering.cancel(session, world.table(session), by="Farah", now=NOW + HOUR)
    [letter] = world.letters(kind="cancellation")
    assert letter.state is LetterState.QUEUED
    assert "List-Unsubscribe" not in headers(letter.raw)


def test_invitations_and_reminders_carry_the_way_to_leave_unmangled(world, jo):
    with world.db.write() as session:
        actions.remind(session, session.get_one(Invitation, jo), by="Farah", now=NOW + HOUR)
    way = f"<http://127.0.0.1:8000/u/{token(world, jo)}>, <mailto:rsvp+u-{token(world, jo)}@localhost>"
    assert [headers(x.raw).get("List-Unsubscribe") for x in world.letters()] == [way, way]
    assert all(b"=?" not in line for x in world.letters() for line in x.raw.split(b"\r\n") if b"/u/" in line)


def test_over_https_it_is_one_click_and_signed(database_url):
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    office = Stationery(
        secret=SECRET,
        public_url="https://rt.example",
        mail_from="rt@rt.example",
        signer=Signer("rt.example", "s1", pem),
    )
    db = Db(database_url, info={"stationery": office})
    world = World(db)
    [jo] = world.ask(JO)
    sent = headers(world.letters()[0].raw)
    assert sent["List-Unsubscribe"].startswith(f"<https://rt.example/u/{token(world, jo)}>, <mailto:")
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    signed = re.search(r"h=([^;]+);", sent["DKIM-Signature"])
    assert signed is not None
    assert {"list-unsubscribe", "list-unsubscribe-post"} <= set(signed[1].replace(" ", "").split(":"))
    db.close()


def test_an_older_invitation_gets_its_address_with_the_next_letter(world, jo):
    with world.db.write() as session:
        invitation = session.get_one(Invitation, jo)
        invitation.unsubscribe_hash = None
        session.add(invitation)
    with world.db.write() as session:
        actions.remind(session, session.get_one(Invitation, jo), by="Farah", now=NOW + HOUR)
    assert world.invitation(jo).unsubscribe_hash == hashed(token(world, jo))


def test_it_holds_for_the_person_and_for_this_convener_alone(world, jo):
    leave(world, jo)
    with world.db.read() as session:
        person = session.get_one(Person, world.invitation(jo).person_id)
        assert (person.unsubscribed_at, person.convener_id) == (NOW, world.convener_id)
