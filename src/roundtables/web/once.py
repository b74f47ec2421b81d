"""Answers remembered under an Idempotency-Key, so that a request sent twice has one effect."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from litestar import Request, Response
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel

from roundtables.db import Db, now
from roundtables.errors import Refusal

KEY_HEADER = "idempotency-key"


class RememberedAnswer(SQLModel, table=True):
    __tablename__ = "remembered_answer"

    convener_id: int = Field(foreign_key="convener.id", primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: str
    status: int
    body: str
    created_at: datetime = Field(index=True)


class DifferentRequest(Refusal):
    """The key was used for another request."""


def once(
    db: Db,
    request: Request[Any, Any, Any],
    convener_id: int,
    body: bytes,
    act: Callable[[Session], Any],
    *,
    status: int = 201,
) -> Response[Any]:
    """
    Runs `act` in one transaction and answers what it returns, as JSON. Under an Idempotency-Key the answer is
    kept in that transaction: the same request again gets it back, another raises Refusal (422).
    """
    key = request.headers.get(KEY_HEADER, "")
    if len(key) > 255:
        raise Refusal("An Idempotency-Key has at most 255 letters.", field="Idempotency-Key")
    asked = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).hexdigest()
    try:
        with db.write() as session:
            return _answer(session, key, asked, convener_id, act, status)
    except IntegrityError:
        if not key:
            raise
    with db.write() as session:  # a twin was first: its answer is there now
        return _answer(session, key, asked, convener_id, act, status)


def _answer(
    session: Session, key: str, asked: str, convener_id: int, act: Callable[[Session], Any], status: int
) -> Response[Any]:
    remembered = session.get(RememberedAnswer, (convener_id, key)) if key else None
    if remembered is not None:
        if remembered.request_hash != asked:
            raise DifferentRequest("This Idempotency-Key was used for another request.", field="Idempotency-Key")
        return _json(remembered.body, remembered.status)
    row = RememberedAnswer(
        convener_id=convener_id, key=key, request_hash=asked, status=status, body="", created_at=now()
    )
    if key:
        session.add(row)
        session.flush()  # a twin of this request waits here for us, then finds our answer
    row.body = json.dumps(act(session), ensure_ascii=False, default=_plain)
    return _json(row.body, status)


def _json(body: str, status: int) -> Response[Any]:
    return Response(body.encode(), status_code=status, media_type="application/json")


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} has no JSON form")
