"""Worded answers: labelled replies as they arrive, traps, what is read beside the answer, and how long it takes."""

import json
import time
from datetime import date
from pathlib import Path

import pytest
from bench import words as bench
from hypothesis import given, settings
from hypothesis import strategies as st

from roundtables.mail import words
from roundtables.mail.addresses import Mailbox
from roundtables.mail.words import Reading, Says

SUBJECT = "Re: Invitation: Trust in numbers, 12 November"
DAY, SENT = date(2026, 11, 12), date(2026, 10, 14)
REPLIES = [json.loads(line) for line in (Path(__file__).parent / "replies.jsonl").read_text("utf-8").splitlines()]
each_reply = pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: f"{reply['id']} {reply['body'][:40]!r}")


def read(text: str, **more: object) -> Reading:
    """As it arrives from Jo Bloggs a month before the meeting."""
    known = {"subject": SUBJECT, "day": DAY, "sent": SENT, "invitee": "Jo Bloggs", "sender": "Jo Bloggs"}
    return words.read(text, **(known | more))


def said(text: str, **more: object) -> tuple[Says, bool]:
    reading = read(text, **more)
    return reading.says, reading.certain


@each_reply
def test_nothing_is_applied_that_a_person_should_see(reply):
    reading = bench.read(reply)
    assert not reading.certain or reading.says == (reply["answer"] if reply["safe_to_apply"] else None)
    assert not reading.certain or reading.says not in reply["must_not_apply"]


@pytest.mark.parametrize("reply", [r for r in REPLIES if r["plain"]], ids=lambda r: f"{r['id']} {r['body'][:40]!r}")
def test_a_plain_answer_is_applied(reply):
    reading = bench.read(reply)
    assert (reading.says, reading.certain) == (reply["answer"], True), reading.why


def test_most_of_the_clear_ones_are_plain():
    clear = [reply for reply in REPLIES if bench.could(reply) and reply["lang"] == "en"]
    assert sum(reply["plain"] for reply in clear) >= 0.8 * len(clear)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Wouldn't miss it for the world", Says.ACCEPTED),
        ("No problem, I'll come", Says.ACCEPTED),
        ("Not a problem at all, yes", Says.ACCEPTED),
        ("I don't see why not", Says.ACCEPTED),
        ("Go on then", Says.ACCEPTED),
        ("Sorry for the slow reply – yes, I can make it", Says.ACCEPTED),
        ("Apologies for the delay. I confirm my attendance.", Says.ACCEPTED),
        ("I cannot wait to join you. See you on the 12th.", Says.ACCEPTED),
        ("Yes please, I'll be along. I'm vegan and I use a wheelchair.", Says.ACCEPTED),
        ("Delighted to come. Online, if that's OK.", Says.ACCEPTED),
        ("Please accept my apologies.", Says.DECLINED),
        ("Please send my apologies to the table.", Says.DECLINED),
        ("Apologies for absence.", Says.DECLINED),
        ("I regret that I am unable to accept.", Says.DECLINED),
        ("Unable to accept your kind invitation", Says.DECLINED),
        ("I'd love to come but I'm double-booked.", Says.DECLINED),
        ("Much as I'd love to, I can't.", Says.DECLINED),
        ("I'm afraid not.", Says.DECLINED),
        ("I had hoped to come, however I am in Rome that week", Says.DECLINED),
        ("Sadly I can't but do send the paper.", Says.DECLINED),
        ("Alas, I shall be abroad.", Says.DECLINED),
        ("I don't think I can come.", Says.DECLINED),
        ("I'd love to, but I'm not sure yet. I'll let you know by Friday.", Says.TENTATIVE),
        ("Could you pencil me in?", Says.TENTATIVE),
    ],
)
def test_a_plain_answer_is_read_however_it_is_turned(text, says):
    assert said(text) == (says, True), read(text).why


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("I'll come if it is dry.", Says.ACCEPTED),
        ("I'll be there, but late.", Says.ACCEPTED),
        ("Count me in, though I must leave at 11.", Says.ACCEPTED),
        ("I'll be there on 13 November.", Says.ACCEPTED),
        ("I can do Wednesday.", Says.ACCEPTED),
        ("I'd love to join you. Board is that day.", Says.ACCEPTED),
        ("Sam and I will both attend", Says.ACCEPTED),
        ("I'll come, and Sam may join for item 2", Says.ACCEPTED),
        ("Yes, sadly I can't", Says.DECLINED),
        ("Yes. Actually, no.", Says.DECLINED),
        ("I can't come. Could I dial in?", Says.DECLINED),
        ("I can't come. Ask Sam Okafor.", Says.DECLINED),
        ("I will not be able to attend, but Dr Lee will.", Says.DECLINED),
        ("I'm afraid I can't make it but my deputy Sam Okafor would be delighted to attend.", Says.DEPUTY),
        ("My colleague will be joining on my behalf.", Says.DEPUTY),
        ("Could we do 3 pm instead?", Says.COUNTER),
        ("Any chance of the following week?", Says.COUNTER),
        ("Who else is coming?", Says.QUESTION),
        ("[Do you need a parking space?]\n\nNo thank you", Says.DECLINED),
        ("Looking forward to it.", Says.UNKNOWN),
        ("I can't promise I won't come.", Says.DECLINED),
        ("Jag deltar gärna.", Says.UNKNOWN),
        ("Beigeblau.", Says.UNKNOWN),
        ("", Says.UNKNOWN),
    ],
)
def test_a_doubt_is_shown_to_a_person(text, says):
    assert said(text) == (says, False)


@pytest.mark.parametrize(
    "text",
    [
        "I am on annual leave until Monday. I will be able to attend to your message on my return.",
        "I am OOO from 10 October. I regret that I am unable to attend to mail.",
        "I'm on leave until 22 October.",
        "Your request has been received. If we are able to accept, we will be in touch.",
        "I am away from my desk. Sam would be delighted to help.",
    ],
)
def test_a_notice_is_never_an_answer(text):
    reading = read(text)
    assert reading.says in (Says.AUTO, Says.UNKNOWN)
    assert not reading.certain


def test_the_sentence_that_decided_is_shown_as_written():
    text = "Dear Ana,\n\nThank you. I’d be very happy to join you on the\n12th. All good wishes"
    sentence = "I’d be very happy to join you on the\n12th."
    assert read(text) == Reading(Says.ACCEPTED, sentence, True, words.PLAIN)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("Not sure yet, will let you know by Friday.", date(2026, 10, 16)),
        ("Not sure yet, I'll confirm by 2 November.", date(2026, 11, 2)),
        ("Pencil me in, I will know on the 20th.", date(2026, 10, 20)),
        ("Not sure yet, will tell you tomorrow.", date(2026, 10, 15)),
        ("Not sure yet, I'll let you know by Hallowe'en.", date(2026, 10, 31)),
        ("Not sure yet, will let you know by 14 November.", None),
        ("Not sure yet, will confirm nearer the time.", None),
    ],
)
def test_until_is_a_real_day_before_the_meeting(text, until):
    assert (read(text).says, read(text).until) == (Says.TENTATIVE, until)


@pytest.mark.parametrize(
    ("text", "copied", "name", "address"),
    [
        ("Could Priya Shah come in my place? priya@example.org", (), "Priya Shah", "priya@example.org"),
        ("My colleague Sam Okafor will represent us.", (Mailbox("Sam Okafor", "sam@example.org"),), "Sam Okafor",
         "sam@example.org"),
        ("I am copying in Dr Lee who will represent us.", (Mailbox("", "lee@example.org"),), "Dr Lee",
         "lee@example.org"),
        ("I can't come, my deputy will.", (), "", ""),
    ],
)  # fmt: skip
def test_a_deputy_has_a_name_and_an_address(text, copied, name, address):
    reading = read(text, copied=copied)
    assert (reading.says, reading.deputy_name, reading.deputy_address) == (Says.DEPUTY, name, address)


@pytest.mark.parametrize(
    ("text", "fact", "value"),
    [
        ("Count me in. I'm coeliac.", "needs", "I'm coeliac."),
        ("I can't come. Please send me the notes.", "wants_writeup", True),
        ("I'll join online.", "mode", "online"),
        ("I'll be there in person.", "mode", "room"),
        ("Please take me off your list.", "unsubscribe", True),
        ("Jane has left the organisation.", "left", True),
        ("Ich kann leider nicht kommen.", "language", "de"),
    ],
)
def test_facts_are_kept_beside_the_answer(text, fact, value):
    assert getattr(read(text), fact) == value


@pytest.mark.parametrize(
    ("text", "says", "certain"),
    [
        ("Dr Ruiz is delighted to accept.", Says.ACCEPTED, True),
        ("She has asked me to say she would be delighted to attend.", Says.ACCEPTED, True),
        ("I'm sorry to say that Dr Ruiz is unable to attend.", Says.DECLINED, True),
        ("I'd be happy to come.", Says.ACCEPTED, False),
    ],
)
def test_an_assistant_answers_for_the_invitee(text, says, certain):
    assert said(text, invitee="Dr Ana Ruiz", sender="Kim Holt") == (says, certain)


SMALL_TALK = ["Thank you for the invitation.", "What a lovely idea.", "The garden is full of wasps this year.",
              "Good luck with it all.", "Is there somewhere to leave a bicycle?"]  # fmt: skip
VETOES = ["I'll have to leave at 11.", "If my trustees agree.", "My wife is coming too.", "Sam would come instead.",
          "On second thoughts, no."]  # fmt: skip
ANSWERS = [("Yes please.", Says.ACCEPTED), ("I'll be there.", Says.ACCEPTED), ("I can't make it.", Says.DECLINED),
           ("I must decline.", Says.DECLINED), ("I'm not sure yet.", Says.TENTATIVE)]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ANSWERS), st.lists(st.sampled_from(SMALL_TALK), max_size=3), st.integers(0, 3))
def test_small_talk_changes_no_answer(answer, talk, where):
    sentences = [*talk[:where], answer[0], *talk[where:]]
    assert read(" ".join(sentences)).says == answer[1]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ANSWERS), st.lists(st.sampled_from(SMALL_TALK + VETOES), max_size=4), st.integers(0, 4))
def test_a_veto_never_makes_another_answer_certain(answer, others, where):
    reading = read(" ".join([*others[:where], answer[0], *others[where:]]))
    assert not reading.certain or reading.says == answer[1]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ANSWERS[:2]), st.sampled_from(VETOES), st.booleans())
def test_a_veto_stops_a_yes(answer, veto, first):
    assert not read(f"{veto} {answer[0]}" if first else f"{answer[0]} {veto}").certain


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_read(text):
    assert words.read(text).says in Says


@pytest.mark.parametrize(
    "text",
    [
        "On " * 7000,
        "yes " * 8000,
        "i am very sorry for the " * 2000,
        "a." * 9000,
        "\n" * 50000,
        "'" * 30000,
        "no, " * 8000,
        "many thanks for your kind lovely invitation " * 700,
        "i would very much love to " * 1200,
        "i am in the in the " * 900,
        "a@b.c " * 2000,
        "on monday " * 900,
        "very " * 3000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_reading_takes_no_time(text):
    words.read("warm")
    started = time.process_time()
    assert not words.read(text).certain
    assert time.process_time() - started < 0.5
