"""Posts at the desk: list, editor, rule check, publication."""

from datetime import timedelta

import pytest

from roundtables.convener import actions as conveners
from roundtables.convener.model import Membership, Role
from roundtables.post import actions
from roundtables.post.model import Post, State
from roundtables.post.text import Text
from tests.post.shelf import laid, report, wrote
from tests.web_client import browser, csrf
from tests.world import JO, NOW

TYPED = {
    "title": "The form",
    "standfirst": "Short.",
    "body": "Then *it* began.",
    "authors": "Daniel Osei-Hart, Deputy Director, Larkmoor Trust\nInes Calloway",
    "topics": "Trust, Forms",
    "publish_day": "",
}


def send(desk, path, **typed):
    """A form of the desk, sent with its token."""
    return desk.post(path, data={"_csrf": csrf(desk.get("/desk/posts").text), **typed}, follow_redirects=False)


def read(world, number) -> Post:
    with world.db.read() as session:
        return session.get_one(Post, number)


def test_a_post_is_written_at_the_desk(world, desk):
    table, paper = laid(world, title="Kind"), report(world)
    empty = desk.get(f"/desk/posts/new?roundtable={table}").text
    assert f'name="roundtable_ids" value="{table}" checked' in empty
    answer = send(desk, "/desk/posts", roundtable_ids=str(table), report_ids=str(paper), **TYPED)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/posts/1?said=saved")
    post = read(world, 1)
    assert (post.title, post.state, post.html) == ("The form", State.DRAFT, "<p>Then <em>it</em> began.</p>\n")
    assert post.authors == [
        {"name": "Daniel Osei-Hart", "title": "Deputy Director", "organisation": "Larkmoor Trust"},
        {"name": "Ines Calloway", "title": "", "organisation": ""},
    ]
    page = desk.get(answer.headers["location"]).text
    assert "Saved." in page
    assert "Daniel Osei-Hart, Deputy Director, Larkmoor Trust\nInes Calloway</textarea>" in page


def test_preview_shows_what_is_typed_and_saves_nothing(world, desk):
    world.ask(JO)
    typed = TYPED | {"body": "Then Bloggs spoke.", "roundtable_ids": str(world.table_id), "do": "preview"}
    page = send(desk, "/desk/posts", **typed)
    assert page.status_code == 200
    assert '<mark id="f1" class="must">Bloggs<sup>1</sup></mark>' in page.text
    assert "A guest’s surname" in page.text
    assert "Then Bloggs spoke.</textarea>" in page.text
    assert desk.get("/desk/posts/1").status_code == 404


def test_a_bad_form_comes_back_with_what_was_typed(world, desk):
    page = send(desk, "/desk/posts", **TYPED | {"title": " ", "publish_day": "soon", "roundtable_ids": "x"})
    assert page.status_code == 422
    assert "Then *it* began.</textarea>" in page.text
    assert send(desk, "/desk/posts", **TYPED | {"title": ""}).text.count("A post needs a title.") == 1


def test_publishing_is_refused_with_findings_and_goes_through_with_a_reason(world, desk):
    world.ask(JO)
    number = wrote(world, published=False, body="Then Bloggs spoke.", roundtable_ids=[world.table_id])
    editor = desk.get(f"/desk/posts/{number}").text
    assert "One thing must change before this can be published." in editor
    refused = send(desk, f"/desk/posts/{number}/publication")
    assert refused.status_code == 409
    assert read(world, number).state is State.DRAFT
    through = send(desk, f"/desk/posts/{number}/publication", override_reason="Jo agreed.")
    assert through.headers["location"] == f"/desk/posts/{number}?said=published"
    assert "overruled by Farah Lindqvist: “Jo agreed.”" in desk.get(f"/desk/posts/{number}").text


def test_a_published_post_is_not_changed_to_name_a_guest_by_accident(world, desk):
    world.ask(JO)
    number = wrote(world, roundtable_ids=[world.table_id])
    typed = TYPED | {"body": "Then Bloggs spoke.", "roundtable_ids": str(world.table_id)}
    refused = send(desk, f"/desk/posts/{number}", **typed)
    assert refused.status_code == 409
    assert "Reason to keep the words marked" in refused.text
    assert "Bloggs" not in read(world, number).body
    assert send(desk, f"/desk/posts/{number}", **typed, override_reason="Agreed.").status_code == 303


def test_a_post_is_scheduled_in_the_conveners_zone(world, desk):
    send(desk, "/desk/posts", **TYPED | {"publish_day": "2199-07-01", "publish_clock": "9.30"})
    assert read(world, 1).publish_at.isoformat() == "2199-07-01T08:30:00+00:00"
    assert send(desk, "/desk/posts/1/publication").headers["location"].endswith("said=scheduled")
    assert "Goes out on Monday 1 July at 09.30." in desk.get("/desk/posts/1").text
    assert "Scheduled" in desk.get("/desk/posts").text


def test_withdrawal(world, desk, client):
    number = wrote(world)
    assert send(desk, f"/desk/posts/{number}/withdrawal").status_code == 303
    assert client.get("/posts/the-form-was-never-the-problem").status_code == 404
    assert send(desk, f"/desk/posts/{number}/withdrawal").status_code == 409


def test_the_reader_s_view_of_a_draft_is_for_the_desk_alone(world, desk, client):
    number = wrote(world, published=False, roundtable_ids=[laid(world, title="Kind")])
    page = desk.get(f"/desk/posts/{number}/as-a-reader")
    assert "<h1>The form was never the problem</h1>" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert client.get(f"/desk/posts/{number}/as-a-reader", follow_redirects=False).status_code == 303


def test_every_state_has_its_line_in_the_list_and_the_editor(world, desk):
    for state in State:
        number = wrote(world, published=False, title=f"A {state} one", publish_at=NOW + timedelta(days=1))
        with world.db.write() as session:
            post = session.get_one(Post, number)
            post.state, post.published_at = state, NOW if state is State.PUBLISHED else None
        assert desk.get(f"/desk/posts/{number}").status_code == 200
    page = desk.get("/desk/posts").text
    assert [
        word for word in ("Draft", "To look at again", "Scheduled", "Published", "Withdrawn") if word not in page
    ] == []


def test_a_form_without_its_token_changes_nothing(world, desk):
    number = wrote(world, published=False)
    for path in ("/desk/posts", f"/desk/posts/{number}", f"/desk/posts/{number}/publication"):
        assert desk.post(path, data=TYPED).status_code == 403
    assert read(world, number).state is State.DRAFT


@pytest.mark.parametrize(("role", "may"), [(Role.EDITOR, True), (Role.VIEWER, False), (Role.DAY_TEAM, False)])
def test_who_may_write_posts(world, settings, role, may):
    number = wrote(world, published=False)
    with world.db.write() as session:
        membership = session.get_one(Membership, 1)
        membership.role = role
    with browser(settings, world.db) as desk:
        desk.post(f"/sign-in/{world.sign_in_link()}")
        assert desk.get(f"/desk/posts/{number}").status_code == 200
        assert (desk.get("/desk/posts/new").status_code == 200) == may
        assert (send(desk, f"/desk/posts/{number}/publication").status_code == 303) == may


def test_posts_of_another_convener_are_not_there(world, desk):
    with world.db.write() as session:
        number = wrote_for_another(session)
    assert desk.get(f"/desk/posts/{number}").status_code == 404
    assert send(desk, f"/desk/posts/{number}/publication").status_code == 404


def wrote_for_another(session) -> int:
    other = conveners.found_convener(session, "Other House", now=NOW)
    return actions.number(actions.write(session, other.id, Text("Theirs", body="Words."), now=NOW))
