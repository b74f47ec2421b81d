"""The whole life of a table through the REST API, from the report to the closing."""

from datetime import UTC, datetime

from roundtables.invitation import deputies, queries
from roundtables.invitation.rules import State
from tests.api.conftest import guest, in_days, table
from tests.world import NOW

V1 = "/api/v1"


def states(api, table_id) -> dict[str, str]:
    items = api.get(f"{V1}/roundtables/{table_id}/invitations").json()["items"]
    return {item["name"].split()[0]: item["state"] for item in items}


def letters(api, **where) -> list[tuple[str, str]]:
    """(kind, to) of each letter, oldest first."""
    items = api.get(f"{V1}/letters", params=where).json()["items"]
    return [(item["kind"], item["to"]) for item in reversed(items)]


def say(api, invitation, answer, **more):
    return api.post(f"{V1}/invitations/{invitation['id']}/answer", json={"answer": answer, **more})


def test_a_report_is_added_read_and_changed(api):
    body = {"title": "The blind spot", "authors": ["J. Unwin"], "publisher": "Larkmoor", "published_on": "2018-11-05"}
    made = api.post(f"{V1}/reports", json=body)
    assert made.status_code == 201
    expected = {**body, "id": made.json()["id"], "slug": "the-blind-spot", "url": ""}
    assert {k: v for k, v in made.json().items() if k != "created_at"} == expected

    changed = api.patch(f"{V1}/reports/{expected['id']}", json={"published_on": None, "url": "https://example.org/r"})
    assert changed.status_code == 200
    again = api.get(f"{V1}/reports/{expected['id']}").json()
    assert {k: v for k, v in again.items() if k != "created_at"} == {
        **expected,
        "published_on": None,
        "url": "https://example.org/r",
    }
    assert api.post(f"{V1}/reports", json=body).json()["slug"] == "the-blind-spot-2"


def test_a_roundtable_answers_all_its_fields(api):
    report = api.post(f"{V1}/reports", json={"title": "The blind spot"}).json()
    body = table(
        summary="Two lines.\r\nAnd one more.",
        online_url="https://meet.example.org/x",
        seat_kinds=[{"name": "Local government", "target": 1}, {"name": "Libraries", "target": 1}],
        max_per_organisation=1,
        rule="on-the-record",
        deputies="same-organisation",
        reply_by="2031-05-14",
        report_ids=[report["id"]],
        visibility="listed",
    )
    made = api.post(f"{V1}/roundtables", json=body).json()
    assert datetime.fromisoformat(made.pop("created_at")) == datetime.fromisoformat(made.pop("changed_at"))
    assert len(made.pop("uid")) == 36
    nobody = dict.fromkeys([state.value for state in State], 0)
    assert made == {
        **body,
        "id": made["id"],
        "slug": "who-keeps-the-library-open",
        "sequence": 0,
        "status": "draft",
        "summary": "Two lines.\nAnd one more.",
        "seat_kinds": [
            {"key": "L", "name": "Local government", "target": 1},
            {"key": "I", "name": "Libraries", "target": 1},
        ],
        "town": "",
        "host_name": "",
        "came_in_public": None,
        "counts": {**nobody, "seats": 2, "seats_taken": 0, "seats_free": 2},
    }


def test_times_come_back_in_the_zone_of_the_table(api):
    utc = datetime.fromisoformat(in_days(100)).astimezone(UTC).isoformat().replace("+00:00", "Z")
    made = api.post(f"{V1}/roundtables", json=table(starts_at=utc, time_zone="America/New_York")).json()
    assert datetime.fromisoformat(made["starts_at"]) == datetime.fromisoformat(utc)
    assert made["starts_at"][-6:] in ("-05:00", "-04:00")


def test_without_a_zone_the_convener_s_own_is_taken(api):
    body = table()
    del body["time_zone"]
    assert api.post(f"{V1}/roundtables", json=body).json()["time_zone"] == "Europe/London"


def test_drafts_hold_their_letters_and_nobody_is_asked(api, planned):
    body = {"guests": [guest("Jo Bloggs")], "wave": 2, "send": False}
    made = api.post(f"{V1}/roundtables/{planned['id']}/invitations", json=body).json()["items"]
    assert [(i["state"], i["delivery"], i["wave"]) for i in made] == [("draft", "none", 2)]
    assert letters(api, state="held") == [("invitation", "jo@example.org")]
    assert api.get(f"{V1}/roundtables/{planned['id']}").json()["status"] == "draft"


def test_an_invitation_answers_all_its_fields(api, planned, world):
    person = api.post(f"{V1}/people", json={"name": "Jo Bloggs", "email": "jo@example.org"}).json()
    sent = guest("Jo Bloggs", title="Chief Executive", role="speaker", seat_kind="Other", note="We met in May.")
    made = api.post(f"{V1}/roundtables/{planned['id']}/invitations", json={"guests": [sent]})
    assert made.status_code == 201
    [item] = made.json()["items"]
    assert item == {
        **sent,
        "id": item["id"],
        "roundtable_id": planned["id"],
        "person_id": person["id"],
        "wave": 1,
        "state": "invited",
        "delivery": "queued",
        "answer": None,
        "answered_at": None,
        "answered_via": None,
        "comment": "",
        "until": None,
        "deputy": None,
        "deputy_of": None,
        "link": f"http://127.0.0.1:8000/i/{world.page_token(item['id'])}",
    }
    assert api.get(f"{V1}/invitations/{item['id']}").json() == item


def test_a_table_from_its_first_letter_to_its_closing(api, planned, asked):
    at = f"{V1}/roundtables/{planned['id']}"
    assert letters(api, roundtable_id=planned["id"], state="queued") == [
        ("invitation", "jo@example.org"),
        ("invitation", "ana@example.org"),
        ("invitation", "bashir@example.org"),
    ]
    for name, answer, expected in [
        ("Jo", "accepted", "accepted"),
        ("Ana", "tentative", "tentative"),
        ("Bashir", "accepted", "waiting"),
    ]:
        heard = say(api, asked[name], answer, via="phone", note="rang at noon", until="2031-01-05")
        assert heard.status_code == 200, heard.text
        assert (heard.json()["state"], heard.json()["answered_via"]) == (expected, "phone")
    counts = api.get(at).json()["counts"]
    assert (counts["accepted"], counts["tentative"], counts["waiting"]) == (1, 1, 1)
    assert (counts["seats"], counts["seats_taken"], counts["seats_free"]) == (2, 2, 0)

    gone = api.delete(f"{V1}/invitations/{asked['Jo']['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert states(api, planned["id"]) == {"Jo": "withdrawn", "Ana": "tentative", "Bashir": "accepted"}
    assert "seat-free" in [kind for kind, _ in letters(api, invitation_id=asked["Bashir"]["id"])]

    moved = api.patch(at, json={"starts_at": in_days(101), "ends_at": in_days(101, 12)}).json()
    assert (moved["starts_at"], moved["status"]) == (in_days(101), "open")
    assert moved["sequence"] > 1
    assert states(api, planned["id"]) == {"Jo": "withdrawn", "Ana": "invited", "Bashir": "invited"}
    assert letters(api, invitation_id=asked["Ana"]["id"])[-1] == ("new-date", "ana@example.org")

    off = api.post(f"{at}/cancellation")
    assert (off.status_code, off.json()["status"]) == (201, "cancelled")
    assert letters(api, roundtable_id=planned["id"])[-2:] == [
        ("cancellation", "ana@example.org"),
        ("cancellation", "bashir@example.org"),
    ]
    assert api.post(f"{at}/cancellation").status_code == 409
    assert say(api, asked["Ana"], "accepted").status_code == 409


def test_a_typo_is_mended_without_a_letter(api, planned, asked):
    before = letters(api)
    mended = api.patch(f"{V1}/roundtables/{planned['id']}", json={"title": "Who keeps the libraries open?"}).json()
    assert (mended["title"], mended["sequence"], mended["slug"]) == (
        "Who keeps the libraries open?",
        0,
        planned["slug"],
    )
    assert letters(api) == before


def test_closing_lets_the_silent_lapse_and_releases_a_number(api, planned, asked):
    say(api, asked["Jo"], "accepted")
    closed = api.post(f"{V1}/roundtables/{planned['id']}/closing", json={"came_in_public": 1})
    assert closed.status_code == 201
    assert (closed.json()["status"], closed.json()["came_in_public"]) == ("closed", 1)
    assert states(api, planned["id"]) == {"Jo": "accepted", "Ana": "lapsed", "Bashir": "lapsed"}
    assert api.patch(f"{V1}/roundtables/{planned['id']}", json={"place": "Elsewhere"}).status_code == 409
    assert api.patch(f"{V1}/roundtables/{planned['id']}", json={"title": "x"}).json()["title"] == "x"


def test_closing_without_a_body_releases_nothing(api, planned):
    closed = api.post(f"{V1}/roundtables/{planned['id']}/closing")
    assert (closed.status_code, closed.json()["came_in_public"]) == (201, None)


def test_a_deputy_proposed_is_seen_and_then_seated(api, db, planned, asked):
    def principal():
        return api.get(f"{V1}/invitations/{asked['Jo']['id']}").json()

    with db.write() as session:
        row = session.get_one(queries.Invitation, asked["Jo"]["id"])
        deputies.propose(session, row, name="Dai Rees", email="dai@example.org", comment="", by="Jo", now=NOW)
    assert principal()["deputy"] == {"name": "Dai Rees", "email": "dai@example.org", "state": None}
    with db.write() as session:
        row = session.get_one(queries.Invitation, asked["Jo"]["id"])
        deputy_id = deputies.seat_deputy(session, row, by="Farah", now=NOW).id
    assert principal()["state"] == "delegated"
    assert principal()["deputy"] == {"name": "Dai Rees", "email": "dai@example.org", "state": "invited"}
    assert api.get(f"{V1}/invitations/{deputy_id}").json()["deputy_of"] == asked["Jo"]["id"]


def test_attendance_is_apart_from_answers(api, planned, asked):
    put = api.put(f"{V1}/invitations/{asked['Ana']['id']}/attendance", json={"came": "online"})
    assert put.status_code == 200
    api.put(f"{V1}/invitations/{asked['Ana']['id']}/attendance", json={"came": "in-person"})
    listed = api.get(f"{V1}/roundtables/{planned['id']}/attendance").json()
    assert listed["next"] is None
    [item] = listed["items"]
    assert datetime.fromisoformat(item.pop("recorded_at")).tzinfo is not None
    assert item == {
        "invitation_id": asked["Ana"]["id"],
        "person_id": asked["Ana"]["person_id"],
        "name": "Ana Ruiz",
        "title": "",
        "organisation": "Northshire",
        "came": "in-person",
        "recorded_by": "Farah Lindqvist",
    }
