"""Somebody comes instead: offered, seated, thanked, and given back; on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from roundtables.errors import Refusal
from roundtables.invitation import answering, deputies
from roundtables.invitation.actions import Guest
from roundtables.invitation.model import Invitation
from roundtables.invitation.queries import history
from roundtables.invitation.rules import Answer, NeedsHuman, State, Via
from roundtables.invitation.seat_counts import seats_taken
from roundtables.mail.message import read
from roundtables.mail.outbox import LetterState
from roundtables.roundtable.rules import Deputies
from tests.invitation.test_answering import calendar_of
from tests.world import ANA, BASHIR, CARYS, JO, NOW

YES, NO, MAYBE = Answer.ACCEPTED, Answer.DECLINED, Answer.TENTATIVE
HOUR = timedelta(hours=1)
SAM = {"name": "Sam Okafor", "email": "sam@example.org"}


def set_table(world, **values):
    with world.db.write() as session:
        table = world.table(session)
        for name, value in values.items():
            setattr(table, name, value)
        session.add(table)


def propose(world, invitation_id, after=2 * HOUR, **who):
    with world.db.write() as session:
        guest = session.get_one(Invitation, invitation_id)
        deputy = deputies.propose(session, guest, **(SAM | who), comment="", by="them", now=NOW + after)
        return deputy.id if deputy else None


def seat(world, invitation_id, after=2 * HOUR, **who):
    with world.db.write() as session:
        guest = session.get_one(Invitation, invitation_id)
        return deputies.seat_deputy(session, guest, **(SAM | who), by="Farah", now=NOW + after).id


def undo(world, invitation_id, after=6 * HOUR, *, by_organiser=False):
    with world.db.write() as session:
        guest = session.get_one(Invitation, invitation_id)
        answering.undo(session, guest, by="somebody", now=NOW + after, by_organiser=by_organiser)


def taken(world):
    with world.db.read() as session:
        return seats_taken(session, world.table_id)


def told(world, address):
    """What somebody was written, oldest first: kind and METHOD of its calendar, "" if none."""
    letters = world.letters(to_address=address)
    return [(x.kind, method(x)) for x in letters]


def method(letter):
    parts = read(letter.raw).calendars
    return parts[0].method if parts else ""


def text_of(letter):
    return " ".join(read(letter.raw).text.split())


def test_the_deputy_gets_an_invitation_of_their_own_without_a_trace_of_other_guests(world):
    jo, _ = world.ask(JO, ANA)
    sam = seat(world, jo)
    assert world.states(jo, sam) == [State.DELEGATED, State.INVITED]
    [letter] = world.letters(to_address="sam@example.org")
    calendar = calendar_of(letter)
    assert b'DELEGATED-FROM="mailto:jo@example.org"' in calendar
    assert calendar.count(b"ATTENDEE") == 1
    assert b"ana@" not in letter.raw
    assert world.invitation(sam).reply_hash != world.invitation(jo).reply_hash
    assert world.invitation(sam).nonce != world.invitation(jo).nonce


def test_the_principal_s_entry_goes_with_kind_words_and_a_way_back(world):
    [jo] = world.ask(JO)
    seat(world, jo)
    assert told(world, "jo@example.org") == [("invitation", "REQUEST"), ("withdrawal", "CANCEL")]
    words = text_of(world.letters(kind="withdrawal")[0])
    assert "Sam Okafor will come for you. Thank you for making it possible." in words
    assert world.page_token(jo) in words


@pytest.mark.parametrize("answer", [None, YES], ids=["not answered", "said yes"])
def test_the_deputy_has_the_seat_that_was_the_principal_s(world, answer):
    [jo] = world.ask(JO)
    if answer:
        world.answer(jo, answer)
    sam = seat(world, jo)
    assert (world.invitation(sam).holds_seat, taken(world)) == ((True, 1) if answer else (False, 0))


def test_a_principal_undoes_it_and_stands_where_they_stood(world):
    [jo] = world.ask(JO)
    world.answer(jo, YES)
    before = world.invitation(jo)
    sam = seat(world, jo)
    undo(world, jo)
    after = world.invitation(jo)
    assert (after.state, after.answer, after.holds_seat) == (State.ACCEPTED, YES, True)
    assert (world.states(sam), taken(world)) == ([State.WITHDRAWN], 1)
    assert told(world, "jo@example.org")[-1] == ("yours-again", "REQUEST")
    assert after.uid != before.uid
    assert b"PARTSTAT=ACCEPTED" in calendar_of(world.letters(kind="yours-again")[0])
    assert told(world, "sam@example.org")[-1] == ("withdrawal", "CANCEL")


def test_a_principal_cannot_take_the_seat_from_a_deputy_who_has_said_yes_but_an_organiser_can(world):
    [jo] = world.ask(JO)
    sam = seat(world, jo)
    world.answer(sam, YES, after=3 * HOUR)
    with pytest.raises(Refusal, match="Sam Okafor has said yes by now"):
        undo(world, jo)
    undo(world, jo, by_organiser=True)
    assert world.states(jo, sam) == [State.INVITED, State.WITHDRAWN]


def test_a_deputy_who_declines_gives_the_seat_back_and_the_principal_is_asked_once_more(world):
    jo, ana, bashir, carys = world.ask(JO, ANA, BASHIR, CARYS)
    world.answer(jo, YES)
    sam = seat(world, jo)
    for n, one in enumerate((ana, bashir, carys, sam)):
        world.answer(one, YES, after=(3 + n) * HOUR)
    assert world.states(carys) == [State.WAITING]
    outcome = world.answer(sam, NO, after=9 * HOUR)
    assert outcome.note == "Jo Bloggs was asked again"
    assert world.states(jo, sam, carys) == [State.INVITED, State.DECLINED, State.WAITING]
    assert (world.invitation(jo).holds_seat, taken(world)) == (True, 3)
    [letter] = world.letters(kind="yours-again")
    assert "Sam Okafor cannot come after all" in text_of(letter)
    assert b"PARTSTAT=NEEDS-ACTION" in calendar_of(letter)
    with world.db.read() as session:
        [(principal, deputy)] = deputies.fallen_through(session, world.convener_id)
        assert (principal.id, deputy.id) == (jo, sam)
        assert "Sam Okafor cannot come, asked once more" in [line.what for line in history(session, jo)]
    world.answer(jo, YES, after=10 * HOUR)
    assert world.states(jo) == [State.ACCEPTED]
    with world.db.read() as session:
        assert deputies.fallen_through(session, world.convener_id) == []


@pytest.mark.parametrize("way", ["they say yes", "they undo it"])
def test_a_deputy_comes_after_all_as_long_as_the_principal_has_not_answered(world, way):
    [jo] = world.ask(JO)
    sam = seat(world, jo)
    world.answer(sam, YES, after=3 * HOUR)
    world.answer(sam, NO, after=4 * HOUR)
    world.answer(sam, YES, after=5 * HOUR) if way == "they say yes" else undo(world, sam)
    assert world.states(jo, sam) == [State.DELEGATED, State.ACCEPTED]
    assert taken(world) == 1
    assert told(world, "jo@example.org")[-1] == ("withdrawal", "CANCEL")


def test_once_the_deputy_has_declined_there_is_nothing_left_for_the_principal_to_undo(world):
    [jo] = world.ask(JO)
    world.answer(jo, YES)
    sam = seat(world, jo)
    world.answer(sam, NO, after=3 * HOUR)
    with pytest.raises(Refusal, match="no answer to undo"):
        undo(world, jo)


def test_a_deputy_s_late_yes_waits_for_a_person_once_the_principal_has_answered(world):
    [jo] = world.ask(JO)
    sam = seat(world, jo)
    world.answer(sam, NO, after=3 * HOUR)
    world.answer(jo, YES, after=4 * HOUR)
    outcome = world.answer(sam, YES, after=5 * HOUR)
    assert outcome == NeedsHuman("Jo Bloggs has answered for this seat since", YES)
    with pytest.raises(Refusal, match="has answered for this seat since"):
        undo(world, sam)
    assert world.states(jo, sam) == [State.ACCEPTED, State.DECLINED]


def test_of_two_deputies_one_after_the_other_only_the_newer_is_live(world):
    [jo] = world.ask(JO)
    sam = seat(world, jo)
    world.answer(sam, NO, after=3 * HOUR)
    kim = seat(world, jo, after=4 * HOUR, name="Kim Reed", email="kim@example.org")
    assert world.answer(sam, YES, after=5 * HOUR) == NeedsHuman("Kim Reed comes for Jo Bloggs by now", YES)
    assert world.states(jo, sam, kim) == [State.DELEGATED, State.DECLINED, State.INVITED]


def test_a_principal_s_own_yes_waits_for_a_person_and_the_organiser_gives_the_seat_back(world):
    from roundtables.invitation.rules import Reply

    [jo] = world.ask(JO)
    sam = seat(world, jo)
    world.answer(sam, YES, after=3 * HOUR)
    assert world.answer(jo, YES, after=4 * HOUR) == NeedsHuman("a deputy was seated in their place", YES)
    with world.db.write() as session:
        guest, at = session.get_one(Invitation, jo), NOW + 5 * HOUR
        means = "Sam Okafor, who has said yes, is told with thanks and loses the seat."
        assert deputies.what_taking_back_means(session, guest) == means
        deputies.take_seat_back(session, guest, Reply(YES, at, Via.MAIL), by="Farah", now=at)
    assert world.states(jo, sam) == [State.ACCEPTED, State.WITHDRAWN]
    assert taken(world) == 1
    undo(world, jo, by_organiser=True)
    assert world.states(jo, sam) == [State.DELEGATED, State.INVITED]
    assert (world.invitation(sam).holds_seat, taken(world)) == (True, 1)
    assert told(world, "sam@example.org")[-1] == ("invitation", "REQUEST")


def test_a_seat_is_passed_on_twice_and_never_in_a_circle(world):
    [jo] = world.ask(JO)
    sam = seat(world, jo)
    with pytest.raises(Refusal, match="pass back"):
        seat(world, sam, name="Jo Bloggs", email="JO@example.org")
    kim = seat(world, sam, after=3 * HOUR, name="Kim Reed", email="kim@example.org")
    with pytest.raises(Refusal, match="not passed on any further"):
        seat(world, kim, after=4 * HOUR, name="Lee Frost", email="lee@example.org")
    with pytest.raises(Refusal, match="has sent somebody in turn"):
        undo(world, jo, by_organiser=True)
    world.answer(kim, NO, after=5 * HOUR)
    assert world.states(jo, sam, kim) == [State.DELEGATED, State.INVITED, State.DECLINED]


@pytest.mark.parametrize(
    ("guest", "why"),
    [(ANA, "has been asked to this table already"), (JO, "pass back")],
    ids=["somebody asked themselves", "themselves"],
)
def test_who_cannot_be_a_deputy(world, guest, why):
    jo, _ = world.ask(JO, ANA)
    with pytest.raises(Refusal, match=why):
        seat(world, jo, name=guest.name, email=guest.email)
    assert world.states(jo) == [State.INVITED]


def test_the_maximum_of_an_organisation_is_counted_with_the_deputy_in_the_principal_s_place(world):
    set_table(world, max_per_organisation=1)
    colleague = Guest("Sam Okafor", "sam@example.org", organisation="Northshire Council")
    jo, ana = world.ask(JO, replace(ANA, organisation="Open Door Kitchens"))
    world.answer(jo, YES)
    world.answer(ana, YES)
    with world.db.write() as session:
        from roundtables.person import actions as people

        details = people.Details(colleague.name, colleague.email, organisation="northshire  council")
        people.add(session, world.convener_id, details, now=NOW)
    with pytest.raises(Refusal, match="One of northshire  council is coming already, and the table takes one"):
        seat(world, ana)
    assert seat(world, jo)


POLICIES = {
    "ask": (Deputies.ASK, "sam@example.org", State.INVITED),
    "a colleague by mail domain": (Deputies.SAME_ORGANISATION, "sam@example.org", State.DELEGATED),
    "somebody else": (Deputies.SAME_ORGANISATION, "sam@example.net", State.INVITED),
}


@pytest.mark.parametrize(("policy", "email", "state"), POLICIES.values(), ids=POLICIES.keys())
def test_the_policy_of_the_table_says_whether_a_person_is_asked(world, policy, email, state):
    set_table(world, deputies=policy)
    [jo] = world.ask(JO)
    sam = propose(world, jo, email=email)
    assert (world.states(jo), sam is not None) == ([state], state is State.DELEGATED)
    assert (world.invitation(jo).deputy_email == email) == (sam is None)


def test_a_mail_provider_is_nobody_s_organisation(world):
    set_table(world, deputies=Deputies.SAME_ORGANISATION)
    [jo] = world.ask(replace(JO, email="jo@gmail.com"))
    assert propose(world, jo, email="sam@gmail.com") is None


def test_the_book_s_organisation_counts_before_the_mail_domain(world):
    from roundtables.person import actions as people

    set_table(world, deputies=Deputies.SAME_ORGANISATION)
    with world.db.write() as session:
        for email, organisation in (("sam@example.org", "Aberwen Council"), ("kim@example.com", "Northshire Council")):
            people.add(session, world.convener_id, people.Details("A Name", email, organisation=organisation), now=NOW)
    [jo] = world.ask(JO)
    assert propose(world, jo) is None
    assert propose(world, jo, email="kim@example.com") is not None


def test_a_colleague_over_the_maximum_is_asked_about_and_not_seated(world):
    set_table(world, deputies=Deputies.SAME_ORGANISATION, max_per_organisation=1)
    jo, bashir = world.ask(JO, replace(BASHIR, organisation="Northshire Council"))
    world.answer(bashir, YES)
    assert propose(world, jo) is None
    assert world.states(jo) == [State.INVITED]


def test_a_table_that_takes_no_deputies_refuses_one(world):
    set_table(world, deputies=Deputies.NEVER)
    [jo] = world.ask(JO)
    with pytest.raises(Refusal, match="keep to the people they asked"):
        propose(world, jo)


def test_who_asked_not_to_be_written_to_is_not_written_to_as_a_deputy(world):
    from roundtables.person import actions as people

    with world.db.write() as session:
        person = people.add(session, world.convener_id, people.Details(**SAM), now=NOW)
        person.unsubscribed_at = NOW
    [jo] = world.ask(JO)
    with pytest.raises(Refusal, match="asked us not to write"):
        seat(world, jo)


def test_a_polite_no_that_lies_ready_is_the_one_that_goes(world):
    [jo] = world.ask(JO)
    with world.db.write() as session:
        guest = session.get_one(Invitation, jo)
        deputies.draft_polite_no(session, guest, name="Sam Okafor", mail_id=None, now=NOW + HOUR)
        deputies.draft_polite_no(session, guest, name="Sam Okafor", mail_id=None, now=NOW + 2 * HOUR)
    assert [x.state for x in world.letters(kind="deputy-declined")] == [LetterState.HELD]
    with world.db.write() as session:
        deputies.thank_deputy(session, session.get_one(Invitation, jo), by="Farah", now=NOW + 3 * HOUR)
    [letter] = world.letters(kind="deputy-declined")
    assert letter.state is LetterState.QUEUED
    assert "Sam Okafor" in text_of(letter)
    assert world.states(jo) == [State.INVITED]


def test_a_draft_of_a_no_is_dropped_when_the_deputy_is_seated(world):
    [jo] = world.ask(JO)
    with world.db.write() as session:
        guest = session.get_one(Invitation, jo)
        deputies.draft_polite_no(session, guest, name="Sam Okafor", mail_id=None, now=NOW + HOUR)
    seat(world, jo)
    assert [x.state for x in world.letters(kind="deputy-declined")] == [LetterState.CANCELLED]
