"""Of winmail.dat only the kind of message is read, and nothing in it can do harm."""

import random
import time

import pytest

from roundtables.mail.tnef import MOST_BYTES, UNKNOWN, message_class

SIGNATURE = b"\x78\x9f\x3e\x22\x01\x00"


def attribute(number: int, value: bytes, *, level: bytes = b"\x01", checksum: int | None = None) -> bytes:
    summed = sum(value) & 0xFFFF if checksum is None else checksum
    head = level + number.to_bytes(4, "little") + len(value).to_bytes(4, "little")
    return head + value + summed.to_bytes(2, "little")


def kind(name: bytes, **more) -> bytes:
    return attribute(0x00078008, name, **more)


VERSION = attribute(0x00089006, b"\x00\x00\x01\x00")
POS = b"IPM.Schedule.Meeting.Resp.Pos"
FILES = {
    "a yes": (SIGNATURE + VERSION + kind(POS + b"\0"), POS.decode()),
    "an old name": (SIGNATURE + kind(b"IPM.Microsoft Schedule.MtgRespA\0"), "IPM.Schedule.Meeting.Resp.Tent"),
    "a note": (SIGNATURE + kind(b"IPM.Note\0"), "IPM.Note"),
    "nothing": (b"", UNKNOWN),
    "another file": (b"PK\x03\x04" + kind(POS), UNKNOWN),
    "cut short": ((SIGNATURE + VERSION + kind(POS))[:-20], UNKNOWN),
    "a length past the end": (SIGNATURE + b"\x01\x08\x80\x07\x00\xff\xff\xff\xff" + POS, UNKNOWN),
    "a wrong sum": (SIGNATURE + kind(POS, checksum=1), UNKNOWN),
    "a name that is none": (SIGNATURE + kind(b"IPM.Note\r\nBcc: x\0"), UNKNOWN),
    "no name": (SIGNATURE + VERSION * 100, UNKNOWN),
    "a level that is none": (SIGNATURE + kind(POS, level=b"\x07"), UNKNOWN),
    "too many attributes": (SIGNATURE + attribute(1, b"") * 600 + kind(POS), UNKNOWN),
    "too large": (SIGNATURE + attribute(1, b"\0" * MOST_BYTES) + kind(POS), UNKNOWN),
}


@pytest.mark.parametrize("case", FILES)
def test_the_kind_of_message_is_found_or_nothing(case):
    data, expected = FILES[case]
    assert message_class(data) == expected


def test_no_bytes_make_it_stumble_or_linger():
    dice = random.Random(7)
    started = time.process_time()
    for _ in range(300):
        message_class(SIGNATURE + bytes(dice.choices((0, 1, 2, 8, 128, 255), k=dice.randrange(400))))
    message_class(SIGNATURE + attribute(1, b"") * 90_000)
    assert time.process_time() - started < 1
