"""
What we write to invitees. Each function answers a Draft for the outbox; nothing is sent here.

The plain part and the HTML part say the same words in the same order (wording.py, templates/invitation/letter.*).
"""

from datetime import datetime

from roundtables.calendar import itip
from roundtables.invitation.queries import Whole
from roundtables.invitation.rules import Answer, State
from roundtables.invitation.wording import Words, draft, seats_words, short_day, when_words
from roundtables.mail.stationery import Stationery
from roundtables.mail.writing import Draft
from roundtables.web.filters import count_words, day, weekday


def invitation(office: Stationery, whole: Whole, *, now: datetime, again: int = 0) -> Draft:
    """The first letter, or the same question asked once more (`again`, with the same SEQUENCE)."""
    table, guest = whole.roundtable, whole.invitation
    by = f" Please answer by {weekday(table.reply_by)}" if table.reply_by else ""
    words = Words(
        kind="invitation",
        subject=f"Will you join us on {short_day(table)}?{by}",
        preheader=f"{when_words(table)}. {seats_words(table)}",
        paragraphs=_opening(whole),
        asks=True,
    )
    return draft(office, whole, words, f"request:{table.sequence}:{guest.uid}:{again}", now, itip.request)


def new_date(office: Stationery, whole: Whole, *, old_when: str, now: datetime) -> Draft:
    """The time moved: old and new, the old answer remembered, and the question again."""
    table, guest = whole.roundtable, whole.invitation
    had = {
        Answer.ACCEPTED: "You had said yes to the earlier date, and your seat is kept until you answer.",
        Answer.TENTATIVE: "You were not sure about the earlier date.",
        Answer.DECLINED: "The earlier date did not suit you; perhaps this one does.",
    }
    said = had.get(guest.earlier_answer, "") if guest.earlier_answer else ""
    words = Words(
        kind="new-date",
        subject=f"New date: {table.title}, {short_day(table)}",
        preheader=f"Now {when_words(table)}, instead of {old_when}.",
        paragraphs=[
            "We have had to move this table, and are sorry for the trouble.",
            *([said] if said else []),
            "An answer to the old date does not count for the new one, so may we ask you again?",
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
        subject=f"New place: {table.title}, {short_day(table)}",
        preheader=f"Now at {where}.",
        paragraphs=[f"The table now meets at {where}. The time stays as it was, and so does your answer."],
    )
    return draft(office, whole, words, f"request:{table.sequence}:{whole.invitation.uid}", now, itip.request)


def seat_free(office: Stationery, whole: Whole, *, now: datetime) -> Draft:
    """A seat came free for somebody who waited."""
    table, guest = whole.roundtable, whole.invitation
    words = Words(
        kind="seat-free",
        subject=f"A seat is yours: {table.title}, {short_day(table)}",
        preheader=f"You are coming on {when_words(table)}.",
        paragraphs=["A seat has come free and, as you said yes, it is yours.", "If you can no longer come, tell us."],
        undo=True,
    )
    return draft(office, whole, words, f"seated:{guest.uid}:{_moment(now)}", now, itip.request)


def waiting(office: Stationery, whole: Whole, *, position: int, now: datetime) -> Draft:
    """The table is full: they wait, and know where."""
    words = Words(
        kind="waiting",
        subject=f"You are on the waiting list: {whole.roundtable.title}",
        preheader="All seats are taken just now.",
        paragraphs=[
            "Thank you for saying yes. All the seats are taken just now, so we have put you on the waiting list: "
            f"you are number {count_words(position)}.",
            "If a seat comes free it is yours and we will write to you at once. You need do nothing.",
        ],
        undo=True,
    )
    return draft(office, whole, words, f"waiting:{whole.invitation.uid}:{_moment(now)}", now, None)


def understood(office: Stationery, whole: Whole, *, sentence: str, mail_id: int, now: datetime) -> Draft:
    """The short "this is what we understood" after a worded reply, with a way back."""
    guest, table = whole.invitation, whole.roundtable
    said = {
        State.ACCEPTED: f"You are coming on {short_day(table)}.",
        State.TENTATIVE: "You are not sure yet."
        + (f" We keep your seat until {day(guest.until)} and ask you once." if guest.until else ""),
        State.DECLINED: "You cannot come. Thank you for telling us; we will send you what comes out of it.",
        State.WAITING: "You said yes. All the seats are taken just now, and you are on the waiting list.",
    }.get(guest.state, f"Your answer is now: {guest.state}.")
    words = Words(
        kind="understood",
        subject=f"What we understood: {table.title}",
        preheader=said,
        paragraphs=[said, f"We read that from “{_shorter(sentence)}”. Not what you meant? Open your page and undo it."],
        undo=True,
        details=guest.state in (State.ACCEPTED, State.TENTATIVE),
    )
    return draft(office, whole, words, f"understood:{mail_id}", now, None)


def taken_back(office: Stationery, whole: Whole, *, now: datetime, because: str = "") -> Draft:
    """One person's invitation is withdrawn; their calendar entry goes."""
    table, guest = whole.roundtable, whole.invitation
    kind_words = because or "We are sorry to have to take back our invitation to this table."
    words = Words(
        kind="withdrawal",
        subject=f"Invitation withdrawn: {table.title}, {short_day(table)}",
        preheader=kind_words,
        paragraphs=[kind_words],
        details=False,
    )
    return draft(office, whole, words, f"cancel:{table.sequence}:{guest.uid}", now, _cancel_one, "CANCEL")


def called_off(office: Stationery, whole: Whole, *, now: datetime) -> Draft:
    """The whole table is cancelled."""
    table, guest = whole.roundtable, whole.invitation
    words = Words(
        kind="cancellation",
        subject=f"Cancelled: {table.title}, {short_day(table)}",
        preheader="This table will not meet.",
        paragraphs=["This table will not meet, and we are sorry for the trouble. Your calendar entry is taken out."],
        details=False,
    )
    return draft(office, whole, words, f"cancel:{table.sequence}:{guest.uid}", now, _cancel_all, "CANCEL")


def deputy_thanked(office: Stationery, whole: Whole, *, deputy_name: str, now: datetime) -> Draft:
    """A polite no to a deputy; the invitation stays open."""
    words = Words(
        kind="deputy-declined",
        subject=f"About {deputy_name}: {whole.roundtable.title}",
        preheader="Your own seat is still yours.",
        paragraphs=[
            f"Thank you for offering that {deputy_name} could come for you. For this table we would rather keep to "
            "the people we asked, so we cannot take up the offer.",
            "Your own seat is still yours if the morning should free up.",
        ],
        asks=True,
    )
    return draft(office, whole, words, f"deputy-no:{whole.invitation.uid}:{_moment(now)}", now, None)


def _opening(whole: Whole) -> list[str]:
    table, guest = whole.roundtable, whole.invitation
    personal = [line.strip() for line in guest.note.split("\n\n") if line.strip()]
    summary = [table.summary] if table.summary else []
    return [*personal, *summary, *([] if personal else ["We would be glad to have you at the table."])]


def _cancel_one(entry: itip.Entry) -> bytes:
    return itip.cancel(entry, whole=False)


def _cancel_all(entry: itip.Entry) -> bytes:
    return itip.cancel(entry, whole=True)


def _shorter(sentence: str, most: int = 160) -> str:
    line = " ".join(sentence.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"


def _moment(now: datetime) -> str:
    return now.strftime("%Y%m%dT%H%M%S%f")
