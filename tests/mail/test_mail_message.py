"""What arrives, read: golden mails of the world's programs, and what each header decides."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from roundtables.errors import Unreadable
from roundtables.mail import words
from roundtables.mail.cutting import answer_text
from roundtables.mail.message import MAX_BYTES, CalendarPart, read
from roundtables.mail.words import Says
from tests.mails import NAMES, golden

TO = "rsvp+abcdefghijklmnopqrstuvwxyz@localhost"
VALUES = {"TOKENJO": "abcdefghijklmnopqrstuvwxyz", "UIDOFTABLE": "0b9c2f4e-1111-4222-8333-444455556666"}


def mail(name: str, **more):
    return read(golden(name, **VALUES), **more)


def simple(headers: str = "", body: str = "Yes.", *, sender: str = "From: Jo <jo@example.org>\r\n") -> bytes:
    return f"{sender}{headers}\r\n{body}".encode()


@pytest.mark.parametrize(
    ("name", "calendars", "partstat"),
    [
        ("google-accepted", [("REPLY", False), ("", True)], b"PARTSTAT=ACCEPTED"),
        ("google-tentative-with-note", [("REPLY", False), ("", True)], b"PARTSTAT=TENTATIVE"),
        ("exchange-declined", [("REPLY", False)], b"PARTSTAT=DECLINED"),
        ("outlook-connector-accepted", [("REPLY", False)], b"PARTSTAT=ACCEPTED"),
        ("apple-accepted", [("", True)], b"PARTSTAT=ACCEPTED"),
        ("kde-tentative", [("REPLY", True)], b"PARTSTAT=TENTATIVE"),
        ("nextcloud-accepted", [("REPLY", False)], b"PARTSTAT=ACCEPTED"),
        ("thunderbird-declined", [("REPLY", False), ("", True)], b"PARTSTAT=DECLINED"),
    ],
)
def test_a_programs_answer_brings_its_calendar(name, calendars, partstat):
    got = mail(name)
    assert [(part.method, part.attachment) for part in got.calendars] == calendars
    for part in got.calendars:
        assert part.charset == "utf-8"
        assert part.data.startswith(b"BEGIN:VCALENDAR\r\n")
        assert partstat in part.data
        assert VALUES["UIDOFTABLE"].encode() in part.data
    assert got.recipients == (TO,)
    assert len({part.data for part in got.calendars}) == 1
    assert not got.bounce


def test_every_golden_mail_is_read_and_comes_from_somebody():
    assert len(NAMES) >= 14
    assert all(mail(name).from_address and mail(name).message_id for name in NAMES)


@pytest.mark.parametrize(
    ("name", "automatic", "bounce"),
    [
        ("bounce-unknown-user", "it is a delivery report", True),
        ("bounce-delayed", "it is a delivery report", False),
        ("exchange-out-of-office", "its subject is an out-of-office answer's", False),
        ("icloud-vacation", "it is a vacation notice", False),
        ("nextcloud-accepted", "it comes from a machine's address", False),
        ("words-yes", "", False),
    ],
)
def test_machines_are_known(name, automatic, bounce):
    got = mail(name)
    assert (got.automatic, got.bounce) == (automatic, bounce)


def test_what_a_report_carries_back_is_nobodys_answer():
    assert mail("bounce-unknown-user").calendars == ()


def test_a_report_answers_nothing_even_with_a_calendar_of_its_own():
    kind = "Content-Type: multipart/report; report-type=delivery-status; boundary=o\r\n"
    raw = simple(kind, "--o\r\nContent-Type: text/calendar; method=REPLY\r\n\r\nX\r\n--o--")
    assert read(raw).calendars == ()
    assert read(raw.replace(b"report;", b"mixed;")).calendars == (CalendarPart(b"X", "utf-8", "REPLY", False),)


def test_a_worded_answer_is_read_whole():
    got = mail("words-yes", trusted_authserv_id="mx.localhost")
    assert (got.message_id, got.from_address, got.from_name) == ("5550010@example.org", "jo@example.org", "Jo Bloggs")
    assert got.subject == "Re: Housing and health"
    assert got.date == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert got.references == ("table-1-jo@localhost", "earlier@localhost")
    assert got.authentication == "mx.localhost; dmarc=pass header.from=example.org"
    reading = words.read(answer_text(got.text), subject=got.subject)
    assert (reading.says, reading.certain) == (Says.ACCEPTED, True)


def test_an_answer_in_html_says_only_what_is_seen():
    got = mail("words-no-html-only")
    assert "Yes, I will be there" not in got.text
    reading = words.read(answer_text(got.text), subject=got.subject)
    assert (reading.says, reading.certain) == (Says.DECLINED, True)


def test_no_other_servers_word_counts():
    assert mail("words-yes").authentication == ""
    assert mail("words-yes", trusted_authserv_id="MX.evil.example").authentication.startswith("mx.evil.example")
    assert mail("words-yes", trusted_authserv_id="localhost").authentication == ""


@pytest.mark.parametrize(
    ("headers", "recipients"),
    [
        (f"Delivered-To: {TO}\r\nTo: other@example.org\r\n", (TO,)),
        (f"X-Original-To: <{TO}>\r\nTo: other@example.org\r\n", (TO,)),
        (f"Envelope-To: {TO}\r\n", (TO,)),
        (f"Delivered-To: rsvp@localhost\r\nTo: {TO}\r\n", ("rsvp@localhost", TO)),
        (f"To: a@x.example,\r\n B <b@x.example>\r\nCc: {TO}\r\n", ("a@x.example", "b@x.example", TO)),
        (f"To: a@[\r\nCc: {TO}\r\n", (TO,)),
        ("", ()),
    ],
)
def test_recipients_are_whom_it_was_delivered_to(headers, recipients):
    assert read(simple(headers)).recipients == recipients
    assert read(simple(headers), envelope_to=["rsvp+zz@localhost"]).recipients == ("rsvp+zz@localhost",)


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "From: a@x.example, b@x.example\r\n",
        "From: a@x.example\r\nFrom: b@x.example\r\n",
        "From: a@x.example <b@x.example>\r\n",
        "From: undisclosed:;\r\n",
        "From: " + "(" * 8100 + "\r\n",
    ],
)
def test_a_doubtful_sender_is_no_sender(sender):
    assert read(simple(sender=sender)).from_address == ""


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ("Auto-Submitted: auto-replied\r\n", "it says it was sent automatically (auto-replied)"),
        ("Auto-Submitted: no\r\n", ""),
        ("X-Autoreply: yes\r\n", "its x-autoreply header is an automatic answer's"),
        (
            "X-MS-Exchange-Inbox-Rules-Loop: a@b\r\n",
            "its x-ms-exchange-inbox-rules-loop header is an automatic answer's",
        ),
        ("Delivered-To: Autoresponder\r\n", "its delivered-to header is an automatic answer's"),
        ("Precedence: bulk\r\n", "its precedence is bulk"),
        ("List-Id: <x.example>\r\n", "it came through a mailing list"),
        ("X-Failed-Recipients: a@b\r\n", "it says a delivery failed"),
        ("Return-Path: <>\r\n", "it has no sender to answer (null envelope)"),
        ("Subject: Re: Abwesenheitsnotiz: Tisch\r\n", "its subject is an out-of-office answer's"),
        ("Subject: =?utf-8?B?UsOpcG9uc2UgYXV0b21hdGlxdWUgOiB4?=\r\n", "its subject is an out-of-office answer's"),
        ("Subject: AW: Automatische Antwort: x\r\n", "its subject is an out-of-office answer's"),
        ("Subject: Ymateb awtomatig: x\r\n", "its subject is an out-of-office answer's"),
        ("Subject: [Ticket 17] x\r\n", "its subject is a ticket system's receipt"),
        ("X-Auto-Response-Suppress: All\r\n", ""),
        ("Content-Type: multipart/report; report-type=disposition-notification\r\n", "it is a read receipt"),
        ("Content-Type: multipart/report; report-type=feedback-report\r\n", "it is a complaint report"),
    ],
)
def test_why_a_mail_is_a_machines(headers, why):
    assert read(simple(headers)).automatic == why


def test_the_envelope_knows_the_null_sender_better_than_the_header():
    assert read(simple("Return-Path: <>\r\n"), envelope_from="jo@example.org").automatic == ""
    assert read(simple(), envelope_from="").automatic == "it has no sender to answer (null envelope)"
    assert read(simple(sender="From: MAILER-DAEMON@x.example\r\n"), envelope_from="<>").bounce


def test_the_fingerprint_is_the_mails_whatever_way_it_took():
    raw = golden("words-yes", **VALUES)
    other_way = b"Received: from a by b\r\nDelivered-To: x@localhost\r\nAuthentication-Results: y; z\r\n" + raw.replace(
        b"Return-Path: <jo@example.org>", b"Return-Path: <list@example.org>"
    )
    assert read(raw).fingerprint == read(other_way).fingerprint == read(raw.replace(b"\r\n", b"\n")).fingerprint
    for old, new in [
        (b"5550010", b"5550019"),
        (b"15:00:00", b"15:00:01"),
        (b"delighted", b"dejected"),
        (b"Re: H", b"H"),
    ]:
        assert read(raw.replace(old, new)).fingerprint != read(raw).fingerprint


def test_an_embedded_message_is_a_closed_letter():
    inner = golden("google-accepted", **VALUES).decode()
    pieces = ["", "\r\nsee below", f"Content-Type: message/rfc822\r\n\r\n{inner}"]
    outer = "Content-Type: multipart/mixed; boundary=o\r\n" + "\r\n--o\r\n".join(pieces) + "\r\n--o--"
    got = read(b"From: a@b.example\r\n" + outer.encode())
    assert (got.text, got.calendars) == ("see below", ())


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("Content-Type: text/calendar\r\n\r\nX", CalendarPart(b"X", "utf-8", "", False)),
        ('Content-Type: TEXT/Calendar; METHOD="Reply"; Charset=X\r\n\r\nX', CalendarPart(b"X", "x", "REPLY", False)),
        ("Content-Type: application/ics\r\n\r\nX", CalendarPart(b"X", "utf-8", "", True)),
        ("Content-Type: application/octet-stream; name=a.ICS\r\n\r\nX", CalendarPart(b"X", "utf-8", "", True)),
        ("Content-Disposition: attachment; filename*=utf-8''a%2Eics\r\n\r\nX", CalendarPart(b"X", "utf-8", "", True)),
        (
            "Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\nW*A",
            CalendarPart(b"X", "utf-8", "", False),
        ),
        (
            "Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\nWA==\r\njunk",
            CalendarPart(b"X", "utf-8", "", False),
        ),
    ],
)
def test_what_counts_as_a_calendar(part, expected):
    raw = f"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n{part}\r\n--o--\r\n"
    assert read(raw.encode()).calendars == (expected,)


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("utf-8", "Très bien".encode(), "Très bien"),
        ("iso-8859-1", "Très bien".encode("latin-1"), "Très bien"),
        ("", "Très bien".encode("latin-1"), "Très bien"),
        ("us-ascii", "Très bien".encode(), "Très bien"),
        ("windows-1252", b"can\x92t", "can’t"),
        ("iso-2022-jp", "はい".encode("iso-2022-jp"), "はい"),
        ("utf-16", "ja".encode("utf-16"), "ja"),
        ("utf-7", b"+AGE-", "+AGE-"),
        ("zlib_codec", b"x", "x"),
        ("punycode", b"x-", "x-"),
        ("nonsense\0", b"x", "x"),
        ("utf-8", b"y\0es", "yes"),
    ],
)
def test_text_is_decoded_by_a_short_list(charset, body, text):
    head = f'Content-Type: text/plain; charset="{charset}"\r\n\r\n'.encode()
    assert read(head + body).text == text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>Yes</p><p>please</p>", "Yes\n\nplease"),
        ("Yes<br>please", "Yes\nplease"),
        ("<style>p{}</style><script>No</script><title>No</title>Yes", "Yes"),
        ('<span style="display: NONE">No</span>Yes', "Yes"),
        ('<span style="font-size:0px">No</span>Yes', "Yes"),
        ("<div hidden>No</div>Yes", "Yes"),
        ("<svg><text>No</text></svg>Yes", "Yes"),
        ("<!-- No -->Yes", "Yes"),
        ("Yes<blockquote>No<br>no</blockquote>", "Yes\n> No\n> no"),
        ('Yes<div class="gmail_quote">No</div>', "Yes\n> No"),
        ("I&#39;m in &amp; glad &lt;3", "I'm in & glad <3"),
        ("1 < 2", "1 < 2"),
        ("Yes</b></div>", "Yes"),
    ],
)
def test_html_is_what_a_person_would_see(page, text):
    assert read(f"Content-Type: text/html\r\n\r\n{page}".encode()).text == text


def test_flowed_lines_are_one():
    raw = b"Content-Type: text/plain; format=flowed\r\n\r\nI am very \r\nhappy\r\n> quoted \r\nto come\r\n-- \r\nJo"
    assert read(raw).text == "I am very happy\n> quoted \nto come\n-- \nJo"


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_cut_anywhere_is_read_or_refused(name):
    raw = golden(name, **VALUES)
    for end in range(0, len(raw), 97):
        with suppress(Unreadable):
            assert read(raw[:end]).fingerprint


def test_what_is_too_large_is_refused():
    with pytest.raises(Unreadable, match="larger than 10 MB"):
        read(b"x" * (MAX_BYTES + 1))
