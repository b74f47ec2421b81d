"""
How an invitation changes. Pure: no database, no mail, no clock.

    DRAFT -> INVITED -> ACCEPTED | WAITING | TENTATIVE | DECLINED   (any answer may replace another)
    INVITED.. -> DELEGATED                                          (a deputy is seated instead)
    any       -> WITHDRAWN                                          (final: later answers are ignored)
    INVITED   -> LAPSED                                             (the table closed without an answer)

WAITING is a yes for which there is no seat yet; who has a seat is decided in seats.py.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    DELEGATED = "delegated"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Answer(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


class Via(StrEnum):
    CALENDAR = "calendar"
    MAIL = "mail"
    PAGE = "page"
    PHONE = "phone"
    API = "api"


NOT_ASKED = frozenset({State.DRAFT, State.WITHDRAWN, State.LAPSED})
CLOCK_SKEW = timedelta(minutes=10)
OLD_DATE = "it answers an earlier date of the roundtable"
AFTER_CANCELLATION = "answered after cancellation"


@dataclass(frozen=True, slots=True)
class Reply:
    """
    An answer as it came. `sequence` and `stamp` are the sender's word and may be missing or wrong;
    `received_at` is ours. `starts_at` is the time the sender thought of, None if unknown. `provisional`: somebody else
    may have said it, so that it counts until the invitee, or an organiser, says otherwise or the same.
    """

    answer: Answer
    received_at: datetime
    via: Via
    sequence: int | None = None
    stamp: datetime | None = None
    starts_at: datetime | None = None
    until: date | None = None
    comment: str = ""
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What we hold about an invitation when a reply arrives."""

    state: State
    sequence: int  # of the roundtable, now
    reset_sequence: int  # of its last change that asked again
    starts_at: datetime
    asked_at: datetime | None  # DTSTAMP of the newest request sent
    answer: Answer | None = None
    until: date | None = None
    comment: str = ""
    reply_sequence: int | None = None
    reply_stamp: datetime | None = None
    over: str = ""  # why nobody can answer any more, "" if they can
    cancelled: bool = False  # the whole roundtable
    provisional: bool = False  # the answer held


@dataclass(frozen=True, slots=True)
class Changed:
    """The answer counts. `sequence` and `stamp` are what to keep of it."""

    to: Answer
    sequence: int
    stamp: datetime
    note: str = ""
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing changes; the reason is for the history."""

    why: str


@dataclass(frozen=True, slots=True)
class NeedsHuman:
    """A person decides; `suggestion` is what we think they mean."""

    why: str
    suggestion: Answer | None = None


Outcome = Changed | Ignored | NeedsHuman


def on_reply(standing: Standing, reply: Reply) -> Outcome:
    """What an RSVP changes: the first rule that fits wins (RFC 5546 §2.1.4, §2.1.5)."""
    objection = objection_to(standing, reply)
    if objection is not None:
        return objection
    (sequence, note), stamp = _sequence(standing, reply), _stamp(standing, reply)
    if (sequence, stamp) == (standing.reply_sequence, standing.reply_stamp):
        if _says_the_same(standing, reply):
            return Ignored("we hold this very answer")
        if reply.answer is not standing.answer:
            note = "; ".join(filter(None, [note, "it bears the time of the answer before; what came last counts"]))
    return Changed(reply.answer, sequence, stamp, note, _stays_provisional(standing, reply))


def objection_to(standing: Standing, reply: Reply) -> Ignored | NeedsHuman | None:
    """Why a reply changes nothing, whatever it says; None if nothing stands against it."""
    if standing.cancelled:
        return Ignored(AFTER_CANCELLATION)
    if standing.over:
        return Ignored(f"answered after the end: {standing.over}")
    if standing.state in NOT_ASKED:
        return _uninvited(standing, reply)
    sequence, stamp = _sequence(standing, reply)[0], _stamp(standing, reply)
    if sequence < standing.reset_sequence:
        return NeedsHuman(OLD_DATE, reply.answer)
    if standing.state is State.DELEGATED:
        return NeedsHuman("a deputy was seated in their place", reply.answer)
    held = (standing.reply_sequence, standing.reply_stamp)
    if held[0] is not None and held[1] is not None and (sequence, stamp) < held:
        return Ignored("we hold a newer answer")
    return None


def _stays_provisional(standing: Standing, reply: Reply) -> bool:
    """What the invitee has said already is not made less certain by somebody who says it for them."""
    confirmed = standing.answer is reply.answer and not standing.provisional
    return reply.provisional and not confirmed


def _uninvited(standing: Standing, reply: Reply) -> Ignored | NeedsHuman:
    if reply.answer is Answer.DECLINED:
        return Ignored(f"the invitation is {standing.state}")
    return NeedsHuman(f"the invitation is {standing.state}", reply.answer)


def _says_the_same(standing: Standing, reply: Reply) -> bool:
    confirms = standing.provisional and not reply.provisional
    same_answer = reply.answer is standing.answer and not confirms
    return same_answer and reply.comment in ("", standing.comment) and reply.until in (None, standing.until)


def _sequence(standing: Standing, reply: Reply) -> tuple[int, str]:
    """The version answered. Pages, telephones and words answer what stands now."""
    if reply.sequence is None or reply.sequence < 0:
        if reply.starts_at is None or reply.starts_at == standing.starts_at:
            return standing.sequence, ""
        return 0, ""
    if reply.sequence > standing.sequence:
        return standing.sequence, "it names a later version than ours"
    return reply.sequence, ""


def _stamp(standing: Standing, reply: Reply) -> datetime:
    """When it was said. A stamp that is missing, ours, or not believable gives way to the time of receipt."""
    stamp = reply.stamp
    if stamp is None or stamp > reply.received_at + CLOCK_SKEW:
        return reply.received_at
    if standing.asked_at is not None and stamp <= standing.asked_at.replace(microsecond=0):
        return reply.received_at
    return stamp
