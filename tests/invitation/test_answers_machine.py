"""
Answers against a model of them: from any door, in any order, late, early, twice, for another date, with a wrong clock.

The model holds no database and shares no line with rules.py and seats.py; it was written from RFC 5546 §2.1.5 and
the product's words alone. After each step every guest's answer, state and seat must be what it says.
"""

import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import select

from roundtables.db import Db, migrate
from roundtables.invitation.actions import withdraw
from roundtables.invitation.answering import record_reply
from roundtables.invitation.gathering import change
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Changed, Reply, Standing, State, Via, on_reply
from roundtables.mail.stationery import Stationery
from roundtables.roundtable.model import Roundtable
from tests.world import ANA, BASHIR, CARYS, DEWI, JO, KINDNESS, NOW, SECRET, World

YES, NO, PERHAPS = Answer.ACCEPTED, Answer.DECLINED, Answer.TENTATIVE
MINUTE = timedelta(minutes=1)
GUESTS = st.integers(0, 4)
# None: the calendar names no version; beyond the newest: it counts on its own
VERSIONS = st.one_of(st.none(), st.integers(-1, 6))
# when it was written, in minutes from its arrival; None: it does not say
WRITTEN = st.one_of(st.none(), st.sampled_from([-5000, -90, -45, -20, -3, 0, 4, 10, 11, 500_000]))


@dataclass
class Guest:
    """What the model knows of one guest; `order` is the pair that decides which of two answers is the newer."""

    asked: datetime
    state: str = "invited"
    answer: Answer | None = None
    order: tuple[int, datetime] | None = None
    seat: bool = False
    waits_since: datetime | None = None


@dataclass
class Model:
    guests: list[Guest]
    seats: int = 3
    version: int = 0
    asked_again_at: int = 0

    def answer(self, who: int, said: Answer, version: int | None, written: datetime | None, now: datetime) -> None:
        guest = self.guests[who]
        counted = self.version if version is None or not 0 <= version <= self.version else version
        believed = written is not None and guest.asked < written <= now + 10 * MINUTE
        order = (counted, written if believed and written else now)
        if guest.state == "withdrawn" or counted < self.asked_again_at or (guest.order and order < guest.order):
            return
        if guest.order == order and guest.answer is said:
            return
        guest.answer, guest.order = said, order
        free = guest.seat or self.free > 0
        guest.state = {YES: "accepted" if free else "waiting", NO: "declined", PERHAPS: "tentative"}[said]
        guest.seat = said is YES and free
        guest.waits_since = (guest.waits_since or now) if guest.state == "waiting" else None
        self.seat_those_waiting(now)

    @property
    def free(self) -> int:
        return self.seats - sum(guest.seat for guest in self.guests)

    def seat_those_waiting(self, now: datetime) -> None:
        waiting = [guest for guest in self.guests if guest.state == "waiting"]
        for guest in sorted(waiting, key=lambda g: g.waits_since or now)[: max(0, self.free)]:
            guest.state, guest.seat, guest.waits_since, guest.asked = "accepted", True, None, now

    def move(self, now: datetime) -> None:
        """Another date asks everybody again; who had a seat keeps it until they answer."""
        self.version += 1
        self.asked_again_at = self.version
        for guest in self.guests:
            if guest.state != "withdrawn":
                guest.state, guest.answer, guest.order, guest.asked = "invited", None, None, now
        self.seat_those_waiting(now)

    def withdraw(self, who: int, now: datetime) -> None:
        guest = self.guests[who]
        if guest.state != "withdrawn":
            self.version += 1
            guest.state, guest.seat, guest.waits_since = "withdrawn", False, None
            self.seat_those_waiting(now)


class Answers(RuleBasedStateMachine):
    """One table of three seats, five guests, and a clock that only we move."""

    start: Path
    numbers: list[int]

    def __init__(self) -> None:
        super().__init__()
        place = self.start.with_name("now.sqlite3")
        shutil.copy(self.start, place)
        self.db = Db(f"sqlite:///{place}", info={"stationery": Stationery(secret=SECRET)})
        self.now, self.days = NOW, 0
        self.model = Model([Guest(NOW) for _ in self.numbers])

    def teardown(self) -> None:
        self.db.close()

    @rule(who=GUESTS, said=st.sampled_from(Answer), version=VERSIONS, written=WRITTEN)
    def a_calendar_answers(self, who, said, version, written):
        self.now += MINUTE
        stamp = None if written is None else self.now + written * MINUTE
        self.record(who, Reply(said, self.now, Via.CALENDAR, sequence=version, stamp=stamp))
        self.model.answer(who, said, version, stamp, self.now)

    @rule(who=GUESTS, said=st.sampled_from(Answer), via=st.sampled_from([Via.PAGE, Via.PHONE, Via.MAIL, Via.API]))
    def somebody_answers_here(self, who, said, via):
        self.now += MINUTE
        self.record(who, Reply(said, self.now, via))
        self.model.answer(who, said, None, None, self.now)

    @rule(minutes=st.sampled_from([1, 30, 600]))
    def time_passes(self, minutes):
        self.now += minutes * MINUTE

    @precondition(lambda self: self.days < 5)
    @rule()
    def the_date_moves(self):
        self.days += 1
        self.replan()
        self.model.move(self.now)

    @rule(who=GUESTS)
    def somebody_is_withdrawn(self, who):
        self.now += MINUTE
        with self.db.write() as session:
            withdraw(session, session.get_one(Invitation, self.numbers[who]), by="Farah", now=self.now)
        self.model.withdraw(who, self.now)

    @precondition(lambda self: self.model.seats < 5)
    @rule()
    def a_seat_is_added(self):
        self.model.seats += 1
        self.replan()
        self.model.seat_those_waiting(self.now)

    def record(self, who, reply):
        with self.db.write() as session:
            record_reply(session, session.get_one(Invitation, self.numbers[who]), reply, by="them", now=self.now)

    def replan(self):
        self.now += MINUTE
        moved = timedelta(days=self.days)
        starts_at, ends_at = KINDNESS.starts_at + moved, KINDNESS.ends_at + moved
        plan = replace(KINDNESS, starts_at=starts_at, ends_at=ends_at, seats=self.model.seats)
        with self.db.write() as session:
            change(session, session.exec(select(Roundtable)).one(), plan, by="Farah", now=self.now)

    @invariant()
    def every_guest_is_as_the_model_says(self):
        with self.db.read() as session:
            rows = [session.get_one(Invitation, number) for number in self.numbers]
        assert [seen(row.state, row.answer, row.holds_seat) for row in rows] == [
            seen(guest.state, guest.answer, guest.seat) for guest in self.model.guests
        ]

    @invariant()
    def nobody_waits_beside_a_free_seat_and_no_seat_is_given_twice(self):
        assert self.model.free >= 0
        assert not (self.model.free and any(guest.state == "waiting" for guest in self.model.guests))


def seen(state, answer, seat):
    """What somebody had answered before they were withdrawn is history, and stays."""
    return (str(state), None if state == "withdrawn" else answer, seat)


def test_answers_in_any_order_come_to_what_the_model_says(tmp_path):
    start = tmp_path / "start.sqlite3"
    migrate(f"sqlite:///{start}")
    with closing(Db(f"sqlite:///{start}", info={"stationery": Stationery(secret=SECRET)})) as db:
        Answers.numbers = World(db).ask(JO, ANA, BASHIR, CARYS, DEWI)
    Answers.start = start
    often = settings(max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Answers, settings=often)


MESSAGES = [  # version answered, minutes after the invitation, answer; the newest comes last
    (0, 900, YES),
    (1, 10, NO),
    (1, 20, PERHAPS),
    (2, 5, NO),
    (2, 30, PERHAPS),
    (2, 31, YES),
]


def test_every_order_of_six_answers_ends_in_the_newest():
    asked = NOW
    ends = set()
    for order in permutations(MESSAGES):
        standing = Standing(State.INVITED, 2, 0, KINDNESS.starts_at, asked)
        for n, (version, minutes, said) in enumerate(order):
            received = asked + timedelta(days=2, minutes=n)
            outcome = on_reply(standing, Reply(said, received, Via.CALENDAR, version, asked + minutes * MINUTE))
            if isinstance(outcome, Changed):
                standing = replace(
                    standing, answer=outcome.to, reply_sequence=outcome.sequence, reply_stamp=outcome.stamp
                )
        ends.add((standing.answer, standing.reply_sequence, standing.reply_stamp))
    assert ends == {(YES, 2, asked + 31 * MINUTE)}
