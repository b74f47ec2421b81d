import pytest

from roundtables.calendar.itip import canonical_address

JO = "jo@example.org"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("jo@example.org", JO),
        ("MAILTO:Jo@Example.ORG", JO),
        ('"mailto:jo@example.org"', JO),
        (" <jo@example.org> ", JO),
        ("mailto:<jo@example.org>", JO),
        ("mailto:jo@example.org?subject=Yes", JO),
        ("mailto:jo%2Brt@example.org", "jo+rt@example.org"),
        ("jo+rt@example.org", "jo+rt@example.org"),
        ("j.o@example.org", "j.o@example.org"),
        ("jo%252B@example.org", "jo%2b@example.org"),
        ("jo@büro.example", "jo@xn--bro-hoa.example"),
        ("jo@BÜRO.example", "jo@xn--bro-hoa.example"),
        ("jo@XN--BRO-HOA.example", "jo@xn--bro-hoa.example"),
        ("jo@bu\u0308ro.example", "jo@xn--bro-hoa.example"),
        ("jo@stra\u00dfe.example", "jo@xn--strae-oqa.example"),
        ("jo@example。org", JO),
        ("jose\u0301@example.org", "jos\u00e9@example.org"),
        ("\uff4ao@example.org", "\uff4ao@example.org"),
        ("o'neill@example.org", "o'neill@example.org"),
        ("", ""),
        ("jo", ""),
        ("@example.org", ""),
        ("jo@", ""),
        ("jo@example.org@evil.example", ""),
        ("jo@example.org, eve@evil.example", ""),
        ("Jo <jo@example.org>", ""),
        ("jo @example.org", ""),
        ("jo%20x@example.org", ""),
        ("jo%0D%0ABcc:eve@example.org", ""),
        ("jo%00@example.org", ""),
        ("jo%ff@example.org", ""),
        ("jo@example..org", ""),
        ("jo@-example.org", ""),
        ("jo@example.org\u2028", ""),
        ("jo@exam\u202eple.org", ""),
        ("jo@[192.0.2.1]", ""),
        ("jo\ud800@example.org", ""),
        ("a" * 243 + "@example.org", ""),
        ("é" * 122 + "@example.org", ""),
        ("jo@" + "a" * 64 + ".org", ""),
        ("jo@" + "ß" * 5000, ""),
        ("invalid:nomail", ""),
        ("/aMTIz/principal/", ""),
    ],
)
def test_two_spellings_of_an_address_compare_equal_and_two_addresses_do_not(text, canonical):
    assert canonical_address(text) == canonical


@pytest.mark.parametrize("text", ["MAILTO:Jo%2Brt@Example.ORG", "jo@büro.example", "josé@example.org"])
def test_a_canonical_address_stays_as_it_is(text):
    assert canonical_address(canonical_address(text)) == canonical_address(text)
