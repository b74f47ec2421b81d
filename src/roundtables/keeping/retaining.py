"""What is over goes: counted for a dry run, or done, a part at a time; safe to repeat."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Delete, Select, Update, and_, delete, func, or_, update
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from roundtables.attendance.actions import forget_needs
from roundtables.attendance.model import Needs
from roundtables.convener.model import SignIn, SignInLink
from roundtables.db import Db
from roundtables.invitation.model import History, Invitation
from roundtables.invitation.rules import State
from roundtables.keeping import rules
from roundtables.keeping.rules import Kind
from roundtables.mail.inbox import IncomingMail
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.person.model import PeopleFile, PeopleMerge
from roundtables.roundtable.model import Roundtable
from roundtables.web.once import RememberedAnswer

AT_ONCE = 500  # rows of a kind in one transaction
SETTLED = (LetterState.SENT, LetterState.FAILED, LetterState.CANCELLED)
Days = Mapping[Kind, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kind stands: its table's key, what of it is over, and since when."""

    key: Any
    over: ColumnElement[bool]
    since: Any


@dataclass(frozen=True, slots=True)
class Overdue:
    """What would go: how many, and since when the oldest is over."""

    kind: Kind
    count: int
    oldest: datetime | date | None


def overdue(session: Session, today: date, days: Days) -> list[Overdue]:
    """One of each kind, in the order of the table; nothing is changed."""
    return [Overdue(kind, *_counted(session, place(today, days))) for kind, place in PLACES.items()]


def retain(db: Db, today: date, days: Days) -> dict[Kind, int]:
    """Does what `overdue` counts; answers how many of each went."""
    done: dict[Kind, int] = {}
    for kind in Kind:
        while number := _some(db, kind, today, days):
            done[kind] = done.get(kind, 0) + number
    return done


def _some(db: Db, kind: Kind, today: date, days: Days) -> int:
    """A part of one kind in a transaction of its own; SQLite overwrites what goes."""
    with db.write() as session:
        if db.sqlite:
            session.connection().exec_driver_sql("PRAGMA secure_delete=ON")
        try:
            if kind is Kind.NEEDS:
                return forget_needs(session, now=datetime.combine(today, time(12), UTC))
            place = PLACES[kind](today, days)
            some = sql_select(place.key).where(place.over).limit(AT_ONCE)
            ids = list(session.execute(some).scalars())
            if ids:
                session.execute(DOING[kind](and_(place.over, place.key.in_(ids))))
            return len(ids)
        finally:
            if db.sqlite:
                session.flush()
                session.connection().exec_driver_sql("PRAGMA secure_delete=OFF")


def _counted(session: Session, place: Place) -> tuple[int, datetime | date | None]:
    number, oldest = session.execute(sql_select(func.count(place.key), func.min(place.since)).where(place.over)).one()
    return number, oldest


def _over() -> ColumnElement[Any]:
    """When a table was over: closed, or its day for one that nobody closed."""
    return func.coalesce(Roundtable.closed_at, Roundtable.ends_at)


def _at_tables(kind: Kind, today: date, days: Days) -> Select[Any]:
    """Numbers of the invitations to tables that were over so long ago."""
    joined = sql_select(col(Invitation.id)).join(Roundtable, col(Roundtable.id) == col(Invitation.roundtable_id))
    return joined.where(_over() < rules.before(kind, today, days))


def _since(invitation_id: Any) -> ColumnElement[Any]:
    """When the table of that invitation was over."""
    theirs = aliased(Invitation)
    found = sql_select(_over()).join(theirs, col(theirs.roundtable_id) == col(Roundtable.id))
    return found.where(col(theirs.id) == invitation_id).scalar_subquery()


def _needs(today: date, days: Days) -> Place:
    return Place(col(Needs.invitation_id), col(Needs.delete_on) <= today, col(Needs.delete_on))


def _raw_mail(today: date, days: Days) -> Place:
    mail = IncomingMail
    theirs = col(mail.invitation_id).in_(_at_tables(Kind.RAW_MAIL, today, days))
    over = and_(theirs, col(mail.outcome).is_not(None), func.length(mail.raw) > 0)
    return Place(col(mail.id), over, _since(mail.invitation_id))


def _letters(today: date, days: Days) -> Place:
    letter = OutgoingLetter
    theirs = col(letter.invitation_id).in_(_at_tables(Kind.LETTERS, today, days))
    over = and_(theirs, col(letter.state).in_(SETTLED), func.length(letter.raw) > 0)
    return Place(col(letter.id), over, _since(letter.invitation_id))


def _stray_mail(today: date, days: Days) -> Place:
    mail = IncomingMail
    came = col(mail.received_at) < rules.before(Kind.STRAY_MAIL, today, days)
    over = and_(col(mail.invitation_id).is_(None), col(mail.outcome).is_not(None), came, func.length(mail.raw) > 0)
    return Place(col(mail.id), over, col(mail.received_at))


def _undo(today: date, days: Days) -> Place:
    theirs = col(History.invitation_id).in_(_at_tables(Kind.UNDO, today, days))
    return Place(col(History.id), and_(theirs, col(History.before).is_not(None)), _since(History.invitation_id))


def _unconfirmed(today: date, days: Days) -> Place:
    row = Invitation
    theirs = col(row.id).in_(_at_tables(Kind.UNCONFIRMED, today, days))
    named = or_(col(row.deputy_name) != "", col(row.deputy_email) != "")
    return Place(col(row.id), and_(theirs, named, col(row.state) != State.DELEGATED), _since(row.id))


def _unsent(today: date, days: Days) -> Place:
    letter = OutgoingLetter
    theirs = col(letter.invitation_id).in_(_at_tables(Kind.UNSENT, today, days))
    return Place(col(letter.id), and_(theirs, col(letter.state) == LetterState.HELD), _since(letter.invitation_id))


def _rows(kind: Kind, key: Any, since: Any) -> Callable[[date, Days], Place]:
    """Rows that go as a whole, counted from a column of theirs."""

    def place(today: date, days: Days) -> Place:
        return Place(col(key), col(since) < rules.before(kind, today, days), col(since))

    return place


PLACES: Mapping[Kind, Callable[[date, Days], Place]] = {
    Kind.NEEDS: _needs,
    Kind.RAW_MAIL: _raw_mail,
    Kind.LETTERS: _letters,
    Kind.STRAY_MAIL: _stray_mail,
    Kind.UNDO: _undo,
    Kind.UNCONFIRMED: _unconfirmed,
    Kind.UNSENT: _unsent,
    Kind.SIGN_IN_LINKS: _rows(Kind.SIGN_IN_LINKS, SignInLink.id, SignInLink.expires_at),
    Kind.SESSIONS: _rows(Kind.SESSIONS, SignIn.id, SignIn.expires_at),
    Kind.REMEMBERED: _rows(Kind.REMEMBERED, RememberedAnswer.key, RememberedAnswer.created_at),
    Kind.PEOPLE_FILES: _rows(Kind.PEOPLE_FILES, PeopleFile.id, PeopleFile.created_at),
    Kind.MERGES: _rows(Kind.MERGES, PeopleMerge.id, PeopleMerge.at),
}


def _without_words(model: Any) -> Callable[[ColumnElement[bool]], Update]:
    """A mail without its bytes: who wrote, when, and what came of it stay."""
    return lambda these: (
        update(model)
        .where(these)
        .values(raw=b"", decides="", suggestion=None, facts=None, envelope_to=[], tells_needs=False)
    )


def _values(model: Any, **values: Any) -> Callable[[ColumnElement[bool]], Update]:
    return lambda these: update(model).where(these).values(**values)


def _deleting(model: Any) -> Callable[[ColumnElement[bool]], Delete]:
    return lambda these: delete(model).where(these)


DOING: Mapping[Kind, Callable[[ColumnElement[bool]], Update | Delete]] = {
    Kind.RAW_MAIL: _without_words(IncomingMail),
    Kind.LETTERS: _values(OutgoingLetter, raw=b""),
    Kind.STRAY_MAIL: _without_words(IncomingMail),
    Kind.UNDO: _values(History, before=None),
    Kind.UNCONFIRMED: _values(Invitation, deputy_name="", deputy_email="", deputy_note=""),
    Kind.UNSENT: _values(OutgoingLetter, state=LetterState.CANCELLED, raw=b""),
    Kind.SIGN_IN_LINKS: _deleting(SignInLink),
    Kind.SESSIONS: _deleting(SignIn),
    Kind.REMEMBERED: _deleting(RememberedAnswer),
    Kind.PEOPLE_FILES: _deleting(PeopleFile),
    Kind.MERGES: _deleting(PeopleMerge),
}
