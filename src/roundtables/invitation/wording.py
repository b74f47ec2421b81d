"""
How every letter to an invitee is made: its words once, then plain and HTML part from the same templates.

What each kind of letter says stands in letters.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from roundtables.calendar import itip
from roundtables.invitation.queries import Whole
from roundtables.invitation.rules import Answer
from roundtables.mail.stationery import Stationery
from roundtables.mail.writing import Draft
from roundtables.person.rules import greeting
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Rule
from roundtables.texts import Wording, _, listed
from roundtables.web.filters import count_words, weekday, when, zone_words
from roundtables.web.templating import environment

THE_RULE = {
    Rule.CHATHAM_HOUSE: _(
        "Chatham House Rule. You may use what you hear. You may not say who said it, or who was there."
    ),
    Rule.CHATHAM_HOUSE_LIST: _("Chatham House Rule. The list of those present may be published, never who said what."),
    Rule.CHATHAM_HOUSE_PLUS: _("Chatham House Rule, and nothing is quoted without your written consent."),
    Rule.ON_THE_RECORD: _("On the record. What is said may be quoted with names."),
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
        organiser_address=office.reply_to(guest.nonce, table.uid),
        organiser_email=whole.convener.mail_from or office.mail_from,
        attendee_name=guest.name,
        attendee_address=guest.email,
        partstat=PARTSTAT[guest.answer] if guest.answer else itip.PartStat.NEEDS_ACTION,
        delegated_from=whole.principal,
    )


def draft(
    office: Stationery,
    whole: Whole,
    words: Words,
    about: str,
    now: datetime,
    calendar: Callable[[itip.Entry], bytes] | None,
    method: str = "REQUEST",
) -> Draft:
    guest, convener = whole.invitation, whole.convener
    context, speaks = _context(office, whole, words, now), environment(convener.language)
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
        subject=speaks.said(words.subject),
        text=speaks.get_template("invitation/letter.txt").render(context),
        html=speaks.get_template("invitation/letter.html").render(context),
        reply_nonce=guest.nonce,
        reply_table=whole.roundtable.uid,
        calendar=calendar(entry(office, whole, now)) if calendar else None,
        calendar_method=method,
    )


def _context(office: Stationery, whole: Whole, words: Words, now: datetime) -> dict[str, object]:
    table, guest, convener = whole.roundtable, whole.invitation, whole.convener
    return {
        "words": words,
        "site": whole.site,
        "table": table,
        "guest": guest,
        "when": when_words(table),
        "reply_by": _reply_by(table, now),
        "seats": seats_words(table),
        "greeting": greeting(guest.name),
        "page": office.page(guest.nonce),
        "facts": _facts(table),
        "signed": table.host_name or convener.name,
    }


def _reply_by(table: Roundtable, now: datetime) -> str:
    """The day by which an answer is asked for, as long as it is not past."""
    today = now.astimezone(ZoneInfo(table.time_zone)).date()
    if not table.reply_by or table.reply_by < today:
        return ""
    return _("Please answer by {day}.", day=weekday(table.reply_by))


def _facts(table: Roundtable) -> list[tuple[str, str]]:
    facts = [(_("Question"), table.question), (_("Where"), table.place), (_("Online"), table.online_url)]
    facts += [(_("The rule"), THE_RULE[table.rule])]
    return [(name, words) for name, words in facts if words]


def _description(office: Stationery, whole: Whole) -> str:
    lines = [whole.roundtable.question, THE_RULE[whole.roundtable.rule]]
    lines += [_("You can also answer by replying to our letter in your own words.")]
    said: str = environment(whole.convener.language).said(listed([line for line in lines if line], "\n"))
    return said


def when_words(table: Roundtable) -> Wording:
    """The table's time in words, with its zone."""
    zone = table.time_zone
    return listed([when(table.starts_at, table.ends_at, zone), zone_words(table.starts_at, zone)], " ")


def short_day(table: Roundtable) -> Wording:
    return weekday(table.starts_at, table.time_zone)


def seats_words(table: Roundtable) -> Wording:
    number = count_words(table.seats).capitalize()
    return _("{count} seats round one table, and one of them is yours if you would like it.", count=number)
