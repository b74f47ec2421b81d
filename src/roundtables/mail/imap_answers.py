"""What an IMAP server tells, out of the lists the standard library makes of it. Pure."""

import re
from typing import Any, Final

from roundtables.errors import TryLater

LARGEST_NUMBER: Final = 2**32 - 1  # RFC 3501 §2.3.1.1
_SECTION = rb"\bBODY\[[^\]]*\](?:<0>)? "
_LITERAL = re.compile(_SECTION + rb"~?\{\d+\}$")
_QUOTED = re.compile(_SECTION + rb'"((?:[^"\\]|\\.)*)"')
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,19})\b")
_NEWS = re.compile(rb"\* \d+ EXISTS\b", re.IGNORECASE)


def number(word: bytes) -> int:
    """A UID or a UIDVALIDITY. Raises TryLater if it is none."""
    if not word.isdigit() or len(word) > 10 or not 0 < int(word) <= LARGEST_NUMBER:
        raise TryLater("the mail server tells a number that is none")
    return int(word)


def numbers(told: list[Any]) -> list[int]:
    """Of a SEARCH, in order."""
    return sorted({number(word) for line in told if isinstance(line, bytes) for word in line.split()})


def sizes(told: list[Any]) -> dict[int, int]:
    """Of a FETCH: UID -> bytes, as the server counts them."""
    found = [(_UID.search(line), _SIZE.search(line)) for line in told if isinstance(line, bytes)]
    return {int(uid[1]): int(size[1]) for uid, size in found if uid and size}


def content(told: list[Any], uid: int) -> bytes | None:
    """
    What a FETCH gave of the mail `uid`, None if nothing. A literal comes as (what stands before it, itself), and
    what stands behind it follows as the next piece; news of other mails may lie between.
    """
    for piece, after in zip(told, [*told[1:], b""], strict=True):
        before, literal = piece if isinstance(piece, tuple) else (piece, None)
        behind = after if literal is not None and isinstance(after, bytes) else b""
        named = _UID.search(before or b"") or _UID.search(behind)
        if named is None or int(named[1]) != uid:
            continue
        if literal is not None and _LITERAL.search(before):
            return bytes(literal)
        if literal is None and (short := _QUOTED.search(before)):
            return re.sub(rb"\\(.)", rb"\1", short[1])
    return None


def is_news(line: bytes) -> bool:
    """Whether an untagged line says that there is mail (RFC 3501 §7.3.1). How many it says is nothing to go by."""
    return _NEWS.match(line) is not None
