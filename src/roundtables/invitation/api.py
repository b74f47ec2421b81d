"""Invitations over the REST API: who is asked, what they answered, who comes instead."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from litestar import Response, Router, delete, get, post
from litestar.params import FromPath, RawBody
from pydantic import BaseModel, Field, StrictBool, StrictInt
from sqlmodel import Session

from roundtables.convener.access import AnyRequest, Signed, TheDb
from roundtables.convener.rules import ORGANISERS, READERS
from roundtables.db import now
from roundtables.errors import Refusal
from roundtables.invitation import actions, queries
from roundtables.invitation.actions import Guest
from roundtables.invitation.answering import record_reply
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Changed, Reply, State, Via
from roundtables.mail import stationery
from roundtables.roundtable import queries as roundtables
from roundtables.web.api import (
    Cursor,
    Day,
    Limit,
    Line,
    Listing,
    Text,
    allow,
    known_numbers,
    part,
    place_of,
    read,
    told,
)
from roundtables.web.once import once
from roundtables.web.openapi import takes

MOST_GUESTS = 500


class GuestIn(BaseModel):
    """One person to ask. `seat_kind` is a kind's letter or name, `note` a line of their own in the letter."""

    name: Line
    email: Line
    title: Line = ""
    organisation: Line = ""
    role: Line = "guest"
    seat_kind: Line = ""
    note: Text = ""


class GuestsIn(BaseModel):
    """People to ask, all or none. Without `send` their letters are held as drafts."""

    guests: Annotated[list[GuestIn], Field(min_length=1, max_length=MOST_GUESTS)]
    wave: Annotated[StrictInt, Field(ge=1, le=99)] = 1
    send: StrictBool = True


class AnswerIn(BaseModel):
    """An answer somebody gave by telephone, or that a program knows of."""

    answer: Answer
    via: Literal["phone", "api"] = "api"
    until: Day | None = None
    note: Text = ""


class DeputyOut(BaseModel):
    """Who comes instead; `state` is that of their own invitation, null while they are only proposed."""

    name: str
    email: str
    state: State | None = None


class InvitationOut(BaseModel):
    """An invitation. `link` is the invitee's own page: whoever has it can answer for them."""

    id: int
    roundtable_id: int
    person_id: int
    name: str
    email: str
    title: str
    organisation: str
    role: str
    seat_kind: str
    wave: int
    note: str
    state: State
    delivery: Literal["none", "queued", "sent", "bounced", "failed"]
    answer: Answer | None
    answered_at: datetime | None
    answered_via: Via | None
    comment: str
    until: date | None
    deputy: DeputyOut | None
    deputy_of: int | None
    link: str


class InvitationsOut(BaseModel):
    items: list[InvitationOut]


@get("/roundtables/{roundtable_id:int}/invitations", may=READERS, sync_to_thread=True)
def list_invitations(
    roundtable_id: FromPath[int], caller: Signed, db: TheDb, cursor: Cursor = "", limit: Limit = 100
) -> Response[Listing[InvitationOut]]:
    """The invitations of one table, in the order of asking."""
    with db.read() as session:
        roundtables.by_id(session, caller.convener_id, roundtable_id)
        rows = queries.page(session, roundtable_id, after=place_of(cursor, int), limit=limit + 1)
        rows, following = part(rows, limit, lambda i: (i.id or 0,))
        return told(Listing(items=shown(session, rows), next=following))


@post(
    "/roundtables/{roundtable_id:int}/invitations", may=ORGANISERS, sync_to_thread=True, operation_class=takes(GuestsIn)
)
def invite(
    roundtable_id: FromPath[int], request: AnyRequest, caller: Signed, db: TheDb, body: RawBody
) -> Response[InvitationsOut]:
    """Asks people, all or none."""
    allow(caller.may_organise)
    asked = read(GuestsIn, body)
    guests = [Guest(**dict(guest)) for guest in asked.guests]

    def act(session: Session) -> InvitationsOut:
        table = roundtables.by_id(session, caller.convener_id, roundtable_id)
        made = actions.invite(session, table, guests, by=caller.name, now=now(), wave=asked.wave, send=asked.send)
        return InvitationsOut(items=shown(session, made))

    return once(db, request, caller.convener_id, body, act)


@get("/invitations/{invitation_id:int}", may=READERS, sync_to_thread=True)
def get_invitation(invitation_id: FromPath[int], caller: Signed, db: TheDb) -> Response[InvitationOut]:
    """One invitation."""
    with db.read() as session:
        return told(shown(session, [queries.by_id(session, caller.convener_id, invitation_id)])[0])


@delete("/invitations/{invitation_id:int}", may=ORGANISERS, sync_to_thread=True)
def withdraw_invitation(invitation_id: FromPath[int], caller: Signed, db: TheDb) -> None:
    """Takes an invitation back. Who had been asked is told, and the seat goes to whoever waits longest."""
    allow(caller.may_organise)
    with db.write() as session:
        invitation = queries.by_id(session, caller.convener_id, invitation_id)
        actions.withdraw(session, invitation, by=caller.name, now=now())


@post(
    "/invitations/{invitation_id:int}/answer",
    may=ORGANISERS,
    sync_to_thread=True,
    status_code=200,
    operation_class=takes(AnswerIn),
)
def answer_invitation(
    invitation_id: FromPath[int], request: AnyRequest, caller: Signed, db: TheDb, body: RawBody
) -> Response[InvitationOut]:
    """Records an answer. Refused with the reason (409) where it does not count."""
    allow(caller.may_organise)
    said = read(AnswerIn, body)

    def act(session: Session) -> InvitationOut:
        invitation = queries.by_id(session, caller.convener_id, invitation_id)
        reply = Reply(said.answer, now(), Via(said.via), until=said.until, comment=said.note)
        outcome = record_reply(session, invitation, reply, by=caller.name, now=reply.received_at)
        if not isinstance(outcome, Changed):
            raise Refusal(f"The answer does not count: {outcome.why}.")
        return shown(session, [invitation])[0]

    return once(db, request, caller.convener_id, body, act, status=200)


def shown(session: Session, invitations: Sequence[Invitation]) -> list[InvitationOut]:
    """The items of a list, in two queries however many."""
    seated = queries.deputies(session, [i.id or 0 for i in invitations])
    deliveries, office = queries.deliveries(session, invitations), stationery.of(session)
    return [
        InvitationOut(
            **i.model_dump(),
            delivery=deliveries[i.id or 0],
            deputy=_deputy(i, seated.get(i.id or 0)),
            deputy_of=i.deputy_of_id,
            link=office.page(i.nonce),
        )
        for i in invitations
    ]


def _deputy(invitation: Invitation, seated: Invitation | None) -> DeputyOut | None:
    if seated is not None:
        return DeputyOut(name=seated.name, email=seated.email, state=seated.state)
    if invitation.deputy_name:
        return DeputyOut(name=invitation.deputy_name, email=invitation.deputy_email)
    return None


HANDLERS = [
    Router(
        "/",
        route_handlers=[list_invitations, invite, get_invitation, withdraw_invitation, answer_invitation],
        guards=[known_numbers],
        tags=["Invitations"],
    )
]
