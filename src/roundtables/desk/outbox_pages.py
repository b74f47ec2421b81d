"""The outbox at the desk: what waits to go, what went, and each letter as its reader sees it."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, URLEncodedBody

from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import ORGANISERS, READERS
from roundtables.db import now
from roundtables.desk import posting
from roundtables.desk.frame import check_organiser, frame
from roundtables.desk.opened import FRAMED, opened
from roundtables.errors import Refusal
from roundtables.web.answers import page, plain, see
from roundtables.web.api import known_numbers
from roundtables.web.shell import WITH_SCRIPT

Typed = URLEncodedBody[dict[str, Any]]
WITH_FRAME = {"content-security-policy": f"{WITH_SCRIPT}; frame-src 'self'"}


@get("/desk/outbox", may=READERS, sync_to_thread=True)
def outbox(db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """Held letters first, then those on their way, those that failed, and the newest that went."""
    with db.read() as session:
        context = frame(session, organiser, settings, current="outbox")
        groups = posting.groups(session, organiser.convener_id)
    return page("desk/outbox.html", groups=groups, **context)


@get("/desk/outbox/{letter_id:int}", may=READERS, sync_to_thread=True)
def letter(letter_id: FromPath[int], db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """One letter: headers, page, words, calendar."""
    return _shown(letter_id, db, organiser, settings)


@get("/desk/outbox/{letter_id:int}/html", may=READERS, sync_to_thread=True)
def html(letter_id: FromPath[int], db: TheDb, organiser: Signed) -> Response[Any]:
    """The letter's page for the frame: no script, no form, nothing from outside."""
    with db.read() as session:
        found = posting.letter(session, organiser.convener_id, letter_id)
    policy = {"content-security-policy": FRAMED.format(flags="")}
    return plain(opened(found.raw).html, "text/html; charset=utf-8", headers=policy)


@post("/desk/outbox/{letter_id:int}/sending", may=ORGANISERS, sync_to_thread=True)
def send(letter_id: FromPath[int], data: Typed, db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """Lets a letter go."""
    check_organiser(data, organiser, settings)
    try:
        with db.write() as session:
            found = posting.letter(session, organiser.convener_id, letter_id)
            posting.send(session, found, by=organiser.name, now=now())
    except Refusal as error:
        return _shown(letter_id, db, organiser, settings, refused=error.message)
    return see("/desk/outbox")


@post("/desk/outbox/{letter_id:int}/discarding", may=ORGANISERS, sync_to_thread=True)
def discard(
    letter_id: FromPath[int], data: Typed, db: TheDb, organiser: Signed, settings: TheSettings
) -> Response[str]:
    """Takes back a letter that has not left."""
    check_organiser(data, organiser, settings)
    try:
        with db.write() as session:
            posting.discard(session, posting.letter(session, organiser.convener_id, letter_id))
    except Refusal as error:
        return _shown(letter_id, db, organiser, settings, refused=error.message)
    return see("/desk/outbox")


def _shown(letter_id: int, db: TheDb, organiser: Signed, settings: TheSettings, *, refused: str = "") -> Response[str]:
    with db.read() as session:
        found = posting.letter(session, organiser.convener_id, letter_id)
        context = frame(session, organiser, settings, current="outbox")
    return page(
        "desk/letter.html",
        status=422 if refused else 200,
        headers=WITH_FRAME,
        letter=found,
        opened=opened(found.raw),
        kinds=posting.KINDS,
        doubt=posting.doubt(found.state, found.doubts),
        may_change=posting.may_change(found),
        refused=refused,
        **context,
    )


HANDLERS = [
    Router(
        "/",
        route_handlers=[outbox, letter, html, send, discard],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
