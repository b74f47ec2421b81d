"""What everybody may read, page by page."""

import itertools
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from roundtables.convener import actions as conveners
from roundtables.invitation.gathering import cancel, close
from roundtables.post import actions
from roundtables.post.model import Post
from roundtables.post.text import Text
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Rule, Status, Visibility
from tests.post.shelf import DANIEL, counted, laid, report, wrote
from tests.world import NOW

JSON_LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>')
LATER = datetime(2027, 8, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        yield


def closed(world, number, came=None):
    with world.db.write() as session:
        close(session, session.get_one(Roundtable, number), by="Farah", now=NOW, came_in_public=came)


def withdrawn(world, number):
    with world.db.write() as session:
        actions.withdraw(session, session.get_one(Post, number), now=NOW)


def test_an_empty_house_says_so(world, client):
    for path in ("/", "/posts/", "/discussions/", "/reports/", "/search", "/data", "/conveners/larkmoor-trust"):
        assert client.get(path).status_code == 200
    assert "There is nothing to read yet." in client.get("/").text


def test_the_front_page_leads_with_the_newest_post_and_its_table(world, client):
    table = laid(world, title="Who looks after carers?", visibility=Visibility.AFTER)
    wrote(world, title="An older one", now=NOW - timedelta(days=1))
    wrote(world, roundtable_ids=[table])
    page = client.get("/").text
    lead = page[: page.index("More from the table")]
    assert "The form was never the problem" in lead
    assert "Who looks after carers?" in lead
    assert 'class="table"' in lead
    assert "An older one" in page[len(lead) :]


def test_a_post_is_told_with_its_author_as_at_the_time_and_where_it_comes_from(world, client):
    paper = report(world)
    table = laid(world, title="Whose job?", report_ids=[paper])
    wrote(world, roundtable_ids=[table])
    page = client.get("/posts/the-form-was-never-the-problem").text
    assert "<b>Daniel Osei-Hart</b>, Deputy Director, Larkmoor Trust, when this was written." in page
    assert re.findall(r'<li(?: aria-current="page")?>.*?<small>(\w+)', page) == ["Report", "Discussion", "Post"]
    assert "Osei-Hart, D. (2027) “The form was never the problem”, Larkmoor Trust, 1 March." in page
    assert "127.0.0.1:8000/posts/the-form-was-never-the-problem</p>" in page
    assert '<em>somewhere</em> to <span class="fin">hide.</span></p>' in page
    assert '<link rel="canonical" href="http://127.0.0.1:8000/posts/the-form-was-never-the-problem">' in page


def test_public_pages_carry_no_script_no_cookie_and_no_outside_request(world, client):
    table = laid(world, report_ids=[report(world)])
    wrote(world, roundtable_ids=[table])
    for path in ("/", "/posts/the-form-was-never-the-problem", "/discussions/", "/search?q=form", "/data"):
        answer = client.get(path)
        assert "set-cookie" not in answer.headers
        assert not JSON_LD.sub("", answer.text).count("<script")
        assert " style=" not in answer.text
        assert re.findall(r'(?:src|rel="stylesheet" href|rel="icon" href)="(?!/)', answer.text) == []


def test_json_ld_says_what_a_page_is_and_cannot_break_out_of_its_element(world, client):
    table = laid(world, title="</script><b>Kind?", visibility=Visibility.LISTED)
    page = client.get(f"/discussions/{slug_of(world, table)}").text
    (block,) = JSON_LD.findall(page)
    told = json.loads(block)
    assert told["@type"] == "Event"
    assert told["name"] == "</script><b>Kind?"
    assert told.keys().isdisjoint({"attendee", "performer", "maximumAttendeeCapacity"})
    assert "<b>Kind" not in page


def slug_of(world, number):
    with world.db.read() as session:
        return session.get_one(Roundtable, number).slug


def test_lists_and_pages_agree_on_what_shows(world, client):
    expected = {}
    for visibility, status, has_post in itertools.product(Visibility, Status, (True, False)):
        name = f"t-{visibility}-{status}-{'told' if has_post else 'untold'}"
        number = laid(world, title=name, visibility=visibility)
        if has_post:
            wrote(world, title="A post", roundtable_ids=[number])
        with world.db.write() as session:
            session.get_one(Roundtable, number).status = status
        after = visibility == "after" and (status == "closed" or has_post)
        expected[f"/discussions/{name}"] = visibility == "listed" or after
    assert {path: client.get(path).status_code == 200 for path in expected} == expected
    assert {path: client.get(f"{path}/feed.atom").status_code == 200 for path in expected} == expected
    shown = {path for path, shows in expected.items() if shows}
    lists = ["/sitemap.xml", "/discussions/", "/discussions/?page=2", "/search?q=t-", "/conveners/larkmoor-trust"]
    seen = [set(re.findall(r"/discussions/t-[a-z-]+", client.get(path).text)) for path in lists]
    assert seen[0] == seen[1] | seen[2] == shown
    assert seen[3] | seen[4] <= shown


@pytest.mark.parametrize("state", ["draft", "scheduled", "withdrawn"])
def test_what_is_not_published_is_nowhere(world, client, state):
    table, paper = laid(world, title="Hidden", visibility=Visibility.AFTER), report(world, "Secret paper")
    text = {"title": "Not yet", "topics": ["Unheard"], "roundtable_ids": [table], "report_ids": [paper]}
    number = wrote(world, published=state != "draft", publish_at=LATER if state == "scheduled" else None, **text)
    if state == "withdrawn":
        withdrawn(world, number)
    gone = (
        "/posts/not-yet",
        "/topics/unheard",
        "/topics/unheard/feed.atom",
        "/reports/secret-paper",
        "/discussions/hidden",
    )
    assert [client.get(path).status_code for path in gone] == [404] * len(gone)
    lists = (
        "/",
        "/posts/",
        "/discussions/",
        "/reports/",
        "/feed.atom",
        "/feed.json",
        "/sitemap.xml",
        "/discussions.ics",
    )
    for path in (*lists, "/search?q=yet", "/search?q=secret", "/conveners/larkmoor-trust"):
        page = client.get(path).text.lower()
        assert [word for word in ("not yet<", "not-yet", "unheard", "secret-paper", "/hidden") if word in page] == [], (
            path
        )


def test_a_discussion_shows_the_plan_with_small_kinds_together(world, client):
    kinds = [
        {"key": "L", "name": "Local government", "target": 5},
        {"key": "C", "name": "Health and care", "target": 3},
        {"key": "R", "name": "Research", "target": 1},
    ]
    laid(world, title="Kind", seats=12, seat_kinds=kinds)
    page = client.get("/discussions/kind").text
    assert (
        "A round table with twelve seats, five for local government, three for health and care, four for other" in page
    )
    assert "Research" not in page
    assert page.count('<circle class="e" cx=') == 12  # dotted until the day
    assert "Twelve seats, by invitation." in page


def test_empty_seats_show_only_if_the_number_was_released(world, client):
    for title, came in (("Quiet", None), ("Told", 1)):
        closed(
            world, laid(world, title=title, starts_at=NOW - timedelta(hours=3), ends_at=NOW - timedelta(hours=1)), came
        )
    assert "stayed empty" not in client.get("/discussions/quiet").text
    told = client.get("/discussions/told").text
    assert "1 of 3 seats taken." in told
    assert "Two seats stayed empty" in told
    assert told.count('<circle class="e" cx=') == 2 + 1  # in the drawing and in its key


def test_a_table_called_off_says_so(world, client):
    number = laid(world, title="Off")
    with world.db.write() as session:
        cancel(session, session.get_one(Roundtable, number), by="Farah", now=NOW)
    page = client.get("/discussions/off").text
    assert "This discussion was called off." in page
    assert "EventCancelled" in page


def test_the_summary_is_what_it_is_about_before_and_what_was_said_after(world, client):
    laid(world, title="Kind", summary="That it <matters>.\n\nAnd how.")
    before = client.get("/discussions/kind").text
    with time_machine.travel(LATER, tick=False):
        after = client.get("/discussions/kind").text
    assert "What it is about</h2>" in before
    assert "What was said</h2>" in after
    assert "<p>That it &lt;matters&gt;.</p>" in after


def test_the_place_is_for_guests_the_town_for_everybody(world, client):
    laid(world, title="Kind", place="The Weigh House, Dock Street", town="Leeds", rule=Rule.ON_THE_RECORD)
    page = client.get("/discussions/kind").text
    assert "Weigh House" not in page
    assert "<dd>Leeds</dd>" in page
    assert "To be held on the record." in page


def test_a_report_leads_to_its_discussions_and_posts_and_back(world, client):
    paper = report(world)
    table = laid(world, title="Kind", report_ids=[paper])
    wrote(world, roundtable_ids=[table])
    wrote(world, title="Another", report_ids=[paper])
    page = client.get("/reports/the-warm-state").text
    for path in ("/discussions/kind", "/posts/the-form-was-never-the-problem", "/posts/another"):
        assert f'href="{path}"' in page
        assert 'href="/reports/the-warm-state"' in client.get(path).text
    assert "Ines Calloway, Larkmoor Trust, November 2018." in page


def test_topics_gather_posts(world, client):
    wrote(world, topics=["Public trust"])
    wrote(world, title="Another", topics=["public  trust"])
    page = client.get("/topics/public-trust").text
    assert page.count("<h3>") == 2
    assert 'href="/topics/public-trust"' in client.get("/posts/another").text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("form", True),
        ("FORM problem", True),
        ("servant somewhere", True),
        ("form elephants", False),
        ("100%", False),
        ("%", False),
        ("_", False),
        ("\\", False),
        ("'; drop table post; --", False),
        ("", False),
        ("x" * 5000, False),
        ("fo\x00rm", True),
    ],
)
def test_search_finds_all_the_words_and_nothing_by_wildcard(world, client, asked, found):
    wrote(world)
    answer = client.get("/search", params={"q": asked})
    assert answer.status_code == 200
    assert ("/posts/the-form" in answer.text) == found
    assert ("Nothing has all of these words" in answer.text) == (not found and bool(asked))


def test_lists_go_on_page_by_page(world, client):
    for number in range(23):
        wrote(world, title=f"Post {number:02}", now=NOW + timedelta(minutes=number))
    first, second = client.get("/posts/").text, client.get("/posts/?page=2").text
    assert (first.count("<h3>"), second.count("<h3>")) == (20, 3)
    assert 'rel="next" href="?page=2"' in first
    assert 'rel="prev" href="?page=1"' in second
    for odd in ("0", "-1", "x", "99999999999999", "٣"):
        assert client.get("/posts/", params={"page": odd}).status_code == 200


def test_several_conveners_share_a_house_and_each_is_named(world, client):
    with world.db.write() as session:
        other = conveners.found_convener(session, "Other House", now=NOW)
        text = Text("From the other house", body="Words.", authors=[DANIEL])
        actions.publish(session, actions.write(session, other.id, text, now=NOW), by="x", now=NOW)
    wrote(world)
    page = client.get("/").text
    assert "</svg>Roundtables</a>" in page
    assert 'href="/conveners/other-house"' in page
    assert 'href="/conveners/larkmoor-trust"' in page
    assert "From the other house" not in client.get("/conveners/larkmoor-trust").text


def test_a_page_is_kept_for_a_minute_and_asked_for_by_its_tag(world, client):
    wrote(world)
    for path in (
        "/",
        "/posts/the-form-was-never-the-problem",
        "/feed.atom",
        "/feed.json",
        "/discussions.ics",
        "/sitemap.xml",
    ):
        answer = client.get(path)
        assert answer.headers["cache-control"] == "public, max-age=60"
        again = client.get(path, headers={"if-none-match": f'"other", W/{answer.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_head_answers_as_get_without_a_body(world, client):
    answer = client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 8),
        ("/posts/", 3),
        ("/discussions/", 3),
        ("/reports/", 2),
        ("/posts/the-form-was-never-the-problem", 5),
        ("/discussions/kind", 4),
        ("/search?q=form", 4),
    ],
)
def test_the_number_of_queries_does_not_grow(world, client, path, most):
    def fill(number):
        paper = report(world, f"Report {number}")
        tables = [laid(world, title="Kind" if not number else f"Kind {number}", report_ids=[paper])]
        wrote(world, roundtable_ids=tables, report_ids=[paper], topics=["One", f"Two {number}"])

    fill(0)
    client.get(path)
    with world.db.write():
        pass  # a change, so that the page is rendered again
    with counted(world.db) as few:
        client.get(path)
    for number in range(1, 4):
        fill(number)
    with counted(world.db) as many:
        assert client.get(path).status_code == 200
    queries = [[s for s in seen if s.startswith("SELECT") and "snapshot" not in s] for seen in (few, many)]
    assert 0 < len(queries[0]) == len(queries[1]) <= most
