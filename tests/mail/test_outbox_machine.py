"""
The outbox against a model of it: anything may happen to letters, senders, clocks and answers, in any order.

The model says what each row must say after each step; the mail server's own count of copies says whether that is true.
"""

import shutil
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import delete, select

from roundtables.db import Db
from roundtables.mail import claims, outbox
from roundtables.mail.backoff import next_attempt, own_jitter
from roundtables.mail.claims import ANSWER_LEASE, LEASE, InHand, Wait
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.mail.stationery import Stationery
from tests.mail.letters import RAW, put
from tests.world import ANA, BASHIR, JO, NOW, SECRET, World

HELD, QUEUED, SENDING, IN_DOUBT = LetterState.HELD, LetterState.QUEUED, LetterState.SENDING, LetterState.IN_DOUBT
SENT, FAILED, CANCELLED = LetterState.SENT, LetterState.FAILED, LetterState.CANCELLED
WAIT = Wait(timedelta(minutes=5), copies=True)
SENDERS = st.sampled_from(["one", "two"])
JUMPS = [timedelta(seconds=s) for s in (1, 30, 121, 721, 1801, 90_000)] + [-timedelta(hours=1), -timedelta(days=30)]


@dataclass
class Letter:
    """What the model knows of a letter; `copies` is what the server has delivered."""

    person: int
    nonce: str
    state: LetterState
    due: datetime | None
    doubts: int = 0
    attempts: int = 0
    by: str = ""
    lease: datetime | None = None
    unwanted: bool = False
    copies: int = 0

    def lapsed(self, now: datetime) -> bool:
        return self.lease is not None and not now <= self.lease <= now + ANSWER_LEASE

    def is_due(self, now: datetime) -> bool:
        waits = self.state is QUEUED or (self.state is IN_DOUBT and self.lease is None)
        return (waits and self.due <= now) or (self.state is SENDING and self.lapsed(now))

    def back(self, to: LetterState, due: datetime | None = None) -> None:
        self.state, self.due, self.lease = CANCELLED if self.unwanted else to, due or self.due, None

    def may_leave(self, hand: InHand, now: datetime) -> bool:
        held = self.state is SENDING and (self.by, self.lease) == (hand.claimed_by, hand.lease_until)
        return held and self.lease > now and not self.unwanted

    def still(self, hand: InHand) -> bool:
        return self.state in (SENDING, IN_DOUBT) and (self.by, self.attempts) == (hand.claimed_by, hand.attempts)

    def row(self) -> tuple:
        return self.state, self.doubts, self.attempts, self.lease, self.unwanted


@dataclass
class Sender:
    batch: list[InHand] = field(default_factory=list)
    out: InHand | None = None  # handed over, no answer yet


class Outbox(RuleBasedStateMachine):
    world: World
    people: list[int]
    letters = Bundle("letters")

    def __init__(self) -> None:
        super().__init__()
        self.now, self.model = NOW, dict[int, Letter]()
        self.senders = {"one": Sender(), "two": Sender()}
        with self.world.db.write() as session:
            session.execute(delete(OutgoingLetter))

    @precondition(lambda self: len(self.model) < 6)
    @rule(target=letters, person=st.integers(0, 2), hold=st.sampled_from([False, False, False, True]))
    def write(self, person, hold):
        (number,) = put(
            self.world.db,
            self.world.convener_id,
            ["g@example.org"],
            now=self.now,
            state=HELD if hold else QUEUED,
            invitation_id=self.people[person],
        )
        nonce = self.row(number).nonce
        self.model[number] = Letter(person, nonce, HELD if hold else QUEUED, None if hold else self.now)
        return number

    @rule(number=letters)
    def release(self, number):
        letter = self.model[number]
        if letter.state is HELD:
            with self.world.db.write() as session:
                outbox.release(session, session.get_one(OutgoingLetter, number), now=self.now)
            letter.state, letter.due = QUEUED, self.now

    @precondition(lambda self: self.some(lambda s: not s.out and not s.batch) and self.model)
    @rule(by=SENDERS, most=st.integers(1, 3))
    def claim(self, by, most):
        sender = self.senders[by]
        if sender.out or sender.batch:
            return
        with self.world.db.write() as session:
            sender.batch = claims.claim(session, by=by, now=self.now, most=most)
        for letter in self.model.values():
            if letter.state is SENDING and letter.lapsed(self.now) and letter.unwanted:
                letter.state = CANCELLED
        expected = self.claimable()[:most]
        assert sorted(expected) == [hand.id for hand in sender.batch]
        for hand in sender.batch:
            letter = self.model[hand.id]
            assert hand.raw == RAW
            letter.state, letter.by, letter.lease, letter.attempts = SENDING, by, self.now + LEASE, letter.attempts + 1

    def claimable(self) -> list[int]:
        """In the order in which they are due, each the oldest of its person that is on its way."""
        oldest = {}
        for number, letter in self.model.items():
            if letter.state in (QUEUED, SENDING, IN_DOUBT):
                oldest.setdefault(letter.person, number)
        due = [n for n in oldest.values() if self.model[n].is_due(self.now)]
        return sorted(due, key=lambda n: (self.model[n].due, n))

    @precondition(lambda self: self.some(lambda s: s.batch and not s.out))
    @rule(by=SENDERS)
    def dot(self, by):
        sender = self.senders[by]
        if sender.out or not sender.batch:
            return
        hand = sender.batch.pop(0)
        letter = self.model[hand.id]
        with self.world.db.write() as session:
            left = claims.hand_over(session, hand, now=self.now)
        assert left == letter.may_leave(hand, self.now)
        if left:
            sender.out = hand
            letter.state, letter.doubts, letter.lease = IN_DOUBT, letter.doubts + 1, self.now + ANSWER_LEASE
            return
        mine = letter.state is SENDING and (letter.by, letter.lease) == (by, hand.lease_until)
        with self.world.db.write() as session:
            claims.put_back(session, [hand])
        if mine:
            letter.back(QUEUED)
            letter.attempts -= 1

    def some(self, such) -> bool:
        return any(such(sender) for sender in self.senders.values())

    @precondition(lambda self: self.some(lambda s: s.out))
    @rule(by=SENDERS, said=st.sampled_from(["taken", "later", "never", "nothing"]), took=st.booleans())
    def answer(self, by, said, took):
        sender = self.senders[by]
        hand, sender.out = sender.out, None
        if hand is None:
            return
        letter = self.model[hand.id]
        letter.copies += said == "taken" or (said == "nothing" and took)
        still = letter.state is IN_DOUBT and letter.still(hand)
        with self.world.db.write() as session:
            after = self.record(session, hand, said)
        if not still:
            return
        letter.doubts -= said != "nothing"
        if said == "taken":
            letter.state, letter.lease = SENT, None
        elif said == "never":
            letter.state, letter.lease = FAILED, None
        else:
            letter.back(IN_DOUBT if said == "nothing" else QUEUED, self.now + after.after)

    def record(self, session, hand, said):
        if said == "taken":
            return claims.record_taken(session, hand, answer="250", now=self.now)
        if said == "nothing":
            after = WAIT.after(hand.attempts, hand.kind, hand.nonce)
            claims.record_doubt(session, hand, after, answer="---", now=self.now)
            return after
        code = 451 if said == "later" else 550
        after = next_attempt(hand.attempts, code, base=WAIT.base, jitter=own_jitter(hand.nonce))
        claims.record_refused(session, hand, after, answer=str(code), now=self.now)
        return after

    @precondition(lambda self: self.some(lambda s: s.out or s.batch))
    @rule(by=SENDERS, took=st.booleans())
    def crash(self, by, took):
        out = self.senders[by].out
        if out is not None:
            self.model[out.id].copies += took
        self.senders[by] = Sender()

    @rule()
    def look_for_the_dead(self):
        with self.world.db.write() as session:
            claims.note_doubts(session, now=self.now, wait=WAIT)
        for letter in self.model.values():
            if letter.state is IN_DOUBT and letter.lapsed(self.now):
                letter.back(IN_DOUBT, self.now + self.wait(letter))

    @precondition(lambda self: self.some(lambda s: s.out or s.batch))
    @rule(took=st.booleans())
    def all_die_and_one_starts(self, took):
        for by in self.senders:
            self.crash(by, took)
        with self.world.db.write() as session:
            claims.abandon_all(session, now=self.now, wait=WAIT)
        for letter in self.model.values():
            if letter.state is SENDING:
                letter.back(QUEUED, self.now)
            elif letter.state is IN_DOUBT and letter.lease is not None:
                letter.back(IN_DOUBT, self.now + self.wait(letter))

    def wait(self, letter: Letter) -> timedelta:
        return WAIT.after(letter.attempts, "invitation", letter.nonce).after

    @precondition(lambda self: self.model)
    @rule(jump=st.sampled_from(JUMPS))
    def time_passes(self, jump):
        self.now += jump

    @rule(person=st.integers(0, 2))
    def cancel(self, person):
        with self.world.db.write() as session:
            outbox.cancel_unsent(session, invitation_ids=[self.people[person]])
        for letter in self.model.values():
            if letter.person == person and letter.state in (SENDING, IN_DOUBT) and letter.lease is not None:
                letter.unwanted = True
            elif letter.person == person and letter.state in (HELD, QUEUED, IN_DOUBT):
                letter.state = CANCELLED

    @rule(number=letters)
    def copy_comes_back(self, number):
        letter = self.model[number]
        if not letter.copies:
            return
        with self.world.db.write() as session:
            assert outbox.settle_from_archive(session, self.row(number).message_id, now=self.now)
        if letter.state is not SENT:
            letter.state, letter.doubts, letter.lease = SENT, max(0, letter.doubts - 1), None

    def row(self, number: int) -> OutgoingLetter:
        with self.world.db.read() as session:
            return session.get_one(OutgoingLetter, number)

    @invariant()
    def every_row_says_what_the_model_says(self):
        with self.world.db.read() as session:
            rows = session.exec(select(OutgoingLetter).order_by(OutgoingLetter.id)).all()
        seen = {r.id: (r.state, r.doubts, r.attempts, r.lease_until, r.unwanted) for r in rows}
        assert seen == {number: letter.row() for number, letter in self.model.items()}
        assert all((r.doubts > 0) == (r.doubt_since is not None) for r in rows)

    @invariant()
    def what_is_said_is_true(self):
        for letter in self.model.values():
            assert letter.copies - 1 <= letter.doubts
            assert letter.copies > 0 or letter.state is not SENT, "lost"
            assert letter.copies <= letter.attempts

    def teardown(self):
        """Whoever is left sends what is left, and then every letter that nobody took back has arrived."""
        for _ in range(40):
            if not {letter.state for letter in self.model.values()} & {QUEUED, SENDING, IN_DOUBT}:
                break
            self.all_die_and_one_starts(False)
            self.now = max([self.now, *(letter.due for letter in self.model.values() if letter.due)])
            self.claim("one", 3)
            while self.senders["one"].batch:
                self.dot("one")
                self.answer("one", "taken", True)
        self.every_row_says_what_the_model_says()
        self.what_is_said_is_true()
        assert {letter.state for letter in self.model.values()} <= {SENT, FAILED, CANCELLED, HELD}


@pytest.fixture
def machine(sqlite_template, tmp_path):
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'test.sqlite3')}"
    with closing(Db(url, info={"stationery": Stationery(secret=SECRET)})) as db:
        Outbox.world = World(db)
        Outbox.people = Outbox.world.ask(JO, ANA, BASHIR, send=False)
        yield Outbox


def test_the_outbox_does_what_its_model_does(machine):
    seldom = [HealthCheck.too_slow, HealthCheck.data_too_large]
    often = settings(max_examples=50, stateful_step_count=40, deadline=None, suppress_health_check=seldom)
    run_state_machine_as_test(machine, settings=settings(often, derandomize=True, database=None))
