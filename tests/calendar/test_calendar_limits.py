"""Objects made to hurt: refused in good time, and nothing but Unreadable comes out."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roundtables.calendar.itip import read
from roundtables.errors import Unreadable

OBJECTS = Path(__file__).parent / "objects"


def around(inner: bytes) -> bytes:
    return b"BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\n" + inner + b"END:VEVENT\nEND:VCALENDAR\n"


BOMBS = {
    "a description of 10 MB": (around(b"DESCRIPTION:" + b"x" * 10_000_000 + b"\n"), "256 kB"),
    "60 000 attendees": (around(b"ATTENDEE:mailto:a@example.org\n" * 60_000), "256 kB"),
    "51 attendees": (around(b"ATTENDEE:mailto:a@example.org\n" * 51), "50 attendees"),
    "51 attendees in alarms": (around(b"BEGIN:VALARM\nATTENDEE:mailto:a@b.org\nEND:VALARM\n" * 51), "50 attendees"),
    "9 events": (around(b"END:VEVENT\nBEGIN:VEVENT\n" * 8), "8 events"),
    "9 events one in another": (around(b"BEGIN:VEVENT\nEND:VEVENT\n" * 8), "8 events"),
    "20 000 components one in another": (around(b"BEGIN:X\n" * 20_000), "2000 lines"),
    "5 components one in another": (around(b"BEGIN:A\nBEGIN:B\nBEGIN:C\n"), "nested more than 4 deep"),
    "2001 lines": (around(b"X-A:1\n" * 1996), "2000 lines"),
    "200 000 lines": (around(b"X-A:1\n" * 200_000), "256 kB"),
    "a line of 200 kB": (around(b"X-A:" + b"x" * 200_000 + b"\n"), "64 kB"),
    "a folded line of 200 kB": (around(b"X-A:" + b"\n xxx" * 40_000 + b"\n"), "64 kB"),
    "a line of 200 kB broken without folds": (around(b"X-A:\n" + (b"x" * 1000 + b"\n") * 200), "64 kB"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_is_too_large_is_refused_in_50_milliseconds(bomb):
    data, reason = BOMBS[bomb]
    started = time.process_time()
    with pytest.raises(Unreadable, match=f"too large: .*{reason}"):
        read(data)
    assert time.process_time() - started < 0.05


SLOW = {
    "carriage returns only": b"\r" * 260_000,
    "line feeds only": b"\n" * 260_000,
    "spaces only": around(b" " * 250_000),
    "colons": around((b"ATTENDEE" + b":" * 60_000 + b"\n") * 4),
    "colons and spaces": around((b"ATTENDEE" + b": " * 30_000 + b"\n") * 4),
    "quotes": around((b"ATTENDEE" + b'"' * 60_001 + b"\n") * 4),
    "semicolons": around((b"ATTENDEE" + b";" * 60_000 + b":\n") * 4),
    "parameters": around((b"ATTENDEE" + b";a=" * 20_000 + b":\n") * 4),
    "parameters with spaces": around((b"ATTENDEE;" + b" " * 60_000 + b":\n") * 4),
    "addresses": around((b"ATTENDEE;DELEGATED-TO=" + b"a@b.c," * 10_000 + b":x\n") * 4),
    "backslashes": around((b"COMMENT:" + b"\\" * 60_000 + b"\n") * 4),
    "carets": around((b"ATTENDEE;CN=" + b"^" * 60_000 + b":\n") * 4),
    "entities": around((b"ATTENDEE;X-RESPONSE-COMMENT=" + b"&#38" * 15_000 + b":\n") * 4),
    "coded equals signs": around((b"ATTENDEE" + b";A=3D" * 12_000 + b":\n") * 4),
    "percent signs": around((b"ATTENDEE:mailto:" + b"%41" * 20_000 + b"\n") * 4),
    "letters beyond ASCII": around(("ATTENDEE:mailto:a@" + "ß" * 30_000 + "\n").encode() * 4),
    "an endless name": around((b"A" * 60_000 + b"\n") * 4),
    "mailto": around((b"ATTENDEE:" + b"mailto:" * 9_000 + b"\n") * 4),
    "digits": around((b"SEQUENCE:" + b"9" * 60_000 + b"\n") * 4),
    "ends without beginnings": around(b"END:X\n" * 1_990),
    "quoted-printable": b"BEGIN:VCALENDAR=0D=0A" + b"=\n" * 100_000,
}


@pytest.mark.parametrize("shape", SLOW)
def test_no_shape_of_a_permitted_size_takes_long(shape):
    started = time.process_time()
    try:
        read(SLOW[shape])
    except Unreadable as refused:
        assert str(refused)  # noqa: PT017 either outcome is fine, so long as it comes soon
    assert time.process_time() - started < 1


PIECES = st.sampled_from(
    [b"BEGIN:VCALENDAR\n", b"END:VCALENDAR\n", b"BEGIN:VEVENT\n", b"END:VEVENT\n", b"METHOD:REPLY\n", b"UID:1\n",
     b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:jo@example.org\n", b"DTSTART;TZID=", b"Europe/London:", b"20261201T100000",
     b"=3D", b"=0D=0A", b"\n ", b"\r", b"\xff\xfe", b"\x00", b'"', b";", b":", b"=", b"mailto:", b"COMMENT:", b"\\n"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=40),
    st.sampled_from(["utf-8", "utf-16", "idna", "gb18030", "\x00"]),
)
def test_nothing_but_unreadable_comes_out(pieces, charset):
    data = b"".join(pieces)
    for attempt in (data, b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + data):
        try:
            read(attempt, charset=charset)
        except Unreadable as refused:
            assert "cannot be read (" not in str(refused)  # noqa: PT017 that would be a fault we only caught


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(OBJECTS.glob("*.ics"))), st.data())
def test_a_damaged_answer_is_read_or_refused(path, data):
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    damaged = whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + data.draw(st.integers(0, 30)) :]
    for cut in (damaged, whole[:at]):
        try:
            read(cut)
        except Unreadable as refused:
            assert "cannot be read (" not in str(refused)  # noqa: PT017 that would be a fault we only caught
