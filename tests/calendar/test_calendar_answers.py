"""What other calendars send us, read back. The objects are written by us after what each client is known to do."""

import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from icalendar import Calendar

from roundtables.calendar.itip import CalendarAnswer, PartStat, read
from roundtables.errors import Unreadable

OBJECTS = Path(__file__).parent / "objects"
UID = "4f6c1f0e-3b0a-4c57-9d55-0a6b8f7e2d11"
TEN = datetime(2026, 12, 1, 10, tzinfo=UTC)
HALF_PAST_ELEVEN = datetime(2026, 12, 1, 11, 30, tzinfo=UTC)
STAMP = datetime(2026, 11, 23, 9, 5, 12, tzinfo=UTC)
JO = "jo@example.org"


def golden(name: str) -> bytes:
    return (OBJECTS / f"{name}.ics").read_bytes().replace(b"\n", b"\r\n")


def answer(**changed) -> CalendarAnswer:
    usual = {
        "method": "REPLY",
        "uid": UID,
        "sequence": 2,
        "stamp": STAMP,
        "starts_at": TEN,
        "ends_at": HALF_PAST_ELEVEN,
        "partstat": PartStat.ACCEPTED,
        "attendee": JO,
        "attendee_name": "Jo Bloggs",
        "sent_by": "",
        "delegated_to": (),
        "delegated_from": (),
        "comment": "",
        "request_status": "",
        "summary": "Housing and health",
        "notes": (),
    } | changed
    usual.setdefault("attendees", ((usual["attendee"], usual["partstat"]),))
    return CalendarAnswer(**usual)


def bare(**changed) -> CalendarAnswer:
    return answer(**{"starts_at": None, "ends_at": None, "summary": "", "attendee_name": "", **changed})


GOOGLE_STAMP = datetime(2026, 11, 23, 8, 45, 1, tzinfo=UTC)
READINGS = {
    "google-accepted": answer(stamp=GOOGLE_STAMP),
    "google-tentative-with-note": answer(
        stamp=GOOGLE_STAMP, sequence=1, partstat=PartStat.TENTATIVE, comment="Can't promise, may be late"
    ),
    "google-counter": answer(
        method="COUNTER",
        stamp=GOOGLE_STAMP,
        partstat=PartStat.TENTATIVE,
        attendee_name="jo@example.org",
        comment="The day after?",
        starts_at=datetime(2026, 12, 2, 14, tzinfo=UTC),
        ends_at=datetime(2026, 12, 2, 15, 30, tzinfo=UTC),
    ),
    "exchange-declined": answer(
        partstat=PartStat.DECLINED,
        summary="Declined: Housing and health",
        comment="I am away that week, sorry.\nDo ask me again.",
    ),
    "outlook-com-no-stamp": answer(stamp=None, summary="Accepted: Housing and health"),
    "exchange-room-without-attendee": answer(
        partstat=None,
        attendee="",
        attendee_name="",
        attendees=(),
        summary="Accepted: Housing and health",
        request_status="2.0;Success",
    ),
    "outlook-connector-tabs": answer(attendee_name="", summary="Accepted: Housing and health", location="Leeds"),
    "outlook-counter": answer(
        method="COUNTER",
        partstat=PartStat.TENTATIVE,
        summary="New Time Proposed: Housing and health",
        comment="Train strike",
        starts_at=datetime(2026, 12, 1, 14, tzinfo=UTC),
        ends_at=datetime(2026, 12, 1, 15, 30, tzinfo=UTC),
        location="Leeds",
    ),
    "exchange-2003-odd-zone": answer(starts_at=None, ends_at=None, summary="Accepted: Housing and health"),
    "apple-mail": answer(comment="Looking forward to it"),
    "thunderbird-accepted": answer(comment="I can stay for lunch; but only then."),
    "kde-tentative": answer(partstat=PartStat.TENTATIVE, attendee="jo+rt@example.org"),
    "kde-coded-equals": answer(
        method="COUNTER",
        starts_at=datetime(2026, 12, 1, 14, tzinfo=UTC),
        ends_at=None,
        notes=("undid quoted-printable left in an ATTENDEE line",),
    ),
    "kde-delegated": bare(
        attendee_name="Jo Bloggs",
        partstat=PartStat.DELEGATED,
        delegated_to=("sam@example.org",),
        delegate_name="Sam Okafor",
        attendees=((JO, PartStat.DELEGATED), ("sam@example.org", PartStat.NEEDS_ACTION)),
        notes=("took the one of 2 attendees who answers",),
    ),
    "nextcloud-accepted": answer(request_status="2.0;Success"),
    "notes-broken-fold": answer(
        attendee_name="Jo Bloggs/Policy/Org", notes=("joined a line that was broken without a fold",)
    ),
    "zimbra-declined": answer(
        partstat=PartStat.DECLINED,
        sent_by="pa@example.org",
        summary="Decline: Housing and health",
        comment="Jo is travelling\nPlease send the papers",
        ends_at=None,
    ),
    "proton-accepted": answer(attendee="jo.bloggs@proton.example", attendee_name="", comment="See you there 👋"),
    "horde-no-timezone": answer(partstat=PartStat.DECLINED, comment="No time"),
    "assistant-unquoted-colon": bare(
        sent_by="pa@example.org",
        notes=("an ATTENDEE line lacks its quotes; took the last address in it",),
    ),
    "script-request-edited": answer(method="REQUEST", stamp=datetime(2026, 11, 20, 10, 15, tzinfo=UTC)),
    "yahoo-odd-words": answer(
        sequence=None,
        partstat=None,
        attendee_name="Jo",
        ends_at=None,
        notes=('the answer "DELETED" is none we know', 'SEQUENCE is "two", not a number from 0'),
    ),
    "group-member": bare(attendee="kim@example.org", attendee_name="Kim", member_of=("policy-team@example.org",)),
    "two-people-answer": bare(
        partstat=None,
        attendee="",
        attendees=(("ana@example.net", PartStat.ACCEPTED), (JO, PartStat.DECLINED)),
        notes=("2 of 2 attendees answer",),
    ),
    "refresh": bare(method="REFRESH", sequence=None, partstat=PartStat.NEEDS_ACTION),
}


def test_every_golden_object_has_its_reading():
    assert set(READINGS) == {path.stem for path in OBJECTS.glob("*.ics")}


@pytest.mark.parametrize("name", READINGS)
def test_what_a_client_sends_is_read(name):
    assert read(golden(name)) == [READINGS[name]]


ON_THE_WAY = {
    "bare line feeds": lambda data: data.replace(b"\r\n", b"\n"),
    "bare carriage returns": lambda data: data.replace(b"\r\n", b"\r"),
    "doubled carriage returns": lambda data: data.replace(b"\r\n", b"\r\r\n"),
    "a blank line after each": lambda data: re.sub(rb"\r\n(?![ \t])", b"\r\n\r\n", data),
    "a byte-order mark": lambda data: b"\xef\xbb\xbf" + data,
    "UTF-16 as Windows writes it": lambda data: data.decode().encode("utf-16"),
    "UTF-16 without its mark": lambda data: data.decode().encode("utf-16-le"),
    "UTF-16, big end first, without its mark": lambda data: data.decode().encode("utf-16-be"),
    "lines folded with tabs": lambda data: data.replace(b"\r\n ", b"\r\n\t"),
}


@pytest.mark.parametrize("way", ON_THE_WAY)
@pytest.mark.parametrize("name", READINGS)
def test_the_way_it_travelled_changes_nothing(name, way):
    assert read(ON_THE_WAY[way](golden(name))) == [READINGS[name]]


@pytest.mark.filterwarnings("ignore::icalendar.error.GloballyUniqueTZIDGuessed")
@pytest.mark.parametrize(
    "name", sorted(set(READINGS) - {"assistant-unquoted-colon", "kde-coded-equals", "notes-broken-fold"})
)
def test_a_full_parser_finds_the_same_answer_in_what_it_can_read(name):
    (event,) = Calendar.from_ical(golden(name)).walk("VEVENT")
    people = event.get("ATTENDEE", [])
    people = people if isinstance(people, list) else [people]
    (found,) = read(golden(name))
    assert found.uid == str(event["UID"])
    assert found.summary == str(event.get("SUMMARY", ""))
    said = [person.params.get("PARTSTAT", "NEEDS-ACTION").upper() for person in people]
    assert [partstat or "DELETED" for _, partstat in found.attendees] == said


def event(*lines: str, head: str = "METHOD:REPLY\r\n") -> bytes:
    body = "".join(f"{line}\r\n" for line in lines)
    return f"BEGIN:VCALENDAR\r\n{head}BEGIN:VEVENT\r\n{body}END:VEVENT\r\nEND:VCALENDAR\r\n".encode()


def one(*lines: str) -> CalendarAnswer:
    (found,) = read(event(*lines))
    return found


ATTENDEE_LINES = [
    ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:jo@example.org", JO, "", PartStat.ACCEPTED),
    ("attendee;partstat=accepted:MAILTO:JO@Example.ORG", JO, "", PartStat.ACCEPTED),
    ("ATTENDEE;PARTSTAT=ACCEPTED:jo@example.org", JO, "", PartStat.ACCEPTED),
    ('ATTENDEE;PARTSTAT="ACCEPTED":"mailto:jo@example.org"', JO, "", PartStat.ACCEPTED),
    ("ATTENDEE ; PARTSTAT = ACCEPTED : mailto:jo@example.org", JO, "", PartStat.ACCEPTED),
    ("ATTENDEE;X-FOO;PARTSTAT=ACCEPTED;:mailto:jo@example.org", JO, "", PartStat.ACCEPTED),
    ("ATTENDEE;CN=;PARTSTAT=ACCEPTED:mailto:jo@example.org", JO, "", PartStat.ACCEPTED),
    ("ATTENDEE;CN=Bloggs: Jo;PARTSTAT=ACCEPTED:mailto:jo@example.org", JO, "Bloggs: Jo", PartStat.ACCEPTED),
    ("ATTENDEE;CN=Bloggs: Jo;PARTSTAT=ACCEPTED:jo@example.org", JO, "Bloggs: Jo", PartStat.ACCEPTED),
    ('ATTENDEE;CN="Jo;PARTSTAT=ACCEPTED:mailto:jo@example.org', JO, "Jo", PartStat.ACCEPTED),
    ('ATTENDEE;CN="Jo "J" B";PARTSTAT=ACCEPTED:mailto:jo@example.org', JO, "Jo J B", PartStat.ACCEPTED),
    ("ATTENDEE;CN=\"Jo ^'J^' B^^\":mailto:jo@example.org", JO, 'Jo "J" B^', PartStat.NEEDS_ACTION),
    ('ATTENDEE;CN="Jo\u202e\u2028B\x00":mailto:jo@example.org', JO, "Jo B", PartStat.NEEDS_ACTION),
    ('ATTENDEE;CN="x;PARTSTAT=DECLINED:mailto:eve@example.net";PARTSTAT=ACCEPTED:mailto:jo@example.org', JO,
     "x;PARTSTAT=DECLINED:mailto:eve@example.net", PartStat.ACCEPTED),
    ("ATTENDEE;PARTSTAT=ACCEPTED;PARTSTAT=DECLINED:mailto:jo@example.org", JO, "", None),
    ("ATTENDEE;PARTSTAT=ACCEPTED;PARTSTAT=accepted:mailto:jo@example.org", JO, "", PartStat.ACCEPTED),
    ("ATTENDEE;PARTSTAT=COMPLETED:mailto:jo@example.org", JO, "", None),
    ("ATTENDEE;PARTSTAT=X-HIGHLY-LIKELY:mailto:jo@example.org", JO, "", None),
    ("ATTENDEE;PARTSTAT=ACCEPTED;EMAIL=jo@example.org:urn:uuid:4f6c1f0e", JO, "", PartStat.ACCEPTED),
    ("ATTENDEE;PARTSTAT=ACCEPTED:invalid:nomail", "", "", PartStat.ACCEPTED),
    ("ATTENDEE;PARTSTAT=3DACCEPTED:mailto:jo@example.org", JO, "", PartStat.ACCEPTED),
    ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:mailto:jo@example.org", JO, "", PartStat.ACCEPTED),
    ("ATTENDEE;RSVP=TRUE;CN=3D Studio:mailto:jo@example.org", JO, "3D Studio", PartStat.NEEDS_ACTION),
    ("ATTENDEE:", "", "", PartStat.NEEDS_ACTION),
]  # fmt: skip


@pytest.mark.parametrize(("line", "address", "name", "partstat"), ATTENDEE_LINES)
def test_an_attendee_line_is_read_however_it_is_quoted(line, address, name, partstat):
    found = one("UID:1", line)
    assert (found.attendee, found.attendee_name, found.partstat) == (address, name, partstat)


def test_an_object_left_in_quoted_printable_is_decoded():
    coded = (
        b"BEGIN:VCALENDAR=0D=0AMETHOD:REPLY=0D=0ABEGIN:VEVENT=0D=0AUID:1=0D=0AATTENDEE;CN=3DJ=\r\n"
        b"o;PARTSTAT=3DACCEPTED:mailto:jo@example.org=0D=0ASUMMARY:Caf=C3=A9=0D=0AEND:VEVENT=0D=0AEND:VCALENDAR=0D=0A"
    )
    (found,) = read(coded)
    assert (found.attendee, found.attendee_name, found.partstat) == (JO, "Jo", PartStat.ACCEPTED)
    assert found.summary == "Café"
    assert found.notes == ("undid quoted-printable left in the object",)


@pytest.mark.parametrize(
    ("lines", "sequence"),
    [
        (["SEQUENCE:0"], 0),
        (["SEQUENCE: 3 "], 3),
        (["SEQUENCE:-1"], None),
        (["SEQUENCE:two", "X-MICROSOFT-CDO-APPT-SEQUENCE:4"], 4),
        (["X-MICROSOFT-CDO-APPT-SEQUENCE:4"], 4),
        (["SEQUENCE:2147483648"], 2147483648),
        (["SEQUENCE:" + "9" * 5000], None),
        (["SEQUENCE:٣"], None),
        ([], None),
    ],
)
def test_the_sequence_is_a_number_from_0_or_missing(lines, sequence):
    assert one("UID:1", *lines).sequence == sequence


@pytest.mark.parametrize(
    ("line", "instant"),
    [
        ("DTSTART:20261201T100000Z", TEN),
        ("DTSTART:20261201t100000z", TEN),
        ("DTSTART;TZID=Europe/Paris:20261201T110000", TEN),
        ('DTSTART;TZID="W. Europe Standard Time":20261201T110000', TEN),
        ("DTSTART;TZID=tzone://Microsoft/Utc:20261201T100000", TEN),
        ("DTSTART;TZID=/citadel.org/20210210_1/America/Argentina/Salta:20261201T070000", TEN),
        ("DTSTART;TZID=Customized Time Zone:20261201T100000", None),
        ("DTSTART;TZID=../../etc/passwd:20261201T100000", None),
        ("DTSTART;TZID=Europe:20261201T100000", None),
        (f"DTSTART;TZID={'A' * 400}:20261201T100000", None),
        ("DTSTART;TZID=:20261201T100000", None),
        ("DTSTART:20261201T100000", None),
        ("DTSTART;VALUE=DATE:20261201", None),
        ("DTSTART:20260230T100000Z", None),
        ("DTSTART:00000101T000000Z", None),
        ("DTSTART;TZID=Asia/Tokyo:00010101T000000", None),
        ("DTSTART;TZID=America/New_York:99991231T235959", None),
        ("DTSTART:", None),
        ("DTSTART:٢٠٢٦1201T100000Z", None),
    ],
)
def test_a_time_is_an_instant_or_nothing(line, instant):
    assert one("UID:1", line).starts_at == instant


@pytest.mark.parametrize(
    ("lines", "comment"),
    [
        (["COMMENT:\\n"], ""),
        (["COMMENT:a\\\\nb"], "a\\nb"),
        (["COMMENT:a\\Nb\\, c\\; d\\e"], "a\nb, c; d\\e"),
        (["COMMENT:Sorry", "I cannot come", "that day"], "Sorry\nI cannot come\nthat day"),
        (["COMMENT:" + "long words " * 8, "and more"], ("long words " * 8) + "and more"),
        (["COMMENT:See", "https://example.org/a"], "See\nhttps://example.org/a"),
        (["COMMENT:same", "COMMENT:same"], "same"),
        (["COMMENT:END:VEVENT\\nBEGIN:VEVENT\x00\u2028x"], "END:VEVENT\nBEGIN:VEVENT\nx"),
        (['ATTENDEE;X-RESPONSE-COMMENT="&lt;b&gt;hi&#0;&#8238;":mailto:jo@example.org'], "<b>hi\ufffd"),
        (["COMMENT:from me", 'ATTENDEE;X-RESPONSE-COMMENT="other":mailto:jo@example.org'], "from me"),
    ],
)
def test_a_comment_is_what_the_attendee_wrote(lines, comment):
    assert one("UID:1", *lines).comment == comment


def test_a_long_comment_is_cut_and_the_cut_is_told():
    found = one("UID:1", "COMMENT:" + "x" * 5000)
    assert len(found.comment) == 4096
    assert found.notes == ("cut a comment to 4096 characters",)


DELEGATED = "ATTENDEE;PARTSTAT=DELEGATED"
SAM = "mailto:sam@example.org"


@pytest.mark.parametrize(
    ("lines", "to"),
    [
        ([f'{DELEGATED};DELEGATED-TO="mailto:sam@example.org":mailto:jo@example.org'], "sam"),
        ([f"{DELEGATED};DELEGATED-TO=sam@example.org:mailto:jo@example.org"], "sam"),
        (["ATTENDEE;DELEGATED-TO=mailto:sam@example.org;PARTSTAT=DELEGATED:mailto:jo@example.org"], "sam"),
        ([f'{DELEGATED};DELEGATED-TO="{SAM}","mailto:kim@example.org":mailto:jo@example.org'], "sam kim"),
        ([f"{DELEGATED}:mailto:jo@example.org", f'ATTENDEE;DELEGATED-FROM="mailto:jo@example.org":{SAM}'], "sam"),
        ([f"{DELEGATED}:mailto:jo@example.org"], ""),
        ([f"{DELEGATED}:mailto:jo@example.org", f"ATTENDEE:{SAM}"], ""),
    ],
)
def test_a_delegate_is_found_however_the_object_names_them(lines, to):
    found = one("UID:1", *lines)
    assert (found.attendee, found.partstat) == (JO, PartStat.DELEGATED)
    assert found.delegated_to == tuple(f"{name}@example.org" for name in to.split())


def test_the_delegates_own_answer_names_who_sent_them():
    found = one(
        "UID:1",
        'ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:jo@example.org":mailto:sam@example.org',
        'ATTENDEE;DELEGATED-TO="mailto:sam@example.org":mailto:jo@example.org',
    )
    assert (found.attendee, found.partstat) == ("sam@example.org", PartStat.ACCEPTED)
    assert (found.delegated_from, found.delegated_to) == ((JO,), ())


def test_each_event_of_an_object_is_an_answer_of_its_own():
    second = (
        b"BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:20261208T100000Z\r\n"
        b"ATTENDEE;PARTSTAT=DECLINED:mailto:jo@example.org\r\nEND:VEVENT\r\n"
    )
    data = event("UID:1", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:jo@example.org")
    found = read(data.replace(b"END:VCALENDAR", second + b"END:VCALENDAR"))
    assert [(a.method, a.partstat, a.recurrence) for a in found] == [
        ("REPLY", PartStat.ACCEPTED, ""),
        ("REPLY", PartStat.DECLINED, "20261208T100000Z"),
    ]


def test_two_calendars_in_one_part_keep_their_methods():
    both = event("UID:1") + event("UID:2", head="METHOD:COUNTER\r\n")
    assert [(a.method, a.uid) for a in read(both)] == [("REPLY", "1"), ("COUNTER", "2")]


@pytest.mark.parametrize("kind", ["VTODO", "VFREEBUSY", "VJOURNAL"])
def test_what_is_about_no_event_answers_nothing(kind):
    data = f"BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:{kind}\nUID:null\nEND:{kind}\nEND:VCALENDAR\n"
    assert read(data.encode()) == []


def test_lines_of_an_alarm_or_an_unknown_component_are_not_the_events():
    found = one(
        "BEGIN:VALARM", "ATTENDEE;PARTSTAT=DECLINED:mailto:eve@example.net", "SUMMARY:Wake up", "END:VALARM",
        "BEGIN:PARTICIPANT", "UID:other", "END:PARTICIPANT", "UID:1",
    )  # fmt: skip
    assert (found.uid, found.summary, found.attendees) == ("1", "", ())


REPAIRED = [
    (event("UID:1", head=""), "the calendar object does not say its METHOD"),
    (b"Dear all,\n\n" + event("UID:1"), "left out text that is no part of the calendar"),
    (event("UID:1") + b"_______\nA list for us all\n", "left out text that is no part of the calendar"),
    (event("UID:1").replace(b"END:VEVENT\r\n", b""), "the end of VEVENT is missing"),
    (event("UID:1").replace(b"END:VCALENDAR\r\n", b""), "the end of VCALENDAR is missing"),
    (event("UID:1", "END:VALARM"), "an end of VALARM too many"),
    (b"BEGIN:VEVENT\nUID:1\nEND:VEVENT\n", "an event without a calendar round it"),
    (event("UID:1", "ATTENDEE;CN=Jo", "Team;PARTSTAT=ACCEPTED:mailto:jo@example.org"),
     "joined a line that was broken without a fold"),
    (event("UID:1", "ORGANIZER;CN=Forum:", "mailto:forum@example.org"), "joined a line that was broken without a fold"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "note"), REPAIRED)
def test_what_can_be_repaired_is_and_the_repair_is_told(data, note):
    (found,) = read(data)
    assert found.uid == "1"
    assert note in found.notes


@pytest.mark.parametrize(
    ("data", "charset", "summary"),
    [
        ("Café".encode(), "utf-8", "Café"),
        ("Café".encode(), "us-ascii", "Café"),
        ("Café".encode(), "iso-8859-1", "Café"),
        ("Café".encode("latin-1"), "iso-8859-1", "Café"),
        ("Café".encode("latin-1"), "utf-8", "Café"),
        ("Łódź".encode("iso-8859-2"), "ISO-8859-2", "Łódź"),
        ("Добро".encode("koi8-r"), "koi8-r", "Добро"),
        ("会議".encode("iso-2022-jp"), "iso-2022-jp", "会議"),
        ("会議".encode("shift_jis"), "shift_jis", "会議"),
        ("Caf\u00e9".encode("latin-1"), "punycode", "Café"),
        ("Caf\u00e9".encode("latin-1"), "zlib_codec", "Café"),
        (b"+AGE-", "utf-7", "+AGE-"),
        (b"Caf\xe9", "windows-1259", "Café"),
        (b"Caf\r\n \xc3\r\n \xa9", "utf-8", "Café"),
    ],
)
def test_a_text_is_decoded_as_declared_or_as_it_must_be(data, charset, summary):
    (found,) = read(event("UID:1", "SUMMARY:@").replace(b"@", data), charset=charset)
    assert found.summary == summary


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "there is no calendar object in it"),
        (b"Jo Bloggs has accepted your invitation.", "there is no calendar object in it"),
        (b"\x78\x9f\x3e\x22" * 100, "there is no calendar object in it"),
        (event("UID:1", head="METHOD:REPLY\r\nMETHOD:REPLY\r\n"), "the calendar object says METHOD twice"),
        (event("UID:1", "UID:1"), "the calendar object says UID twice"),
    ],
)
def test_what_cannot_be_read_says_why(data, reason):
    with pytest.raises(Unreadable, match=reason):
        read(data)


def test_an_answer_holds_only_values():
    (found,) = read(golden("google-accepted"))
    kinds = {type(getattr(found, field.name)) for field in fields(found)}
    assert kinds <= {str, int, datetime, tuple, PartStat, type(None)}


def test_a_fault_of_ours_comes_out_as_unreadable_too():
    with pytest.raises(Unreadable, match="cannot be read"):
        read(golden("google-accepted"), charset=None)
