"""
What we write once somebody has answered: what we understood, the one nudge, deputies, times that were proposed.

Each function answers a Draft for the outbox; nothing is sent here (letters.py has the letters that ask).
"""

from collections.abc import Sequence
from datetime import date, datetime

from roundtables.calendar import itip
from roundtables.invitation.queries import Whole
from roundtables.invitation.rules import State
from roundtables.invitation.wording import Words, draft, short_day, when_words
from roundtables.mail.stationery import Stationery
from roundtables.mail.writing import Draft
from roundtables.roundtable.model import Roundtable
from roundtables.texts import _
from roundtables.web.filters import day, on_weekday, when


def understood(
    office: Stationery, whole: Whole, *, sentence: str, mail_id: int, now: datetime, beside: Sequence[str] = ()
) -> Draft:
    """The short "this is what we understood" after a worded reply, with a way back; `beside`: what else they said."""
    guest, table = whole.invitation, whole.roundtable
    said = _what_stands(whole)
    read_from = f"We read that from “{_shorter(sentence)}”. " if sentence else "We read that from your reply. "
    words = Words(
        kind="understood",
        subject=f"What we understood: {table.title}",
        preheader=said,
        paragraphs=[said, *beside, f"{read_from}Not what you meant? Open your page and undo it."],
        undo=True,
        details=guest.state in (State.ACCEPTED, State.TENTATIVE),
    )
    return draft(office, whole, words, f"understood:{mail_id}", now, None)


def nudge(office: Stationery, whole: Whole, *, until: date, free_on: date | None, now: datetime) -> Draft:
    """The one reminder to somebody who named the day they would know; `free_on`: until when a seat is kept, if any."""
    guest, table = whole.invitation, whole.roundtable
    kept = f"We keep your seat until {day(free_on)}; after that it goes to somebody who waits." if free_on else ""
    words = Words(
        kind="nudge",
        subject=f"Do you know yet? {table.title}, {short_day(table)}",
        preheader=f"You said you would know by {day(until)}.",
        paragraphs=[
            f"You said you would know by {day(until)} whether you can join us. Do you?",
            *([kept] if kept else []),
            "This is the only time we ask.",
        ],
        asks=True,
    )
    said_at = guest.answered_at.strftime("%Y%m%dT%H%M%S%f") if guest.answered_at else ""
    return draft(office, whole, words, f"nudge:{guest.uid}:{until.isoformat()}:{said_at}", now, None)


def yours_again(office: Stationery, whole: Whole, paragraphs: Sequence[str], *, asks: bool, now: datetime) -> Draft:
    """A principal's own seat after all, with a calendar entry (RFC 5546 §4.2.5)."""
    table, guest = whole.roundtable, whole.invitation
    words = Words(
        kind="yours-again",
        subject=f"Your seat: {table.title}, {short_day(table)}",
        preheader=paragraphs[0],
        paragraphs=list(paragraphs),
        asks=asks,
        undo=not asks,
    )
    return draft(office, whole, words, f"request:{table.sequence}:{guest.uid}:again", now, itip.request)


def deputy_thanked(office: Stationery, whole: Whole, *, deputy_name: str, about: str, now: datetime) -> Draft:
    """A polite no to a deputy; the invitation stays open. `about` names the offer, so that it is answered once."""
    words = Words(
        kind="deputy-declined",
        subject=f"About {deputy_name}: {whole.roundtable.title}",
        preheader="Your own seat is still yours.",
        paragraphs=[
            f"Thank you for offering that {deputy_name} could come for you. For this table we would rather keep to "
            "the people we asked, so we cannot take up the offer.",
            "Your own seat is still yours if you find that you can come.",
        ],
        asks=True,
    )
    return draft(office, whole, words, f"deputy-no:{whole.invitation.uid}:{about}", now, None)


def time_stays(
    office: Stationery,
    whole: Whole,
    *,
    starts_at: datetime | None,
    ends_at: datetime | None,
    mail_id: int,
    now: datetime,
) -> Draft:
    """The no to one person's proposal of another time; the version stays as it is (RFC 5546 §3.2.8)."""
    table = whole.roundtable
    proposed = _span(table, starts_at, ends_at)
    words = Words(
        kind="counter-declined",
        subject=f"The time stays: {table.title}, {short_day(table)}",
        preheader=f"The table meets on {when_words(table)}, as planned.",
        paragraphs=[
            f"Thank you for proposing {proposed or 'another time'}. We have looked, and for the others at the table we "
            "have to keep to the time as planned.",
            "We would still be very glad to have you with us.",
        ],
        asks=True,
    )
    return draft(office, whole, words, f"counter-no:{mail_id}", now, itip.decline_counter, "DECLINECOUNTER")


def _span(table: Roundtable, starts_at: datetime | None, ends_at: datetime | None) -> str:
    if starts_at is None:
        return ""
    length = table.ends_at - table.starts_at
    return when(starts_at, ends_at if ends_at and ends_at > starts_at else starts_at + length, table.time_zone)


def _what_stands(whole: Whole) -> str:
    guest, table = whole.invitation, whole.roundtable
    until = f" until {day(guest.until)}" if guest.until else ""
    unsure = (
        f"You are not sure yet. We keep your seat{until} and ask you once."
        if guest.holds_seat
        else (f"You are not sure yet{', and will know by ' + day(guest.until) if guest.until else ''}.")
    )
    words = {
        State.ACCEPTED: f"You are coming on {short_day(table)}.",
        State.TENTATIVE: unsure,
        State.DECLINED: "You cannot come. Thank you for telling us; we will send you what comes out of it.",
        State.WAITING: "You said yes. All the seats are taken just now, and you are on the waiting list.",
    }
    return words.get(guest.state, f"Your answer is now: {guest.state}.")


def _shorter(sentence: str, most: int = 160) -> str:
    line = " ".join(sentence.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"


def thanks_for_coming(office: Stationery, whole: Whole, *, online: bool, now: datetime) -> Draft:
    """After the day, to somebody who was there."""
    table = whole.roundtable
    on_day = on_weekday(table.starts_at, table.time_zone)
    joined = _("Thank you for joining us online {on_day}.", on_day=on_day)
    words = Words(
        kind="thanks-came",
        subject=_("Thank you for coming: {table}", table=table.title),
        preheader=_("It was good to have you at the table."),
        paragraphs=[
            joined if online else _("Thank you for joining us {on_day}.", on_day=on_day),
            _("The table was the better for what you brought to it."),
            _("We will send you what comes out of it before anybody else sees it."),
        ],
        details=False,
    )
    return draft(office, whole, words, "thanks", now, None)


def missed_you(office: Stationery, whole: Whole, *, now: datetime) -> Draft:
    """After the day, to somebody who had said yes and was not there: no question why."""
    table = whole.roundtable
    on_day = on_weekday(table.starts_at, table.time_zone)
    words = Words(
        kind="thanks-missed",
        subject=_("We missed you: {table}", table=table.title),
        preheader=_("We are sorry that you could not be with us after all."),
        paragraphs=[
            _(
                "We are sorry that you could not be with us {on_day} after all, and hope that all is well.",
                on_day=on_day,
            ),
            _("We will send you what comes out of it, and would be glad to see you at another table."),
        ],
        details=False,
    )
    return draft(office, whole, words, "thanks", now, None)


def thanks_for_deputy(office: Stationery, whole: Whole, *, deputy_name: str, now: datetime) -> Draft:
    """After the day, to somebody whose deputy was there."""
    table = whole.roundtable
    who = {"deputy": deputy_name, "on_day": on_weekday(table.starts_at, table.time_zone)}
    words = Words(
        kind="thanks-deputy",
        subject=_("Thank you for sending {deputy}: {table}", deputy=deputy_name, table=table.title),
        preheader=_("Your place at the table was well taken."),
        paragraphs=[
            _("Thank you for making it possible that {deputy} joined us {on_day} in your place.", **who),
            _("We will send both of you what comes out of it."),
        ],
        details=False,
    )
    return draft(office, whole, words, "thanks", now, None)
