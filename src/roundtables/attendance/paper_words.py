"""The words that stand on printouts whatever the table. Pure."""

from roundtables.texts import Wording, _

WORDS: dict[str, Wording] = {
    "page": _("page {page} of {pages}"),
    "door": _("Door list"),
    "seating": _("Seating"),
    "brief": _("For the chair"),
    "kitchen": _("For the kitchen"),
    "room": _("For the room"),
    "pack": _("Briefing pack"),
    "by_surname": _("By surname"),
    "seat": _("Seat"),
    "nobody": _("nobody"),
    "deputy": _("deputy"),
    "gone": _("No longer coming"),
    "unasked": _("Came unasked: name and organisation, and whether they may be listed"),
    "not_kept": _("What this plan does not keep"),
    "changes": _("Changed since the plan was kept"),
    "read_out": _("To read out at the beginning"),
    "who": _("Who comes, clockwise from the chair"),
    "food": _("Asked for"),
    "no_food": _("Nothing asked for."),
    "access": _("Asked for, to come and take part"),
    "no_access": _("Nothing asked for."),
    "no_names": _("There are no names on this sheet, so that it may be handed on."),
    "lay": _("How the room is laid"),
    "inside": _("What is in it"),
    "reports": _("Read beforehand"),
    "private": _("For those who run the day. Please do not leave it in the room."),
}
NAMES = {
    "badges": (_("Badges"), _("Ten on a page of A4, with marks to cut along.")),
    "tents": (
        _("Name tents"),
        _("Two on a page, by seat; cut across, fold, and both sides have the name."),
    ),
    "door": (_("Door list"), _("Everybody expected, by surname, with their seat and a box to tick.")),
    "brief": (_("For the chair"), _("The Rule to read out, the question, and who sits where with a line each.")),
    "seating": (_("Seating"), _("The table with names, and the reason for every seat.")),
    "room": (_("For the room"), _("Chairs, layout and what was asked for. No names.")),
    "kitchen": (_("For the kitchen"), _("How many people, and what they eat. No names.")),
    "pack": (_("Briefing pack"), _("All of it but badges and name tents, with page numbers.")),
}
