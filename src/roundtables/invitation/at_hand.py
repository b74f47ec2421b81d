"""
The invitations that a batch of mails names, fetched together: one statement for all of them instead of one for each.

Their tables' rows are held first, in one order, so that two batches never wait for each other in a circle, and what is
at hand cannot be changed by anybody else until the transaction ends.
"""

from collections.abc import Iterable

from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col, select

from roundtables.invitation.model import Invitation
from roundtables.roundtable import queries as roundtables

_BY_REPLY_HASH = select(Invitation).execution_options(populate_existing=True)


def fetch(session: Session, reply_hashes: Iterable[str]) -> None:
    """Holds the tables of these invitations and reads the invitations, for this transaction."""
    theirs = col(Invitation.reply_hash).in_(set(reply_hashes))
    roundtables.hold_all(session, session.exec(select(Invitation.roundtable_id).where(theirs).distinct()).all())
    _at_hand(session).update((i.reply_hash, i) for i in session.exec(_BY_REPLY_HASH.where(theirs)))


def by_reply_hash(session: Session, reply_hash: str) -> Invitation | None:
    """None unless it was fetched in this transaction."""
    return _at_hand(session).get(reply_hash)


def is_at_hand(session: Session, invitation: Invitation) -> bool:
    """Whether it was read since its table is held."""
    return _at_hand(session).get(invitation.reply_hash) is invitation


def _at_hand(session: Session) -> dict[str, Invitation]:
    kept: tuple[SessionTransaction | None, dict[str, Invitation]] = session.info.get("at_hand", (None, {}))
    if kept[0] is None or kept[0] is not session.get_transaction():
        kept = session.info["at_hand"] = session.get_transaction(), {}
    return kept[1]
