"""People by the file at the desk: sent, looked through, stored with one button, and taken out again."""

import re

import pytest
from sqlmodel import select

from roundtables.db import now
from roundtables.person import kept_files, queries
from roundtables.person.model import PeopleFile, Person
from tests.desk.test_outbox import neighbour  # noqa: F401 a fixture is used by its name
from tests.web_client import csrf
from tests.world import ANA, JO

SHEET = """name,email,title,organisation
Jo Bloggs,jo@example.org,Leader,Northshire Council
Ana Ruiz,ana.ruiz@example.com,Director,Open Door Kitchens
Zoë Ångström,zoe@example.net,Chair,Larch Fund
Nobody,not an address,,
"""


def send(desk, *, file=None, pasted="", name="people.csv"):
    fields = {"pasted": pasted, "_csrf": csrf(desk.get("/desk/people/import").text)}
    files = {"file": (name, file)} if file is not None else {"file": ("", b"")}
    return desk.post("/desk/people/import", data=fields, files=files, follow_redirects=False)


def looked(desk, **what):
    came = send(desk, **what)
    assert came.status_code == 303, came.text
    return came.headers["location"]


def press(desk, address, at, **choices):
    form = {name.replace("__", "."): value for name, value in choices.items()}
    page = desk.get(address)
    return desk.post(f"{address}/{at}", data=form | {"_csrf": csrf(page.text)})


def book(world):
    with world.db.read() as session:
        people = session.exec(select(Person).where(Person.convener_id == world.convener_id).order_by(Person.id)).all()
        others = queries.other_addresses(session, [p.id for p in people])
    return {p.name: (p.email, p.title, *others.get(p.id, [])) for p in people}


def said(page):
    return " ".join(re.sub(r"<[^>]+>", " ", re.search(r'<p class="say">(.*?)</p>', page, re.S)[1]).split())


def test_a_file_is_looked_through_before_anything_is_stored(desk, world):
    world.ask(JO, ANA)
    before = book(world)
    page = desk.get(looked(desk, file=SHEET.encode())).text
    assert said(page) == (
        "1 new, 1 with changes, 0 as we know them. One may be somebody you know. One row cannot be taken."
    )
    assert "<del>Chief Executive</del> → <ins>Leader</ins>" in page
    assert "The same name and organisation, with another address." in page
    assert "Row 5: “not an address” is not an e-mail address" in page
    assert book(world) == before


def test_one_button_stores_the_usual_and_says_what_was_left(desk, world):
    world.ask(JO, ANA)
    page = press(desk, looked(desk, file=SHEET.encode()), "outcome").text
    assert said(page) == "1 added, 1 changed, 0 as they were, 2 not taken."
    assert book(world) == {
        "Jo Bloggs": ("jo@example.org", "Leader"),
        "Ana Ruiz": ("ana@example.net", "Director"),
        "Zoë Ångström": ("zoe@example.net", "Chair"),
    }


@pytest.mark.parametrize(
    ("choices", "changed"),
    [
        ({"row__3": "merge"}, {"Ana Ruiz": ("ana@example.net", "Director", "ana.ruiz@example.com")}),
        ({"rest__duplicate": "merge"}, {"Ana Ruiz": ("ana@example.net", "Director", "ana.ruiz@example.com")}),
        ({"row__2": "leave"}, {"Jo Bloggs": ("jo@example.org", "Chief Executive")}),
        (
            {"row__2": "add", "row__x": "merge", "rest__none": "add"},
            {"Jo Bloggs": ("jo@example.org", "Chief Executive")},
        ),
    ],
    ids=["into them", "the rest into them", "left out", "what may not be chosen is left out"],
)
def test_a_choice_beside_a_row_is_kept_to(desk, world, choices, changed):
    world.ask(JO, ANA)
    usual = {
        "Jo Bloggs": ("jo@example.org", "Leader"),
        "Ana Ruiz": ("ana@example.net", "Director"),
        "Zoë Ångström": ("zoe@example.net", "Chair"),
    }
    press(desk, looked(desk, file=SHEET.encode()), "outcome", **choices)
    assert book(world) == usual | changed


def test_a_namesake_is_added_beside_whom_we_know(desk, world):
    world.ask(JO, ANA)
    press(desk, looked(desk, file=SHEET.encode()), "outcome", row__3="add", row__4="leave")
    with world.db.read() as session:
        assert sorted(session.exec(select(Person.email).where(Person.name == "Ana Ruiz"))) == [
            "ana.ruiz@example.com",
            "ana@example.net",
        ]


def test_sent_twice_it_is_stored_once(desk, world):
    address = looked(desk, file=SHEET.encode())
    form = {"_csrf": csrf(desk.get(address).text)}
    for _ in range(2):
        desk.post(f"{address}/outcome", data=form)
    assert len(book(world)) == 3
    assert desk.get(address).url.path == f"{address}/outcome"


def test_an_undo_takes_out_whom_the_file_added_and_nobody_else(desk, world):
    world.ask(JO, ANA)
    address = looked(desk, file=SHEET.encode())
    press(desk, address, "outcome")
    page = desk.post(f"{address}/undo", data={"_csrf": csrf(desk.get("/desk/people").text)}).text
    assert said(page) == "Everybody whom it added is out of the book again."
    assert list(book(world)) == ["Jo Bloggs", "Ana Ruiz"]


def test_an_undo_leaves_whoever_was_asked_or_changed_since(desk, world):
    lines = "\n".join(f"Guest {n} <g{n}@example.org>" for n in range(3))
    address = looked(desk, pasted=f"{lines}\nJo Bloggs <jo@example.org>, Chief Executive, Northshire Council")
    press(desk, address, "outcome")
    world.ask(JO)
    with world.db.write() as session:
        queries.by_address(session, world.convener_id, "g1@example.org").name = "Guest One"
    page = desk.post(f"{address}/undo", data={"_csrf": csrf(desk.get("/desk/people").text)}).text
    assert said(page) == "Out of the book again, but for 2 who were changed or asked to a table since."
    assert list(book(world)) == ["Guest One", "Jo Bloggs"]


def test_the_report_is_a_sheet_that_calculates_nothing(desk, world):
    address = looked(desk, file=b'name,email\n"=HYPERLINK(""x"")",a@example.org\nJo,jo@example.org\n')
    press(desk, address, "outcome")
    sheet = desk.get(f"{address}/not-taken.csv")
    assert sheet.headers["content-disposition"] == 'attachment; filename="not-taken.csv"'
    assert sheet.text.splitlines()[1].startswith("2,A formula stands under “name”.")
    assert "\"'=HYPERLINK" in sheet.text


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ({}, "Choose a file, or paste some lines."),
        ({"file": b"Jo,jo@example.org\n"}, "No row of it has headings such as “name” and “email”."),
        ({"file": b"name,email\n"}, "There is nobody in it."),
        ({"file": b"\x89PNG\r\n\x1a\n\x00\x00"}, "This is not a text or a sheet."),
        ({"file": b"a" * (10 * 1024 * 1024 + 1)}, "The file has more than 10 MB."),
    ],
    ids=["nothing", "no headings", "nobody", "a picture", "too much"],
)
def test_what_cannot_be_read_says_so_beside_the_field(desk, world, what, says):
    refused = send(desk, **what)
    assert refused.status_code == 422
    assert says in refused.text
    with world.db.read() as session:
        assert session.exec(select(PeopleFile)).all() == []


def test_an_hour_later_the_file_is_gone(desk, world):
    address = looked(desk, file=SHEET.encode())
    with world.db.write() as session:
        session.exec(select(PeopleFile)).one().created_at = now() - kept_files.LASTS
    assert desk.get(address).status_code == 404
    with world.db.write() as session:
        kept_files.tidy(session, now())
        assert session.exec(select(PeopleFile)).all() == []


def test_nobody_else_sees_it(desk, world, neighbour):  # noqa: F811 the fixture
    address = looked(desk, file=SHEET.encode())
    for at in (address, f"{address}/outcome", f"{address}/not-taken.csv"):
        assert neighbour.get(at).status_code == 404
    form = {"_csrf": csrf(neighbour.get("/desk/people").text)}
    assert neighbour.post(f"{address}/outcome", data=form).status_code == 404
    assert book(world) == {}


def test_without_the_forms_token_nothing_is_kept(desk, world):
    assert desk.post("/desk/people/import", files={"file": ("a.csv", SHEET.encode())}).status_code == 403
    address = looked(desk, file=SHEET.encode())
    assert desk.post(f"{address}/outcome").status_code in (400, 403)
    assert desk.post(f"{address}/undo", data={"_csrf": "00"}).status_code == 403
    assert book(world) == {}


def test_a_page_names_the_first_two_hundred_and_counts_the_rest(desk, world):
    rows = "".join(f"Guest {n},g{n}@example.org\n" for n in range(205))
    page = desk.get(looked(desk, file=f"name,email\n{rows}".encode())).text
    assert len(re.findall(r'name="row\.\d+"', page)) == 200
    assert "The other 5, which are not shown:" in page


def test_the_book_is_taken_along_and_read_in_again_without_a_change(desk, world):
    world.ask(JO, ANA)
    for name in ("people.csv", "people.xlsx", "people.vcf"):
        file = desk.get(f"/desk/people/export/{name}")
        assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert said(desk.get(looked(desk, file=file.content)).text) == "0 new, 0 with changes, 2 as we know them."
    assert desk.get("/desk/people/export/people.exe").status_code == 404
    assert said(desk.get("/desk/people/export").text).startswith("2 people")
