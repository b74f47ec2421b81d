"""
"Maybe until the 4th": one nudge on that day, and three days later the kept seat is free again.

    nudge_at   9.00 of the day named, or of an earlier reply-by, or of the day before the table; never before the
               answer itself, and not while somebody is away
    late       more than three days after that (we were not running, a clock jumped) nobody is written to: it is noted
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from roundtables.invitation import further_letters, queries, unsubscribing
from roundtables.invitation.answering import seat_those_waiting
from roundtables.invitation.keeping import as_it_stands, note, row_id, write
from roundtables.invitation.model import History, Invitation
from roundtables.invitation.queries import whole
from roundtables.invitation.rules import State
from roundtables.mail import stationery
from roundtables.mail.inbox import IncomingMail
from roundtables.person.model import Person
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Status

MORNING = time(9)
PATIENCE = timedelta(days=3)
NUDGED = "asked once whether they know yet"
SKIPPED = "not asked whether they know yet"
FREED = "the seat that was kept is free again"
OURS = "Roundtables"


@dataclass(frozen=True, slots=True)
class Promise:
    """Somebody who said on `said_at` that they would know by `until`; `away_until` is their last day away."""

    until: date
    said_at: datetime
    reply_by: date | None
    starts_at: datetime
    away_until: date | None = None


def nudge_at(promise: Promise, zone: ZoneInfo) -> datetime | None:
    """When they are asked, on the clock of the table's `zone`; None if the table comes first."""
    said_on, table_on = promise.said_at.astimezone(zone).date(), promise.starts_at.astimezone(zone).date()
    earlier = [day for day in (promise.reply_by, table_on - timedelta(days=1)) if day is not None and day > said_on]
    day = min([promise.until, *earlier])
    if promise.away_until is not None and promise.away_until >= day:
        day = promise.away_until + timedelta(days=1)
    moment = datetime.combine(day, MORNING, zone)
    if moment <= promise.said_at:  # they said so on the very day
        moment = datetime.combine(said_on + timedelta(days=1), MORNING, zone)
    return moment if moment < promise.starts_at else None


def nudge_due(session: Session, now: datetime) -> int:
    """Asks those whose day has come and frees seats that were kept in vain; answers how many letters it wrote."""
    written = 0
    for invitation, table in _unsure(session, now):
        due = nudge_at(_promise(invitation, table), ZoneInfo(table.time_zone))
        if due is not None and due <= now:
            written += _attend_to(session, invitation, due, now=now)
    return written


def _unsure(session: Session, now: datetime) -> Sequence[tuple[Invitation, Roundtable]]:
    """All who named a day and whose table is still to come."""
    found = (
        select(Invitation, Roundtable)
        .join(Roundtable, col(Roundtable.id) == Invitation.roundtable_id)
        .where(Roundtable.status == Status.OPEN, Roundtable.starts_at > now)
        .where(Invitation.state == State.TENTATIVE, col(Invitation.until).is_not(None))
    )
    return session.exec(found.order_by(col(Roundtable.id), col(Invitation.id))).all()


def _promise(invitation: Invitation, table: Roundtable) -> Promise:
    assert invitation.until is not None
    said_at = invitation.answered_at or invitation.created_at
    return Promise(invitation.until, said_at, table.reply_by, table.starts_at, invitation.away_until)


def _attend_to(session: Session, invitation: Invitation, due: datetime, *, now: datetime) -> int:
    """Asks, skips or frees, whichever comes next; answers how many letters it wrote."""
    done = _done(session, invitation)
    if done is not None and not (done.what == NUDGED and invitation.holds_seat and done.at + PATIENCE <= now):
        return 0
    table = roundtables.hold(session, invitation.roundtable_id)
    as_it_stands(session, invitation)
    if invitation.state is not State.TENTATIVE or invitation.until is None or _done(session, invitation) != done:
        return 0  # they answered, or another worker was here, while we waited for the row
    if done is not None:
        _free(session, table, invitation, now=now)
        return 0
    if why := _why_skip(session, invitation, due, now):
        note(session, invitation, f"{SKIPPED}: {why}", by=OURS, now=now)
        return 0
    return _nudge(session, table, invitation, now=now)


def _done(session: Session, invitation: Invitation) -> History | None:
    """What was done about the answer that stands: the newest nudge, or its skipping, since it was given."""
    lines = queries.history(session, row_id(invitation))
    answered = max((n for n, line in enumerate(lines) if line.before is not None), default=-1)
    ours = [line for line in lines[answered + 1 :] if line.what == NUDGED or line.what.startswith(SKIPPED)]
    return ours[-1] if ours else None


def _nudge(session: Session, table: Roundtable, invitation: Invitation, *, now: datetime) -> int:
    zone, until = ZoneInfo(table.time_zone), invitation.until
    assert until is not None
    free_on = (now + PATIENCE).astimezone(zone).date() if invitation.holds_seat else None
    office, guest = stationery.of(session), whole(session, invitation)
    draft = further_letters.nudge(office, guest, until=until, free_on=free_on, now=now)
    write(session, unsubscribing.bulk(session, invitation, draft), now=now)
    note(session, invitation, NUDGED, by=OURS, now=now)
    return 1


def _free(session: Session, table: Roundtable, invitation: Invitation, *, now: datetime) -> None:
    """They stay "not sure", without a seat; whoever waits longest is next."""
    invitation.holds_seat = False
    note(session, invitation, f"{FREED}: no answer came to our question", by=OURS, now=now)
    seat_those_waiting(session, table, now=now)


def _why_skip(session: Session, invitation: Invitation, due: datetime, now: datetime) -> str:
    """Why somebody is not written to, "" if they are."""
    if due + PATIENCE < now:
        return "the day is long past, and the seat is still kept" if invitation.holds_seat else "the day is long past"
    erased = session.get_one(Person, invitation.person_id).erased_at is not None
    if erased or unsubscribing.has_left(session, invitation):
        return "they want no more mail of ours"
    if invitation.bounced_at is not None:
        return "letters to them come back"
    return "their mail says that they have left" if _has_left(session, invitation) else ""


def _has_left(session: Session, invitation: Invitation) -> bool:
    told = session.exec(select(IncomingMail.facts).where(IncomingMail.invitation_id == invitation.id))
    return any((facts or {}).get("left") for facts in told)
