"""A second convener with a token of its own, tables in the future, and a count of queries."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from litestar.testing import TestClient
from sqlalchemy import event

from roundtables.convener import actions as conveners
from roundtables.convener.model import Role
from roundtables.db import Db
from roundtables.settings import Settings
from tests.web_client import browser
from tests.world import NOW

LONDON = ZoneInfo("Europe/London")


def in_days(days: int, hour: int = 10) -> str:
    """A moment in London, RFC 3339; tables of these tests lie ahead whenever the tests run."""
    day = datetime.now(UTC).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, tzinfo=LONDON).isoformat()


def table(**changes: object) -> dict:
    """A body for POST /roundtables."""
    return {
        "title": "Who keeps the library open?",
        "question": "What would it take?",
        "starts_at": in_days(100),
        "ends_at": in_days(100, 12),
        "time_zone": "Europe/London",
        "place": "The Weigh House, Leeds",
        "seats": 2,
        **changes,
    }


def guest(name: str, **more: object) -> dict:
    return {"name": name, "email": f"{name.split()[0].lower()}@example.org", "organisation": "Northshire", **more}


@pytest.fixture
def planned(api: TestClient) -> dict:
    """A table of two seats."""
    answer = api.post("/api/v1/roundtables", json=table())
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def asked(api: TestClient, planned: dict) -> dict[str, dict]:
    """Jo, Ana and Bashir, invited to the table of two seats, by first name."""
    guests = [guest("Jo Bloggs"), guest("Ana Ruiz"), guest("Bashir Okello")]
    answer = api.post(f"/api/v1/roundtables/{planned['id']}/invitations", json={"guests": guests})
    assert answer.status_code == 201, answer.text
    return {item["name"].split()[0]: item for item in answer.json()["items"]}


@pytest.fixture
def as_role(settings: Settings, db: Db) -> Callable[..., AbstractContextManager[TestClient]]:
    """A client with a token of that role at the convener of that name."""

    @contextmanager
    def client(role: Role, convener: str = "Larkmoor Trust") -> Iterator[TestClient]:
        address = f"{role}@{convener.split()[0].lower()}.example"
        with db.write() as session:
            house = conveners.found_convener(session, convener, now=NOW)
            conveners.appoint(session, house, address, role=role, now=NOW)
            token = conveners.api_token(session, address, house.slug, now=NOW)
        with browser(settings, db) as client:
            client.headers["authorization"] = f"Bearer {token}"
            yield client

    return client


@pytest.fixture
def strangers(as_role) -> Iterator[TestClient]:
    """A program of another convener."""
    with as_role(Role.OWNER, "Other House") as client:
        yield client


@contextmanager
def counting(db: Db) -> Iterator[list[str]]:
    """The statements sent to the database while it lasts."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def problem(answer) -> tuple[int, list[str]]:
    """Status and named fields of a problem, its shape checked."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    assert isinstance(body["detail"], str)
    return body["status"], [fault["field"] for fault in body.get("errors", []) if fault["message"]]
