"""Public pages kept ready: shown from memory exactly while nothing has changed."""

import asyncio

import pytest

from roundtables.db import Db
from roundtables.watching import PAUSE, Watch
from roundtables.web.kept import kept


class House:
    """An app that counts how often it is asked, and says what it is told to say."""

    def __init__(self, *, slow: bool = False, **headers: str) -> None:
        self.asked, self.words, self.status, self.slow = 0, b"one", 200, slow
        self.at_once = self.most_at_once = 0
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        self.headers = {"etag": '"one"', "cache-control": "public, max-age=60"} | said

    async def __call__(self, scope, receive, send):
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.01 if self.slow else 0)
        self.at_once -= 1
        headers = [(n.encode(), v.encode()) for n, v in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.words})


def get(app, path="/posts/kind", query=b"", method="GET", **headers) -> tuple[int, bytes]:
    said = []

    async def send(message):
        said.append(message)

    sent = [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": sent}
    asyncio.run(app(scope, None, send))
    return said[0]["status"], b"".join(m.get("body", b"") for m in said[1:])


def test_a_page_is_rendered_once_while_nothing_changes():
    app = kept(house := House(), lambda: 1)
    assert [get(app), get(app), get(app, query=b"page=2")] == [(200, b"one")] * 3
    assert house.asked == 2


def test_twenty_readers_of_a_new_page_have_it_rendered_once():
    app = kept(house := House(slow=True), lambda: 1)
    said = []

    async def one():
        async def send(message):
            said.append(message)

        scope = {"type": "http", "method": "GET", "path": "/posts/kind", "query_string": b"", "headers": []}
        await app(scope, None, send)

    async def all_at_once():
        await asyncio.gather(*(one() for _ in range(20)))

    asyncio.run(all_at_once())
    assert house.asked == 1
    assert [m["body"] for m in said if "body" in m] == [b"one"] * 20


def test_what_is_never_kept_is_not_waited_for():
    app = kept(house := House(cache_control="no-store", slow=True), lambda: 1)
    get(app)

    async def all_at_once():
        async def one():
            async def send(message): ...

            scope = {"type": "http", "method": "GET", "path": "/posts/kind", "query_string": b"", "headers": []}
            await app(scope, None, send)

        await asyncio.gather(*(one() for _ in range(5)))

    asyncio.run(all_at_once())
    assert (house.asked, house.most_at_once) == (6, 5)


def test_a_change_shows_at_once():
    state = [1]
    app = kept(house := House(), lambda: state[0])
    get(app)
    state[0], house.words = 2, b"two"
    assert get(app) == (200, b"two")


def test_a_reader_who_has_the_page_is_told_so_from_memory():
    app = kept(house := House(), lambda: 1)
    get(app)
    assert [get(app, if_none_match=tag) for tag in ('"one"', 'W/"one"', '"x", "one"')] == [(304, b"")] * 3
    assert get(app, if_none_match='"other"') == (200, b"one")
    assert house.asked == 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/desk", {}),
        ("/i/abc", {}),
        ("/api/v1/posts", {}),
        ("/x", {"cache-control": "no-store"}),
        ("/x", {"cache-control": "private, max-age=60"}),
        ("/x", {"set-cookie": "a=b"}),
        ("/x", {"etag": ""}),
    ],
)
def test_what_is_not_for_everybody_is_never_kept(path, headers):
    app = kept(house := House(**headers), lambda: 1)
    get(app, path)
    get(app, path)
    assert house.asked == 2


def test_errors_and_forms_are_not_kept():
    app = kept(house := House(), lambda: 1)
    house.status = 404
    get(app), get(app)
    house.status = 200
    get(app, method="POST"), get(app, method="POST")
    assert house.asked == 4


def test_nothing_is_shown_from_memory_while_the_database_is_away():
    state = [1]
    app = kept(house := House(), lambda: state[0])
    get(app)
    state[0] = None
    get(app)
    assert house.asked == 2


def test_a_page_is_not_kept_for_ever():
    app = kept(house := House(), lambda: 1, seconds=0)
    get(app), get(app)
    assert house.asked == 2


def test_a_commit_of_anybody_changes_the_state_and_a_look_does_not(db, world):
    import time

    def state():
        time.sleep(PAUSE)
        return watch.state()

    watch, other = Watch(db), Db(str(db.url.render_as_string(hide_password=False)))
    before = state()
    with other.read() as session:
        world.table(session)
    assert state() == before
    with other.write() as session:
        world.table(session).title = "Another title"
    assert state() != before
    other.close()


def test_a_published_post_and_its_withdrawal_show_at_the_next_request(client, api, world):
    post = api.post("/api/v1/posts", json={"title": "Kind", "body": "We talked."}).json()
    address = f"/posts/{post['slug']}"
    seen = [client.get(address).status_code]
    api.post(f"/api/v1/posts/{post['id']}/publication")
    seen += [client.get(address).status_code, client.get(address).status_code]
    api.delete(f"/api/v1/posts/{post['id']}/publication")
    assert [*seen, client.get(address).status_code] == [404, 200, 200, 404]
