"""One mail of the inbox as its page shows it: what it says, what we think of it, what would follow, what it tells."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from roundtables.convener.rules import Organiser
from roundtables.desk import inbox_words
from roundtables.desk.inbox_effects import Outlook, outlook
from roundtables.desk.inbox_reading import Shown, shown
from roundtables.desk.inbox_text import Marked, inert_line, marked, without
from roundtables.desk.inbox_words import Button
from roundtables.desk.queries import READ_NEEDS, readers_of_needs
from roundtables.invitation import by_words, deputies, queries, seat_counts
from roundtables.invitation.guest_rows import STATES
from roundtables.invitation.keeping import row_id
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.roundtable.model import Roundtable

KEPT_APART = "[what they need is kept apart]"


@dataclass(frozen=True, slots=True)
class Belongs:
    """The invitation a mail is about, with its table; `standing` is how the table's seats stand, in words."""

    guest: Invitation
    table: Roundtable
    standing: str
    stands: str


@dataclass(frozen=True, slots=True)
class NeedsTold:
    """`readers` by name; `words` are for those who may read them, "" for everybody else."""

    readers: Sequence[str]
    may_read: bool
    words: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A mail that is open; `belongs` and `outlook` are None for a mail of nobody's."""

    mail: IncomingMail
    shown: Shown
    belongs: Belongs | None
    title: str
    headline: str
    why: str
    main: Button
    others: Sequence[Button]
    deputy: tuple[str, str]
    outlook: Outlook | None
    tags: Sequence[str]
    needs: NeedsTold | None
    to_do: str
    taking_back: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A deputy whom an invitee named on their own page."""

    belongs: Belongs
    deputy: tuple[str, str]
    outlook: Outlook


def open_mail(
    session: Session, organiser: Organiser, mail: IncomingMail, *, zone: str, trusted: str | None, now: datetime
) -> Opened:
    """All that the page of one mail shows; writes nothing."""
    guest = session.get(Invitation, mail.invitation_id) if mail.invitation_id else None
    name, hint = (guest.name if guest else ""), mail.suggestion
    seen = shown(mail, zone=zone, ours=[guest.email] if guest else [], trusted=trusted)
    deputy = _deputy(mail, seen)
    seen, needs = _without_needs(session, organiser, mail, guest, seen)
    main = inbox_words.main_button(hint, name, deputy[0])
    return Opened(
        mail=mail,
        shown=seen,
        belongs=belongs(session, guest) if guest else None,
        title=inbox_words.title(hint, name, sender=mail.sender),
        headline=inbox_words.thought(hint, name, deputy[0]),
        why=inbox_words.why_it_waits(inert_line(mail.reason, 1000), hint),
        main=main,
        others=inbox_words.other_buttons(main, hint, name),
        deputy=deputy,
        outlook=outlook(session, guest, mail, deputy, now=now) if guest and _may_be_decided(mail) else None,
        tags=_tags(mail, guest),
        needs=needs,
        to_do=inbox_words.TO_DO.get(str((hint or {}).get("says")), ""),
        taking_back=deputies.what_taking_back_means(session, guest) if guest else "",
    )


def open_offer(session: Session, guest: Invitation, *, now: datetime) -> Offer:
    """The page of a deputy who was proposed on the invitee's own page."""
    deputy = (guest.deputy_name, guest.deputy_email)
    return Offer(belongs(session, guest), deputy, outlook(session, guest, None, deputy, now=now))


def belongs(session: Session, guest: Invitation) -> Belongs:
    table = session.get_one(Roundtable, guest.roundtable_id)
    numbers = queries.counts(session, [row_id(table)])[row_id(table)]
    taken = seat_counts.seats_taken(session, row_id(table))
    maybe = f", {numbers[State.TENTATIVE]} maybe" if State.TENTATIVE in numbers else ""
    waiting = f", {numbers[State.WAITING]} waiting" if State.WAITING in numbers else ""
    standing = f"{taken} of {table.seats} taken{maybe}{waiting}"
    return Belongs(guest, table, standing, STATES[guest.state].lower())


def _may_be_decided(mail: IncomingMail) -> bool:
    return mail.outcome in (Outcome.NEEDS_HUMAN, Outcome.IGNORED)


def _deputy(mail: IncomingMail, seen: Shown) -> tuple[str, str]:
    """Who may be meant: whom the reading found, else the page's own guess."""
    hint = mail.suggestion or {}
    name, email = inert_line(str(hint.get("name") or ""), 200), inert_line(str(hint.get("email") or ""), 254)
    if name or email:
        return name or email, email
    return inert_line(seen.deputy[0], 200), seen.deputy[1]


def _tags(mail: IncomingMail, guest: Invitation | None) -> list[str]:
    is_provisional = guest is not None and guest.provisional and mail.outcome is Outcome.APPLIED
    via = mail.sender if is_provisional else ""
    return [inert_line(tag) for tag in inbox_words.tags(mail.facts, provisional=via)]


def _without_needs(
    session: Session, organiser: Organiser, mail: IncomingMail, guest: Invitation | None, seen: Shown
) -> tuple[Shown, NeedsTold | None]:
    """What somebody needs is taken out of the mail: those who may read it find it behind a click, others nowhere."""
    if not mail.tells_needs:
        return seen, None
    readers = readers_of_needs(session, organiser.convener_id)
    empty = replace(seen, words=Marked("", "", ""), whole="", calendars=(), attached=())
    if organiser.role not in READ_NEEDS:
        return empty, NeedsTold(readers, False, "")
    words = seen.words
    text = words.before + words.sentence + words.after + words.rest
    told = by_words.needs_in(session, mail, guest) if guest else ""
    rest = without(text, told, KEPT_APART)
    if rest is None:
        return empty, NeedsTold(readers, True, text)
    return replace(empty, words=marked(rest, mail.decides)), NeedsTold(readers, True, told)
