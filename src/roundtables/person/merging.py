"""Two people of the book who are one: what stays of both, and when they cannot be made one. Pure."""

from collections.abc import Mapping

from roundtables.naming import address_key
from roundtables.person.incoming import FIELDS, together
from roundtables.person.matching import Change, Known
from roundtables.texts import Wording, _

FILLED = ("title", "organisation", "assistant_email", "time_zone")


def merged(kept: Known, gone: Known) -> tuple[Change, ...]:
    """What changes of `kept`: all addresses and sectors of both, and where nothing stood what stood of `gone`."""
    addresses = [a for a in (gone.email, *gone.other_emails) if address_key(a) not in kept.keys]
    sectors = [one for one in gone.sectors if one not in kept.sectors]
    found = [Change(name, "", value) for name in FILLED if not getattr(kept, name) and (value := getattr(gone, name))]
    for name, more in (("other_emails", addresses), ("sectors", sectors)):
        old = getattr(kept, name)
        found += [Change(name, together(old), together((*old, *more)))] if more else []
    return tuple(sorted(found, key=lambda change: FIELDS.index(change.field)))


def objection(kept: Known, gone: Known, tables: tuple[Mapping[int, str], Mapping[int, str]]) -> Wording | None:
    """Why they cannot be made one, None if they can; `tables` are the titles of what each was asked to, by id."""
    if kept.id == gone.id:
        return _("That is the same person.")
    both = sorted(tables[0][table] for table in tables[0].keys() & tables[1].keys())
    if both:
        titles = "“" + "”, “".join(both) + "”"
        return _("Both were asked to {titles}. Two invitations to one table stay two people.", titles=titles)
    return None
