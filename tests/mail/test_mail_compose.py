"""Letters as the bytes that leave, read back with Python's own parser."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest

from roundtables.mail.charsets import one_line
from roundtables.mail.compose import Letter, compose

CALENDAR = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Caf\xc3\xa9\r\nEND:VCALENDAR\r\n"
LETTER = Letter(
    to_name="Zoë Müller",
    to_address="zoe@example.org",
    from_name="Lantern Roundtables",
    from_address="rt@example.com",
    reply_name="Lantern, Roundtables",
    reply_address="rsvp+a1b2@example.com",
    subject="Invitation: Trust in numbers",
    text="Dear Zoë,\n\nplease come.\n.\nFrom us\n",
    html="<p>Dear Zoë,</p>",
    message_id="n1@example.com",
    date=datetime(2026, 11, 23, 9, tzinfo=UTC),
    calendar=CALENDAR,
)


def opened(letter: Letter):
    raw = compose(letter)
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert [part.defects for part in message.walk() if part.defects] == []
    return message


def content(message, kind: str) -> str:
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


def name_and_address(raw: bytes, header: str) -> tuple[str, str]:
    """As older readers see it; Python 3.11's newer one puts a blank between two encoded words of a name."""
    name, address = parseaddr(email.message_from_bytes(raw)[header])
    return str(make_header(decode_header(name))), address


def shape(part):
    kind = part.get_content_type()
    return (kind, [shape(each) for each in part.iter_parts()]) if part.is_multipart() else kind


def test_an_invitation_has_the_shape_every_client_reads():
    message = opened(LETTER)
    alternative = ("multipart/alternative", ["text/plain", "text/html", "text/calendar"])
    assert shape(message) == ("multipart/mixed", [alternative, "application/ics"])
    calendar, attached = [
        part for part in message.walk() if part.get_content_type() in ("text/calendar", "application/ics")
    ]
    assert calendar["content-type"].params == {"charset": "UTF-8", "method": "REQUEST"}
    assert attached.get_filename() == "invite.ics"
    assert attached.get_content_disposition() == "attachment"
    assert calendar.get_payload(decode=True) == attached.get_payload(decode=True) == CALENDAR


def test_its_headers_are_these_and_no_others():
    assert [(name, str(value)) for name, value in opened(replace(LETTER, in_reply_to="m0@example.com")).items()] == [
        ("From", "Lantern Roundtables <rt@example.com>"),
        ("To", "Zoë Müller <zoe@example.org>"),
        ("Subject", "Invitation: Trust in numbers"),
        ("Date", "Mon, 23 Nov 2026 09:00:00 +0000"),
        ("Message-ID", "<n1@example.com>"),
        ("Reply-To", '"Lantern, Roundtables" <rsvp+a1b2@example.com>'),
        ("In-Reply-To", "<m0@example.com>"),
        ("References", "<m0@example.com>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply, DR, RN, NRN"),
        ("X-Loop", "example.com"),
        ("Content-class", "urn:content-classes:calendarmessage"),
        ("MIME-Version", "1.0"),
        ("Content-Type", opened(LETTER)["Content-Type"]),
    ]


def test_a_letter_without_a_calendar_is_plain_and_html():
    message = opened(replace(LETTER, calendar=None, reply_address=""))
    assert shape(message) == ("multipart/alternative", ["text/plain", "text/html"])
    assert message["Reply-To"] is None
    assert message["Content-class"] is None
    assert content(message, "plain") == LETTER.text
    assert content(message, "html") == LETTER.html + "\n"


def test_the_same_letter_is_the_same_bytes():
    assert compose(LETTER) == compose(replace(LETTER))
    assert compose(LETTER) != compose(replace(LETTER, message_id="n2@example.com"))


def test_long_ids_are_never_coded():
    message_id = "x" * 150 + "@" + "y" * 40 + ".example"
    raw = compose(
        replace(LETTER, message_id=message_id, in_reply_to=message_id, reply_address="r" * 60 + "@example.com")
    )
    for header in ("Message-ID", "In-Reply-To", "References"):
        assert f"\r\n{header}: <{message_id}>\r\n".encode() in raw
    assert b"<" + b"r" * 60 + b"@example.com>\r\n" in raw


@pytest.mark.parametrize(
    "subject",
    [
        "word " * 90,
        "x" * 300,
        "é" * 300,
        "Kindness — in services " * 15,
        "=?utf-8?q?not_coded?=",
        "👩‍👩‍👧 family " * 20,
        "a",
        "",
    ],
)
def test_subjects_fold_and_come_back(subject):
    raw = compose(replace(LETTER, subject=subject))
    head = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert max(map(len, head)) <= 78
    read = str(email.message_from_bytes(raw, policy=email.policy.default)["Subject"])
    assert read == one_line(subject)


BREAKS = [
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\v",
    "\f",
    "\x1c",
    "\x85",
    "\u2028",
    "\u2029",
    "\x7f",
    "\u202e",
    "\u2066",
    "\ud800",
]


@pytest.mark.parametrize("field", ["subject", "to_name", "from_name", "reply_name"])
@pytest.mark.parametrize("broken", BREAKS, ids=ascii)
def test_nothing_in_a_name_or_a_subject_makes_a_header_or_a_part(field, broken):
    plain = compose(LETTER)
    hostile = compose(replace(LETTER, **{field: f"a{broken}Bcc: eve@evil.example{broken}{broken}--=_x{broken}"}))
    names = [name for name, _ in email.message_from_bytes(plain).items()]
    message = email.message_from_bytes(hostile, policy=email.policy.default)
    assert [name for name, _ in message.items()] == names
    assert shape(message) == shape(email.message_from_bytes(plain, policy=email.policy.default))
    assert [a.addr_spec for a in message["To"].addresses] == ["zoe@example.org"]


@pytest.mark.parametrize(
    "name",
    [
        'Jo "JB" Bloggs',
        "Bloggs, Jo",
        "Jo (CEO)",
        "a@b.example",
        "Jo\\",
        "=?x?q?y?=",
        "n" * 190,
        "Ö" * 150,
        "Jo <eve@x.y>",
        "",
    ],
)
def test_names_come_back_as_they_were(name):
    raw = compose(replace(LETTER, to_name=name, reply_name=name))
    assert name_and_address(raw, "To") == (name, "zoe@example.org")
    assert name_and_address(raw, "Reply-To") == (name, LETTER.reply_address)
    assert opened(replace(LETTER, to_name=name))["To"].addresses[0].addr_spec == "zoe@example.org"


@pytest.mark.parametrize(
    "wrong",
    [
        {"to_address": ""},
        {"to_address": "jo@example.org, eve@evil.example"},
        {"to_address": "Jo <jo@example.org>"},
        {"to_address": "jo@example.org>\r\nBcc: eve@evil.example"},
        {"to_address": "jö@example.org"},
        {"from_address": "nobody"},
        {"reply_address": "a@b@c.example"},
        {"unsubscribe_address": "x"},
        {"unsubscribe_url": "javascript:alert(1)"},
        {"unsubscribe_url": "https://a.example/\r\nBcc: x"},
        {"unsubscribe_url": "https://a.example/>, <mailto:x@y.z>"},
        {"message_id": "<n1@example.com>"},
        {"message_id": "n1"},
        {"in_reply_to": "a b@example.com"},
        {"in_reply_to": "a@b\r\nBcc: x"},
        {"calendar_method": "REPLY\r\nX: y"},
        {"auto_submitted": "no\r\nBcc: x"},
        {"date": datetime(2026, 11, 23)},
    ],
    ids=str,
)
def test_what_is_not_clean_is_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        compose(replace(LETTER, **wrong))


def test_text_is_kept_and_control_characters_are_not():
    message = opened(replace(LETTER, calendar=None, text="a\r\nb\0\x1b[2J\rc\ttab  \n" + "é" * 2000 + "\n--=_x\n"))
    assert content(message, "plain") == "a\nb[2J\nc\ttab  \n" + "é" * 2000 + "\n--=_x\n"


@pytest.mark.parametrize(
    ("url", "address", "headers"),
    [
        (
            "https://rt.example/u/a",
            "u@rt.example",
            ["<https://rt.example/u/a>, <mailto:u@rt.example>", "List-Unsubscribe=One-Click"],
        ),
        ("http://rt.example/u/a", "", ["<http://rt.example/u/a>", None]),
        ("", "u@rt.example", ["<mailto:u@rt.example>", None]),
        ("", "", [None, None]),
    ],
)
def test_unsubscribing_is_one_click_where_the_link_is_safe(url, address, headers):
    message = opened(replace(LETTER, unsubscribe_url=url, unsubscribe_address=address))
    assert [message["List-Unsubscribe"], message["List-Unsubscribe-Post"]] == headers
