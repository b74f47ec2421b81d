"""The page of seats: reasons, a swap that is checked again, somebody kept, and one plan for page and print."""

import re

import pytest

from roundtables.attendance.day import gathered, seated
from roundtables.attendance.model import SeatingPlan
from roundtables.invitation.deputies import seat_deputy
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer
from tests.world import NOW


def plan(world):
    with world.db.read() as session:
        return seated(gathered(session, world.convener_id, world.table_id), reads_needs=True)


def order(world):
    names = dict(zip(world.ids, ("chair", "speaker", "host", "ann", "ben", "cai"), strict=True))
    return [names.get(place.who) for place in plan(world).plan]


def seen(page):
    return re.search(r'name="seen" value="(\w+)"', page)[1]


def test_everybody_who_comes_has_a_seat_with_its_reason(desk, world):
    page = desk.get(f"{world.base}/seating").text
    assert page.count('<p class="why') == 7
    assert page.count('<p class="why paper">Here by request.') == 1
    assert "In the chair, and sees Professor Julia Underhill across the table" in page
    assert "On the side of the hearing loop (right), as asked for" in page
    assert "Apart from Ben Wójcik, of the same organisation" in page
    assert "Every rule is kept" in page


@pytest.mark.parametrize(("role", "reads"), [("day-team", True), ("editor", False), ("viewer", False)])
def test_the_need_behind_a_seat_is_told_to_its_readers_only(desk, as_role, world, role, reads):
    as_role(role)
    page = desk.get(f"{world.base}/seating").text
    assert ("as asked for" in page) is reads
    assert page.count("Here by request") == 1


@pytest.mark.parametrize("kind", ["room", "kitchen", "pack"])
def test_who_reads_no_needs_gets_no_sheet_made_of_them(desk, as_role, world, kind):
    as_role("viewer")
    assert desk.get(f"{world.base}/{kind}.pdf").status_code == 403
    assert kind not in re.findall(r"/(\w+)\.pdf", desk.get(f"{world.base}/badges").text)


def test_two_swap_are_checked_again_and_stay(desk, send, world):
    page = desk.get(f"{world.base}/seating").text
    before = order(world)
    one, other = before.index("ann") + 1, before.index("cai") + 1
    answer = send(f"{world.base}/seating/swaps", **{"seat": one, "with": other, "seen": seen(page)})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{world.base}/seating?said=swapped")
    after = order(world)
    assert (after[one - 1], after[other - 1]) == ("cai", "ann")
    send(f"{world.base}/seating", loop="right")
    assert order(world)[other - 1] == "ann"


def test_a_swap_that_breaks_a_rule_says_which(desk, send, world):
    before = order(world)
    beside_ben = (before.index("ben") + 1) % 6
    page = desk.get(f"{world.base}/seating").text
    send(f"{world.base}/seating/swaps", **{"seat": before.index("ann") + 1, "with": beside_ben + 1, "seen": seen(page)})
    assert "both of Tarn Council, sit side by side, as kept by hand." in desk.get(f"{world.base}/seating").text


def test_a_plan_that_changed_meanwhile_is_not_changed_blindly(desk, send, world):
    old = seen(desk.get(f"{world.base}/seating").text)
    send(f"{world.base}/seating/swaps", **{"seat": 2, "with": 3, "seen": old})
    now = order(world)
    answer = send(f"{world.base}/seating/swaps", **{"seat": 2, "with": 4, "seen": old})
    assert (answer.status_code, "The plan has changed since you saw it" in answer.text) == (409, True)
    assert order(world) == now


@pytest.mark.parametrize("typed", [{"seat": "2", "with": "2"}, {"seat": "", "with": "3"}, {"seat": "99", "with": "1"}])
def test_a_swap_that_is_none_says_so(desk, send, world, typed):
    page = desk.get(f"{world.base}/seating").text
    answer = send(f"{world.base}/seating/swaps", **typed, seen=seen(page))
    assert (answer.status_code, 'role="alert"' in answer.text) == (409, True)


def test_somebody_is_kept_and_let_go(desk, send, world):
    for stays, kept in (("on", True), ("", False)):
        page = desk.get(f"{world.base}/seating").text
        send(f"{world.base}/seating/keeping", seat=4, stays=stays, seen=seen(page))
        assert plan(world).plan[3].kept is kept


def test_the_loop_can_be_on_another_side(send, world):
    send(f"{world.base}/seating", loop="left")
    assert order(world).index("ann") in (4, 5)
    with world.db.read() as session:
        assert session.get_one(SeatingPlan, world.table_id).loop == "left"


def test_who_cancels_and_who_comes_instead_is_told_until_the_plan_is_kept(desk, send, world):
    page = desk.get(f"{world.base}/seating").text
    send(f"{world.base}/seating/settling", seen=seen(page))
    before = order(world)
    world.answer(world.ids[5], Answer.DECLINED)
    with world.db.write() as session:
        ann = session.get_one(Invitation, world.ids[3])
        tom = seat_deputy(session, ann, name="Tom Reed", email="tom@example.org", by="Farah", now=NOW)
        deputy = tom.id
    world.answer(deputy, Answer.ACCEPTED)
    page = desk.get(f"{world.base}/seating").text
    assert f"Cai Pugh no longer comes; seat {before.index('cai') + 1} is free." in page
    assert f"Tom Reed comes instead of Ann Ó Ceallaigh and has seat {before.index('ann') + 1}." in page
    assert "Comes for Ann Ó Ceallaigh" in page
    send(f"{world.base}/seating/settling", seen=seen(page))
    assert "Changed since the plan was kept" not in desk.get(f"{world.base}/seating").text


def test_what_was_printed_is_the_plan_from_then_on(send, world):
    send(f"{world.base}/printings", kind="tents")
    with world.db.read() as session:
        assert session.get_one(SeatingPlan, world.table_id).made_by == "Farah Lindqvist"


def test_another_conveners_table_is_not_found(desk, send, world):
    assert desk.get("/desk/roundtables/999/seating").status_code == 404
    assert send("/desk/roundtables/999/seating/swaps").status_code == 404
    assert desk.get("/desk/roundtables/999/badges.pdf").status_code == 404
