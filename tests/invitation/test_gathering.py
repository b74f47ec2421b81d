"""A table that moves, changes its place, is called off, or ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from roundtables.errors import Refusal
from roundtables.invitation import deputies, gathering
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Ignored, NeedsHuman, State
from roundtables.mail.outbox import LetterState
from roundtables.roundtable.actions import plan_of
from roundtables.roundtable.rules import Writes
from tests.invitation.test_answering import calendar_of
from tests.world import ANA, BASHIR, CARYS, DEWI, JO, NOW

YES, NO = Answer.ACCEPTED, Answer.DECLINED
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


def change(world, **fields):
    with world.db.write() as session:
        table = world.table(session)
        plan = replace(plan_of(session, table), **fields)
        return gathering.change(session, table, plan, by="Farah", now=NOW + WEEK)


def move(world):
    with world.db.read() as session:
        table = world.table(session)
        return change(world, starts_at=table.starts_at + WEEK, ends_at=table.ends_at + WEEK)


def test_a_new_time_asks_everybody_again_and_remembers_what_they_said(world):
    jo, ana, bashir = world.ask(JO, ANA, BASHIR)
    world.answer(jo, YES)
    world.answer(ana, NO)
    assert move(world) == gathering.Change(Writes.ASKS_AGAIN, 3)
    assert world.states(jo, ana, bashir) == [State.INVITED] * 3
    assert [world.invitation(i).earlier_answer for i in (jo, ana, bashir)] == [YES, NO, None]
    letters = world.letters(kind="new-date", state=LetterState.QUEUED)
    assert [x.to_address for x in letters] == ["jo@example.org", "ana@example.net", "bashir@example.com"]
    calendar = calendar_of(letters[0])
    assert b"SEQUENCE:1" in calendar
    assert b"PARTSTAT=NEEDS-ACTION" in calendar


def test_who_declined_the_old_date_gets_the_new_one_under_a_fresh_calendar_name(world):
    jo, ana = world.ask(JO, ANA)
    world.answer(ana, NO)
    uid = world.invitation(ana).uid
    move(world)
    assert world.invitation(ana).uid != uid
    assert world.invitation(jo).uid == uid


def test_a_seat_is_kept_for_those_who_had_said_yes_to_the_old_date(world):
    ids = world.ask(JO, ANA, BASHIR, CARYS)
    for n, one in enumerate(ids):
        world.answer(one, YES, after=n * HOUR + HOUR)
    move(world)
    world.answer(ids[3], YES, after=WEEK + HOUR)
    world.answer(ids[0], YES, after=WEEK + 2 * HOUR)
    assert world.states(*ids) == [State.ACCEPTED, State.INVITED, State.INVITED, State.WAITING]


def test_an_answer_to_the_old_date_does_not_count_for_the_new_one(world):
    from roundtables.invitation.answering import record_reply
    from roundtables.invitation.rules import Reply, Via

    [jo] = world.ask(JO)
    move(world)
    with world.db.write() as session:
        late = Reply(YES, NOW + WEEK + HOUR, Via.CALENDAR, sequence=0, stamp=NOW + HOUR)
        outcome = record_reply(session, session.get_one(Invitation, jo), late, by="jo", now=NOW + WEEK + HOUR)
    assert outcome == NeedsHuman("it answers an earlier date of the roundtable", YES)
    assert world.states(jo) == [State.INVITED]


def test_a_new_place_tells_and_keeps_each_answer_in_its_calendar_copy(world):
    jo, ana, bashir = world.ask(JO, ANA, BASHIR)
    world.answer(jo, YES)
    world.answer(bashir, NO)
    assert change(world, place="The Guildhall, Leeds") == gathering.Change(Writes.TELLS, 2)
    assert world.states(jo, ana, bashir) == [State.ACCEPTED, State.INVITED, State.DECLINED]
    letters = world.letters(kind="new-place")
    assert [x.subject.startswith("New place:") for x in letters] == [True, True]
    assert [b"PARTSTAT=ACCEPTED" in calendar_of(x) for x in letters] == [True, False]


def test_a_typo_writes_to_nobody(world):
    world.ask(JO)
    assert change(world, title="Whose job is it to be kind, then?") == gathering.Change(Writes.NOTHING, 0)
    assert len(world.letters()) == 1
    with world.db.read() as session:
        assert world.table(session).sequence == 0


def test_only_the_newest_of_two_unsent_calendar_letters_leaves(world):
    world.ask(JO)
    move(world)
    assert [(x.kind, x.state) for x in world.letters()] == [
        ("invitation", LetterState.CANCELLED),
        ("new-date", LetterState.QUEUED),
    ]


def test_more_seats_seat_those_who_wait(world):
    ids = world.ask(JO, ANA, BASHIR, CARYS, DEWI)
    for n, one in enumerate(ids):
        world.answer(one, YES, after=n * HOUR + HOUR)
    change(world, seats=4)
    assert world.states(*ids[3:]) == [State.ACCEPTED, State.WAITING]


def test_a_cancelled_table_takes_every_entry_back_and_nobody_else_hears(world):
    jo, ana, _ = world.ask(JO, ANA, BASHIR)
    world.ask(CARYS, send=False)
    world.answer(jo, YES)
    world.answer(ana, NO)
    with world.db.write() as session:
        told = gathering.cancel(session, world.table(session), by="Farah", now=NOW + WEEK)
    assert told == 2
    letters = world.letters(kind="cancellation")
    assert [x.to_address for x in letters] == ["jo@example.org", "bashir@example.com"]
    calendar = calendar_of(letters[0])
    assert all(line in calendar for line in (b"METHOD:CANCEL", b"STATUS:CANCELLED", b"SEQUENCE:1"))
    assert {x.state for x in world.letters(kind="invitation")} == {LetterState.CANCELLED}
    with pytest.raises(Refusal, match="already cancelled"), world.db.write() as session:
        gathering.cancel(session, world.table(session), by="Farah", now=NOW + WEEK)


def test_after_closing_nobody_can_answer_and_the_unanswered_lapse(world):
    jo, ana = world.ask(JO, ANA)
    world.answer(jo, YES)
    with world.db.write() as session:
        gathering.close(session, world.table(session), by="Farah", now=NOW + WEEK)
    assert world.states(jo, ana) == [State.ACCEPTED, State.LAPSED]
    assert isinstance(world.answer(jo, NO, after=2 * WEEK), Ignored)
    assert world.states(jo) == [State.ACCEPTED]
    with pytest.raises(Refusal, match="closed"):
        world.ask(BASHIR, now=NOW + 2 * WEEK)
    with pytest.raises(Refusal, match="closed"):
        move(world)
    assert change(world, summary="What we talked about") == gathering.Change(Writes.NOTHING, 0)


def propose_and_seat(world, jo):
    with world.db.write() as session:
        principal = session.get_one(Invitation, jo)
        deputies.propose(
            session, principal, name="Sam Okafor", email="sam@example.org", comment="", by="jo", now=NOW + HOUR
        )
        return deputies.seat_deputy(session, principal, by="Farah", now=NOW + 2 * HOUR).id


def test_a_deputy_is_seated_and_the_principal_is_not_a_no(world):
    jo, _ = world.ask(JO, ANA)
    world.answer(jo, YES)
    sam = propose_and_seat(world, jo)
    assert world.states(jo, sam) == [State.DELEGATED, State.INVITED]
    assert (world.invitation(sam).holds_seat, world.invitation(jo).holds_seat) == (True, False)
    [kind_words] = world.letters(kind="withdrawal")
    assert (kind_words.to_address, b"Sam Okafor will come for you" in kind_words.raw) == ("jo@example.org", True)
    [letter] = world.letters(invitation_id=sam)
    assert letter.to_address == "sam@example.org"
    assert not any(word in letter.raw for word in (b"jo@example.org", b"Ana Ruiz"))


def test_where_deputies_are_never_taken_none_is_proposed(world):
    from roundtables.roundtable.rules import Deputies

    [jo] = world.ask(JO)
    change(world, deputies=Deputies.NEVER)
    with pytest.raises(Refusal, match="keep to the people"):
        propose_and_seat(world, jo)


def test_an_answer_to_the_old_date_cannot_be_brought_back_by_an_undo(world):
    from roundtables.invitation.answering import undo

    [jo] = world.ask(JO)
    world.answer(jo, YES)
    world.answer(jo, NO, after=2 * HOUR)
    move(world)
    with pytest.raises(Refusal, match="no answer to undo"), world.db.write() as session:
        undo(session, session.get_one(Invitation, jo), by="jo", now=NOW + WEEK + HOUR)


def test_an_undo_after_a_new_date_keeps_the_seat_that_was_promised(world):
    from roundtables.invitation.answering import undo

    ids = world.ask(JO, ANA, BASHIR, CARYS)
    for n, one in enumerate(ids):
        world.answer(one, YES, after=n * HOUR + HOUR)
    move(world)
    world.answer(ids[3], YES, after=WEEK + HOUR)
    world.answer(ids[0], YES, after=WEEK + 2 * HOUR)
    with world.db.write() as session:
        undo(session, session.get_one(Invitation, ids[0]), by="jo", now=NOW + WEEK + 3 * HOUR)
    assert world.states(ids[0], ids[3]) == [State.INVITED, State.WAITING]
    assert world.invitation(ids[0]).holds_seat


def test_seats_that_are_taken_cannot_be_cut_away(world):
    ids = world.ask(JO, ANA, BASHIR)
    for one in ids:
        world.answer(one, YES)
    with pytest.raises(Refusal, match="Three seats are taken") as refused:
        change(world, seats=2, seat_kinds=[])
    assert refused.value.field == "seats"
    assert world.states(*ids) == [State.ACCEPTED] * 3
