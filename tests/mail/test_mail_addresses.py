import pytest

from roundtables.errors import Unreadable
from roundtables.mail.addresses import Mailbox, clean, mailboxes, only_mailbox


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("jo@example.org", [Mailbox("", "jo@example.org")]),
        ("Jo Bloggs <jo@Example.ORG>", [Mailbox("Jo Bloggs", "jo@example.org")]),
        ('"Bloggs, Jo" <jo@example.org>', [Mailbox("Bloggs, Jo", "jo@example.org")]),
        (r'"Jo \"JB\" Bloggs" <jo@example.org>', [Mailbox('Jo "JB" Bloggs', "jo@example.org")]),
        ('"a@b.example" <jo@example.org>', [Mailbox("a@b.example", "jo@example.org")]),
        ("=?utf-8?Q?J=C3=B6?= <jo@example.org>", [Mailbox("Jö", "jo@example.org")]),
        ("=?utf-8?Q?Jo=0D=0ABcc=3A_x?= <jo@example.org>", [Mailbox("Jo Bcc: x", "jo@example.org")]),
        ("jo@example.org (Jo)", [Mailbox("", "jo@example.org")]),
        ("Jo (the (real) one) <jo@example.org>", [Mailbox("Jo", "jo@example.org")]),
        ("jo@example.org, , Ana <ana@example.net>", [Mailbox("", "jo@example.org"), Mailbox("Ana", "ana@example.net")]),
        ("jo@müller.example", [Mailbox("", "jo@xn--mller-kva.example")]),
        ("rsvp+a1b2@localhost", [Mailbox("", "rsvp+a1b2@localhost")]),
        ("", []),
    ],
)
def test_plain_headers_are_read(header, found):
    assert mailboxes(header) == found


@pytest.mark.parametrize(
    "header",
    [
        "alice@example.org <bob@evil.example>",
        "<alice@example.org>bob@evil.example",
        "alice@example.org)bob@evil.example",
        "a@x, b@",
        "a@[",
        "a@[127.0.0.1]",
        "Friends: jo@example.org;",
        "Jo <jo@example.org",
        '"Jo <jo@example.org>',
        "Jo (x <jo@example.org>",
        "a@b@example.org",
        "a b@example.org",
        "Jo <<jo@example.org>>",
        "@example.org",
        "jo@-x.example",
        "(" * 8000,
        "," * 9000,
    ],
)
def test_a_defect_gives_nothing(header):
    with pytest.raises(Unreadable):
        mailboxes(header)
    assert only_mailbox((header,)) is None


@pytest.mark.parametrize("headers", [(), ("a@x.example", "a@x.example"), ("a@x.example, b@x.example",)])
def test_from_is_one_header_with_one_mailbox(headers):
    assert only_mailbox(headers) is None


@pytest.mark.parametrize("address", ["jo@example.org\n", " jo@example.org", "jo@EXAMPLE.org"])
def test_clean_trims_and_lowers_the_domain(address):
    assert clean(address) == "jo@example.org"


@pytest.mark.parametrize(
    "address", ["x" * 65 + "@a.example", "jo@" + "a." * 130 + "b", "jo", "jo@", "a..b@c.d", "j\0o@a.b"]
)
def test_clean_refuses(address):
    assert clean(address) == ""
