"""Answers of the calendars of the world, through the real intake on both databases; and none of them twice."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from roundtables.attendance.model import Needs
from roundtables.invitation import intake
from roundtables.invitation.rules import Answer, State, Via
from roundtables.mail.inbox import Door, Outcome
from tests.invitation.scene import FAIL_UNMINDED, MINUTE, RECEIVED, Part, Scene, attendee, set_up

APPLIED, WAITS, IGNORED = Outcome.APPLIED, Outcome.NEEDS_HUMAN, Outcome.IGNORED
ACCEPTED = attendee("ACCEPTED")


@pytest.fixture
def scene(world) -> Scene:
    return set_up(world)


@dataclass
class Ends:
    """How a mail must end, and what must stand afterwards."""

    outcome: Outcome
    state: State = State.INVITED
    comment: str | None = None
    provisional: bool = False
    suggestion: dict = field(default_factory=dict)
    reason: str = ""


def yes(comment=None, **more) -> Ends:
    return Ends(APPLIED, State.ACCEPTED, comment, **more)


def no(comment=None, **more) -> Ends:
    return Ends(APPLIED, State.DECLINED, comment, **more)


def maybe(comment=None, **more) -> Ends:
    return Ends(APPLIED, State.TENTATIVE, comment, **more)


def waits(reason="", **suggestion) -> Ends:
    return Ends(WAITS, suggestion=suggestion, reason=reason)


def ignored(reason="") -> Ends:
    return Ends(IGNORED, reason=reason)


def check(scene: Scene, mail, ends: Ends) -> None:
    jo = scene.jos()
    assert (mail.outcome, jo.state) == (ends.outcome, ends.state), mail.reason
    assert ends.reason in mail.reason
    assert {k: v for k, v in (mail.suggestion or {}).items() if v} == ends.suggestion, mail.reason
    assert jo.provisional == ends.provisional == ("provisional" in mail.reason)
    assert ends.comment is None or jo.comment == ends.comment


def check_twice(scene: Scene, raw: bytes, ends: Ends, *, at: datetime = RECEIVED, to=None) -> None:
    """A mail ends as it must, and changes nothing when it comes again, by the same door or by another."""
    mail = scene.receive(raw, at=at, to=to)
    check(scene, mail, ends)
    stands = scene.stands()
    scene.receive(raw, at=at + MINUTE, to=to)
    other_way = b"Received: from elsewhere.example\r\n" + raw
    intake.receive(scene.world.db, other_way, door=Door.PIPE, now=at + 2 * MINUTE, envelope_to=to or [])
    assert scene.stands() == stands


COUNTERS = {"says": "counter", "starts_at": "2026-12-01T14:00:00+00:00", "ends_at": "2026-12-01T15:30:00+00:00"}
CLIENTS = {
    "google-accepted": yes(""),
    "google-tentative-with-note": maybe("Can't promise, may be late"),
    "google-counter": Ends(WAITS, State.TENTATIVE, "After lunch?", suggestion=COUNTERS | {"answer": "tentative"}),
    "exchange-declined": no(),
    "exchange-2003-tentative": maybe(""),
    "outlook-com-no-stamp": yes(""),
    "outlook-connector-accepted": yes(),
    "outlook-counter": Ends(WAITS, State.TENTATIVE, "Train strike", suggestion=COUNTERS | {"answer": "tentative"}),
    "apple-accepted": yes(),
    "thunderbird-declined": no(),
    "kde-tentative": maybe(),
    "kde-counter-coded": Ends(
        WAITS,
        State.TENTATIVE,
        suggestion={
            "says": "counter",
            "answer": "tentative",
            "starts_at": "2026-12-02T10:00:00+00:00",
            "ends_at": "2026-12-02T11:30:00+00:00",
        },
    ),
    "kde-delegated": waits("the calendar names a deputy", says="deputy", name="Sam Okafor", email="sam@example.org"),
    "evolution-accepted": yes("Looking forward to it, thank you."),
    "nextcloud-accepted": yes(reason="sent from noreply@cloud.example.org"),
    "sogo-accepted": yes(),
    "davical-accepted": yes(),
    "horde-declined-with-comment": no("In Cardiff"),
    "zimbra-declined": no(),
    "proton-accepted": yes(""),
    "tuta-alias-accepted": yes(provisional=True, reason="provisional: answered as jo.bloggs@home.example"),
    "yahoo-busy": yes(provisional=True, reason="Yahoo's own field"),
    "notes-broken-fold": yes(),
    "mu4e-two-addresses": yes(),
    "script-request-edited": waits("it is an invitation and not a reply", answer="accepted"),
    "fastmail-nothing-decided": ignored("the calendar reply names no answer"),
    "open-xchange-with-comment": yes("By the early train"),
    "mailspring-counter": waits(
        "it proposes another time",
        says="counter",
        starts_at="2026-12-01T11:00:00+00:00",
        ends_at="2026-12-01T12:30:00+00:00",
    ),
    "list-munged-accepted": yes(reason="sent from policy@lists.example.net"),
    "latin-1-declined": no("Leider in Zürich"),
}


@pytest.mark.parametrize("name", CLIENTS)
def test_the_answer_of_every_client_is_read(world, name):
    scene = set_up(world, sequence=0)
    check_twice(scene, scene.golden(name), CLIENTS[name])
    assert world.states(scene.ana) == [State.INVITED]
    if CLIENTS[name].outcome is APPLIED:
        assert scene.jos().answered_via is Via.CALENDAR


PA = {"says": "assistant", "answer": "accepted", "email": "pa@example.org"}
DAMAGED = {
    "12 the part says REQUEST, the object REPLY": (
        lambda s: s.mail(Part("text/calendar; method=REQUEST", s.event(ACCEPTED))),
        yes(provisional=True, reason="provisional: the part said REQUEST, the object REPLY"),
    ),
    "12 the part says REPLY, the object REQUEST": (
        lambda s: s.reply(ACCEPTED, method="REQUEST"),
        waits("it is an invitation and not a reply", answer="accepted"),
    ),
    "13 no METHOD in the object": (lambda s: s.reply(ACCEPTED, method=""), yes()),
    "13 no METHOD anywhere": (lambda s: s.mail(Part("text/calendar", s.event(ACCEPTED, method=""))), yes()),
    "13 only as a file": (
        lambda s: s.mail(
            Part("text/plain", "See the file."), Part('application/octet-stream; name="reply.ics"', s.event(ACCEPTED))
        ),
        yes(),
    ),
    "14 two parts that differ": (
        lambda s: s.mail(s.event(ACCEPTED), Part("application/ics", s.event(attendee("DECLINED")))),
        waits("its calendar parts contradict each other"),
    ),
    "14 two parts of one object": (
        lambda s: s.mail(s.event(ACCEPTED), Part("application/ics", s.event(ACCEPTED))),
        yes(),
    ),
    "15 no ATTENDEE": (
        lambda s: s.reply(summary="Accepted: Housing and health"),
        waits("names no answer", answer="accepted"),
    ),
    "15 no ATTENDEE, in German": (lambda s: s.reply(summary="Mit Vorbehalt: Wohnen"), waits(answer="tentative")),
    "15 no ATTENDEE, a status": (lambda s: s.reply("REQUEST-STATUS:2.0;Success"), ignored("names no answer")),
    "16 their calendar failed": (
        lambda s: s.reply(ACCEPTED, "REQUEST-STATUS:3.7;Invalid calendar user"),
        waits("could not read the invitation (3.7;Invalid calendar user)"),
    ),
    "17 an unquoted colon": (
        lambda s: s.reply("ATTENDEE;PARTSTAT=ACCEPTED;SENT-BY=mailto:pa@example.org:mailto:jo@example.org"),
        yes(provisional=True, reason="provisional: via pa@example.org", suggestion=PA),
    ),
    "19 quoted-printable left in it": (
        lambda s: s.reply('ATTENDEE;CN=3D"Jo Bloggs";PARTSTAT=3DACCEPTED:mailto:jo@example.org'),
        yes(),
    ),
    "19 no ORGANIZER, no stamp, no version": (lambda s: s.reply(ACCEPTED, without="ORGANIZER DTSTAMP SEQUENCE"), yes()),
    "20 a zone nobody knows": (
        lambda s: s.reply(
            ACCEPTED, 'DTSTART;TZID="Customized Time Zone":20261124T100000', without="DTSTART DTEND SEQUENCE"
        ),
        yes(),
    ),
    "20 a zone that is a description": (
        lambda s: s.reply(
            ACCEPTED, 'DTSTART;TZID="(GMT+00.00) Greenwich/Lisbon/London":20261201T100000', without="DTSTART DTEND"
        ),
        yes(),
    ),
    "20 a zone without its definition": (
        lambda s: s.reply(ACCEPTED, "DTSTART;TZID=Europe/Paris:20261201T110000", without="DTSTART DTEND SEQUENCE"),
        yes(),
    ),
    "an unknown word": (lambda s: s.reply(attendee("X-LIKELY")), waits("names no answer")),
    "Google's word for a deleted entry": (lambda s: s.reply(attendee("DELETED")), waits(answer="declined")),
    "nothing decided, with a comment": (
        lambda s: s.reply(attendee("NEEDS-ACTION"), "COMMENT:Is there parking?"),
        waits("names no answer"),
    ),
    "in UTF-16": (
        lambda s: s.mail(
            Part(
                "text/calendar; method=REPLY; charset=utf-16",
                s.event(ACCEPTED, "COMMENT:Zoë").encode("utf-16"),
                "Content-Transfer-Encoding: binary\r\n",
            )
        ),
        yes("Zoë"),
    ),
    "in Latin letters": (
        lambda s: s.mail(
            Part("text/calendar; method=REPLY; charset=iso-8859-1", s.event(ACCEPTED, "COMMENT:Zoë").encode("latin-1"))
        ),
        yes("Zoë"),
    ),
    "the words beside it say the opposite": (
        lambda s: s.mail(Part("text/plain", "Sorry, pressed the wrong button, I can't come.\r\n"), s.event(ACCEPTED)),
        waits("the words beside it say the opposite", answer="accepted"),
    ),
    "about another entry": (
        lambda s: s.reply(ACCEPTED, uid="2f1e7c9a-0000-4000-8000-000000000000"),
        waits("not this invitation", answer="accepted"),
    ),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_is_damaged_or_missing_loses_no_answer(scene, case):
    build, ends = DAMAGED[case]
    check_twice(scene, build(scene), ends)


def days(hours: float) -> timedelta:
    return timedelta(hours=hours)


ORDER = {
    "21 a change of mind": ([("ACCEPTED", "100000Z"), ("DECLINED", "100500Z")], State.DECLINED),
    "22 out of order": ([("ACCEPTED", "100500Z"), ("DECLINED", "100000Z")], State.ACCEPTED),
    "23 the same stamp": ([("ACCEPTED", "100000Z"), ("DECLINED", "100000Z")], State.DECLINED),
    "yes, no, yes with our own stamp": (
        [("ACCEPTED", "ours"), ("DECLINED", "ours"), ("ACCEPTED", "ours")],
        State.ACCEPTED,
    ),
    "70 a poisoned clock": ([("ACCEPTED", "2099"), ("DECLINED", "110000Z")], State.DECLINED),
    "no stamp at all": ([("ACCEPTED", ""), ("DECLINED", "")], State.DECLINED),
    "a stamp from before we asked": ([("ACCEPTED", "1999"), ("DECLINED", "1999")], State.DECLINED),
}
STAMPS = {"ours": "20261120T101500Z", "2099": "20991231T235959Z", "1999": "19990101T000000Z"}


@pytest.mark.parametrize("case", ORDER)
def test_what_was_said_last_stands(scene, case):
    said, state = ORDER[case]
    for number, (partstat, stamp) in enumerate(said):
        given = {"dtstamp": STAMPS.get(stamp, f"20261123T{stamp}")} if stamp else {"without": "DTSTAMP"}
        sequence = {"sequence": "2147483648"} if stamp == "2099" else {}
        mail = scene.receive(
            scene.reply(attendee(partstat), **given, **sequence), at=RECEIVED + number * timedelta(hours=1)
        )
    assert scene.jos().state is state, mail.reason


def test_a_late_arrival_with_the_stamp_of_the_one_before_is_told(scene):
    scene.receive(scene.reply(ACCEPTED))
    mail = scene.receive(scene.reply(attendee("DECLINED")), at=RECEIVED + MINUTE)
    assert "it bears the time of the answer before; what came last counts" in mail.reason


VERSIONS = {
    "26a missing, our time": ({"without": "SEQUENCE"}, yes()),
    "26b higher than ours": ({"sequence": "7"}, yes(reason="it names a later version than ours")),
    "26c below zero": ({"sequence": "-1"}, yes()),
    "26c no number": ({"sequence": "two"}, yes()),
    "26d missing, the old day": (
        {"without": "SEQUENCE", "dtstart": "20261124T100000Z"},
        waits("it answers an earlier date of the roundtable", answer="accepted"),
    ),
    "24 the old date": ({"sequence": "1"}, waits("it answers an earlier date of the roundtable", answer="accepted")),
}


@pytest.mark.parametrize("case", VERSIONS)
def test_the_version_that_is_answered(scene, case):
    given, ends = VERSIONS[case]
    check_twice(scene, scene.reply(ACCEPTED, **given), ends)


def test_microsofts_own_count_stands_in_for_a_missing_one(scene):
    raw = scene.reply(ACCEPTED, "X-MICROSOFT-CDO-APPT-SEQUENCE:1", without="SEQUENCE")
    check_twice(scene, raw, waits("an earlier date", answer="accepted"))


def test_25_a_harmless_older_version_counts(scene):
    scene.change_table(sequence=4)
    check_twice(scene, scene.reply(ACCEPTED, sequence="3"), yes())


def test_24_who_answered_the_old_date_is_sent_the_new_one_once(scene):
    scene.receive(scene.reply(ACCEPTED, sequence="1"))
    scene.receive(scene.reply(attendee("DECLINED"), sequence="1"), at=RECEIVED + MINUTE)
    assert scene.kinds() == ["invitation", "invitation"]
    newest = scene.world.letters(invitation_id=scene.jo)[-1]
    assert (newest.sequence, newest.to_address) == (2, "jo@example.org")


def test_24_an_answer_under_the_name_of_the_old_date_is_about_that(scene):
    old = scene.uid
    scene.change(uid="7d0f2f9e-1111-4111-8111-111111111111")
    check_twice(scene, scene.reply(ACCEPTED, uid=old), waits("an earlier date", answer="accepted"))


@pytest.mark.parametrize(
    ("local", "expected"), [("20261025T013000", State.ACCEPTED), ("20261025T003000", State.INVITED)]
)
def test_times_are_compared_as_instants_where_the_clocks_change(world, local, expected):
    scene = set_up(world)
    half_past_one = datetime.fromisoformat("2026-10-25T00:30:00+00:00")
    scene.change_table(starts_at=half_past_one, ends_at=half_past_one + timedelta(hours=2))
    scene.change(asked_at=datetime.fromisoformat("2026-10-01T00:00:00+00:00"))
    line = f"DTSTART;TZID=Europe/London:{local}"
    raw = scene.reply(ACCEPTED, line, without="DTSTART DTEND SEQUENCE", dtstamp="20261010T100000Z")
    scene.receive(raw, at=datetime.fromisoformat("2026-10-10T10:30:00+00:00"))
    assert scene.jos().state is expected


def test_28_a_page_answer_is_not_overtaken_by_a_mail_written_before_it(scene):
    from tests.world import NOW

    scene.world.answer(scene.jo, Answer.DECLINED, after=RECEIVED - NOW)
    late = RECEIVED + 20 * MINUTE
    assert scene.receive(scene.reply(ACCEPTED), at=late).outcome is IGNORED
    assert scene.jos().state is State.DECLINED
    newer = scene.reply(ACCEPTED, dtstamp="20261123T104000Z")
    assert scene.receive(newer, at=late).outcome is APPLIED


def test_1_googles_unaligned_mail_counts_by_its_address(scene):
    raw = scene.mail(scene.event(ACCEPTED), head=(FAIL_UNMINDED,))
    check_twice(scene, raw, yes())


OCCURRENCES = {
    "a day we do not have": (["RECURRENCE-ID:20261208T100000Z"], waits("one day of a series", answer="accepted")),
    "our own day, in another zone": (["RECURRENCE-ID;TZID=Europe/Paris:20261201T110000"], yes()),
}


@pytest.mark.parametrize("case", OCCURRENCES)
def test_an_answer_to_one_day_of_a_series(scene, case):
    lines, ends = OCCURRENCES[case]
    check_twice(scene, scene.reply(ACCEPTED, *lines), ends)


def test_the_answer_to_the_whole_counts_beside_those_to_single_days(scene):
    master, other = scene.event(ACCEPTED), scene.event(attendee("DECLINED"), "RECURRENCE-ID:20261208T100000Z")
    inner = other[other.index("BEGIN:VEVENT") : other.index("END:VCALENDAR")]
    both = master.replace("END:VCALENDAR", f"{inner}END:VCALENDAR")
    check_twice(scene, scene.mail(both), yes(reason="it also answers single days"))


def test_44_after_a_cancellation_nothing_counts_and_the_cancel_goes_once_more(scene):
    scene.change_table(status="cancelled", sequence=3)
    check_twice(scene, scene.reply(ACCEPTED), ignored("answered after cancellation"))
    assert scene.kinds() == ["invitation", "cancellation"]
    scene.receive(scene.reply(ACCEPTED, dtstamp="20261123T101000Z"), at=RECEIVED + MINUTE)
    assert scene.kinds() == ["invitation", "cancellation"]


def test_44_who_was_told_is_not_told_again(scene):
    from roundtables.invitation import gathering

    with scene.world.db.write() as session:
        gathering.cancel(session, scene.world.table(session), by="Farah", now=RECEIVED)
    told = scene.kinds()
    scene.receive(scene.reply(ACCEPTED), at=RECEIVED + MINUTE)
    assert scene.kinds() == told


def test_45_after_the_end_nothing_counts(scene):
    late = datetime.fromisoformat("2026-12-01T12:00:00+00:00")
    check_twice(scene, scene.reply(ACCEPTED), ignored("answered after the end"), at=late)


def test_what_somebody_needs_is_kept_apart_from_their_answer(scene):
    wheelchair = "COMMENT:Looking forward to it. I use a wheelchair."
    mail = scene.receive(scene.reply(ACCEPTED, wheelchair))
    assert (mail.outcome, mail.tells_needs) == (APPLIED, True)
    for text in (mail.decides, mail.reason, scene.jos().comment, str(mail.facts)):
        assert "wheelchair" not in text
    with scene.world.db.read() as session:
        [needs] = session.exec(select(Needs)).all()
        assert "wheelchair" in f"{needs.dietary} {needs.access} {needs.note}"


NEVER = {
    "46 CANCEL": (lambda s: s.reply(ACCEPTED, method="CANCEL"), ignored("CANCEL is never acted on")),
    "46 ADD": (lambda s: s.reply(ACCEPTED, method="ADD"), ignored("ADD is never acted on")),
    "46 PUBLISH": (lambda s: s.reply(ACCEPTED, method="PUBLISH"), ignored("PUBLISH is never acted on")),
    "46 DECLINECOUNTER": (lambda s: s.reply(ACCEPTED, method="DECLINECOUNTER"), ignored("never acted on")),
    "46 a delegation copy": (
        lambda s: s.reply(attendee("NEEDS-ACTION", "sam@example.org"), method="REQUEST"),
        waits("it is an invitation and not a reply"),
    ),
    "46 free-busy": (
        lambda s: s.mail(s.event(ACCEPTED, uid="null").replace("VEVENT", "VFREEBUSY")),
        ignored("about no meeting"),
    ),
    "46 a task": (lambda s: s.mail(s.event(ACCEPTED).replace("VEVENT", "VTODO")), ignored("about no meeting")),
    "a sentence instead of an object": (
        lambda s: s.mail("Jo Bloggs accepts this invitation.\r\n"),
        waits("its calendar part cannot be read"),
    ),
}


@pytest.mark.parametrize("case", NEVER)
def test_methods_that_must_not_act_do_not(scene, case):
    build, ends = NEVER[case]
    check_twice(scene, build(scene), ends)
