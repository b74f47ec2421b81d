"""
How the entries of the log hang together. Pure.

Each entry has a mark that hangs on the mark before it, so that none can be changed, taken out or put in without every
later mark being another. A seal keeps the marks of a stretch and its last one, the head, in full; the head is signed
with the secret that is not in the database.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BEGINNING = "0" * 64  # what the first entry hangs on
MARK = 16  # letters of a mark that a seal keeps: enough to tell which entry is another


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is hashed; `at` in UTC, ISO 8601 with microseconds."""

    id: int
    at: str
    who: str
    what: str
    kind: str
    about: int
    state: str
    fields: str

    def words(self) -> bytes:
        parts = (self.id, self.at, self.who, self.what, self.kind, self.about, self.state, self.fields)
        return "\x1f".join(map(str, parts)).encode()


def hang(before: str, lines: Iterable[Line]) -> list[str]:
    """The mark of each line, 64 hex digits, the first hanging on `before`."""
    marks = []
    for line in lines:
        before = hashlib.sha256(before.encode() + b"\x1e" + line.words()).hexdigest()
        marks.append(before)
    return marks


def signature(secret: str, number: int, head: str) -> str:
    """What only who has the secret can write under the head of a seal."""
    return hmac.new(secret.encode(), f"roundtables/audit/{number}/{head}".encode(), hashlib.sha256).hexdigest()


def first_broken(before: str, lines: Sequence[Line], marks: Sequence[Sequence[int | str]], head: str) -> int | None:
    """
    The number of the first entry of a stretch that is not as it was sealed: changed, missing, or put in. None if all
    are as they were and end in `head`.
    """
    found = hang(before, lines)
    for n, (number, mark) in enumerate(marks):
        if n >= len(lines) or lines[n].id != number:
            return int(number) if n >= len(lines) or lines[n].id > int(number) else lines[n].id
        if found[n][:MARK] != mark:
            return int(number)
    if len(lines) > len(marks):
        return lines[len(marks)].id
    return None if (found[-1] if found else before) == head else (lines[-1].id if lines else 0)
