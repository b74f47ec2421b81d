"""Fixtures of every test: a fresh database on SQLite and on PostgreSQL, and the cast (world.py)."""

from collections.abc import Iterator

import pytest

from roundtables import acting
from roundtables.attendance.actions import take_down_needs
from roundtables.db import Db
from roundtables.mail.stationery import Stationery
from tests.world import SECRET, World

pytest_plugins = ["tests.databases", "tests.web_client"]


@pytest.fixture(autouse=True)
def nobody_acts_yet() -> None:
    """A command that another test ran in this process must not sign what this one does."""
    acting.begin()


@pytest.fixture
def stationery() -> Stationery:
    return Stationery(secret=SECRET)


@pytest.fixture
def db(database_url: str, stationery: Stationery) -> Iterator[Db]:
    """Each test that asks for it runs twice: on SQLite and on PostgreSQL."""
    db = Db(database_url, info={"stationery": stationery, "take_down_needs": take_down_needs})
    yield db
    db.close()


@pytest.fixture
def world(db: Db) -> World:
    return World(db)
