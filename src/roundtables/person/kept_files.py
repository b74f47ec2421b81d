"""Files of people, kept for an hour between looking and storing. Each action runs inside the caller's transaction."""

import json
import zlib
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from roundtables.errors import NotFound
from roundtables.person.model import PeopleFile, PeopleMerge
from roundtables.person.report import Left, Report

LASTS = timedelta(hours=1)
MERGES_LAST = timedelta(days=30)


def keep(
    session: Session, convener_id: int, account_id: int, content: bytes, *, pasted: bool, now: datetime
) -> PeopleFile:
    """A file that was read through without a complaint."""
    file = PeopleFile(
        convener_id=convener_id,
        account_id=account_id,
        pasted=pasted,
        content=zlib.compress(content, 6),
        created_at=now,
    )
    session.add(file)
    session.flush()
    return file


def found(session: Session, convener_id: int, account_id: int, file_id: int, *, now: datetime) -> PeopleFile:
    """Their own file. Raises NotFound, also when its hour is over."""
    file = session.get(PeopleFile, file_id)
    if (
        file is None
        or (file.convener_id, file.account_id) != (convener_id, account_id)
        or file.created_at < now - LASTS
    ):
        raise NotFound("file")
    return file


def content(file: PeopleFile) -> bytes:
    return zlib.decompress(file.content)


def begin(session: Session, file: PeopleFile, *, now: datetime) -> datetime:
    """The moment at which the storing of the file began, now if it has not yet."""
    file.began_at = file.began_at or now
    session.add(file)
    session.flush()
    return file.began_at


def finish(session: Session, file: PeopleFile, report: Report) -> None:
    file.report = zlib.compress(json.dumps(asdict(report)).encode(), 6)
    session.add(file)


def report_of(file: PeopleFile) -> Report | None:
    """What became of the file; None as long as it is not stored to its end."""
    if file.report is None:
        return None
    told = json.loads(zlib.decompress(file.report))
    return Report(**told | {"left": [Left(**left) for left in told["left"]]})


def tidy(session: Session, now: datetime) -> None:
    """Lets go of files whose hour is over, and of what would undo a merge of long ago."""
    session.execute(delete(PeopleFile).where(col(PeopleFile.created_at) < now - LASTS))
    session.execute(delete(PeopleMerge).where(col(PeopleMerge.at) < now - MERGES_LAST))
