"""What is printed for the day: a page with every kind of it, and the PDFs."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, URLEncodedBody
from sqlmodel import Session

from roundtables.attendance import printing, queries
from roundtables.attendance.at_day import TABLE, at_day, check_day_team, pages_of_the_day
from roundtables.attendance.day import Day, gathered, seated
from roundtables.attendance.paper_words import NAMES
from roundtables.attendance.papers import ABOUT_NEEDS, CARDS, Before, Paper, Sheets, data_of, name_of_file
from roundtables.attendance.scripts import not_printable
from roundtables.attendance.typesetting import families, pdf
from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import DAY_TEAM, READERS, Organiser
from roundtables.db import now
from roundtables.desk.queries import papers_of
from roundtables.web.answers import page
from roundtables.web.forms import Form


@get(f"{TABLE}/badges", may=READERS, sync_to_thread=True)
def badges(roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    """Everything there is to print, when it was printed last, and what is different since."""
    with db.read() as session:
        day, context = at_day(session, organiser, settings, roundtable_id, tab="badges")
        lines = printing.lines(session, _sheets(session, day, organiser))
    may = organiser.may_run_the_day
    context |= {
        "expected": day.expected,
        "lines": [line for line in lines if may or line.kind not in ABOUT_NEEDS],
        "names": NAMES,
        "cards": CARDS,
        "odd": not_printable([guest.name for guest in day.expected], families()),
    }
    return page("attendance/badges.html", **context)


def looking_at(kind: Paper) -> Any:
    """One of them to look at. Nothing is written down: a page that is only looked at was not printed."""
    readers = DAY_TEAM if kind in ABOUT_NEEDS else READERS

    @get(f"{TABLE}/{kind.value}.pdf", may=readers, sync_to_thread=True)
    def look(roundtable_id: FromPath[int], organiser: Signed, db: TheDb) -> Response[bytes]:
        with db.read() as session:
            sheets = _sheets(session, gathered(session, organiser.convener_id, roundtable_id), organiser)
            before = printing.last_of(session, sheets.day.table, kind)
        return _file(kind, sheets, before, organiser, "inline")

    return look


@post(f"{TABLE}/printings", may=DAY_TEAM, sync_to_thread=True)
def print_it(
    roundtable_id: FromPath[int],
    data: URLEncodedBody[dict[str, Any]],
    organiser: Signed,
    db: TheDb,
    settings: TheSettings,
) -> Response[bytes]:
    """The PDF, written down as printed; marks are against the printing its reader knew of, however often it is sent."""
    check_day_team(data, organiser, settings)
    form = Form(data)
    kind, since = form.choice("kind", Paper, Paper.BADGES), form.whole("since", least=1, most=2**31 - 1)
    form.check()
    with db.write() as session:
        sheets = _sheets(session, gathered(session, organiser.convener_id, roundtable_id), organiser)
        before = printing.as_before(queries.printing(session, roundtable_id, kind.value, since))
        printing.record(session, kind, sheets, by=organiser.name)
    return _file(kind, sheets, before, organiser, "attachment", only_changed=form.ticked("only"))


def _sheets(session: Session, day: Day, organiser: Organiser) -> Sheets:
    reports = [report.title for report in papers_of(session, day.table)]
    return Sheets(day, seated(day, reads_needs=organiser.may_run_the_day), now(), reports)


def _file(
    kind: Paper, sheets: Sheets, before: Before, organiser: Organiser, how: str, *, only_changed: bool = False
) -> Response[bytes]:
    data = data_of(kind, sheets, before, only_changed=only_changed)
    made = pdf(data, language=organiser.language, at=sheets.now)
    headers = {
        "content-disposition": f'{how}; filename="{name_of_file(kind, sheets)}"',
        "cache-control": "no-store",
        "x-robots-tag": "noindex",
    }
    return Response(made, media_type="application/pdf", status_code=200, headers=headers)


HANDLERS = [pages_of_the_day(badges, print_it, *map(looking_at, Paper))]
