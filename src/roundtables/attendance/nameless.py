"""What is printed of the room as a whole: seats as drawn, totals, and the sheets that hold no names."""

from typing import Any

from roundtables.attendance.day import Day, Seated
from roundtables.attendance.plan_drawing import lead, short, spots
from roundtables.attendance.seating_reasons import WHERE, on_paper, reasons
from roundtables.attendance.wants import counted
from roundtables.attendance.wants import without_names as nameless
from roundtables.invitation.rules import State
from roundtables.texts import Wording, _, listed, many


def seats(day: Day, seated: Seated) -> list[dict[str, Any]]:
    guests = {i.id: i for i in day.everybody}
    why = reasons(on_paper(seated.facts))
    found = []
    for n, (place, spot) in enumerate(zip(seated.plan, spots(len(seated.plan)), strict=True)):
        guest = guests.get(place.who) if place.who is not None else None
        lead_x, lead_y = lead(spot)
        found.append(
            {
                **{name: round(getattr(spot, name), 2) for name in ("x", "y", "name_x", "name_y")},
                **{"side": spot.side, "r": round(spot.radius, 2), "number": n + 1},
                **{"lead_x": round(lead_x, 2), "lead_y": round(lead_y, 2)},
                **{
                    "name": guest.name if guest else "",
                    "short": short(guest.name) if guest else "",
                    "deputy": bool(guest and guest.deputy_of_id is not None),
                    "maybe": bool(guest and guest.state is State.TENTATIVE),
                },
                **{"chair": seated.facts.chair == n, "why": listed(why[n], ". ")},
            }
        )
    return found


def without_names(day: Day, seated: Seated) -> dict[str, Any]:
    """Totals for kitchen and room: of those who come in person, and of nobody by name."""
    here = [i for i in day.expected if not day.comes_online(i)]
    needs = [found for i in here if (found := day.needs.get(i.id or 0))]
    who = [i.name for i in day.everybody], [i.organisation for i in day.everybody]
    food = counted(nameless(one.dietary, *who) for one in needs)
    access = counted(nameless(one.access, *who) for one in needs)
    return {
        "numbers": numbers(day),
        "food": [{"words": words, "count": number} for words, number in food],
        "access": [{"words": words, "count": number} for words, number in access],
        "layout": _layout(day, seated),
        "seats": [
            seat | {"name": "", "short": "", "why": "", "maybe": False, "deputy": False} for seat in seats(day, seated)
        ],
    }


def _layout(day: Day, seated: Seated) -> list[Wording]:
    chairs, online = len(seated.plan), sum(day.comes_online(i) for i in day.expected)
    found = [many("One round table with {n} chair.", "One round table with {n} chairs.", chairs, n=chairs)]
    loop = [i for i in seated.facts.people.values() if i.loop]
    if loop:
        found.append(_("The hearing loop on, on this side as drawn: {side}.", side=WHERE[day.loop]))
    if online:
        found.append(
            many(
                "A screen, a camera and a microphone: {n} person joins online.",
                "A screen, a camera and a microphone: {n} people join online.",
                online,
                n=online,
            )
        )
    return [*found, _("A name tent at each chair, a badge for each guest at the door.")]


def numbers(day: Day) -> Wording:
    """ "16 people in the room, 1 of them not sure yet, and 2 online"."""
    here = [i for i in day.expected if not day.comes_online(i)]
    maybe, online = sum(i.state is State.TENTATIVE for i in here), len(day.expected) - len(here)
    found = [many("{n} person in the room", "{n} people in the room", len(here), n=len(here))]
    found += [_("{n} of them not sure yet", n=maybe)] if maybe else []
    found += [_("{n} online", n=online)] if online else []
    return listed(found, ", ")
