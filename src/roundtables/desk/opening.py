"""The sentence the desk opens with. Pure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from roundtables.texts import Wording, _, many
from roundtables.web.filters import count_words

KETTLE = _("Every reply is understood. Put the kettle on.")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the sentence: the words that are a link (to `href`), and those that are not."""

    linked: str
    href: str
    rest: str


@dataclass(frozen=True, slots=True)
class NextTable:
    title: str
    href: str
    taken: int
    days: int


def greeting_of_the_day(name: str, now: datetime, zone: str) -> Wording:
    """ "Good morning, Farah.", by the clock of `zone`."""
    hour = now.astimezone(ZoneInfo(zone)).hour
    if 4 <= hour < 12:
        return _("Good morning, {name}.", name=name)
    return _("Good afternoon, {name}.", name=name) if 12 <= hour < 18 else _("Good evening, {name}.", name=name)


def opening(*, replies: int, deputies: int, letters: int, next_table: NextTable | None) -> list[Part]:
    """What needs doing, then how the next table stands; nothing to do leaves only the table."""
    parts = [
        *([_replies(replies)] if replies else []),
        *([_deputies(deputies)] if deputies else []),
        *([_letters(letters)] if letters else []),
    ]
    return parts + ([_table(next_table)] if next_table else [])


def _replies(n: int) -> Part:
    said = many("{count} reply", "{count} replies", n, count=count_words(n))
    return Part(said, "/desk/inbox", many(" needs you", " need you", n))


def _deputies(n: int) -> Part:
    said = many("{count} deputy", "{count} deputies", n, count=count_words(n))
    return Part(said, "#needs-you", many(" is proposed", " are proposed", n))


def _letters(n: int) -> Part:
    said = many("{count} letter", "{count} letters", n, count=count_words(n))
    return Part(said, "/desk/outbox", many(" is waiting to go", " are waiting to go", n))


def _table(table: NextTable) -> Part:
    left = _left(table.days)
    if not table.taken:
        rest = _(" is still empty with {left}", left=left)
    else:
        seats = many("{count} seat full", "{count} seats full", table.taken, count=count_words(table.taken))
        rest = _(" is {seats} with {left}", seats=seats, left=left)
    return Part(f"“{table.title}”", table.href, rest)


def _left(days: int) -> Wording:
    """ "three weeks left", "nine days left", "one day left"; months from three on."""
    if days < 1:
        return _("hours left")
    if days < 14:
        return many("{count} day left", "{count} days left", days, count=count_words(days))
    if days < 92:
        weeks = round(days / 7)
        return many("{count} week left", "{count} weeks left", weeks, count=count_words(weeks))
    months = round(days / 30)
    return many("{count} month left", "{count} months left", months, count=count_words(months))
