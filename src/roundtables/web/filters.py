"""
Dates, numbers and seats in the words of a British letter, or of another language's (texts.py). Pure: no clock.

Times are 24-hour with a point, dates carry their weekday; every datetime is aware and is told in the zone given.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import ceil
from zoneinfo import ZoneInfo

from roundtables.texts import Wording, _, listed, many, marked

from .shapes import SeatState

DAYS = (
    *(_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday")),
    *(_("Saturday"), _("Sunday")),
)
ON_DAYS = (
    *(_("on Monday"), _("on Tuesday"), _("on Wednesday"), _("on Thursday"), _("on Friday")),
    *(_("on Saturday"), _("on Sunday")),
)
UNTIL_DAYS = (
    *(_("until Monday"), _("until Tuesday"), _("until Wednesday"), _("until Thursday"), _("until Friday")),
    *(_("until Saturday"), _("until Sunday")),
)
MONTHS = (
    *(_("January"), _("February"), _("March"), _("April"), _("May"), _("June")),
    *(_("July"), _("August"), _("September"), _("October"), _("November"), _("December")),
)
NUMBERS = (
    *(_("no"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight"), _("nine")),
    *(_("ten"), _("eleven"), _("twelve"), _("thirteen"), _("fourteen"), _("fifteen"), _("sixteen")),
    *(_("seventeen"), _("eighteen"), _("nineteen"), _("twenty")),
)
DAY, DAY_SHORT = marked("{weekday} {day} {month} {year}"), marked("{day} {month}")
DAY_YEAR, WEEKDAY = marked("{day} {month} {year}"), marked("{weekday} {day} {month}")
UK = {"Europe/London", "Europe/Belfast", "GB"}
UK_TIME, TODAY, YESTERDAY = _("UK time"), _("Today"), _("Yesterday")
WORDS_A_MINUTE = 200

Zone = ZoneInfo | str  # or the zone's name, "Europe/London"


def day(moment: date, zone: Zone | None = None) -> Wording:
    """ "Thursday 4 July 2019". A datetime needs its zone, a plain date does not."""
    return _told_as(DAY, _date(moment, zone))


def day_short(moment: date, zone: Zone | None = None) -> Wording:
    """ "4 July"."""
    return _told_as(DAY_SHORT, _date(moment, zone))


def day_year(moment: date, zone: Zone | None = None) -> Wording:
    """ "4 July 2019", for bylines."""
    return _told_as(DAY_YEAR, _date(moment, zone))


def weekday(moment: date, zone: Zone | None = None) -> Wording:
    """ "Thursday 4 July", for dates of this year."""
    return _told_as(WEEKDAY, _date(moment, zone))


def on_weekday(moment: date, zone: Zone | None = None) -> Wording:
    """ "on Thursday 4 July": some languages change the day's name for it."""
    return _told_as(WEEKDAY, _date(moment, zone), ON_DAYS)


def until_weekday(moment: date, zone: Zone | None = None) -> Wording:
    """ "until Thursday 4 July"."""
    return _told_as(WEEKDAY, _date(moment, zone), UNTIL_DAYS)


@lru_cache(maxsize=4096)
def _told_as(form: str, on: date, days: tuple[Wording, ...] = DAYS) -> Wording:
    return _(form, weekday=days[on.weekday()], day=on.day, month=MONTHS[on.month - 1], year=on.year)


def clock(moment: datetime, zone: Zone) -> str:
    """ "16.40"."""
    return _local(moment, zone).strftime("%H.%M")


def hours(start: datetime, end: datetime, zone: Zone) -> Wording:
    """ "10.00 to 12.30"."""
    return _("{start} to {end}", start=clock(start, zone), end=clock(end, zone))


def when(start: datetime, end: datetime, zone: Zone) -> Wording:
    """ "Thursday 4 July 2019, 10.00 to 12.30"; both days are named if they differ."""
    if _date(start, zone) == _date(end, zone):
        return listed([day(start, zone), hours(start, end, zone)], ", ")
    return _("{start} to {end}", start=_minute(start, zone), end=_minute(end, zone))


def _minute(moment: datetime, zone: Zone) -> Wording:
    return listed([day(moment, zone), clock(moment, zone)], ", ")


def zone_words(moment: datetime, zone: Zone) -> str:
    """ "UK time", or "Paris time (UTC+2)" with the offset of that moment."""
    name = str(zone)
    if name in UK:
        return UK_TIME
    offset = _offset(_local(moment, zone).utcoffset() or timedelta())
    area, _slash, city = name.rpartition("/")
    if not area or area == "Etc":
        return offset
    return _("{city} time ({offset})", city=city.replace("_", " "), offset=offset)


def ago_day(moment: datetime, now: datetime, zone: Zone) -> Wording:
    """ "Today, 08.12", "Yesterday, 16.40", "11 June, 16.40"; the year only if it is another one."""
    then, today = _date(moment, zone), _date(now, zone)
    words = {today: TODAY, today - timedelta(days=1): YESTERDAY}.get(then)
    if words is None:
        words = day_short(then) if then.year == today.year else day_year(then)
    return listed([words, clock(moment, zone)], ", ")


def count_words(number: int) -> str:
    """ "no", "one" to "twenty", then digits. A language whose numbers bend with the noun says digits."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else str(number)


def plural(number: int, one: str, many: str = "") -> str:
    """The noun alone, in English: `one` for 1, else `many`, which is `one` with an s if left out."""
    return one if number == 1 else many or f"{one}s"


def reading_minutes(text: str) -> Wording:
    """ "six minutes", at 200 words a minute, never less than one."""
    minutes = max(1, ceil(len(text.split()) / WORDS_A_MINUTE))
    return many("{count} minute", "{count} minutes", minutes, count=count_words(minutes))


def seats_sentence(counts: Mapping[SeatState, int]) -> Wording:
    """ "10 of 16 taken, 1 maybe, 3 to answer, 2 to fill", from the number of seats in each state."""
    taken = counts.get(SeatState.COMING, 0) + counts.get(SeatState.DEPUTY, 0)
    maybe, asked = counts.get(SeatState.MAYBE, 0), counts.get(SeatState.ASKED, 0)
    bare = counts.get(SeatState.DECLINED, 0) + counts.get(SeatState.EMPTY, 0)
    parts = [_("{taken} of {total} taken", taken=taken, total=taken + maybe + asked + bare)]
    parts += [_("{n} maybe", n=maybe)] if maybe else []
    parts += [_("{n} to answer", n=asked)] if asked else []
    parts += [_("{n} to fill", n=bare)] if bare else []
    return listed(parts, ", ")


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
