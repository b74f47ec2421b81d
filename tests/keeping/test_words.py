"""The words by which somebody is known, found and taken out."""

import base64
import quopri

import pytest

from roundtables.keeping.words import Words

JO = Words(["Jo Bloggs", "Cher"], ["jo@example.org", "jo.bloggs@example.net"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Jo Bloggs said yes", "Somebody who was invited said yes"),
        ("for JO  BLOGGS, from jo@example.org.", "for Somebody who was invited, from somebody@erased.invalid."),
        ({"by": ["jo.bloggs@example.net"], "n": 3}, {"by": ["somebody@erased.invalid"], "n": 3}),
        ("Joanna Bloggs, bojo@example.org, jo@example.organic", "Joanna Bloggs, bojo@example.org, jo@example.organic"),
        ("Cher and Jo", "Cher and Jo"),
        (None, None),
    ],
    ids=["a name", "case and blanks", "JSON", "others", "one word is no name", "nothing"],
)
def test_taken_out(before, after):
    assert JO.without(before) == after


@pytest.mark.parametrize(
    ("raw", "there"),
    [
        (b"From: Jo Bloggs <x@example.com>\r\n\r\nhi", True),
        (b"From: =?utf-8?q?Jo_Bl?= =?utf-8?q?oggs?= <x@example.com>\r\n\r\nhi", True),
        (b"From: =?utf-8?b?Sm8gQmxvZ2dz?= <x@example.com>\r\n\r\nhi", True),
        (b"Subject: hello Jo\r\n Bloggs\r\n\r\nhi", True),
        (b"\r\n\r\n" + quopri.encodestring(b"from jo@example.org\xc3\xa9") + b"\r\n", True),
        (b"\r\n\r\n" + base64.encodebytes(b"A long way down, " * 20 + b"Jo Bloggs" + b" and on" * 30), True),
        (b"ATTENDEE;CN=x:mailto:jo@ex\r\n ample.org\r\n", True),
        (b"https://tables.example/?to=jo%40example.org", True),
        (b"From: Joanna Bloggs <joanna@example.org>\r\n\r\nhi", False),
    ],
    ids=["plain", "encoded words", "encoded in base64", "folded", "quoted-printable", "base64", "ICS", "link", "no"],
)
def test_found_in_raw_mail(raw, there):
    assert JO.stand_in_mail(raw) is there


def test_a_person_without_words_is_nowhere():
    assert Words(["Jo"], []).without("Jo") == "Jo"
    assert not Words([], []).stand_in("anything")
