"""Finds roundtables of one convener."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col, select

from roundtables.errors import NotFound
from roundtables.report.model import Report
from roundtables.roundtable.model import Roundtable, RoundtableReport
from roundtables.roundtable.rules import Status

_HELD = (
    select(Roundtable)
    .where(Roundtable.id == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def by_id(session: Session, convener_id: int, roundtable_id: int) -> Roundtable:
    """Raises NotFound."""
    roundtable = session.get(Roundtable, roundtable_id)
    if roundtable is None or roundtable.convener_id != convener_id:
        raise NotFound("roundtable")
    return roundtable


def hold(session: Session, roundtable_id: int) -> Roundtable:
    """The row, locked until the transaction ends: who decides about seats asks for this first."""
    session.connection()  # begins a transaction, if none has begun
    held: dict[tuple[SessionTransaction | None, int], Roundtable] = session.info.setdefault("held", {})
    key = session.get_transaction(), roundtable_id
    if key not in held:
        held[key] = session.exec(_HELD, params={"id": roundtable_id}).one()
    return held[key]


def hold_all(session: Session, roundtable_ids: Iterable[int]) -> None:
    """hold() for several at once, always in the same order."""
    session.connection()
    transaction = session.get_transaction()
    held: dict[tuple[SessionTransaction | None, int], Roundtable] = session.info.setdefault("held", {})
    wanted = [number for number in roundtable_ids if (transaction, number) not in held]
    found = select(Roundtable).where(col(Roundtable.id).in_(wanted)).order_by(col(Roundtable.id)).with_for_update()
    for table in session.exec(found.execution_options(populate_existing=True)) if wanted else ():
        held[transaction, table.id or 0] = table


def page(session: Session, convener_id: int, *, after: int | None = None, limit: int) -> list[Roundtable]:
    """Newest first, `limit` and no more, beginning behind the id `after`."""
    found = select(Roundtable).where(Roundtable.convener_id == convener_id)
    if after is not None:
        found = found.where(col(Roundtable.id) < after)
    return list(session.exec(found.order_by(col(Roundtable.id).desc()).limit(limit)))


def status_now(roundtable: Roundtable, now: datetime) -> Status:
    """The stored status, but an open table whose end is past has been held."""
    if roundtable.status is Status.OPEN and roundtable.ends_at <= now:
        return Status.HELD
    return roundtable.status


def reports(session: Session, roundtable_id: int) -> list[Report]:
    """What is read for one table, in the order it was published."""
    found = (
        select(Report)
        .join(RoundtableReport, col(RoundtableReport.report_id) == Report.id)
        .where(RoundtableReport.roundtable_id == roundtable_id)
    )
    return list(session.exec(found.order_by(col(Report.published_on), col(Report.id))))


def report_ids(session: Session, roundtable_ids: Sequence[int]) -> dict[int, list[int]]:
    """The reports each of these tables is about."""
    linked = select(RoundtableReport).where(col(RoundtableReport.roundtable_id).in_(roundtable_ids))
    found: dict[int, list[int]] = {i: [] for i in roundtable_ids}
    for row in session.exec(linked.order_by(col(RoundtableReport.report_id))):
        found[row.roundtable_id].append(row.report_id)
    return found
