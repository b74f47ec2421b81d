"""The description of the API: every call, with the models that really travel, on a page that needs nothing else."""

import re

from sqlmodel import SQLModel

from roundtables import models
from tests.api.conftest import problem

DOCUMENT, PAGE = "/api/v1/openapi.json", "/api/v1/docs"
PROMISED = """
GET POST /people · GET PATCH DELETE /people/{} · GET /people/{}/export · GET POST /reports · GET PATCH /reports/{} ·
GET POST /roundtables · GET PATCH /roundtables/{} · POST /roundtables/{}/cancellation · POST /roundtables/{}/closing ·
GET POST /roundtables/{}/invitations · GET DELETE /invitations/{} · POST /invitations/{}/answer · GET /letters ·
GET POST /mail · GET /mail/{} · POST /mail/{}/decision · GET /roundtables/{}/attendance · PUT /invitations/{}/attendance
"""
METHODS = {"get", "post", "put", "patch", "delete"}


def operations(document) -> dict[tuple[str, str], dict]:
    return {
        (method.upper(), re.sub(r"\{[^}]*\}", "{}", path.removeprefix("/api/v1"))): call
        for path, item in document["paths"].items()
        for method, call in item.items()
        if method in METHODS
    }


def promised() -> set[tuple[str, str]]:
    rows = [row.split() for row in PROMISED.split("·")]
    return {(method, row[-1]) for row in rows for method in row[:-1]}


def references(node) -> set[str]:
    """The names of all schemas that `node` refers to."""
    if isinstance(node, dict):
        own = {node["$ref"].rpartition("/")[2]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def schema_of(body: dict, schemas: dict) -> dict:
    [content] = body["content"].values()
    return schemas[content["schema"]["$ref"].rpartition("/")[2]]


def test_every_call_is_described_and_nothing_but_the_api(client):
    document = client.get(DOCUMENT).json()
    assert document["openapi"].startswith("3.1.")
    assert promised() - operations(document).keys() == set()
    assert {path for path in document["paths"] if not path.startswith("/api/v1/")} == set()


def test_bodies_answers_and_problems_are_described_by_models(client):
    document = client.get(DOCUMENT).json()
    schemas, calls = document["components"]["schemas"], operations(document)
    for key in promised():
        method, path = key
        success = {s: a for s, a in calls[key]["responses"].items() if s < "300"}
        [(status, answer)] = success.items()
        assert (status == "204") == (method == "DELETE"), key
        if method != "DELETE":
            assert schema_of(answer, schemas)["properties"], key
        if method in ("POST", "PUT", "PATCH") and path not in ("/mail", "/roundtables/{}/cancellation"):
            assert schema_of(calls[key]["requestBody"], schemas)["properties"], key
        assert schema_of(calls[key]["responses"]["422"], schemas)["title"] == "Problem", key
    assert list(calls["POST", "/mail"]["requestBody"]["content"]) == ["message/rfc822"]
    assert references(document["paths"]) | references(schemas) <= schemas.keys()


def test_what_is_said_of_a_roundtable_is_what_travels(client, api, planned):
    schemas = client.get(DOCUMENT).json()["components"]["schemas"]
    assert set(schemas["RoundtableOut"]["properties"]) == set(planned)
    taken = schemas["RoundtableIn"]
    assert set(taken["required"]) == {"title", "starts_at", "ends_at", "seats"}
    assert taken["properties"]["starts_at"]["format"] == "date-time"
    assert set(schemas["RoundtablePatch"]["properties"]) == set(taken["properties"])
    assert "required" not in schemas["RoundtablePatch"]
    assert "from" in schemas["MailOut"]["properties"]


def test_every_post_takes_an_idempotency_key(client):
    calls = operations(client.get(DOCUMENT).json())
    keyed = {key for key, call in calls.items() if "Idempotency-Key" in {p["name"] for p in call.get("parameters", [])}}
    assert keyed == {key for key in calls if key[0] == "POST"}


def test_no_table_is_shown_as_it_is(client):
    """What travels has a model of its own: a new column shows nowhere by itself."""
    tables = {table.__name__ for noun in models.NOUNS for table in vars(noun).values() if _is_table(table)}
    assert {"Person", "Invitation"} <= tables
    assert tables & client.get(DOCUMENT).json()["components"]["schemas"].keys() == set()


def _is_table(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, SQLModel) and hasattr(value, "__table__")


def test_the_page_shows_every_call_and_needs_no_other_host_and_no_script(client):
    page = client.get(PAGE)
    assert page.headers["content-type"].startswith("text/html")
    text = page.text.replace("<wbr>", "")
    for method, path in promised():
        assert re.search(f"{method} /api/v1{path.replace('{}', '{[a-z_]+}')}<", text), (method, path)
    assert "<script" not in page.text
    assert " style=" not in page.text
    linked = re.findall(r'(?:href|src)="([^"]*)"', page.text)
    assert {
        link for link in linked if not link.startswith(("/static/", "/accent/", "#", "/api/v1/openapi.json"))
    } == set()
    anchors = set(re.findall(r'id="([^"]*)"', page.text))
    assert {link[1:] for link in linked if link.startswith("#")} <= anchors


def test_a_wrong_address_below_the_api_is_a_problem(client):
    assert problem(client.get("/api/v1/nothing"))[0] == 404
