"""What we send: one event, one attendee, whatever a title or a name holds."""

import json
import re
import subprocess
import time
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from roundtables.calendar.itip import Entry, PartStat, cancel, decline_counter, read, request
from tests.journeys.mails import ICAL_JS, needs_node

ENTRY = Entry(
    uid="4f6c1f0e-3b0a-4c57-9d55-0a6b8f7e2d11",
    sequence=2,
    stamp=datetime(2026, 11, 20, 10, 15, tzinfo=UTC),
    starts_at=datetime(2026, 12, 1, 10, tzinfo=UTC),
    ends_at=datetime(2026, 12, 1, 11, 30, tzinfo=UTC),
    time_zone="Europe/London",
    summary="Housing and health",
    description="Three questions;\none lunch",
    location="14 Park Row, Leeds",
    url="https://rt.example/i/abc",
    organiser_name="Housing Forum",
    organiser_address="r+tj4k2q@rsvp.rt.example",
    attendee_name="Jo Bloggs",
    attendee_address="jo@example.org",
)
EVENT = """\
BEGIN:VEVENT
UID:4f6c1f0e-3b0a-4c57-9d55-0a6b8f7e2d11
SEQUENCE:2
DTSTAMP:20261120T101500Z
DTSTART;TZID=Europe/London:20261201T100000
DTEND;TZID=Europe/London:20261201T113000
SUMMARY:Housing and health
LOCATION:14 Park Row\\, Leeds
DESCRIPTION:Three questions\\;\\none lunch
URL:https://rt.example/i/abc
STATUS:CONFIRMED
TRANSP:OPAQUE
ORGANIZER;CN="Housing Forum":mailto:r+tj4k2q@rsvp.rt.example
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=
 TRUE;CN="Jo Bloggs":mailto:jo@example.org
X-MICROSOFT-DISALLOW-COUNTER:FALSE
END:VEVENT
"""


def event_in(data: bytes) -> str:
    return re.search("BEGIN:VEVENT.*END:VEVENT\n", data.decode().replace("\r\n", "\n"), re.DOTALL)[0]


def parsed(data: bytes):
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert event.errors == []
    return event


def test_an_invitation_holds_what_clients_need_to_show_their_buttons():
    data = request(ENTRY)
    assert data.startswith(
        b"BEGIN:VCALENDAR\r\nPRODID:-//Roundtables//Roundtables//EN\r\nVERSION:2.0\r\nCALSCALE:GREGORIAN\r\n"
        b"METHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/London\r\n"
    )
    assert event_in(data) == EVENT
    assert data.endswith(b"END:VCALENDAR\r\n")


def test_an_update_repeats_the_answer_we_hold():
    event = parsed(request(replace(ENTRY, partstat=PartStat.ACCEPTED, rsvp=False, allow_counter=False)))
    assert (event["ATTENDEE"].params["PARTSTAT"], event["ATTENDEE"].params["RSVP"]) == ("ACCEPTED", "FALSE")
    assert event["X-MICROSOFT-DISALLOW-COUNTER"] == "TRUE"


@pytest.mark.parametrize(("whole", "status"), [(True, "CANCELLED"), (False, None)])
def test_only_the_cancellation_of_the_whole_says_cancelled(whole, status):
    data = cancel(ENTRY, whole=whole)
    event = parsed(data)
    assert b"\r\nMETHOD:CANCEL\r\n" in data
    assert event.get("STATUS") == status
    assert (event["SUMMARY"], event["SEQUENCE"], event.start) == ("Housing and health", 2, ENTRY.starts_at)
    assert "RSVP" not in event["ATTENDEE"].params


NO_TO_A_PROPOSAL = """\
BEGIN:VEVENT
UID:4f6c1f0e-3b0a-4c57-9d55-0a6b8f7e2d11
SEQUENCE:2
DTSTAMP:20261120T101500Z
DTSTART;TZID=Europe/London:20261201T100000
DTEND;TZID=Europe/London:20261201T113000
SUMMARY:Housing and health
ORGANIZER;CN="Housing Forum":mailto:r+tj4k2q@rsvp.rt.example
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=TENTATIVE;CN="Jo B
 loggs":mailto:jo@example.org
END:VEVENT
"""


def test_the_no_to_a_proposal_holds_what_stands_and_nothing_that_could_be_taken_for_news():
    data = decline_counter(replace(ENTRY, partstat=PartStat.TENTATIVE))
    assert b"\r\nMETHOD:DECLINECOUNTER\r\n" in data
    assert event_in(data) == NO_TO_A_PROPOSAL


@pytest.mark.parametrize(("method", "make"), [("REQUEST", request), ("CANCEL", lambda e: cancel(e, whole=False))])
def test_a_deputys_line_says_for_whom_they_come(method, make):
    data = make(replace(ENTRY, delegated_from="Ana@Example.net"))
    person = parsed(data)["ATTENDEE"]
    assert (method.encode() in data, str(person.params["DELEGATED-FROM"])) == (True, "mailto:ana@example.net")
    [found] = read(data)
    assert (found.attendee, found.delegated_from) == ("jo@example.org", ("ana@example.net",))


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ("rt@rt.example", "rt@rt.example"),
        ("", None),
        ("not an address", None),
        (ENTRY.organiser_address.upper(), None),
    ],
)
def test_the_organiser_is_also_named_by_an_address_people_know(known, shown):
    data = request(replace(ENTRY, organiser_email=known))
    assert parsed(data)["ORGANIZER"].params.get("EMAIL") == shown
    assert str(parsed(data)["ORGANIZER"]) == "mailto:r+tj4k2q@rsvp.rt.example"


IN_ANOTHER_READER = """
const { default: ICAL } = await import(process.argv[1] + "/dist/ical.js");
const { readFileSync } = await import("node:fs");
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const [event, ...more] = calendar.getAllSubcomponents("vevent");
const [who, ...others] = event.getAllProperties("attendee");
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
console.log(JSON.stringify([
  calendar.getFirstPropertyValue("method"), more.length, others.length, who.getFirstValue(),
  who.getParameter("partstat"), who.getParameter("delegated-from") || "", who.getParameter("cn"),
  event.getFirstProperty("organizer").getFirstValue(), event.getFirstProperty("organizer").getParameter("email") || "",
  event.getFirstPropertyValue("sequence"), new ICAL.Event(event).startDate.toJSDate().toISOString(),
]));
"""


@pytest.mark.parametrize(("method", "make"), [("REQUEST", request), ("DECLINECOUNTER", decline_counter)])
def test_the_calendar_of_thunderbird_reads_what_was_meant(method, make):
    needs_node()
    entry = replace(ENTRY, delegated_from="ana@example.net", organiser_email="rt@rt.example", attendee_name='Jo "J" B')
    told = subprocess.run(
        ["node", "--input-type=module", "-e", IN_ANOTHER_READER, str(ICAL_JS)],
        input=make(entry),
        capture_output=True,
        check=True,
    )
    assert json.loads(told.stdout) == [
        *(method, 0, 0, "mailto:jo@example.org", "NEEDS-ACTION", "mailto:ana@example.net", 'Jo "J" B'),
        *("mailto:r+tj4k2q@rsvp.rt.example", "rt@rt.example", 2, "2026-12-01T10:00:00.000Z"),
    ]


@pytest.mark.parametrize(
    ("starts_at", "zone", "line"),
    [
        (datetime(2026, 7, 1, 9, tzinfo=UTC), "Europe/London", "DTSTART;TZID=Europe/London:20260701T100000"),
        (datetime(2026, 7, 1, 9, tzinfo=timezone(timedelta(hours=2))), "UTC", "DTSTART:20260701T070000Z"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "Asia/Tokyo", "DTSTART;TZID=Asia/Tokyo:20270101T083000"),
        (datetime(2026, 7, 1, 9, tzinfo=UTC), "Asia/Jerusalem", "DTSTART:20260701T090000Z"),
        (datetime(2026, 7, 1, 9, tzinfo=UTC), "Nowhere/Land", "DTSTART:20260701T090000Z"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/London", "DTSTART:20261025T003000Z"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/London", "DTSTART:20261025T013000Z"),
    ],
)
def test_times_stand_on_the_local_clock_where_that_says_which_instant(starts_at, zone, line):
    data = request(replace(ENTRY, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3), time_zone=zone))
    assert line in event_in(data).split("\n")
    assert (b"BEGIN:VTIMEZONE" in data) == (b"TZID=" in data)
    assert parsed(data).start == starts_at
    assert read(data)[0].starts_at == starts_at


@pytest.mark.parametrize(
    "changed",
    [
        {"attendee_address": "jo@example.org\r\nX-A:1"},
        {"attendee_address": "jo@example.org,eve@example.net"},
        {"attendee_address": ""},
        {"organiser_address": "nobody"},
        {"ends_at": ENTRY.starts_at},
        {"starts_at": datetime(2026, 12, 1, 10)},
        {"stamp": datetime(2026, 12, 1, 10)},
        {"description": "x" * 70_000},
        {"sequence": -1},
        {"uid": ""},
    ],
)
def test_what_would_not_be_read_back_is_not_sent(changed):
    with pytest.raises(ValueError):  # noqa: PT011 the reasons are for the log
        request(replace(ENTRY, **changed))


HOSTILE = [
    ("Lunch\r\nEND:VEVENT\r\nBEGIN:VEVENT", "Lunch END:VEVENT BEGIN:VEVENT"),
    ("a\u2028b\u2029c\x85d\x0be", "a b c d e"),
    ("\x00a\x1b[31m\x7f\x9fb", "a[31mb"),
    ("evil\u202egnp.exe\u2066", "evilgnp.exe"),
    ("C:\\New\\nothing; a, b", "C:\\New\\nothing; a, b"),
    ("\ud800lone", "lone"),
    ("שלום", "שלום"),
]


@pytest.mark.parametrize(("text", "kept"), HOSTILE)
def test_a_hostile_title_stays_a_title(text, kept):
    data = request(replace(ENTRY, summary=text, location=text, description=text))
    (found,) = read(data)
    assert (found.summary, found.location) == (kept, kept)
    assert "\nX-" not in event_in(data).replace("\nX-MICROSOFT-DISALLOW-COUNTER", "")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ('Jo "The Voice" Bloggs', 'Jo "The Voice" Bloggs'),
        ("Bloggs, Jo; MP: Leeds", "Bloggs, Jo; MP: Leeds"),
        ('Jo":mailto:eve@example.net', 'Jo":mailto:eve@example.net'),
        ("Jo ^n ^' ^^", "Jo ^n ^' ^^"),
        ("Jo\r\nATTENDEE:mailto:eve@example.net", "Jo ATTENDEE:mailto:eve@example.net"),
        ("LEEDS\\jo", "LEEDS/jo"),  # readers disagree on a backslash in a parameter
        ("\u202e\u2028", ""),
    ],
)
def test_a_hostile_name_stays_a_name(name, kept):
    data = request(replace(ENTRY, attendee_name=name, organiser_name=name))
    people = [parsed(data)["ATTENDEE"], parsed(data)["ORGANIZER"]]
    assert [person.params.get("CN", "") for person in people] == [kept, kept or "Roundtables"]
    assert read(data)[0].attendee_name == kept


@pytest.mark.parametrize("start", range(8))
def test_no_fold_parts_an_escape_or_a_character(start):
    data = request(replace(ENTRY, summary="x" * start + ",;\\é👋" * 40, attendee_name="x" * start + '^"é' * 40))
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    for line in data.decode().split("\r\n"):
        assert (len(line) - len(line.rstrip("\\"))) % 2 == 0
        assert (len(line) - len(line.rstrip("^"))) % 2 == 0
    assert parsed(data)["SUMMARY"] == "x" * start + ",;\\é👋" * 40


def visible(text: str) -> str:
    """`text` without controls and formatting, by Unicode category: slower than our own list, and another way."""
    spaced = re.sub("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+", " ", text)
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c in "\u200c\u200d\u00ad")


WORDS = st.text(alphabet=st.characters(exclude_categories=["Cf"]), max_size=200) | st.text(
    alphabet="\\;,:\"^nN'\n\r\t =é\u2028\u202e€👋BEGINVT", max_size=200
)
USUAL = set(parsed(request(ENTRY)))


@settings(max_examples=150, deadline=None)
@given(summary=WORDS, name=WORDS, description=WORDS)
def test_any_text_survives_and_adds_no_property(summary, name, description):
    data = request(
        replace(
            ENTRY, summary=summary, location=summary, attendee_name=name, organiser_name=name, description=description
        )
    )
    event = parsed(data)
    assert set(event) <= USUAL
    assert str(event["SUMMARY"]) == visible(summary).strip()
    assert event["ATTENDEE"].params.get("CN", "") == visible(name).replace("\\", "/").strip()
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert set(b"\r\n").isdisjoint(data.replace(b"\r\n", b""))
    assert [line.decode() for line in data.split(b"\r\n")]  # no fold inside a character
    assert (data.count(b"\r\nBEGIN:VEVENT\r\n"), data.count(b"\r\nATTENDEE;")) == (1, 1)


def test_building_and_reading_are_quick_enough():
    request(ENTRY)
    reply = request(ENTRY).replace(b"METHOD:REQUEST", b"METHOD:REPLY")
    started = time.process_time()
    for _ in range(100):
        request(ENTRY)
    built = time.process_time()
    for _ in range(100):
        read(reply)
    assert (built - started) / 100 < 0.01  # some 0.5 ms on an idle core
    assert (time.process_time() - built) / 100 < 0.005  # some 0.2 ms
