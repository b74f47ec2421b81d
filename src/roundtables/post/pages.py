"""
What everybody may read: no sign-in, no script, no cookie. Rows come from `readers`, words from `telling`.
"""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from sqlmodel import Session, col

from roundtables.convener.access import AnyRequest, TheDb, TheSettings
from roundtables.db import now
from roundtables.post import readers, searching, structured, telling
from roundtables.post.markdown import ended, to_html
from roundtables.post.model import Post, PostTopic
from roundtables.post.pieces import Article, Discussion, Paper
from roundtables.post.serving import page, site
from roundtables.roundtable.model import Roundtable

ON_A_PAGE, ON_THE_FRONT, MOST_LINKED, LAST_PAGE = 20, 4, 50, 1000
TELLING = {"telling": telling, "structured": structured}


@get("/", sync_to_thread=True, include_in_schema=False)
def home(request: AnyRequest, db: TheDb, settings: TheSettings) -> Response[bytes]:
    """The newest post with its table, more posts, the discussions."""
    with db.read() as session:
        where = site(session, settings)
        posts = readers.posts(session, limit=ON_THE_FRONT)
        lead_tables = readers.discussions(session, readers.led_to_post([p.id for p in posts[:1]]), now=now(), limit=1)
        tables = readers.discussions(session, now=now(), limit=ON_THE_FRONT)
        context = {
            "number_of_posts": readers.count_posts(session),
            "number_of_tables": readers.count_discussions(session),
            "posts_each": readers.posts_each(session, tables),
        }
    shown = {"posts": posts, "lead_tables": lead_tables, "tables": tables, "current": "posts"}
    return page(request, "public/home.html", site=where, **TELLING, **context, **shown)


@get("/posts", sync_to_thread=True, include_in_schema=False)
def posts(request: AnyRequest, db: TheDb, settings: TheSettings) -> Response[bytes]:
    """All posts, newest first."""
    at = _page_number(request)
    with db.read() as session:
        where = site(session, settings)
        found = readers.posts(session, limit=ON_A_PAGE + 1, skip=ON_A_PAGE * (at - 1))
        topics = readers.topics(session, limit=40)
    return page(request, "public/posts.html", site=where, topics=topics, **_part(found, at), **TELLING, current="posts")


@get("/posts/{slug:str}", sync_to_thread=True, include_in_schema=False)
def post(request: AnyRequest, slug: FromPath[str], db: TheDb, settings: TheSettings) -> Response[bytes]:
    """One post, with the report and the discussion it comes from."""
    with db.read() as session:
        found = readers.post(session, slug)
        where = site(session, settings, of=found.host)
        tables = readers.discussions(session, readers.led_to_post([found.id]), now=now(), limit=MOST_LINKED)
        papers = _papers(session, posts=[found.id], tables=tables)
        topics = readers.topics(session, col(PostTopic.post_id) == found.id)
    thread = telling.thread(papers, tables, [found], found.path)
    return page(
        request,
        "public/post.html",
        site=where,
        post=found,
        html=ended(found.html),
        tables=tables,
        topics=topics,
        thread=thread,
        current="posts",
        **TELLING,
    )


@get("/discussions", sync_to_thread=True, include_in_schema=False)
def discussions(request: AnyRequest, db: TheDb, settings: TheSettings) -> Response[bytes]:
    """All tables the public may see, the latest first."""
    at = _page_number(request)
    with db.read() as session:
        where = site(session, settings)
        found = readers.discussions(session, now=now(), limit=ON_A_PAGE + 1, skip=ON_A_PAGE * (at - 1))
        each = readers.posts_each(session, found)
    return page(
        request,
        "public/discussions.html",
        site=where,
        posts_each=each,
        current="discussions",
        **_part(found, at),
        **TELLING,
    )


@get("/discussions/{slug:str}", sync_to_thread=True, include_in_schema=False)
def discussion(request: AnyRequest, slug: FromPath[str], db: TheDb, settings: TheSettings) -> Response[bytes]:
    """One table as planned, what it was about and what came of it."""
    with db.read() as session:
        table = readers.discussion(session, slug, now=now())
        where = site(session, settings, of=table.host)
        came_of_it = readers.posts(session, readers.about_table([table.id]), limit=MOST_LINKED)
        papers = _papers(session, tables=[table])
    thread = telling.thread(papers, [table], reversed(came_of_it), table.path)
    return page(
        request,
        "public/discussion.html",
        site=where,
        table=table,
        said=to_html(table.summary),
        posts=came_of_it,
        thread=thread,
        current="discussions",
        **TELLING,
    )


@get("/reports", sync_to_thread=True, include_in_schema=False)
def reports(request: AnyRequest, db: TheDb, settings: TheSettings) -> Response[bytes]:
    """All reports that discussions or posts are about."""
    at = _page_number(request)
    with db.read() as session:
        where = site(session, settings)
        found = readers.reports(session, limit=ON_A_PAGE + 1, skip=ON_A_PAGE * (at - 1))
    return page(request, "public/reports.html", site=where, current="reports", **_part(found, at), **TELLING)


@get("/reports/{slug:str}", sync_to_thread=True, include_in_schema=False)
def report(request: AnyRequest, slug: FromPath[str], db: TheDb, settings: TheSettings) -> Response[bytes]:
    """One report, the discussions about it and the posts that followed."""
    with db.read() as session:
        paper = readers.report(session, slug)
        where = site(session, settings, of=paper.host)
        tables = readers.discussions(session, readers.on_report(paper.id), now=now(), limit=MOST_LINKED)
        after = readers.posts(session, readers.after_report(paper.id, [t.id for t in tables]), limit=MOST_LINKED)
        each = readers.posts_each(session, tables)
    thread = telling.thread([paper], reversed(tables), reversed(after), paper.path)
    shown = {"paper": paper, "tables": tables, "posts": after, "posts_each": each, "thread": thread}
    return page(request, "public/report.html", site=where, current="reports", **shown, **TELLING)


@get("/topics/{slug:str}", sync_to_thread=True, include_in_schema=False)
def topic(request: AnyRequest, slug: FromPath[str], db: TheDb, settings: TheSettings) -> Response[bytes]:
    """All posts on one topic."""
    at = _page_number(request)
    with db.read() as session:
        where = site(session, settings)
        subject = readers.topic(session, slug)
        found = readers.posts(session, readers.on_topic(slug), limit=ON_A_PAGE + 1, skip=ON_A_PAGE * (at - 1))
    return page(request, "public/topic.html", site=where, topic=subject, current="", **_part(found, at), **TELLING)


@get("/conveners/{slug:str}", sync_to_thread=True, include_in_schema=False)
def convener(request: AnyRequest, slug: FromPath[str], db: TheDb, settings: TheSettings) -> Response[bytes]:
    """Who runs these discussions, and the newest of them."""
    with db.read() as session:
        host = readers.host(session, slug)
        where = site(session, settings, of=host)
        found = readers.posts(session, col(Post.convener_id) == host.id, limit=ON_A_PAGE)
        tables = readers.discussions(session, col(Roundtable.convener_id) == host.id, now=now(), limit=ON_A_PAGE)
        each = readers.posts_each(session, tables)
    shown = {"host": host, "posts": found, "tables": tables, "posts_each": each}
    return page(request, "public/convener.html", site=where, current="", **shown, **TELLING)


@get("/search", sync_to_thread=True, include_in_schema=False)
def search(request: AnyRequest, db: TheDb, settings: TheSettings) -> Response[bytes]:
    """Plain words in what is public, and in nothing else."""
    asked = request.query_params.get("q", "")
    words = searching.words(asked)
    with db.read() as session:
        where = site(session, settings)
        found = searching.search(session, words, now=now())
    shown = {"asked": asked[: searching.LONGEST], "words": words, "found": found}
    return page(request, "public/search.html", site=where, current="search", **shown, **TELLING)


@get("/data", sync_to_thread=True, include_in_schema=False)
def data(request: AnyRequest, db: TheDb, settings: TheSettings) -> Response[bytes]:
    """What is kept about whom, in plain words."""
    with db.read() as session:
        where = site(session, settings)
    return page(request, "public/data.html", site=where, current="")


def _papers(session: Session, *, posts: list[int] | None = None, tables: list[Discussion]) -> list[Paper]:
    ids = [table.id for table in tables]
    return readers.reports(session, readers.behind(posts=posts or [], tables=ids), limit=MOST_LINKED)


def _page_number(request: AnyRequest) -> int:
    """The `?page=` asked for; whatever makes no sense is the first."""
    asked = request.query_params.get("page", "")
    return min(max(1, int(asked)), LAST_PAGE) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def _part(found: list[Article] | list[Discussion] | list[Paper], at: int) -> dict[str, Any]:
    """A page of a list (one more was asked for than it shows), and the addresses of its neighbours."""
    newer = f"?page={at - 1}" if at > 1 else ""
    older = f"?page={at + 1}" if len(found) > ON_A_PAGE else ""
    return {"found": found[:ON_A_PAGE], "newer": newer, "older": older, "page_number": at}


HANDLERS = [
    *(home, posts, post, discussions, discussion, reports, report),
    *(topic, convener, search, data),
]
