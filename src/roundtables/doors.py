"""Every door of the web service, in one list each. A composition root."""

from typing import Any

from roundtables.attendance import api as attendance_api
from roundtables.attendance import day_pages
from roundtables.convener import pages as convener_pages
from roundtables.desk import api as desk_api
from roundtables.desk import inbox_deciding, inbox_pages, metrics, outbox_pages
from roundtables.desk import pages as desk_pages
from roundtables.invitation import api as invitation_api
from roundtables.invitation import ending_pages, guest_pages, one_guest_pages, unsubscribe_pages
from roundtables.invitation import pages as invitation_pages
from roundtables.person import api as person_api
from roundtables.person import pages as person_pages
from roundtables.post import api as post_api
from roundtables.post import desk_pages as post_desk_pages
from roundtables.post import feeds
from roundtables.post import pages as public_pages
from roundtables.report import api as report_api
from roundtables.roundtable import api as roundtable_api
from roundtables.roundtable import pages as roundtable_pages
from roundtables.web import health, openapi

API: list[Any] = [
    *(*person_api.HANDLERS, *report_api.HANDLERS, *roundtable_api.HANDLERS, *invitation_api.HANDLERS),
    *(*attendance_api.HANDLERS, *desk_api.HANDLERS, *post_api.HANDLERS, *openapi.HANDLERS),
]
PAGES: list[Any] = [
    *(*convener_pages.HANDLERS, *desk_pages.HANDLERS, *roundtable_pages.HANDLERS),
    *(*guest_pages.HANDLERS, *ending_pages.HANDLERS, *one_guest_pages.HANDLERS, *day_pages.HANDLERS),
    *(*inbox_pages.HANDLERS, *inbox_deciding.HANDLERS, *outbox_pages.HANDLERS, *person_pages.HANDLERS),
    *(*invitation_pages.HANDLERS, *unsubscribe_pages.HANDLERS),
    *(*post_desk_pages.HANDLERS, *public_pages.HANDLERS, *feeds.HANDLERS),
    *(*health.HANDLERS, *metrics.HANDLERS),
]
