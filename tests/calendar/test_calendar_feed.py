from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from roundtables.calendar.ics import PublicEntry, feed

ENTRY = PublicEntry(
    uid="9a1d6f0e-3b0a-4c57-9d55-0a6b8f7e2d22",
    starts_at=datetime(2026, 12, 1, 10, tzinfo=UTC),
    ends_at=datetime(2026, 12, 1, 11, 30, tzinfo=UTC),
    time_zone="Europe/London",
    summary="Housing and health",
    description="What would it take?",
    url="https://rt.example/discussions/housing",
    stamp=datetime(2026, 11, 20, 10, 15, tzinfo=UTC),
    sequence=1,
)


def test_a_feed_lists_discussions_and_nobody():
    data = feed("Discussions, all", [ENTRY])
    head, _, rest = data.partition(b"BEGIN:VTIMEZONE")
    assert head.decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "PRODID:-//Roundtables//Roundtables//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "NAME:Discussions\\, all",
        "X-WR-CALNAME:Discussions\\, all",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        "X-PUBLISHED-TTL:PT12H",
        "",
    ]
    assert rest[rest.index(b"BEGIN:VEVENT") :].decode().split("\r\n") == [
        "BEGIN:VEVENT",
        "UID:9a1d6f0e-3b0a-4c57-9d55-0a6b8f7e2d22",
        "SEQUENCE:1",
        "DTSTAMP:20261120T101500Z",
        "DTSTART;TZID=Europe/London:20261201T100000",
        "DTEND;TZID=Europe/London:20261201T113000",
        "SUMMARY:Housing and health",
        "DESCRIPTION:What would it take?",
        "URL:https://rt.example/discussions/housing",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    assert b"mailto" not in data
    assert b"METHOD" not in data


def test_each_zone_is_defined_once_and_odd_ones_go_out_in_utc():
    entries = [
        ENTRY,
        replace(
            ENTRY, uid="2", starts_at=datetime(2027, 7, 1, 9, tzinfo=UTC), ends_at=datetime(2027, 7, 1, 10, tzinfo=UTC)
        ),
        replace(ENTRY, uid="3", time_zone="Asia/Tokyo"),
        replace(ENTRY, uid="4", time_zone="Asia/Jerusalem"),
        replace(ENTRY, uid="5", time_zone="UTC"),
        replace(ENTRY, uid="6", time_zone="Nowhere/Land"),
        replace(ENTRY, uid="7", starts_at=datetime(2026, 10, 25, 1, 15, tzinfo=UTC)),
    ]
    calendar = Calendar.from_ical(feed("All", entries))
    assert sorted(zone["TZID"] for zone in calendar.walk("VTIMEZONE")) == ["Asia/Tokyo", "Europe/London"]
    assert [event.start for event in calendar.walk("VEVENT")] == [entry.starts_at for entry in entries]
    named = [event["DTSTART"].params.get("TZID", "UTC") for event in calendar.walk("VEVENT")]
    assert named == ["Europe/London", "Europe/London", "Asia/Tokyo", "UTC", "UTC", "UTC", "UTC"]


def test_an_empty_feed_is_a_calendar():
    assert Calendar.from_ical(feed("", [])).walk("VEVENT") == []


def test_a_hostile_title_adds_no_event():
    title = "x\nEND:VEVENT\nBEGIN:VEVENT\nATTENDEE:mailto:eve@example.net"
    data = feed(
        title, [replace(ENTRY, summary=title, description=title, url="https://rt.example/\r\nX-A:1", uid=title)]
    )
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert "ATTENDEE" not in event
    assert event["URL"] == "https://rt.example/%20X-A:1"
    assert event["SUMMARY"] == "x END:VEVENT BEGIN:VEVENT ATTENDEE:mailto:eve@example.net"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="need a zone"):
        feed("All", [replace(ENTRY, ends_at=datetime(2026, 12, 1, 12) + timedelta(hours=1))])
