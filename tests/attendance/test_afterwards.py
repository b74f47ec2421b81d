"""Afterwards: marks put right, and one thank-you for each of three kinds of people, held until somebody sends it."""

from datetime import timedelta

import pytest

from roundtables.attendance.actions import record_attendance
from roundtables.attendance.day import gathered
from roundtables.attendance.model import Attendance, Came
from roundtables.attendance.thanks import draft_thanks, owed, unmarked
from roundtables.errors import Refusal
from roundtables.invitation.deputies import seat_deputy
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer
from roundtables.mail.outbox import LetterState
from roundtables.person.model import Person
from tests.world import KINDNESS, NOW

AFTER = KINDNESS.ends_at + timedelta(hours=1)
KINDS = ("thanks-came", "thanks-missed", "thanks-deputy")


@pytest.fixture
def held(world):
    """The chair, the speaker and Ben came, Cai did not; Ann's deputy Tom came; the host is not marked."""
    with world.db.write() as session:
        ann = session.get_one(Invitation, world.ids[3])
        tom = seat_deputy(session, ann, name="Tom Reed", email="tom@example.org", by="Farah", now=NOW).id
    world.answer(tom, Answer.ACCEPTED)
    came(world, Came.IN_PERSON, world.ids[0], world.ids[1], tom)
    came(world, Came.ONLINE, world.ids[4])
    came(world, Came.NO, world.ids[5])
    world.tom = tom
    return world


def came(world, how, *ids):
    with world.db.write() as session:
        for id in ids:
            record_attendance(session, session.get_one(Invitation, id), how, by="Farah", now=AFTER)


def draft(world, now=AFTER):
    with world.db.write() as session:
        return draft_thanks(session, gathered(session, world.convener_id, world.table_id), now=now)


def thanks(world):
    letters = [one for one in world.letters() if one.kind in KINDS]
    return [(one.to_name, one.kind, one.state.value) for one in letters]


def test_who_is_owed_which(held):
    with held.db.read() as session:
        day = gathered(session, held.convener_id, held.table_id)
    assert [(one.guest.name.split()[0], one.kind.value, one.deputy) for one in owed(day)] == [
        ("Moira", "thanks-came", ""),
        ("Professor", "thanks-came", ""),
        ("Ann", "thanks-deputy", "Tom Reed"),
        ("Ben", "thanks-came", ""),
        ("Cai", "thanks-missed", ""),
        ("Tom", "thanks-came", ""),
    ]
    assert [guest.name for guest in unmarked(day)] == ["Hugh Tennant"]


def test_drafts_are_held_and_there_is_one_for_each_however_often(held):
    assert [draft(held), draft(held)] == [6, 6]
    assert [state for *_, state in thanks(held)] == ["held"] * 6


def test_before_the_day_there_is_nothing_to_thank_for(held):
    with pytest.raises(Refusal, match="has not met yet"):
        draft(held, now=KINDNESS.starts_at - timedelta(minutes=1))


def test_a_corrected_mark_is_another_letter_and_not_a_second_one(held):
    draft(held)
    came(held, Came.IN_PERSON, held.ids[5])
    draft(held)
    assert [one for one in thanks(held) if one[0] == "Cai Pugh"] == [("Cai Pugh", "thanks-came", "held")]
    [letter] = [one for one in held.letters(kind="thanks-came") if one.to_name == "Cai Pugh"]
    assert letter.subject.startswith("Thank you for coming")
    assert b"We missed you" not in letter.raw


@pytest.mark.parametrize(
    ("state", "kind"), [(LetterState.SENT, "thanks-missed"), (LetterState.CANCELLED, "thanks-came")]
)
def test_what_has_left_stays_as_it_was(held, state, kind):
    draft(held)
    with held.db.write() as session:
        [letter] = held.letters(kind="thanks-missed")
        session.merge(letter).state = state
    came(held, Came.IN_PERSON, held.ids[5])
    draft(held)
    assert [one[1] for one in thanks(held) if one[0] == "Cai Pugh"] == [kind]


def test_a_discarded_letter_stays_discarded(held):
    draft(held)
    with held.db.write() as session:
        [letter] = held.letters(kind="thanks-missed")
        session.merge(letter).state = LetterState.CANCELLED
    assert draft(held) == 5


def test_who_asked_for_no_more_letters_gets_none(held):
    with held.db.write() as session:
        cai = session.get_one(Invitation, held.ids[5])
        session.get_one(Person, cai.person_id).unsubscribed_at = NOW
    assert draft(held) == 5


def test_a_principal_whose_deputy_stayed_away_is_not_thanked(held):
    came(held, Came.NO, held.tom)
    draft(held)
    assert not [one for one in thanks(held) if one[0].startswith("Ann")]


def test_no_letter_names_another_guest(held):
    draft(held)
    for letter in held.letters(kind="thanks-came"):
        others = {"Moira", "Julia", "Hugh", "Ann", "Ben", "Cai", "Tom"} - set(letter.to_name.split())
        assert not any(name.encode() in letter.raw for name in others)


def test_the_page_drafts_and_puts_right(desk, send, world, db):
    with db.write() as session:
        table = world.table(session)
        table.starts_at, table.ends_at = NOW - timedelta(days=200), NOW - timedelta(days=199)
    came(world, Came.NO, world.ids[5])
    page = desk.get(f"{world.base}/afterwards").text
    assert "Five people are not marked yet." in page
    assert f"{world.base}/afterwards" in desk.get(world.base).text
    cai, ben = world.ids[5], world.ids[4]
    typed = {f"was-{cai}": "no", f"came-{cai}": "online", f"was-{ben}": "no", f"came-{ben}": "in-person"}
    assert send(f"{world.base}/attendance", **typed, key="k").status_code == 303
    with db.read() as session:
        assert session.get_one(Attendance, cai).came is Came.ONLINE
        assert session.get(Attendance, ben) is None  # somebody has changed it since the page was read
    assert send(f"{world.base}/thanks").headers["location"] == f"{world.base}/afterwards?said=drafted"
    assert thanks(world) == [("Cai Pugh", "thanks-came", "held")]
    assert "Thank you for coming" in desk.get("/desk/outbox").text


def test_the_page_says_that_the_table_has_not_met(desk, send, world, db):
    with db.write() as session:
        world.table(session).starts_at = NOW + timedelta(days=3000)
    assert "Once the table has met" in desk.get(f"{world.base}/afterwards").text
    assert send(f"{world.base}/thanks").status_code == 409
