"""Other times proposed, the newest version asked for, and answers in Microsoft's private format."""

from datetime import timedelta

import pytest

from roundtables.calendar import itip
from roundtables.invitation.rules import State
from roundtables.mail.message import read
from roundtables.mail.outbox import LetterState
from tests.invitation.scene import ENDS, MINUTE, RECEIVED, STARTS, Part, Scene, attendee, set_up
from tests.invitation.test_cases_calendar import IGNORED, WAITS, Ends, check_twice, ignored, waits, yes

TENTATIVE = attendee("TENTATIVE")
LATER = {"dtstart": "20261201T140000Z", "dtend": "20261201T153000Z"}
HINT = {"says": "counter", "starts_at": "2026-12-01T14:00:00+00:00", "ends_at": "2026-12-01T15:30:00+00:00"}
MAYBE = Ends(WAITS, State.TENTATIVE, suggestion=HINT | {"answer": "tentative"}, reason="it proposes another time")


@pytest.fixture
def scene(world) -> Scene:
    return set_up(world)


def counter(scene, *lines, kind="text/calendar; method=COUNTER", sender="Jo Bloggs <jo@example.org>", **more) -> bytes:
    return scene.mail(Part(kind, scene.event(*lines, method="COUNTER", **more)), sender=sender)


COUNTERS = {
    "39 Outlook's": (
        lambda s: counter(s, TENTATIVE, "X-MS-OLK-ORIGINALSTART:20261201T100000Z", "COMMENT:Train strike", **LATER),
        MAYBE,
    ),
    "39 without saying maybe": (
        lambda s: counter(s, attendee("NEEDS-ACTION"), **LATER),
        waits("it proposes another time", **HINT),
    ),
    "39 without a version": (lambda s: counter(s, TENTATIVE, without="SEQUENCE", **LATER), MAYBE),
    "39 as if of a series": (
        lambda s: counter(s, TENTATIVE, "RECURRENCE-ID;TZID=Europe/London:20261201T100000", **LATER),
        MAYBE,
    ),
    "40 decline and propose": (
        lambda s: counter(s, attendee("DECLINED"), **LATER),
        Ends(WAITS, State.DECLINED, suggestion=HINT | {"answer": "declined"}),
    ),
    "40 no end": (lambda s: counter(s, TENTATIVE, without="DTEND", dtstart="20261201T140000Z"), MAYBE),
    "40 a zone nobody knows": (
        lambda s: counter(s, TENTATIVE, "DTSTART;TZID=Customized Time Zone:20261201T140000", without="DTSTART DTEND"),
        Ends(WAITS, State.TENTATIVE, suggestion={"says": "counter", "answer": "tentative"}),
    ),
    "41 all guests listed": (
        lambda s: counter(s, attendee("DECLINED", "ana@example.net"), TENTATIVE, SAM, KIM, LEE, **LATER),
        MAYBE,
    ),
    "42 no time changes": (
        lambda s: counter(s, attendee("ACCEPTED"), SAM, KIM, summary="Housing and Ill Health"),
        waits("it suggests another title, “Housing and Ill Health”; 2 more people", answer="accepted"),
    ),
    "42 another place": (
        lambda s: counter(s, attendee("ACCEPTED"), "LOCATION:Online"),
        waits("it suggests another place, “Online”", answer="accepted"),
    ),
    "nothing changes: a plain answer": (
        lambda s: counter(s, attendee("ACCEPTED"), "LOCATION:14 Park Row\\, Leeds"),
        yes(reason="a proposal that changes nothing"),
    ),
    "a rule to come back for ever": (lambda s: counter(s, TENTATIVE, "RRULE:FREQ=SECONDLY", **LATER), MAYBE),
    "to the old date": (
        lambda s: counter(s, TENTATIVE, sequence="1", **LATER),
        waits("an earlier date", **HINT, answer="tentative"),
    ),
    "of somebody else": (
        lambda s: counter(s, SAM, sender="sam@other.example", **LATER),
        waits(
            "Sam answered the invitation", says="forwarded", name="Sam", email="sam@other.example", answer="accepted"
        ),
    ),
    "sent by an assistant": (
        lambda s: counter(
            s, attendee("TENTATIVE", SENT_BY='"mailto:pa@example.org"'), sender="pa@example.org", **LATER
        ),
        None,
    ),
}
SAM = attendee("ACCEPTED", "sam@other.example", CN="Sam")
KIM = attendee("DECLINED", "kim@other.example", CN='3D"Kim"')
LEE = attendee("NEEDS-ACTION", "lee@other.example")


@pytest.mark.parametrize("case", COUNTERS)
def test_a_proposal_waits_for_a_person_and_moves_nothing(scene, case):
    build, ends = COUNTERS[case]
    if ends is None:
        assert scene.receive(build(scene)).outcome is WAITS
        assert (scene.jos().state, scene.jos().provisional) == (State.TENTATIVE, True)
    else:
        check_twice(scene, build(scene), ends)
    assert scene.world.states(scene.ana) == [State.INVITED]
    with scene.world.db.read() as session:
        table = scene.world.table(session)
        assert (table.starts_at, table.ends_at, table.sequence, table.title) == (STARTS, ENDS, 2, "Housing and health")
    assert len(scene.world.letters()) == (3 if case == "to the old date" else 2)


def test_three_proposals_of_one_guest_wait_and_no_more(scene):
    ended = []
    for hour in range(14, 18):
        times = {"dtstart": f"20261201T{hour}0000Z", "dtstamp": f"20261123T10{hour}00Z"}
        ended.append(scene.receive(counter(scene, TENTATIVE, without="DTEND", **times)))
    assert [mail.outcome for mail in ended] == [WAITS, WAITS, WAITS, IGNORED]
    assert "3 proposals of theirs wait already" in ended[-1].reason


def test_a_proposal_after_a_cancellation_is_only_kept(scene):
    scene.change_table(status="cancelled", sequence=3)
    check_twice(scene, counter(scene, TENTATIVE, **LATER), ignored("answered after cancellation"))


# --- REFRESH ----------------------------------------------------------------------------------------------------


def refresh(scene, sender="Jo Bloggs <jo@example.org>", address="jo@example.org", **more) -> bytes:
    event = scene.event(attendee("", address), method="REFRESH", without="DTSTART DTEND SUMMARY SEQUENCE", **more)
    return scene.mail(Part("text/calendar; method=REFRESH", event), sender=sender)


def test_43_who_asks_for_the_newest_version_gets_it_at_the_address_that_was_invited(scene):
    scene.receive(scene.reply(attendee("ACCEPTED")))
    check_twice(scene, refresh(scene), Ends(IGNORED, State.ACCEPTED, reason="the newest version, which was sent again"))
    newest = scene.world.letters(invitation_id=scene.jo)[-1]
    [part] = [p for p in read(newest.raw).calendars if not p.attachment]
    [found] = itip.read(part.data)
    assert (newest.to_address, part.method, found.sequence) == ("jo@example.org", "REQUEST", 2)
    assert found.attendees == (("jo@example.org", itip.PartStat.ACCEPTED),)


def test_43_it_goes_to_nobody_else_whoever_asks(scene):
    scene.receive(refresh(scene, sender="noreply@cloud.example.org"))
    scene.receive(refresh(scene, sender="eve@evil.example", address="eve@evil.example"), at=RECEIVED + MINUTE)
    assert [letter.to_address for letter in scene.world.letters(invitation_id=scene.jo)] == ["jo@example.org"] * 2


def test_43_once_an_hour_and_five_times_a_day(scene):
    sent = []
    for half_hour in range(24):
        before = len(scene.world.letters())
        scene.receive(refresh(scene), at=RECEIVED + half_hour * timedelta(minutes=31))
        sent.append(len(scene.world.letters()) - before)
    assert sent[:10] == [1, 0] * 5
    assert sum(sent) == 5


def test_43_after_a_cancellation_the_newest_version_is_that(scene):
    scene.change_table(status="cancelled", sequence=3)
    check_twice(scene, refresh(scene), ignored("the newest version, which was sent again"))
    assert read(scene.world.letters(invitation_id=scene.jo)[-1].raw).calendars[0].method == "CANCEL"


def test_43_a_table_that_is_over_has_no_newest_version(scene):
    check_twice(scene, refresh(scene), ignored("there is none to send"), at=ENDS + MINUTE)
    assert scene.kinds() == ["invitation"]


def test_of_two_newest_versions_only_the_later_leaves(scene):
    scene.receive(refresh(scene))
    scene.receive(refresh(scene), at=RECEIVED + timedelta(hours=2))
    states = [letter.state for letter in scene.world.letters(invitation_id=scene.jo)]
    assert states == [LetterState.CANCELLED, LetterState.CANCELLED, LetterState.QUEUED]


# --- winmail.dat ------------------------------------------------------------------------------------------------


def private(message_class: str) -> bytes:
    def attribute(number: int, value: bytes) -> bytes:
        return b"\x01" + number.to_bytes(4, "little") + len(value).to_bytes(4, "little") + value + checksum(value)

    def checksum(value: bytes) -> bytes:
        return (sum(value) & 0xFFFF).to_bytes(2, "little")

    version = attribute(0x00089006, b"\x00\x00\x01\x00")
    return b"\x78\x9f\x3e\x22\x01\x00" + version + attribute(0x00078008, message_class.encode() + b"\0")


RESP = "IPM.Schedule.Meeting.Resp."
PRIVATE = {
    "yes": (private(RESP + "Pos"), "", waits("private format (winmail.dat): accepted", answer="accepted")),
    "no": (private(RESP + "Neg"), "", waits("private format (winmail.dat): declined", answer="declined")),
    "maybe": (private(RESP + "Tent"), "See below", waits("(winmail.dat): tentative", answer="tentative")),
    "anything else": (private("IPM.Note"), "", waits("which says no more; please ask the sender")),
    "damaged": (private(RESP + "Pos")[:30], "", waits("which says no more")),
}


@pytest.mark.parametrize("case", PRIVATE)
def test_an_answer_in_microsofts_private_format_is_suggested(scene, case):
    data, text, ends = PRIVATE[case]
    check_twice(
        scene,
        scene.mail(Part("text/plain", text), Part('application/ms-tnef; name="winmail.dat"', data)),
        ends,
    )


def test_plain_words_beside_the_private_format_count_as_words(scene):
    raw = scene.mail(
        Part("text/plain", "Yes, count me in.\r\n"),
        Part('application/ms-tnef; name="winmail.dat"', private("IPM.Note")),
    )
    scene.receive(raw)
    assert scene.jos().state is State.ACCEPTED
