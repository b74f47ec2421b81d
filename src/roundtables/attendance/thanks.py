"""
Afterwards: three kinds of thank-you, as drafts that wait in the outbox. Runs inside the caller's transaction.

One letter for each person, however often they are drafted. Somebody whose mark is corrected gets the other letter, as
long as the first has not left; one that was discarded stays discarded unless there is another to write.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from roundtables.attendance.day import EXPECTED, Day
from roundtables.attendance.model import Came
from roundtables.errors import Refusal
from roundtables.invitation import further_letters, unsubscribing
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import Whole
from roundtables.invitation.rules import State
from roundtables.mail import stationery, writing
from roundtables.mail.outbox import LetterState, OutgoingLetter


class Thanks(StrEnum):
    CAME = "thanks-came"
    MISSED = "thanks-missed"
    DEPUTY = "thanks-deputy"


@dataclass(frozen=True, slots=True)
class Owed:
    """A thank-you: to whom, which, and for a principal the name of the deputy who came."""

    guest: Invitation
    kind: Thanks
    deputy: str = ""
    online: bool = False


def owed(day: Day) -> list[Owed]:
    """Who is owed which letter, in the order of asking; nobody of whom it is not known whether they came."""
    found = []
    for guest in day.everybody:
        row = day.came.get(guest.id or 0)
        deputy = _deputy_who_came(day, guest)
        if row is not None and row.came is not Came.NO:
            found.append(Owed(guest, Thanks.CAME, online=row.came is Came.ONLINE))
        elif row is not None and guest.state in EXPECTED:
            found.append(Owed(guest, Thanks.MISSED))
        elif guest.state is State.DELEGATED and deputy:
            found.append(Owed(guest, Thanks.DEPUTY, deputy=deputy))
    return found


def unmarked(day: Day) -> list[Invitation]:
    """Those who were expected and of whom nobody has said whether they came."""
    return [guest for guest in day.expected if guest.id not in day.came]


def draft_thanks(session: Session, day: Day, *, now: datetime) -> int:
    """Lays every thank-you ready; answers how many there are now to read and send. Raises Refusal before the day."""
    if now < day.table.starts_at:
        raise Refusal("This table has not met yet: there is nothing to thank anybody for.")
    wanted = [one for one in owed(day) if not unsubscribing.has_left(session, one.guest)]
    letters = [_laid_ready(session, day, one, now=now) for one in wanted]
    session.flush()
    return sum(letter.state is LetterState.HELD for letter in letters)


def letters_of(session: Session, day: Day) -> dict[int, OutgoingLetter]:
    """The thank-you of each invitation that has one, by its id."""
    found = select(OutgoingLetter).where(
        OutgoingLetter.roundtable_id == day.table.id, col(OutgoingLetter.kind).in_([kind.value for kind in Thanks])
    )
    return {letter.invitation_id: letter for letter in session.exec(found) if letter.invitation_id is not None}


def _laid_ready(session: Session, day: Day, one: Owed, *, now: datetime) -> OutgoingLetter:
    draft = _draft(session, day, one, now=now)
    letter = writing.put(session, draft, now=now, hold=True)
    if letter.kind != draft.kind and letter.state in (LetterState.HELD, LetterState.CANCELLED) and not letter.attempts:
        writing.rewrite(session, letter, draft, now=now)
        letter.kind, letter.state = draft.kind, LetterState.HELD
        session.add(letter)
    return letter


def _draft(session: Session, day: Day, one: Owed, *, now: datetime) -> writing.Draft:
    office, whole = stationery.of(session), Whole(one.guest, day.table, day.convener)
    if one.kind is Thanks.CAME:
        return further_letters.thanks_for_coming(office, whole, online=one.online, now=now)
    if one.kind is Thanks.MISSED:
        return further_letters.missed_you(office, whole, now=now)
    return further_letters.thanks_for_deputy(office, whole, deputy_name=one.deputy, now=now)


def _deputy_who_came(day: Day, principal: Invitation) -> str:
    rows = ((guest, day.came.get(guest.id or 0)) for guest in day.everybody if guest.deputy_of_id == principal.id)
    return next((guest.name for guest, row in rows if row is not None and row.came is not Came.NO), "")
