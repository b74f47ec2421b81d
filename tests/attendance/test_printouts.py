"""What is printed: set in our fonts, from words that are only words, and what is new or changed since the last time."""

import re
import time
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from roundtables.attendance.day import gathered, seated
from roundtables.attendance.papers import Before, Paper, Sheets, changes, data_of, said_of
from roundtables.attendance.typesetting import one_line, pdf, pictures
from roundtables.invitation.actions import Guest
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, State
from tests.world import NOW

HOSTILE = '#read("/etc/passwd") *b* $x$ \\ [c] #strong[d] "e" `f` @g <h> // i'
ENGLISH = {"language": "en-GB", "at": NOW}


def sheets(world, *, now=NOW):
    with world.db.read() as session:
        day = gathered(session, world.convener_id, world.table_id)
        return Sheets(day, seated(day, reads_needs=True), now, ["Kindness in public"])


def words(made):
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(BytesIO(made)).pages]


def printed(kind, found, before=None, **more):
    return words(pdf(data_of(kind, found, before or Before(), **more), **ENGLISH))


def rename(world, id, **to):
    with world.db.write() as session:
        session.get_one(Invitation, id).sqlmodel_update(to)


@pytest.mark.parametrize("kind", list(Paper))
def test_every_kind_is_set_with_its_fonts_embedded_and_its_language_named(world, kind):
    made = PdfReader(BytesIO(pdf(data_of(kind, sheets(world), Before()), **ENGLISH)))
    fonts = {str(font["/BaseFont"]): font for page in made.pages for font in _fonts_of(page)}
    assert any("Brygada" in name for name in fonts)
    assert all(any(key.startswith("/FontFile") for key in _descriptor(font)) for font in fonts.values())
    assert (made.trailer["/Root"]["/Lang"], made.metadata.title) == ("en", "Whose job is it to be kind?")


def _fonts_of(page):
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


def _descriptor(font):
    return font["/DescendantFonts"][0].get_object()["/FontDescriptor"]


def test_the_same_values_at_the_same_moment_are_the_same_bytes(world):
    data = data_of(Paper.PACK, sheets(world), Before())
    assert pdf(data, **ENGLISH) == pdf(data, **ENGLISH)


def test_what_people_wrote_is_text_and_never_markup(world):
    rename(world, world.ids[5], name=HOSTILE, title=HOSTILE, organisation=HOSTILE)
    for kind in (Paper.BADGES, Paper.DOOR, Paper.PACK, Paper.TENTS):
        said = "".join(printed(kind, sheets(world))).replace(" ", "")
        assert '#read("/etc/passwd")*b*$x$' in said.replace("\u200b", "")
        assert "root:" not in said


def test_ten_badges_are_on_a_page(world):
    data = data_of(Paper.BADGES, sheets(world), Before())
    data["people"] = (data["people"] * 5)[:21]
    assert len(PdfReader(BytesIO(pdf(data, **ENGLISH))).pages) == 3


def test_thirty_badges_take_less_than_two_seconds(world):
    data = data_of(Paper.BADGES, sheets(world), Before())
    data["people"] = (data["people"] * 5)[:30]
    began = time.perf_counter()
    pdf(data, **ENGLISH)
    assert time.perf_counter() - began < 2


def test_a_name_of_two_hundred_letters_and_a_word_without_end_stay_on_their_badge(world):
    rename(world, world.ids[5], name="Wolfeschlegelsteinhausen" * 8, organisation="of " * 90)
    assert len(printed(Paper.BADGES, sheets(world))) == 1


@pytest.mark.parametrize(
    "name", ["محمد الأحمد", "דוד כהן", "Ελένη Παπαδοπούλου", "Иван Петров", "Łukasz Wójcik", "Siân Ŵyn"]
)
def test_names_in_other_letters_have_a_font(world, name):
    rename(world, world.ids[5], name=name)
    made = PdfReader(BytesIO(pdf(data_of(Paper.BADGES, sheets(world), Before()), **ENGLISH)))
    said = made.pages[0].extract_text()
    assert all(part in said or part[::-1] in said or part in said[::-1] for part in name.split()[:1])
    assert "\ufffd" not in said


@pytest.mark.parametrize(
    ("typed", "set_as"),
    [
        ("Jo\u202e sggolB", "Jo sggolB"),
        ("Jo\nBloggs\t\x07", "Jo Bloggs"),
        ("\u2067Jo\u2069", "Jo"),
        ("a" * 30, "a" * 13 + "\u200b" + "a" * 13 + "\u200b" + "aaaa"),
        ("Stowe-Featherstonehaugh-Cholmondeley", "Stowe-Featherstonehaugh-Cholmondeley"),
    ],
)
def test_a_name_becomes_one_line_that_turns_nothing_around(typed, set_as):
    assert one_line(typed) == set_as


def test_the_chair_has_the_rule_the_question_and_a_line_for_each(world):
    [said, *_] = printed(Paper.BRIEF, sheets(world))
    assert "You may not say who said it, or who was there." in said
    assert "What would it take for public bodies to be kind on purpose?" in said
    assert "Cai Pugh, Chief Nurse, Penhallow Hospitals" in said


@pytest.mark.parametrize("kind", [Paper.KITCHEN, Paper.ROOM])
def test_kitchen_and_room_have_no_names(world, kind):
    data = data_of(kind, sheets(world), Before())
    said = " ".join(printed(kind, sheets(world)))
    for guest in world.invitations():
        assert not any(part in said for part in (guest.name, guest.organisation, guest.name.split()[0]))
    assert "people" not in data
    assert "6 people in the room" in said


def test_kitchen_and_room_say_what_was_asked_for(world):
    assert "1 Vegetarian (…)" in " ".join(printed(Paper.KITCHEN, sheets(world)))
    assert "1 I use a hearing loop" in " ".join(printed(Paper.ROOM, sheets(world)))


def test_the_pack_has_every_sheet_with_page_numbers(world):
    said = printed(Paper.PACK, sheets(world))
    assert all(f"page {n} of {len(said)}" in page for n, page in enumerate(said, start=1))
    assert all(title in " ".join(said) for title in ("For the chair", "Seating", "Door list", "For the room"))


def test_no_sheet_that_is_handed_round_tells_why_somebody_sits_where_they_do(world):
    for kind in (Paper.SEATING, Paper.BRIEF, Paper.DOOR, Paper.BADGES, Paper.TENTS):
        assert "loop" not in " ".join(printed(kind, sheets(world))).lower()
    assert "Here by request" in " ".join(printed(Paper.SEATING, sheets(world)))


def test_deputies_are_marked_on_the_badge_without_whose(world):
    rename(world, world.ids[5], deputy_of_id=world.ids[4])
    assert "deputy" in printed(Paper.BADGES, sheets(world))[0]
    assert "deputy for" not in printed(Paper.BADGES, sheets(world))[0]
    assert "deputy for Ben Wójcik" in printed(Paper.DOOR, sheets(world))[0]


def test_who_joins_online_has_no_badge_and_no_seat(world):
    rename(world, world.ids[5], mode="online")
    assert "Cai Pugh" not in printed(Paper.BADGES, sheets(world))[0]
    assert "Cai Pugh" in printed(Paper.DOOR, sheets(world))[0]
    assert "1 online" in printed(Paper.ROOM, sheets(world))[0]


def test_what_is_new_changed_and_gone_since_it_was_printed(world):
    before = Before(NOW, said_of(Paper.BADGES, sheets(world)))
    rename(world, world.ids[5], title="Chief Midwife")
    rename(world, world.ids[4], state=State.DECLINED)
    [dee] = world.ask(Guest("Dee Trefor", "dee@example.org"))
    world.answer(dee, Answer.ACCEPTED)
    now = sheets(world, now=NOW + timedelta(days=1))
    marks = {one["name"]: one["mark"] for one in data_of(Paper.BADGES, now, before)["people"]}
    assert {name: str(mark) for name, mark in marks.items() if mark} == {"Cai Pugh": "changed", "Dee Trefor": "new"}
    assert changes(Paper.BADGES, now, before) == {"new": 1, "changed": 1, "gone": 1}
    [only] = printed(Paper.BADGES, now, before, only_changed=True)
    assert ("Dee Trefor" in only, "Cai Pugh" in only, "Hugh Tennant" in only) == (True, True, False)
    door = printed(Paper.DOOR, now, replace(before, said=said_of(Paper.DOOR, sheets(world)) | {str(world.ids[4]): "x"}))
    assert "No longer coming" in door[0]


def test_nothing_is_marked_that_was_never_printed(world):
    assert {one["mark"] for one in data_of(Paper.BADGES, sheets(world), Before())["people"]} == {""}


def test_a_sheet_without_names_says_that_it_changed(world):
    before = Before(NOW, said_of(Paper.KITCHEN, sheets(world)))
    assert data_of(Paper.KITCHEN, sheets(world), before)["since"] == ""
    rename(world, world.ids[4], state=State.DECLINED)
    assert data_of(Paper.KITCHEN, sheets(world), before)["since"].startswith("Changed since it was printed")


def test_digests_tell_nothing_of_a_name(world):
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in said_of(Paper.DOOR, sheets(world)).values())


def test_pages_can_be_had_as_pictures(world):
    assert all(
        one.startswith(b"\x89PNG") for one in pictures(data_of(Paper.PACK, sheets(world), Before()), language="cy")
    )
