"""Letters for tests of the outbox and the postman: rows as they stand there, without the trouble of composing."""

from collections.abc import Sequence
from datetime import datetime

from roundtables import tokens
from roundtables.db import Db
from roundtables.mail.outbox import LetterState, OutgoingLetter

RAW = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Will you join us?\r\n\r\nWill you?\r\n.\r\nYours\r\n"


def put(
    db: Db,
    convener_id: int,
    recipients: Sequence[str],
    *,
    now: datetime,
    state: LetterState = LetterState.QUEUED,
    invitation_id: int | None = None,
    raw: bytes = RAW,
) -> list[int]:
    """Ids of letters to `recipients`, in their order, all due at `now` (a held one never is)."""
    with db.write() as session:
        rows = [_row(convener_id, address, now, state, invitation_id, raw) for address in recipients]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def _row(
    convener_id: int, address: str, now: datetime, state: LetterState, invitation_id: int | None, raw: bytes
) -> OutgoingLetter:
    nonce = tokens.nonce()
    return OutgoingLetter(
        convener_id=convener_id,
        invitation_id=invitation_id,
        kind="invitation",
        about=f"request:{nonce}",
        to_address=address,
        envelope_from=f"rsvp+b-{nonce}@localhost",
        subject="Will you join us?",
        message_id=f"{nonce}@localhost",
        nonce=nonce,
        raw=raw,
        state=state,
        next_attempt_at=None if state is LetterState.HELD else now,
        created_at=now,
    )
