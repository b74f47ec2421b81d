"""A kept mail that was read, whose it is, and how it can end."""

from dataclasses import dataclass
from datetime import datetime

from typing_extensions import TypedDict

from roundtables.invitation.model import Invitation
from roundtables.invitation.resolving import Found
from roundtables.invitation.rules import Changed, Ignored, NeedsHuman
from roundtables.invitation.rules import Outcome as RuleOutcome
from roundtables.invitation.verdict import Object
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.mail.message import ReceivedMail


@dataclass(frozen=True, slots=True)
class Arrival:
    """`row` is where it is kept; `unreadable`: why a calendar part could not be read, "" if all could."""

    row: IncomingMail
    mail: ReceivedMail
    found: Found
    objects: tuple[Object, ...]
    unreadable: str
    now: datetime

    @property
    def invitation(self) -> Invitation:
        """The invitation it belongs to; only asked for once somebody has made sure that there is one."""
        assert self.found.invitation is not None
        return self.found.invitation


class Suggestion(TypedDict, total=False):
    """
    What a person might do about a mail. `says` is a words.Says, "counter", "refresh", "forwarded", "assistant",
    "left" or "unsubscribe";
    `name` and `email` are of a deputy, a further guest or an assistant; dates and times are ISO 8601.
    """

    says: str
    answer: str
    until: str
    name: str
    email: str
    starts_at: str
    ends_at: str


class Facts(TypedDict, total=False):
    """What a mail tells beside its answer, for the desk; `back` and `until` are ISO dates. Needs are never here."""

    back: str
    until: str
    mode: str
    wants_writeup: bool
    left: bool
    language: str
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Settled:
    """How a mail ends: outcome, reason, the sentence that decided, and what a person might do."""

    outcome: Outcome
    reason: str
    decides: str = ""
    suggestion: Suggestion | None = None
    facts: Facts | None = None
    tells_needs: bool = False


def for_a_person(verdict: NeedsHuman) -> Settled:
    suggestion = Suggestion(answer=str(verdict.suggestion)) if verdict.suggestion else None
    return Settled(Outcome.NEEDS_HUMAN, verdict.why, suggestion=suggestion)


def ended(outcome: RuleOutcome, said: str, *, decides: str) -> Settled:
    """What the rules answered, as the mail's end."""
    if isinstance(outcome, Changed):
        return Settled(Outcome.APPLIED, f"{said}; {outcome.note}" if outcome.note else said, decides=decides)
    if isinstance(outcome, Ignored):
        return Settled(Outcome.IGNORED, f"{said}; {outcome.why}", decides=decides)
    waits = for_a_person(outcome)
    return Settled(waits.outcome, f"{said}; {waits.reason}", decides=decides, suggestion=waits.suggestion)
