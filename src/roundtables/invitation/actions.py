"""What organisers and invitees do. Each action runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from roundtables.convener.model import Convener
from roundtables.errors import Refusal, Refusals
from roundtables.invitation import letters, queries, unsubscribing
from roundtables.invitation.answering import seat_those_waiting
from roundtables.invitation.keeping import as_it_stands, new_identity, new_uid, note, row_id, write
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import Whole, whole
from roundtables.invitation.rules import State
from roundtables.mail import outbox, stationery, writing
from roundtables.mail.outbox import OutgoingLetter
from roundtables.person import actions as people
from roundtables.roundtable import queries as roundtables
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Status, why_not_open
from roundtables.web.filters import weekday


@dataclass(frozen=True, slots=True)
class Guest:
    """One person to ask, as an organiser writes them down."""

    name: str
    email: str
    title: str = ""
    organisation: str = ""
    role: str = "guest"
    seat_kind: str = ""
    note: str = ""


def invite(
    session: Session,
    roundtable: Roundtable,
    guests: Sequence[Guest],
    *,
    by: str,
    now: datetime,
    wave: int = 1,
    send: bool = True,
) -> list[Invitation]:
    """
    Invitations for `guests`, their letters queued (`send`) or held as drafts. All or none.

    Raises Refusals: one per guest that cannot be asked, by field name "guests.N.field".
    """
    roundtable = roundtables.hold(session, row_id(roundtable))
    if why := why_not_open(roundtable.status, roundtable.ends_at, now):
        raise Refusal(f"Nobody can be invited: {why}.")
    made, errors = [], {}
    for n, guest in enumerate(guests):
        try:
            made.append(_ask(session, roundtable, guest, wave=wave, by=by, now=now))
        except Refusal as error:
            errors[f"guests.{n}.{error.field or 'email'}"] = error.message
    if errors:
        raise Refusals(errors)
    convener = session.get_one(Convener, roundtable.convener_id)
    for invitation in made:
        if send:
            _mark_asked(session, invitation, by=by, now=now)
        everything = Whole(invitation, roundtable, convener)
        draft = letters.invitation(stationery.of(session), everything, now=now)
        writing.put(session, unsubscribing.bulk(session, invitation, draft), now=now, hold=not send)
    if send:
        _open(session, roundtable)
    return made


def send_drafts(
    session: Session, roundtable: Roundtable, invitations: Sequence[Invitation], *, by: str, now: datetime
) -> int:
    """Lets the letters of these drafts go, but for people who want none any more; answers how many went."""
    drafts = [i for i in invitations if i.state is State.DRAFT and not _skipped(session, i, by=by, now=now)]
    if why := why_not_open(roundtable.status, roundtable.ends_at, now):
        raise Refusal(f"Nothing can be sent: {why}.")
    for invitation in drafts:
        letter = _held_letter(session, invitation)
        _mark_asked(session, invitation, by=by, now=now)
        draft = letters.invitation(stationery.of(session), whole(session, invitation), now=now)
        writing.rewrite(session, letter, unsubscribing.bulk(session, invitation, draft), now=now)
        outbox.release(session, letter, now=now)
    if drafts:
        _open(session, roundtable)
    return len(drafts)


def withdraw(session: Session, invitation: Invitation, *, by: str, now: datetime, because: str = "") -> None:
    """Takes an invitation back: their calendar entry goes, their seat is free. A draft just goes."""
    roundtable = roundtables.hold(session, invitation.roundtable_id)
    as_it_stands(session, invitation)
    if invitation.state is State.WITHDRAWN:
        return
    was_asked = invitation.asked_at is not None
    outbox.cancel_unsent(session, invitation_ids=[row_id(invitation)])
    invitation.state, invitation.holds_seat, invitation.waiting_since = State.WITHDRAWN, False, None
    if was_asked:
        roundtable.sequence += 1  # each CANCEL counts the version up; reset_sequence stays (docs/mail.md)
        session.add(roundtable)
        session.flush()
        office = stationery.of(session)
        write(session, letters.taken_back(office, whole(session, invitation), now=now, because=because), now=now)
    note(session, invitation, "withdrawn", by=by, now=now)
    seat_those_waiting(session, roundtable, now=now)


def remind(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    """
    Asks once more somebody who has not answered: the same question, the same version. Raises Refusal, also for
    somebody who wants no more letters and, until the day after, for somebody who is away.
    """
    roundtable = roundtables.hold(session, invitation.roundtable_id)
    as_it_stands(session, invitation)
    if invitation.state is not State.INVITED or why_not_open(roundtable.status, roundtable.ends_at, now):
        raise Refusal("Only people who have not answered are asked again.")
    if why := _why_not_remind(session, invitation, now.astimezone(ZoneInfo(roundtable.time_zone)).date()):
        raise Refusal(why)
    again = len([line for line in queries.history(session, row_id(invitation)) if line.what == "asked again"]) + 1
    invitation.asked_at = now
    draft = letters.invitation(stationery.of(session), whole(session, invitation), now=now, again=again)
    write(session, unsubscribing.bulk(session, invitation, draft), now=now)
    note(session, invitation, "asked again", by=by, now=now)


def _why_not_remind(session: Session, invitation: Invitation, today: date) -> str:
    if unsubscribing.has_left(session, invitation):
        return f"{invitation.name} {unsubscribing.LEFT}. Ring instead, if you know them."
    if invitation.away_until is not None and today <= invitation.away_until:
        return f"{invitation.name} is away until {weekday(invitation.away_until)}. Ask again on the day after."
    return ""


def _skipped(session: Session, invitation: Invitation, *, by: str, now: datetime) -> bool:
    """Whether a draft stays a draft because its person wants no more letters; its history says so."""
    if not unsubscribing.has_left(session, invitation):
        return False
    note(session, invitation, f"not asked: {invitation.name} {unsubscribing.LEFT}", by=by, now=now)
    return True


def _ask(session: Session, roundtable: Roundtable, guest: Guest, *, wave: int, by: str, now: datetime) -> Invitation:
    details = people.Details(name=guest.name, email=guest.email, title=guest.title, organisation=guest.organisation)
    person = people.meet(session, roundtable.convener_id, details, now=now)
    if person.unsubscribed_at is not None:
        raise Refusal(f"{person.name} {unsubscribing.LEFT}. Ring instead, if you know them.", field="email")
    held = select(Invitation).where(Invitation.roundtable_id == roundtable.id, Invitation.person_id == person.id)
    known = session.exec(held).one_or_none()
    if known is not None and known.state is not State.WITHDRAWN:
        raise Refusal(f"{person.name} has been asked to this table already.", field="email")
    if known is not None:
        return _ask_once_more(session, known, guest, wave=wave, by=by, now=now)
    invitation = Invitation(
        convener_id=roundtable.convener_id,
        roundtable_id=row_id(roundtable),
        person_id=row_id(person),
        name=" ".join(guest.name.split()) or person.name,
        email=person.email,
        title=guest.title or person.title,
        organisation=guest.organisation or person.organisation,
        role=guest.role or "guest",
        seat_kind=kind_key(roundtable, guest.seat_kind),
        wave=wave,
        note=guest.note,
        state=State.DRAFT,
        created_at=now,
        nonce="",
        reply_hash="",
        page_hash="",
        uid="",
    )
    new_identity(session, invitation, roundtable.uid)
    session.add(invitation)
    session.flush()
    note(session, invitation, "put on the list", by=by, now=now)
    return invitation


def _ask_once_more(
    session: Session, invitation: Invitation, guest: Guest, *, wave: int, by: str, now: datetime
) -> Invitation:
    """Somebody whose invitation was withdrawn is asked afresh: nothing of the old calendar entry clings to it."""
    new_identity(session, invitation, new_uid())
    invitation.state, invitation.wave, invitation.note = State.DRAFT, wave, guest.note
    invitation.answer = invitation.until = invitation.answered_at = invitation.answered_via = None
    invitation.reply_sequence = invitation.reply_stamp = invitation.asked_at = None
    invitation.bounced_at, invitation.bounce, invitation.away_until = None, "", None
    note(session, invitation, "put on the list again", by=by, now=now)
    return invitation


def kind_key(roundtable: Roundtable, wanted: str) -> str:
    """The letter of the seat kind somebody names, by letter or by name; what is unknown stays as written."""
    for kind in roundtable.seat_kinds:
        if wanted.strip().casefold() in (kind["key"].casefold(), kind["name"].casefold()):
            return kind["key"]
    return wanted.strip()


def _mark_asked(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    invitation.state, invitation.asked_at = State.INVITED, now
    note(session, invitation, "asked", by=by, now=now)


def _open(session: Session, roundtable: Roundtable) -> None:
    """A table is open once its first letter goes."""
    if roundtable.status is Status.DRAFT:
        roundtable.status = Status.OPEN
        session.add(roundtable)
        session.flush()


def _held_letter(session: Session, invitation: Invitation) -> OutgoingLetter:
    held = select(OutgoingLetter).where(
        OutgoingLetter.invitation_id == invitation.id, OutgoingLetter.state == outbox.LetterState.HELD
    )
    letter = session.exec(held.order_by(col(OutgoingLetter.id).desc())).first()
    if letter is None:
        raise Refusal(f"The letter to {invitation.name} was discarded; write a new one.")
    return letter
