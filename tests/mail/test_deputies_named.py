"""Who would come instead: names as they stand in mails, and the addresses beside them."""

import time

import pytest

from roundtables.mail import words
from roundtables.mail.addresses import Mailbox


def deputy(text: str, *, invitee: str = "Edmund Scarr", copied: tuple[Mailbox, ...] = ()) -> tuple[str, str]:
    reading = words.read(text, invitee=invitee, sender=invitee, copied=copied)
    assert reading.says == "deputy"
    return reading.deputy_name, reading.deputy_address


NAMES = {
    "Could our policy lead, Ewan Reid, come in my place?": "Ewan Reid",
    "Dear Dr Oldroyd,\n\nMs Ann-Marie O'Hara will come in my place.": "Ann-Marie O'Hara",
    "My colleague Dr Siân ap Rhys will represent me.": "Dr Siân ap Rhys",
    "My colleague Prof. J. K. McLeod will represent me.": "Prof. J. K. McLeod",
    "Vice-Chair Mary Lindqvist will come in my place.": "Mary Lindqvist",
    "Tom, I'm sending my daughter Tilly in my place.": "Tilly",
    "I move to Nairobi in January, so please take my deputy. Bronagh Shields comes in my place.": "Bronagh Shields",
    "My daughter Tilly Scarr will come in my place.": "Tilly Scarr",
    "I cannot come, my deputy will.": "",
    "The NHS sends my deputy in my place.": "",
    "Edmund Scarr cannot come, his deputy will come in his place.": "",
    "An seiner Stelle würde Frau Bürgermeisterin Dr. Yılmaz kommen.": "Dr. Yılmaz",
    "Ich kann leider nicht, aber mein Kollege Lars Hansen kommt an meiner Stelle.": "Lars Hansen",
    "Elle sera représentée par M. Karim Zitouni, sous-préfet.": "Karim Zitouni",
    "Mag mijn collega Sjoerd Postma van onze afdeling in mijn plaats komen?": "Sjoerd Postma",
    "An bhféadfadh Eoin Ó hAodha teacht i m'áit?": "Eoin Ó hAodha",
}


@pytest.mark.parametrize(("text", "name"), NAMES.items(), ids=NAMES.keys())
def test_the_name_of_a_deputy(text, name):
    assert deputy(text)[0] == name


@pytest.mark.parametrize(
    ("text", "copied", "expected"),
    [
        ("My deputy Ann Lee (ann.lee@example.org) comes in my place.", (), ("Ann Lee", "ann.lee@example.org")),
        ("My deputy Ann comes in my place: ann.lee@example.org", (), ("Ann", "ann.lee@example.org")),
        ("My deputy will come in my place: desk@example.org", (), ("", "desk@example.org")),
        ("My deputy Ann Lee comes in my place, copied here.",
         (Mailbox("Ann Lee", "al@example.org"), Mailbox("Kim", "kim@example.org")), ("Ann Lee", "al@example.org")),
        ("Northern Housing sends my deputy in my place: Ann Lee, ann.lee@example.org. Ring kim@example.org.", (),
         ("Ann Lee", "ann.lee@example.org")),
    ],
)  # fmt: skip
def test_an_address_goes_with_its_name(text, copied, expected):
    assert deputy(text, copied=copied) == expected


@pytest.mark.parametrize("piece", ["Sam Okafor ", "P. ", "Mr ", "A de ", "Tom, ", "a@b.cc ", "My deputy Sam comes. "])
def test_a_long_text_costs_little(piece):
    deputy("My deputy will come in my place.")
    started = time.process_time()
    deputy("My deputy will come in my place. " + piece * 20_000)
    assert time.process_time() - started < 0.5
