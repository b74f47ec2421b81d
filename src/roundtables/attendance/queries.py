"""Finds who came, and what they need."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from roundtables.attendance.model import Attendance, Came, DoorMark, Needs, Printing, WalkIn
from roundtables.invitation.model import History, Invitation
from roundtables.mail.inbox import IncomingMail
from roundtables.mail.outbox import OutgoingLetter
from roundtables.person.model import Person, PersonAddress
from roundtables.roundtable.model import Roundtable

INVITATION = (
    *("id", "roundtable_id", "name", "email", "title", "organisation", "role", "seat_kind", "wave", "note"),
    *("state", "answer", "until", "comment", "answered_at", "answered_via", "asked_at", "bounced_at"),
    *("deputy_name", "deputy_email", "deputy_note", "created_at"),
)
LINE, NEEDS = ("at", "by", "what"), ("dietary", "access", "note", "given_at", "delete_on")
LETTER = ("kind", "to_name", "to_address", "subject", "message_id", "state", "created_at", "sent_at")
MAIL = ("received_at", "door", "sender", "subject", "outcome", "reason", "decides", "suggestion")


def came(session: Session, invitation_ids: Sequence[int]) -> dict[int, Attendance]:
    rows = session.exec(select(Attendance).where(col(Attendance.invitation_id).in_(invitation_ids)))
    return {row.invitation_id: row for row in rows}


def needs(session: Session, invitation_ids: Sequence[int]) -> dict[int, Needs]:
    rows = session.exec(select(Needs).where(col(Needs.invitation_id).in_(invitation_ids)))
    return {row.invitation_id: row for row in rows}


def of_roundtable(
    session: Session, roundtable_id: int, *, after: int | None = None, limit: int
) -> list[tuple[Attendance, Invitation]]:
    """Who is written down as come or not, in the order of asking, beginning behind the invitation id `after`."""
    found = (
        select(Attendance, Invitation)
        .join(Invitation, col(Invitation.id) == Attendance.invitation_id)
        .where(Invitation.roundtable_id == roundtable_id, col(Attendance.invitation_id) > (after or 0))
    )
    return list(session.exec(found.order_by(col(Attendance.invitation_id)).limit(limit)))


def held_on(session: Session, person: Person) -> dict[str, list[dict[str, Any]]]:
    """
    All that is held on a person besides their entry in the book: addresses, invitations (each with its history,
    needs and attendance), letters, mails. Eight queries, however many rows.
    """
    asked = _rows(session, Invitation, INVITATION, Invitation.person_id == person.id)
    ids = [row["id"] for row in asked]
    tables = _rows(
        session, Roundtable, ("id", "title"), col(Roundtable.id).in_([row["roundtable_id"] for row in asked])
    )
    titles = {table["id"]: table["title"] for table in tables}
    lines = _rows(session, History, ("invitation_id", *LINE), col(History.invitation_id).in_(ids))
    came_by, needs_by = came(session, ids), needs(session, ids)
    for row in asked:
        row["roundtable"] = titles[row["roundtable_id"]]
        row["history"] = [{name: h[name] for name in LINE} for h in lines if h["invitation_id"] == row["id"]]
        row["needs"] = _entry(needs_by.get(row["id"]), NEEDS)
        row["attendance"] = _entry(came_by.get(row["id"]), ("came", "recorded_at", "recorded_by"))
    return {
        "addresses": _rows(session, PersonAddress, ("address", "learnt"), PersonAddress.person_id == person.id),
        "invitations": asked,
        "letters": _rows(session, OutgoingLetter, LETTER, col(OutgoingLetter.invitation_id).in_(ids)),
        "mails": _rows(session, IncomingMail, MAIL, col(IncomingMail.invitation_id).in_(ids)),
    }


def _rows(session: Session, model: Any, names: Sequence[str], where: Any) -> list[dict[str, Any]]:
    """These columns and no others: a letter's bytes stay where they are."""
    found = sql_select(*(getattr(model, name) for name in names)).where(where).order_by(model.id)
    return [dict(row) for row in session.execute(found).mappings()]


def _entry(row: Attendance | Needs | None, names: Sequence[str]) -> dict[str, Any] | None:
    return {name: getattr(row, name) for name in names} if row is not None else None


def times(session: Session, person_ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """How often each of these people was asked, answered, and came."""
    rows = session.exec(
        select(
            Invitation.person_id,
            func.count(),
            func.count(col(Invitation.answered_at)),
            func.count(case((col(Attendance.came) != Came.NO, 1))),
        )
        .outerjoin(Attendance, col(Attendance.invitation_id) == Invitation.id)
        .where(col(Invitation.person_id).in_(person_ids), col(Invitation.asked_at).is_not(None))
        .group_by(col(Invitation.person_id))
    )
    return {person_id: (asked, answered, came) for person_id, asked, answered, came in rows}


def walk_ins(session: Session, roundtable_id: int) -> list[WalkIn]:
    """Who came unasked, in the order they came."""
    return list(session.exec(select(WalkIn).where(WalkIn.roundtable_id == roundtable_id).order_by(col(WalkIn.id))))


def last_marks(session: Session, invitation_ids: Sequence[int]) -> dict[int, DoorMark]:
    """The newest mark of each that was not undone."""
    found = select(DoorMark).where(col(DoorMark.invitation_id).in_(invitation_ids), col(DoorMark.undone_at).is_(None))
    return {mark.invitation_id: mark for mark in session.exec(found.order_by(col(DoorMark.id)))}


def printings(session: Session, roundtable_id: int) -> dict[str, Printing]:
    """The newest printing of each kind."""
    found = select(Printing).where(Printing.roundtable_id == roundtable_id).order_by(col(Printing.id))
    return {row.kind: row for row in session.exec(found)}


def printing(session: Session, roundtable_id: int, kind: str, number: int | None) -> Printing | None:
    """That printing of this table and kind; None if there is none of that number."""
    found = session.get(Printing, number) if number is not None else None
    return found if found is not None and (found.roundtable_id, found.kind) == (roundtable_id, kind) else None
