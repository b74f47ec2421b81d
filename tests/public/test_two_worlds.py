"""
No public byte depends on who was invited, answered or came.

Two worlds share one plan, one clock and the same random names; the people, their number and their answers differ.
Every public address answers the same bytes and the same headers in both.
"""

import itertools
import random
import re
import shutil
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from litestar.testing import TestClient

from roundtables.app import create_app
from roundtables.attendance.actions import record_attendance, record_needs
from roundtables.attendance.model import Came
from roundtables.db import Db
from roundtables.invitation.actions import invite
from roundtables.invitation.gathering import cancel, close
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer
from roundtables.roundtable.actions import plan_of, rewrite
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Visibility
from tests.post.shelf import laid, report, wrote
from tests.world import ANA, BASHIR, CARYS, DEWI, EKOW, JO, NOW, World

LINK = re.compile(r'(?:href|src)="([^"]+)"')
LOC = re.compile(r"<loc>([^<]+)</loc>")
FIXED = (
    *("/", "/posts/", "/discussions/", "/reports/", "/search", "/data", "/nothing", "/posts/draft", "/posts/waiting"),
    *("/feed.atom", "/feed.json", "/discussions.ics", "/sitemap.xml", "/robots.txt", "/accent/7b2150.css"),
    *("/search?q=kind", "/search?q=Bloggs", "/search?q=Ruiz", "/search?q=Northshire", "/search?q=3", "/?page=2"),
    *("/discussions/private", "/discussions/after", "/discussions/listed/feed.atom", "/discussions/private/feed.atom"),
)
NOBODY = (b"bloggs", b"ruiz", b"okello", b"example.org", b"northshire", b"no nuts", b"farah")
FEW = ((JO, Answer.ACCEPTED),)
MANY = tuple(zip((ANA, BASHIR, CARYS, DEWI, EKOW), itertools.cycle((Answer.DECLINED, Answer.ACCEPTED)), strict=False))


def fill(world: World, people) -> None:
    """The same plan and posts in every world; `people` are all that differs."""
    paper = report(world)
    tables = {
        "listed": laid(world, title="Listed", report_ids=[paper]),
        "moved": laid(world, title="Moved"),
        "after": laid(world, title="After", visibility=Visibility.AFTER),
        "private": laid(world, title="Private", visibility=Visibility.PRIVATE),
        "closed": laid(world, title="Closed", visibility=Visibility.AFTER, report_ids=[paper]),
        "called-off": laid(world, title="Called off"),
    }
    invited = {key: ask(world, number, people) for key, number in tables.items()}
    change_plans(world, tables)
    wrote(world, title="About it", roundtable_ids=[tables["closed"]], report_ids=[paper])
    wrote(world, title="Also", roundtable_ids=[tables["listed"]], now=NOW + timedelta(hours=3))
    wrote(world, title="Draft", published=False, roundtable_ids=[tables["after"]])
    wrote(world, title="Waiting", publish_at=NOW + timedelta(days=3), roundtable_ids=[tables["after"]])
    for number in invited["closed"]:
        came(world, number)


def ask(world, table_id, people) -> list[int]:
    with world.db.write() as session:
        guests = [guest for guest, _ in people]
        made = invite(session, session.get_one(Roundtable, table_id), guests, by="Farah", now=NOW, send=True)
        numbers = [i.id for i in made]
    for number, (_, answer) in zip(numbers, people, strict=True):
        world.answer(number, answer)
    return numbers


def change_plans(world, tables) -> None:
    at = NOW + timedelta(hours=2)
    with world.db.write() as session:
        moved = session.get_one(Roundtable, tables["moved"])
        rewrite(session, moved, plan_of(session, moved), now=at)
        cancel(session, session.get_one(Roundtable, tables["called-off"]), by="Farah", now=at)
        close(session, session.get_one(Roundtable, tables["closed"]), by="Farah", now=at, came_in_public=2)


def came(world, number) -> None:
    with world.db.write() as session:
        invitation = session.get_one(Invitation, number)
        record_attendance(session, invitation, Came.IN_PERSON, by="Farah", now=NOW)
        record_needs(session, invitation, dietary=f"no nuts {number}", access="", note="", now=NOW)


def crawl(client: TestClient) -> dict[str, tuple]:
    """Every public address that can be reached, with status, headers and bytes."""
    seen: dict[str, tuple] = {}
    to_do = list(FIXED)
    while to_do:
        address = to_do.pop()
        if address in seen:
            continue
        answer = client.get(address)
        headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
        seen[address] = (answer.status_code, headers, answer.content)
        if "html" in answer.headers["content-type"] or "xml" in answer.headers["content-type"]:
            to_do += ours(LINK.findall(answer.text) + LOC.findall(answer.text))
    return seen


def ours(links: list[str]) -> list[str]:
    paths = [urlsplit(link) for link in links if link.startswith(("/", "http://127.0.0.1:8000/"))]
    return [link.path + (f"?{link.query}" if link.query else "") for link in paths if "/static/" not in link.path]


@pytest.mark.parametrize("moment", [NOW + timedelta(days=1), datetime(2027, 8, 1, tzinfo=UTC)], ids=["before", "after"])
def test_two_worlds_look_alike(fresh_databases, settings, stationery, monkeypatch, moment):
    worlds = []
    for url, people in zip(fresh_databases, (FEW, MANY, ()), strict=True):
        monkeypatch.setattr("roundtables.roundtable.actions.uuid4", names_from(random.Random(7)))
        worlds.append(one_world(url, settings, stationery, people, moment))
    first, *others = worlds
    assert len(first) >= 35
    assert [path for path in first if any(other.get(path) != first[path] for other in others)] == []
    assert all(set(other) == set(first) for other in others)
    said = b"".join(body for world in worlds for path, (_, _, body) in world.items() if "?q=" not in path).lower()
    assert [word for word in NOBODY if word in said] == []


def names_from(chance: random.Random):
    return lambda: uuid.UUID(int=chance.getrandbits(128))


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_databases(request, tmp_path):
    """The addresses of three fresh databases of one kind."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        yield [f"sqlite:///{shutil.copy(template, tmp_path / f'{number}.sqlite3')}" for number in range(3)]
        return
    cluster = request.getfixturevalue("postgres_cluster")
    with cluster.fresh() as one, cluster.fresh() as two, cluster.fresh() as three:
        yield [one, two, three]


def one_world(url, settings, stationery, people, moment) -> dict[str, tuple]:
    db = Db(url, info={"stationery": stationery})
    fill(World(db), people)
    app = create_app(settings, db)
    with time_machine.travel(moment, tick=False), TestClient(app, base_url="http://127.0.0.1:8000") as client:
        found = crawl(client)
    db.close()
    return found
