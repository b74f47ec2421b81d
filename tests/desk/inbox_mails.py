"""Mails as they lie in the inbox once they have been read: what a reading made of them is put down by the test."""

import hashlib
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import count

from roundtables.mail.inbox import Door, IncomingMail, Outcome
from tests.world import World

NOW = datetime.now(UTC)
_numbers = count(1)


def letter(
    words: str = "Perhaps.", *, sender: str = "Jo Bloggs <jo@example.org>", subject: str = "Re: Will you?"
) -> bytes:
    """A plain mail as it comes."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Date"] = sender, "rsvp@larkmoor.example", subject, NOW
    mail["Message-ID"] = f"<{next(_numbers)}@example.org>"
    mail.set_content(words)
    return mail.as_bytes()


def lay(world: World, invitation_id: int | None, *, raw: bytes = b"", convener: bool = True, **columns: object) -> int:
    """Puts a mail that was read in the inbox, by default one that needs a person; answers its id."""
    raw = raw or letter()
    named: dict[str, object] = {"outcome": Outcome.NEEDS_HUMAN, "reason": "no answer was recognised"}
    named |= {"sender": "jo@example.org", "subject": "Re: Will you?"}
    with world.db.write() as session:
        row = IncomingMail(
            convener_id=world.convener_id if convener else None,
            invitation_id=invitation_id,
            received_at=NOW,
            settled_at=NOW,
            door=Door.LMTP,
            raw=raw,
            digest=hashlib.sha256(raw + str(next(_numbers)).encode()).hexdigest(),
            **named | columns,
        )
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def outcome(world: World, mail_id: int) -> Outcome | None:
    with world.db.read() as session:
        return session.get_one(IncomingMail, mail_id).outcome
