"""Everything that is held on one person, to be read by them: as data, and their letters and mails as files."""

import io
import json
import os
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from roundtables.attendance.queries import MAIL, held_on
from roundtables.convener.model import Account, Membership
from roundtables.errors import Refusal
from roundtables.invitation.keeping import row_id
from roundtables.invitation.model import Invitation
from roundtables.keeping.model import LOG
from roundtables.mail.inbox import IncomingMail
from roundtables.mail.outbox import OutgoingLetter
from roundtables.person.model import Person
from roundtables.roundtable.model import Roundtable

PERSON = (
    *("id", "name", "email", "title", "organisation", "sectors", "assistant_email", "time_zone", "language"),
    *("created_at", "unsubscribed_at"),
)
LINE = ("at", "who", "what", "kind", "about", "state", "fields")


def everything(session: Session, person: Person) -> dict[str, Any]:
    """One object, ready for JSON: the entry in the book, and all that hangs on it."""
    held = held_on(session, person)
    addresses = sorted({person.email.lower(), *(row["address"].lower() for row in held["addresses"])})
    ids = [row["id"] for row in held["invitations"]]
    return {
        "person": {name: getattr(person, name) for name in PERSON},
        **held,
        "other_mails": _other_mails(session, person.convener_id, addresses),
        "named_as_deputy": _named(session, person.convener_id, addresses),
        "account": _account(session, person.convener_id, addresses),
        "log": log_of(session, person, ids),
    }


def log_of(session: Session, person: Person, invitation_ids: Sequence[int]) -> list[dict[str, Any]]:
    """What the log says of them and their invitations, oldest first; also who read what they need."""
    them = (LOG.kind == "person") & (LOG.about == row_id(person))
    theirs = (LOG.kind == "invitation") & LOG.about.in_(invitation_ids)
    found = sql_select(*(LOG[name] for name in LINE)).where(or_(them, theirs)).order_by(LOG.id)
    return [dict(row) for row in session.execute(found).mappings()]


def invitations_of(session: Session, person: Person) -> list[int]:
    """Numbers of their invitations."""
    found = session.exec(select(Invitation.id).where(Invitation.person_id == person.id)).all()
    return [number for number in found if number is not None]


def files(session: Session, person: Person) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each letter to them and each mail of theirs."""
    ids = select(Invitation.id).where(Invitation.person_id == person.id)
    letters = select(OutgoingLetter.id, OutgoingLetter.raw).where(col(OutgoingLetter.invitation_id).in_(ids))
    mails = select(IncomingMail.id, IncomingMail.raw).where(col(IncomingMail.invitation_id).in_(ids))
    for number, raw in session.exec(letters):
        yield f"letters/{number}.eml", raw
    for number, raw in session.exec(mails):
        yield f"mails/{number}.eml", raw
    for row in everything(session, person)["other_mails"]:
        yield f"mails/{row['id']}.eml", session.get_one(IncomingMail, row["id"]).raw


def packed(session: Session, people: Sequence[Person]) -> bytes:
    """
    A zip: everything.json, letters/N.eml, mails/N.eml. The numbers are the database's own; somebody in two books
    has one object for each in the list "held".
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        held = [everything(session, person) for person in people]
        archive.writestr("everything.json", as_json(held[0] if len(held) == 1 else {"held": held}))
        for person in people:
            for name, content in files(session, person):
                archive.writestr(name, content)
    return file.getvalue()


def write(target: Path, content: bytes) -> None:
    """Into a new file that its owner alone may read. Raises Refusal where there is one already."""
    try:
        with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise Refusal(f"There is a file {target} already.") from error
    except OSError as error:
        raise Refusal(f"{target} cannot be written: {error.strerror}.") from error


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _other_mails(session: Session, convener_id: int, addresses: Sequence[str]) -> list[dict[str, Any]]:
    """Mails from their addresses that belong to no invitation."""
    mail = IncomingMail
    here = or_(col(mail.convener_id) == convener_id, col(mail.convener_id).is_(None))
    theirs = or_(func.lower(mail.sender).in_(addresses), func.lower(mail.envelope_from).in_(addresses))
    names = ("id", *MAIL)
    found = sql_select(*(getattr(mail, name) for name in names)).where(here, theirs, col(mail.invitation_id).is_(None))
    return [dict(row) for row in session.execute(found.order_by(col(mail.id))).mappings()]


def _named(session: Session, convener_id: int, addresses: Sequence[str]) -> list[dict[str, Any]]:
    """Where somebody named them as the one who would come instead."""
    found = select(Roundtable.title, Invitation.deputy_name, Invitation.deputy_email)
    found = found.join(Roundtable, col(Roundtable.id) == Invitation.roundtable_id)
    found = found.where(Invitation.convener_id == convener_id, func.lower(Invitation.deputy_email).in_(addresses))
    return [{"roundtable": title, "name": name, "email": email} for title, name, email in session.exec(found)]


def _account(session: Session, convener_id: int, addresses: Sequence[str]) -> dict[str, Any] | None:
    """The account with which they sign in at the desk themselves."""
    found = select(Account, Membership.role).join(Membership, col(Membership.account_id) == Account.id)
    found = found.where(Membership.convener_id == convener_id, func.lower(Account.email).in_(addresses))
    row = session.exec(found).first()
    return {"name": row[0].name, "email": row[0].email, "role": row[1]} if row else None
