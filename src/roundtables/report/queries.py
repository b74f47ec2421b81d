"""Finds reports of one convener."""

from sqlmodel import Session, col, select

from roundtables.errors import NotFound
from roundtables.report.model import Report


def by_id(session: Session, convener_id: int, report_id: int) -> Report:
    """Raises NotFound."""
    report = session.get(Report, report_id)
    if report is None or report.convener_id != convener_id:
        raise NotFound("report")
    return report


def page(session: Session, convener_id: int, *, after: int | None = None, limit: int) -> list[Report]:
    """Newest first, `limit` and no more, beginning behind the id `after`."""
    found = select(Report).where(Report.convener_id == convener_id)
    if after is not None:
        found = found.where(col(Report.id) < after)
    return list(session.exec(found.order_by(col(Report.id).desc()).limit(limit)))
