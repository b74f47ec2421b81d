"""Letters and mail over the REST API: what went out, what came in, what was made of it."""

import json
from datetime import datetime
from typing import Annotated, Any, cast

from litestar import Response, Router, get, post
from litestar.exceptions import ClientException
from litestar.params import FromPath, FromQuery, QueryParameter, RawBody
from pydantic import BaseModel, Field, create_model
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import QueryableAttribute, defer
from sqlmodel import Session, col, select

from roundtables.convener.access import AnyRequest, Signed, TheDb, TheSettings
from roundtables.convener.rules import ORGANISERS, READERS, Organiser
from roundtables.db import Db, now
from roundtables.desk import posting
from roundtables.errors import NotFound, Refusal
from roundtables.invitation import intake
from roundtables.invitation.decisions import Decision, decide
from roundtables.invitation.queries import BYTES
from roundtables.invitation.rules import Answer
from roundtables.mail import inbox
from roundtables.mail.inbox import Delivery, Door, IncomingMail, Outcome
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.web.api import (
    Cursor,
    Limit,
    Line,
    Listing,
    RowIdQuery,
    Text,
    allow,
    known_numbers,
    one_of,
    part,
    place_of,
    read,
    told,
)
from roundtables.web.once import KEY_HEADER, RememberedAnswer, once
from roundtables.web.openapi import takes, takes_raw

LARGEST_MAIL = 10 * 1024 * 1024
LETTER_BYTES = cast("QueryableAttribute[bytes]", OutgoingLetter.raw)


class LetterOut(BaseModel):
    """A letter in the outbox, newest first."""

    id: int
    kind: str
    to: str
    subject: str
    message_id: str
    state: posting.Told
    in_doubt: Annotated[bool, Field(description="The mail server had it and gave no answer yet.")]
    doubts: Annotated[int, Field(description="Tries without an answer: as many more copies may have been received.")]
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    roundtable_id: int | None
    invitation_id: int | None


class MailHead(BaseModel):
    id: int
    received_at: datetime
    door: Door
    subject: str
    outcome: Outcome | None
    reason: str
    decides: str
    suggestion: dict[str, Any] | None
    invitation_id: int | None


FROM: dict[str, Any] = {"from": (str, ...)}  # a word that Python keeps for itself
MailOut = create_model(
    "MailOut",
    __base__=MailHead,
    __doc__="A mail that arrived, and what was made of it. `decides` is the sentence that decided it.",
    **FROM,
)


class DecisionIn(BaseModel):
    """What an organiser decides about a mail. `answer` goes with apply, `name` and `email` with people to add."""

    decision: Decision
    answer: Annotated[Answer | None, Field(description="Without it, the answer that was suggested.")] = None
    name: Line = ""
    email: Line = ""
    note: Text = ""


@get("/letters", may=READERS, sync_to_thread=True)
def list_letters(
    caller: Signed,
    db: TheDb,
    roundtable_id: RowIdQuery = None,
    invitation_id: RowIdQuery = None,
    in_state: Annotated[str, QueryParameter(name="state", schema_extra={"enum": list(posting.Told)})] = "",
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Response[Listing[LetterOut]]:
    """Letters, newest first."""
    wanted = {"roundtable_id": roundtable_id, "invitation_id": invitation_id}
    found = select(OutgoingLetter).where(OutgoingLetter.convener_id == caller.convener_id)
    found = found.filter_by(**{name: value for name, value in wanted.items() if value is not None})
    if word := one_of(posting.Told, in_state, "state"):
        found = found.where(col(OutgoingLetter.state).in_(posting.states_told(word)))
    if after := place_of(cursor, int):
        found = found.where(col(OutgoingLetter.id) < after)
    found = found.options(defer(LETTER_BYTES, raiseload=True)).order_by(col(OutgoingLetter.id).desc())
    with db.read() as session:
        rows, following = part(session.exec(found.limit(limit + 1)).all(), limit, lambda r: (r.id or 0,))
    return told(Listing(items=[_letter(row) for row in rows], next=following))


@get("/mail", may=READERS, sync_to_thread=True)
def list_mail(
    caller: Signed, db: TheDb, outcome: FromQuery[Outcome | None] = None, cursor: Cursor = "", limit: Limit = 100
) -> Response[Listing[MailOut]]:
    """Mail that arrived, newest first."""
    found = select(IncomingMail).where(IncomingMail.convener_id == caller.convener_id)
    if outcome is not None:
        found = found.where(IncomingMail.outcome == outcome)
    if after := place_of(cursor, int):
        found = found.where(col(IncomingMail.id) < after)
    found = found.options(defer(BYTES, raiseload=True)).order_by(col(IncomingMail.id).desc())
    with db.read() as session:
        rows, following = part(session.exec(found.limit(limit + 1)).all(), limit, lambda r: (r.id or 0,))
    return told(Listing(items=[_mail(row) for row in rows], next=following))


@get("/mail/{mail_id:int}", may=READERS, sync_to_thread=True)
def get_mail(mail_id: FromPath[int], caller: Signed, db: TheDb) -> Response[MailOut]:
    """One mail."""
    with db.read() as session:
        return told(_mail(_find(session, caller, mail_id)))


@post(
    "/mail",
    may=ORGANISERS,
    sync_to_thread=True,
    operation_class=takes_raw("message/rfc822", "One message as it arrived."),
)
def post_mail(
    request: AnyRequest, caller: Signed, db: TheDb, settings: TheSettings, body: RawBody
) -> Response[MailOut]:
    """Takes in one raw message: kept first, read then. At most 10 MB. The same message again is the same mail."""
    allow(caller.may_organise)
    if len(body) > LARGEST_MAIL:
        raise ClientException("A message has at most 10 MB.", status_code=413)
    if not body.strip():
        raise Refusal("There is no message in the body.", field="body")
    kept = _kept(db, request, caller, body)
    if "id" in kept:
        return told(MailOut.model_validate(kept), status=201)
    intake.read(db, kept["kept"], now=now(), trusted=settings.trusted_authserv_id or None)
    return told(_settled(db, request, caller, kept["kept"]), status=201)


@post(
    "/mail/{mail_id:int}/decision",
    may=ORGANISERS,
    sync_to_thread=True,
    status_code=200,
    operation_class=takes(DecisionIn),
)
def decide_mail(
    mail_id: FromPath[int], request: AnyRequest, caller: Signed, db: TheDb, body: RawBody
) -> Response[MailOut]:
    """Decides about a mail, or takes back what it did."""
    allow(caller.may_organise)
    said = read(DecisionIn, body)
    words = {"answer": said.answer or "", "name": said.name, "email": said.email, "note": said.note}

    def act(session: Session) -> MailHead:
        mail = _find(session, caller, mail_id, hold=True)
        decide(session, mail, said.decision, **words, by=caller.name, now=now())
        return _mail(mail)

    return once(db, request, caller.convener_id, body, act, status=200)


def _kept(db: Db, request: AnyRequest, caller: Organiser, raw: bytes) -> dict[str, Any]:
    """{"kept": id} of the row, durable now; under a key that was used before, the answer given then."""

    def act(session: Session) -> dict[str, Any]:
        delivery = Delivery(raw, Door.HTTP, now())
        inbox.keep(session, [delivery])
        return {"kept": inbox.number_of(session, delivery)}

    try:
        answer = once(db, request, caller.convener_id, raw, act)
    except IntegrityError:  # the same message at the same moment through another request
        answer = once(db, request, caller.convener_id, raw, act)
    kept: dict[str, Any] = json.loads(answer.content)
    return kept


def _settled(db: Db, request: AnyRequest, caller: Organiser, mail_id: int) -> MailHead:
    """What was made of the mail; remembered for the key once there is an outcome."""
    key = request.headers.get(KEY_HEADER, "")
    with db.write() as session:
        mail = session.get_one(IncomingMail, mail_id, with_for_update=True)
        mail.convener_id = mail.convener_id or caller.convener_id
        answer = _mail(mail) if mail.convener_id == caller.convener_id else _of_others(mail)
        remembered = session.get(RememberedAnswer, (caller.convener_id, key)) if key else None
        if remembered is not None and mail.outcome is not None:
            remembered.body = answer.model_dump_json()
        return answer


def _find(session: Session, caller: Organiser, mail_id: int, *, hold: bool = False) -> IncomingMail:
    mail = session.get(IncomingMail, mail_id, with_for_update=hold or None)
    if mail is None or mail.convener_id != caller.convener_id:
        raise NotFound("mail")
    return mail


def _letter(row: OutgoingLetter) -> LetterOut:
    same = {name: getattr(row, name) for name in LetterOut.model_fields if name not in ("to", "state", "in_doubt")}
    in_doubt = row.state is LetterState.IN_DOUBT
    return LetterOut(**same, to=row.to_address, state=posting.told(row.state), in_doubt=in_doubt)


def _mail(row: IncomingMail) -> MailHead:
    same = {name: getattr(row, name) for name in MailHead.model_fields}
    return MailOut(**same, **{"from": row.sender})


def _of_others(row: IncomingMail) -> MailHead:
    """A mail that turned out to be for another convener: that it was taken, and nothing of theirs."""
    nothing = {"reason": "It was not for your tables.", "decides": "", "suggestion": None, "invitation_id": None}
    return _mail(row).model_copy(update=nothing)


HANDLERS = [
    Router(
        "/",
        route_handlers=[list_letters, list_mail, get_mail, post_mail, decide_mail],
        guards=[known_numbers],
        tags=["Letters and mail"],
    )
]
