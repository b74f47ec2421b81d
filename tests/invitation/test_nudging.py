""" "Maybe until the 4th": one question on that day, and a seat that is not kept for ever; on both databases."""

import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from roundtables.invitation.model import Invitation
from roundtables.invitation.nudging import Promise, nudge_at, nudge_due
from roundtables.invitation.queries import history
from roundtables.invitation.rules import Answer, State
from roundtables.invitation.seat_counts import seats_taken
from roundtables.mail.inbox import IncomingMail
from roundtables.mail.message import read
from roundtables.person.model import Person
from tests.invitation.test_words_intake import mail
from tests.world import ANA, BASHIR, CARYS, JO, NOW

YES, NO, MAYBE = Answer.ACCEPTED, Answer.DECLINED, Answer.TENTATIVE
LONDON = ZoneInfo("Europe/London")
UNTIL = date(2027, 4, 1)  # summer time, so nine o'clock is 8.00 UTC
NINE = datetime(2027, 4, 1, 8, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
TABLE = datetime(2027, 7, 1, 9, tzinfo=UTC)


def promise(until=UNTIL, said_at=NOW, reply_by=None, starts_at=TABLE, away_until=None):
    return Promise(until, said_at, reply_by, starts_at, away_until)


def nine(month, day):
    return datetime(2027, month, day, 9, tzinfo=LONDON)


WHEN = {
    "on the day they named": (promise(), nine(4, 1)),
    "on the reply-by day if that is earlier": (promise(reply_by=date(2027, 3, 20)), nine(3, 20)),
    "a reply-by that was past already does not count": (promise(reply_by=date(2027, 2, 20)), nine(4, 1)),
    "the day before the table at the latest": (promise(until=date(2027, 7, 1)), nine(6, 30)),
    "not on the morning before they said so": (promise(until=date(2027, 3, 1)), nine(3, 2)),
    "not while they are away": (promise(away_until=date(2027, 4, 6)), nine(4, 7)),
    "the table comes first": (promise(starts_at=NOW + timedelta(hours=2), until=date(2027, 3, 1)), None),
}


@pytest.mark.parametrize(("promise", "moment"), WHEN.values(), ids=WHEN.keys())
def test_when_somebody_is_asked(promise, moment):
    assert nudge_at(promise, LONDON) == moment


@pytest.fixture
def jo(world):
    [jo] = world.ask(JO)
    world.answer(jo, MAYBE, until=UNTIL)
    return jo


def chore(world, at):
    with world.db.write() as session:
        return nudge_due(session, at)


def nudges(world):
    return world.letters(kind="nudge")


def lines(world, invitation_id):
    with world.db.read() as session:
        return [line.what for line in history(session, invitation_id)]


def change(world, model, row_id, **values):
    with world.db.write() as session:
        row = session.get_one(model, row_id)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def test_nobody_is_asked_before_nine_and_once_after_it_however_often_we_look(world, jo):
    assert [chore(world, at) for at in (NINE - MINUTE, NINE, NINE, NINE + MINUTE, NINE + DAY)] == [0, 1, 0, 0, 0]
    [letter] = nudges(world)
    words = " ".join(read(letter.raw).text.split())
    assert "You said you would know by Thursday 1 April 2027" in words
    assert "We keep your seat until Sunday 4 April 2027" in words
    assert world.page_token(jo) in words


def test_plain_and_html_say_the_same_to_who_is_asked(world, jo):
    chore(world, NINE)
    [letter] = nudges(world)
    assert letter.raw.count(b"you would know by") >= 1
    assert b"text/html" in letter.raw


@pytest.mark.parametrize("answer", [YES, NO])
def test_who_has_answered_since_is_not_asked(world, jo, answer):
    world.answer(jo, answer, after=timedelta(days=3))
    assert chore(world, NINE) == 0


def test_three_days_later_the_seat_is_free_and_goes_to_whoever_waits(world, jo):
    ana, bashir, carys = world.ask(ANA, BASHIR, CARYS)
    for n, one in enumerate((ana, bashir, carys)):
        world.answer(one, YES, after=timedelta(hours=2 + n))
    assert world.states(jo, carys) == [State.TENTATIVE, State.WAITING]
    chore(world, NINE)
    chore(world, NINE + 3 * DAY - MINUTE)
    assert world.states(jo, carys) == [State.TENTATIVE, State.WAITING]
    chore(world, NINE + 3 * DAY)
    chore(world, NINE + 4 * DAY)
    assert world.states(jo, carys) == [State.TENTATIVE, State.ACCEPTED]
    assert not world.invitation(jo).holds_seat
    assert lines(world, jo)[-2:] == [
        "asked once whether they know yet",
        "the seat that was kept is free again: no answer came to our question",
    ]
    assert len(nudges(world)) == 1
    with world.db.read() as session:
        assert seats_taken(session, world.table_id) == 3


def test_an_answer_after_the_seat_was_freed_counts_as_any_other(world, jo):
    chore(world, NINE)
    chore(world, NINE + 3 * DAY)
    world.answer(jo, YES, after=NINE + 4 * DAY - NOW)
    assert (world.states(jo), world.invitation(jo).holds_seat) == ([State.ACCEPTED], True)


def test_a_new_promise_is_a_new_question(world, jo):
    chore(world, NINE)
    world.answer(jo, MAYBE, after=NINE + DAY - NOW, until=date(2027, 4, 20))
    chore(world, NINE + 5 * DAY)
    assert world.invitation(jo).holds_seat
    assert chore(world, NINE + 19 * DAY) == 1


def test_more_than_three_days_late_nobody_is_written_to_and_the_seat_stays(world, jo):
    assert [chore(world, NINE + 3 * DAY + MINUTE), chore(world, NINE + 9 * DAY), chore(world, NINE)] == [0, 0, 0]
    assert nudges(world) == []
    assert lines(world, jo)[-1] == ("not asked whether they know yet: the day is long past, and the seat is still kept")
    assert world.invitation(jo).holds_seat


def test_a_clock_that_jumps_back_asks_nobody_twice(world, jo):
    assert [chore(world, at) for at in (NINE + DAY, NINE - 30 * DAY, NINE, NINE + DAY)] == [1, 0, 0, 0]


@pytest.mark.parametrize("why", ["unsubscribed", "erased", "bounced"])
def test_who_is_not_to_be_written_to_is_skipped_and_it_is_noted_once(world, jo, why):
    if why == "bounced":
        change(world, Invitation, jo, bounced_at=NOW)
    else:
        change(world, Person, world.invitation(jo).person_id, **{f"{why}_at": NOW})
    assert [chore(world, NINE), chore(world, NINE + MINUTE)] == [0, 0]
    assert [x for x in lines(world, jo) if x.startswith("not asked")] == [lines(world, jo)[-1]]


def test_whose_mail_says_that_they_have_left_is_skipped(world, jo):
    row = mail(world, jo, "Thank you.", sender="Their Office <office@example.org>", after=2 * DAY)
    change(world, IncomingMail, row.id, facts={"left": True})
    assert chore(world, NINE) == 0
    assert lines(world, jo)[-1] == "not asked whether they know yet: their mail says that they have left"


def test_two_workers_at_once_ask_once(world, jo):
    gate, written = threading.Barrier(2), []

    def work():
        gate.wait()
        written.append(chore(world, NINE))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (sorted(written), len(nudges(world))) == ([0, 1], 1)


def test_the_same_day_promised_once_more_is_asked_about_once_more(world, jo):
    chore(world, NINE)
    world.answer(jo, YES, after=NINE + timedelta(hours=1) - NOW)
    world.answer(jo, MAYBE, after=NINE + timedelta(hours=2) - NOW, until=UNTIL)
    assert chore(world, NINE + DAY) == 1
    assert len(nudges(world)) == 2


@pytest.mark.parametrize("status", ["cancelled", "closed"])
def test_nobody_is_asked_about_a_table_that_will_not_meet(world, jo, status):
    with world.db.write() as session:
        world.table(session).status = status
    assert chore(world, NINE) == 0
