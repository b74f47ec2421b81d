"""What a mail says, for the eyes of an organiser: its words as text, the sentence that decided, who may be meant."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from roundtables.calendar import answers
from roundtables.calendar.answers import CalendarAnswer
from roundtables.errors import Unreadable
from roundtables.mail import cutting, message
from roundtables.mail.inbox import IncomingMail
from roundtables.mail.message import ReceivedMail

ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}")
NAMED = re.compile(r"\b[A-Z][\w'’-]{1,40}(?: [A-Z][\w'’-]{1,40}){1,2}")
LONGEST_SENTENCE = 2000


@dataclass(frozen=True, slots=True)
class Marked:
    """A text in three pieces; the middle one decided, "" if none is to be marked."""

    before: str
    sentence: str
    after: str


@dataclass(frozen=True, slots=True)
class Shown:
    """
    A mail to look at, nothing of it alive. `words` are the sender's own, `whole` all of the text with what was quoted;
    `calendars` tells each calendar object in a line; `deputy` is the (name, address) that may be meant, "" if unknown.
    `damage` says why nothing can be shown.
    """

    sender_name: str
    sender: str
    words: Marked
    whole: str
    calendars: tuple[str, ...]
    deputy: tuple[str, str]
    damage: str = ""


def shown(mail: IncomingMail, *, ours: Iterable[str] = ()) -> Shown:
    """The mail for a page; `ours` are addresses that cannot be a deputy's."""
    try:
        read = message.read(mail.raw, envelope_from=mail.envelope_from, envelope_to=mail.envelope_to)
    except Unreadable as error:
        return Shown("", mail.sender, Marked("", "", ""), "", (), ("", ""), damage=str(error))
    objects = list(_objects(read))
    words = cutting.answer_text(read.text)
    return Shown(
        sender_name=read.from_name,
        sender=read.from_address or mail.sender,
        words=marked(words, mail.decides),
        whole=read.text if read.text.strip() != words.strip() else "",
        calendars=tuple(_told(found) for found in objects),
        deputy=deputy_in(words, mail.decides, objects, without={read.from_address, *ours}, sender=read.from_name),
    )


def marked(text: str, sentence: str) -> Marked:
    """Finds `sentence` in `text`, whatever its white space; unfound, nothing is marked."""
    words = sentence[:LONGEST_SENTENCE].split()
    found = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
    if found is None:
        return Marked(text, "", "")
    return Marked(text[: found.start()], found.group(), text[found.end() :])


def deputy_in(
    text: str, sentence: str, objects: Iterable[CalendarAnswer], *, without: Iterable[str], sender: str = ""
) -> tuple[str, str]:
    """Who may come instead, name and address: what the calendar names, else what the words do; a guess to correct."""
    for found in objects:
        if found.delegated_to:
            return found.delegate_name, found.delegated_to[0]
    known = {address.casefold() for address in without}
    address = next((a for a in ADDRESS.findall(text) if a.casefold() not in known), "")
    names = [name for name in NAMED.findall(sentence) if name.casefold() != sender.casefold()]
    fitting = [name for name in names if name.split()[-1].casefold() in address.casefold()] if address else []
    return next(iter([*fitting, *names]), _name_of(address)), address


def _name_of(address: str) -> str:
    """ "tomasz.reed@example.org" → "Tomasz Reed"; "" for an address that is no name."""
    pieces = re.split(r"[._]", address.partition("@")[0])
    return " ".join(piece.capitalize() for piece in pieces) if len(pieces) in (2, 3) else ""


def _objects(read: ReceivedMail) -> Iterable[CalendarAnswer]:
    seen = set()
    for part in read.calendars:
        try:
            for found in answers.read(part.data, charset=part.charset):
                if found not in seen:
                    seen.add(found)
                    yield found
        except Unreadable:
            continue


def _told(found: CalendarAnswer) -> str:
    who = found.attendee_name or found.attendee or "Nobody by name"
    said = found.partstat.lower().replace("-", " ") if found.partstat else "no answer"
    told = f"{found.method or 'REPLY'}: {who}, {said}"
    return f"{told}. “{found.comment.strip()}”" if found.comment.strip() else told
