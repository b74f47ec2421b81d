"""The second reader: what it counts, what it knows, and where it is asked."""

import re
import time
from datetime import date
from pathlib import Path

import pytest
from bench import second_reader as trainer

from roundtables.mail import words
from roundtables.mail.propositions import Class
from roundtables.mail.second_reader import Weights, confidence, parsed, runs, shares, valued

RESERVED = (".example", "example.org", "example.net", "example.com")


def surely(says: Class, share: float) -> words.SecondReader:
    return lambda _: dict.fromkeys(Class, 0.0) | {says: share}


def read(text: str, second: words.SecondReader | None, *, subject: str = "Re: Invitation", sender: str = "Jo Bloggs"):
    reading = words.read(
        text, subject=subject, day=date(2026, 11, 12), invitee="Jo Bloggs", sender=sender, second=second
    )
    return str(reading.says), reading.certain


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Yes, I'll come.", {"yes", ",", "i'll", "come", "."}),
        ("Dear Ana,\n\nCount me in", {"count", "me", "in"}),
        ("Thank you\n\nCount me in", {"thank", "you", "count", "me", "in"}),
        ("I asked Jo Bloggs on the 12th at 14.30", {"i", "asked", "~", "on", "the", "#", "th", "at"}),
        ("Désolé, I CANNOT", {"desole", ",", "i", "cannot"}),
        ("It’s 👍", {"it's", "👍"}),
    ],
)
def test_a_text_becomes_words_numbers_and_names(text, found):
    by_words, _ = runs(text)
    assert {run for run in by_words if " " not in run} == found


def test_runs_are_of_one_to_three_words_and_three_to_five_letters():
    by_words, by_letters = runs("can not come")
    assert set(by_words) == {"can", "not", "come", "can not", "not come", "can not come"}
    assert {run for run in by_letters if "om" in run} == {
        "*com", "*ome", "*_com", "*come", "*ome_", "*_come", "*come_",
    }  # fmt: skip


def test_a_long_text_says_no_more_than_a_short_one():
    for counts in ({"a": 1}, {"a": 3, "b": 1, "never seen": 9}):
        assert sum(value**2 for _, value in valued(counts, {"a": 10, "b": 40})) == pytest.approx(1)


def test_shares_leave_something_for_everything_else():
    assert sum(shares([0.0, 0.0, 0.0]).values()) == pytest.approx(0.75)
    assert shares([900.0, 0.0, -900.0])[Class.ACCEPTED] == pytest.approx(1)


def test_the_file_is_as_the_trainer_writes_it_small_and_in_order():
    text = trainer.KEPT.read_text(encoding="utf-8")
    assert trainer.written(parsed(text.splitlines())) == text
    assert len(text.encode()) < 300_000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Thank you, I would be delighted to attend. Count me in.", Class.ACCEPTED),
        ("Thank you, but I'm afraid I can't make it. I am sorry to miss it.", Class.DECLINED),
        ("I'm not sure yet, I'll let you know next week.", Class.TENTATIVE),
    ],
)
def test_what_plainly_answers_is_known(text, says):
    assert confidence(text)[says] > 0.5


def test_what_answers_nothing_is_known_too():
    assert sum(confidence("Who else is coming, and could Dr Lee speak instead of me?").values()) < 0.5


@pytest.mark.parametrize(
    "text", ["", "a " * 500_000, "Dear " * 100_000, "'" * 500_000, "Dear \n" * 90_000, "1." * 300_000]
)
def test_any_text_is_read_in_no_time(text):
    begun = time.process_time()
    assert 0 <= sum(confidence(text).values()) <= 1
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("text", "share", "certain"),
    [
        ("I shall be there on the day.", 0.31, True),
        ("I shall be there on the day.", 0.29, False),
        ("I'll be there", 0.0, True),
        ("Yes", 0.0, True),
        ("+1", 0.0, True),
    ],
)
def test_an_answer_that_it_finds_unlikely_waits_unless_it_has_a_few_words_only(text, share, certain):
    assert read(text, surely(Class.ACCEPTED, share)) == ("accepted", certain)


@pytest.mark.parametrize(("share", "certain"), [(0.71, True), (0.69, False)])
def test_it_helps_where_only_a_hint_was_found(share, certain):
    hint = "I have a PhD defence in Bergen on the same date, so I must regretfully say no."
    assert read(hint, surely(Class.DECLINED, share)) == ("declined", certain)


@pytest.mark.parametrize(
    "text",
    [
        "I'll come if it is dry enough on the day.",
        "Count me in, though I must leave at 11 for another meeting.",
        "Sam and I will both attend on the day.",
        "I'll be there on 13 November as you ask.",
        "Who else is coming to this meeting of yours?",
    ],
)
def test_it_overrules_no_objection(text):
    assert not read(text, lambda _: dict.fromkeys(Class, 1.0))[1]


def test_it_is_not_asked_about_other_languages_nor_where_somebody_else_writes():
    def refuse(_: str):
        pytest.fail("it was asked")

    read("Je viendrai avec plaisir ce jour, merci beaucoup.", refuse)
    assert read("Dr Bloggs is delighted to accept your invitation.", refuse, sender="Kate Lim") == ("accepted", True)


def test_training_is_the_same_each_time():
    material = [
        trainer.Text(text, kind) for text, kind in [("I come", 0), ("I cannot", 1), ("I come", 0), ("Who", 3)] * 3
    ]
    assert trainer.trained(material) == trainer.trained(material)
    learnt: Weights = trainer.trained(material)
    assert confidence("I come", learnt)[Class.ACCEPTED] > 0.5 > confidence("I cannot", learnt)[Class.ACCEPTED]


def test_every_set_has_reserved_addresses_only():
    folder = Path(trainer.__file__).parents[1] / "tests" / "mail" / "replies"
    for path in sorted(folder.glob("*.jsonl")):
        hosts = set(re.findall(r"@([\w.-]*\w)", path.read_text(encoding="utf-8")))
        assert not {host for host in hosts if "." in host and not host.endswith(RESERVED)}, path
