"""
A file of people from its first row to its last: looked through, and stored a thousand rows at a time.

What a file says is judged anew in the transaction that stores it, so nothing rests on how the book was a minute ago.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from roundtables.db import Db
from roundtables.invitation.model import Invitation
from roundtables.person import matching, storing
from roundtables.person.incoming import Row
from roundtables.person.matching import Kind, Legible, Seen, Verdict
from roundtables.person.report import Left, Report
from roundtables.person.storing import AT_ONCE, Choices, Stored

SHOWN = 200  # of each kind, on a page


@dataclass(slots=True)
class Preview:
    """How many rows are of each kind, and the first of each."""

    counts: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    first: dict[Kind, list[Verdict]] = field(default_factory=lambda: {kind: [] for kind in Kind})

    def add(self, verdict: Verdict) -> None:
        self.counts[verdict.kind] += 1
        if len(self.first[verdict.kind]) < SHOWN:
            self.first[verdict.kind].append(verdict)


def preview(db: Db, convener_id: int, rows: Iterable[Row]) -> Preview:
    """What each row would be; nothing is stored."""
    found, seen = Preview(), Seen()
    for part in _parts(rows):
        with db.read() as session:
            for verdict in storing.verdicts(session, convener_id, part, seen):
                found.add(verdict)
    return found


def store(
    db: Db,
    convener_id: int,
    rows: Iterable[Row],
    choices: Choices,
    *,
    now: datetime,
    tell: Callable[[int], None] = lambda done: None,
) -> Report:
    """Stores a file; after each part `tell` hears how many rows are done. Repeated, it stores nothing twice."""
    report, seen, ids, read = Report(), Seen(), dict[int, int](), 0
    for part in _parts(rows):
        done = _store_part(db, convener_id, part, choices, seen, ids, now=now)
        ids |= done.ids
        _add_up(report, done)
        read += len(part)
        tell(read)
    return report


def undo(db: Db, convener_id: int, rows: Iterable[Row], began_at: datetime) -> int:
    """
    Takes out of the book whom a storing that began at that moment added, but for those who were changed, merged or
    asked to a table since. How many are out.
    """
    out, seen = 0, Seen()
    for part in _parts(rows):
        with db.write() as session:
            judged = storing.verdicts(session, convener_id, part, seen)
            fresh = {v.known.id for v in judged if v.kind is Kind.SAME and v.known and v.known.created_at == began_at}
            asked = session.exec(select(Invitation.person_id).where(col(Invitation.person_id).in_(fresh))).all()
            out += storing.take_out(session, fresh.difference(asked))
    return out


def _store_part(
    db: Db, convener_id: int, part: list[Legible], choices: Choices, seen: Seen, ids: dict[int, int], *, now: datetime
) -> Stored:
    """One transaction; once more if somebody else wrote one of these addresses at the same moment."""
    try:
        return _once(db, convener_id, part, choices, seen, ids, now)
    except IntegrityError:
        seen.forget_from(part[0][0].number)
        return _once(db, convener_id, part, choices, seen, ids, now)


def _once(
    db: Db, convener_id: int, part: list[Legible], choices: Choices, seen: Seen, ids: dict[int, int], now: datetime
) -> Stored:
    with db.write() as session:
        judged = storing.verdicts(session, convener_id, part, seen)
        return storing.store(session, convener_id, judged, choices, ids, now=now)


def _parts(rows: Iterable[Row]) -> Iterator[list[Legible]]:
    rest = iter(rows)
    while part := [matching.legible(row) for row in islice(rest, AT_ONCE)]:
        yield part


def _add_up(report: Report, done: Stored) -> None:
    report.added += done.added
    report.changed += done.changed
    report.unchanged += done.unchanged
    report.left += [Left(verdict.row.number, str(reason), verdict.row.words) for verdict, reason in done.left]
