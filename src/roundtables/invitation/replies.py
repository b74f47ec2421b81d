"""
Which mail is an RSVP, and whose: from a mail that was kept to the one action that counts.

    a machine's mail -> by_machine.py     a calendar program's -> by_calendar.py     words -> by_words.py
"""

from datetime import datetime

from sqlmodel import Session

from roundtables.calendar import answers
from roundtables.errors import Unreadable
from roundtables.invitation import by_calendar, by_machine, by_words, resolving
from roundtables.invitation.arrival import Arrival, Settled
from roundtables.invitation.verdict import Object
from roundtables.mail import inbox, message, stationery
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.mail.message import ReceivedMail


def handle(session: Session, row: IncomingMail, *, now: datetime, trusted: str | None = None) -> Settled:
    """Reads one kept mail and does what it asks, in the caller's transaction. Raises Unreadable."""
    mail = message.read(
        row.raw, envelope_from=row.envelope_from, envelope_to=row.envelope_to, trusted_authserv_id=trusted
    )
    objects, unreadable = _objects(mail)
    uids = tuple({o.answer.uid for o in objects if o.answer.uid})
    found = resolving.resolve(session, mail, uids, stationery.of(session))
    twin = inbox.twin(session, row, mail.fingerprint, found.invitation.id if found.invitation else None)
    row.sender, row.subject, row.fingerprint = mail.from_address, mail.subject[:500], mail.fingerprint
    if found.invitation is not None:
        row.invitation_id, row.convener_id = found.invitation.id, found.invitation.convener_id
    if twin is not None:
        return Settled(Outcome.IGNORED, f"the same mail came before, as number {twin.id}")
    return _settle(session, Arrival(row, mail, found, objects, unreadable, now))


def _settle(session: Session, arrival: Arrival) -> Settled:
    if (ending := by_machine.settle(session, arrival)) is not None:
        return ending
    if arrival.found.invitation is None:
        return _nobodys(arrival.mail)
    if arrival.objects:
        return by_calendar.settle(session, arrival)
    if arrival.unreadable:
        return Settled(Outcome.NEEDS_HUMAN, f"its calendar part cannot be read: {arrival.unreadable}")
    return by_words.settle(session, arrival)


def _objects(mail: ReceivedMail) -> tuple[tuple[Object, ...], str]:
    """All calendar answers in the mail; the reason if a part could not be read."""
    found: list[Object] = []
    unreadable = ""
    for part in mail.calendars:
        try:
            found += [Object(answer, part.method) for answer in answers.read(part.data, charset=part.charset)]
        except Unreadable as error:
            unreadable = str(error)
    return tuple(found), unreadable


def _nobodys(mail: ReceivedMail) -> Settled:
    if mail.automatic:
        return Settled(Outcome.IGNORED, f"a machine wrote it: {mail.automatic}")
    if mail.calendars:
        return Settled(Outcome.NEEDS_HUMAN, "a calendar reply of somebody who was not invited under this address")
    return Settled(Outcome.IGNORED, "it answers no invitation of ours")
