"""Pages: a post as readers get it, and answers by guests on theirs, beside the framework's own hello."""

from collections.abc import Iterator
from contextlib import closing

from tests.service import Service, running

from bench.load import each_once, pages_per_second
from bench.rows import Row
from bench.stage import SECRET, Asked, ask, beside, folder, opened

BODY = "Nobody is kind by accident at nine in the morning, one of us said. " * 80
POST = {"title": "Kindness is a decision", "body": BODY, "authors": [{"name": "Farah"}], "topics": ["kindness"]}


def measure(*, quick: bool) -> Iterator[Row]:
    seconds, answers = (1.0, 100) if quick else (4.0, 1000)
    with beside("-m", "bench.hello") as address:
        hello = pages_per_second(f"http://{address}/", seconds=seconds)
    with folder() as where:
        db, token = opened(where)
        with closing(db):
            asked = ask(db, answers)
        with running(where, "serve", "--port", "0", secret_key=SECRET) as service:
            url = service.url + _published(service, token)
            yield Row("a post of 1,000 words", pages_per_second(url, seconds=seconds), "/s", hello, "Litestar hello")
            home = pages_per_second(f"{service.url}/", seconds=seconds)
            yield Row("the home page", home, "/s", hello, "Litestar hello")
            host = service.listening["http"]
            figure = each_once(host, [_answer(host, one) for one in asked])
            yield Row("answers by page, durably (SQLite)", figure, "/s", hello, "Litestar hello")


def _published(service: Service, token: str) -> str:
    with service.api(token) as api:
        post = api.post("/posts", json=POST).json()
        published = api.post(f"/posts/{post['id']}/publication")
        assert published.status_code == 201, published.text
    return f"/posts/{post['slug']}"


def _answer(host: str, one: Asked) -> bytes:
    body = b"answer=accepted"
    head = f"POST /i/{one.page}/answer HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + body
