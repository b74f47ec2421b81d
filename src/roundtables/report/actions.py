"""What organisers do with reports. Each action runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from roundtables.errors import Refusals
from roundtables.naming import slug, unused
from roundtables.report.model import Report
from roundtables.texts import _

LONGEST_TITLE, MOST_AUTHORS = 300, 50


@dataclass(frozen=True, slots=True)
class Details:
    """What one may say of a report; `url` is where it can be read."""

    title: str
    authors: Sequence[str] = ()
    publisher: str = ""
    published_on: date | None = None
    url: str = ""


def add(session: Session, convener_id: int, details: Details, *, now: datetime) -> Report:
    """A new report, its address made of the title and kept ever after. Raises Refusal."""
    _check(details)
    report = Report(convener_id=convener_id, slug=_free_slug(session, details.title), title="", created_at=now)
    return _write(session, report, details)


def change(session: Session, report: Report, details: Details) -> Report:
    """Replaces all that is said of `report`; its address stays. Raises Refusal."""
    _check(details)
    return _write(session, report, details)


def details_of(report: Report) -> Details:
    """What is said of `report` now: change fields of it and hand it to `change`."""
    return Details(report.title, report.authors, report.publisher, report.published_on, report.url)


def _check(details: Details) -> None:
    errors: dict[str, str] = {}
    if not details.title.strip() or len(details.title) > LONGEST_TITLE:
        errors["title"] = _("A report needs a title of at most {most} letters.", most=LONGEST_TITLE)
    if len(details.authors) > MOST_AUTHORS:
        errors["authors"] = _("At most {most} authors.", most=MOST_AUTHORS)
    if details.url and not details.url.startswith(("https://", "http://")):
        errors["url"] = _("A link begins with https://.")
    if errors:
        raise Refusals(errors)


def _write(session: Session, report: Report, details: Details) -> Report:
    report.title, report.publisher = " ".join(details.title.split()), details.publisher.strip()
    report.authors = [name for author in details.authors if (name := " ".join(author.split()))]
    report.published_on, report.url = details.published_on, details.url.strip()
    session.add(report)
    session.flush()
    return report


def _free_slug(session: Session, title: str) -> str:
    wanted = slug(title)
    taken = set(session.exec(select(Report.slug).where(col(Report.slug).startswith(wanted, autoescape=True))))
    return unused(wanted, taken)
