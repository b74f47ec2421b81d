"""Mails made to hurt, between good answers: the good ones count, and nothing stops the intake."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from roundtables.errors import Unreadable
from roundtables.invitation import intake
from roundtables.invitation.actions import Guest
from roundtables.invitation.queries import history
from roundtables.invitation.rules import State
from roundtables.mail import inbox, reading_room
from roundtables.mail.inbox import TRIES, Delivery, Door, IncomingMail, Outcome
from roundtables.mail.reading_room import ReadingRoom, Stumbled
from tests.mail.test_mail_bombs import BOMBS
from tests.mails import golden

NOW = datetime(2026, 11, 23, 9, 5, 30, tzinfo=UTC)
GUESTS = [Guest(f"Guest {n}", f"g{n}@example.org") for n in range(9)]
LIGHT = 2_000_000  # bytes: of the heavier ones only these, and on SQLite
HEAVY = ("a header of five megabytes", "open tags", "a calendar in base64", "a description")


def calendar_bomb(unit: bytes, number: int) -> bytes:
    head = b"From: Jo <jo@example.org>\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n"
    return (
        head
        + b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n"
        + unit * number
        + b"END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


CALENDAR_BOMBS = {
    "attendees": calendar_bomb(b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:jo@example.org\r\n", 60_000),
    "a description": calendar_bomb(b"DESCRIPTION:" + b"x" * 9_000_000 + b"\r\n", 1),
    "components in components": calendar_bomb(b"BEGIN:VEVENT\r\n", 20_000),
    "lines of ours": calendar_bomb(b"X-A:b\r\n", 200_000),
    "a rule for every second": calendar_bomb(b"RRULE:FREQ=SECONDLY\r\n", 1),
    "backslashes": calendar_bomb(b"COMMENT:" + b"\\" * 200_000 + b"\r\n", 1),
    "parameters on one line": calendar_bomb(b"ATTENDEE" + b";A=B" * 60_000 + b":mailto:jo@example.org\r\n", 1),
    "dates": calendar_bomb(b"RDATE:" + b"20261201T100000Z," * 12_000 + b"\r\n", 1),
}


@pytest.fixture
def guests(world) -> list[int]:
    with world.db.write() as session:
        table = world.table(session)
        table.starts_at, table.seats = datetime(2026, 12, 1, 10, tzinfo=UTC), 20
        table.ends_at = table.starts_at + timedelta(minutes=90)
    return world.ask(*GUESTS, now=datetime(2026, 11, 20, 10, 15, tzinfo=UTC))


def good(world, invitation_id: int, **instead: str) -> Delivery:
    token, guest = world.reply_token(invitation_id), world.invitation(invitation_id)
    words = {"TOKENJO": token, "UIDOFTABLE": guest.uid, "jo@example.org": guest.email, "Jo Bloggs": guest.name}
    raw = golden("google-accepted", **words, **instead)
    return Delivery(raw, Door.LMTP, NOW, guest.email, (f"rsvp+{token}@localhost",))


def settled(world, numbers=None) -> list[IncomingMail]:
    while intake.read_next(world.db, now=NOW):
        pass
    with world.db.read() as session:
        return [session.get_one(IncomingMail, number) for number in numbers or []]


def states(world, guests) -> list[State]:
    return [world.invitation(number).state for number in guests]


def test_every_bomb_as_one_of_ten_leaves_nine_answers_applied(world, guests):
    bombs = BOMBS | CALENDAR_BOMBS
    heavy = HEAVY if world.db.sqlite else ()
    bombs = {name: raw for name, raw in bombs.items() if len(raw) < LIGHT or name in heavy}
    deliveries = [Delivery(raw, Door.LMTP, NOW, "x@example.org", ("rsvp@localhost",)) for raw in bombs.values()]
    for n, guest in enumerate(guests):
        deliveries.insert(n * 4 + 3, good(world, guest))
    for delivery in deliveries:
        intake.keep_all(world.db, [delivery])
    room = reading_room.ours()
    settled(world)
    with world.db.read() as session:
        outcomes = [session.get_one(IncomingMail, inbox_number(session, d)).outcome for d in deliveries]
    assert None not in outcomes
    assert outcomes.count(Outcome.APPLIED) == len(guests)
    assert states(world, guests) == [State.ACCEPTED] * len(guests)
    assert room._opener.poll() is None


def inbox_number(session, delivery) -> int:
    return inbox.number_of(session, delivery)


class Faulty(ReadingRoom):
    """Opens everything but what says "bomb"."""

    def __init__(self, result) -> None:
        super().__init__()
        self.result, self.asked = result, 0

    def open_all(self, mails):
        return [self._faulty() if b"bomb" in sealed.raw else self.open(sealed) for sealed in mails]

    def _faulty(self):
        self.asked += 1
        return self.result


@pytest.mark.parametrize(
    ("result", "tries", "reason"),
    [
        (Stumbled("the opener ended (-9)"), TRIES, "it could not be read in 3 tries (the opener ended (-9))"),
        (
            Unreadable("reading it would take more time than a mail may"),
            1,
            "reading it would take more time than a mail may",
        ),
    ],
)
def test_what_cannot_be_opened_is_set_aside_and_the_others_count(world, guests, monkeypatch, result, tries, reason):
    room = Faulty(result)
    monkeypatch.setattr(reading_room, "_ours", room)
    bomb = Delivery(b"From: jo@example.org\r\n\r\nbomb", Door.LMTP, NOW, "x@example.org", ("rsvp@localhost",))
    for delivery in [good(world, guests[0]), bomb, good(world, guests[1])]:
        intake.keep_all(world.db, [delivery])
    settled(world)
    with world.db.read() as session:
        row = session.get_one(IncomingMail, inbox_number(session, bomb))
    assert (row.outcome, row.reason, room.asked) == (Outcome.QUARANTINED, reason, tries)
    assert states(world, guests[:3]) == [State.ACCEPTED, State.ACCEPTED, State.INVITED]
    room.close()


def test_a_mistake_of_ours_in_settling_one_mail_leaves_the_others_alone(world, guests, monkeypatch):
    well = intake.handle

    def stumbling(session, row, opened, *, now):
        if b"unlucky" in row.raw:
            raise ZeroDivisionError
        return well(session, row, opened, now=now)

    monkeypatch.setattr(intake, "handle", stumbling)
    unlucky = Delivery(b"From: jo@example.org\r\n\r\nunlucky", Door.LMTP, NOW, "x@example.org", ("rsvp@localhost",))
    intake.keep_all(world.db, [good(world, guests[0]), unlucky, good(world, guests[1])])
    settled(world)
    with world.db.read() as session:
        row = session.get_one(IncomingMail, inbox_number(session, unlucky))
    assert (row.outcome, row.tries) == (Outcome.QUARANTINED, TRIES)
    assert row.reason == "it could not be read in 3 tries (ZeroDivisionError)"
    assert states(world, guests[:2]) == [State.ACCEPTED] * 2


def test_several_readers_on_one_database_settle_each_mail_once(world, guests):
    intake.keep_all(world.db, [good(world, guest) for guest in guests])
    readers = [intake.Reader(world.db, None) for _ in range(3)]
    assert all(reader.open_some() for reader in readers)
    assert [reader.settle_some(NOW) for reader in readers] == [True] * 3
    assert states(world, guests) == [State.ACCEPTED] * len(guests)
    with world.db.read() as session:
        lines = [line.what for guest in guests for line in history(session, guest)]
    assert lines.count("accepted by calendar") == len(guests)


def test_what_is_settled_together_counts_as_if_one_came_after_the_other(world, guests):
    """Copies are one answer, and the last of three for two seats waits, all in one transaction."""
    with world.db.write() as session:
        world.table(session).seats = 2
    first, second, third = (good(world, guest) for guest in guests[:3])
    copy = replace(first, raw=b"Received: by another way\r\n" + first.raw)
    intake.keep_all(world.db, [first, copy, second, third])
    assert intake.read_next(world.db, now=NOW)
    assert not intake.read_next(world.db, now=NOW)
    assert states(world, guests[:3]) == [State.ACCEPTED, State.ACCEPTED, State.WAITING]
    with world.db.read() as session:
        mails = [session.get_one(IncomingMail, number) for number in (1, 2, 3, 4)]
    assert [mail.outcome for mail in mails] == [Outcome.APPLIED, Outcome.IGNORED, Outcome.APPLIED, Outcome.APPLIED]
    assert mails[1].reason == "the same mail came before, as number 1"


def test_a_flood_that_is_settled_together_is_told_as_one(world, guests):
    stamps = [f"20261123T0901{n:02}Z" for n in range(25)]
    flood = [good(world, guests[0], **{"20261123T090509Z": stamp, "4f1a77c0": stamp}) for stamp in stamps]
    for some in (flood[:5], flood[5:]):
        intake.keep_all(world.db, some)
        settled(world)
    with world.db.read() as session:
        outcomes = [session.get_one(IncomingMail, number).outcome for number in range(1, 26)]
    assert outcomes == [Outcome.APPLIED] * 20 + [Outcome.IGNORED] * 5
