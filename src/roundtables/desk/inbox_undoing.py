"""What an undo of each mail would bring back, or why there is nothing to undo any more. Two queries for any number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from roundtables.invitation.guest_rows import STATES
from roundtables.invitation.model import History
from roundtables.invitation.rules import State
from roundtables.mail.outbox import LetterState, OutgoingLetter

POLITE = ("deputy-declined", "counter-declined")
NOT_LEFT = (LetterState.HELD, LetterState.QUEUED)
UNDONE, OVERTAKEN = (
    "It has been undone since.",
    "A newer answer has come since; that one would have to be undone first.",
)


@dataclass(frozen=True, slots=True)
class WayBack:
    """`possible`: there is something to undo; `words` what comes back, or why nothing does. `undone` already."""

    possible: bool
    words: str
    undone: bool = False


NO_WAY = WayBack(False, "")


def ways_back(session: Session, mails: Iterable[tuple[int | None, int | None]]) -> dict[int, WayBack]:
    """For pairs of mail and invitation, by the mail's id."""
    pairs = [(mail, invitation) for mail, invitation in mails if mail is not None and invitation is not None]
    if not pairs:
        return {}
    theirs = _lines(session, {invitation for _, invitation in pairs})
    unsent = _unsent(session, {invitation for _, invitation in pairs})
    return {mail: _way(theirs.get(i, []), mail, letter=i in unsent) for mail, i in pairs}


def _lines(session: Session, invitations: Iterable[int]) -> dict[int, list[tuple[int | None, bool, Mapping[str, Any]]]]:
    """Of each invitation what could or can be undone: mail, whether it was undone, and what stood before."""
    wanted = (
        select(History.invitation_id, History.mail_id, History.undone_at, History.before)
        .where(col(History.invitation_id).in_(invitations), col(History.before).is_not(None))
        .order_by(col(History.id))
    )
    found: dict[int, list[tuple[int | None, bool, Mapping[str, Any]]]] = {}
    for invitation, mail, undone_at, before in session.exec(wanted):
        found.setdefault(invitation, []).append((mail, undone_at is not None, before or {}))
    return found


def _unsent(session: Session, invitations: Iterable[int]) -> set[int | None]:
    """To whom a polite no has not left yet: that can be taken back too."""
    wanted = select(OutgoingLetter.invitation_id).where(
        col(OutgoingLetter.invitation_id).in_(invitations),
        col(OutgoingLetter.kind).in_(POLITE),
        col(OutgoingLetter.state).in_(NOT_LEFT),
    )
    return set(session.exec(wanted))


def _way(lines: Sequence[tuple[int | None, bool, Mapping[str, Any]]], mail: int, *, letter: bool) -> WayBack:
    mine = [line for line in lines if line[0] == mail]
    standing = [line for line in lines if not line[1]]
    if mine and all(undone for _, undone, _ in mine):
        return WayBack(False, UNDONE, undone=True)
    if mine and standing[-1][0] != mail:
        return WayBack(False, OVERTAKEN)
    if mine:
        return WayBack(True, _brings_back(mine[-1][2]))
    return WayBack(True, "Undo takes the letter back: it has not left yet.") if letter else NO_WAY


def _brings_back(before: Mapping[str, Any]) -> str:
    state = str(before.get("state", ""))
    return f"Undo brings back what stood before: {STATES[State(state)].lower()}." if state in list(State) else ""
