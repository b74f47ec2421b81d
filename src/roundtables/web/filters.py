"""
Dates, numbers and seats in the words of a British letter. Pure: no locale, no clock.

Times are 24-hour with a point, dates carry their weekday; every datetime is aware and is told in the zone given.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from .shapes import SeatState

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
UK = {"Europe/London", "Europe/Belfast", "GB"}
WORDS_A_MINUTE = 200

Zone = ZoneInfo | str  # or the zone's name, "Europe/London"


def day(moment: date, zone: Zone | None = None) -> str:
    """ "Thursday 4 July 2019". A datetime needs its zone, a plain date does not."""
    local = _date(moment, zone)
    return f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} {local.year}"


def day_short(moment: date, zone: Zone | None = None) -> str:
    """ "4 July"."""
    local = _date(moment, zone)
    return f"{local.day} {MONTHS[local.month - 1]}"


def day_year(moment: date, zone: Zone | None = None) -> str:
    """ "4 July 2019", for bylines."""
    return f"{day_short(moment, zone)} {_date(moment, zone).year}"


def weekday(moment: date, zone: Zone | None = None) -> str:
    """ "Thursday 4 July", for dates of this year."""
    return f"{DAYS[_date(moment, zone).weekday()]} {day_short(moment, zone)}"


def clock(moment: datetime, zone: Zone) -> str:
    """ "16.40"."""
    return _local(moment, zone).strftime("%H.%M")


def hours(start: datetime, end: datetime, zone: Zone) -> str:
    """ "10.00 to 12.30"."""
    return f"{clock(start, zone)} to {clock(end, zone)}"


def when(start: datetime, end: datetime, zone: Zone) -> str:
    """ "Thursday 4 July 2019, 10.00 to 12.30"; both days are named if they differ."""
    if day(start, zone) == day(end, zone):
        return f"{day(start, zone)}, {hours(start, end, zone)}"
    return f"{day(start, zone)}, {clock(start, zone)} to {day(end, zone)}, {clock(end, zone)}"


def zone_words(moment: datetime, zone: Zone) -> str:
    """ "UK time", or "Paris time (UTC+2)" with the offset of that moment."""
    name = str(zone)
    if name in UK:
        return "UK time"
    offset = _offset(_local(moment, zone).utcoffset() or timedelta())
    area, _, city = name.rpartition("/")
    if not area or area == "Etc":
        return offset
    return f"{city.replace('_', ' ')} time ({offset})"


def ago_day(moment: datetime, now: datetime, zone: Zone) -> str:
    """ "Today, 08.12", "Yesterday, 16.40", "11 June, 16.40"; the year only if it is another one."""
    then, today = _date(moment, zone), _date(now, zone)
    words = {today: "Today", today - timedelta(days=1): "Yesterday"}.get(then)
    if words is None:
        words = day_short(then) if then.year == today.year else day_year(then)
    return f"{words}, {clock(moment, zone)}"


def count_words(number: int) -> str:
    """ "no", "one" to "twenty", then digits."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else str(number)


def plural(number: int, one: str, many: str = "") -> str:
    """The noun alone: `one` for 1, else `many`, which is `one` with an s if left out."""
    return one if number == 1 else many or f"{one}s"


def reading_minutes(text: str) -> str:
    """ "six minutes", at 200 words a minute, never less than one."""
    minutes = max(1, ceil(len(text.split()) / WORDS_A_MINUTE))
    return f"{count_words(minutes)} {plural(minutes, 'minute')}"


def seats_sentence(counts: Mapping[SeatState, int]) -> str:
    """ "10 of 16 taken, 1 maybe, 3 to answer, 2 to fill", from the number of seats in each state."""
    taken = counts.get(SeatState.COMING, 0) + counts.get(SeatState.DEPUTY, 0)
    rest = (
        (counts.get(SeatState.MAYBE, 0), "maybe"),
        (counts.get(SeatState.ASKED, 0), "to answer"),
        (counts.get(SeatState.DECLINED, 0) + counts.get(SeatState.EMPTY, 0), "to fill"),
    )
    total = taken + sum(number for number, _ in rest)
    return ", ".join([f"{taken} of {total} taken", *(f"{number} {words}" for number, words in rest if number)])


def _local(moment: datetime, zone: Zone) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be told")
    return moment.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def _date(moment: date, zone: Zone | None) -> date:
    if not isinstance(moment, datetime):
        return moment
    if zone is None:
        raise ValueError("a time needs a zone to have a day")
    return _local(moment, zone).date()


def _offset(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "−"
    return "UTC" if minutes == 0 else f"UTC{sign}{hours}" + (f".{rest:02d}" if rest else "")
