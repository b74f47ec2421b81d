"""What holds for every call: who may, whose it is, what goes wrong and how it is told, one effect per key."""

import threading

import pytest

from roundtables.convener.model import Role
from tests.api.conftest import counting, guest, in_days, problem, table

V1 = "/api/v1"
LISTS = ["people", "reports", "roundtables", "letters", "mail"]


def calls(of: dict) -> list[tuple[str, str, dict | None]]:
    """Every call that names somebody's row, with a body that would do."""
    t, i, p, r, m = (f"{V1}/{of[name]}" for name in ("roundtable", "invitation", "person", "report", "mail"))
    return [
        *[("GET", address, None) for address in (t, i, p, r, m, f"{p}/export", f"{t}/invitations", f"{t}/attendance")],
        ("PATCH", p, {"title": "x"}),
        ("DELETE", p, None),
        ("PATCH", r, {"title": "x"}),
        ("PATCH", t, {"title": "x"}),
        ("POST", f"{t}/cancellation", None),
        ("POST", f"{t}/closing", None),
        ("POST", f"{t}/invitations", {"guests": [guest("Mal Lory")]}),
        ("DELETE", i, None),
        ("POST", f"{i}/answer", {"answer": "accepted"}),
        ("PUT", f"{i}/attendance", {"came": "no"}),
        ("POST", f"{m}/decision", {"decision": "set-aside"}),
    ]


@pytest.fixture
def ours(api, planned, asked) -> dict[str, str]:
    mail = api.post(f"{V1}/mail", content=b"From: a@example.org\r\nSubject: x\r\n\r\nhello\r\n").json()
    report = api.post(f"{V1}/reports", json={"title": "Ours"}).json()
    return {
        "roundtable": f"roundtables/{planned['id']}",
        "invitation": f"invitations/{asked['Jo']['id']}",
        "person": f"people/{asked['Jo']['person_id']}",
        "report": f"reports/{report['id']}",
        "mail": f"mail/{mail['id']}",
    }


def everything(client) -> list:
    return [client.get(f"{V1}/{name}").json() for name in LISTS]


def test_what_is_another_convener_s_is_not_there(api, strangers, ours):
    before = everything(api)
    assert before[0]["items"]
    assert before[3]["items"]
    for method, address, body in calls(ours):
        assert problem(strangers.request(method, address, json=body))[0] == 404, (method, address)
    assert everything(api) == before
    assert everything(strangers) == [{"items": [], "next": None}] * len(LISTS)
    theirs = strangers.post(f"{V1}/roundtables", json=table(report_ids=[int(ours["report"].split("/")[1])]))
    assert problem(theirs) == (422, ["report_ids"])


def test_a_number_nobody_has_is_not_found(api):
    at = {"roundtable": "roundtables", "invitation": "invitations", "person": "people", "report": "reports"}
    for number in ("9" * 40, str(2**63), str(2**31), "999999", "0"):
        of = {name: f"{path}/{number}" for name, path in {**at, "mail": "mail"}.items()}
        for method, address, body in calls(of):
            assert problem(api.request(method, address, json=body))[0] == 404, (method, address)


def test_without_a_token_nothing_is_told(client, api, ours):
    for method, address, body in calls(ours):
        answer = client.request(method, address, json=body)
        assert problem(answer) == (401, [])
        assert answer.headers["www-authenticate"] == "Bearer"
    for header in ("Bearer ", "Bearer nonsense", "Basic eDp5", "Bearer \xe9".encode("latin-1")):
        assert problem(client.get(f"{V1}/people", headers={"authorization": header}))[0] == 401


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.DAY_TEAM])
def test_only_organisers_change_tables_and_people(api, as_role, ours, role):
    before = everything(api)
    with as_role(role) as client:
        for method, address, body in calls(ours):
            if method == "GET" and not address.endswith("/export"):
                assert client.get(address).status_code == 200, address
            elif not (role is Role.DAY_TEAM and address.endswith("/attendance")):  # who came is theirs to say
                assert problem(client.request(method, address, json=body))[0] == 403, (method, address)
        assert problem(client.post(f"{V1}/mail", content=b"From: a@example.org\r\n\r\nx"))[0] == 403
        assert problem(client.post(f"{V1}/people", json={"name": "A", "email": "a@example.org"}))[0] == 403
    assert everything(api) == before


TABLE = f"{V1}/roundtables"


CANNOT_BE_TAKEN = [
    ("people", {}, ["name", "email"]),
    ("people", {"name": "", "email": "a@example.org"}, ["name"]),
    ("people", {"name": "A", "email": "nowhere"}, ["email"]),
    ("people", {"name": "A", "email": 7}, ["email"]),
    ("people", {"name": "A\x00B", "email": "a@example.org"}, ["name"]),
    ("people", {"name": "A\nB", "email": "a@example.org"}, ["name"]),
    ("people", {"name": "A\u2028B", "email": "a@example.org"}, ["name"]),
    ("people", {"name": "A", "email": "a@example.org\r\nBcc: b@example.org"}, ["email"]),
    ("people", {"name": "A" * 1_000_000, "email": "a@example.org"}, ["name"]),
    ("people", {"name": "A", "email": "a@example.org", "sectors": ["ok", "\x00"]}, ["sectors.1"]),
    ("people", {"name": "A", "email": "a@example.org", "other_emails": ["x"]}, ["other_emails"]),
    ("people", {"name": "A", "email": "a@example.org", "time_zone": "../etc/passwd"}, ["time_zone"]),
    ("people", {"name": "A", "email": "a@example.org", "language": "english please"}, ["language"]),
    ("people", [], ["body"]),
    ("people", "text", ["body"]),
    ("reports", {"title": "x", "published_on": "2018-13-01"}, ["published_on"]),
    ("reports", {"title": "x", "published_on": 20181105}, ["published_on"]),
    ("reports", {"title": "x", "url": "javascript:alert(1)"}, ["url"]),
    ("reports", {"title": "x", "authors": "J. Unwin"}, ["authors"]),
    ("roundtables", {}, ["title", "starts_at", "ends_at", "seats"]),
    ("roundtables", table(starts_at="2031-07-01T10:00:00"), ["starts_at"]),
    ("roundtables", table(starts_at="2031-07-01"), ["starts_at"]),
    ("roundtables", table(starts_at=1_900_000_000), ["starts_at"]),
    ("roundtables", table(starts_at="1900000000"), ["starts_at"]),
    ("roundtables", table(starts_at="9999-12-31T23:59:59-12:00"), ["starts_at"]),
    ("roundtables", table(starts_at="0001-01-01T00:00:00+14:00"), ["starts_at"]),
    ("roundtables", table(ends_at=in_days(99)), ["ends_at"]),
    ("roundtables", table(seats="2"), ["seats"]),
    ("roundtables", table(seats=True), ["seats"]),
    ("roundtables", table(seats=0), ["seats"]),
    ("roundtables", table(seats=10**30), ["seats"]),
    ("roundtables", table(rule="chatham"), ["rule"]),
    ("roundtables", table(visibility=None), ["visibility"]),
    ("roundtables", table(reply_by="soon"), ["reply_by"]),
    ("roundtables", table(summary="a\x07b"), ["summary"]),
    ("roundtables", table(seat_kinds=[{"name": "A", "target": 3}]), ["seat_kinds"]),
    ("roundtables", table(seat_kinds=[{"target": 1}]), ["seat_kinds.0.name"]),
    ("roundtables", table(seat_kinds=[{"name": "A", "key": "ab"}]), ["seat_kinds.0.key"]),
    ("roundtables", table(seat_kinds=["A", "A"]), ["seat_kinds"]),
    ("roundtables", table(seat_kinds=[{"name": "A", "key": "X"}, {"name": "B", "key": "X"}]), ["seat_kinds"]),
    ("roundtables", table(seat_kinds=["A"] * 27), ["seat_kinds"]),
    ("roundtables", table(seat_kinds="A"), ["seat_kinds"]),
    ("roundtables", table(report_ids=[10**20]), ["report_ids.0"]),
    ("roundtables", table(report_ids=[77]), ["report_ids"]),
    ("roundtables", table(online_url="meet.example.org"), ["online_url"]),
    ("roundtables", table(time_zone="Europe/Lunnon"), ["time_zone"]),
]


def test_a_field_that_cannot_be_taken_is_named(api):
    told = [(path, body, problem(api.post(f"{V1}/{path}", json=body))) for path, body, _ in CANNOT_BE_TAKEN]
    assert told == [(path, body, (422, fields)) for path, body, fields in CANNOT_BE_TAKEN]
    assert [api.get(f"{V1}/{path}").json()["items"] for path in ("people", "reports")] == [[], []]


def test_a_patch_names_its_bad_fields_and_changes_nothing(api, planned):
    at = f"{TABLE}/{planned['id']}"
    for body, fields in [
        ({"title": None}, ["title"]),
        ({"starts_at": "2031-01-01T10:00:00"}, ["starts_at"]),
        ({"ends_at": planned["starts_at"]}, ["ends_at"]),
        ({"title": "new", "seats": -1}, ["seats"]),
    ]:
        assert problem(api.patch(at, json=body)) == (422, fields)
    assert api.get(at).json() == planned


def test_guests_are_asked_all_or_none(api, planned):
    at = f"{TABLE}/{planned['id']}/invitations"
    for body, fields in [
        ({}, ["guests"]),
        ({"guests": []}, ["guests"]),
        ({"guests": [guest("Jo"), {"name": "No Address"}]}, ["guests.1.email"]),
        ({"guests": [guest("Jo"), {"name": "Bad Address", "email": "x"}]}, ["guests.1.email"]),
        ({"guests": [guest("Jo"), guest("Jo")]}, ["guests.1.email"]),
        ({"guests": [guest("Jo")], "wave": 0}, ["wave"]),
        ({"guests": [guest("Jo")], "send": "yes"}, ["send"]),
    ]:
        assert problem(api.post(at, json=body)) == (422, fields)
    assert api.get(at).json()["items"] == []
    assert api.get(f"{V1}/people").json()["items"] == []


def test_answers_that_cannot_count_are_refused_with_the_reason(api, planned, asked):
    at = f"{V1}/invitations/{asked['Jo']['id']}"
    for body, fields in [
        ({}, ["answer"]),
        ({"answer": "yes"}, ["answer"]),
        ({"answer": "accepted", "via": "mail"}, ["via"]),
        ({"answer": "tentative", "until": "2031-02-30"}, ["until"]),
    ]:
        assert problem(api.post(f"{at}/answer", json=body)) == (422, fields)
    api.delete(at)
    refused = api.post(f"{at}/answer", json={"answer": "accepted"})
    assert problem(refused) == (409, [])
    assert "withdrawn" in refused.json()["detail"]


def test_what_is_not_json_is_a_bad_request(api):
    odd = [b"{", b"\xff\xfe", b"[" * 200_000, b'{"name": "\\ud800"}', b'{"a": NaN', b"{'a': 1}", b"\x00"]
    assert [problem(api.post(f"{V1}/people", content=body)) for body in odd] == [(400, [])] * len(odd)


def test_an_address_that_is_not_there_is_told_as_a_problem(api):
    for address in ("nothing", "people/abc", "roundtables/1/nothing", ""):
        assert problem(api.get(f"{V1}/{address}"))[0] == 404, address
    assert problem(api.request("DELETE", f"{V1}/people"))[0] == 405


def test_kinds_of_seats_are_told_as_key_name_and_target(api):
    def kinds(value, **more):
        answer = api.post(TABLE, json=table(seats=9, seat_kinds=value, **more))
        assert answer.status_code == 201, answer.text
        return [(k["key"], k["name"], k["target"]) for k in answer.json()["seat_kinds"]]

    assert kinds({"Health": 2, "Housing": 1}) == [("H", "Health", 2), ("O", "Housing", 1)]
    assert kinds(["Local government", "local press"]) == [("L", "Local government", 0), ("O", "local press", 0)]
    assert kinds([{"name": "Care", "seats": 2, "key": "X"}, {"name": "x"}]) == [("X", "Care", 2), ("A", "x", 0)]
    assert kinds([{"name": "Éa"}, {"name": "Ψ"}]) == [("A", "Éa", 0), ("B", "Ψ", 0)]


def test_a_kind_of_seat_keeps_its_letter_when_the_list_changes(api, planned):
    at = f"{TABLE}/{planned['id']}"
    api.patch(at, json={"seat_kinds": ["Health", "Housing"]})
    changed = api.patch(at, json={"seat_kinds": ["housing", "Hospitals"]}).json()
    assert [(k["key"], k["name"]) for k in changed["seat_kinds"]] == [("O", "housing"), ("H", "Hospitals")]


def keyed(client, key, body, path="people"):
    return client.post(f"{V1}/{path}", json=body, headers={"Idempotency-Key": key})


def test_the_same_request_twice_has_one_effect_and_one_answer(api, planned):
    jo = {"name": "Jo Bloggs", "email": "jo@example.org"}
    first, second = keyed(api, "k1", jo), keyed(api, "k1", jo)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    asked = {"guests": [guest("Ana Ruiz")]}
    where = f"roundtables/{planned['id']}/invitations"
    assert keyed(api, "k2", asked, where).json() == keyed(api, "k2", asked, where).json()
    off = [keyed(api, "k3", None, f"roundtables/{planned['id']}/cancellation") for _ in range(2)]
    assert [(o.status_code, o.json()["status"]) for o in off] == [(201, "cancelled")] * 2
    kinds = [letter["kind"] for letter in api.get(f"{V1}/letters").json()["items"]]
    assert sorted(kinds) == ["cancellation", "invitation"]


def test_a_key_is_for_one_request(api, strangers):
    jo = {"name": "Jo Bloggs", "email": "jo@example.org"}
    keyed(api, "k", jo)
    assert problem(keyed(api, "k", {**jo, "title": "Chief"})) == (422, ["Idempotency-Key"])
    assert problem(keyed(api, "k", jo, "reports"))[0] == 422
    assert problem(keyed(api, "x" * 256, jo)) == (422, ["Idempotency-Key"])
    assert keyed(strangers, "k", jo).status_code == 201


def test_a_refused_request_does_not_use_the_key_up(api):
    assert problem(keyed(api, "k", {"name": "Jo"}))[0] == 422
    assert keyed(api, "k", {"name": "Jo Bloggs", "email": "jo@example.org"}).status_code == 201


@pytest.mark.parametrize("path", ["people", "mail"])
def test_twins_at_the_same_moment_have_one_effect(api, path):
    mail = b"From: a@example.org\r\nSubject: twins\r\n\r\nhello\r\n"
    content = mail if path == "mail" else b'{"name": "Jo Bloggs", "email": "jo@example.org"}'
    answers, gate = [], threading.Barrier(4)

    def send():
        gate.wait()
        answers.append(api.post(f"{V1}/{path}", content=content, headers={"Idempotency-Key": "twins"}))

    threads = [threading.Thread(target=send) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert [a.status_code for a in answers] == [201] * 4
    assert len({a.json()["id"] for a in answers}) == 1
    assert len(api.get(f"{V1}/{path}").json()["items"]) == 1


def test_a_list_costs_the_same_however_long_it_is(api, db, planned):
    def cost(path) -> int:
        with counting(db) as seen:
            assert api.get(f"{V1}/{path}").status_code == 200
        return len([s for s in seen if s.lstrip().upper().startswith("SELECT")])

    at = f"roundtables/{planned['id']}"
    paths = ["people", "reports", "roundtables", "letters", "mail", f"{at}/invitations", f"{at}/attendance"]

    def grow(of: range):
        guests = [guest(f"g{n} Guest") for n in of]
        items = api.post(f"{V1}/{at}/invitations", json={"guests": guests}).json()["items"]
        for n, item in zip(of, items, strict=True):
            api.put(f"{V1}/invitations/{item['id']}/attendance", json={"came": "no"})
            api.post(f"{V1}/reports", json={"title": f"Report {n}"})
            api.post(f"{V1}/roundtables", json=table(title=f"Table {n}"))
            api.post(f"{V1}/mail", content=b"From: a@example.org\r\nSubject: %d\r\n\r\nhello\r\n" % n)

    grow(range(1))
    short = [cost(path) for path in paths]
    grow(range(1, 9))
    assert [cost(path) for path in paths] == short
    assert max(short) <= 6
