"""
Which mail is an RSVP, and whose: from a mail that was opened to the one action that counts.

    a machine's mail -> by_machine.py     a calendar program's -> by_calendar.py     words -> by_words.py
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from roundtables.invitation import at_hand, by_calendar, by_machine, by_words, resolving
from roundtables.invitation.arrival import Arrival, Settled
from roundtables.invitation.resolving import Found
from roundtables.invitation.verdict import Object
from roundtables.mail import inbox, outbox, stationery
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.mail.message import ReceivedMail
from roundtables.mail.opening import Opened
from roundtables.tokens import hashed


def expect(session: Session, mails: Sequence[Opened]) -> None:
    """Fetches together what handle() will ask for of each of these mails."""
    office = stationery.of(session)
    given = {token for each in mails for token in resolving.tokens_in(each.mail, office)}
    at_hand.fetch(session, map(hashed, given - {""}))


def handle(session: Session, row: IncomingMail, opened: Opened, *, now: datetime) -> Settled:
    """Does what one kept mail asks and writes down whose it is, in the caller's transaction."""
    mail, office = opened.mail, stationery.of(session)
    if mail.message_id.endswith(f"@{office.domain}") and outbox.settle_from_archive(session, mail.message_id, now=now):
        row.raw = b""  # its bytes are the letter's, which are kept
        return Settled(Outcome.IGNORED, "a letter of our own that came round to us")
    uids = tuple({answer.uid for answer, _ in opened.answers if answer.uid})
    named = tuple({answer.attendee for answer, _ in opened.answers if answer.attendee})
    found = resolving.resolve(session, mail, uids, office, named=named)
    twin = inbox.twin(session, row, mail.fingerprint, found.invitation.id if found.invitation else None)
    if twin is not None:
        settled = Settled(Outcome.IGNORED, f"the same mail came before, as number {twin}")
    else:
        objects = tuple(Object(answer, declared) for answer, declared in opened.answers)
        arrival = Arrival(row, mail, found, objects, opened.unreadable, now)
        settled = _settle(session, arrival)
    row.sender, row.subject, row.fingerprint = mail.from_address, mail.subject[:500], mail.fingerprint
    if found.invitation is not None:
        row.invitation_id, row.convener_id = found.invitation.id, found.invitation.convener_id
    elif found.roundtable is not None:
        row.convener_id = found.roundtable.convener_id
    return settled


def _settle(session: Session, arrival: Arrival) -> Settled:
    mail, found = arrival.mail, arrival.found
    if (ending := by_machine.settle(session, arrival)) is not None:
        return ending
    if found.expired:
        return _expired(mail)
    if found.invitation is None:
        return _nobodys(mail, found)
    if arrival.objects:
        return by_calendar.settle(session, arrival)
    if arrival.unreadable:
        return Settled(Outcome.NEEDS_HUMAN, f"its calendar part cannot be read: {arrival.unreadable}")
    if any(not part.attachment for part in mail.calendars):
        return Settled(Outcome.IGNORED, "a calendar message that is about no meeting is never acted on")
    if mail.tnef and (ending := by_calendar.settle_private(arrival)) is not None:
        return ending
    return by_words.settle(session, arrival)


def _expired(mail: ReceivedMail) -> Settled:
    if mail.automatic and not mail.calendars:
        return Settled(Outcome.IGNORED, f"a machine wrote it: {mail.automatic}")
    why = "it came to a personal address that is not valid: it was renewed, or never ours"
    return Settled(Outcome.IGNORED, f"{why}; ask the sender to answer the newest letter")


def _nobodys(mail: ReceivedMail, found: Found) -> Settled:
    if mail.automatic:
        return Settled(Outcome.IGNORED, f"a machine wrote it: {mail.automatic}")
    if mail.calendars and found.roundtable is not None:
        return Settled(Outcome.NEEDS_HUMAN, "a calendar reply of somebody who was not invited under this address")
    return Settled(Outcome.IGNORED, "it answers no invitation of ours")
