"""What happens to people in the book. Each action runs inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from roundtables.errors import Refusal
from roundtables.naming import address_key, checked_address
from roundtables.person import queries
from roundtables.person.model import PeopleMerge, Person, PersonAddress
from roundtables.person.rules import sort_key


@dataclass(frozen=True, slots=True)
class Details:
    """What one may say of a person."""

    name: str
    email: str
    other_emails: Sequence[str] = ()
    title: str = ""
    organisation: str = ""
    sectors: Sequence[str] = ()
    assistant_email: str = ""
    time_zone: str = ""
    language: str = "en-GB"


def add(session: Session, convener_id: int, details: Details, *, now: datetime) -> Person:
    """A new person in the book. Raises Refusal, also when the address is somebody's."""
    person = Person(convener_id=convener_id, created_at=now, name="", sort_key="", email="", email_key="")
    return _write(session, person, details)


def change(session: Session, person: Person, details: Details) -> Person:
    """Replaces all that is said of `person`. Raises Refusal."""
    return _write(session, person, details)


def meet(session: Session, convener_id: int, details: Details, *, now: datetime) -> Person:
    """The person of that address: known, or new to the book. A known person's entry is left alone."""
    known = queries.by_address(session, convener_id, details.email)
    return known or add(session, convener_id, details, now=now)


def learn_address(session: Session, person: Person, address: str) -> None:
    """Remembers another address a person wrote from, unless it is somebody's already."""
    if queries.by_address(session, person.convener_id, address) is None:
        session.add(_other(person, address, learnt=True))
        session.flush()


def forget(session: Session, person: Person, *, now: datetime) -> None:
    """Takes a person out of the book; what stays is a row without a name, for the seats they held."""
    session.execute(delete(PersonAddress).where(col(PersonAddress.person_id) == person.id))
    session.execute(delete(PeopleMerge).where(col(PeopleMerge.kept_id) == person.id))
    person.name, person.sort_key = "Erased person", ""
    person.email, person.email_key = "", f"erased:{person.id}"
    person.title = person.organisation = person.assistant_email = person.time_zone = ""
    person.sectors, person.erased_at = [], now
    session.add(person)


def _write(session: Session, person: Person, details: Details) -> Person:
    name = " ".join(details.name.split())
    if not name or len(name) > 200:
        raise Refusal("A person needs a name of at most 200 letters.", field="name")
    person.name, person.sort_key = name, sort_key(name)
    person.email = checked_address(details.email)
    person.email_key = address_key(person.email)
    person.title, person.organisation = details.title.strip(), details.organisation.strip()
    person.sectors, person.language, person.time_zone = list(details.sectors), details.language, details.time_zone
    person.assistant_email = (
        checked_address(details.assistant_email, field="assistant_email") if details.assistant_email else ""
    )
    _refuse_taken(session, person, [person.email, *details.other_emails])
    session.add(person)
    session.flush()
    _replace_others(session, person, details.other_emails)
    return person


def _refuse_taken(session: Session, person: Person, addresses: Iterable[str]) -> None:
    for address in addresses:
        with session.no_autoflush:
            owner = queries.by_address(session, person.convener_id, address)
        if owner is not None and owner.id != person.id:
            raise Refusal("{address} belongs to {name} already.", field="email", address=address, name=owner.name)


def _replace_others(session: Session, person: Person, addresses: Sequence[str]) -> None:
    held = session.exec(select(PersonAddress).where(PersonAddress.person_id == person.id)).all()
    wanted = {address_key(a): checked_address(a, field="other_emails") for a in addresses}
    for row in held:
        if row.address_key not in wanted and not row.learnt:
            session.delete(row)
        wanted.pop(row.address_key, None)
    session.add_all(_other(person, address, learnt=False) for address in wanted.values())
    session.flush()


def _other(person: Person, address: str, *, learnt: bool) -> PersonAddress:
    assert person.id is not None
    return PersonAddress(
        convener_id=person.convener_id,
        person_id=person.id,
        address=address,
        address_key=address_key(address),
        learnt=learnt,
    )
