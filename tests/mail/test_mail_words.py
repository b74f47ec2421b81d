"""Labelled replies of our own, read as they arrive: through the cutter, with the subject."""

import json
import time
from pathlib import Path

import pytest

from roundtables.mail import words
from roundtables.mail.cutting import answer_text
from roundtables.mail.words import Reading, Says

SUBJECT = "Re: Invitation: Trust in numbers, 12 November"
REPLIES = [json.loads(line) for line in (Path(__file__).parent / "replies.jsonl").read_text("utf-8").splitlines()]
each_reply = pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: f"{reply['id']} {reply['body'][:40]!r}")


@each_reply
def test_nothing_is_applied_that_a_person_should_see(reply):
    reading = words.read(answer_text(reply["body"]), subject=reply["subject"])
    may_be = reply["answer"] if reply["safe_to_apply"] else None
    assert not reading.certain or reading.says == may_be
    assert not reading.certain or reading.says not in reply["must_not_apply"]


@each_reply
def test_a_plain_answer_is_applied(reply):
    reading = words.read(answer_text(reply["body"]), subject=reply["subject"])
    assert reading.certain is reply["plain"]


@pytest.mark.parametrize("reply", [r for r in REPLIES if r["answer"] in ("deputy", "question", "auto-reply")], ids=str)
def test_what_is_no_answer_is_named(reply):
    assert words.read(answer_text(reply["body"]), subject=reply["subject"]).says == reply["answer"]


@pytest.mark.parametrize(
    ("text", "says", "why"),
    [
        ("Rain or shine or snow says my cat I will come.", Says.ACCEPTED, "it says so in passing"),
        ("Count me in. If it is dry, that is.", Says.ACCEPTED, "it depends on something"),
        ("I'll be there on 13 November.", Says.ACCEPTED, "it names a date or a time that is not in the subject"),
        ("I'll be there, but late.", Says.ACCEPTED, "it takes something back"),
        ("I'll be there. Board is that day, though.", Says.ACCEPTED, "it takes something back"),
        ("Yes. The trains are dreadful.", Says.ACCEPTED, "something else is written beside it"),
        ("I'll come with my wife.", Says.UNKNOWN, "no answer was recognised"),
        ("I'll be there. My wife comes too.", Says.ACCEPTED, "it speaks of somebody else"),
        ("I can't come. I'll be there.", Says.DECLINED, "another sentence may mean accepted"),
        ("I can't come. I could the week after.", Says.DECLINED, "it may offer another way"),
        ("Lovely. So it is. Well I never. Who knew. I'll be there.", Says.ACCEPTED, "it does not say so in its first"),
        ("Count me in. " + "Lovely words. " * 40, Says.ACCEPTED, "it has more than 60 words"),
        ("Count me in. Lunch too?", Says.ACCEPTED, "it asks something"),
        ("Rain permitting Fridays I will come.", Says.ACCEPTED, "it says so in passing"),
        ("👎", Says.DECLINED, "a sign is not a word"),
        ("Beigeblau.", Says.UNKNOWN, "no answer was recognised"),
        ("", Says.UNKNOWN, "nothing is written in it"),
    ],
)
def test_a_doubt_has_its_reason(text, says, why):
    reading = words.read(text, subject=SUBJECT)
    assert (reading.says, reading.certain) == (says, False)
    assert reading.why.startswith(why)


def test_the_sentence_that_decided_is_shown_as_written():
    text = "Dear Ana,\n\nThank you. I’d be very happy to join you on the\n12th. All good wishes"
    why = "it says so plainly, and nothing speaks against it"
    sentence = "I’d be very happy to join you on the\n12th."
    assert words.read(text, subject=SUBJECT) == Reading(Says.ACCEPTED, sentence, True, why)


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
        "of course " * 3000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_reading_takes_no_time(text):
    started = time.process_time()
    assert not words.read(text).certain
    assert time.process_time() - started < 1
