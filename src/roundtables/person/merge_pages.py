"""Two people made one at the desk: chosen, looked at, done with one button, and undone."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import ORGANISERS
from roundtables.db import now
from roundtables.desk import merging
from roundtables.desk.frame import check_organiser, frame
from roundtables.errors import NotFound, Refusal
from roundtables.person import queries
from roundtables.web.answers import page, see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]
OFFERED = 20


@get("/desk/people/{person_id:int}/merge", may=ORGANISERS, sync_to_thread=True)
def choose(
    person_id: FromPath[int], db: TheDb, organiser: Signed, settings: TheSettings, q: FromQuery[str] = ""
) -> Response[str]:
    """Who else they may be: namesakes, or whoever fits the search."""
    with db.read() as session:
        person = queries.by_id(session, organiser.convener_id, person_id)
        search = " ".join(q.split())[:100] or person.name.split()[-1]
        found = queries.page(session, organiser.convener_id, limit=OFFERED + 1, search=search)
        context = frame(session, organiser, settings, current="people")
    others = [other for other in found if other.id != person_id][:OFFERED]
    return page("person/merge_choose.html", person=person, others=others, search=search, **context)


@get("/desk/people/{person_id:int}/merge/{other_id:int}", may=ORGANISERS, sync_to_thread=True)
def preview(
    person_id: FromPath[int], other_id: FromPath[int], db: TheDb, organiser: Signed, settings: TheSettings
) -> Response[str]:
    """What making them one would do; nothing is changed."""
    with db.read() as session:
        plan = merging.plan(session, organiser.convener_id, person_id, other_id)
        context = frame(session, organiser, settings, current="people")
    return page("person/merge_preview.html", plan=plan, **context)


@post("/desk/people/{person_id:int}/merge/{other_id:int}", may=ORGANISERS, sync_to_thread=True)
def merge(
    person_id: FromPath[int], other_id: FromPath[int], data: Typed, db: TheDb, organiser: Signed, settings: TheSettings
) -> Response[str]:
    """Makes them one."""
    check_organiser(data, organiser, settings)
    with db.write() as session:
        done = merging.merge(session, organiser.convener_id, person_id, other_id, by=organiser.name, now=now())
        address = f"/desk/people/merges/{done.id}"
    return see(address)


@get("/desk/people/merges/{merge_id:int}", may=ORGANISERS, sync_to_thread=True)
def outcome(merge_id: FromPath[int], db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """Who they are now, and the way back."""
    return _outcome(merge_id, db, organiser, settings, Form())


@post("/desk/people/merges/{merge_id:int}/undo", may=ORGANISERS, sync_to_thread=True)
def undo(merge_id: FromPath[int], data: Typed, db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """Makes them two again."""
    check_organiser(data, organiser, settings)
    form = Form(data)
    try:
        with db.write() as session:
            merging.undo(session, merging.found(session, organiser.convener_id, merge_id), now=now())
    except NotFound:
        raise
    except Refusal as error:
        form.refuse(error)
        return _outcome(merge_id, db, organiser, settings, form, status=409)
    return see(f"/desk/people/merges/{merge_id}")


def _outcome(
    merge_id: int, db: TheDb, organiser: Signed, settings: TheSettings, form: Form, *, status: int = 200
) -> Response[str]:
    with db.read() as session:
        done = merging.found(session, organiser.convener_id, merge_id)
        people = {
            known.id: known for known in queries.known(session, organiser.convener_id, [done.kept_id, done.gone_id])
        }
        context = frame(session, organiser, settings, current="people")
    context |= {"merge": done, "kept": people.get(done.kept_id), "gone": people.get(done.gone_id)}
    return page("person/merge_outcome.html", status=status, form=form, lasts=merging.LASTS, **context)


HANDLERS = [
    Router(
        "/",
        route_handlers=[choose, preview, merge, outcome, undo],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
