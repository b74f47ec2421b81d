"""What was printed, when and by whom, and what is different since. Runs inside the caller's transaction."""

from dataclasses import dataclass

from sqlmodel import Session

from roundtables.attendance import queries, seating
from roundtables.attendance.model import Printing
from roundtables.attendance.papers import WITH_SEATS, Before, Paper, Sheets, changes, said_of
from roundtables.invitation.keeping import row_id
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.model import Roundtable


@dataclass(frozen=True, slots=True)
class Line:
    """How one kind of printout stands: its last printing, and how many are new, changed and gone since."""

    kind: Paper
    last: Printing | None
    new: int = 0
    changed: int = 0
    gone: int = 0

    @property
    def differs(self) -> bool:
        return self.last is not None and bool(self.new or self.changed or self.gone)


def lines(session: Session, sheets: Sheets) -> list[Line]:
    """All kinds, in the order of Paper, in one query."""
    found = queries.printings(session, row_id(sheets.day.table))
    return [_line(kind, sheets, found.get(kind.value)) for kind in Paper]


def last_of(session: Session, table: Roundtable, kind: Paper) -> Before:
    """What the newest printing of this kind said."""
    return as_before(queries.printings(session, row_id(table)).get(kind.value))


def as_before(row: Printing | None) -> Before:
    return Before(row.printed_at, row.said) if row is not None else Before()


def record(session: Session, kind: Paper, sheets: Sheets, *, by: str) -> Printing:
    """Writes down that this was printed. A plan of seats that is printed is kept from then on."""
    roundtables.hold(session, row_id(sheets.day.table))
    if kind in WITH_SEATS:
        seating.settle_unless_settled(session, sheets.day, by=by, now=sheets.now)
    said = said_of(kind, sheets)
    row = Printing(
        roundtable_id=row_id(sheets.day.table), kind=kind.value, printed_at=sheets.now, printed_by=by, said=said
    )
    session.add(row)
    session.flush()
    return row


def _line(kind: Paper, sheets: Sheets, last: Printing | None) -> Line:
    return Line(kind, last, **changes(kind, sheets, as_before(last))) if last is not None else Line(kind, None)
