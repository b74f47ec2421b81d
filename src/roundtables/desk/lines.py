"""Tables as a list tells them: a glyph, the seats in a sentence, and what matters next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from roundtables.desk import queries
from roundtables.invitation import queries as invitations
from roundtables.invitation.rules import State
from roundtables.invitation.seating_plan import states_of, tally
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.queries import status_now
from roundtables.roundtable.rules import Status
from roundtables.web.filters import count_words, day, day_year, plural, seats_sentence, weekday
from roundtables.web.shapes import SeatState


@dataclass(frozen=True, slots=True)
class TableLine:
    """`states` and `number` make the glyph, `seats` stands beside it, `more` below."""

    id: int
    title: str
    states: list[SeatState]
    number: int
    seats: str
    more: str
    bounced: int
    to_come: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What one table's line is made of, besides its row."""

    counts: dict[State, int]
    came: int
    bounced: int


def table_lines(session: Session, tables: Sequence[Roundtable], *, now: datetime) -> list[TableLine]:
    """A line for each, in three queries however many they are."""
    ids = [table.id for table in tables if table.id is not None]
    counts, came = invitations.counts(session, ids), queries.number_who_came(session, ids)
    bounced = invitations.number_bounced(session, ids)
    return [
        line(table, Known(counts[table.id], came.get(table.id, 0), bounced.get(table.id, 0)), now=now)
        for table in tables
        if table.id is not None
    ]


def line(table: Roundtable, known: Known, *, now: datetime) -> TableLine:
    """One table's line: planned, open, held, closed or called off."""
    states = states_of(known.counts, total=table.seats)
    found, status = tally(states), status_now(table, now)
    coming = found.get(SeatState.COMING, 0)
    return TableLine(
        id=table.id or 0,
        title=table.title,
        states=states,
        number=coming,
        seats=_seats(table, status, known, found, coming),
        more=_more(table, status, known),
        bounced=known.bounced,
        to_come=status in (Status.DRAFT, Status.OPEN),
    )


def _seats(table: Roundtable, status: Status, known: Known, found: dict[SeatState, int], coming: int) -> str:
    if status is Status.CANCELLED:
        return f"Called off; it was to be on {day(table.starts_at, table.time_zone)}"
    if status is Status.DRAFT:
        return f"{table.seats} seats, nobody asked yet"
    if status is Status.OPEN:
        return seats_sentence(found)
    came = f"{known.came} of {coming} came" if known.came else f"{coming} had said yes"
    return f"Held {day_year(table.starts_at, table.time_zone)}, {came}"


def _more(table: Roundtable, status: Status, known: Known) -> str:
    if status is Status.CANCELLED:
        return ""
    when = day(table.starts_at, table.time_zone)
    where = table.town or table.place or ("online" if table.online_url else "")
    words = [", ".join(part for part in (when, where) if part)] if status in (Status.DRAFT, Status.OPEN) else []
    words += _drafts(known) + (_silent(table, known) if status is Status.OPEN else [])
    words += ["Closed"] if status is Status.CLOSED else ["Not closed yet"] if status is Status.HELD else []
    return ". ".join(words) + "."


def _drafts(known: Known) -> list[str]:
    drafts = known.counts.get(State.DRAFT, 0)
    return [f"{count_words(drafts).capitalize()} {plural(drafts, 'letter')} drafted, not sent"] if drafts else []


def _silent(table: Roundtable, known: Known) -> list[str]:
    silent = known.counts.get(State.INVITED, 0)
    if not silent:
        return ["Everybody asked has answered"] if known.counts.get(State.ACCEPTED) else []
    who = f"{count_words(silent)} {plural(silent, 'person has', 'people have')} not answered"
    return [f"Answers are due on {weekday(table.reply_by)}; {who}" if table.reply_by else who.capitalize()]
