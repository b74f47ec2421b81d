"""
Whose data was erased, without saying so: keyed hashes of addresses, in the database and in a file beside it.

A backup made before an erasure knows nothing of it; the file does, and is read at each restore. Without the secret
nobody can ask it whether an address is there.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, select

from roundtables.keeping.model import Erasure
from roundtables.naming import address_key

FILE = "erased"


def mark(secret: str, address: str) -> str:
    """What the register keeps of an address."""
    words = f"roundtables/erased/{address_key(address)}"
    return hmac.new(secret.encode(), words.encode(), hashlib.sha256).hexdigest()


def enter(session: Session, marks: Iterable[str], *, now: datetime) -> None:
    """Into the database."""
    for one in marks:
        row = session.get(Erasure, one) or Erasure(hash=one, at=now)
        row.at = max(row.at, now)
        session.add(row)


def write_down(folder: Path, marks: Iterable[str], *, now: datetime) -> None:
    """Into the file, synced; mode 0600."""
    folder.mkdir(parents=True, exist_ok=True)
    _append(folder / FILE, "".join(f"{one} {now.isoformat()}\n" for one in marks))


def read(path: Path) -> dict[str, datetime]:
    """What a file of the register says: the newest moment of each mark. A line that is none is passed over."""
    found: dict[str, datetime] = {}
    for line in path.read_text("ascii", "replace").splitlines() if path.is_file() else ():
        one, _, at = line.partition(" ")
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            continue
        if len(one) == 64 and moment.utcoffset() is not None:
            found[one] = max(moment, found.get(one, moment))
    return found


def known(session: Session) -> dict[str, datetime]:
    """What the database says."""
    return {row.hash: row.at for row in session.exec(select(Erasure))}


def together(*registers: Mapping[str, datetime]) -> dict[str, datetime]:
    """The newest moment of each mark."""
    found: dict[str, datetime] = {}
    for one in registers:
        for mark, at in one.items():
            found[mark] = max(at, found.get(mark, at))
    return found


def replace(folder: Path, marks: Mapping[str, datetime]) -> None:
    """The file says exactly this from now on, whole or not at all."""
    fresh = folder / f".{FILE}.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    if marks:
        _append(fresh, "".join(f"{one} {at.isoformat()}\n" for one, at in sorted(marks.items())))
        fresh.replace(folder / FILE)


def _append(path: Path, lines: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
