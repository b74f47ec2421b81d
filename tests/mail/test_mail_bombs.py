"""Mails made to hurt. Each is settled in two seconds and in bounded memory, and the next is read as if nothing was."""

import resource
import time
from contextlib import suppress

import pytest

from roundtables.errors import Unreadable
from roundtables.mail.cutting import answer_text
from roundtables.mail.message import MAX_BYTES, read
from roundtables.mail.tongues import get_ready
from roundtables.mail.words import read as understand

SECONDS = 2
MEGABYTE = 1024 * 1024
HEAD = b"From: Jo <jo@example.org>\r\nMessage-ID: <a@example.org>\r\n"


@pytest.fixture(scope="module", autouse=True)
def phrasebooks_are_read() -> None:
    """As any process that takes mail in has done before its first."""
    get_ready()


def filled(head: bytes, unit: bytes) -> bytes:
    return head + unit * ((MAX_BYTES - len(head)) // len(unit))


def parts(count: int) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * count + b"--b--"


def nested(depth: int) -> bytes:
    layers = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%04d\r\n\r\n--b%04d\r\n" % (n, n) for n in range(depth)
    )
    return HEAD + layers + b"\r\nYes."


def embedded(depth: int) -> bytes:
    return HEAD + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Yes."


def html(unit: bytes) -> bytes:
    return filled(HEAD + b"Content-Type: text/html\r\n\r\n", unit)


BOMBS = {
    "encoded words in the subject": HEAD + b"Subject: " + b"=?utf-8?q?x?= " * 20_000 + b"\r\n\r\nYes.",
    "as many as fit": HEAD + b"Subject: " + b"=?utf-8?q?x?= " * 4_500 + b"\r\n\r\nYes.",
    "brackets in From": b"From: " + b"(" * MEGABYTE + b"\r\n\r\nYes.",
    "as many brackets as fit": b"From: " + b"(" * 60_000 + b"\r\n\r\nYes.",
    "quotes in From": b"From: " + b'"\\' * 30_000 + b"\r\n\r\nYes.",
    "commas in From": b"From: " + b"," * 60_000 + b"\r\n\r\nYes.",
    "dots in From": b"From: " + b"." * 60_000 + b"@x\r\n\r\nYes.",
    "half a list": b"From: a@x, b@\r\nTo: a@[\r\n\r\nYes.",
    "recipients": HEAD + b"To: " + b"a@b.example, " * 4_500 + b"\r\n\r\nYes.",
    "parameters": HEAD + b"Content-Type: text/plain" + b"; a=b" * 12_000 + b"\r\n\r\nYes.",
    "semicolons": HEAD + b"Content-Type: multipart/mixed" + b";" * 20_000 + b"\r\n\r\nYes.",
    "quoted semicolons": HEAD + b'Content-Type: text/plain; a="' + b";" * 4_000 + b"\r\n\r\nYes.",
    "numbered parameters": HEAD + b"Content-Type: text/plain" + b"; a*1*=x''y" * 300 + b"\r\n\r\nYes.",
    "a header of five megabytes": HEAD + b"X: " + b" x\r\n " * MEGABYTE + b"\r\n\r\nYes.",
    "header lines": HEAD + b"X:\r\n" * 15_000 + b"\r\nYes.",
    "references": HEAD + b"References: " + b"<a@b> " * 10_000 + b"\r\n\r\nYes.",
    "message ids that never end": HEAD + b"References: " + b"<" * 60_000 + b"\r\n\r\nYes.",
    "a date": HEAD + b"Date: " + b"9" * 60_000 + b"\r\n\r\nYes.",
    "a date that overflows": HEAD + b"Date: Mon, 23 Nov 99999 99:99:99 +9999\r\n\r\nYes.",
    "parts": parts(50_000),
    "parts in a part": parts(199).replace(b"\r\n\r\nx", b"\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nx"),
    "nested parts": nested(3_000),
    "messages in messages": embedded(3_000),
    "the same boundary within": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 1_000,
    "almost boundaries": filled(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", b"--bc\n"),
    "half boundaries": filled(HEAD + b"Content-Type: multipart/mixed; boundary=" + b"-" * 70 + b"\r\n\r\n", b"\n---"),
    "a header block in a part": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    + b"X: y\r\n" * 200_000,
    "short lines": filled(HEAD + b"\r\n", b"\n"),
    "one line": filled(HEAD + b"\r\n", b"x"),
    "quotation": filled(HEAD + b"\r\n", b"> "),
    "base64": filled(HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n", b"QUJD\r\n"),
    "base64 of nothing": filled(HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n", b"\x00\xff\r\n"),
    "a calendar in base64": filled(
        HEAD + b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n", b"QUJD"
    ),
    "quoted-printable": filled(HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n", b"="),
    "a quoted-printable line": filled(HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n", b"=41"),
    "flowed": filled(HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n", b"x \n"),
    "punycode": filled(HEAD + b"Content-Type: text/plain; charset=punycode\r\n\r\n", b"x-"),
    "utf-7": filled(HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n", b"+AGE-"),
    "utf-16": filled(HEAD + b"Content-Type: text/plain; charset=utf-16\r\n\r\n", b"\xd8"),
    "no such charset": HEAD + b"Content-Type: text/plain; charset=" + b"x" * 3_000 + b"\r\n\r\nYes.",
    "zeroes": filled(HEAD + b"\r\n", b"\0"),
    "zeroes everywhere": filled(b"", b"\0"),
    "open tags": html(b"<div>"),
    "tags that never end": html(b"<a "),
    "closing tags": html(b"<b></i>"),
    "comments that never end": html(b"<!--"),
    "declarations": html(b"<![CDATA["),
    "scripts that never end": html(b"<script>"),
    "attributes": html(b'<p style="x:' + b"y " * 100 + b'">'),
    "entities": html(b"&#x;&#99999;&"),
    "an endless number": html(b"&#" + b"9" * 6_000 + b";"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_settled_at_once(name):
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with suppress(Unreadable):
        got = read(BOMBS[name])
        understand(answer_text(got.text), subject=got.subject)
    assert time.process_time() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 128 * 1024
    assert read(HEAD + b"\r\nYes.").text == "Yes."


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("parts", "it has more than 100 parts"),
        ("nested parts", "it has parts nested more than 10 deep"),
        ("brackets in From", "the headers are longer than 64 kB"),
        ("semicolons", "a Content-Type header is too long"),
        ("a header block in a part", "the headers are longer than 16 kB"),
    ],
)
def test_a_refusal_says_why(name, why):
    with pytest.raises(Unreadable, match=why):
        read(BOMBS[name])
