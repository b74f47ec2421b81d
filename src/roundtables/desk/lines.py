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
from roundtables.texts import Wording, _, listed, many
from roundtables.web.filters import count_words, day, day_year, on_weekday, seats_sentence
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


def _seats(table: Roundtable, status: Status, known: Known, found: dict[SeatState, int], coming: int) -> Wording:
    if status is Status.CANCELLED:
        return _("Called off; it was to be on {day}", day=day(table.starts_at, table.time_zone))
    if status is Status.DRAFT:
        return _("{n} seats, nobody asked yet", n=table.seats)
    if status is Status.OPEN:
        return seats_sentence(found)
    held = _("Held {day}", day=day_year(table.starts_at, table.time_zone))
    came = _("{came} of {coming} came", came=known.came, coming=coming)
    return listed([held, came if known.came else _("{n} had said yes", n=coming)], ", ")


def _more(table: Roundtable, status: Status, known: Known) -> str:
    if status is Status.CANCELLED:
        return ""
    when = day(table.starts_at, table.time_zone)
    where = table.town or table.place or (_("online") if table.online_url else "")
    to_come = status in (Status.DRAFT, Status.OPEN)
    words = [listed([part for part in (when, where) if part], ", ")] if to_come else []
    words += _drafts(known) + (_silent(table, known) if status is Status.OPEN else [])
    words += [_("Closed")] if status is Status.CLOSED else [_("Not closed yet")] if status is Status.HELD else []
    return listed([listed(words, ". "), ""], ".")


def _drafts(known: Known) -> list[Wording]:
    drafts = known.counts.get(State.DRAFT, 0)
    if not drafts:
        return []
    count = count_words(drafts).capitalize()
    return [many("{count} letter drafted, not sent", "{count} letters drafted, not sent", drafts, count=count)]


def _silent(table: Roundtable, known: Known) -> list[Wording]:
    silent = known.counts.get(State.INVITED, 0)
    if not silent:
        return [_("Everybody asked has answered")] if known.counts.get(State.ACCEPTED) else []
    count = count_words(silent)
    who = many("{count} person has not answered", "{count} people have not answered", silent, count=count)
    if not table.reply_by:
        return [who.capitalize()]
    return [_("Answers are due {on_day}; {who}", on_day=on_weekday(table.reply_by), who=who)]
