"""A mail that offers a deputy, by the table's policy, and what an organiser decides; through the real intake."""

import pytest
from sqlmodel import select

from roundtables.errors import Refusal
from roundtables.invitation import answering, deputy_offers
from roundtables.invitation.decisions import Decision
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, State
from roundtables.mail.inbox import Outcome
from roundtables.mail.outbox import LetterState
from roundtables.roundtable.rules import Deputies
from tests.invitation.test_deputies import method, set_table, taken, text_of
from tests.invitation.test_words_intake import HOUR, NOW, PA, decided, jo, knows_assistant, mail
from tests.world import ANA

__all__ = ["jo"]
OFFER = "Could Tom Reid come in my place? You reach him at tom@example.org"
TOM = {"name": "Tom Reid", "email": "tom@example.org"}


def deputy_of(world, jo):
    with world.db.read() as session:
        return session.exec(select(Invitation).where(Invitation.deputy_of_id == jo)).first()


def test_a_deputy_offered_waits_for_a_person_and_the_principal_stays_invited(world, jo):
    row = mail(world, jo, OFFER)
    assert (row.outcome, row.suggestion) == (Outcome.NEEDS_HUMAN, {"says": "deputy", **TOM}), row.reason
    guest = world.invitation(jo)
    assert (guest.state, guest.deputy_email) == (State.INVITED, "tom@example.org")
    assert world.letters(to_address="tom@example.org") == []
    with world.db.read() as session:
        assert deputy_offers.waiting_as_mail(session, [jo]) == {jo}


def test_the_desk_is_told_that_the_known_assistant_writes(world, jo):
    knows_assistant(world, jo)
    row = mail(world, jo, OFFER.replace("my", "Jo's"), sender=PA)
    assert row.reason.endswith("the assistant of Jo Bloggs writes")
    assert world.invitation(jo).deputy_email == "tom@example.org"


def test_an_unknown_sender_s_offer_is_shown_and_nothing_of_it_is_kept_with_the_invitation(world, jo):
    row = mail(world, jo, OFFER, sender="Eve <eve@else.example>")
    assert (row.outcome, row.suggestion["says"]) == (Outcome.NEEDS_HUMAN, "deputy")
    assert "Eve answers, not Jo Bloggs" in row.reason
    assert world.invitation(jo).deputy_email == ""


def test_one_decision_seats_the_deputy_the_mail_names_and_one_undo_takes_it_back(world, jo):
    row = decided(world, mail(world, jo, OFFER), Decision.SEAT_DEPUTY)
    assert (row.outcome, row.reason) == (Outcome.APPLIED, "Tom Reid was seated for Jo Bloggs, decided by Farah")
    assert world.states(jo, deputy_of(world, jo).id) == [State.DELEGATED, State.INVITED]
    row = decided(world, row, Decision.UNDO, after=3 * HOUR)
    assert row.outcome is Outcome.NEEDS_HUMAN
    assert world.states(jo, deputy_of(world, jo).id) == [State.INVITED, State.WITHDRAWN]
    assert world.invitation(jo).deputy_email == "tom@example.org"
    decided(world, row, Decision.SEAT_DEPUTY, after=4 * HOUR)
    assert world.states(jo, deputy_of(world, jo).id) == [State.DELEGATED, State.INVITED]


def test_a_polite_no_goes_once_and_is_taken_back_only_before_it_has_left(world, jo):
    row = decided(world, mail(world, jo, OFFER), Decision.THANK_DEPUTY)
    row = decided(world, row, Decision.UNDO, after=3 * HOUR)
    assert [x.state for x in world.letters(kind="deputy-declined")] == [LetterState.CANCELLED]
    row = decided(world, row, Decision.THANK_DEPUTY, after=4 * HOUR)
    [_, letter] = world.letters(kind="deputy-declined")
    with world.db.write() as session:
        session.merge(letter).state = LetterState.SENT
    with pytest.raises(Refusal, match="has left already"):
        decided(world, row, Decision.UNDO, after=5 * HOUR)


def test_an_offer_set_aside_is_not_proposed_any_more(world, jo):
    row = decided(world, mail(world, jo, OFFER), Decision.SET_ASIDE)
    assert (row.outcome, world.invitation(jo).deputy_email) == (Outcome.IGNORED, "")


def test_where_no_deputies_are_taken_a_polite_no_lies_ready(world, jo):
    set_table(world, deputies=Deputies.NEVER)
    row = mail(world, jo, OFFER)
    assert row.reason.endswith("this table keeps to the people asked; a polite no lies ready in the outbox")
    [letter] = world.letters(kind="deputy-declined")
    assert (letter.state, "Tom Reid could come for you" in text_of(letter)) == (LetterState.HELD, True)
    decided(world, row, Decision.THANK_DEPUTY)
    assert [x.state for x in world.letters(kind="deputy-declined")] == [LetterState.QUEUED]


def test_a_no_that_lies_ready_goes_when_the_mail_is_set_aside(world, jo):
    set_table(world, deputies=Deputies.NEVER)
    decided(world, mail(world, jo, OFFER), Decision.SET_ASIDE)
    assert [x.state for x in world.letters(kind="deputy-declined")] == [LetterState.CANCELLED]


def test_a_colleague_is_seated_at_once_where_the_table_says_so_with_a_way_back(world, jo):
    set_table(world, deputies=Deputies.SAME_ORGANISATION)
    row = mail(world, jo, OFFER)
    said = "Tom Reid, of the same organisation, was seated for Jo Bloggs"
    assert (row.outcome, row.reason) == (Outcome.APPLIED, said)
    tom = deputy_of(world, jo).id
    assert world.states(jo, tom) == [State.DELEGATED, State.INVITED]
    [letter] = world.letters(kind="withdrawal")
    assert world.page_token(jo) in text_of(letter)
    with world.db.write() as session:
        answering.undo(session, session.get_one(Invitation, jo), by="Jo", now=NOW + 2 * HOUR)
    assert world.states(jo, tom) == [State.INVITED, State.WITHDRAWN]


@pytest.mark.parametrize(
    "text",
    [OFFER.replace("tom@example.org", "tom@else.example"), "Could Tom Reid come in my place?"],
    ids=["of another house", "without an address"],
)
def test_anybody_else_waits_for_a_person(world, jo, text):
    set_table(world, deputies=Deputies.SAME_ORGANISATION)
    assert mail(world, jo, text).outcome is Outcome.NEEDS_HUMAN
    assert world.states(jo) == [State.INVITED]


def test_the_organisation_s_maximum_is_shown_beforehand(world, jo):
    set_table(world, max_per_organisation=1)
    [ana] = world.ask(ANA)
    world.answer(ana, Answer.ACCEPTED)
    with world.db.write() as session:
        from roundtables.person import actions as people

        details = people.Details("Tom Reid", "tom@example.org", organisation="Open Door Kitchens")
        people.add(session, world.convener_id, details, now=NOW)
    row = mail(world, jo, OFFER)
    assert row.reason.endswith("One of Open Door Kitchens is coming already, and the table takes one")
    with pytest.raises(Refusal, match="One of Open Door Kitchens is coming already"):
        decided(world, row, Decision.SEAT_DEPUTY)


def test_a_deputy_s_no_by_mail_says_that_the_principal_was_asked_again(world, jo):
    decided(world, mail(world, jo, OFFER), Decision.SEAT_DEPUTY)
    tom = deputy_of(world, jo).id
    row = mail(world, tom, "Sorry, I cannot come.", sender="Tom Reid <tom@example.org>", after=4 * HOUR)
    assert (row.outcome, row.reason) == (Outcome.APPLIED, "in their words: declined; Jo Bloggs was asked again")
    assert world.states(jo, tom) == [State.INVITED, State.DECLINED]
    [letter] = world.letters(kind="yours-again")
    assert (letter.to_address, method(letter)) == ("jo@example.org", "REQUEST")


def test_a_principal_s_yes_by_mail_takes_the_seat_back_only_with_the_organiser_and_undo_works(world, jo):
    decided(world, mail(world, jo, OFFER), Decision.SEAT_DEPUTY)
    tom = deputy_of(world, jo).id
    world.answer(tom, Answer.ACCEPTED, after=3 * HOUR)
    row = mail(world, jo, "Yes please, I will be there.", after=4 * HOUR)
    assert row.outcome is Outcome.NEEDS_HUMAN
    assert world.states(jo, tom) == [State.DELEGATED, State.ACCEPTED]
    row = decided(world, row, Decision.APPLY, after=5 * HOUR)
    assert (world.states(jo, tom), taken(world)) == ([State.ACCEPTED, State.WITHDRAWN], 1)
    decided(world, row, Decision.UNDO, after=6 * HOUR)
    assert (world.states(jo, tom), taken(world)) == ([State.DELEGATED, State.INVITED], 1)


def test_a_principal_s_no_changes_nothing_for_the_deputy(world, jo):
    decided(world, mail(world, jo, OFFER), Decision.SEAT_DEPUTY)
    row = mail(world, jo, "Sorry, I cannot come.", after=4 * HOUR)
    with pytest.raises(Refusal, match="their own no changes nothing"):
        decided(world, row, Decision.APPLY, after=5 * HOUR)
