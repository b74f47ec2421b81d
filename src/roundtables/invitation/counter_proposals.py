"""Another time, proposed by somebody: the table moves for everybody, or they get one polite no."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, func, select

from roundtables.errors import Refusal
from roundtables.invitation import further_letters, gathering
from roundtables.invitation.keeping import note, row_id
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import whole
from roundtables.invitation.rules import State
from roundtables.mail import stationery, writing
from roundtables.mail.inbox import IncomingMail
from roundtables.roundtable.actions import plan_of
from roundtables.roundtable.model import Roundtable

ASKED_AGAIN = (*gathering.HAVE_IT_IN_THEIR_CALENDAR, State.DECLINED)


def would_be_asked_again(session: Session, roundtable: Roundtable) -> int:
    """How many people a new time would be put to."""
    theirs = (Invitation.roundtable_id == row_id(roundtable), col(Invitation.state).in_(ASKED_AGAIN))
    return session.exec(select(func.count()).where(*theirs)).one()


def proposed(mail: IncomingMail) -> tuple[datetime | None, datetime | None]:
    """From when to when somebody proposes to meet; None where the mail does not say."""
    hint = mail.suggestion or {}
    return _moment(hint.get("starts_at", "")), _moment(hint.get("ends_at", ""))


def accept(session: Session, mail: IncomingMail, invitation: Invitation, *, by: str, now: datetime) -> str:
    """Moves the table to the proposed time and asks everybody again. Answers what was done. Raises Refusal."""
    starts_at, ends_at = proposed(mail)
    if starts_at is None:
        raise Refusal("The mail names no time; change it at the table itself.")
    table = session.get_one(Roundtable, invitation.roundtable_id)
    plan = plan_of(session, table)
    until = ends_at if ends_at and ends_at > starts_at else starts_at + (table.ends_at - table.starts_at)
    if (starts_at, until) == (table.starts_at, table.ends_at):
        raise Refusal("The table meets at that time already.")
    if starts_at <= now:
        raise Refusal("That time is past.")
    changed = gathering.change(session, table, replace(plan, starts_at=starts_at, ends_at=until), by=by, now=now)
    return f"the table moved as {invitation.name} proposed, {changed.letters} asked again"


def decline(session: Session, mail: IncomingMail, invitation: Invitation, *, by: str, now: datetime) -> str:
    """One no to whoever proposed it; nothing of the table changes. Answers what was done. Raises Refusal."""
    if invitation.state not in ASKED_AGAIN:
        raise Refusal(f"The invitation is {invitation.state}.")
    assert mail.id is not None
    starts_at, ends_at = proposed(mail)
    office, guest = stationery.of(session), whole(session, invitation)
    draft = further_letters.time_stays(office, guest, starts_at=starts_at, ends_at=ends_at, mail_id=mail.id, now=now)
    writing.put(session, draft, now=now)  # not `write`: an invitation on its way to them stands as it is
    note(session, invitation, "told that the time stays", by=by, now=now, mail_id=mail.id)
    return "told that the time stays"


def _moment(text: str) -> datetime | None:
    found = datetime.fromisoformat(text) if text else None
    return found if found is not None and found.utcoffset() is not None else None
