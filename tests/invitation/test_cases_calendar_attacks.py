"""Mail that means harm: nobody else's answer changes, nothing is sent to strangers, the next mail is read."""

import time
import unicodedata

import pytest

from roundtables.calendar import itip
from roundtables.invitation import gathering
from roundtables.invitation.rules import State
from roundtables.mail.inbox import Outcome
from roundtables.mail.message import read
from roundtables.roundtable.actions import plan_of
from tests.invitation.scene import MINUTE, PASS, RECEIVED, Part, Scene, attendee, set_up
from tests.invitation.test_cases_calendar import APPLIED, IGNORED, WAITS, check_twice, maybe, waits, yes

ACCEPTED = attendee("ACCEPTED")


@pytest.fixture
def scene(world) -> Scene:
    return set_up(world)


def test_67_an_old_answer_sent_again_by_somebody_changes_nothing(scene):
    old = scene.reply(ACCEPTED)
    scene.receive(old)
    scene.receive(scene.reply(attendee("DECLINED"), dtstamp="20261123T101500Z"), at=RECEIVED + MINUTE)
    for again in (b"X-Replayed: yes\r\n" + old, old.replace(b"<case-1@", b"<case-1b@")):
        assert scene.receive(again, at=RECEIVED + 60 * MINUTE).outcome is IGNORED
        assert scene.jos().state is State.DECLINED


def test_68_nobody_answers_for_others(scene):
    anas = attendee("ACCEPTED", "ana@example.net")
    event = scene.event(anas, attendee("DECLINED"), f"X-A:{scene.address(scene.ana)}")
    mail = scene.receive(scene.mail(event, sender="ana@example.net", to=scene.address(scene.ana)))
    assert (mail.outcome, mail.invitation_id) == (APPLIED, scene.ana), mail.reason
    assert "the other attendees in it were not read" in mail.reason
    assert scene.world.states(scene.jo, scene.ana) == [State.INVITED, State.ACCEPTED]


def test_69_a_flood_of_strangers_adds_nobody_and_is_answered_to_nobody(scene):
    stands = scene.stands()
    for number in range(12):
        who = f"crash{number}@evil.example"
        raw = scene.mail(scene.event(attendee("ACCEPTED", who, CN=f'"Crash {number}"')), sender=who, head=(PASS,))
        assert scene.receive(raw).outcome is WAITS
    assert scene.stands() == stands


def test_70_after_a_poisoned_clock_the_genuine_answer_counts(scene):
    poison = scene.reply(ACCEPTED, dtstamp="20991231T235959Z", sequence="2147483648")
    check_twice(scene, poison, yes(reason="it names a later version than ours"))
    genuine = scene.reply(attendee("DECLINED"), dtstamp="20261124T090000Z")
    assert scene.receive(genuine, at=RECEIVED.replace(day=24)).outcome is APPLIED
    assert scene.jos().state is State.DECLINED


HOSTILE_COMMENT = "COMMENT:see\\nEND:VEVENT\\nBEGIN:VEVENT\\nX:\x00\u2028\u202e=cmd()"


def test_71_what_would_break_out_stays_text(scene):
    name = '"Sam\u2028Bcc: eve@evil.example\x00^n\u202e"'
    raw = scene.mail(
        scene.event(attendee("ACCEPTED", "sam@other.example", CN=name), HOSTILE_COMMENT),
        sender="=?utf-8?q?Sam=0D=0ABcc=3A_eve=40evil.example?= <sam@other.example>",
    ).replace(b"Subject: an answer", b"Subject: =?utf-8?q?x=0D=0ABcc:_eve@evil.example?=")
    mail = scene.receive(raw)
    assert mail.outcome is WAITS
    assert mail.suggestion["name"] == "Sam Bcc: eve@evil.example"
    for text in (mail.subject, mail.sender, mail.reason):
        assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")], text


def test_71_a_hostile_comment_does_not_reach_the_next_calendar_object(scene):
    check_twice(scene, scene.reply(ACCEPTED, HOSTILE_COMMENT), yes("see\nEND:VEVENT\nBEGIN:VEVENT\nX:\n=cmd()"))
    with scene.world.db.write() as session:
        table = scene.world.table(session)
        plan = plan_of(session, table)
        plan = type(plan)(**{**vars_of(plan), "place": "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\u2028"})
        gathering.change(session, table, plan, by="Farah", now=RECEIVED + MINUTE)
    newest = scene.world.letters(invitation_id=scene.jo)[-1]
    [part, _] = read(newest.raw).calendars
    assert len(itip.read(part.data)) == 1
    assert newest.raw.lower().count(b"\r\nto: ") == 1
    assert b"\r\nbcc" not in newest.raw.lower()


def vars_of(plan) -> dict:
    return {name: getattr(plan, name) for name in plan.__dataclass_fields__}


def test_a_comment_is_kept_up_to_four_kilobytes(scene):
    check_twice(scene, scene.reply(ACCEPTED, "COMMENT:" + "x" * 20_000), yes("x" * 4096))


MALFORMED = {
    "72 two senders": (
        lambda s: s.mail(s.event(ACCEPTED), head=("From: eve@evil.example",)),
        waits("its sender cannot be read", answer="accepted"),
    ),
    "72 two mailboxes in one From": (
        lambda s: s.mail(s.event(ACCEPTED), sender="jo@example.org, eve@evil.example"),
        waits("its sender cannot be read", answer="accepted"),
    ),
    "72 an address in a comment": (
        lambda s: s.mail(s.event(ACCEPTED), sender="jo@example.org <eve@evil.example>"),
        waits("its sender cannot be read", answer="accepted"),
    ),
    "72 METHOD twice": (
        lambda s: s.mail(s.event(ACCEPTED).replace("METHOD:REPLY", "METHOD:REPLY\r\nMETHOD:REPLY")),
        waits("says METHOD twice"),
    ),
    "72 UID twice": (
        lambda s: s.mail(s.event(ACCEPTED).replace("SEQUENCE:2", f"UID:{s.uid}")),
        waits("says UID twice"),
    ),
    "two answers in one line": (
        lambda s: s.reply("ATTENDEE;PARTSTAT=ACCEPTED;PARTSTAT=DECLINED:mailto:jo@example.org"),
        waits("names no answer"),
    ),
    "two lines of hers that differ": (
        lambda s: s.reply(ACCEPTED, attendee("DECLINED")),
        waits("two answers", answer=None),
    ),
    "a line hidden in a name": (
        lambda s: s.reply(
            'ATTENDEE;CN="x;PARTSTAT=DECLINED:mailto:jo@example.org";PARTSTAT=TENTATIVE:mailto:jo@example.org'
        ),
        maybe(),
    ),
    "a rule to come back every second": (lambda s: s.reply(ACCEPTED, "RRULE:FREQ=SECONDLY"), yes()),
    "no UID": (lambda s: s.reply(ACCEPTED, without="UID"), waits("not this invitation", answer="accepted")),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_malformed_on_purpose_is_for_a_person(scene, case):
    build, ends = MALFORMED[case]
    ends.suggestion = {k: v for k, v in ends.suggestion.items() if v}
    check_twice(scene, build(scene), ends)


BOMBS = {
    "a": "DESCRIPTION:" + "x" * 9_000_000,
    "b": "\r\n".join(f"ATTENDEE:mailto:a{n}@example.org" for n in range(60_000)),
    "c": "BEGIN:X\r\n" * 20_000,
    "d": "X-A:1\r\n" * 200_000,
    "f": "X-A:" + "x" * 1_000_000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_73_a_bomb_is_told_as_too_large_and_the_next_mail_is_read(scene, bomb):
    started = time.process_time()
    mail = scene.receive(scene.reply(ACCEPTED, BOMBS[bomb]))
    assert time.process_time() - started < 2
    assert mail.outcome in (WAITS, Outcome.QUARANTINED)
    assert "too large" in mail.reason
    assert scene.receive(scene.reply(ACCEPTED), at=RECEIVED + MINUTE).outcome is APPLIED


def test_an_embedded_answer_is_not_the_senders(scene):
    inner = scene.reply(ACCEPTED)
    raw = scene.mail(
        Part("text/plain", "See what Jo wrote.\r\n"), Part("message/rfc822", inner), sender="eve@evil.example"
    )
    scene.receive(raw)
    assert scene.jos().state is State.INVITED
