"""What an organiser decides about a time that somebody proposes: the table moves, or one polite no goes."""

from datetime import timedelta

import pytest

from roundtables.errors import Refusal
from roundtables.invitation import counter_proposals
from roundtables.invitation.decisions import Decision
from roundtables.invitation.rules import Answer, State
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.mail.outbox import LetterState
from tests.invitation.test_answering import calendar_of
from tests.invitation.test_deputies import text_of
from tests.invitation.test_words_intake import HOUR, decided, jo, mail
from tests.world import ANA, BASHIR, CARYS, KINDNESS

__all__ = ["jo"]
LATER = timedelta(hours=4)


@pytest.fixture
def counter(world, jo):
    """A mail of Jo's that proposes to meet four hours later, with two more asked and one not."""
    ana, _ = world.ask(ANA, BASHIR)
    world.ask(CARYS, send=False)
    world.answer(ana, Answer.DECLINED)
    row = mail(world, jo, "Could we do it later in the day instead?")
    return with_times(world, row, KINDNESS.starts_at + LATER, KINDNESS.ends_at + LATER)


def with_times(world, row, starts_at, ends_at):
    with world.db.write() as session:
        kept = session.get_one(IncomingMail, row.id)
        times = {"starts_at": starts_at.isoformat()} | ({"ends_at": ends_at.isoformat()} if ends_at else {})
        kept.suggestion = {"says": "counter", **times}
        kept.outcome = Outcome.NEEDS_HUMAN
        session.add(kept)
        return kept


def table(world):
    with world.db.read() as session:
        return world.table(session)


def test_the_desk_can_say_beforehand_how_many_would_be_asked_again(world, counter):
    with world.db.read() as session:
        assert counter_proposals.would_be_asked_again(session, world.table(session)) == 3


@pytest.mark.parametrize("with_end", [True, False], ids=["from and to", "from alone"])
def test_a_proposal_accepted_moves_the_table_and_asks_everybody_again(world, jo, counter, with_end):
    if not with_end:
        with_times(world, counter, KINDNESS.starts_at + LATER, None)
    row = decided(world, counter, Decision.ACCEPT_COUNTER)
    assert (row.outcome, row.reason) == (
        Outcome.APPLIED,
        "the table moved as Jo Bloggs proposed, 3 asked again, decided by Farah",
    )
    moved = table(world)
    assert (moved.starts_at, moved.ends_at) == (KINDNESS.starts_at + LATER, KINDNESS.ends_at + LATER)
    assert (moved.sequence, moved.reset_sequence) == (1, 1)
    letters = world.letters(kind="new-date")
    assert sorted(x.to_address for x in letters) == ["ana@example.net", "bashir@example.com", "jo@example.org"]
    with pytest.raises(Refusal, match="no answer to undo"):
        decided(world, row, Decision.UNDO, after=3 * HOUR)


def test_a_proposal_declined_is_one_letter_to_whoever_made_it_and_nothing_else(world, jo, counter):
    row = decided(world, counter, Decision.DECLINE_COUNTER)
    assert (row.outcome, row.reason) == (Outcome.APPLIED, "told that the time stays, decided by Farah")
    [letter] = world.letters(kind="counter-declined")
    calendar = calendar_of(letter)
    assert (letter.to_address, table(world).sequence) == ("jo@example.org", 0)
    assert b"METHOD:DECLINECOUNTER" in calendar
    assert b"SEQUENCE:0" in calendar
    assert "Thank you for proposing Thursday 1 July 2027, 14.00 to 16.30." in text_of(letter)
    [first] = world.letters(kind="invitation", to_address="jo@example.org")
    assert first.state is LetterState.QUEUED
    assert world.states(jo) == [State.INVITED]


def test_a_no_to_a_proposal_is_taken_back_before_it_has_left_and_goes_once(world, counter):
    row = decided(world, counter, Decision.DECLINE_COUNTER)
    row = decided(world, row, Decision.UNDO, after=3 * HOUR)
    assert row.outcome is Outcome.NEEDS_HUMAN
    decided(world, row, Decision.DECLINE_COUNTER, after=4 * HOUR)
    states = [x.state for x in world.letters(kind="counter-declined")]
    assert states == [LetterState.CANCELLED, LetterState.QUEUED]


CANNOT = {
    "a time that is past": (timedelta(days=-400), "is past"),
    "the time as it stands": (timedelta(0), "at that time already"),
}


@pytest.mark.parametrize(("by", "why"), CANNOT.values(), ids=CANNOT.keys())
def test_what_cannot_be_accepted(world, counter, by, why):
    with_times(world, counter, KINDNESS.starts_at + by, KINDNESS.ends_at + by)
    with pytest.raises(Refusal, match=why):
        decided(world, counter, Decision.ACCEPT_COUNTER)
    assert table(world).sequence == 0


def test_words_that_name_no_time_cannot_move_a_table(world, jo):
    row = mail(world, jo, "Could we do it later in the day instead?")
    with pytest.raises(Refusal, match="names no time"):
        decided(world, row, Decision.ACCEPT_COUNTER)
