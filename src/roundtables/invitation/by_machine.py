"""
Mail that a machine wrote: it never answers for anybody, and nothing is ever written in return.

    to an address for leaving     no more letters (unsubscribing.py)
    our own letter, come round    ignored                     a delivery report      by_bounce.py
    too many in an hour           ignored                     a complaint            no more letters; a person is told
    back on Monday                ignored, reminders wait     has left               a person is told, with a name
    prove that you are human      a person is told, once      a receipt, a journal   ignored
"""

import re
from dataclasses import replace

from sqlmodel import Session

from roundtables.invitation import by_bounce, notices, unsubscribing
from roundtables.invitation.arrival import Arrival, Facts, Settled, Suggestion
from roundtables.invitation.keeping import note
from roundtables.invitation.model import Invitation
from roundtables.mail import stationery
from roundtables.mail.automatic import Kind, Notice
from roundtables.mail.inbox import Outcome
from roundtables.web.filters import weekday

SERIOUS = ("abuse", "fraud", "opt-out", "opt-out-list")  # of RFC 5965 §7.3 and RFC 6430
IGNORED_FOR = {
    Kind.RECEIPT: "a ticket system says that it has it",
    Kind.READ: "a read receipt",
    Kind.JOURNAL: "a journal's copy of other people's mail, which is not read here",
}


def settle(session: Session, arrival: Arrival) -> Settled | None:
    """How a machine's mail ends; None for a mail that a person, or a person's calendar, may have sent."""
    if _is_ours(session, arrival):
        return Settled(Outcome.IGNORED, "a letter of our own that came round to us")
    if (ending := _beyond_measure(session, arrival)) is not None:
        return ending
    if arrival.found.unsubscribe:
        return _leaves(session, arrival)
    if arrival.mail.complaint is not None:
        return _complaint(session, arrival)
    if (ending := by_bounce.settle(session, arrival)) is not None:
        return ending
    if arrival.objects:
        return None
    return _by_notice(session, arrival) or _with_a_mail_attached(arrival)


def _is_ours(session: Session, arrival: Arrival) -> bool:
    """Whether it is one of our letters, by our Message-ID or our X-Loop: then two programs talk to each other."""
    domain = stationery.of(session).domain.lower()
    own_id = re.fullmatch(r"[0-9a-f]{32}@(.{1,253})", arrival.mail.message_id.lower())
    return bool(own_id and own_id[1] == domain) or domain in (mark.strip().lower() for mark in arrival.mail.loops)


def _beyond_measure(session: Session, arrival: Arrival) -> Settled | None:
    """The loop breaker; the invitation's history says it once."""
    if arrival.found.invitation is None:
        return None
    excess = notices.too_many(session, arrival.invitation, arrival.row)
    if not excess:
        return None
    if excess == 1:
        many = f"more than {notices.MOST_IN_AN_HOUR} mails within an hour; the rest is kept and not read"
        note(session, arrival.invitation, many, by="Roundtables", now=arrival.now, mail_id=arrival.row.id)
    return Settled(Outcome.IGNORED, "too many in an hour: it is kept, and nothing is done about it")


def _leaves(session: Session, arrival: Arrival) -> Settled:
    mail = arrival.mail
    if mail.returned is not None or (mail.notice is not None and mail.notice.kind is not Kind.OTHER):
        return Settled(Outcome.IGNORED, f"a machine answered an address for leaving: {mail.automatic or 'a report'}")
    if arrival.found.invitation is None:
        return Settled(Outcome.IGNORED, "it came to an address for leaving that is nobody's")
    by, mail_id = mail.from_address or arrival.invitation.name, arrival.row.id
    if unsubscribing.leave(session, arrival.invitation, how="by mail", by=by, now=arrival.now, mail_id=mail_id):
        return Settled(Outcome.APPLIED, "no more letters to them: they wrote to the address for leaving")
    return Settled(Outcome.IGNORED, "they wrote to the address for leaving, and get no letters as it is")


def _complaint(session: Session, arrival: Arrival) -> Settled:
    """Somebody called a letter of ours spam: no more letters to them (RFC 5965)."""
    complaint = arrival.mail.complaint
    assert complaint is not None
    invitation = by_bounce.whose(session, arrival, complaint.original_message_id)
    if invitation is None or complaint.kind not in SERIOUS:
        return Settled(Outcome.IGNORED, f"a complaint report ({complaint.kind or 'of no kind'}) about none of ours")
    how = "by a complaint to their provider"
    unsubscribing.leave(session, invitation, how=how, by="their provider", now=arrival.now, mail_id=arrival.row.id)
    reason = f"{invitation.name} called our letter spam; we write to them no more"
    return by_bounce.once(session, arrival, invitation, reason, Suggestion(says="complaint"))


def _by_notice(session: Session, arrival: Arrival) -> Settled | None:
    said = arrival.mail.notice
    if said is None:
        return None
    if said.kind in IGNORED_FOR:
        return Settled(Outcome.IGNORED, IGNORED_FOR[said.kind])
    invitation = arrival.found.invitation
    if invitation is not None and said.kind is Kind.AWAY:
        return _away(session, arrival, invitation, said)
    if invitation is not None and said.kind is Kind.LEFT:
        return _left(session, arrival, invitation, said)
    if invitation is not None and said.kind is Kind.CHALLENGE:
        return _challenge(session, arrival, invitation, said)
    return Settled(Outcome.IGNORED, f"a machine wrote it: {arrival.mail.automatic or 'it wants proof of a person'}")


def _away(session: Session, arrival: Arrival, invitation: Invitation, said: Notice) -> Settled:
    """They are away: what it says of it is kept, and a reminder waits."""
    back = f"back {weekday(said.back)}" if said.back else "it does not say until when"
    if said.back:
        invitation.away_until = said.back
    mail_id, by = arrival.row.id, arrival.mail.from_address or "a machine"
    note(session, invitation, f"automatic reply, {back}", by=by, now=arrival.now, mail_id=mail_id)
    facts = Facts(back=said.back.isoformat()) if said.back else None
    reason = f"an automatic reply, {back}: {arrival.mail.automatic}"
    return Settled(Outcome.IGNORED, reason, decides=said.sentence, facts=facts)


def _left(session: Session, arrival: Arrival, invitation: Invitation, said: Notice) -> Settled:
    suggestion = Suggestion(says="left", name=said.name, email=said.email)
    reason = f"{invitation.name} has left, an automatic reply says"
    settled = by_bounce.once(session, arrival, invitation, reason, suggestion, decides=said.sentence)
    return replace(settled, facts=Facts(left=True))


def _challenge(session: Session, arrival: Arrival, invitation: Invitation, said: Notice) -> Settled:
    """Their mail program wants proof of a person. No link is ever followed: the letter probably lies there unread."""
    invitation.bounce = invitation.bounce or "challenge"
    what = "their mail program keeps our letter back until a person answers it"
    note(session, invitation, what, by="a machine", now=arrival.now, mail_id=arrival.row.id)
    reason = f"the invitation was probably not delivered: {what}"
    return by_bounce.once(session, arrival, invitation, reason, Suggestion(says="challenge"), decides=said.sentence)


def _with_a_mail_attached(arrival: Arrival) -> Settled | None:
    """What is inside an attached mail is nobody's answer: a person looks at it."""
    mail = arrival.mail
    if not mail.attached or mail.automatic:
        return None
    if mail.text[:2_000].casefold().startswith("sender:") and "message-id:" in mail.text[:2_000].casefold():
        return Settled(Outcome.IGNORED, IGNORED_FOR[Kind.JOURNAL])
    if arrival.found.invitation is None and mail.attached != "calendar":
        return None
    reason = "somebody's mail is attached to it, and attached mails are not read"
    return Settled(Outcome.NEEDS_HUMAN, reason, suggestion=Suggestion(says="forwarded"))
