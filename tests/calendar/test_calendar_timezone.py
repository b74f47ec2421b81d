"""Our VTIMEZONE against zoneinfo, for every zone there is."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.rrule import rrulestr
from dateutil.tz import tzical
from icalendar import Calendar

from roundtables.calendar.timezone import shared_vtimezone, vtimezone, zone_named

ZONES = sorted(available_timezones())
WITHOUT_TWO_YEARLY_RULES = {
    "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "America/Godthab", "America/Nuuk", "America/Santiago",
    "America/Scoresbysund", "Asia/Gaza", "Asia/Hebron", "Asia/Jerusalem", "Asia/Tel_Aviv", "Chile/Continental",
    "Egypt", "Israel",
}  # fmt: skip


def offset(text: str) -> timedelta:
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:5]), seconds=int(text[5:7] or 0))


def onsets(block: str, until: datetime) -> list[tuple[datetime, timedelta]]:
    """Each onset of an observance as an instant, with the offset it begins. RFC 5545 §3.6.5, read literally."""
    said = dict(line.split(":", 1) for line in block.splitlines())
    start = datetime.strptime(said["DTSTART"], "%Y%m%dT%H%M%S")
    locals_ = rrulestr(said["RRULE"], dtstart=start).between(start, until, inc=True) if "RRULE" in said else [start]
    return [
        ((local - offset(said["TZOFFSETFROM"])).replace(tzinfo=UTC), offset(said["TZOFFSETTO"])) for local in locals_
    ]


def offset_at(changes: list[tuple[datetime, timedelta]], instant: datetime) -> timedelta:
    return max(change for change in changes if change[0] <= instant)[1]


def test_every_zone_has_a_definition_that_keeps_its_clock_or_none():
    year, kinds = 2026, Counter()
    for name in ZONES:
        text = vtimezone(name, year)
        kinds[None if text is None else text.count("RRULE:")] += 1
        if text is None:
            assert name in WITHOUT_TWO_YEARLY_RULES
            continue
        blocks = re.findall(r"BEGIN:(?:STANDARD|DAYLIGHT)\r\n(.*?)END:", text, re.DOTALL)
        changes = [change for block in blocks for change in onsets(block, datetime(year + 2, 1, 1))]
        start = datetime(year, 1, 1, tzinfo=UTC)
        for hours in range(-24, 367 * 24, 24):
            instant = start + timedelta(hours=hours)
            assert offset_at(changes, instant) == instant.astimezone(ZoneInfo(name)).utcoffset(), (name, instant)
        for when, after in changes:
            if when.year in (year - 1, year, year + 1):
                second = timedelta(seconds=1)
                assert when.astimezone(ZoneInfo(name)).utcoffset() == after
                assert len(blocks) == 1 or (when - second).astimezone(ZoneInfo(name)).utcoffset() != after
    assert kinds == {0: 398, 2: 187, None: 14}


@pytest.mark.parametrize(
    "name", ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Auckland"]
)
def test_other_parsers_read_the_same_clock_from_it(name):
    text = vtimezone(name, 2026)
    whole = f"BEGIN:VCALENDAR\r\nPRODID:x\r\nVERSION:2.0\r\n{text}END:VCALENDAR\r\n"
    (ours,) = Calendar.from_ical(whole).walk("VTIMEZONE")
    readers = [ours.to_tz(lookup_tzid=False), tzical(StringIO(whole.replace("\r\n", "\n"))).get(name)]
    for day in range(365):
        noon = datetime(2026, 1, 1, 12) + timedelta(days=day)
        expected = noon.replace(tzinfo=ZoneInfo(name)).utcoffset()
        assert [noon.replace(tzinfo=reader).utcoffset() for reader in readers] == [expected, expected], noon


def test_london_in_2026_as_every_client_knows_it():
    assert vtimezone("Europe/London", 2026) == (
        "BEGIN:VTIMEZONE\r\nTZID:Europe/London\r\n"
        "BEGIN:DAYLIGHT\r\nDTSTART:20250330T010000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"
        "TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100\r\nTZNAME:BST\r\nEND:DAYLIGHT\r\n"
        "BEGIN:STANDARD\r\nDTSTART:20251026T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"
        "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0000\r\nTZNAME:GMT\r\nEND:STANDARD\r\n"
        "END:VTIMEZONE\r\n"
    )


def test_a_zone_without_summer_time_has_one_standard_block():
    assert vtimezone("Asia/Kathmandu", 2026) == (
        "BEGIN:VTIMEZONE\r\nTZID:Asia/Kathmandu\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "TZOFFSETFROM:+0545\r\nTZOFFSETTO:+0545\r\nTZNAME:+0545\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )


@pytest.mark.parametrize(
    ("zone", "year"),
    [
        ("America/Santiago", 2026),  # first Sunday of April for now, but the law says Sunday after the 1st
        ("Europe/Volgograd", 2020),  # changed for good at the end of that year
        ("Africa/Casablanca", 2026),
        ("Nowhere/Land", 2026),
        ("../../etc/passwd", 2026),
        ("Europe/London\r\nX-A:1", 2026),
        ("", 2026),
        ("Europe/London", 1),
        ("Europe/London", 9999),
    ],
)
def test_where_no_rule_is_safe_there_is_none(zone, year):
    assert vtimezone(zone, year) is None


def test_one_definition_serves_several_years_while_the_rules_stay():
    assert shared_vtimezone("Europe/London", [2028, 2026, 2027]) == vtimezone("Europe/London", 2026)
    assert shared_vtimezone("America/New_York", [2000, 2026]) is None
    assert shared_vtimezone("Asia/Jerusalem", [2026]) is None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Europe/London", "Europe/London"),
        ('"Europe/London"', "Europe/London"),
        ("GMT Standard Time", "Europe/London"),
        ("w. europe standard time", "Europe/Berlin"),
        ("UTC", "UTC"),
        ("Coordinated Universal Time", "UTC"),
        ("/mozilla.org/20050126_1/Europe/London", "Europe/London"),
        ("/freeassociation.sourceforge.net/America/Argentina/Salta", "America/Argentina/Salta"),
    ],
)
def test_a_zone_is_known_by_its_many_names(name, key):
    assert zone_named(name) == ZoneInfo(key)


@pytest.mark.parametrize(
    "name", ["", "Customized Time Zone", "(GMT+01.00) Sarajevo/Zagreb", "/", "\0", "Europe", "x" * 999]
)
def test_a_name_that_is_no_zone_is_none(name):
    assert zone_named(name) is None
