"""What a calendar object comes to and whose it is, as tables of names and addresses; no database."""

import pytest

from roundtables.calendar.answers import read
from roundtables.invitation.localised import answer_in
from roundtables.invitation.rules import Answer, Ignored
from roundtables.invitation.verdict import Answered, Countered, Delegated, Object, Refresh, on_objects
from roundtables.invitation.whose import Known, Sender, Waits, same_name, soft
from roundtables.mail.stationery import ReplyMode, Stationery, token_in

JO = "jo@example.org"
KNOWN = Known("1", JO, frozenset(), "Jo Bloggs", by_token=True)
FROM_JO = Sender(JO, "Jo Bloggs")


def objects(*lines, method="REPLY", declared=""):
    inner = "".join(f"{line}\n" for line in ("UID:1", *lines))
    data = f"BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VEVENT\n{inner}END:VEVENT\nEND:VCALENDAR\n"
    return [Object(answer, declared) for answer in read(data.encode())]


def line(partstat, address=JO, more=""):
    return f"ATTENDEE;PARTSTAT={partstat}{more}:mailto:{address}"


COMES_TO = {
    "an answer": (objects(line("ACCEPTED")), Answered),
    "the same twice": (objects(line("ACCEPTED")) * 2, Answered),
    "another word in the second": (objects(line("ACCEPTED")) + objects(line("DECLINED")), Waits),
    "an answer and a proposal": (objects(line("ACCEPTED")) + objects(line("ACCEPTED"), method="COUNTER"), Waits),
    "a proposal": (objects(line("TENTATIVE"), method="COUNTER"), Countered),
    "a proposal without anybody": (objects(method="COUNTER"), Countered),
    "a deputy": (objects(line("DELEGATED", more=";DELEGATED-TO=sam@example.org")), Delegated),
    "a question for the newest": (objects(line("NEEDS-ACTION"), method="REFRESH"), Refresh),
    "a question without anybody": (objects(method="REFRESH"), Refresh),
    "nothing decided": (objects(line("NEEDS-ACTION")), Ignored),
    "something for others": (objects(line("ACCEPTED"), method="X-ODD"), Ignored),
}


@pytest.mark.parametrize("case", COMES_TO)
def test_what_an_object_comes_to(case):
    given, kind = COMES_TO[case]
    assert type(on_objects(given, KNOWN, FROM_JO)) is kind


def test_an_answer_is_held_with_how_it_was_read():
    [given] = objects(line("DECLINED"), line("ACCEPTED", "kim@example.org"), "COMMENT:In Cardiff", declared="REPLY")
    found = on_objects([given], KNOWN, Sender("noreply@cloud.example"))
    assert isinstance(found, Answered)
    assert (found.answer, found.alias, found.provisional, found.source.comment) == (
        Answer.DECLINED,
        "",
        "",
        "In Cardiff",
    )
    assert found.notes == ("sent from noreply@cloud.example", "the other attendees in it were not read")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Jo Bloggs", "Jo Bloggs", True),
        ("Bloggs, Jo (Policy)", "Jo Bloggs", True),
        ("Dr Jo Bloggs", "jo BLOGGS", True),
        ("Jo Bloggs/Policy/Org", "Jo Bloggs", True),
        ("Jo", "Jo Bloggs", False),
        ("Jo", "Jo", True),
        ("Sam Okafor", "Jo Bloggs", False),
        ("Jo Okafor", "Jo Bloggs", False),
        ("", "", False),
        ("Dr", "Dr", False),
        ("张伟", "张伟", True),
    ],
)
def test_when_two_names_are_one_persons(one, other, same):
    assert same_name(one, other) is same_name(other, one) is same


@pytest.mark.parametrize(
    ("address", "alike"),
    [
        ("jo+rt@example.org", "jo@example.org"),
        ("j.o@example.org", "j.o@example.org"),
        ("j.o+x@googlemail.com", "jo@gmail.com"),
    ],
)
def test_when_two_addresses_are_softly_the_same(address, alike):
    assert soft(address) == alike


@pytest.mark.parametrize(
    ("title", "answer"),
    [
        ("Accepted: Housing", Answer.ACCEPTED),
        ("ABGELEHNT: Housing", Answer.DECLINED),
        ("Mit Vorbehalt: Housing", Answer.TENTATIVE),
        ("Accepté : Housing", Answer.ACCEPTED),
        ("Accepted", None),
        ("Not accepted by all: why", None),
        (": accepted", None),
    ],
)
def test_the_answer_at_the_head_of_a_title(title, answer):
    assert answer_in(title) is answer


T = "abcdefghijklmnopqrstuvwx23"


@pytest.mark.parametrize(
    ("recipient", "token"),
    [
        ("rsvp@rt.example", ""),
        ("RSVP@RT.example", ""),
        (f"rsvp+{T}@rt.example", T),
        (f"<rsvp+{T.upper()}@rt.example>", T),
        (f"rsvp%2B{T}@rt.example", T),
        (f"rsvp-{T}@rt.example", T),
        (f"{T}@rt.example", T),
        (f"{T}@rsvp.rt.example", T),
        (f"b-{T}@rt.example", f"b-{T}"),
        (f"rsvp-u-{T}@rt.example", f"u-{T}"),
        ("rsvp+short@rt.example", "short"),
        ("rsvp-short@rt.example", None),
        ("farah@rt.example", None),
        (f"rsvp+{T}@elsewhere.example", None),
        (f"rsvp+{T}@rt.example@elsewhere.example", None),
        ("", None),
    ],
)
def test_the_token_in_an_address_that_mail_came_to(recipient, token):
    assert token_in(recipient, "rsvp@rt.example") == token


@pytest.mark.parametrize("mode", ReplyMode)
def test_each_mode_has_its_own_address_and_reads_it_back(mode):
    office = Stationery(secret="x", reply_address="rsvp@rt.example", reply_mode=mode)
    tokens = [token_in(office.reply_to(nonce, table="a table"), office.reply_address) for nonce in ("one", "two")]
    marked = [token.startswith("t-") for token in tokens]
    assert {
        ReplyMode.PERSONAL: marked == [False, False] and tokens[0] != tokens[1],
        ReplyMode.TABLE: marked == [True, True] and tokens[0] == tokens[1],
        ReplyMode.STATIC: tokens == ["", ""],
    }[mode]
