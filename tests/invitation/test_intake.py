"""Mail through the real intake: kept, read, settled; on both databases."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from roundtables.db import Db
from roundtables.errors import TryLater
from roundtables.invitation import intake
from roundtables.invitation.actions import Guest
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import history
from roundtables.invitation.rules import Answer, State, Via
from roundtables.mail.inbox import Door, IncomingMail, Outcome
from roundtables.mail.message import read
from roundtables.mail.outbox import LetterState
from roundtables.tokens import Purpose, derive
from tests.mails import golden
from tests.world import ANA, NOW, SECRET

# The golden mails are about a roundtable of 1 December 2026, asked on 20 November and answered on the 23rd.
ASKED = datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
RECEIVED = datetime(2026, 11, 23, 9, 5, 30, tzinfo=UTC)
JO = Guest("Jo Bloggs", "jo@example.org", "Chief Executive", "Northshire Council", seat_kind="L")

CALENDARS = {
    "google-accepted": (State.ACCEPTED, ""),
    "google-tentative-with-note": (State.TENTATIVE, "Can't promise, may be late"),
    "exchange-declined": (State.DECLINED, None),
    "outlook-connector-accepted": (State.ACCEPTED, None),
    "apple-accepted": (State.ACCEPTED, None),
    "kde-tentative": (State.TENTATIVE, None),
    "nextcloud-accepted": (State.ACCEPTED, None),
}


@pytest.fixture
def jo(world):
    with world.db.write() as session:
        table = world.table(session)
        table.starts_at = datetime(2026, 12, 1, 10, tzinfo=UTC)
        table.ends_at = table.starts_at + timedelta(minutes=90)
    [jo] = world.ask(JO, now=ASKED)
    return jo


def mail_for(world, invitation_id, name, **changes) -> bytes:
    uid = world.invitation(invitation_id).uid
    raw = golden(name, TOKENJO=world.reply_token(invitation_id), UIDOFTABLE=uid)
    for old, new in changes.items():
        raw = raw.replace(old.encode(), new.encode())
    return raw


def receive(world, raw, *, at=RECEIVED, to=None, trusted=None) -> IncomingMail:
    return intake.receive(
        world.db, raw, door=Door.LMTP, now=at, envelope_from="x@example.org", envelope_to=to or [], trusted=trusted
    )


def object_with(world, invitation_id, *lines, method="REPLY", to=None) -> bytes:
    """A bare calendar reply of Jo's: `lines` go into the event."""
    body = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", f"METHOD:{method}", "BEGIN:VEVENT"]
    body += [f"UID:{world.invitation(invitation_id).uid}", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    head = [
        "From: Jo Bloggs <jo@example.org>",
        f"To: {to or 'rsvp+' + world.reply_token(invitation_id) + '@localhost'}",
        f"Message-ID: <{hash(lines)}@example.org>",
        "Subject: a reply",
        f"Content-Type: text/calendar; method={method}; charset=utf-8",
        "",
    ]
    return "\r\n".join(head + body).encode()


def attendee(partstat, **parameters) -> str:
    more = "".join(f";{name}={value}" for name, value in parameters.items())
    return f"ATTENDEE;PARTSTAT={partstat}{more}:mailto:jo@example.org"


@pytest.mark.parametrize(("name", "expected"), CALENDARS.items(), ids=CALENDARS.keys())
def test_a_calendar_reply_of_every_client_is_applied(world, jo, name, expected):
    mail = receive(world, mail_for(world, jo, name))
    assert (mail.outcome, mail.invitation_id) == (Outcome.APPLIED, jo), mail.reason
    state, comment = expected
    invitation = world.invitation(jo)
    assert (invitation.state, invitation.answered_via) == (state, Via.CALENDAR)
    assert comment is None or invitation.comment == comment


def test_the_same_object_as_part_and_attachment_is_one_answer(world, jo):
    receive(world, mail_for(world, jo, "google-accepted"))
    with world.db.read() as session:
        answers = [line for line in history(session, jo) if line.mail_id is not None]
    assert [line.what for line in answers] == ["accepted by calendar"]


def test_plain_words_are_applied_and_what_was_understood_is_told_with_a_way_back(world, jo):
    mail = receive(world, mail_for(world, jo, "words-yes"))
    assert mail.outcome is Outcome.APPLIED, mail.reason
    assert world.states(jo) == [State.ACCEPTED]
    [letter] = world.letters(kind="understood")
    page = derive(SECRET, Purpose.PAGE, world.invitation(jo).nonce)
    told = read(letter.raw).text
    assert page in told
    assert " ".join(mail.decides.split()) in told


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("exchange-out-of-office", Outcome.IGNORED),
        ("icloud-vacation", Outcome.IGNORED),
        ("bounce-unknown-user", Outcome.NEEDS_HUMAN),
        ("bounce-delayed", Outcome.IGNORED),
    ],
)
def test_a_machine_never_answers_for_anybody(world, jo, name, outcome):
    mail = receive(world, mail_for(world, jo, name))
    assert mail.outcome is outcome, mail.reason
    assert world.states(jo) == [State.INVITED]
    assert [x.kind for x in world.letters()] == ["invitation"]


def test_a_bounce_marks_the_address_and_leaves_the_answer(world, jo):
    world.answer(jo, Answer.ACCEPTED, after=RECEIVED - NOW)
    [letter] = world.letters(kind="invitation")
    receive(world, golden("bounce-unknown-user"), to=[letter.envelope_from], at=RECEIVED + timedelta(hours=1))
    assert world.states(jo) == [State.ACCEPTED]
    assert world.invitation(jo).bounced_at is not None


def test_the_same_mail_over_two_doors_has_one_effect(world, jo):
    raw = mail_for(world, jo, "google-accepted")
    first = receive(world, raw)
    again = intake.receive(world.db, raw, door=Door.HTTP, now=RECEIVED + timedelta(minutes=1))
    other_way = intake.receive(
        world.db, b"Received: from elsewhere\r\n" + raw, door=Door.PIPE, now=RECEIVED + timedelta(minutes=2)
    )
    assert first.outcome is Outcome.APPLIED
    assert {again.outcome, other_way.outcome} <= {Outcome.APPLIED, Outcome.IGNORED}
    with world.db.read() as session:
        assert len([x for x in history(session, jo) if x.what.startswith("accepted")]) == 1


def test_the_very_same_delivery_again_is_the_same_row(world, jo):
    raw = mail_for(world, jo, "google-accepted")
    assert receive(world, raw).id == receive(world, raw, at=RECEIVED + timedelta(hours=1)).id


CLOCKS = {
    "an older no arrives after the yes": (["DTSTAMP:20261123T090500Z", "DECLINED", "DTSTAMP:20261123T090000Z"], "ACC"),
    "the same stamp: the later arrival wins": (
        ["DTSTAMP:20261123T090500Z", "DECLINED", "DTSTAMP:20261123T090500Z"],
        "DEC",
    ),
    "a newer no": (["DTSTAMP:20261123T090500Z", "DECLINED", "DTSTAMP:20261123T091000Z"], "DEC"),
}


@pytest.mark.parametrize(("stamps", "expected"), CLOCKS.values(), ids=CLOCKS.keys())
def test_the_order_of_what_was_said_and_not_of_arrival(world, jo, stamps, expected):
    first, word, second = stamps
    receive(world, object_with(world, jo, "SEQUENCE:0", first, attendee("ACCEPTED")))
    receive(world, object_with(world, jo, "SEQUENCE:0", second, attendee(word)), at=RECEIVED + timedelta(minutes=20))
    assert world.states(jo) == [State.ACCEPTED if expected == "ACC" else State.DECLINED]


def test_a_page_answer_is_not_overtaken_by_a_mail_written_before_it(world, jo):
    world.answer(jo, Answer.DECLINED, after=datetime(2026, 11, 23, 10, tzinfo=UTC) - NOW)
    late = datetime(2026, 11, 23, 10, 20, tzinfo=UTC)
    raw = object_with(world, jo, "SEQUENCE:0", "DTSTAMP:20261123T095000Z", attendee("ACCEPTED"))
    assert receive(world, raw, at=late).outcome is Outcome.IGNORED
    assert world.states(jo) == [State.DECLINED]
    newer = object_with(world, jo, "SEQUENCE:0", "DTSTAMP:20261123T101000Z", attendee("ACCEPTED"))
    assert receive(world, newer, at=late).outcome is Outcome.APPLIED


SEQUENCES = {
    "absent, our time": ([f"DTSTART:{20261201}T100000Z"], Outcome.APPLIED),
    "higher than ours": (["SEQUENCE:7"], Outcome.APPLIED),
    "below zero": (["SEQUENCE:-1"], Outcome.APPLIED),
    "no number": (["SEQUENCE:two"], Outcome.APPLIED),
    "absent, another day": (["DTSTART:20261124T100000Z"], Outcome.NEEDS_HUMAN),
    "an earlier date's": (["SEQUENCE:1"], Outcome.NEEDS_HUMAN),
}


@pytest.mark.parametrize(("lines", "outcome"), SEQUENCES.values(), ids=SEQUENCES.keys())
def test_the_version_that_is_answered(world, jo, lines, outcome):
    with world.db.write() as session:
        table = world.table(session)
        table.sequence = table.reset_sequence = 2
    mail = receive(world, object_with(world, jo, "DTSTAMP:20261123T090000Z", *lines, attendee("ACCEPTED")))
    assert mail.outcome is outcome, mail.reason
    assert world.states(jo) == [State.ACCEPTED if outcome is Outcome.APPLIED else State.INVITED]


def test_a_harmless_older_version_still_counts(world, jo):
    with world.db.write() as session:
        table = world.table(session)
        table.sequence, table.reset_sequence = 4, 2
    raw = object_with(world, jo, "SEQUENCE:3", "DTSTAMP:20261123T090000Z", attendee("ACCEPTED"))
    assert receive(world, raw).outcome is Outcome.APPLIED


WAITING = {
    "a forwarded invitation": "ATTENDEE;PARTSTAT=ACCEPTED;CN=Sam Okafor:mailto:sam@other.example",
    "no attendee at all": "SUMMARY:Accepted: Housing and health",
    "a deputy by calendar": 'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:sam@x.example":mailto:jo@example.org',
}


@pytest.mark.parametrize("line", WAITING.values(), ids=WAITING.keys())
def test_what_is_not_plainly_hers_waits_for_a_person(world, jo, line):
    raw = object_with(world, jo, "SEQUENCE:0", "DTSTAMP:20261123T090000Z", line)
    raw = raw.replace(b"From: Jo Bloggs <jo@example.org>", b"From: Sam Okafor <sam@other.example>")
    mail = receive(world, raw)
    assert (mail.outcome, mail.invitation_id) == (Outcome.NEEDS_HUMAN, jo)
    assert world.states(jo) == [State.INVITED]
    assert [x.kind for x in world.letters()] == ["invitation"]


def test_only_the_line_of_the_invitee_is_read(world, jo):
    [ana] = world.ask(ANA, now=ASKED)
    other = "ATTENDEE;PARTSTAT=DECLINED:mailto:ana@example.net"
    raw = object_with(world, jo, "SEQUENCE:0", "DTSTAMP:20261123T090000Z", other, attendee("ACCEPTED"))
    assert receive(world, raw).outcome is Outcome.APPLIED
    assert world.states(jo, ana) == [State.ACCEPTED, State.INVITED]


def test_two_parts_that_contradict_each_other_wait_for_a_person(world, jo):
    lines = ("SEQUENCE:0", "DTSTAMP:20261123T090000Z")
    yes, no = (object_with(world, jo, *lines, attendee(word)) for word in ("ACCEPTED", "DECLINED"))
    head, first = yes.split(b"\r\n\r\n", 1)
    head, kind = head.rsplit(b"\r\n", 1)
    second = no.split(b"\r\n\r\n", 1)[1]
    mixed = [head, b'Content-Type: multipart/mixed; boundary="b"', b"", b"--b", kind, b"", first, b"--b"]
    mixed += [b'Content-Type: application/ics; name="invite.ics"', b"", second, b"--b--", b""]
    mail = receive(world, b"\r\n".join(mixed))
    assert (mail.outcome, mail.reason) == (Outcome.NEEDS_HUMAN, "its calendar parts contradict each other")
    assert world.states(jo) == [State.INVITED]


def test_without_the_personal_address_only_a_proven_sender_is_believed(world, jo):
    bare = "rsvp@localhost"
    lines = ("SEQUENCE:0", "DTSTAMP:20261123T090000Z", attendee("ACCEPTED"))
    raw = object_with(world, jo, *lines, to=bare)
    proven = b"Authentication-Results: mx.rt.example; dmarc=pass header.from=example.org\r\n" + raw
    forged = b"Authentication-Results: mx.rt.example; dmarc=fail header.from=example.org\r\n" + raw
    elsewhere = b"Authentication-Results: mx.evil.example; dmarc=pass header.from=example.org\r\n" + raw
    outcomes = [receive(world, m, to=[bare], trusted="mx.rt.example").outcome for m in (raw, forged, elsewhere)]
    assert outcomes[0] is Outcome.NEEDS_HUMAN
    assert Outcome.APPLIED not in outcomes
    assert world.states(jo) == [State.INVITED]
    fresh = proven.replace(b"Message-ID: <", b"Message-ID: <again-")
    assert receive(world, fresh, to=[bare], trusted="mx.rt.example").outcome is Outcome.APPLIED


def test_an_unreadable_mail_is_quarantined_with_the_reason_and_the_next_is_read(world, jo):
    bad = receive(world, b"\x00" * 100 + b"Subject: " + b"=?utf-8?q?x?= " * 20_000)
    assert bad.outcome is Outcome.QUARANTINED
    assert bad.reason
    assert receive(world, mail_for(world, jo, "google-accepted")).outcome is Outcome.APPLIED


def test_our_own_stumbling_loses_nothing_and_is_given_up_after_three_tries(world, jo, monkeypatch):
    mail_id = intake.keep(world.db, mail_for(world, jo, "words-yes"), door=Door.PIPE, now=RECEIVED)

    def stumble(*_, **__):
        raise RuntimeError("ours")

    monkeypatch.setattr(intake, "handle", stumble)
    seen = []
    while intake.read_next(world.db, now=RECEIVED):
        with world.db.read() as session:
            row = session.get_one(IncomingMail, mail_id)
            seen.append((row.tries, row.outcome))
    assert seen == [(1, None), (2, None), (3, Outcome.QUARANTINED)]


def test_nothing_is_acknowledged_when_the_database_is_away(tmp_path):
    away = Db(f"sqlite:///{tmp_path}/no/such/folder/x.sqlite3")
    with pytest.raises(TryLater):
        intake.keep(away, b"Subject: x\r\n\r\n", door=Door.PIPE, now=NOW)


def test_an_answer_by_mail_of_an_unknown_person_changes_nothing(world, jo):
    raw = b"From: Nobody <nobody@else.example>\r\nTo: rsvp@localhost\r\nSubject: Yes\r\n\r\nYes, count me in.\r\n"
    assert receive(world, raw, to=["rsvp@localhost"]).outcome is Outcome.IGNORED
    assert world.states(jo) == [State.INVITED]


def test_applied_mail_can_be_undone_at_the_desk(world, jo):
    from roundtables.invitation.decisions import Decision, decide

    mail = receive(world, mail_for(world, jo, "google-accepted"))
    with world.db.write() as session:
        row = session.get_one(IncomingMail, mail.id)
        decide(session, row, Decision.UNDO, by="Farah", now=RECEIVED + timedelta(hours=1))
    assert world.states(jo) == [State.INVITED]
    with world.db.write() as session:
        row = session.get_one(IncomingMail, mail.id)
        decide(session, row, Decision.APPLY, answer="accepted", by="Farah", now=RECEIVED + timedelta(hours=2))
    assert world.states(jo) == [State.ACCEPTED]


def test_a_deputy_named_in_a_mail_is_seated_by_one_decision(world, jo):
    from roundtables.invitation.decisions import Decision, decide

    lines = (
        "SEQUENCE:0",
        "DTSTAMP:20261123T090000Z",
        'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:sam@example.org":mailto:jo@example.org',
    )
    mail = receive(world, object_with(world, jo, *lines))
    assert mail.outcome is Outcome.NEEDS_HUMAN
    with world.db.write() as session:
        decide(
            session,
            session.get_one(IncomingMail, mail.id),
            Decision.SEAT_DEPUTY,
            name="Sam Okafor",
            email="sam@example.org",
            by="Farah",
            now=RECEIVED + timedelta(hours=1),
        )
    assert world.states(jo) == [State.DELEGATED]
    assert [x.to_address for x in world.letters(state=LetterState.QUEUED)] == ["sam@example.org", "jo@example.org"]
    with world.db.read() as session:
        assert session.get_one(Invitation, jo).deputy_email == ""


def test_answers_by_mail_page_and_telephone_at_once_never_oversell(world):
    guests = [Guest(f"Guest {n}", f"guest{n}@example.org") for n in range(24)]
    ids = world.ask(*guests, now=ASKED)
    gate, outcomes = threading.Barrier(6), []

    def by_mail(mine):
        gate.wait()
        for n in mine:
            line = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:guest{n}@example.org"
            raw = object_with(world, ids[n], "SEQUENCE:0", "DTSTAMP:20261123T090000Z", line)
            outcomes.append(receive(world, raw.replace(b"jo@example.org", f"guest{n}@example.org".encode())).outcome)

    def otherwise(mine, via):
        gate.wait()
        for n in mine:
            world.answer(ids[n], Answer.ACCEPTED, via=via, after=RECEIVED - NOW)

    mail = [threading.Thread(target=by_mail, args=(range(n, 12, 2),)) for n in (0, 1)]
    page = [threading.Thread(target=otherwise, args=(range(n, 18, 2), Via.PAGE)) for n in (12, 13)]
    phone = [threading.Thread(target=otherwise, args=(range(n, 24, 2), Via.PHONE)) for n in (18, 19)]
    for thread in (threads := [*mail, *page, *phone]):
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes == [Outcome.APPLIED] * 12
    assert Counter(world.states(*ids)) == {State.ACCEPTED: 3, State.WAITING: 21}
