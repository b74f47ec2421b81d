"""Every door of the web service, in one list each. A composition root."""

from typing import Any

from litestar import Router

from roundtables.attendance import afterwards_pages, day_pages, door_pages, paper_pages, seating_pages
from roundtables.attendance import api as attendance_api
from roundtables.convener import account_pages, colleague_pages, factor_pages, oidc_pages
from roundtables.convener import pages as convener_pages
from roundtables.convener.rules import EVERYBODY
from roundtables.desk import api as desk_api
from roundtables.desk import inbox_deciding, inbox_pages, metrics, outbox_pages
from roundtables.desk import pages as desk_pages
from roundtables.invitation import api as invitation_api
from roundtables.invitation import ending_pages, guest_pages, one_guest_pages, unsubscribe_pages
from roundtables.invitation import pages as invitation_pages
from roundtables.keeping import pages as keeping_pages
from roundtables.person import api as person_api
from roundtables.person import export_pages, import_pages, merge_pages
from roundtables.person import pages as person_pages
from roundtables.post import api as post_api
from roundtables.post import desk_pages as post_desk_pages
from roundtables.post import feeds
from roundtables.post import pages as public_pages
from roundtables.report import api as report_api
from roundtables.roundtable import api as roundtable_api
from roundtables.roundtable import pages as roundtable_pages
from roundtables.web import health, openapi


def for_everybody(*handlers: Any) -> Router:
    """Doors that ask nobody who they are."""
    return Router("/", route_handlers=handlers, opt={"may": EVERYBODY})


API: list[Any] = [
    *(*person_api.HANDLERS, *report_api.HANDLERS, *roundtable_api.HANDLERS, *invitation_api.HANDLERS),
    *(*attendance_api.HANDLERS, *desk_api.HANDLERS, *post_api.HANDLERS),
    for_everybody(*openapi.HANDLERS),
]
PAGES: list[Any] = [
    *(*convener_pages.HANDLERS, *account_pages.HANDLERS, *factor_pages.HANDLERS, *colleague_pages.HANDLERS),
    *oidc_pages.HANDLERS,
    *(*desk_pages.HANDLERS, *roundtable_pages.HANDLERS),
    *(
        *guest_pages.HANDLERS,
        *ending_pages.HANDLERS,
        *one_guest_pages.HANDLERS,
    ),
    *(*day_pages.HANDLERS, *seating_pages.HANDLERS, *paper_pages.HANDLERS, *door_pages.HANDLERS),
    *afterwards_pages.HANDLERS,
    *(
        *inbox_pages.HANDLERS,
        *inbox_deciding.HANDLERS,
        *outbox_pages.HANDLERS,
        *person_pages.HANDLERS,
        *keeping_pages.HANDLERS,
    ),
    *(*import_pages.HANDLERS, *export_pages.HANDLERS, *merge_pages.HANDLERS),
    *(*invitation_pages.HANDLERS, *unsubscribe_pages.HANDLERS),
    *(*post_desk_pages.HANDLERS, *metrics.HANDLERS),
    for_everybody(*public_pages.HANDLERS, *feeds.HANDLERS, *health.HANDLERS),
]
