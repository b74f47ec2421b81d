"""
Deputies whom a calendar program names (RFC 5546 §3.2.2.3). What becomes of an offer is in deputy_offers.py.

The delegator says so: their ATTENDEE is DELEGATED, with DELEGATED-TO. The delegate may answer first, and with the
address that the delegator was given: it says which seat, the ATTENDEE who sits on it.
"""

from sqlmodel import Session

from roundtables.invitation import deputy_offers, handing, resolving
from roundtables.invitation.arrival import Arrival, Settled, Suggestion, ended
from roundtables.invitation.queries import standing
from roundtables.invitation.recording import follow_up, record, reply_of
from roundtables.invitation.rules import Answer, Changed, Ignored, NeedsHuman, objection_to, on_reply
from roundtables.invitation.verdict import Answered, ByDeputy, Delegated
from roundtables.mail.inbox import Outcome
from roundtables.roundtable.model import Roundtable

WHY = "the calendar names a deputy"


def settle(session: Session, arrival: Arrival, verdict: Delegated) -> Settled:
    """An invitee names who comes instead; several names are shown and none is chosen."""
    invitation, source = arrival.invitation, verdict.source
    table = session.get_one(Roundtable, invitation.roundtable_id)
    reply = reply_of(arrival, Answer.DECLINED, source)  # they themselves do not come
    objection = objection_to(standing(invitation, table, arrival.now), reply)
    if objection is not None:
        follow_up(session, invitation, objection, None, now=arrival.now)
    if isinstance(objection, Ignored):
        return Settled(Outcome.IGNORED, f"{WHY}; {objection.why}", decides=source.comment)
    if len(verdict.deputies) != 1 or isinstance(objection, NeedsHuman):
        return _shown(verdict, objection.why if objection else "")
    [(name, email)] = verdict.deputies
    accepted = on_reply(standing(invitation, table, arrival.now), reply)
    if isinstance(accepted, Changed):  # an older answer that comes later does not take it back
        invitation.reply_sequence, invitation.reply_stamp = accepted.sequence, accepted.stamp
        session.add(invitation)
    trusted = not resolving.is_disproven(arrival.mail)
    return deputy_offers.settle(
        session, arrival, name=name or email, email=email, decides=source.comment, trusted=trusted, why=WHY
    )


def by_deputy(session: Session, arrival: Arrival, verdict: ByDeputy) -> Settled:
    """
    The delegate answers. Somebody who was seated is answered for; somebody nobody has seated yet is an offer.
    """
    seated = handing.live_deputy(session, arrival.invitation)
    if seated is not None and resolving.is_theirs(session, seated, verdict.email):
        answered = Answered(
            verdict.answer, verdict.source, provisional=f"with the address of {arrival.invitation.name}"
        )
        outcome = record(session, arrival, answered, of=seated)
        said = f"calendar reply of {seated.name}, who comes for {arrival.invitation.name}: {verdict.answer}"
        return ended(outcome, f"provisional: {said}", decides=verdict.source.comment)
    who = verdict.name or verdict.email
    why = f"{who} answers in the place of {arrival.invitation.name}: {verdict.answer}"
    hint = Suggestion(says="deputy", name=who, email=verdict.email, answer=verdict.answer)
    return Settled(Outcome.NEEDS_HUMAN, why, decides=verdict.source.comment, suggestion=hint)


def _shown(verdict: Delegated, objection: str) -> Settled:
    named = [f"{name} ({email})" if name else email for name, email in verdict.deputies]
    why = [WHY] if len(named) == 1 else ["the calendar names several deputies"] if named else [f"{WHY} and not whom"]
    why += [", ".join(named)] if named else []
    hint = Suggestion(says="deputy")
    if len(named) == 1:
        [(name, hint["email"])] = verdict.deputies
        hint["name"] = name or hint["email"]
    reason = "; ".join(filter(None, [": ".join(why), objection]))
    return Settled(Outcome.NEEDS_HUMAN, reason, decides=verdict.source.comment, suggestion=hint)
