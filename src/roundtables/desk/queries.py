"""What the desk's first page shows, for one convener."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select as sql_select
from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from roundtables.attendance.model import Attendance, Came, Needs
from roundtables.convener.model import Account, Membership
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import BYTES
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.post.model import Post, PostRoundtable
from roundtables.report.model import Report
from roundtables.roundtable.model import Roundtable, RoundtableReport
from roundtables.roundtable.rules import Status

OVER = (Status.CANCELLED, Status.CLOSED)
FORGETTING = (col(Needs.delete_on), col(Roundtable.title), col(Roundtable.starts_at), col(Roundtable.time_zone))
HELD = (col(OutgoingLetter.id), col(OutgoingLetter.kind), col(OutgoingLetter.to_name), col(Roundtable.title))
READ_NEEDS = ("owner", "organiser", "day-team")


@dataclass(frozen=True, slots=True)
class HeldLetter:
    """A letter that waits for somebody to send it."""

    id: int
    kind: str
    to_name: str
    table: str


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Needs that are deleted on a date."""

    on: date
    title: str
    held_at: datetime
    zone: str


def tables_to_come(session: Session, convener_id: int, *, now: datetime, most: int) -> list[Roundtable]:
    """Tables in preparation or open, the nearest first."""
    found = select(Roundtable).where(
        Roundtable.convener_id == convener_id, Roundtable.ends_at > now, col(Roundtable.status).not_in(OVER)
    )
    return list(session.exec(found.order_by(col(Roundtable.starts_at), col(Roundtable.id)).limit(most)))


def tables_past(session: Session, convener_id: int, *, now: datetime, most: int) -> list[Roundtable]:
    """Tables that were held, the latest first; none that was called off."""
    found = select(Roundtable).where(
        Roundtable.convener_id == convener_id, Roundtable.ends_at <= now, Roundtable.status != Status.CANCELLED
    )
    return list(session.exec(found.order_by(col(Roundtable.starts_at).desc(), col(Roundtable.id)).limit(most)))


def number_of_tables(session: Session, convener_id: int) -> int:
    return session.exec(select(func.count()).where(Roundtable.convener_id == convener_id)).one()


def mails_for_a_person(session: Session, convener_id: int, *, most: int) -> list[IncomingMail]:
    """Mails that nobody has decided on, the oldest first, without their bytes."""
    found = select(IncomingMail).where(
        IncomingMail.convener_id == convener_id, IncomingMail.outcome == Outcome.NEEDS_HUMAN
    )
    return list(session.exec(found.options(defer(BYTES, raiseload=True)).order_by(col(IncomingMail.id)).limit(most)))


def held_letters(session: Session, convener_id: int, *, most: int) -> list[HeldLetter]:
    """Letters that are held, the oldest first, each with its table."""
    letter = OutgoingLetter
    rows = session.execute(
        sql_select(*HELD)
        .join(Roundtable, col(Roundtable.id) == letter.roundtable_id, isouter=True)
        .where(col(letter.convener_id) == convener_id, col(letter.state) == LetterState.HELD)
        .order_by(col(letter.id))
        .limit(most)
    )
    return [HeldLetter(id, kind, to_name, table or "") for id, kind, to_name, table in rows.all()]


def drafted_letters(session: Session, invitation_ids: Sequence[int]) -> dict[int, int]:
    """The held letter of each invitation that has one, by id."""
    rows = session.exec(
        select(OutgoingLetter.invitation_id, OutgoingLetter.id)
        .where(col(OutgoingLetter.invitation_id).in_(invitation_ids), OutgoingLetter.state == LetterState.HELD)
        .order_by(col(OutgoingLetter.id))
    )
    return {invitation_id: id_ for invitation_id, id_ in rows if invitation_id is not None and id_ is not None}


def forgettings(session: Session, convener_id: int, *, most: int) -> list[Forgetting]:
    """When needs are deleted next, a line for each table."""
    rows = session.execute(
        sql_select(*FORGETTING)
        .join(Invitation, col(Invitation.id) == Needs.invitation_id)
        .join(Roundtable, col(Roundtable.id) == Invitation.roundtable_id)
        .where(col(Roundtable.convener_id) == convener_id)
        .distinct()
        .order_by(col(Needs.delete_on))
        .limit(most)
    )
    return [Forgetting(*row) for row in rows]


def number_who_came(session: Session, roundtable_ids: Sequence[int]) -> dict[int, int]:
    """How many came to each table, in the room or online; a table nobody was counted at is left out."""
    rows = session.exec(
        select(Invitation.roundtable_id, func.count())
        .join(Attendance, col(Attendance.invitation_id) == Invitation.id)
        .where(col(Invitation.roundtable_id).in_(roundtable_ids), Attendance.came != Came.NO)
        .group_by(col(Invitation.roundtable_id))
    )
    return dict(rows.all())


def readers_of_needs(session: Session, convener_id: int) -> list[str]:
    """Who may read what guests need: those who run the day, by name."""
    found = (
        select(Account.name)
        .join(Membership, col(Membership.account_id) == Account.id)
        .where(Membership.convener_id == convener_id, col(Membership.role).in_(READ_NEEDS))
    )
    return list(session.exec(found.order_by(col(Account.name))))


def not_listed(deputies: Sequence[Invitation], mails: Sequence[IncomingMail]) -> list[Invitation]:
    """The deputies proposed anywhere but in a mail that is listed already."""
    listed = {mail.invitation_id for mail in mails}
    return [invitation for invitation in deputies if invitation.id not in listed]


def papers_of(session: Session, table: Roundtable) -> list[Report]:
    """The reports this table is about."""
    found = select(Report).join(RoundtableReport, col(RoundtableReport.report_id) == Report.id)
    return list(session.exec(found.where(RoundtableReport.roundtable_id == table.id).order_by(col(Report.id))))


def posts_of(session: Session, convener_id: int, roundtable_id: int) -> list[Post]:
    """The posts linked to a table, the newest first."""
    found = select(Post).join(PostRoundtable, col(PostRoundtable.post_id) == Post.id)
    found = found.where(PostRoundtable.roundtable_id == roundtable_id, Post.convener_id == convener_id)
    return list(session.exec(found.order_by(col(Post.id).desc())))
