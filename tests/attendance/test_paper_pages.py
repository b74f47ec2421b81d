"""PDFs to look at, PDFs that were printed, and what the page says has changed since."""

from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlmodel import select

from roundtables.attendance.model import Printing
from roundtables.attendance.papers import Paper
from roundtables.invitation.rules import Answer
from tests.attendance.conftest import Guest


def printings(world):
    with world.db.read() as session:
        return [(row.kind, row.printed_by) for row in session.exec(select(Printing).order_by(Printing.id))]


@pytest.mark.parametrize("kind", list(Paper))
def test_looking_at_one_writes_nothing_down(desk, world, kind):
    answer = desk.get(f"{world.base}/{kind.value}.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == f'inline; filename="{kind.value}-table-{world.table_id}.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    assert printings(world) == []


def test_printing_is_written_down_by_kind(desk, send, world):
    answer = send(f"{world.base}/printings", kind="badges")
    assert answer.headers["content-disposition"] == f'attachment; filename="badges-table-{world.table_id}.pdf"'
    assert printings(world) == [("badges", "Farah Lindqvist")]
    page = desk.get(f"{world.base}/badges").text
    assert "Printed by Farah Lindqvist" in page
    assert page.count("Not printed yet.") == len(Paper) - 1
    assert "Nothing has changed since." in page


def test_what_came_after_is_marked_however_often_the_button_is_pressed(desk, send, world):
    send(f"{world.base}/printings", kind="badges")
    [dee] = world.ask(Guest("Dee Trefor", "dee@example.org"))
    world.answer(dee, Answer.ACCEPTED)
    assert "Since then: 1 new, 0 changed, 0 gone." in desk.get(f"{world.base}/badges").text
    for _ in range(2):
        made = send(f"{world.base}/printings", kind="badges", since="1", only="on").content
        said = PdfReader(BytesIO(made)).pages[0].extract_text()
        assert ("Dee Trefor" in said, "new" in said, "Cai Pugh" in said) == (True, True, False)


def test_a_printing_of_another_kind_is_no_measure(send, world):
    send(f"{world.base}/printings", kind="tents")
    made = send(f"{world.base}/printings", kind="badges", since="1").content
    assert "new" not in PdfReader(BytesIO(made)).pages[0].extract_text()


@pytest.mark.parametrize("typed", [{"kind": "passports"}, {"kind": "badges", "since": "x"}])
def test_what_cannot_be_printed_is_refused(send, world, typed):
    assert send(f"{world.base}/printings", **typed).status_code in (409, 422)
    assert printings(world) == []


def test_a_table_of_nobody_prints_too(desk, world):
    for id in world.ids:
        world.answer(id, Answer.DECLINED)
    for kind in Paper:
        assert desk.get(f"{world.base}/{kind.value}.pdf").status_code == 200
