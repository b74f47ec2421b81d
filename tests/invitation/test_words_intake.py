"""What a worded mail tells beside its answer, who may write it, and what is told back; through the real intake."""

import re
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from itertools import count

import pytest

from roundtables.attendance.actions import forget_needs
from roundtables.attendance.model import Needs
from roundtables.errors import Refusal
from roundtables.invitation import answering, intake
from roundtables.invitation.decisions import Decision, decide
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import history
from roundtables.invitation.rules import State
from roundtables.mail.inbox import Door, IncomingMail, Outcome
from roundtables.mail.message import read
from roundtables.mail.plain import from_html
from roundtables.person import actions as people
from roundtables.person.model import Person
from tests.invitation.test_deputies import seat
from tests.world import JO, NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEEDS = "I am coeliac and use a hearing loop."
PA = "Pat Reed <pat@example.org>"
NUMBERS = count(1)


@pytest.fixture
def jo(world):
    [jo] = world.ask(JO)
    return jo


def mail(world, jo, text, *, sender="Jo Bloggs <jo@example.org>", after=HOUR, extra="") -> IncomingMail:
    at = NOW + after
    head = [
        f"From: {sender}",
        f"To: rsvp+{world.reply_token(jo)}@localhost",
        f"Message-ID: <words-{next(NUMBERS)}@example.org>",
        f"Date: {at.strftime('%a, %d %b %Y %H:%M:%S')} +0000",
        "Subject: Re: Will you join us on Thursday 1 July?",
        *([extra] if extra else []),
        "Content-Type: text/plain; charset=utf-8",
        "",
    ]
    raw = "\r\n".join([*head, *text.splitlines(), ""]).encode()
    return intake.receive(world.db, raw, door=Door.LMTP, now=at, envelope_from="x@example.org")


def decided(world, row, decision, after=2 * HOUR, **said):
    with world.db.write() as session:
        decide(session, session.get_one(IncomingMail, row.id), decision, **said, by="Farah", now=NOW + after)
    with world.db.read() as session:
        return session.get_one(IncomingMail, row.id)


def needs_of(world, jo):
    with world.db.read() as session:
        found = session.get(Needs, jo)
        return found.note if found else ""


def lines(world, jo):
    with world.db.read() as session:
        return [(line.what, line.by) for line in history(session, jo)]


def told(world):
    [letter] = world.letters(kind="understood")
    return " ".join(read(letter.raw).text.split())


def knows_assistant(world, jo, address="pat@example.org"):
    with world.db.write() as session:
        session.get_one(Person, world.invitation(jo).person_id).assistant_email = address


def test_needs_inside_a_yes_go_to_their_own_place_and_nowhere_else(world, jo):
    row = mail(world, jo, f"Yes please, I will be there.\n\n{NEEDS}\n\nJo")
    assert (row.outcome, row.tells_needs) == (Outcome.APPLIED, True), row.reason
    assert "coeliac" in needs_of(world, jo)
    seen = [row.decides, row.reason, str(row.facts), str(row.suggestion), world.invitation(jo).comment]
    seen += [what for what, _ in lines(world, jo)]
    assert not [text for text in seen if "coeliac" in text or "loop" in text]
    assert ("told us what they need", "jo@example.org") in lines(world, jo)


def test_needs_in_the_very_sentence_that_decides_are_not_shown_either(world, jo):
    row = mail(world, jo, "I'll be there, but I am coeliac.")
    assert (row.outcome, row.tells_needs, needs_of(world, jo)) == (
        Outcome.APPLIED,
        True,
        "but I am coeliac.",
    ), row.reason
    assert "coeliac" not in row.decides + world.invitation(jo).comment
    assert "I'll be there" in told(world)
    assert "coeliac" not in told(world)


def test_the_confirmation_says_that_needs_were_noted_and_never_which(world, jo):
    mail(world, jo, f"Yes please, I will be there.\n\n{NEEDS}")
    assert "We noted what you need, for those who look after it." in told(world)
    [letter] = world.letters(kind="understood")
    assert b"coeliac" not in letter.raw


def test_needs_that_were_known_stay_and_the_same_twice_is_kept_once(world, jo):
    from roundtables.attendance.actions import record_needs

    with world.db.write() as session:
        guest = session.get_one(Invitation, jo)
        record_needs(session, guest, dietary="vegan", access="", note="arrives by taxi", now=NOW)
    for n in (1, 2):
        mail(world, jo, f"Yes please, I will be there.\n\n{NEEDS}", after=n * HOUR)
    with world.db.read() as session:
        kept = session.get_one(Needs, jo)
        assert (kept.dietary, kept.note.count("arrives by taxi"), kept.note.count("coeliac")) == ("vegan", 1, 1)


def test_two_weeks_after_the_day_needs_and_the_mail_that_told_them_are_gone(world, jo):
    row = mail(world, jo, f"Yes please, I will be there.\n\n{NEEDS}")
    plain = mail(world, jo, "Yes, I will be there.", after=3 * DAY)
    for at, gone in ((datetime(2027, 7, 14, tzinfo=UTC), False), (datetime(2027, 7, 15, 12, tzinfo=UTC), True)):
        with world.db.write() as session:
            forget_needs(session, now=at)
        with world.db.read() as session:
            kept = session.get_one(IncomingMail, row.id)
            assert (b"coeliac" not in kept.raw, needs_of(world, jo) == "") == (gone, gone)
    assert (kept.tells_needs, kept.decides, kept.digest) == (False, "", row.digest)
    left = read(kept.raw)
    assert (left.from_address, left.subject) == ("jo@example.org", "Re: Will you join us on Thursday 1 July?")
    assert left.message_id.startswith("words-")
    assert "deleted on Thursday 15 July 2027" in left.text
    with world.db.read() as session:
        assert session.get_one(IncomingMail, plain.id).raw == plain.raw


def test_an_unknown_person_s_word_about_needs_is_kept_only_once_an_organiser_believes_it(world, jo):
    row = mail(
        world, jo, f"Jo Bloggs will be there.\n\n{NEEDS.replace('I am', 'She is').replace('use', 'uses')}", sender=PA
    )
    assert row.outcome is Outcome.NEEDS_HUMAN
    assert needs_of(world, jo) == ""
    decided(world, row, Decision.APPLY, answer="accepted")
    assert ("coeliac" in needs_of(world, jo)) == row.tells_needs


FACTS = {
    "online": ("Yes, I will be there. I will join online.", {"mode": "online"}, "You will join us online."),
    "the write-up": (
        "Sorry, I cannot come. Please send me the write-up.",
        {"wants_writeup": True},
        "Thank you for telling us; we will send you what comes out of it.",
    ),
}


@pytest.mark.parametrize(("text", "facts", "words"), FACTS.values(), ids=FACTS.keys())
def test_what_stands_beside_an_answer_is_kept_told_and_undone_with_it(world, jo, text, facts, words):
    row = mail(world, jo, text)
    if row.outcome is Outcome.NEEDS_HUMAN:
        row = decided(world, row, Decision.APPLY)
    else:
        assert words in told(world)
    assert row.facts == facts
    guest = world.invitation(jo)
    assert {"mode": guest.mode, "wants_writeup": guest.wants_writeup} == {"mode": "", "wants_writeup": False} | facts
    with world.db.write() as session:
        answering.undo(session, session.get_one(Invitation, jo), by="Jo", now=NOW + 3 * HOUR)
    guest = world.invitation(jo)
    assert (guest.state, guest.mode, guest.wants_writeup) == (State.INVITED, "", False)


def test_a_not_sure_until_a_day_keeps_a_seat_until_that_day(world, jo):
    row = mail(world, jo, "I am not sure yet. I will let you know by 1 April.")
    if row.outcome is Outcome.NEEDS_HUMAN:
        row = decided(world, row, Decision.APPLY)
    guest = world.invitation(jo)
    assert (guest.state, guest.until, guest.holds_seat) == (State.TENTATIVE, date(2027, 4, 1), True)


def test_a_bare_not_sure_keeps_no_seat(world, jo):
    row = mail(world, jo, "I am not sure yet.")
    if row.outcome is Outcome.NEEDS_HUMAN:
        decided(world, row, Decision.APPLY)
    assert (world.invitation(jo).until, world.invitation(jo).holds_seat) == (None, False)


def test_somebody_unknown_who_writes_for_the_invitee_is_shown_as_an_assistant(world, jo):
    row = mail(world, jo, "Jo Bloggs will be there.\n\nPat Reed", sender=PA)
    assert row.outcome is Outcome.NEEDS_HUMAN, row.reason
    hint = {"says": "assistant", "answer": "accepted", "name": "Pat Reed", "email": "pat@example.org"}
    assert (row.reason, row.suggestion) == ("Pat Reed answers, not Jo Bloggs", hint)
    assert world.states(jo) == [State.INVITED]


def test_once_an_organiser_believed_an_assistant_the_next_mail_of_theirs_counts_at_once(world, jo):
    row = mail(world, jo, "Jo Bloggs will be there.", sender=PA)
    row = decided(world, row, Decision.APPLY)
    assert world.states(jo) == [State.ACCEPTED]
    assert "pat@example.org is known as the assistant of Jo Bloggs from now on" in row.reason
    assert ("pat@example.org is remembered as the assistant of Jo Bloggs", "Farah") in lines(world, jo)
    later = mail(world, jo, "I am sorry, Jo cannot come after all.", sender=PA, after=3 * HOUR)
    if later.outcome is Outcome.NEEDS_HUMAN:  # the words alone were not plain enough
        assert "answers, not" not in later.reason
    else:
        assert world.states(jo) == [State.DECLINED]


def test_a_known_assistant_s_plain_words_are_applied_and_the_history_says_whose_they_are(world, jo):
    knows_assistant(world, jo)
    row = mail(world, jo, "Yes please, count me in.", sender=PA)
    assert row.outcome is Outcome.APPLIED, row.reason
    assert row.reason.startswith("in the words of their assistant: accepted")
    assert lines(world, jo)[-1] == ("accepted by mail", "pat@example.org, assistant of Jo Bloggs")
    assert [x.to_address for x in world.letters(kind="understood")] == ["jo@example.org"]


def test_an_assistant_somebody_has_is_not_replaced(world, jo):
    knows_assistant(world, jo, "kim@example.org")
    row = mail(world, jo, "Jo Bloggs will be there.", sender=PA)
    decided(world, row, Decision.APPLY)
    with world.db.read() as session:
        assert session.get_one(Person, world.invitation(jo).person_id).assistant_email == "kim@example.org"


def test_an_assistant_taken_out_of_the_book_is_nobody_in_particular_again(world, jo):
    row = mail(world, jo, "Jo Bloggs will be there.", sender=PA)
    decided(world, row, Decision.APPLY)
    with world.db.write() as session:
        person = session.get_one(Person, world.invitation(jo).person_id)
        people.change(session, person, people.Details(person.name, person.email))
    later = mail(world, jo, "Yes please, count me in.", sender=PA, after=3 * HOUR)
    assert (later.outcome, later.reason) == (Outcome.NEEDS_HUMAN, "Pat Reed answers, not Jo Bloggs")


def test_one_confirmation_in_seven_days(world, jo):
    for after in (HOUR, DAY, 6 * DAY, 8 * DAY):
        text = "Yes please, count me in." if after in (HOUR, 6 * DAY) else "Sorry, I cannot come."
        assert mail(world, jo, text, after=after).outcome is Outcome.APPLIED
    assert [x.created_at - NOW for x in world.letters(kind="understood")] == [HOUR, 8 * DAY]


def test_plain_and_html_of_a_confirmation_say_the_same_words(world, jo):
    mail(world, jo, "Yes please, count me in. I will join online.")
    [letter] = world.letters(kind="understood")
    html = message_from_bytes(letter.raw, policy=policy.default).get_body(("html",)).get_content()
    said = " ".join(from_html(html).split())
    for words in ("You are coming on Thursday 1 July.", "You will join us online.", "Not what you meant?"):
        assert (words in told(world), words in said) == (True, True)


def test_an_applied_mail_is_undone_from_the_desk_and_by_the_invitee(world, jo):
    row = mail(world, jo, "Yes please, count me in.")
    decided(world, row, Decision.UNDO)
    assert world.states(jo) == [State.INVITED]
    decided(world, row, Decision.APPLY, after=3 * HOUR, answer="accepted")
    with world.db.write() as session:
        answering.undo(session, session.get_one(Invitation, jo), by="Jo", now=NOW + 4 * HOUR)
    with pytest.raises(Refusal, match="no answer to undo"):
        decided(world, row, Decision.UNDO, after=5 * HOUR)


def test_the_link_in_the_confirmation_shows_the_answer_and_takes_it_back(world, jo, client):
    mail(world, jo, "Yes please, count me in.", after=timedelta(0))
    [address] = re.findall(r"/i/[a-z0-9]{20,40}", told(world))[:1]
    assert "You are coming on Thursday 1 July." in client.get(address).text
    assert world.states(jo) == [State.ACCEPTED]
    client.post(f"{address}/undo")
    assert world.states(jo) == [State.INVITED]


def test_the_link_in_the_letter_about_a_deputy_takes_the_seat_back(world, jo, client):
    seat(world, jo)
    [letter] = world.letters(kind="withdrawal")
    [address] = re.findall(r"/i/[a-z0-9]{20,40}", " ".join(read(letter.raw).text.split()))[:1]
    assert "Undo" in client.get(address).text
    client.post(f"{address}/undo")
    assert world.states(jo) == [State.INVITED]


@pytest.mark.parametrize(
    "text", ["Please take me off your list.", "Sorry, I cannot come. Please take me off your list."]
)
def test_who_wants_no_more_letters_gets_none_that_asks(world, jo, text):
    row = mail(world, jo, text)
    assert "they want no more letters of ours, and get none that asks" in row.reason
    with world.db.read() as session:
        assert session.get_one(Person, world.invitation(jo).person_id).unsubscribed_at == NOW + HOUR


def test_nobody_else_takes_an_invitee_off_the_list(world, jo):
    row = mail(world, jo, "Please take me off your list.", sender="Eve <eve@else.example>")
    assert (row.outcome, row.suggestion["says"]) == (Outcome.NEEDS_HUMAN, "unsubscribe")
    with world.db.read() as session:
        assert session.get_one(Person, world.invitation(jo).person_id).unsubscribed_at is None
