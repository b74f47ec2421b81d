"""
What is printed for the day: which kinds there are, and what each says. Pure values; typesetting.py makes pages of them.

The kitchen's and the room's sheets hold no names, nor anything of which they could be made.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from roundtables.attendance.day import Day, Seated
from roundtables.attendance.nameless import numbers, seats, without_names
from roundtables.attendance.paper_words import WORDS
from roundtables.attendance.seating_reasons import not_kept, on_paper
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.invitation.wording import THE_RULE
from roundtables.texts import Wording, _, listed
from roundtables.web.filters import ago_day, clock, day, when, zone_words


class Paper(StrEnum):
    BADGES = "badges"
    TENTS = "tents"
    DOOR = "door"
    BRIEF = "brief"
    SEATING = "seating"
    ROOM = "room"
    KITCHEN = "kitchen"
    PACK = "pack"


ABOUT_NEEDS = (Paper.ROOM, Paper.KITCHEN, Paper.PACK)  # made of needs: only for those who read them
WITHOUT_NAMES = (Paper.ROOM, Paper.KITCHEN)
WITH_SEATS = (Paper.TENTS, Paper.DOOR, Paper.BRIEF, Paper.SEATING, Paper.PACK)
CARDS = (Paper.BADGES, Paper.TENTS)


@dataclass(frozen=True, slots=True)
class Before:
    """The last printing of a kind: when, and the digest of what it said of each; none yet if `at` is None."""

    at: datetime | None = None
    said: Mapping[str, str] = field(default_factory=dict)

    def mark(self, id: int | None, said: str) -> Wording | str:
        """ "new", "changed", or nothing."""
        if self.at is None or self.said.get(str(id)) == said:
            return ""
        return _("changed") if str(id) in self.said else _("new")


@dataclass(frozen=True, slots=True)
class Sheets:
    """All that printouts are made of."""

    day: Day
    seats: Seated
    now: datetime
    reports: Sequence[str] = ()


def said_of(kind: Paper, sheets: Sheets) -> dict[str, str]:
    """A digest for each person of what this kind says of them; one for the whole of a sheet without names."""
    if kind in WITHOUT_NAMES:
        return {"all": _digest(sheets, str(sorted(without_names(sheets.day, sheets.seats).items())))}
    return {str(i.id): _said_of_one(kind, sheets, i) for i in _on(kind, sheets)}


def changes(kind: Paper, sheets: Sheets, before: Before) -> dict[str, int]:
    """How many are new, changed and gone since it was printed."""
    said = said_of(kind, sheets)
    new = sum(key not in before.said for key in said)
    changed = sum(key in before.said and before.said[key] != one for key, one in said.items())
    return {"new": new, "changed": changed, "gone": sum(key not in said for key in before.said)}


def data_of(kind: Paper, sheets: Sheets, before: Before, *, only_changed: bool = False) -> dict[str, Any]:
    """What templates/attendance/paper.typ is handed: words, numbers and truths, nothing that is markup."""
    table, convener = sheets.day.table, sheets.day.convener
    place = table.place or table.town or (_("online") if table.online_url else "")
    found: dict[str, Any] = {
        "kind": kind.value,
        "title": table.title,
        "convener": convener.name,
        "question": table.question,
        "when": listed([when(table.starts_at, table.ends_at, table.time_zone), _zone(table)], " "),
        "place": place,
        "rule": THE_RULE[table.rule],
        "printed": _printed(sheets.now, table.time_zone),
        "since": _since(kind, sheets, before),
        "words": WORDS,
        "reports": list(sheets.reports),
    }
    if kind not in WITHOUT_NAMES:
        found |= _with_names(kind, sheets, before, only_changed)
    if kind in ABOUT_NEEDS:
        found = without_names(sheets.day, sheets.seats) | found
    return found


def name_of_file(kind: Paper, sheets: Sheets) -> str:
    """ "badges-table-7.pdf": nothing that somebody wrote."""
    return f"{kind.value}-table-{sheets.day.table.id}.pdf"


def _with_names(kind: Paper, sheets: Sheets, before: Before, only_changed: bool) -> dict[str, Any]:
    guests = _on(kind, sheets)
    people = [_person(kind, sheets, before, guest) for guest in guests]
    if only_changed:
        people = [one for one in people if one["mark"]]
    if kind is Paper.TENTS:
        people.sort(key=lambda one: int(one["seat"] or 0))
    here, names = {str(guest.id) for guest in guests}, sheets.day.names
    gone = [names[int(id)] for id in before.said if id not in here and id.isdigit() and int(id) in names]
    sitting = sorted((one for one in people if one["seat"]), key=lambda one: int(one["seat"]))
    return {
        "people": people,
        "gone": gone,
        "seats": seats(sheets.day, sheets.seats),
        "sitting": sitting + [one for one in people if not one["seat"]],
        "numbers": numbers(sheets.day),
        "not_kept": not_kept(on_paper(sheets.seats.facts)),
        "changes": list(sheets.seats.changes),
    }


def _on(kind: Paper, sheets: Sheets) -> list[Invitation]:
    """Who is on it, by surname: those in the room have cards, all who are expected are in the lists."""
    expected = sheets.day.expected
    return [i for i in expected if not sheets.day.comes_online(i)] if kind in CARDS else expected


def _person(kind: Paper, sheets: Sheets, before: Before, guest: Invitation) -> dict[str, Any]:
    seat = sheets.seats.seat_of(guest.id)
    deputy = _as_deputy(guest, sheets.day.names, in_full=kind not in CARDS)
    return {
        "name": guest.name,
        "post": guest.title,
        "organisation": guest.organisation,
        "line": listed([part for part in (guest.title, guest.organisation) if part], ", "),
        "deputy": deputy,
        "seat": str(seat) if seat is not None else "",
        "standing": _standing(sheets.day, guest),
        "notes": _notes(sheets, guest, deputy),
        "mark": before.mark(guest.id, _said_of_one(kind, sheets, guest)),
    }


def _as_deputy(guest: Invitation, names: Mapping[int, str], *, in_full: bool) -> Wording | str:
    """ "deputy", or for those who run the day "deputy for Dr Amadi"."""
    if guest.deputy_of_id is None:
        return ""
    principal = names.get(guest.deputy_of_id, "")
    return _("deputy for {name}", name=principal) if in_full and principal else _("deputy")


def _standing(day: Day, guest: Invitation) -> str:
    if day.comes_online(guest):
        return _("online")
    return _("not sure") if guest.state is State.TENTATIVE else ""


def _notes(sheets: Sheets, guest: Invitation, deputy: str) -> list[str]:
    """What a chair likes to know of somebody, in a word or two."""
    one = sheets.seats.facts.people.get(guest.id or 0)
    known = guest.person_id in sheets.day.came_before
    found = [_("chair")] if one and one.chair else [_("speaks")] if one and one.speaks else []
    found += [_("host")] if one and one.host and not one.chair else []
    found += [] if known or found else [_("first time")]
    return [word for word in (*found, deputy, _standing(sheets.day, guest)) if word]


def _said_of_one(kind: Paper, sheets: Sheets, guest: Invitation) -> str:
    seat = sheets.seats.seat_of(guest.id) if kind in WITH_SEATS and kind is not Paper.TENTS else None
    return _digest(sheets, f"{guest.name}\n{guest.title}\n{guest.organisation}\n{guest.deputy_of_id}\n{seat}")


def _digest(sheets: Sheets, said: str) -> str:
    return hashlib.sha256(f"{sheets.day.table.uid}\n{said}".encode()).hexdigest()[:16]


def _since(kind: Paper, sheets: Sheets, before: Before) -> Wording | str:
    """What a reader of the last printing must know, above everything else; "" where nothing is different."""
    if before.at is None:
        return ""
    number = changes(kind, sheets, before)
    printed = ago_day(before.at, sheets.now, sheets.day.table.time_zone)
    if kind in WITHOUT_NAMES:
        return _("Changed since it was printed ({when}).", when=printed) if any(number.values()) else ""
    parts = [_("{n} new", n=number["new"])] if number["new"] else []
    parts += [_("{n} changed", n=number["changed"])] if number["changed"] else []
    parts += [_("{n} gone", n=number["gone"])] if number["gone"] else []
    return _("Since it was printed ({when}): {what}.", when=printed, what=listed(parts, ", ")) if parts else ""


def _printed(at: datetime, zone: str) -> Wording:
    return _("printed on {day}, {clock}", day=day(at, zone), clock=clock(at, zone))


def _zone(table: Any) -> str:
    return zone_words(table.starts_at, table.time_zone)
