"""
What we write to invitees. Each function answers a Draft for the outbox; nothing is sent here.

The plain part and the HTML part say the same words in the same order (templates/invitation/letter.*).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from roundtables.calendar import itip
from roundtables.invitation.queries import Whole
from roundtables.invitation.rules import Answer, State
from roundtables.mail.stationery import Stationery
from roundtables.mail.writing import Draft
from roundtables.person.rules import greeting
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Rule
from roundtables.web.filters import count_words, day, weekday, when, zone_words
from roundtables.web.templating import environment

THE_RULE = {
    Rule.CHATHAM_HOUSE: "Chatham House Rule. You may use what you hear. You may not say who said it, or who was there.",
    Rule.CHATHAM_HOUSE_LIST: "Chatham House Rule. The list of those present may be published, never who said what.",
    Rule.CHATHAM_HOUSE_PLUS: "Chatham House Rule, and nothing is quoted without your written consent.",
    Rule.ON_THE_RECORD: "On the record. What is said may be quoted with names.",
}
PARTSTAT = {
    Answer.ACCEPTED: itip.PartStat.ACCEPTED,
    Answer.DECLINED: itip.PartStat.DECLINED,
    Answer.TENTATIVE: itip.PartStat.TENTATIVE,
}


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says; `asks` adds the four answers, `details` the facts of the table."""

    kind: str
    subject: str
    preheader: str
    paragraphs: list[str]
    asks: bool = False
    details: bool = True
    old_when: str = ""
    undo: bool = False


def invitation(office: Stationery, whole: Whole, *, now: datetime, again: int = 0) -> Draft:
    """The first letter, or the same question asked once more (`again`, with the same SEQUENCE)."""
    table, guest = whole.roundtable, whole.invitation
    by = f" Please answer by {weekday(table.reply_by)}" if table.reply_by else ""
    words = Words(
        kind="invitation",
        subject=f"Will you join us on {_short_day(table)}?{by}",
        preheader=f"{_when(table)}. {_seats(table)}",
        paragraphs=_opening(whole),
        asks=True,
    )
    return _draft(office, whole, words, f"request:{table.sequence}:{guest.uid}:{again}", now, itip.request)


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
        subject=f"New date: {table.title}, {_short_day(table)}",
        preheader=f"Now {_when(table)}, instead of {old_when}.",
        paragraphs=[
            "We have had to move this table, and are sorry for the trouble.",
            *([said] if said else []),
            "An answer to the old date does not count for the new one, so may we ask you again?",
        ],
        asks=True,
        old_when=old_when,
    )
    return _draft(office, whole, words, f"request:{table.sequence}:{guest.uid}", now, itip.request)


def new_place(office: Stationery, whole: Whole, *, now: datetime) -> Draft:
    """The place changed; answers stand, and each calendar copy carries its person's own."""
    table = whole.roundtable
    where = table.place or table.online_url
    words = Words(
        kind="new-place",
        subject=f"New place: {table.title}, {_short_day(table)}",
        preheader=f"Now at {where}.",
        paragraphs=[f"The table now meets at {where}. The time stays as it was, and so does your answer."],
    )
    return _draft(office, whole, words, f"request:{table.sequence}:{whole.invitation.uid}", now, itip.request)


def seat_free(office: Stationery, whole: Whole, *, now: datetime) -> Draft:
    """A seat came free for somebody who waited."""
    table, guest = whole.roundtable, whole.invitation
    words = Words(
        kind="seat-free",
        subject=f"A seat is yours: {table.title}, {_short_day(table)}",
        preheader=f"You are coming on {_when(table)}.",
        paragraphs=["A seat has come free and, as you said yes, it is yours.", "If you can no longer come, tell us."],
        undo=True,
    )
    return _draft(office, whole, words, f"seated:{guest.uid}:{_moment(now)}", now, itip.request)


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
    return _draft(office, whole, words, f"waiting:{whole.invitation.uid}:{_moment(now)}", now, None)


def understood(office: Stationery, whole: Whole, *, sentence: str, mail_id: int, now: datetime) -> Draft:
    """The short "this is what we understood" after a worded reply, with a way back."""
    guest, table = whole.invitation, whole.roundtable
    said = {
        State.ACCEPTED: f"You are coming on {_short_day(table)}.",
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
    return _draft(office, whole, words, f"understood:{mail_id}", now, None)


def taken_back(office: Stationery, whole: Whole, *, now: datetime, because: str = "") -> Draft:
    """One person's invitation is withdrawn; their calendar entry goes."""
    table, guest = whole.roundtable, whole.invitation
    kind_words = because or "We are sorry to have to take back our invitation to this table."
    words = Words(
        kind="withdrawal",
        subject=f"Invitation withdrawn: {table.title}, {_short_day(table)}",
        preheader=kind_words,
        paragraphs=[kind_words],
        details=False,
    )
    return _draft(office, whole, words, f"cancel:{table.sequence}:{guest.uid}", now, _cancel_one, "CANCEL")


def called_off(office: Stationery, whole: Whole, *, now: datetime) -> Draft:
    """The whole table is cancelled."""
    table, guest = whole.roundtable, whole.invitation
    words = Words(
        kind="cancellation",
        subject=f"Cancelled: {table.title}, {_short_day(table)}",
        preheader="This table will not meet.",
        paragraphs=["This table will not meet, and we are sorry for the trouble. Your calendar entry is taken out."],
        details=False,
    )
    return _draft(office, whole, words, f"cancel:{table.sequence}:{guest.uid}", now, _cancel_all, "CANCEL")


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
    return _draft(office, whole, words, f"deputy-no:{whole.invitation.uid}:{_moment(now)}", now, None)


def entry(office: Stationery, whole: Whole, now: datetime) -> itip.Entry:
    """This person's copy of the table as it stands in their calendar."""
    table, guest = whole.roundtable, whole.invitation
    return itip.Entry(
        uid=guest.uid,
        sequence=table.sequence,
        stamp=now,
        starts_at=table.starts_at,
        ends_at=table.ends_at,
        time_zone=table.time_zone,
        summary=table.title,
        description=_description(office, whole),
        location=table.place or table.online_url,
        url="",
        organiser_name=whole.convener.name,
        organiser_address=office.reply_to(guest.nonce),
        attendee_name=guest.name,
        attendee_address=guest.email,
        partstat=PARTSTAT[guest.answer] if guest.answer else itip.PartStat.NEEDS_ACTION,
    )


def _draft(
    office: Stationery,
    whole: Whole,
    words: Words,
    about: str,
    now: datetime,
    calendar: Callable[[itip.Entry], bytes] | None,
    method: str = "REQUEST",
) -> Draft:
    guest, convener = whole.invitation, whole.convener
    context = _context(office, whole, words)
    return Draft(
        convener_id=guest.convener_id,
        roundtable_id=guest.roundtable_id,
        invitation_id=guest.id,
        kind=words.kind,
        about=f"invitation:{guest.id}:{about}",
        sequence=whole.roundtable.sequence,
        to_name=guest.name,
        to_address=guest.email,
        from_name=convener.name,
        from_address=convener.mail_from,
        subject=words.subject,
        text=environment().get_template("invitation/letter.txt").render(context),
        html=environment().get_template("invitation/letter.html").render(context),
        reply_nonce=guest.nonce,
        calendar=calendar(entry(office, whole, now)) if calendar else None,
        calendar_method=method,
    )


def _context(office: Stationery, whole: Whole, words: Words) -> dict[str, object]:
    table, guest, convener = whole.roundtable, whole.invitation, whole.convener
    return {
        "words": words,
        "site": {"name": convener.name, "accent": convener.accent},
        "table": table,
        "guest": guest,
        "when": _when(table),
        "reply_by": f"Please answer by {weekday(table.reply_by)}." if table.reply_by else "",
        "seats": _seats(table),
        "greeting": greeting(guest.name),
        "page": office.page(guest.nonce),
        "facts": _facts(table),
        "signed": table.host_name or convener.name,
    }


def _cancel_one(entry: itip.Entry) -> bytes:
    return itip.cancel(entry, whole=False)


def _cancel_all(entry: itip.Entry) -> bytes:
    return itip.cancel(entry, whole=True)


def _opening(whole: Whole) -> list[str]:
    table, guest = whole.roundtable, whole.invitation
    personal = [line.strip() for line in guest.note.split("\n\n") if line.strip()]
    summary = [table.summary] if table.summary else []
    return [*personal, *summary, *([] if personal else ["We would be glad to have you at the table."])]


def _facts(table: Roundtable) -> list[tuple[str, str]]:
    facts = [("Question", table.question), ("Where", table.place), ("Online", table.online_url)]
    facts += [("The rule", THE_RULE[table.rule])]
    return [(name, words) for name, words in facts if words]


def _description(office: Stationery, whole: Whole) -> str:
    lines = [whole.roundtable.question, THE_RULE[whole.roundtable.rule]]
    lines += ["You can also answer by replying to our letter in your own words."]
    return "\n".join(line for line in lines if line)


def _when(table: Roundtable) -> str:
    return f"{when(table.starts_at, table.ends_at, table.time_zone)} {zone_words(table.starts_at, table.time_zone)}"


def when_words(table: Roundtable) -> str:
    """The table's time in words, with its zone."""
    return _when(table)


def _short_day(table: Roundtable) -> str:
    return weekday(table.starts_at, table.time_zone)


def _seats(table: Roundtable) -> str:
    number = count_words(table.seats).capitalize()
    return f"{number} seats round one table, and one of them is yours if you would like it."


def _shorter(sentence: str, most: int = 160) -> str:
    line = " ".join(sentence.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"


def _moment(now: datetime) -> str:
    return now.strftime("%Y%m%dT%H%M%S%f")
