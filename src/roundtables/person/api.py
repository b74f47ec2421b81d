"""People over the REST API."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from litestar import Response, Router, delete, get, patch, post
from litestar.params import FromPath, RawBody
from pydantic import BaseModel, Field, StringConstraints
from sqlmodel import Session

from roundtables.convener.access import AnyRequest, Signed, TheDb, TheSettings
from roundtables.convener.rules import ORGANISERS, READERS
from roundtables.db import now
from roundtables.errors import NotFound
from roundtables.keeping import exporting, for_good, reading
from roundtables.person import actions, queries
from roundtables.person.actions import Details
from roundtables.person.model import Person
from roundtables.person.rules import LANGUAGE
from roundtables.web.api import (
    Cursor,
    Limit,
    Line,
    Listing,
    Zone,
    allow,
    known_numbers,
    part,
    patch_of,
    place_of,
    read,
    sent,
    told,
)
from roundtables.web.once import once
from roundtables.web.openapi import takes


class PersonIn(BaseModel):
    """What one may say of a person. `language` is a tag such as en-GB, `time_zone` a name such as Europe/London."""

    name: Line
    email: Line
    other_emails: Annotated[list[Line], Field(max_length=20)] = []
    title: Line = ""
    organisation: Line = ""
    sectors: Annotated[list[Line], Field(max_length=50)] = []
    assistant_email: Line = ""
    time_zone: Zone = ""
    language: Annotated[str, StringConstraints(pattern=LANGUAGE.pattern, max_length=35)] = "en-GB"


PersonPatch = patch_of(PersonIn, "PersonPatch")


class PersonOut(BaseModel):
    """A person in the book."""

    id: int
    name: str
    email: str
    other_emails: list[str]
    title: str
    organisation: str
    sectors: list[str]
    assistant_email: str
    time_zone: str
    language: str
    created_at: datetime


class Everything(BaseModel):
    """All that is held on one person."""

    person: PersonOut
    addresses: list[dict[str, Any]]
    invitations: list[dict[str, Any]]
    letters: list[dict[str, Any]]
    mails: list[dict[str, Any]]
    other_mails: list[dict[str, Any]]
    named_as_deputy: list[dict[str, Any]]
    account: dict[str, Any] | None
    log: list[dict[str, Any]]


@get("/", may=READERS, sync_to_thread=True)
def list_people(caller: Signed, db: TheDb, cursor: Cursor = "", limit: Limit = 100) -> Response[Listing[PersonOut]]:
    """People by surname."""
    with db.read() as session:
        after = place_of(cursor, str, int)
        rows = queries.page(session, caller.convener_id, after=after, limit=limit + 1)
        rows, following = part(rows, limit, lambda p: (p.sort_key, p.id or 0))
        return told(Listing(items=_shown(session, rows), next=following))


@post("/", may=ORGANISERS, sync_to_thread=True, operation_class=takes(PersonIn))
def add_person(request: AnyRequest, caller: Signed, db: TheDb, body: RawBody) -> Response[PersonOut]:
    """Adds a person to the book."""
    allow(caller.may_organise)
    details = Details(**dict(read(PersonIn, body)))

    def act(session: Session) -> PersonOut:
        person = actions.add(session, caller.convener_id, details, now=now())
        return _shown(session, [person])[0]

    return once(db, request, caller.convener_id, body, act)


@get("/{person_id:int}", may=READERS, sync_to_thread=True)
def get_person(person_id: FromPath[int], caller: Signed, db: TheDb) -> Response[PersonOut]:
    """One person."""
    with db.read() as session:
        return told(_shown(session, [_find(session, caller.convener_id, person_id)])[0])


@patch("/{person_id:int}", may=ORGANISERS, sync_to_thread=True, operation_class=takes(PersonPatch))
def change_person(person_id: FromPath[int], caller: Signed, db: TheDb, body: RawBody) -> Response[PersonOut]:
    """Changes the fields that are sent."""
    allow(caller.may_organise)
    changes = sent(read(PersonPatch, body))
    with db.write() as session:
        person = _find(session, caller.convener_id, person_id)
        actions.change(session, person, replace(_details(session, person), **changes))
        return told(_shown(session, [person])[0])


@delete("/{person_id:int}", may=ORGANISERS, sync_to_thread=True)
def forget_person(person_id: FromPath[int], caller: Signed, db: TheDb, settings: TheSettings) -> None:
    """Erases a person for good: letters, mails and words too. Seats they held keep a row without a name."""
    allow(caller.may_organise)
    for_good.erase(db, settings.data_dir, lambda session: [_find(session, caller.convener_id, person_id)], now=now())


@get("/{person_id:int}/export", may=ORGANISERS, sync_to_thread=True)
def export_person(person_id: FromPath[int], caller: Signed, db: TheDb) -> Response[Everything]:
    """All that is held on one person, for their own reading. Only for those who may organise."""
    allow(caller.may_organise)
    with db.read() as session:
        person = _find(session, caller.convener_id, person_id)
        held = exporting.everything(session, person) | {"person": _shown(session, [person])[0]}
    reading.note(db, f"account:{caller.account_id}", [row["id"] for row in held["invitations"]], now=now())
    return told(Everything(**held))


@get("/{person_id:int}/export.zip", may=ORGANISERS, sync_to_thread=True)
def export_files(person_id: FromPath[int], caller: Signed, db: TheDb) -> Response[bytes]:
    """The same with their letters and mails, as a zip."""
    allow(caller.may_organise)
    with db.read() as session:
        person = _find(session, caller.convener_id, person_id)
        content, asked = exporting.packed(session, [person]), exporting.invitations_of(session, person)
    reading.note(db, f"account:{caller.account_id}", asked, now=now())
    return Response(content, media_type="application/zip")


def _find(session: Session, convener_id: int, person_id: int) -> Person:
    person = queries.by_id(session, convener_id, person_id)
    if person.erased_at is not None:
        raise NotFound("person")
    return person


def _details(session: Session, person: Person) -> Details:
    fields = {name: getattr(person, name) for name in Details.__dataclass_fields__ if name != "other_emails"}
    others = queries.other_addresses(session, [person.id or 0]).get(person.id or 0, [])
    return Details(**fields, other_emails=others)


def _shown(session: Session, people: list[Person]) -> list[PersonOut]:
    others = queries.other_addresses(session, [p.id or 0 for p in people])
    return [PersonOut(**p.model_dump(), other_emails=others.get(p.id or 0, [])) for p in people]


HANDLERS = [
    Router(
        "/people",
        route_handlers=[list_people, add_person, get_person, change_person, forget_person, export_person, export_files],
        guards=[known_numbers],
        tags=["People"],
    )
]
