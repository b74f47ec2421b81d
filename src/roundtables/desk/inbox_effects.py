"""What each decision about a mail would do: the letters it would write, to whom, and what else would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from roundtables.desk.inbox_words import moment
from roundtables.invitation import (
    counter_proposals,
    deputies,
    further_letters,
    letters,
    organisations,
    queries,
    seat_counts,
)
from roundtables.invitation.keeping import new_uid, row_id
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import Whole
from roundtables.invitation.rules import State
from roundtables.invitation.seats import next_waiting
from roundtables.mail import stationery
from roundtables.mail.inbox import IncomingMail
from roundtables.naming import address_key
from roundtables.roundtable.model import Roundtable
from roundtables.tokens import nonce
from roundtables.web.filters import count_words, plural, when, zone_words

NOTHING = "Nothing goes out."


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that would be written: to whom, under which subject, and what it says."""

    to: str
    subject: str
    says: str


@dataclass(frozen=True, slots=True)
class Effect:
    """`decision` in the words of its button; `words` for what is no letter."""

    decision: str
    letters: Sequence[Letter] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would go out; `against` is why the deputy cannot be seated, `beside` what speaks for or besides it."""

    effects: Sequence[Effect]
    against: str = ""
    beside: Sequence[str] = ()


def outlook(
    session: Session, guest: Invitation, mail: IncomingMail | None, deputy: tuple[str, str], *, now: datetime
) -> Outlook:
    """What would go out for one guest; `deputy` is the (name, address) that may be meant. Writes nothing."""
    whole = queries.whole(session, guest)
    hint = (mail.suggestion if mail is not None else None) or {}
    says = "deputy" if mail is None else str(hint.get("says") or "")
    plain = [_yes(session, whole, now), _no(session, whole, now)] if mail is not None else []
    if says == "counter" and mail is not None:
        return Outlook([*_counter(session, whole, mail, hint, now), *plain])
    if says != "deputy":
        return Outlook([*plain, _asked(session, whole, now)])
    against = deputies.why_not(session, whole.roundtable, guest, deputy[1]) if deputy[1] else ""
    effects = [_seated(session, whole, deputy[0], now), _thanked(session, whole, deputy[0], now), *plain]
    return Outlook(effects, against, [] if against else _share(session, whole, deputy[1]))


def _seated(session: Session, whole: Whole, name: str, now: datetime) -> Effect:
    guest, name = whole.invitation, name or "The deputy"
    theirs = letters.invitation(stationery.of(session), _somebody(whole, principal=guest.email), now=now)
    back = letters.taken_back(stationery.of(session), whole, now=now)
    own = f"An invitation of their own, with a line saying {guest.name} suggested them. They see no other guests."
    kind = f"The calendar entry is taken back: “{name} will come for you. Thank you for making it possible.”"
    return Effect(
        f"Seat {name}" if name != "The deputy" else "Seat this deputy",
        [Letter(name, theirs.subject, own), Letter(guest.name, back.subject, kind)],
    )


def _thanked(session: Session, whole: Whole, name: str, now: datetime) -> Effect:
    draft = further_letters.deputy_thanked(
        stationery.of(session), whole, deputy_name=name or "your colleague", about="preview", now=now
    )
    return Effect(
        "Thank them, say no",
        [Letter(whole.invitation.name, draft.subject, "A short and kind no; their own seat stays.")],
    )


def _asked(session: Session, whole: Whole, now: datetime) -> Effect:
    subject = letters.invitation(stationery.of(session), _somebody(whole), now=now).subject
    return Effect("Ask somebody else as well", [Letter("The one you name", subject, "An invitation of their own.")])


def _yes(session: Session, whole: Whole, now: datetime) -> Effect:
    guest, table = whole.invitation, whole.roundtable
    if guest.holds_seat or seat_counts.seats_taken(session, row_id(table)) < table.seats:
        return Effect("Put down a yes", words=NOTHING)
    line = len(seat_counts.waiting(session, row_id(table))) + 1
    draft = letters.waiting(stationery.of(session), whole, position=line, now=now)
    says = f"All seats are taken: they wait as number {count_words(line)}."
    return Effect("Put down a yes", [Letter(guest.name, draft.subject, says)])


def _no(session: Session, whole: Whole, now: datetime) -> Effect:
    waiting = seat_counts.waiting(session, row_id(whole.roundtable)) if whole.invitation.holds_seat else []
    first = next_waiting(waiting, free=1)
    if not first:
        return Effect("Put down a no", words=NOTHING)
    guest = session.get_one(Invitation, first[0])
    subject = letters.seat_free(stationery.of(session), Whole(guest, whole.roundtable, whole.convener), now=now).subject
    return Effect("Put down a no", [Letter(guest.name, subject, "Waits longest, and gets the seat.")])


def _counter(
    session: Session, whole: Whole, mail: IncomingMail, hint: Mapping[str, Any], now: datetime
) -> list[Effect]:
    table, (starts_at, ends_at) = whole.roundtable, (moment(hint.get("starts_at")), moment(hint.get("ends_at")))
    stays = further_letters.time_stays(
        stationery.of(session), whole, starts_at=starts_at, ends_at=ends_at, mail_id=mail.id or 0, now=now
    )
    kept = Letter(whole.invitation.name, stays.subject, "The table meets as planned; we would still be very glad.")
    effects = [Effect("Keep the time", [kept])]
    if starts_at is None:
        return effects
    moved = _moved(table, starts_at, ends_at)
    subject = letters.new_date(
        stationery.of(session), Whole(whole.invitation, moved, whole.convener), old_when=_when(table), now=now
    ).subject
    number = counter_proposals.would_be_asked_again(session, table)
    who = f"{count_words(number).capitalize()} {plural(number, 'person', 'people')} would be asked again"
    return [*effects, Effect("Move the table", [Letter(who, subject, f"From {_when(table)} to {_when(moved)}.")])]


def _moved(table: Roundtable, starts_at: datetime, ends_at: datetime | None) -> Roundtable:
    """A table like this one at another time; no row of any session."""
    until = ends_at if ends_at and ends_at > starts_at else starts_at + (table.ends_at - table.starts_at)
    return Roundtable(**table.model_dump() | {"starts_at": starts_at, "ends_at": until})


def _when(table: Roundtable) -> str:
    return f"{when(table.starts_at, table.ends_at, table.time_zone)} {zone_words(table.starts_at, table.time_zone)}"


def _somebody(whole: Whole, *, principal: str = "") -> Whole:
    """A guest who is nobody yet; no row of any session."""
    guest = whole.invitation
    somebody = Invitation(
        convener_id=guest.convener_id,
        roundtable_id=guest.roundtable_id,
        person_id=0,
        name="Somebody",
        email="somebody@example.org",
        state=State.INVITED,
        nonce=nonce(),
        reply_hash="",
        page_hash="",
        uid=new_uid(),
        created_at=guest.created_at,
    )
    return Whole(somebody, whole.roundtable, whole.convener, principal)


def _share(session: Session, whole: Whole, email: str) -> list[str]:
    """How many seats an organisation would have with the deputy in the principal's place, if the table minds."""
    most = whole.roundtable.max_per_organisation
    name = organisations.of_deputy(session, whole.invitation, email) if email else whole.invitation.organisation
    if most is None or not name:
        return []
    held = select(Invitation.organisation).where(
        Invitation.roundtable_id == whole.roundtable.id,
        col(Invitation.id) != whole.invitation.id,
        col(Invitation.holds_seat).is_(True),
    )
    number = 1 + sum(address_key(other) == address_key(name) for other in session.exec(held))
    return [f"{name} would have {count_words(number)} {plural(number, 'seat')} of its {count_words(most)}."]
