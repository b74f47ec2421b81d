"""`roundtables import`: people from a file, told as words or as data."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from roundtables.convener.model import Convener
from roundtables.db import Db, now
from roundtables.errors import Refusal
from roundtables.person import importing, reading
from roundtables.person.incoming import MOST_BYTES
from roundtables.person.report import Left, Report
from roundtables.person.storing import Choices

Tell = Callable[[int], None]


def bytes_of(file: Path) -> bytes:
    """What is in `file`, and no more than a file may have. Raises Refusal."""
    if not file.is_file():
        raise Refusal(f"There is no file {file}.")
    with file.open("rb") as source:
        return source.read(MOST_BYTES + 1)


def store(db: Db, slug: str, raw: bytes, tell: Tell) -> Report:
    """
    Everybody in `raw` into the book of the convener `slug`, but for rows that may be somebody we know.

    Raises Refusal for an unknown convener, and Unreadable before anything is stored.
    """
    with db.read() as session:
        convener_id = session.exec(select(Convener.id).where(col(Convener.slug) == slug)).one_or_none()
    if convener_id is None:
        raise Refusal(f"There is no convener {slug}.")
    return importing.store(db, convener_id, reading.people(raw), Choices(), now=now(), tell=tell)


def data(report: Report) -> dict[str, Any]:
    """The report for a program."""
    counts = {name: getattr(report, name) for name in ("added", "changed", "unchanged")}
    return counts | {"not_taken": [asdict(left) for left in report.left]}


def words(report: Report) -> str:
    """The report for a person: one line of numbers, one for each row that was not taken."""
    numbers = f"{report.added:,} added, {report.changed:,} changed, {report.unchanged:,} as they were"
    return "\n".join([f"{numbers}, {len(report.left):,} not taken.", *map(_line, report.left)])


def code(report: Report) -> int:
    """0, or 1 where not one row was taken."""
    return 1 if report.left and not (report.added or report.changed or report.unchanged) else 0


def _line(left: Left) -> str:
    return f"row {left.row}: {left.reason} ({left.words})"
