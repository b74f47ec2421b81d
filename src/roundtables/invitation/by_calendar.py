"""
A calendar program's answer: whose it is and whether it counts, then the one action that records it.

Other times it proposes are in counters.py, deputies it names in delegations.py, the newest version it asks for in
refreshing.py.
"""

from dataclasses import replace

from sqlmodel import Session

from roundtables.calendar.addresses import canonical_address
from roundtables.invitation import beside, counters, delegations, refreshing, resolving
from roundtables.invitation.arrival import Arrival, Settled, Suggestion, ended
from roundtables.invitation.by_words import sent_lines
from roundtables.invitation.model import Invitation
from roundtables.invitation.recording import record
from roundtables.invitation.rules import Answer, Changed, Ignored
from roundtables.invitation.verdict import (
    Answered,
    ByDeputy,
    Countered,
    Delegated,
    Refresh,
    Spoken,
    Verdict,
    on_objects,
)
from roundtables.invitation.whose import Known, Sender, Waits
from roundtables.mail import cutting, inbox, program_words, words
from roundtables.mail.words import Says
from roundtables.person.model import Person
from roundtables.roundtable.model import Roundtable

OPPOSITE = {Answer.ACCEPTED: Says.DECLINED, Answer.DECLINED: Says.ACCEPTED}
IN_PRIVATE = {"Pos": Answer.ACCEPTED, "Neg": Answer.DECLINED, "Tent": Answer.TENTATIVE}
_IGNORED, _NEEDS_HUMAN = inbox.Outcome.IGNORED, inbox.Outcome.NEEDS_HUMAN


def settle(session: Session, arrival: Arrival) -> Settled:
    """Applies a calendar answer, or says why not."""
    verdict = _verdict(session, arrival, arrival.invitation)
    if isinstance(verdict, Waits):
        return waiting(verdict)
    if isinstance(verdict, Ignored):
        return Settled(_IGNORED, verdict.why)
    if isinstance(verdict, Refresh):
        return refreshing.settle(session, arrival)
    said = words.read(verdict.source.comment) if verdict.source.comment else None
    needs = said.needs if said else ""
    comment = beside.without_needs(verdict.source.comment, needs)
    verdict = replace(verdict, source=replace(verdict.source, comment=comment))
    settled = _by_verdict(session, arrival, verdict)
    if not isinstance(verdict, ByDeputy):
        by, number = arrival.mail.from_address, arrival.row.id
        beside.take_down_needs(session, arrival.invitation, needs, by=by, now=arrival.now, mail_id=number)
    return replace(settled, tells_needs=bool(needs), facts=beside.facts(said) if said else None)


def _by_verdict(session: Session, arrival: Arrival, verdict: Spoken) -> Settled:
    if isinstance(verdict, Answered):
        return _answered(session, arrival, verdict)
    if isinstance(verdict, Countered):
        return counters.settle(session, arrival, verdict)
    if isinstance(verdict, Delegated):
        return delegations.settle(session, arrival, verdict)
    return delegations.by_deputy(session, arrival, verdict)


def settle_private(arrival: Arrival) -> Settled | None:
    """An answer in Microsoft's own format, of which only its kind is read; None if it may be plain words as well."""
    *_, kind = arrival.mail.tnef.split(".")
    answer = IN_PRIVATE.get(kind) if ".Resp." in arrival.mail.tnef else None
    why = "answered in Microsoft's private format (winmail.dat)"
    if answer is not None:
        return Settled(_NEEDS_HUMAN, f"{why}: {answer}", suggestion=Suggestion(answer=answer))
    if arrival.mail.text.strip():
        return None
    return Settled(_NEEDS_HUMAN, f"{why}, which says no more; please ask the sender what they meant")


def waiting(verdict: Waits) -> Settled:
    """A mail that a person decides, with what we think they may want to do."""
    hints = {"says": verdict.says, "answer": verdict.answer or "", "name": verdict.name, "email": verdict.email}
    suggestion = Suggestion(**{key: str(value) for key, value in hints.items() if value})  # type: ignore[typeddict-item]  # keys as in Suggestion
    return Settled(_NEEDS_HUMAN, verdict.why, suggestion=suggestion or None)


def _verdict(session: Session, arrival: Arrival, invitation: Invitation) -> Verdict:
    mail = arrival.mail
    sender = Sender(
        canonical_address(mail.from_address),
        mail.from_name,
        proven=resolving.is_proven(mail),
        forged=resolving.is_disproven(mail),
    )
    return on_objects(arrival.objects, _known(session, arrival, invitation), sender)


def _known(session: Session, arrival: Arrival, invitation: Invitation) -> Known:
    own = canonical_address(invitation.email)
    by_letter = arrival.found.letter is not None and not arrival.found.by_token
    known = Known(
        uid=invitation.uid,
        address=own,
        others=frozenset(),
        name=invitation.name,
        by_token=arrival.found.by_token,
        by_letter=by_letter,
    )
    if _is_plain(arrival, known):  # nine in ten: nothing more need be looked up
        return known
    table = session.get_one(Roundtable, invitation.roundtable_id)
    assured = known.by_token or by_letter  # else an address we learnt by ourselves proves nothing
    return replace(
        known,
        others=resolving.addresses(session, invitation, learnt=assured),
        assistant=canonical_address(session.get_one(Person, invitation.person_id).assistant_email),
        earlier_uid=table.uid,
        starts_at=table.starts_at,
    )


def _is_plain(arrival: Arrival, known: Known) -> bool:
    """Whether everything in the mail is about this entry and from this one address."""
    said = [o.answer for o in arrival.objects]
    entries = {(a.method, a.uid, a.recurrence) for a in said}
    people = {arrival.mail.from_address, *(who for a in said for who, _ in a.attendees), *(a.sent_by for a in said)}
    return entries == {("REPLY", known.uid, "")} and people - {""} == {known.address}


def _answered(session: Session, arrival: Arrival, verdict: Answered) -> Settled:
    if _contradicted(arrival, verdict):
        return waiting(Waits("the words beside it say the opposite", verdict.answer))
    outcome = record(session, arrival, verdict)
    said = "; ".join([f"calendar reply: {verdict.answer}", *verdict.notes])
    if isinstance(outcome, Changed) and outcome.provisional:
        said = f"provisional: {verdict.provisional}; {said}"
    settled = ended(outcome, said, decides=verdict.source.comment)
    if verdict.agent and settled.outcome is inbox.Outcome.APPLIED:
        hint = Suggestion(says="assistant", answer=verdict.answer, email=verdict.agent)
        settled = replace(settled, suggestion=hint)
    return settled


def _contradicted(arrival: Arrival, verdict: Answered) -> bool:
    mail, answer = arrival.mail, verdict.answer
    if answer not in OPPOSITE or program_words.is_all(mail.text, answer=answer, summary=verdict.source.summary):
        return False
    text = cutting.answer_text(mail.text, sent_lines(arrival.found.letter))
    return words.read(text, subject=mail.subject).says is OPPOSITE[answer]
