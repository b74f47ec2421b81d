"""Feeds, calendar and sitemap, read by other people's parsers."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import feedparser
import pytest
from icalendar import Calendar
from sqlmodel import select

from roundtables.roundtable.actions import plan_of, rewrite
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Visibility
from tests.post.shelf import laid, report, wrote
from tests.world import NOW

BASE = "http://127.0.0.1:8000"
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def test_the_feed_tells_posts_newest_first(world, client):
    wrote(world)
    wrote(world, title="Later & <b>bold</b>", now=NOW + timedelta(hours=1))
    answer = client.get("/feed.atom")
    feed = feedparser.parse(answer.content)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == ["Later & <b>bold</b>", "The form was never the problem"]
    entry = feed.entries[1]
    assert entry.id == entry.link == f"{BASE}/posts/the-form-was-never-the-problem"
    assert entry.author == "Daniel Osei-Hart"
    assert entry.summary == "Most arrived with a story about a form."
    assert "<h2>Rules as shelter</h2>" in entry.content[0].value
    assert entry.published == "2027-03-01T12:00:00+00:00"
    assert feed.feed.updated == "2027-03-01T13:00:00+00:00"


def test_topics_conveners_and_discussions_have_feeds_of_their_own(world, client):
    table = laid(world, title="Kind")
    wrote(world, title="One", topics=["Trust"])
    wrote(world, title="Two", roundtable_ids=[table])
    titles = {}
    for path in ("/topics/trust", "/conveners/larkmoor-trust", "/discussions/kind"):
        feed = feedparser.parse(client.get(f"{path}/feed.atom").content)
        assert not feed.bozo
        assert feed.feed.id == f"{BASE}{path}/feed.atom"
        titles[path] = [entry.title for entry in feed.entries]
    assert list(titles.values()) == [["One"], ["Two", "One"], ["Two"]]
    assert client.get("/topics/none/feed.atom").status_code == 404


def test_an_empty_feed_is_a_feed(world, client):
    feed = feedparser.parse(client.get("/feed.atom").content)
    assert (feed.bozo, feed.entries, feed.feed.updated) == (False, [], "2027-03-01T12:00:00+00:00")


def test_letters_that_xml_cannot_hold_do_not_break_the_feed(world, client):
    wrote(world, title="A\x0bB\ud7ff", body="C\x01D")
    feed = feedparser.parse(client.get("/feed.atom").content)
    assert not feed.bozo
    assert len(feed.entries) == 1


def test_the_json_feed(world, client):
    wrote(world, canonical_url="https://forum.example/x")
    feed = client.get("/feed.json").json()
    (item,) = feed.pop("items")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert item["authors"] == [{"name": "Daniel Osei-Hart"}]
    assert item["external_url"] == "https://forum.example/x"


def test_the_calendar_lists_listed_tables_and_nobody(world, client):
    laid(world, title="Kind")
    laid(world, title="Unlisted", visibility=Visibility.AFTER)
    data = client.get("/discussions.ics").content
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert (event["SUMMARY"], event["URL"]) == ("Kind", f"{BASE}/discussions/kind")
    assert event.start == datetime(2027, 7, 1, 9, tzinfo=UTC)
    assert {"ORGANIZER", "ATTENDEE", "LOCATION"}.isdisjoint(event)
    with world.db.read() as session:
        secret = [table.uid for table in session.exec(select(Roundtable))]
    assert [uid for uid in secret if uid.encode() in data] == []


def test_a_changed_plan_has_a_higher_version_in_the_calendar(world, client):
    number = laid(world, title="Kind")
    before = Calendar.from_ical(client.get("/discussions.ics").content).walk("VEVENT")[0]
    with world.db.write() as session:
        table = session.get_one(Roundtable, number)
        rewrite(session, table, plan_of(session, table), now=NOW + timedelta(minutes=1))
    after = Calendar.from_ical(client.get("/discussions.ics").content).walk("VEVENT")[0]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 60)
    assert before["UID"] == after["UID"]


def test_the_sitemap_names_every_public_page_and_each_is_there(world, client):
    table = laid(world, title="Kind", report_ids=[report(world)])
    wrote(world, roundtable_ids=[table])
    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)
    paths = [loc.text.removeprefix(BASE) for loc in tree.iter(LOC)]
    assert {
        *("/", "/posts/the-form-was-never-the-problem", "/discussions/kind", "/reports/the-warm-state"),
        *("/topics/kindness", "/conveners/larkmoor-trust"),
    } <= set(paths)
    assert [client.get(path).status_code for path in paths] == [200] * len(paths)


def test_robots_are_told_where_to_stay_away(client):
    text = client.get("/robots.txt").text
    assert "Disallow: /desk\n" in text
    assert text.endswith(f"Sitemap: {BASE}/sitemap.xml\n")


@pytest.mark.parametrize("name", ["7b2150.css", "7B2150.css"])
def test_an_accent_is_a_stylesheet_that_never_changes(client, name):
    answer = client.get(f"/accent/{name}")
    assert answer.text.startswith(":root{--accent:#7b2150}")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "name", ["7b2150", "7b2150.js", "7b215.css", "red.css", "7b2150.css.css", "%237b2150.css", "zzzzzz.css"]
)
def test_no_other_accent_is_there(client, name):
    assert client.get(f"/accent/{name}").status_code == 404
