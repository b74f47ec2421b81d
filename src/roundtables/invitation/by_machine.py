"""Mail that a machine wrote: bounces go to the person's address, everything else of its kind to nobody."""

from sqlmodel import Session

from roundtables.invitation.arrival import Arrival, Settled
from roundtables.invitation.keeping import note
from roundtables.mail.inbox import Outcome


def settle(session: Session, arrival: Arrival) -> Settled | None:
    """How a machine's mail ends; None for a mail that a person, or a person's calendar, may have sent."""
    if arrival.found.bounced or arrival.mail.bounce:
        return _bounce(session, arrival)
    if arrival.mail.automatic and not arrival.objects:
        return Settled(Outcome.IGNORED, f"a machine wrote it: {arrival.mail.automatic}")
    return None


def _bounce(session: Session, arrival: Arrival) -> Settled:
    """To the person by the bounce address; an answer is never touched."""
    invitation, mail = arrival.found.invitation, arrival.mail
    if invitation is None:
        return Settled(Outcome.IGNORED, "a letter came back, and it names none of ours")
    if not mail.bounce:
        return Settled(Outcome.IGNORED, f"an automatic answer to a letter: {mail.automatic or 'not a failure'}")
    invitation.bounced_at = arrival.now
    by = mail.from_address or "a mail server"
    note(session, invitation, "a letter came back undelivered", by=by, now=arrival.now)
    return Settled(Outcome.IGNORED, "a letter came back undelivered; the address is marked, the answer is untouched")
