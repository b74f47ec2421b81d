"""Who writes for somebody: an organiser's yes makes an address known, and from then on its answers count at once."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from roundtables.calendar.addresses import canonical_address
from roundtables.invitation import resolving
from roundtables.invitation.keeping import note
from roundtables.invitation.model import Invitation
from roundtables.person import actions as people
from roundtables.person import queries
from roundtables.person.model import Person


class Writer(StrEnum):
    """Who wrote a mail about an invitation."""

    INVITEE = "invitee"
    ASSISTANT = "assistant"
    SOMEBODY = "somebody"


def writer(session: Session, invitation: Invitation, address: str) -> Writer:
    """Whether `address` is the invitee's own, their known assistant's, or anybody's."""
    if resolving.is_theirs(session, invitation, address):
        return Writer.INVITEE
    known = session.get_one(Person, invitation.person_id).assistant_email
    is_known = bool(known) and canonical_address(known) == canonical_address(address)
    return Writer.ASSISTANT if is_known else Writer.SOMEBODY


def remember(session: Session, invitation: Invitation, address: str, *, by: str, now: datetime) -> bool:
    """
    Remembers who wrote as the invitee's assistant, unless they have one; answers whether it did. Editing the person
    takes it back.
    """
    person = session.get_one(Person, invitation.person_id)
    if person.assistant_email or not address or queries.by_address(session, person.convener_id, address) == person:
        return False
    fields = people.Details.__dataclass_fields__.keys() - {"other_emails"}
    others = queries.other_addresses(session, [invitation.person_id]).get(invitation.person_id, [])
    details = people.Details(**{name: getattr(person, name) for name in fields}, other_emails=others)
    people.change(session, person, replace(details, assistant_email=address))
    note(session, invitation, f"{address} is remembered as the assistant of {person.name}", by=by, now=now)
    return True
