"""Browsers and programs for tests: a stranger, an organiser at the desk, and a program with a token."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from litestar.testing import TestClient

from roundtables.db import Db
from roundtables.settings import Settings
from roundtables.web.shell import App
from tests.world import SECRET, World

CSRF = re.compile(r'name="_csrf" value="([0-9a-f]+)"')


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, secret_key=SECRET, _env_file=None)


class Lent:
    """Stands for the database of the test at hand in an app that all tests share: making one costs half a second."""

    def __init__(self) -> None:
        self.held: Db | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.held, name)


_at_rest: dict[Settings, list[tuple[App, Lent]]] = {}


@contextmanager
def browser(settings: Settings, db: Db) -> Iterator[TestClient]:
    """A browser of the whole service, on an app that no other browser has open."""
    from roundtables.app import create_app  # only here, so that other tests never wait for the service to load

    apps = _at_rest.setdefault(settings.model_copy(update={"data_dir": Path("unused")}), [])
    if not apps:
        lent = Lent()
        apps.append((create_app(settings, cast("Db", lent)), lent))
    app, lent = apps.pop()
    lent.held = db
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client
    apps.append((app, lent))


@pytest.fixture
def client(settings: Settings, db: Db) -> Iterator[TestClient]:
    """A stranger's browser."""
    with browser(settings, db) as client:
        yield client


@pytest.fixture
def desk(settings: Settings, db: Db, world: World) -> Iterator[TestClient]:
    """Farah's browser, signed in."""
    with browser(settings, db) as client:
        client.get(link := f"/sign-in/{world.sign_in_link()}")
        assert client.post(link, follow_redirects=False).status_code == 303
        yield client


@pytest.fixture
def api(settings: Settings, db: Db, world: World) -> Iterator[TestClient]:
    """A program of Farah's."""
    with browser(settings, db) as client:
        client.headers["authorization"] = f"Bearer {world.api_token()}"
        yield client


def csrf(page: str) -> str:
    """The token in a page of the desk."""
    found = CSRF.search(page)
    assert found, "no form token in the page"
    return found[1]
