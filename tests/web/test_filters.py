from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from roundtables.web import filters
from roundtables.web.table import SeatState

LONDON, PARIS = "Europe/London", ZoneInfo("Europe/Paris")
START, END = datetime(2019, 7, 4, 9, 0, tzinfo=UTC), datetime(2019, 7, 4, 11, 30, tzinfo=UTC)
LATE = datetime(2019, 7, 4, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (filters.day(START, LONDON), "Thursday 4 July 2019"),
        (filters.day(LATE, LONDON), "Friday 5 July 2019"),
        (filters.day(date(2019, 6, 14)), "Friday 14 June 2019"),
        (filters.day_short(START, LONDON), "4 July"),
        (filters.day_year(START, LONDON), "4 July 2019"),
        (filters.weekday(START, LONDON), "Thursday 4 July"),
        (filters.clock(START, PARIS), "11.00"),
        (filters.hours(START, END, LONDON), "10.00 to 12.30"),
        (filters.when(START, END, LONDON), "Thursday 4 July 2019, 10.00 to 12.30"),
        (filters.when(START, LATE, LONDON), "Thursday 4 July 2019, 10.00 to Friday 5 July 2019, 00.30"),
    ],
)
def test_dates_and_hours_are_told_in_the_zone_of_the_table(told, words):
    assert told == words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (LONDON, "UK time"),
        (PARIS, "Paris time (UTC+2)"),
        ("America/New_York", "New York time (UTC−4)"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time (UTC−3)"),
        ("Asia/Kathmandu", "Kathmandu time (UTC+5.45)"),
        ("America/St_Johns", "St Johns time (UTC−2.30)"),
        ("Africa/Abidjan", "Abidjan time (UTC)"),
        ("UTC", "UTC"),
        ("Etc/GMT-3", "UTC+3"),
    ],
)
def test_zones_in_words(zone, words):
    assert filters.zone_words(START, zone) == words


def test_a_zone_is_told_as_it_is_on_that_day():
    assert filters.zone_words(datetime(2019, 1, 4, tzinfo=UTC), PARIS) == "Paris time (UTC+1)"


NOW = datetime(2019, 6, 13, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2019, 6, 13, 7, 12, tzinfo=UTC), "Today, 08.12"),
        (datetime(2019, 6, 12, 15, 40, tzinfo=UTC), "Yesterday, 16.40"),
        (datetime(2019, 6, 12, 23, 5, tzinfo=UTC), "Today, 00.05"),
        (datetime(2019, 6, 11, 15, 40, tzinfo=UTC), "11 June, 16.40"),
        (datetime(2018, 6, 11, 15, 40, tzinfo=UTC), "11 June 2018, 16.40"),
    ],
)
def test_recent_days_by_name(moment, words):
    assert filters.ago_day(moment, NOW, LONDON) == words


@pytest.mark.parametrize("tell", [filters.day, filters.day_short, filters.clock, filters.zone_words])
def test_a_time_without_a_zone_is_refused(tell):
    with pytest.raises(ValueError, match="zone"):
        tell(datetime(2019, 7, 4, 10), PARIS)


def test_a_time_needs_to_be_told_where():
    with pytest.raises(ValueError, match="zone"):
        filters.day(START)


@pytest.mark.parametrize(
    ("number", "words"), [(0, "no"), (1, "one"), (12, "twelve"), (20, "twenty"), (21, "21"), (-1, "-1")]
)
def test_numbers_up_to_twenty_are_words(number, words):
    assert filters.count_words(number) == words


@pytest.mark.parametrize(
    ("args", "words"), [((1, "seat"), "seat"), ((0, "seat"), "seats"), ((2, "reply", "replies"), "replies")]
)
def test_plural(args, words):
    assert filters.plural(*args) == words


@pytest.mark.parametrize(
    ("length", "words"), [(0, "one minute"), (200, "one minute"), (201, "two minutes"), (1200, "six minutes")]
)
def test_how_long_a_post_takes_to_read(length, words):
    assert filters.reading_minutes("word " * length) == words


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (
            dict(zip(SeatState, [9, 1, 1, 3, 1, 1], strict=False)),
            "10 of 16 taken, 1 maybe, 3 to answer, 2 to fill",
        ),
        ({SeatState.COMING: 12}, "12 of 12 taken"),
        ({SeatState.EMPTY: 12}, "0 of 12 taken, 12 to fill"),
        ({}, "0 of 0 taken"),
    ],
)
def test_seats_in_a_sentence(counts, sentence):
    assert filters.seats_sentence(counts) == sentence
