"""Health: up, ready, and figures for this machine alone."""

import pytest
from litestar.testing import TestClient
from sqlalchemy import text

from roundtables.app import create_app
from roundtables.db import Db
from tests.world import JO


def test_it_is_up_and_ready(client):
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "up\n")
    assert (client.get("/readyz").status_code, client.get("/readyz").text) == (200, "ready\n")


def test_a_database_of_an_older_version_is_not_ready(client, db):
    with db.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database is not at the newest version\n")
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////dev/null/nowhere.sqlite3",
        "postgresql://nobody@127.0.0.1:1/nothing",
        "sqlite:///{folder}/empty.sqlite3",
    ],
)
def test_a_database_that_does_not_answer_is_not_ready_but_the_process_is_up(url, settings, tmp_path):
    db = Db(url.format(folder=tmp_path))
    with TestClient(create_app(settings, db)) as client:
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
    db.close()


def test_nobody_else_keeps_a_copy_of_how_we_are(client):
    for path in ("/healthz", "/readyz"):
        assert "no-store" in client.get(path).headers.get("cache-control", "no-store")


def test_figures_are_for_this_machine_only(settings, db, world):
    world.ask(JO)
    app = create_app(settings, db)
    with TestClient(app) as there:
        assert there.get("/metrics").status_code == 404  # the test client's address is no loopback
    with TestClient(_from(app, "127.0.0.1")) as here:
        figures = here.get("/metrics")
        assert here.get("/metrics", headers={"x-forwarded-for": "192.0.2.1"}).status_code == 404
    assert figures.status_code == 200
    assert 'roundtables_letters{state="queued"} 1\n' in figures.text
    assert "roundtables_mail_unread 0\n" in figures.text
    assert "jo@example.org" not in figures.text


def _from(app, host):
    async def asked(scope, receive, send):
        await app({**scope, "client": (host, 5)} if scope["type"] == "http" else scope, receive, send)

    return asked
