"""
What the calendar objects of one mail come to, before anybody's state is looked at. Pure.

    several parts, one object                       one answer
    parts that contradict each other                a person decides
    a REPLY for this invitation, by this invitee    an answer
    anybody else, any other method                  a person decides, or nobody
"""

from collections.abc import Sequence
from dataclasses import dataclass

from roundtables.calendar.addresses import canonical_address
from roundtables.calendar.answers import CalendarAnswer
from roundtables.calendar.attendees import PartStat
from roundtables.invitation.rules import Answer, Ignored, NeedsHuman

ANSWERS = {
    PartStat.ACCEPTED: Answer.ACCEPTED,
    PartStat.DECLINED: Answer.DECLINED,
    PartStat.TENTATIVE: Answer.TENTATIVE,
}
FAILED = ("3", "4", "5")  # REQUEST-STATUS classes, RFC 5546 §3.6


@dataclass(frozen=True, slots=True)
class Object:
    """A calendar object and the method its part declares, "" if it declares none."""

    answer: CalendarAnswer
    declared: str


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of the invitation the mail was sent to; addresses canonical."""

    uid: str
    address: str
    others: frozenset[str]  # further addresses of the same person
    name: str
    by_token: bool  # it came to the address that only this invitee was given


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of this invitee; `alias` is an address of theirs we did not know, `notes` how it was read."""

    answer: Answer
    source: CalendarAnswer
    alias: str = ""
    notes: tuple[str, ...] = ()


Verdict = Answered | Ignored | NeedsHuman


def on_objects(objects: Sequence[Object], known: Known, *, sender: str, sender_name: str, proven: bool) -> Verdict:
    """
    The one answer in `objects`. `sender` is the canonical From address, `proven` whether our own mail server
    vouches for it.
    """
    distinct = {_essence(o): o for o in objects}
    ours = [o for o in distinct.values() if o.answer.uid == known.uid]
    if not ours:
        return NeedsHuman("it is about a calendar entry that is not this invitation", _suggested(objects))
    if len({o.answer.partstat for o in ours}) > 1:
        return NeedsHuman("its calendar parts contradict each other")
    first = ours[0]
    return _method(first) or _occurrence(first.answer) or _content(first, known, sender, sender_name, proven)


def _essence(o: Object) -> tuple[object, ...]:
    a = o.answer
    return (a.uid, a.recurrence, a.sequence, a.stamp, a.partstat, a.attendee)


def _method(o: Object) -> Ignored | NeedsHuman | None:
    """Handling goes by the object's own METHOD; the part's parameter only stands in for a missing one."""
    method = o.answer.method or o.declared or "REPLY"
    suggestion = ANSWERS.get(o.answer.partstat) if o.answer.partstat else None
    if method == "REPLY":
        return None
    if method == "COUNTER":
        return NeedsHuman("it proposes another time", suggestion)
    if method == "REFRESH":
        return NeedsHuman("it asks for the newest version of the invitation")
    if method == "REQUEST":
        return NeedsHuman("it is an invitation and not a reply", suggestion)
    return Ignored(f"a calendar message of the kind {method} is never acted on")  # RFC 6047 §2.4


def _occurrence(answer: CalendarAnswer) -> NeedsHuman | None:
    return NeedsHuman("it answers one day of a series we do not have") if answer.recurrence else None


def _content(o: Object, known: Known, sender: str, sender_name: str, proven: bool) -> Verdict:
    answer = o.answer
    if answer.request_status.startswith(FAILED):
        return Ignored(f"their calendar could not read the invitation ({answer.request_status[:80]})")
    mine, note = _of_invitee(answer, known)
    if mine is PartStat.DELEGATED:
        return NeedsHuman("the calendar names a deputy")
    if mine is None or mine not in ANSWERS:
        return _no_status(answer)
    notes = (*note, *_mismatch(o))
    if answer.sent_by and canonical_address(answer.sent_by) not in (known.address, *known.others):
        notes = (*notes, f"sent by {answer.sent_by}")
    who = _identity(answer, known, sender, sender_name, proven)
    if isinstance(who, NeedsHuman):
        return NeedsHuman(who.why, ANSWERS[mine])
    return Answered(ANSWERS[mine], answer, alias=who, notes=notes)


def _of_invitee(answer: CalendarAnswer, known: Known) -> tuple[PartStat | None, tuple[str, ...]]:
    """The status of this invitee alone: nobody answers for others in the same object."""
    mine = {known.address, *known.others}
    for address, status in answer.attendees:
        if canonical_address(address) in mine:
            others = len(answer.attendees) > 1
            return status, (("the other attendees in it were not read",) if others else ())
    return answer.partstat, ()


def _no_status(answer: CalendarAnswer) -> Ignored | NeedsHuman:
    hint = answer.summary.partition(":")[0].strip().lower()
    suggestion = {"accepted": Answer.ACCEPTED, "declined": Answer.DECLINED, "tentative": Answer.TENTATIVE}.get(hint)
    if suggestion or answer.comment:
        return NeedsHuman("the calendar reply names no answer", suggestion)
    return Ignored("the calendar reply names no answer")


def _mismatch(o: Object) -> tuple[str, ...]:
    if o.declared and o.answer.method and o.declared != o.answer.method:
        return (f"the part said {o.declared}, the object {o.answer.method}",)
    return ()


def _identity(answer: CalendarAnswer, known: Known, sender: str, sender_name: str, proven: bool) -> str | NeedsHuman:
    """
    Whose answer it is: "" for the invitee, an address for the invitee under another one, else a person decides.
    """
    mine = {known.address, *known.others}
    attendee = canonical_address(answer.attendee)
    if not known.by_token:
        genuine = attendee in mine and sender in mine and proven
        return "" if genuine else NeedsHuman("nothing proves that it comes from the invitee")
    if attendee in mine or (not attendee and sender in mine):
        return ""
    if answer.delegated_from or answer.member_of:
        return NeedsHuman(f"{answer.attendee_name or attendee} answers in somebody's place")
    if not attendee:
        return NeedsHuman("the calendar reply does not say who answers")
    same_person = sender in mine or _soft(attendee) == _soft(known.address)
    same_person = same_person or (_same_name(answer.attendee_name, known.name) and attendee == sender)
    same_house = attendee.partition("@")[2] == known.address.partition("@")[2]
    if same_person or (same_house and _same_name(answer.attendee_name or sender_name, known.name)):
        return attendee
    return NeedsHuman(f"{answer.attendee_name or attendee} answered this invitation; it was probably forwarded")


def _soft(address: str) -> str:
    """The address without a plus tag, and without dots where the provider ignores them."""
    local, _, domain = address.partition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        return local.replace(".", "") + "@gmail.com"
    return f"{local}@{domain}"


def _same_name(one: str, other: str) -> bool:
    return bool(one.strip()) and sorted(one.casefold().split()) == sorted(other.casefold().split())


def _suggested(objects: Sequence[Object]) -> Answer | None:
    said = {o.answer.partstat for o in objects}
    only = said.pop() if len(said) == 1 else None
    return ANSWERS.get(only) if only else None
