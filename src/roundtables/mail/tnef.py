"""
Of Microsoft's private format (winmail.dat) nothing but what kind of message it is. Pure. MS-OXTNEF §2.1.

    signature, key, then attributes: level (1), id (4), length (4), data, checksum (2), all least octet first
"""

import re

MOST_BYTES = 1024 * 1024
MOST_ATTRIBUTES = 500
UNKNOWN = "?"
_SIGNATURE = (0x223E9F78).to_bytes(4, "little")
_MESSAGE_CLASS = 0x00078008  # attMessageClass, of type text
_LEVELS = (1, 2)
_CLASS = re.compile(r"IPM(?:\.[A-Za-z0-9_-]{1,40}){1,10}")
_OLD_NAMES = {  # before Exchange 5, and in some connectors still
    "IPM.Microsoft Schedule.MtgRespP": "IPM.Schedule.Meeting.Resp.Pos",
    "IPM.Microsoft Schedule.MtgRespN": "IPM.Schedule.Meeting.Resp.Neg",
    "IPM.Microsoft Schedule.MtgRespA": "IPM.Schedule.Meeting.Resp.Tent",
}


def message_class(data: bytes) -> str:
    """
    The message class, such as "IPM.Schedule.Meeting.Resp.Pos"; "?" if it is too large, damaged, or names none.

    Never raises, never looks at more than MOST_BYTES or MOST_ATTRIBUTES.
    """
    if len(data) > MOST_BYTES or data[:4] != _SIGNATURE:
        return UNKNOWN
    at = 6
    for _ in range(MOST_ATTRIBUTES):
        if at + 9 > len(data) or data[at] not in _LEVELS:
            return UNKNOWN
        attribute = int.from_bytes(data[at + 1 : at + 5], "little")
        length = int.from_bytes(data[at + 5 : at + 9], "little")
        value = data[at + 9 : at + 9 + length]
        if len(value) < length:
            return UNKNOWN
        if attribute == _MESSAGE_CLASS:
            return _named(value, data[at + 9 + length : at + 11 + length])
        at += 11 + length
    return UNKNOWN


def _named(value: bytes, checksum: bytes) -> str:
    if sum(value) & 0xFFFF != int.from_bytes(checksum, "little"):
        return UNKNOWN
    name = value[:200].split(b"\0")[0].decode("ascii", "replace")
    name = _OLD_NAMES.get(name, name)
    return name if _CLASS.fullmatch(name) else UNKNOWN
