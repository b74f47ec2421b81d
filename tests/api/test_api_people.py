"""People through the REST API: the book, lists with cursors, one person's export and erasure."""

from roundtables.attendance.actions import record_needs
from roundtables.convener.model import Role
from roundtables.invitation import queries
from tests.api.conftest import problem
from tests.world import NOW

PEOPLE = "/api/v1/people"
NKECHI = {
    "name": "Dr Nkechi Amadi",
    "email": "nkechi@example.org",
    "other_emails": ["n.amadi@example.net"],
    "title": "Director",
    "organisation": "Orrin Health Board",
    "sectors": ["health", "care"],
    "assistant_email": "office@example.org",
    "time_zone": "Europe/London",
    "language": "cy",
}


def test_a_person_is_added_and_read(api):
    made = api.post(PEOPLE, json=NKECHI)
    assert made.status_code == 201
    assert {k: v for k, v in made.json().items() if k not in ("id", "created_at")} == NKECHI
    assert api.get(f"{PEOPLE}/{made.json()['id']}").json() == made.json()


def test_only_the_fields_sent_are_changed(api):
    made = api.post(PEOPLE, json=NKECHI).json()
    changed = api.patch(f"{PEOPLE}/{made['id']}", json={"title": "Chief Executive", "sectors": []})
    assert changed.status_code == 200
    assert changed.json() == {**made, "title": "Chief Executive", "sectors": []}
    assert api.patch(f"{PEOPLE}/{made['id']}", json={}).json() == changed.json()
    assert api.patch(f"{PEOPLE}/{made['id']}", json={"other_emails": []}).json()["other_emails"] == []


def test_an_address_belongs_to_one_person(api):
    api.post(PEOPLE, json=NKECHI)
    twin = api.post(PEOPLE, json={"name": "Somebody Else", "email": "N.Amadi@example.net"})
    assert problem(twin) == (422, ["email"])


def test_thirty_people_in_parts_of_seven_are_all_there_once(api):
    names = [f"Guest {letter}{n}" for letter in "ab" for n in range(15)]
    for n, name in enumerate(names):  # equal names: the cursor must tell them apart
        api.post(PEOPLE, json={"name": f"Same {name[-2:]}" if n % 3 else "Same Name", "email": f"p{n}@example.org"})
    seen, sizes, cursor = [], [], ""
    while cursor is not None:
        part = api.get(PEOPLE, params={"limit": 7, "cursor": cursor}).json()
        seen += [item["email"] for item in part["items"]]
        sizes.append(len(part["items"]))
        cursor = part["next"]
    assert sizes == [7, 7, 7, 7, 2]
    assert len(set(seen)) == 30
    assert sorted(seen) == sorted(f"p{n}@example.org" for n in range(30))


def test_the_last_part_has_no_next_even_when_it_is_full(api):
    for n in range(4):
        api.post(PEOPLE, json={"name": f"Guest {n}", "email": f"p{n}@example.org"})
    first = api.get(PEOPLE, params={"limit": 2}).json()
    assert api.get(PEOPLE, params={"limit": 2, "cursor": first["next"]}).json()["next"] is None


def test_a_cursor_that_is_not_ours_is_refused(api):
    odd = ["nonsense", "Wzk5XQ", "W10", "bnVsbA", "WyJcdTAwMDAiLDFd", "WyJcdWQ4MDAiLDFd", "WyJhIiwtMV0", "é", "=" * 9]
    assert [problem(api.get(PEOPLE, params={"cursor": one})) for one in odd] == [(422, ["cursor"])] * len(odd)


def test_a_limit_is_between_one_and_five_hundred(api):
    odd = ["0", "501", "-1", "many", "9" * 30]
    assert [problem(api.get(PEOPLE, params={"limit": one})) for one in odd] == [(422, ["limit"])] * len(odd)
    assert api.get(PEOPLE, params={"limit": 500}).status_code == 200


def test_a_person_forgotten_is_nowhere_in_the_book(api):
    made = api.post(PEOPLE, json=NKECHI).json()
    gone = api.delete(f"{PEOPLE}/{made['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert problem(api.get(f"{PEOPLE}/{made['id']}"))[0] == 404
    assert problem(api.patch(f"{PEOPLE}/{made['id']}", json={"title": "x"}))[0] == 404
    assert problem(api.delete(f"{PEOPLE}/{made['id']}"))[0] == 404
    assert api.get(PEOPLE).json() == {"items": [], "next": None}


def test_an_export_holds_all_that_is_held(api, db, planned, asked):
    jo = asked["Jo"]
    api.post(f"/api/v1/invitations/{jo['id']}/answer", json={"answer": "accepted", "note": "See you there."})
    api.put(f"/api/v1/invitations/{jo['id']}/attendance", json={"came": "in-person"})
    with db.write() as session:
        row = session.get_one(queries.Invitation, jo["id"])
        record_needs(session, row, dietary="coeliac", access="hearing loop", note="", now=NOW)
    raw = b"From: jo@example.org\r\nTo: rsvp@localhost\r\nSubject: About the day\r\n\r\nIs there parking?\r\n"
    mail = api.post("/api/v1/mail", content=raw).json()

    held = api.get(f"{PEOPLE}/{jo['person_id']}/export").json()
    assert held["person"]["email"] == "jo@example.org"
    [invitation] = held["invitations"]
    assert (invitation["roundtable"], invitation["comment"]) == (planned["title"], "See you there.")
    assert [line["what"] for line in invitation["history"]][:2] == ["put on the list", "asked"]
    assert (invitation["needs"]["dietary"], invitation["attendance"]["came"]) == ("coeliac", "in-person")
    assert [letter["kind"] for letter in held["letters"]] == ["invitation"]
    assert [m["subject"] for m in held["mails"]] == (["About the day"] if mail["invitation_id"] else [])
    assert "ana@example.org" not in str(held)


def test_a_token_to_look_may_not_take_an_export_away(api, as_role):
    made = api.post(PEOPLE, json=NKECHI).json()
    with as_role(Role.VIEWER) as viewer:
        assert problem(viewer.get(f"{PEOPLE}/{made['id']}/export"))[0] == 403
