"""The door on a telephone: taps that count once, two helpers, undo, people who came unasked, and who may do it."""

import re
from threading import Barrier, Thread

import pytest
from sqlmodel import select

from roundtables.attendance.checking_in import Unasked, mark, take_back, walk_in
from roundtables.attendance.model import Attendance, Came, DoorMark, WalkIn
from roundtables.errors import Refusal
from roundtables.invitation.model import Invitation
from tests.world import NOW


def stands(world, id):
    with world.db.read() as session:
        row = session.get(Attendance, id)
        return row and (row.came.value, row.recorded_by)


def rows(world, model):
    with world.db.read() as session:
        return list(session.exec(select(model)))


def tap(world, id, came, *, key="", by="Farah"):
    with world.db.write() as session:
        mark(session, session.get_one(Invitation, id), came, key=key, by=by, now=NOW)


def undo(world, id, number):
    with world.db.write() as session:
        return take_back(session, session.get_one(Invitation, id), number, by="Farah", now=NOW)


def test_a_tap_marks_and_the_page_says_who_did(desk, send, world):
    answer = send(f"/desk/invitations/{world.ids[3]}/attendance", came="in-person", key="k1")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{world.base}/door#g{world.ids[3]}")
    page = desk.get(f"{world.base}/door").text
    assert "1 here, of 6 expected." in page
    assert "marked by Farah Lindqvist" in page


def test_the_same_form_sent_twice_counts_once(send, world):
    for _ in range(3):
        send(f"/desk/invitations/{world.ids[3]}/attendance", came="in-person", key="k1")
    assert len(rows(world, DoorMark)) == 1


def test_a_form_that_arrives_late_a_second_time_does_not_undo_what_was_marked_since(world):
    id = world.ids[3]
    tap(world, id, Came.IN_PERSON, key="a")
    tap(world, id, Came.NO, key="b", by="Ben")
    tap(world, id, Came.IN_PERSON, key="a")
    assert stands(world, id) == ("no", "Ben")


def test_a_form_without_a_key_counts_each_time(world):
    tap(world, world.ids[3], Came.IN_PERSON)
    tap(world, world.ids[3], Came.NO)
    assert len(rows(world, DoorMark)) == 2


def test_twenty_taps_of_one_form_at_once_are_one_mark(world):
    gate = Barrier(20)

    def one_tap():
        gate.wait()
        tap(world, world.ids[3], Came.IN_PERSON, key="a")

    threads = [Thread(target=one_tap) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(one.invitation_id, one.before) for one in rows(world, DoorMark)] == [(world.ids[3], None)]
    assert stands(world, world.ids[3]) == ("in-person", "Farah")


def test_undo_brings_back_what_stood_before(world):
    id = world.ids[3]
    tap(world, id, Came.IN_PERSON, key="a")
    tap(world, id, Came.NO, key="b")
    first, second = [one.id for one in rows(world, DoorMark)]
    assert undo(world, id, second)
    assert stands(world, id) == ("in-person", "Farah")
    assert undo(world, id, first)
    assert stands(world, id) is None


def test_undo_twice_or_of_an_older_mark_changes_nothing(world):
    id = world.ids[3]
    tap(world, id, Came.IN_PERSON, key="a")
    tap(world, id, Came.ONLINE, key="b")
    first, second = [one.id for one in rows(world, DoorMark)]
    assert not undo(world, id, first)
    undo(world, id, second)
    assert not undo(world, id, second)
    assert stands(world, id) == ("in-person", "Farah")


def test_with_script_the_answer_is_the_one_line_and_its_undo(send, world):
    answer = send(
        f"/desk/invitations/{world.ids[3]}/attendance", headers={"hx-request": "true"}, came="online", key="k1"
    )
    assert (answer.status_code, answer.text.lstrip().startswith("<li")) == (200, True)
    [number] = re.findall(r'name="mark" value="(\d+)"', answer.text)
    answer = send(f"/desk/invitations/{world.ids[3]}/attendance/undoing", headers={"hx-request": "true"}, mark=number)
    assert 'name="came" value="in-person"' in answer.text
    assert stands(world, world.ids[3]) is None


def test_the_page_needs_no_script_and_gives_every_form_a_key(desk, world):
    page = desk.get(f"{world.base}/door").text
    forms = re.findall(r'<form method="post" action="/desk/invitations/\d+/attendance".*?</form>', page, re.DOTALL)
    assert len(forms) == 6
    assert all(re.search(r'name="key" value="[0-9a-f]{16}"', form) for form in forms)


def test_somebody_who_agrees_is_kept_and_may_be_listed(desk, send, world):
    sent = {"name": "Wyn  Ellis", "organisation": "Y Bwrdd", "agreed": "on", "may_be_listed": "on", "key": "w"}
    for _ in range(2):
        assert send(f"{world.base}/walk-ins", **sent).status_code == 303
    [row] = rows(world, WalkIn)
    assert (row.name, row.organisation, row.may_be_listed, row.online) == ("Wyn Ellis", "Y Bwrdd", True, False)
    page = desk.get(f"{world.base}/door").text
    assert "Wyn Ellis" in page
    assert "1 here, of 6 expected." in page
    assert "1 came unasked." in page


def test_without_consent_only_that_somebody_came_is_kept(send, world):
    send(f"{world.base}/walk-ins", name="Wyn Ellis", organisation="Y Bwrdd", online="on", key="w")
    [row] = rows(world, WalkIn)
    assert (row.name, row.organisation, row.may_be_listed, row.online) == ("", "", False, True)


@pytest.mark.parametrize(
    ("who", "field"),
    [(Unasked("", "Y Bwrdd", agreed=True), "name"), (Unasked("Wyn", may_be_listed=True), "may_be_listed")],
)
def test_a_walk_in_that_makes_no_sense_is_refused(world, who, field):
    with world.db.write() as session, pytest.raises(Refusal) as refused:
        walk_in(session, world.table(session), who, by="Farah", now=NOW)
    assert refused.value.field == field


def test_a_refused_walk_in_comes_back_as_it_was_typed(send, world):
    answer = send(f"{world.base}/walk-ins", organisation="Y Bwrdd", agreed="on", key="the-key")
    assert answer.status_code == 422
    assert 'value="Y Bwrdd"' in answer.text
    assert 'value="the-key"' in answer.text
    assert "Please write a name" in answer.text


def test_a_walk_in_is_taken_off_with_the_name(send, world):
    send(f"{world.base}/walk-ins", name="Wyn Ellis", agreed="on", key="w")
    [row] = rows(world, WalkIn)
    for _ in range(2):
        assert send(f"{world.base}/walk-ins/{row.id}/undoing").status_code == 303
    assert rows(world, WalkIn) == []


@pytest.mark.parametrize(
    ("role", "may"), [("day-team", True), ("organiser", True), ("editor", False), ("viewer", False)]
)
def test_the_day_team_runs_the_day_and_others_look(desk, send, as_role, world, role, may):
    as_role(role)
    page = desk.get(f"{world.base}/door")
    assert (page.status_code, 'name="came"' in page.text) == (200, may)
    answers = [
        send(f"/desk/invitations/{world.ids[3]}/attendance", came="in-person"),
        send(f"{world.base}/walk-ins", key="w"),
        send(f"{world.base}/printings", kind="badges"),
        send(f"{world.base}/seating", loop="left"),
    ]
    assert [answer.status_code for answer in answers] == ([303, 303, 200, 303] if may else [403] * 4)
    assert (stands(world, world.ids[3]) is not None) is may


def test_the_day_team_changes_nothing_else(send, as_role, world):
    as_role("day-team")
    answers = [
        send(f"/desk/invitations/{world.ids[3]}/withdrawal"),
        send(f"{world.base}/cancellation"),
        send(f"{world.base}/thanks"),
        send("/desk/roundtables", title="x"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4


def test_a_form_that_is_not_ours_marks_nobody(desk, world):
    answer = desk.post(f"/desk/invitations/{world.ids[3]}/attendance", data={"came": "in-person"})
    assert answer.status_code == 403
    assert stands(world, world.ids[3]) is None
