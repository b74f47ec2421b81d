"""Writing, checking, publishing and withdrawing posts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from roundtables.convener import actions as conveners
from roundtables.errors import Refusal, Refusals
from roundtables.invitation.actions import withdraw as withdraw_invitation
from roundtables.invitation.model import Invitation
from roundtables.post import actions
from roundtables.post.model import Post, State
from roundtables.post.rules import RuleBroken
from tests.post.shelf import FORM, laid, report, wrote
from tests.world import ANA, JO, NOW

FARAH = "Farah Lindqvist"


def act(world, post_id, what, **named):
    """What `what(session, post, now=…, **named)` answers."""
    with world.db.write() as session:
        return what(session, session.get_one(Post, post_id), **{"now": NOW, **named})


def read(world, post_id) -> Post:
    with world.db.read() as session:
        return session.get_one(Post, post_id)


def test_a_draft_is_rendered_when_it_is_saved(world):
    post = read(world, wrote(world, published=False))
    assert (post.state, post.slug) == (State.DRAFT, "the-form-was-never-the-problem")
    assert "<h2>Rules as shelter</h2>" in post.html
    assert "A rule can be somewhere to hide." in post.plain


def test_the_slug_follows_the_title_until_it_is_published(world):
    number = wrote(world, published=False)
    act(world, number, actions.change, text=replace(FORM, title="Another"), by=FARAH)
    assert read(world, number).slug == "another"
    act(world, number, actions.publish, by=FARAH)
    act(world, number, actions.change, text=replace(FORM, title="A third"), by=FARAH)
    assert (read(world, number).slug, read(world, number).title) == ("another", "A third")


def test_two_posts_of_one_title_have_two_addresses(world):
    numbers = [wrote(world, title="Notes") for _ in range(3)]
    assert [read(world, number).slug for number in numbers] == ["notes", "notes-2", "notes-3"]


def test_a_post_that_names_a_guest_is_not_published(world):
    world.ask(JO)
    number = wrote(world, published=False, body="Then Bloggs spoke.", roundtable_ids=[world.table_id])
    with pytest.raises(RuleBroken) as refused:
        act(world, number, actions.publish, by=FARAH)
    assert [(f.field, f.words, f.must) for f in refused.value.findings] == [("body", "Bloggs", True)]
    assert read(world, number).state is State.DRAFT


def test_a_reason_overrules_and_is_kept(world):
    world.ask(JO)
    number = wrote(world, published=False, body="Then Bloggs spoke.", roundtable_ids=[world.table_id])
    act(world, number, actions.publish, by=FARAH, override_reason=" Jo agreed in writing. ")
    post = read(world, number)
    assert (post.state, post.override_reason, post.override_by) == (State.PUBLISHED, "Jo agreed in writing.", FARAH)


def test_those_who_declined_or_were_withdrawn_are_protected_too(world):
    (first,) = world.ask(JO)
    with world.db.write() as session:
        withdraw_invitation(session, session.get_one(Invitation, first), by=FARAH, now=NOW)
    with pytest.raises(RuleBroken):
        wrote(world, body="Then Bloggs spoke.", roundtable_ids=[world.table_id])


def test_guests_of_other_tables_may_be_named(world):
    world.ask(JO)
    other = laid(world)
    assert read(world, wrote(world, body="Then Bloggs spoke.", roundtable_ids=[other])).state is State.PUBLISHED


def test_a_published_post_is_checked_again_when_it_changes(world):
    world.ask(JO)
    number = wrote(world, roundtable_ids=[world.table_id])
    named = replace(FORM, body="Then Bloggs spoke.", roundtable_ids=[world.table_id])
    with pytest.raises(RuleBroken):
        act(world, number, actions.change, text=named, by=FARAH)
    assert "Bloggs" not in read(world, number).html
    act(world, number, actions.change, text=named, by=FARAH, override_reason="Agreed.")
    assert read(world, number).override_reason == "Agreed."


def test_a_reason_covers_the_words_it_was_given_for_and_no_others(world):
    world.ask(JO, ANA)
    named = replace(FORM, body="Then Bloggs spoke.", roundtable_ids=[world.table_id])
    number = wrote(world, named, reason="Agreed.")
    act(world, number, actions.change, text=replace(named, body="Bloggs spoke for long."), by=FARAH)
    with pytest.raises(RuleBroken) as refused:
        act(world, number, actions.change, text=replace(named, body="Bloggs and Ruiz spoke."), by=FARAH)
    assert [f.words for f in refused.value.findings] == ["Ruiz"]


def test_a_scheduled_post_goes_out_at_its_hour_and_not_before(world):
    hour = NOW + timedelta(days=1)
    number = wrote(world, publish_at=hour)
    assert read(world, number).state is State.SCHEDULED
    with world.db.write() as session:
        assert actions.publish_due(session, hour - timedelta(seconds=1)) == 0
        assert actions.publish_due(session, hour) == 1
        assert actions.publish_due(session, hour) == 0
    assert (read(world, number).state, read(world, number).published_at) == (State.PUBLISHED, hour)


def test_a_scheduled_post_that_names_a_new_guest_waits_for_a_person(world):
    number = wrote(
        world, publish_at=NOW + timedelta(days=1), body="Then Bloggs spoke.", roundtable_ids=[world.table_id]
    )
    world.ask(JO)
    with world.db.write() as session:
        assert actions.publish_due(session, NOW + timedelta(days=2)) == 0
    assert read(world, number).state is State.IN_REVIEW


def test_withdrawn_and_published_again_it_keeps_its_address_and_its_day(world):
    number = wrote(world)
    assert act(world, number, actions.withdraw).state is State.WITHDRAWN
    act(world, number, actions.publish, by=FARAH, now=NOW + timedelta(days=9))
    post = read(world, number)
    assert (post.state, post.published_at, post.slug) == (State.PUBLISHED, NOW, "the-form-was-never-the-problem")


def test_what_is_only_scheduled_is_a_draft_again(world):
    number = wrote(world, publish_at=NOW + timedelta(days=1))
    assert act(world, number, actions.withdraw).state is State.DRAFT
    with pytest.raises(Refusal, match="not published"):
        act(world, number, actions.withdraw)


def test_an_empty_post_is_not_published(world):
    with pytest.raises(Refusal, match="nothing to read"):
        wrote(world, body=" \n")


def test_publishing_twice_changes_nothing(world):
    number = wrote(world)
    assert act(world, number, actions.publish, by=FARAH, now=NOW + timedelta(days=1)).published_at == NOW


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "a" * 301}, "title"),
        ({"standfirst": "a" * 1001}, "standfirst"),
        ({"body": "a" * 100_001}, "body"),
        ({"authors": [{"name": " ", "title": "x", "organisation": ""}]}, "authors"),
        ({"language": "not a language"}, "language"),
        ({"canonical_url": "javascript:alert(1)"}, "canonical_url"),
        ({"canonical_url": "https://[bad"}, "canonical_url"),
        ({"roundtable_ids": [4711]}, "roundtable_ids"),
        ({"report_ids": [4711]}, "report_ids"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(world, changes, field):
    with pytest.raises(Refusals) as refused:
        wrote(world, published=False, **changes)
    assert list(refused.value.errors) == [field]


def test_a_post_links_only_to_its_own_conveners_things(world):
    with world.db.write() as session:
        other = conveners.found_convener(session, "Other House", now=NOW).id
    for links in ({"roundtable_ids": [world.table_id]}, {"report_ids": [report(world)]}):
        with world.db.write() as session, pytest.raises(Refusals):
            actions.write(session, other, replace(FORM, **links), now=NOW)


def test_topics_are_kept_once(world):
    number = wrote(world, topics=["Kindness", " kindness ", "", "Public  trust"])
    with world.db.read() as session:
        assert actions.text_of(session, session.get_one(Post, number)).topics == ("Kindness", "Public trust")
