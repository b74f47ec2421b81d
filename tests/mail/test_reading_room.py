"""Where mail is opened: in a process that can be ended, whatever somebody sends."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from roundtables.calendar.attendees import PartStat
from roundtables.errors import Unreadable
from roundtables.mail import reading_room
from roundtables.mail.opener import ROOM
from roundtables.mail.opening import Opened, Sealed, open_mail
from roundtables.mail.reading_room import ReadingRoom, Stumbled
from tests.mail.test_mail_bombs import BOMBS
from tests.mails import golden

YES = Sealed(
    b"From: jo@example.org\r\nSubject: Re: x\r\n\r\nYes, I will come.\r\n", "jo@example.org", ("rsvp@localhost",)
)
# An opener in which some subjects do harm that no mail we know of does any more.
HARMFUL = """
import os, time
from roundtables.mail import opener
well = opener.open_mail
def harm(sealed):
    if b"Subject: spin" in sealed.raw:
        while True: pass
    if b"Subject: eat" in sealed.raw:
        held = [bytearray(1 << 20) for _ in range(4096)]
    if b"Subject: die" in sealed.raw: os._exit(3)
    if b"Subject: sleep" in sealed.raw: time.sleep(60)
    if b"Subject: mistake" in sealed.raw: raise KeyError("secret")
    return well(sealed)
opener.open_mail = harm
opener.main()
"""


@pytest.fixture
def room() -> Iterator[ReadingRoom]:
    room = ReadingRoom()
    yield room
    room.close()


@pytest.fixture
def harmful() -> Iterator[ReadingRoom]:
    room = ReadingRoom(patience=30, command=[sys.executable, "-c", HARMFUL])
    room.open(YES)
    yield room
    room.close()


def about(subject: str) -> Sealed:
    return Sealed(f"From: jo@example.org\r\nSubject: {subject}\r\n\r\nYes.\r\n".encode())


def process(room: ReadingRoom) -> int:
    assert room._opener is not None
    return room._opener.pid


def most_memory(pid: int) -> int:
    """The most that a process ever held, in bytes."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def test_a_mail_is_opened_as_it_would_be_here(room):
    reply = Sealed(golden("google-accepted", TOKENJO="t" * 26, UIDOFTABLE="a-uid"), None, ("rsvp+x@localhost",), "mx")
    opened = room.open(reply)
    assert opened == open_mail(reply)
    assert isinstance(opened, Opened)
    assert [answer.partstat for answer, _ in opened.answers] == [PartStat.ACCEPTED] * 2
    assert room.open(YES) == open_mail(YES)


@pytest.mark.parametrize(
    ("subject", "result"),
    [
        ("spin", Unreadable("reading it would take more time than a mail may")),
        ("eat", Unreadable("reading it would take more memory than a mail may")),
        ("die", Stumbled("the opener ended (3)")),
        ("sleep", Stumbled("it was not read within 3 seconds")),
        ("mistake", Stumbled("our own mistake (KeyError)")),
    ],
)
def test_harm_is_the_openers_alone(harmful, subject, result):
    harmful.patience = 3 if subject == "sleep" else 30  # by the clock, and the machine may be busy
    got = harmful.open(about(subject))
    assert (type(got), str(got)) == (type(result), str(result))
    assert harmful.open(YES) == open_mail(YES)


def test_of_several_each_gets_its_own_end(harmful):
    mails = [about(each) for each in ("Yes", "spin", "No", "mistake", "die", "Perhaps")]
    plain = [open_mail(mails[n]) for n in (0, 2, 5)]
    got = harmful.open_all(mails)
    assert [got[0], got[2], got[5]] == plain
    assert [str(got[n]) for n in (1, 3, 4)] == [
        "reading it would take more time than a mail may",
        "Stumbled(why='our own mistake (KeyError)')",
        "Stumbled(why='the opener ended (3)')",
    ]


def test_small_mails_go_together_and_large_ones_alone(room, monkeypatch):
    asked = []
    monkeypatch.setattr(room, "_open", lambda mails: [asked.append(len(mails))] * len(mails))
    large = Sealed(b"x" * reading_room.SMALL)
    room.open_all([YES, YES, large, YES, large, large])
    assert asked == [2, 1, 1, 1, 1]


def test_an_opener_that_somebody_ended_is_started_again(room):
    room.open(YES)
    os.kill(process(room), signal.SIGKILL)
    room._opener.wait()
    assert room.open(YES) == open_mail(YES)


def test_it_does_not_listen_to_the_terminals_interrupt(room):
    room.open(YES)
    first = process(room)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(first, number)
    assert room.open(YES) == open_mail(YES)
    assert process(room) == first


def test_it_ends_when_nobody_can_ask_it_any_more(room):
    room.open(YES)
    room._opener.stdin.close()
    assert room._opener.wait(5) == 0


def test_it_is_let_go_after_a_minute_without_mail(room, monkeypatch):
    room.open(YES)
    room.rest()
    assert room._opener is not None
    later = time.monotonic() + reading_room.IDLE + 1
    monkeypatch.setattr(reading_room.time, "monotonic", lambda: later)
    room.rest()
    assert room._opener is None


@pytest.mark.parametrize(
    "name", ["a header of five megabytes", "open tags", "a calendar in base64", "entities", "zeroes"]
)
def test_the_worst_mails_stay_within_their_memory(room, name):
    room.open(YES)
    pid, before = process(room), most_memory(process(room))
    assert not isinstance(room.open(Sealed(BOMBS[name])), Stumbled)
    assert process(room) == pid, "it had neither to be ended nor to be started again"
    assert most_memory(pid) - before < ROOM
