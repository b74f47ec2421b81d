"""One person's rights at the desk: everything that is held on them, as a page and as a file; and its erasure."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, URLEncodedBody
from sqlmodel import Session

from roundtables.convener.access import Signed, TheDb, TheSettings, check_fresh
from roundtables.convener.rules import ORGANISERS, Organiser
from roundtables.db import now
from roundtables.desk.frame import check_organiser, frame
from roundtables.desk.queries import readers_of_needs
from roundtables.errors import NotFound, Refusal
from roundtables.keeping import exporting, for_good, reading
from roundtables.person import queries
from roundtables.person.model import Person
from roundtables.settings import Settings
from roundtables.web.answers import page, see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]


@get("/held", may=ORGANISERS, sync_to_thread=True)
def held(person_id: FromPath[int], db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """All of it, with who may read what they need and who has."""
    return _shown(db, organiser, settings, person_id, Form())


@get("/export", may=ORGANISERS, sync_to_thread=True)
def export(person_id: FromPath[int], db: TheDb, organiser: Signed) -> Response[bytes]:
    """A zip to hand to them."""
    with db.read() as session:
        person = _found(session, organiser, person_id)
        content = exporting.packed(session, [person])
        asked = exporting.invitations_of(session, person)
    reading.note(db, f"account:{organiser.account_id}", asked, now=now())
    name = {"content-disposition": f'attachment; filename="person-{person_id}.zip"'}
    return Response(content, media_type="application/zip", headers=name)


@post("/erasure", may=ORGANISERS, sync_to_thread=True)
def erase(person_id: FromPath[int], data: Typed, db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """For good, once the box is ticked."""
    check_organiser(data, organiser, settings)
    check_fresh(organiser, to=f"/desk/people/{person_id}/held")
    form = Form(data)
    if not form.ticked("sure"):
        form.refuse(Refusal("Please tick that you are sure: it cannot be undone.", field="sure"))
        return _shown(db, organiser, settings, person_id, form, status=422)
    for_good.erase(db, settings.data_dir, lambda session: [_found(session, organiser, person_id)], now=now())
    return see("/desk/people")


def _shown(
    db: TheDb, organiser: Organiser, settings: Settings, person_id: int, form: Form, *, status: int = 200
) -> Response[str]:
    with db.read() as session:
        person = _found(session, organiser, person_id)
        everything = exporting.everything(session, person)
        readers = readers_of_needs(session, organiser.convener_id)
        asked = [row["id"] for row in everything["invitations"]]
        seen = reading.readings(session, asked)
        context = frame(session, organiser, settings, current="people")
    reading.note(db, f"account:{organiser.account_id}", asked, now=now())
    told: dict[str, Any] = {"person": person, "held": everything, "readers": readers, "seen": seen, "form": form}
    return page("keeping/held.html", status=status, **told, **context)


def _found(session: Session, organiser: Organiser, person_id: int) -> Person:
    """Raises NotFound, also for somebody who was erased."""
    person = queries.by_id(session, organiser.convener_id, person_id)
    if person.erased_at is not None:
        raise NotFound("person")
    return person


HANDLERS = [
    Router(
        "/desk/people/{person_id:int}",
        route_handlers=[held, export, erase],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
