"""A convener who speaks Welsh: what the public sees, what the sign-in says, and who chooses at the desk."""

import re
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from roundtables.convener import actions as conveners
from roundtables.convener.model import Account, Convener
from roundtables.desk.opened import opened
from roundtables.errors import Refusal
from roundtables.roundtable.rules import Visibility
from tests.post.shelf import laid, wrote
from tests.web_client import csrf
from tests.world import NOW

LANG = re.compile(r'<html lang="([^"]+)"')
PAGES = ("/", "/posts/", "/discussions/", "/reports/", "/search?q=zzz", "/data", "/conveners/larkmoor-trust")


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        yield


@pytest.fixture
def welsh(world):
    with world.db.write() as session:
        conveners.speak(session, session.exec(select(Convener)).one().id, "cy")
    return world


def languages(client, *paths, **headers):
    return {LANG.search(client.get(path, headers=headers).text)[1] for path in paths}


def test_public_pages_are_in_the_language_of_the_convener_whatever_the_browser_asks(world, client):
    assert languages(client, *PAGES, **{"accept-language": "cy"}) == {"en-GB"}


def test_a_welsh_convener_has_welsh_pages(welsh, client):
    table = laid(welsh, title="Pwy a ofala?", visibility=Visibility.LISTED)
    wrote(welsh, roundtable_ids=[table])
    assert languages(client, *PAGES, **{"accept-language": "en"}) == {"cy"}
    page = client.get("/discussions/pwy-a-ofala").text
    assert "dydd Iau 1 Gorffennaf 2027, 10.00 tan 12.30" in page
    assert "3 sedd, drwy wahoddiad." in page
    assert 'aria-label="Bwrdd crwn: 3 sedd' in page
    assert 'lang="en-GB"' in client.get("/posts/the-form-was-never-the-problem").text  # the post's own words


def test_feeds_and_the_calendar_say_their_few_words_in_welsh(welsh, client):
    assert ET.fromstring(client.get("/feed.atom").text).get("{http://www.w3.org/XML/1998/namespace}lang") == "cy"
    assert client.get("/feed.json").json()["language"] == "cy"
    assert "Trafodaethau\\, Larkmoor Trust" in client.get("/discussions.ics").text


def test_a_page_for_all_conveners_is_english_unless_they_agree(welsh, client):
    with welsh.db.write() as session:
        other = conveners.found_convener(session, "Harbour Foundation", now=NOW)
    assert languages(client, "/", "/conveners/harbour-foundation") == {"en-GB"}
    assert languages(client, "/conveners/larkmoor-trust") == {"cy"}
    with welsh.db.write() as session:
        conveners.speak(session, other.id, "cy")
    assert languages(client, "/", "/conveners/harbour-foundation") == {"cy"}


def test_an_error_is_told_in_the_language_the_browser_asks_for(world, client):
    found = client.get("/nowhere", headers={"accept-language": "cy, en;q=0.5"})
    assert (found.status_code, found.headers["vary"]) == (404, "accept-language")
    assert "Nid oes tudalen o’r fath yma." in found.text
    assert "There is no such page here." in client.get("/nowhere").text


def test_programs_are_told_in_english(welsh, api):
    refused = api.post("/api/v1/people", json={"name": "", "email": "x@example.org"}, headers={"accept-language": "cy"})
    assert refused.status_code == 422
    assert "Mae angen" not in refused.text


def test_signing_in_is_welsh_and_so_is_the_letter(welsh, client):
    assert "Dewch i eistedd" in client.get("/sign-in").text
    refused = client.post("/sign-in/none")
    assert "Mae’r ddolen hon wedi’i defnyddio neu’n rhy hen." in refused.text
    client.post("/sign-in", data={"email": "farah@larkmoor.example"})
    letter = welsh.letters(kind="sign-in")[-1]
    assert letter.subject == "Eich dolen i fewngofnodi"
    assert "Annwyl Farah" in opened(letter.raw).text


def test_an_organiser_chooses_the_language_of_the_desk_for_themselves(world, desk, client):
    page = desk.get("/desk/account").text
    assert LANG.search(page)[1] == "en-GB"
    desk.post("/desk/account/language", data={"language": "cy", "_csrf": csrf(page)})
    assert languages(desk, "/desk", "/desk/account", "/desk/roundtables", "/desk/inbox", "/desk/people") == {"cy"}
    assert "Blwch derbyn" in desk.get("/desk").text
    assert languages(client, "/") == {"en-GB"}
    desk.post("/desk/account/language", data={"language": "", "_csrf": csrf(page)})
    assert languages(desk, "/desk") == {"en-GB"}


def test_an_organiser_chooses_the_public_language_for_everybody(world, desk, client):
    page = desk.get("/desk/account").text
    desk.post("/desk/account/public-language", data={"language": "cy", "_csrf": csrf(page)})
    assert languages(client, "/") == {"cy"}
    assert languages(desk, "/desk") == {"cy"}


def test_only_languages_we_have_are_taken_and_only_from_our_own_forms(world, desk):
    page = desk.get("/desk/account").text
    assert desk.post("/desk/account/language", data={"language": "fr", "_csrf": csrf(page)}).status_code == 409
    assert desk.post("/desk/account/language", data={"language": "cy"}).status_code == 403
    with world.db.write() as session:
        account, convener = session.exec(select(Account)).one(), session.exec(select(Convener)).one()
        with pytest.raises(Refusal):
            conveners.speak(session, convener.id, "")
    assert (account.language, convener.language) == ("", "en-GB")
