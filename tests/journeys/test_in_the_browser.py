"""
The whole story through a browser alone: an organiser, the guests and a reader, first without script, then with.

Every page is found by the links and buttons people see. The mail room stands in for everybody's mailbox.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browser import PHONE, Demo, barriers, chromium, complaints, demo, is_page, kind_of, links, look_at
from tests.journeys.ways import field, heading, open_letter, says, shapes, to_table

pytestmark = pytest.mark.journey
TITLE, SEEDED = "Who minds the night bus?", "Who rings the person who rings everyone?"
ANA, BO = ("Ana Ruiz", "ana.ruiz@example.net"), ("Bo Larkin", "bo.larkin@example.com")
SAMINA, RHIANNON = "Samina Wright", "Rhiannon Pugh"
POST = "The last bus is a public service"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo with an organiser signed in by the link that the mail room shows."""
    with chromium() as browser, demo(tmp_path_factory.mktemp("demo")) as url:
        with Demo(url, browser).page() as page:
            page.goto("/mailroom")
            page.get_by_role("link", name="sign in at the desk").click()
            page.get_by_role("button", name="Sign in").click()
            expect(page).to_have_url(f"{url}/desk")
            signed_in = page.context.storage_state()
        yield Demo(url, browser, signed_in)


def test_a_table_is_laid_filled_closed_and_written_about_without_script(house):
    with house.page(storage_state=house.signed_in) as desk, house.page() as guest:
        desk.goto("/desk")
        the_table_is_laid(desk)
        two_guests_are_written_to(desk)
        looking_at_every_link_changes_nothing(desk, guest)
        each_answers_in_their_own_way(desk, guest)
        a_phone_call_and_a_withdrawal(desk)
        the_table_is_closed(desk)
        the_post_is_published(desk)
        readers_find_it(guest)


def test_every_page_is_quiet_open_to_all_and_as_wide_as_its_window(house):
    """With script: whatever can be reached by links, one page of each kind, and one mail that needs a person."""
    with house.page(script=True, storage_state=house.signed_in) as page:
        said = complaints(page)
        to_see = ["/", "/desk", "/sign-in", "/mailroom", "/api/v1/docs", *an_unclear_answer(page)]
        seen, found = set(), {}
        while to_see:
            address = to_see.pop(0)
            if kind_of(address) in seen or not is_page(address):
                continue
            seen.add(kind_of(address))
            found[address] = [*look_at(page, address), *said]
            to_see += links(page, house.url)
            said.clear()
        page.goto("/desk")
        expect(page.get_by_role("link", name=f"A deputy for {RHIANNON}")).to_be_visible()
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
    assert len(seen) > 30, seen


@pytest.mark.parametrize("layout", ["/", "/desk", "/desk/inbox", "/desk/roundtables/2", "/desk/posts/1", "/mailroom"])
def test_in_the_dark_on_a_phone_everything_can_still_be_read(house, layout):
    dark = {"color_scheme": "dark", "viewport": PHONE}
    with house.page(script=True, storage_state=house.signed_in, **dark) as page:
        page.goto(layout)
        assert barriers(page) == []


def an_unclear_answer(guest: Page) -> list[str]:
    """Somebody writes what only a person can decide: the addresses of their letter, their page, what became of it."""
    open_letter(guest, RHIANNON)
    letter = urlsplit(guest.url).path
    link = guest.frame_locator("iframe.mailframe").get_by_role("link").first
    own = urlsplit(link.get_attribute("href") or "").path
    guest.get_by_label("In your own words").fill("Sadly I am in Cardiff that day, but could my deputy Ewa Nowak come?")
    guest.get_by_role("button", name="Send this reply").click()
    expect(heading(guest, "A person will decide.")).to_be_visible()
    return [letter, own, urlsplit(guest.url).path]


def the_table_is_laid(desk: Page) -> None:
    """Wrongly once: the problem stands beside its field and everything typed is still there."""
    day = date.today() + timedelta(days=60)
    desk.get_by_role("link", name="Lay a new table").click()
    typed = {
        "Title": TITLE,
        "Question": "What would make the last bus home feel kept?",
        "Summary": "A short evening on the last hour of the day.",
        "Date": day.isoformat(),
        "Begins": "18.00",
        "Ends": "17.00",
        "Town": "Leeds",
        "Kinds of seat": "Transport 2\nNeighbours 2",
        "Answers by": (day - timedelta(days=14)).isoformat(),
    }
    for label, words in typed.items():
        field(desk, label).fill(words)
    desk.get_by_role("spinbutton", name="Seats").fill("4")
    desk.get_by_label("What the public sees").select_option("listed")
    desk.get_by_role("button", name="Lay the table").click()

    ends = field(desk, "Ends")
    expect(ends).to_have_attribute("aria-invalid", "true")
    expect(ends).to_have_accessible_description(re.compile("end", re.I))
    assert desk.locator(".error").all_inner_texts() == desk.locator("#f-ends_at-error").all_inner_texts() != []
    for label, words in typed.items():
        expect(field(desk, label)).to_have_value(words)
    ends.fill("20.00")
    desk.get_by_role("button", name="Lay the table").click()
    expect(heading(desk, TITLE)).to_be_visible()


def two_guests_are_written_to(desk: Page) -> None:
    """Drafts first, on the page that laying the table led to; one is read in the outbox; the wave is sent."""
    for number, (name, address) in enumerate((ANA, BO), start=1):
        person = desk.get_by_role("group", name=f"Person {number}")
        person.get_by_label("Name", exact=True).fill(name)
        person.get_by_label("E-mail", exact=True).fill(address)
        person.get_by_label("Organisation", exact=True).fill(f"House {number}")
        person.get_by_label("Kind of seat", exact=True).select_option(label="Neighbours")
    desk.get_by_role("button", name="Write them down").click()
    assert says(desk, ANA[0]).startswith("Drafted, not sent")

    desk.get_by_role("navigation", name="Desk").get_by_role("link", name="Outbox").click()
    desk.get_by_role("listitem").filter(has_text=ANA[1]).get_by_role("link").click()
    expect(desk.get_by_text("Held: nothing leaves until you press send.")).to_be_visible()
    assert "Dear Ana" in desk.locator("pre.mailpart").first.inner_text()

    to_table(desk, TITLE)
    desk.get_by_role("link", name="Read and send wave 1").click()
    assert desk.locator("main ol li b").all_inner_texts() == [ANA[0], BO[0]]
    expect(desk.get_by_role("link", name=f"Read the letter to {ANA[0]}")).to_be_visible()
    desk.get_by_role("button", name="Send two invitations").click()
    assert all(says(desk, name).startswith("Asked, no answer yet") for name, _ in (ANA, BO))
    assert shapes(desk) == {"a": 2, "e": 2}


def looking_at_every_link_changes_nothing(desk: Page, guest: Page) -> None:
    """As mail scanners look: each link of the letter, the answers among them."""
    open_letter(guest, ANA[0])
    letter = guest.frame_locator("iframe.mailframe").get_by_role("link")
    links = [link.get_attribute("href") for link in letter.all()]
    assert len(links) >= 4
    for link in links:
        assert guest.request.get(link).ok
    to_table(desk, TITLE)
    assert says(desk, ANA[0]).startswith("Asked, no answer yet")


def each_answers_in_their_own_way(desk: Page, guest: Page) -> None:
    """Ana on her page, Bo in words, a guest of the seeded table on the calendar card; the drawings follow."""
    open_letter(guest, ANA[0])
    with guest.context.expect_page() as opened:
        guest.frame_locator("iframe.mailframe").get_by_role("link", name="Yes").click()
    page = opened.value
    expect(page.get_by_label("Yes", exact=True)).to_be_checked()
    page.get_by_role("button", name="I’ll be there").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You are coming on")
    page.close()

    open_letter(guest, BO[0])
    guest.get_by_label("In your own words").fill("Thank you, count me in.\n\nBo")
    guest.get_by_role("button", name="Send this reply").click()
    expect(heading(guest, "Understood, and it counts.")).to_be_visible()
    expect(guest.locator("mark")).to_contain_text("count me in")

    to_table(desk, TITLE)
    assert shapes(desk) == {"y": 2, "e": 2}
    assert "count me in" in says(desk, BO[0])
    to_table(desk, SEEDED)
    before = shapes(desk)
    open_letter(guest, SAMINA)
    guest.get_by_role("button", name="Accept").click()
    expect(heading(guest, "Understood, and it counts.")).to_be_visible()
    desk.reload()
    assert shapes(desk) == {**before, "y": before["y"] + 1, "a": before["a"] - 1}
    assert says(desk, SAMINA).startswith("Coming")


def a_phone_call_and_a_withdrawal(desk: Page) -> None:
    """Ana rings: she is not sure after all. Bo's invitation is withdrawn; his seat is free."""
    to_table(desk, TITLE)
    desk.get_by_role("link", name=f"Open {ANA[0]}").click()
    desk.get_by_label("Not sure yet").check()
    desk.get_by_label("If not sure, they will know by").fill((date.today() + timedelta(days=20)).isoformat())
    desk.get_by_label("In their words").fill("Rang: her shift may change.")
    desk.get_by_role("button", name="Take the answer down").click()
    to_table(desk, TITLE)
    assert says(desk, ANA[0]).startswith("Maybe")
    assert shapes(desk) == {"y": 1, "m": 1, "e": 2}

    desk.get_by_role("link", name=f"Open {BO[0]}").click()
    desk.get_by_text("Withdraw the invitation").click()
    desk.get_by_label("A word on why").fill("The room has become smaller.")
    desk.get_by_role("button", name="Withdraw it").click()
    to_table(desk, TITLE)
    assert shapes(desk) == {"m": 1, "e": 3}


def the_table_is_closed(desk: Page) -> None:
    desk.get_by_text("Close this table").click()
    desk.get_by_label("How many came, said in public").fill("3")
    desk.get_by_role("button", name="Close the table").click()
    expect(desk.get_by_role("link", name="Add guests")).to_have_count(0)


def the_post_is_published(desk: Page) -> None:
    desk.get_by_role("link", name="What came of it").click()
    desk.get_by_role("link", name="Write a post").click()
    expect(desk.get_by_role("checkbox", name=TITLE)).to_be_checked()
    field(desk, "Title").fill(POST)
    field(desk, "Standfirst").fill("What a timetable says to those who wait.")
    field(desk, "Text").fill("## After midnight\n\nSomebody *waits* at every stop, and the lamplighter knows it.")
    field(desk, "Authors").fill("Farah Lindqvist, Convener, Carnegie UK Trust")
    desk.get_by_role("button", name="Save").click()
    desk.get_by_role("button", name="Publish").click()
    expect(desk.get_by_text("Published", exact=False).first).to_be_visible()


def readers_find_it(reader: Page) -> None:
    """From the front page, the discussion, the feed and the search box, and at its own address."""
    reader.goto("/")
    reader.get_by_role("link", name=POST).first.click()
    expect(heading(reader, POST)).to_be_visible()
    expect(reader.get_by_role("article")).to_contain_text("Somebody waits at every stop")
    address = reader.url
    reader.get_by_role("link", name=TITLE).first.click()
    expect(heading(reader, TITLE)).to_be_visible()
    reader.get_by_role("main").get_by_role("link", name=POST).first.click()
    expect(reader).to_have_url(address)
    feed = reader.request.get(reader.get_by_role("link", name="Feed").get_attribute("href") or "")
    assert POST in feed.text()
    reader.get_by_role("navigation", name="Site").get_by_role("link", name="Search").click()
    reader.get_by_role("searchbox").fill("lamplighter")
    reader.get_by_role("button", name="Search").click()
    reader.get_by_role("link", name=POST).click()
    expect(reader).to_have_url(address)
