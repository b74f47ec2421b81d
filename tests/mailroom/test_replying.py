"""Answers as mail programs write them, made of the letter alone."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from roundtables.calendar import answers
from roundtables.calendar.attendees import PartStat
from roundtables.errors import Refusal
from roundtables.mail import compose, message
from roundtables.mailroom import replying
from tests.world import ANA, CARYS, JO

AT = datetime(2027, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def letter(world):
    """The raw letter to one guest."""

    def of(guest):
        world.ask(guest)
        return world.letters()[-1].raw

    return of


def parsed(raw):
    return message_from_bytes(raw, policy=policy.default)


def test_a_reply_goes_to_the_readers_own_address_with_the_letter_quoted(letter):
    raw = letter(JO)
    original, reply = parsed(raw), parsed(replying.worded(raw, "Count me in.", AT))
    assert reply["To"] == original["Reply-To"].addresses[0].addr_spec
    assert reply["From"] == "Jo Bloggs <jo@example.org>"
    assert reply["In-Reply-To"] == reply["References"] == original["Message-ID"]
    assert reply["Subject"] == f"Re: {original['Subject']}"
    lines = reply.get_content().splitlines()
    assert lines[:2] == ["Count me in.", ""]
    assert lines[2].endswith("Larkmoor Trust <roundtables@localhost> wrote:")
    assert all(line.startswith(">") for line in lines[3:] if line)
    assert any("Whose job is it to be kind?" in line for line in lines[3:])


def test_a_reply_reads_back_as_no_machines_mail(letter):
    mail = message.read(replying.worded(letter(JO), "Ich komme gern, schöne Grüße. 👍", AT))
    assert (mail.automatic, mail.bounce, mail.calendars) == ("", False, ())
    assert mail.text.startswith("Ich komme gern, schöne Grüße. 👍")


def test_the_same_answer_is_the_same_bytes_and_another_hour_is_another_mail(letter):
    raw = letter(JO)
    later = AT.replace(hour=10)
    assert replying.worded(raw, "Yes.", AT) == replying.worded(raw, "Yes.", AT)
    assert replying.calendar_answer(raw, PartStat.ACCEPTED, AT) == replying.calendar_answer(raw, PartStat.ACCEPTED, AT)
    ids = {message.read(replying.worded(raw, "Yes.", at)).message_id for at in (AT, later)}
    assert len(ids) == 2


@pytest.mark.parametrize("partstat", [PartStat.ACCEPTED, PartStat.TENTATIVE, PartStat.DECLINED])
@pytest.mark.parametrize("guest", [JO, ANA, CARYS], ids=["jo", "ana", "carys"])
def test_a_calendar_answers_the_very_request(letter, guest, partstat):
    raw = letter(guest)
    [asked] = answers.read(message.read(raw).calendars[0].data)
    mail = message.read(replying.calendar_answer(raw, partstat, AT))
    [part] = mail.calendars
    [said] = answers.read(part.data)
    assert part.method == said.method == "REPLY"
    assert (said.uid, said.sequence, said.starts_at, said.ends_at, said.attendee, said.partstat, said.stamp) == (
        asked.uid,
        asked.sequence,
        asked.starts_at,
        asked.ends_at,
        guest.email,
        partstat,
        AT,
    )
    assert said.notes == ()
    assert mail.from_address == guest.email


def test_both_kinds_of_calendar_occur(letter):
    made = [replying.calendar_answer(letter(guest), PartStat.ACCEPTED, AT) for guest in (JO, ANA, CARYS)]
    objects = [message.read(raw).calendars[0].data.decode() for raw in made]
    google = [found for found in objects if "Google" in found]
    exchange = [found for found in objects if "Exchange" in found]
    assert len(google) + len(exchange) == 3
    assert google
    assert exchange
    assert all("ORGANIZER" in found and "X-NUM-GUESTS=0" in found.replace("\r\n ", "") for found in google)
    assert not any("ORGANIZER" in found for found in exchange)
    assert all(len(line.encode()) <= 75 for found in objects for line in found.split("\r\n"))


@pytest.mark.parametrize("words", ["", "   \n ", "x" * 4001])
def test_no_words_are_no_reply(letter, words):
    with pytest.raises(Refusal):
        replying.worded(letter(JO), words, AT)


def test_a_letter_without_a_card_cannot_be_answered_by_calendar():
    plain = compose.Letter(
        to_name="Jo Bloggs",
        to_address="jo@example.org",
        from_name="Larkmoor Trust",
        from_address="roundtables@localhost",
        reply_name="",
        reply_address="",
        subject="Your link",
        text="Here it is.",
        html="",
        message_id="1@localhost",
        date=AT,
    )
    raw = compose.compose(plain)
    assert not replying.can_answer_by_calendar(raw)
    with pytest.raises(Refusal):
        replying.calendar_answer(raw, PartStat.ACCEPTED, AT)
