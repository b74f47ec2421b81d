"""Posts over the REST API."""

import pytest

from roundtables.convener import actions as conveners
from roundtables.post import actions
from roundtables.post.text import Text
from tests.post.shelf import laid, report, wrote
from tests.world import JO, NOW

POSTS = "/api/v1/posts"
AUTHOR = {"name": "Daniel Osei-Hart", "title": "Deputy Director", "organisation": "Larkmoor Trust"}


def body(**changes) -> dict:
    return {"title": "The form", "body": "Words.", "authors": [AUTHOR], "topics": ["Trust"], **changes}


def test_a_post_is_written_read_changed_published_and_withdrawn(world, api, client):
    table, paper = laid(world), report(world)
    made = api.post(POSTS, json=body(roundtable_ids=[table], report_ids=[paper]))
    assert made.status_code == 201, made.text
    post = made.json()
    assert {name: post[name] for name in ("slug", "state", "authors", "roundtable_ids", "report_ids", "topics")} == {
        "slug": "the-form",
        "state": "draft",
        "authors": [AUTHOR],
        "roundtable_ids": [table],
        "report_ids": [paper],
        "topics": ["Trust"],
    }
    address = f"{POSTS}/{post['id']}"
    changed = api.patch(address, json={"standfirst": "Short.", "authors": [{"name": "Ines Calloway"}]}).json()
    assert (changed["standfirst"], changed["body"], changed["roundtable_ids"]) == ("Short.", "Words.", [table])
    assert changed["authors"] == [{"name": "Ines Calloway", "title": "", "organisation": ""}]
    assert client.get("/posts/the-form").status_code == 404
    published = api.post(f"{address}/publication")
    assert (published.status_code, published.json()["state"]) == (201, "published")
    assert published.json()["published_at"].endswith("Z")
    assert client.get("/posts/the-form").status_code == 200
    assert api.delete(f"{address}/publication").json()["state"] == "withdrawn"
    assert client.get("/posts/the-form").status_code == 404
    assert api.get(address).json()["state"] == "withdrawn"


def test_a_post_that_names_a_guest_is_refused_with_the_findings(world, api):
    world.ask(JO)
    number = wrote(world, published=False, body="Then Bloggs spoke.", roundtable_ids=[world.table_id])
    finding = {
        "field": "body",
        "start": 5,
        "end": 11,
        "words": "Bloggs",
        "reason": "A guest’s surname",
        "suggestion": "Say “someone”, or what they do in general.",
        "must": True,
    }
    assert api.get(f"{POSTS}/{number}/findings").json() == {"items": [finding], "next": None}
    refused = api.post(f"{POSTS}/{number}/publication")
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["findings"] == [finding]
    through = api.post(f"{POSTS}/{number}/publication", json={"override_reason": "Jo agreed."})
    assert through.status_code == 201
    assert (through.json()["override_reason"], through.json()["override_by"]) == ("Jo agreed.", "Farah Lindqvist")


def test_a_published_post_cannot_be_made_to_name_a_guest(world, api):
    world.ask(JO)
    number = wrote(world, roundtable_ids=[world.table_id])
    refused = api.patch(f"{POSTS}/{number}", json={"body": "Then Bloggs spoke."})
    assert refused.status_code == 409
    assert [finding["words"] for finding in refused.json()["findings"]] == ["Bloggs"]
    assert "Bloggs" not in api.get(f"{POSTS}/{number}").json()["body"]


def test_publish_at_schedules(api):
    post = api.post(POSTS, json=body(publish_at="2199-01-01T09:00:00+01:00")).json()
    assert post["publish_at"] == "2199-01-01T08:00:00Z"
    assert api.post(f"{POSTS}/{post['id']}/publication").json()["state"] == "scheduled"


def test_the_list_goes_on_by_cursor(world, api):
    numbers = [wrote(world, title=f"Post {n}") for n in range(3)]
    first = api.get(POSTS, params={"limit": 2}).json()
    second = api.get(POSTS, params={"limit": 2, "cursor": first["next"]}).json()
    assert [item["id"] for item in first["items"] + second["items"]] == numbers[::-1]
    assert second["next"] is None


def test_the_same_key_writes_one_post(api):
    key = {"idempotency-key": "k1"}
    one, two = (api.post(POSTS, json=body(), headers=key) for _ in range(2))
    assert one.json() == two.json()
    assert len(api.get(POSTS).json()["items"]) == 1
    assert api.post(POSTS, json=body(title="Other"), headers=key).status_code == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": 3}, "title"),
        ({"roundtable_ids": [999]}, "roundtable_ids"),
        ({"report_ids": [999]}, "report_ids"),
        ({"canonical_url": "ftp://x.example"}, "canonical_url"),
        ({"publish_at": "2027-01-01"}, "publish_at"),
        ({"authors": [{"title": "nameless"}]}, "authors.0.name"),
        ({"language": "?"}, "language"),
        ({"body": "a" * 100_001}, "body"),
    ],
)
def test_bad_fields_are_named(api, changes, field):
    answer = api.post(POSTS, json=body(**changes))
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]


def test_posts_of_another_convener_are_not_there(world, api):
    with world.db.write() as session:
        other = conveners.found_convener(session, "Other House", now=NOW)
        number = actions.number(actions.write(session, other.id, Text("Theirs", body="Words."), now=NOW))
    asked = [
        api.get(f"{POSTS}/{number}"),
        api.patch(f"{POSTS}/{number}", json={"title": "Ours"}),
        api.get(f"{POSTS}/{number}/findings"),
        api.post(f"{POSTS}/{number}/publication"),
        api.delete(f"{POSTS}/{number}/publication"),
    ]
    assert [answer.status_code for answer in asked] == [404] * 5
    assert api.get(POSTS).json()["items"] == []


def test_without_a_token_nothing(client):
    assert client.get(POSTS).status_code == 401
