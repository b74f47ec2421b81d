"""
What we write to invitees. Each function answers a Draft for the outbox; nothing is sent here.

The plain part and the HTML part say the same words in the same order (wording.py, templates/invitation/letter.*).
What we write once somebody has answered is in further_letters.py.
"""

from datetime import datetime

from roundtables.calendar import itip
from roundtables.invitation.queries import Whole
from roundtables.invitation.rules import Answer
from roundtables.invitation.wording import Words, draft, seats_words, short_day, when_words
from roundtables.mail.stationery import Stationery
from roundtables.mail.writing import Draft
from roundtables.texts import _, listed
from roundtables.web.filters import count_words, on_weekday, weekday


def invitation(office: Stationery, whole: Whole, *, now: datetime, again: int = 0) -> Draft:
    """The first letter, or the same question asked once more (`again`, with the same SEQUENCE)."""
    table, guest = whole.roundtable, whole.invitation
    subject = _("Will you join us {on_day}?", on_day=on_weekday(table.starts_at, table.time_zone))
    if table.reply_by:
        subject = listed([subject, _("Please answer by {day}", day=weekday(table.reply_by))], " ")
    words = Words(
        kind="invitation",
        subject=subject,
        preheader=listed([when_words(table), seats_words(table)], ". "),
        paragraphs=_opening(whole),
        asks=True,
    )
    return draft(office, whole, words, f"request:{table.sequence}:{guest.uid}:{again}", now, itip.request)


def new_date(office: Stationery, whole: Whole, *, old_when: str, now: datetime) -> Draft:
    """The time moved: old and new, the old answer remembered, and the question again."""
    table, guest = whole.roundtable, whole.invitation
    had = {
        Answer.ACCEPTED: _("You had said yes to the earlier date, and your seat is kept until you answer."),
        Answer.TENTATIVE: _("You were not sure about the earlier date."),
        Answer.DECLINED: _("The earlier date did not suit you; perhaps this one does."),
    }
    said = had.get(guest.earlier_answer, "") if guest.earlier_answer else ""
    words = Words(
        kind="new-date",
        subject=_("New date: {table}, {day}", table=table.title, day=short_day(table)),
        preheader=_("Now {now}, instead of {before}.", now=when_words(table), before=old_when),
        paragraphs=[
            _("We have had to move this table, and are sorry for the trouble."),
            *([said] if said else []),
            _("An answer to the old date does not count for the new one, so may we ask you again?"),
        ],
        asks=True,
        old_when=old_when,
    )
    return draft(office, whole, words, f"request:{table.sequence}:{guest.uid}", now, itip.request)


def new_place(office: Stationery, whole: Whole, *, now: datetime) -> Draft:
    """The place changed; answers stand, and each calendar copy carries its person's own."""
    table = whole.roundtable
    where = table.place or table.online_url
    words = Words(
        kind="new-place",
        subject=_("New place: {table}, {day}", table=table.title, day=short_day(table)),
        preheader=_("Now at {where}.", where=where),
        paragraphs=[
            _("The table now meets at {where}. The time stays as it was, and so does your answer.", where=where)
        ],
    )
    return draft(office, whole, words, f"request:{table.sequence}:{whole.invitation.uid}", now, itip.request)


def seat_free(office: Stationery, whole: Whole, *, now: datetime) -> Draft:
    """A seat came free for somebody who waited."""
    table, guest = whole.roundtable, whole.invitation
    words = Words(
        kind="seat-free",
        subject=_("A seat is yours: {table}, {day}", table=table.title, day=short_day(table)),
        preheader=_("You are coming on {when}.", when=when_words(table)),
        paragraphs=[
            _("A seat has come free and, as you said yes, it is yours."),
            _("If you can no longer come, tell us."),
        ],
        undo=True,
    )
    return draft(office, whole, words, f"seated:{guest.uid}:{_moment(now)}", now, itip.request)


def waiting(office: Stationery, whole: Whole, *, position: int, now: datetime) -> Draft:
    """The table is full: they wait, and know where."""
    words = Words(
        kind="waiting",
        subject=_("You are on the waiting list: {table}", table=whole.roundtable.title),
        preheader=_("All seats are taken just now."),
        paragraphs=[
            _(
                "Thank you for saying yes. All the seats are taken just now, so we have put you on the waiting list: "
                "you are number {n}.",
                n=count_words(position),
            ),
            _("If a seat comes free it is yours and we will write to you at once. You need do nothing."),
        ],
        undo=True,
    )
    return draft(office, whole, words, f"waiting:{whole.invitation.uid}:{_moment(now)}", now, None)


def taken_back(office: Stationery, whole: Whole, *, now: datetime, because: str = "", undo: bool = False) -> Draft:
    """One person's invitation is withdrawn, their calendar entry goes; `undo` shows them the way back."""
    table, guest = whole.roundtable, whole.invitation
    kind_words = because or _("We are sorry to have to take back our invitation to this table.")
    words = Words(
        kind="withdrawal",
        subject=_("Invitation withdrawn: {table}, {day}", table=table.title, day=short_day(table)),
        preheader=kind_words,
        paragraphs=[kind_words],
        details=False,
        undo=undo,
    )
    return draft(office, whole, words, f"cancel:{table.sequence}:{guest.uid}", now, _cancel_one, "CANCEL")


def called_off(office: Stationery, whole: Whole, *, now: datetime) -> Draft:
    """The whole table is cancelled."""
    table, guest = whole.roundtable, whole.invitation
    words = Words(
        kind="cancellation",
        subject=_("Cancelled: {table}, {day}", table=table.title, day=short_day(table)),
        preheader=_("This table will not meet."),
        paragraphs=[_("This table will not meet, and we are sorry for the trouble. Your calendar entry is taken out.")],
        details=False,
    )
    return draft(office, whole, words, f"cancel:{table.sequence}:{guest.uid}", now, _cancel_all, "CANCEL")


def _opening(whole: Whole) -> list[str]:
    table, guest = whole.roundtable, whole.invitation
    personal = [line.strip() for line in guest.note.split("\n\n") if line.strip()]
    summary = [table.summary] if table.summary else []
    return [*personal, *summary, *([] if personal else [_("We would be glad to have you at the table.")])]


def _cancel_one(entry: itip.Entry) -> bytes:
    return itip.cancel(entry, whole=False)


def _cancel_all(entry: itip.Entry) -> bytes:
    return itip.cancel(entry, whole=True)


def _moment(now: datetime) -> str:
    return now.strftime("%Y%m%dT%H%M%S%f")
