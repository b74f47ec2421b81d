"""The sentence the desk opens with. Pure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from roundtables.web.filters import count_words, plural

KETTLE = "Every reply is understood. Put the kettle on."


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


def greeting_of_the_day(name: str, now: datetime, zone: str) -> str:
    """ "Good morning, Farah.", by the clock of `zone`."""
    hour = now.astimezone(ZoneInfo(zone)).hour
    part = "morning" if 4 <= hour < 12 else "afternoon" if hour < 18 and hour >= 4 else "evening"
    return f"Good {part}, {name}."


def opening(*, replies: int, deputies: int, letters: int, next_table: NextTable | None) -> list[Part]:
    """What needs doing, then how the next table stands; nothing to do leaves only the table."""
    found = [
        (replies, "reply", "replies", "/desk/inbox", " needs you", " need you"),
        (deputies, "deputy", "deputies", "#needs-you", " is proposed", " are proposed"),
        (letters, "letter", "letters", "/desk/outbox", " is waiting to go", " are waiting to go"),
    ]
    parts = [
        Part(f"{count_words(number)} {plural(number, one, many)}", href, is_ if number == 1 else are)
        for number, one, many, href, is_, are in found
        if number
    ]
    return parts + ([_table(next_table)] if next_table else [])


def _table(table: NextTable) -> Part:
    seats = f"{count_words(table.taken)} {plural(table.taken, 'seat')} full"
    return Part(
        f"“{table.title}”", table.href, f" is {seats if table.taken else 'still empty'} with {_left(table.days)}"
    )


def _left(days: int) -> str:
    """ "three weeks left", "nine days left", "one day left"; months from three on."""
    if days < 1:
        return "hours left"
    if days < 14:
        return f"{count_words(days)} {plural(days, 'day')} left"
    number, unit = (round(days / 7), "week") if days < 92 else (round(days / 30), "month")
    return f"{count_words(number)} {plural(number, unit)} left"
