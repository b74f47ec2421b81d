"""Finds invitations, and what belongs to them, without asking once per row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.orm import QueryableAttribute, aliased, defer
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from roundtables.convener.model import Convener
from roundtables.errors import NotFound
from roundtables.invitation import at_hand
from roundtables.invitation.model import History, Invitation
from roundtables.invitation.rules import Standing, State
from roundtables.mail.inbox import IncomingMail
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Status, why_not_open
from roundtables.tokens import hashed

ASKED = (State.INVITED, State.ACCEPTED, State.TENTATIVE, State.WAITING, State.DECLINED, State.DELEGATED)
BYTES = cast("QueryableAttribute[bytes]", IncomingMail.raw)


# Built once: for each answer that comes by mail it is asked anew.
_BY_REPLY_HASH = select(Invitation).where(Invitation.reply_hash == bindparam("reply_hash"))


@dataclass(frozen=True, slots=True)
class Whole:
    """
    An invitation with its table and convener: what a letter or a page about it needs. `principal` is the address of
    the one in whose place they come, "" if they come for themselves.
    """

    invitation: Invitation
    roundtable: Roundtable
    convener: Convener
    principal: str = ""

    @property
    def site(self) -> dict[str, str]:
        """What a page or letter of theirs stands on, and the language it is in."""
        return {"name": self.convener.name, "accent": self.convener.accent, "language": self.convener.language}


def by_id(session: Session, convener_id: int, invitation_id: int) -> Invitation:
    """Raises NotFound."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is None or invitation.convener_id != convener_id:
        raise NotFound("invitation")
    return invitation


def by_page_token(session: Session, token: str) -> Whole:
    """Raises NotFound."""
    found = _whole().where(Invitation.page_hash == hashed(token))
    row = session.exec(found).one_or_none()
    if row is None:
        raise NotFound("invitation")
    return Whole(*row)


def by_reply_token(session: Session, token: str) -> Invitation | None:
    wanted = hashed(token)
    here = at_hand.by_reply_hash(session, wanted)
    return here or session.exec(_BY_REPLY_HASH, params={"reply_hash": wanted}).one_or_none()


def whole(session: Session, invitation: Invitation) -> Whole:
    row = session.exec(_whole().where(Invitation.id == invitation.id)).one()
    return Whole(*row)


def of_roundtable(session: Session, roundtable_id: int) -> list[Invitation]:
    """All invitations of one table, by wave and in the order of asking."""
    found = select(Invitation).where(Invitation.roundtable_id == roundtable_id)
    return list(session.exec(found.order_by(col(Invitation.wave), col(Invitation.id))))


def page(session: Session, roundtable_id: int, *, after: int | None = None, limit: int) -> list[Invitation]:
    found = select(Invitation).where(Invitation.roundtable_id == roundtable_id)
    if after is not None:
        found = found.where(col(Invitation.id) > after)
    return list(session.exec(found.order_by(col(Invitation.id)).limit(limit)))


def deputies(session: Session, invitation_ids: Sequence[int]) -> dict[int, Invitation]:
    """The deputies seated for these principals, by the principal's id; who said no or was withdrawn is none."""
    found = select(Invitation).where(
        col(Invitation.deputy_of_id).in_(invitation_ids),
        col(Invitation.state).not_in([State.WITHDRAWN, State.DECLINED]),
    )
    return {i.deputy_of_id: i for i in session.exec(found.order_by(col(Invitation.id))) if i.deputy_of_id is not None}


def deliveries(session: Session, invitations: Sequence[Invitation]) -> dict[int, str]:
    """How each one's newest letter fared: none, queued, sent, bounced or failed."""
    ids = [i.id for i in invitations]
    newest = (
        select(func.max(OutgoingLetter.id))
        .where(col(OutgoingLetter.invitation_id).in_(ids), OutgoingLetter.state != LetterState.CANCELLED)
        .group_by(col(OutgoingLetter.invitation_id))
    )
    rows = session.exec(
        select(OutgoingLetter.invitation_id, OutgoingLetter.state).where(col(OutgoingLetter.id).in_(newest))
    )
    states = {invitation_id: LetterState(state) for invitation_id, state in rows if invitation_id is not None}
    return {i.id: _delivery(i, states.get(i.id)) for i in invitations if i.id is not None}


def _delivery(invitation: Invitation, state: LetterState | None) -> str:
    if invitation.bounced_at is not None:
        return "bounced"
    if state in (None, LetterState.HELD):
        return "none"
    return {LetterState.SENT: "sent", LetterState.FAILED: "failed"}.get(state, "queued")


def counts(session: Session, roundtable_ids: Sequence[int]) -> dict[int, dict[State, int]]:
    """How many invitations of each table are in each state."""
    rows = session.exec(
        select(Invitation.roundtable_id, Invitation.state, func.count())
        .where(col(Invitation.roundtable_id).in_(roundtable_ids))
        .group_by(col(Invitation.roundtable_id), col(Invitation.state))
    )
    found: dict[int, dict[State, int]] = {i: {} for i in roundtable_ids}
    for roundtable_id, state, number in rows:
        found[roundtable_id][State(state)] = number
    return found


def of_person(session: Session, convener_id: int, person_id: int) -> list[tuple[Invitation, Roundtable]]:
    """All that somebody was asked to, with its table, the newest table first."""
    found = (
        select(Invitation, Roundtable)
        .join(Roundtable, col(Roundtable.id) == Invitation.roundtable_id)
        .where(Invitation.convener_id == convener_id, Invitation.person_id == person_id)
    )
    return [(i, t) for i, t in session.exec(found.order_by(col(Roundtable.starts_at).desc(), col(Invitation.id)))]


def deputies_proposed(session: Session, convener_id: int) -> list[tuple[Invitation, Roundtable]]:
    """Invitees who named somebody to come for them and wait for a yes or no, with their tables."""
    found = select(Invitation, Roundtable).join(Roundtable, col(Roundtable.id) == Invitation.roundtable_id)
    found = found.where(*_deputy_proposed(convener_id)).order_by(col(Invitation.id))
    return [(invitation, table) for invitation, table in session.exec(found)]


def number_of_deputies_proposed(session: Session, convener_id: int) -> int:
    found = select(func.count()).select_from(Invitation)
    found = found.join(Roundtable, col(Roundtable.id) == Invitation.roundtable_id)
    return session.exec(found.where(*_deputy_proposed(convener_id))).one()


def _deputy_proposed(convener_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Invitation.convener_id) == convener_id,
        col(Invitation.deputy_name) != "",
        col(Roundtable.status) == Status.OPEN,
        col(Invitation.state).not_in([State.WITHDRAWN, State.DELEGATED, State.LAPSED]),
    )


def history(session: Session, invitation_id: int) -> list[History]:
    found = select(History).where(History.invitation_id == invitation_id)
    return list(session.exec(found.order_by(col(History.id))))


def standing(invitation: Invitation, roundtable: Roundtable, now: datetime) -> Standing:
    return Standing(
        state=invitation.state,
        sequence=roundtable.sequence,
        reset_sequence=roundtable.reset_sequence,
        starts_at=roundtable.starts_at,
        asked_at=invitation.asked_at,
        answer=invitation.answer,
        until=invitation.until,
        comment=invitation.comment,
        reply_sequence=invitation.reply_sequence,
        reply_stamp=invitation.reply_stamp,
        over=why_not_open(roundtable.status, roundtable.ends_at, now),
        cancelled=roundtable.status is Status.CANCELLED,
        provisional=invitation.provisional,
    )


def _whole() -> Select[Invitation, Roundtable, Convener, str]:
    principal = aliased(Invitation)
    return (
        select(Invitation, Roundtable, Convener, func.coalesce(principal.email, ""))
        .join(Roundtable, col(Roundtable.id) == Invitation.roundtable_id)
        .join(Convener, col(Convener.id) == Invitation.convener_id)
        .outerjoin(principal, col(principal.id) == Invitation.deputy_of_id)
    )


def histories(session: Session, invitation_ids: Sequence[int]) -> dict[int, list[History]]:
    """The history of each, oldest line first."""
    found = select(History).where(col(History.invitation_id).in_(invitation_ids)).order_by(col(History.id))
    lines: dict[int, list[History]] = {i: [] for i in invitation_ids}
    for line in session.exec(found):
        lines[line.invitation_id].append(line)
    return lines


def mails(session: Session, invitation_ids: Sequence[int]) -> dict[int, list[IncomingMail]]:
    """The mails read as about each of these, oldest first, without their bytes."""
    found = select(IncomingMail).where(col(IncomingMail.invitation_id).in_(invitation_ids))
    found = found.options(defer(BYTES, raiseload=True)).order_by(col(IncomingMail.id))
    about: dict[int, list[IncomingMail]] = {i: [] for i in invitation_ids}
    for mail in session.exec(found):
        if mail.invitation_id is not None:
            about[mail.invitation_id].append(mail)
    return about


def number_bounced(session: Session, roundtable_ids: Sequence[int]) -> dict[int, int]:
    """To how many of each table letters came back; a table without any is left out."""
    rows = session.exec(
        select(Invitation.roundtable_id, func.count())
        .where(col(Invitation.roundtable_id).in_(roundtable_ids), col(Invitation.bounced_at).is_not(None))
        .where(col(Invitation.state).not_in([State.WITHDRAWN, State.LAPSED]))
        .group_by(col(Invitation.roundtable_id))
    )
    return dict(rows.all())


def letters_to(session: Session, invitation_id: int) -> list[OutgoingLetter]:
    """All letters of one invitation, oldest first, without their bytes."""
    found = select(OutgoingLetter).where(OutgoingLetter.invitation_id == invitation_id)
    raw = cast("QueryableAttribute[bytes]", OutgoingLetter.raw)
    return list(session.exec(found.options(defer(raw, raiseload=True)).order_by(col(OutgoingLetter.id))))
