"""Where a table stands on its way, from real dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from roundtables.attendance.actions import KEPT_AFTER_THE_DAY
from roundtables.invitation.guest_rows import Known, Wave, asked_on
from roundtables.roundtable.rules import Status
from roundtables.texts import _, listed
from roundtables.web.filters import day_short


@dataclass(frozen=True, slots=True)
class Step:
    """`mark` is "done", "now" or "": what the line of steps draws."""

    name: str
    when: str
    mark: str


def steps(known: Known, waves: Sequence[Wave], *, now: datetime) -> list[Step]:
    """From planning to the deletion of needs: what is done, what is under way (the first not done), what is to come."""
    found = [*_before(known, waves, now), *_after(known, now)]
    first = next((place for place, (_name, _when, done) in enumerate(found) if not done), len(found))
    marks = ["now" if place == first else "done" if done else "" for place, (_name, _when, done) in enumerate(found)]
    return [Step(name, when, mark) for (name, when, _done), mark in zip(found, marks, strict=True)]


def _before(known: Known, waves: Sequence[Wave], now: datetime) -> list[tuple[str, str, bool]]:
    table, zone = known.table, known.table.time_zone
    found: list[tuple[str, str, bool]] = [(_("Planned"), day_short(table.created_at, zone), True)]
    found += [_wave(known, wave) for wave in waves] or [(_("Wave {n}", n=1), _("nobody written down"), False)]
    if table.reply_by:
        found.append((_("Answers due"), day_short(table.reply_by), table.reply_by < now.date()))
    return found


def _wave(known: Known, wave: Wave) -> tuple[str, str, bool]:
    sent = [at for row in wave.rows if (at := asked_on(known.histories.get(row.id, ())))]
    words = [day_short(min(sent), known.table.time_zone), _("{n} asked", n=len(sent))] if sent else []
    words += [_("{n} drafted", n=wave.drafts)] if wave.drafts else []
    return _("Wave {n}", n=wave.number), listed(words, ", "), not wave.drafts


def _after(known: Known, now: datetime) -> list[tuple[str, str, bool]]:
    table, zone = known.table, known.table.time_zone
    if table.status is Status.CANCELLED:
        return [(_("Called off"), day_short(table.changed_at, zone), True)]
    closed = day_short(table.closed_at, zone) if table.closed_at else ""
    forgotten = table.ends_at + KEPT_AFTER_THE_DAY
    return [
        (_("The day"), day_short(table.starts_at, zone), table.ends_at <= now),
        (_("Closed"), closed, table.status is Status.CLOSED),
        (_("Needs deleted"), day_short(forgotten, zone), forgotten + timedelta(days=1) <= now),
    ]
