"""
Another time, or other words, proposed by a calendar program. Nothing moves by itself (RFC 5546 §3.2.7).

What the proposer says to our time counts; the proposal waits for a person, three of one invitee at most.
"""

from sqlmodel import Session, col, select

from roundtables.invitation.arrival import Arrival, Settled, Suggestion
from roundtables.invitation.queries import standing
from roundtables.invitation.recording import follow_up, record, reply_of
from roundtables.invitation.rules import Answer, Changed, Ignored, objection_to
from roundtables.invitation.verdict import Countered
from roundtables.mail import inbox
from roundtables.mail.inbox import IncomingMail
from roundtables.roundtable.model import Roundtable

MOST_OPEN = 3
_NEEDS_HUMAN = inbox.Outcome.NEEDS_HUMAN


def settle(session: Session, arrival: Arrival, verdict: Countered) -> Settled:
    """Keeps a proposal for a person, and what the proposer says to the time that stands."""
    table = session.get_one(Roundtable, arrival.invitation.roundtable_id)
    source = verdict.source
    moves = (source.starts_at, source.ends_at or table.ends_at) != (table.starts_at, table.ends_at)
    if not moves:
        return _same_time(session, arrival, verdict, table)
    said = _said_to_ours(session, arrival, verdict, table)
    if isinstance(said, Ignored):
        return Settled(inbox.Outcome.IGNORED, f"it proposes another time; {said.why}", decides=source.comment)
    if _open_proposals(session, arrival) >= MOST_OPEN:
        why = f"it proposes another time, and {MOST_OPEN} proposals of theirs wait already"
        return Settled(inbox.Outcome.IGNORED, f"{why}{said}", decides=source.comment)
    return Settled(
        _NEEDS_HUMAN, f"it proposes another time{said}", decides=source.comment, suggestion=_hint(verdict, table)
    )


def _hint(verdict: Countered, table: Roundtable) -> Suggestion:
    source = verdict.source
    hint = Suggestion(says="counter")
    if verdict.answered:
        hint["answer"] = verdict.answered.answer
    if source.starts_at is not None:
        ends = source.ends_at or source.starts_at + (table.ends_at - table.starts_at)
        hint["starts_at"], hint["ends_at"] = source.starts_at.isoformat(), ends.isoformat()
    return hint


def _said_to_ours(session: Session, arrival: Arrival, verdict: Countered, table: Roundtable) -> str | Ignored:
    """What the proposer says to the time that stands, in words; Ignored if it is stale, or the table is over."""
    invitation, answered = arrival.invitation, verdict.answered
    reply = reply_of(arrival, answered.answer if answered else Answer.TENTATIVE, verdict.source)
    objection = objection_to(standing(invitation, table, arrival.now), reply)
    if answered is not None and not isinstance(objection, Ignored):
        outcome = record(session, arrival, answered)
        return f"; to ours they say: {outcome.to}" if isinstance(outcome, Changed) else f"; {outcome.why}"
    if objection is not None:
        follow_up(session, invitation, objection, answered.answer if answered else None, now=arrival.now)
    return objection if isinstance(objection, Ignored) else f"; {objection.why}" if objection else ""


def _same_time(session: Session, arrival: Arrival, verdict: Countered, table: Roundtable) -> Settled:
    """A proposal that moves nothing: a plain answer if nothing differs at all, else words for a person."""
    differs = "; ".join(_differences(verdict, table))
    answered = verdict.answered
    if not differs and answered is not None:
        outcome = record(session, arrival, answered)
        why = f"a proposal that changes nothing: {answered.answer}"
        if isinstance(outcome, Changed):
            return Settled(inbox.Outcome.APPLIED, why, decides=verdict.source.comment)
        kind = inbox.Outcome.IGNORED if isinstance(outcome, Ignored) else _NEEDS_HUMAN
        return Settled(kind, f"{why}; {outcome.why}", decides=verdict.source.comment)
    suggestion = Suggestion(answer=answered.answer) if answered else None
    why = f"it suggests {differs}" if differs else "it proposes what is so already"
    return Settled(_NEEDS_HUMAN, why, decides=verdict.source.comment, suggestion=suggestion)


def _differences(verdict: Countered, table: Roundtable) -> list[str]:
    source, found = verdict.source, []
    title = source.summary.rpartition(": ")[2]
    if source.summary and table.title.strip() not in (source.summary, title):
        found.append(f"another title, “{source.summary[:200]}”")
    if source.location and source.location.strip() != (table.place or table.online_url).strip():
        found.append(f"another place, “{source.location[:200]}”")
    if verdict.people:
        found.append(f"{verdict.people} more {'person' if verdict.people == 1 else 'people'}")
    return found


def _open_proposals(session: Session, arrival: Arrival) -> int:
    """How many proposals of this invitee wait for a person."""
    mine = (IncomingMail.invitation_id == arrival.invitation.id, IncomingMail.outcome == _NEEDS_HUMAN)
    waiting = session.exec(select(IncomingMail.suggestion).where(*mine, col(IncomingMail.id) != arrival.row.id))
    return sum((hint or {}).get("says") == "counter" for hint in waiting)
