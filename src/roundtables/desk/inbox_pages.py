"""The inbox at the desk: replies that need a person, those understood, those set aside; nothing is changed here."""

from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery
from sqlmodel import Session

from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.model import Convener
from roundtables.convener.rules import ORGANISERS, READERS, Organiser
from roundtables.db import now
from roundtables.desk import inbox_lists
from roundtables.desk.frame import frame
from roundtables.desk.inbox_lists import View
from roundtables.desk.inbox_opening import Offer, Opened, open_mail, open_offer
from roundtables.desk.inbox_undoing import NO_WAY, ways_back
from roundtables.invitation import deputies, deputy_offers, queries
from roundtables.invitation.keeping import row_id
from roundtables.invitation.model import Invitation
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.settings import Settings
from roundtables.web.answers import page
from roundtables.web.api import RowIdQuery, known_numbers
from roundtables.web.forms import Form
from roundtables.web.problems import NotAllowed


@get("/desk/inbox", may=READERS, sync_to_thread=True)
def inbox(
    db: TheDb,
    organiser: Signed,
    settings: TheSettings,
    view: FromQuery[str] = "",
    before: RowIdQuery = None,
    after: RowIdQuery = None,
    done: RowIdQuery = None,
) -> Response[str]:
    """One of the three lists; of those that need somebody, the one that waits longest is open."""
    with db.read() as session:
        chosen = View(view) if view in list(View) else View.NEEDS_YOU
        part = inbox_lists.part(session, organiser.convener_id, chosen, before=before, after=after)
        waiting = inbox_lists.first_waiting(part.rows) if chosen is View.NEEDS_YOU else None
        opened = _open(session, organiser, settings, waiting) if waiting else None
        decided = inbox_lists.mail(session, organiser.convener_id, done) if done else None
        return _page(session, organiser, settings, chosen, part, opened=opened, done=decided)


@get("/desk/inbox/{mail_id:int}", may=READERS, sync_to_thread=True)
def mail(
    mail_id: FromPath[int],
    db: TheDb,
    organiser: Signed,
    settings: TheSettings,
    before: RowIdQuery = None,
    after: RowIdQuery = None,
) -> Response[str]:
    """One mail in its list."""
    with db.read() as session:
        return show_mail(session, organiser, settings, mail_id, before=before, after=after)


@get("/desk/inbox/{mail_id:int}/raw", may=ORGANISERS, sync_to_thread=True)
def raw(mail_id: FromPath[int], db: TheDb, organiser: Signed) -> Response[bytes]:
    """The mail as it came, to keep as a file; for those who may decide about it."""
    if not organiser.may_organise:
        raise NotAllowed("Only organisers may take a mail away as a file.")
    with db.read() as session:
        found = inbox_lists.mail(session, organiser.convener_id, mail_id)
        headers = {"content-disposition": f'attachment; filename="mail-{found.id}.txt"', "cache-control": "no-store"}
        return Response(found.raw, media_type="text/plain", headers=headers)


@get("/desk/inbox/deputies/{invitation_id:int}", may=READERS, sync_to_thread=True)
def deputy(invitation_id: FromPath[int], db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """A deputy whom an invitee proposed on their page."""
    with db.read() as session:
        return show_offer(session, organiser, settings, invitation_id)


def show_mail(
    session: Session,
    organiser: Organiser,
    settings: Settings,
    mail_id: int,
    *,
    before: int | None = None,
    after: int | None = None,
    form: Form | None = None,
    status: int = 200,
) -> Response[str]:
    """The page of one mail, on the page of its list that it was picked from, else on one that holds it."""
    opened = _open(session, organiser, settings, mail_id)
    view = inbox_lists.where_of(opened.mail)
    part = inbox_lists.part(session, organiser.convener_id, view, before=before, after=after)
    if mail_id not in [row.id for row in part.rows]:
        near = {"after": mail_id - 1} if view is View.NEEDS_YOU else {"before": mail_id + 1}
        part = inbox_lists.part(session, organiser.convener_id, view, **near)
    return _page(session, organiser, settings, view, part, opened=opened, form=form, status=status)


def show_offer(
    session: Session,
    organiser: Organiser,
    settings: Settings,
    invitation_id: int,
    *,
    form: Form | None = None,
    status: int = 200,
) -> Response[str]:
    """The page of a deputy proposed elsewhere than in a mail."""
    offer = open_offer(session, queries.by_id(session, organiser.convener_id, invitation_id), now=now())
    part = inbox_lists.part(session, organiser.convener_id, View.NEEDS_YOU)
    return _page(session, organiser, settings, View.NEEDS_YOU, part, offer=offer, form=form, status=status)


def _open(session: Session, organiser: Organiser, settings: Settings, mail_id: int) -> Opened:
    found = inbox_lists.mail(session, organiser.convener_id, mail_id)
    zone = session.get_one(Convener, organiser.convener_id).time_zone
    trusted = settings.trusted_authserv_id or None
    return open_mail(session, organiser, found, zone=zone, trusted=trusted, now=now())


def _page(
    session: Session,
    organiser: Organiser,
    settings: Settings,
    view: View,
    part: inbox_lists.Part,
    *,
    opened: Opened | None = None,
    offer: Offer | None = None,
    done: IncomingMail | None = None,
    form: Form | None = None,
    status: int = 200,
) -> Response[str]:
    convener_id, needs = organiser.convener_id, view is View.NEEDS_YOU
    lately = inbox_lists.understood_lately(session, convener_id, now()) if needs else []
    applied = [row for row in (*part.rows, *lately) if row.outcome is Outcome.APPLIED]
    mails: list[tuple[int | None, int | None]] = [(row.id, row.invitation_id) for row in applied]
    mails += [(one.id, one.invitation_id) for one in (done, opened.mail if opened else None) if one is not None]
    context: dict[str, Any] = {
        "view": view,
        "part": part,
        "totals": inbox_lists.totals(session, convener_id),
        "proposed": _proposed(session, convener_id),
        "fallen": deputies.fallen_through(session, convener_id) if needs else [],
        "lately": lately,
        "opened": opened,
        "offer": offer,
        "belongs": offer.belongs if offer else opened.belongs if opened else None,
        "done": done,
        "ways": ways_back(session, mails),
        "no_way": NO_WAY,
        "form": form or Form(),
    }
    return page("desk/inbox.html", status=status, **frame(session, organiser, settings, current="inbox"), **context)


def _proposed(session: Session, convener_id: int) -> list[tuple[Invitation, Any]]:
    """Deputies proposed on a page; one who waits as a mail is one thing to decide, not two."""
    found = queries.deputies_proposed(session, convener_id)
    as_mail = deputy_offers.waiting_as_mail(session, [row_id(guest) for guest, _ in found])
    return [(guest, table) for guest, table in found if guest.id not in as_mail]


HANDLERS = [
    Router("/", route_handlers=[inbox, mail, raw, deputy], guards=[known_numbers], include_in_schema=False),
]
