"""
When to try a letter again. Pure: the caller brings the attempt's number and, if it wants any, the jitter.

    5xx                  give up at once                        (RFC 5321 §4.2.1)
    4xx, no connection   base, 2 base, 4 base, … 4 h, 4 h, …    until five days are over (RFC 5321 §4.5.4.1)
    no answer to it all  the same, and where copies come back to us long enough for one to be read
"""

from dataclasses import dataclass
from datetime import timedelta

LONGEST_PAUSE = timedelta(hours=4)
PATIENCE = timedelta(days=5)
ARCHIVE_PATIENCE = timedelta(minutes=15)  # for a letter's copy to come back and be read
JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Again:
    after: timedelta


@dataclass(frozen=True, slots=True)
class GiveUp:
    why: str


def next_attempt(attempt: int, code: int | None, *, base: timedelta, jitter: float = 0.0) -> Again | GiveUp:
    """
    What follows when attempt number `attempt` (1 is the first) ended with SMTP reply `code`, None without one.

    `jitter` in [-1, 1] moves the pause by up to a fifth. Raises ValueError for an attempt below 1, a base that is
    not positive or a jitter out of range.
    """
    if attempt < 1 or base <= timedelta(0) or not -1 <= jitter <= 1:
        raise ValueError("an attempt counts from 1, the base is positive and the jitter lies in [-1, 1]")
    if code is not None and 500 <= code <= 599:
        return GiveUp(f"the server refused it for good ({code})")
    if _waited(attempt, base) >= PATIENCE:
        return GiveUp(f"it could not be delivered in {PATIENCE.days} days")
    return Again(_pause(attempt, base) * (1 + JITTER * jitter))


def after_doubt(attempt: int, *, base: timedelta, jitter: float = 0.0, copied: bool = False) -> Again | GiveUp:
    """
    What follows when nobody knows whether attempt number `attempt` arrived (RFC 1047). A letter that was `copied`
    to a mailbox of ours waits for the copy first. Raises what `next_attempt` raises.
    """
    after = next_attempt(attempt, None, base=base, jitter=jitter)
    if copied and isinstance(after, Again):
        return Again(max(after.after, ARCHIVE_PATIENCE))
    return after


def own_jitter(nonce: str) -> float:
    """A letter's own jitter: spread over letters, and yet the same whenever it is worked out. `nonce` is hex."""
    return (int(nonce[:4], 16) / 0xFFFF) * 2 - 1


def _pause(attempt: int, base: timedelta) -> timedelta:
    """The pause after attempt number `attempt`."""
    doublings = min(attempt - 1, 40)
    return LONGEST_PAUSE if base * 2**doublings >= LONGEST_PAUSE else base * 2**doublings


def _waited(attempt: int, base: timedelta) -> timedelta:
    """The pauses before attempt number `attempt`, without jitter; stops counting at PATIENCE."""
    waited = timedelta(0)
    for earlier in range(1, attempt):
        waited += _pause(earlier, base)
        if waited >= PATIENCE:
            break
    return waited
