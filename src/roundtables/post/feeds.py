"""
Feeds, the public calendar, the sitemap: the pages' rows in the forms that programs read.
"""

import json
from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from litestar import Response, get
from litestar.params import FromPath
from sqlmodel import Session, col

from roundtables.calendar import ics
from roundtables.convener.access import AnyRequest, TheDb, TheSettings
from roundtables.db import now
from roundtables.errors import NotFound
from roundtables.post import readers
from roundtables.post.attribution import Shown
from roundtables.post.model import Post
from roundtables.post.pieces import Article, Discussion
from roundtables.post.serving import Site, answer, site
from roundtables.roundtable.model import Roundtable
from roundtables.roundtable.rules import Visibility
from roundtables.texts import _
from roundtables.web import colour
from roundtables.web.templating import environment

IN_A_FEED, IN_THE_CALENDAR, IN_THE_SITEMAP = 20, 500, 10_000
ATOM, SITEMAP = "http://www.w3.org/2005/Atom", "http://www.sitemaps.org/schemas/sitemap/0.9"
FOREVER = "public, max-age=31536000, immutable"
CLOSED_TO_ROBOTS = ("/desk", "/i/", "/sign-in", "/api/", "/search", "/mailroom")


@get("/feed.atom", sync_to_thread=True, include_in_schema=False)
def all_posts(request: AnyRequest, db: TheDb, settings: TheSettings) -> Response[bytes]:
    with db.read() as session:
        where, found = site(session, settings), readers.posts(session, limit=IN_A_FEED)
    return _atom(request, where, "/", where.name, found)


@get("/topics/{slug:str}/feed.atom", sync_to_thread=True, include_in_schema=False)
def of_topic(request: AnyRequest, slug: FromPath[str], db: TheDb, settings: TheSettings) -> Response[bytes]:
    with db.read() as session:
        where, topic = site(session, settings), readers.topic(session, slug)
        found = readers.posts(session, readers.on_topic(slug), limit=IN_A_FEED)
    return _atom(request, where, topic.path, f"{topic.name}, {where.name}", found)


@get("/conveners/{slug:str}/feed.atom", sync_to_thread=True, include_in_schema=False)
def of_convener(request: AnyRequest, slug: FromPath[str], db: TheDb, settings: TheSettings) -> Response[bytes]:
    with db.read() as session:
        host = readers.host(session, slug)
        where = site(session, settings, of=host)
        found = readers.posts(session, col(Post.convener_id) == host.id, limit=IN_A_FEED)
    return _atom(request, where, f"/conveners/{host.slug}", host.name, found)


@get("/discussions/{slug:str}/feed.atom", sync_to_thread=True, include_in_schema=False)
def of_discussion(request: AnyRequest, slug: FromPath[str], db: TheDb, settings: TheSettings) -> Response[bytes]:
    with db.read() as session:
        table = readers.discussion(session, slug, now=now())
        where = site(session, settings, of=table.host)
        found = readers.posts(session, readers.about_table([table.id]), limit=IN_A_FEED)
    return _atom(request, where, table.path, f"{table.title}, {where.name}", found)


@get("/feed.json", sync_to_thread=True, include_in_schema=False)
def all_posts_json(request: AnyRequest, db: TheDb, settings: TheSettings) -> Response[bytes]:
    """JSON Feed 1.1."""
    with db.read() as session:
        where, found = site(session, settings), readers.posts(session, limit=IN_A_FEED)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": where.name,
        "home_page_url": f"{where.base}/",
        "feed_url": f"{where.base}/feed.json",
        "language": where.language,
        "items": [_json_item(article, where.base) for article in found],
    }
    return answer(request, json.dumps(feed, ensure_ascii=False).encode(), "application/feed+json")


@get("/discussions.ics", sync_to_thread=True, include_in_schema=False)
def calendar(request: AnyRequest, db: TheDb, settings: TheSettings) -> Response[bytes]:
    """Listed tables, for a calendar to subscribe to; without organiser and without guests."""
    listed = col(Roundtable.visibility) == Visibility.LISTED
    with db.read() as session:
        where = site(session, settings)
        tables = readers.discussions(session, listed, now=now(), limit=IN_THE_CALENDAR)
    entries = [_entry(table, where) for table in tables if table.shown is not Shown.CALLED_OFF]
    body = ics.feed(environment(where.language).said(_("Discussions, {name}", name=where.name)), entries)
    return answer(request, body, "text/calendar")


@get("/sitemap.xml", sync_to_thread=True, include_in_schema=False)
def sitemap(request: AnyRequest, db: TheDb, settings: TheSettings) -> Response[bytes]:
    with db.read() as session:
        addresses = _addresses(session)
    top = Element("urlset", xmlns=SITEMAP)
    for path, changed in addresses:
        entry = SubElement(top, "url")
        SubElement(entry, "loc").text = settings.public_url + path
        if changed:
            SubElement(entry, "lastmod").text = changed
    return answer(request, _xml(top), "application/xml")


@get("/robots.txt", sync_to_thread=True, include_in_schema=False)
def robots(request: AnyRequest, settings: TheSettings) -> Response[bytes]:
    closed = "".join(f"Disallow: {path}\n" for path in CLOSED_TO_ROBOTS)
    text = f"User-agent: *\n{closed}Sitemap: {settings.public_url}/sitemap.xml\n"
    return answer(request, text.encode(), "text/plain")


@get("/accent/{name:str}", sync_to_thread=True, include_in_schema=False)
def accent(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """The stylesheet of one colour, "/accent/7b2150.css": it never changes. Raises NotFound."""
    digits, dot, kind = name.partition(".")
    if len(digits) != 6 or (dot, kind) != (".", "css"):
        raise NotFound
    try:
        css = colour.accent_css(digits)
    except ValueError as error:
        raise NotFound from error
    return answer(request, css.encode(), "text/css", cache=FOREVER)


def _atom(request: AnyRequest, where: Site, path: str, title: str, found: Sequence[Article]) -> Response[bytes]:
    """RFC 4287. What it says of its own time is that of its newest entry, or of the site's beginning."""
    own = f"{where.base}{path.rstrip('/')}/feed.atom"
    top = Element("feed", {"xmlns": ATOM, "xml:lang": where.language})
    _texts(top, id=own, title=title)
    SubElement(top, "link", rel="self", type="application/atom+xml", href=own)
    SubElement(top, "link", rel="alternate", type="text/html", href=where.base + path)
    newest = max((article.changed_at for article in found), default=where.since)
    _texts(top, updated=newest.isoformat(timespec="seconds"))
    SubElement(SubElement(top, "author"), "name").text = where.name
    for article in found:
        _atom_entry(SubElement(top, "entry"), article, where.base)
    return answer(request, _xml(top), "application/atom+xml; charset=utf-8")


def _atom_entry(entry: Element, article: Article, base: str) -> None:
    address = base + article.path
    _texts(entry, id=address, title=article.title)
    SubElement(entry, "link", rel="alternate", type="text/html", href=address)
    _texts(
        entry,
        published=article.published_at.isoformat(timespec="seconds"),
        updated=article.changed_at.isoformat(timespec="seconds"),
    )
    for author in article.authors:
        SubElement(SubElement(entry, "author"), "name").text = author["name"]
    if article.standfirst:
        SubElement(entry, "summary").text = article.standfirst
    content = SubElement(entry, "content", {"type": "html", "xml:lang": article.language})
    content.text = article.html


def _texts(parent: Element, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, name).text = text


def _xml(top: Element) -> bytes:
    """Characters that XML 1.0 cannot hold are left out."""
    for element in top.iter():
        element.text = "".join(c for c in element.text if c.isprintable() or c in "\n\t") if element.text else None
    return bytes(tostring(top, encoding="utf-8", xml_declaration=True))


def _json_item(article: Article, base: str) -> dict[str, Any]:
    item = {
        "id": base + article.path,
        "url": base + article.path,
        "external_url": article.canonical_url,
        "title": article.title,
        "summary": article.standfirst,
        "content_html": article.html,
        "date_published": article.published_at.isoformat(timespec="seconds"),
        "date_modified": article.changed_at.isoformat(timespec="seconds"),
        "authors": [{"name": author["name"]} for author in article.authors],
        "language": article.language,
    }
    return {name: value for name, value in item.items() if value}


def _entry(table: Discussion, where: Site) -> ics.PublicEntry:
    """Its version is the age of the plan at its last change, in seconds: it grows, and says nothing about letters."""
    return ics.PublicEntry(
        uid=table.public_uid,
        starts_at=table.starts_at,
        ends_at=table.ends_at,
        time_zone=table.time_zone,
        summary=table.title,
        description=table.question,
        url=where.base + table.path,
        stamp=table.changed_at,
        sequence=max(0, int((table.changed_at - table.created_at).total_seconds())),
    )


def _addresses(session: Session) -> list[tuple[str, str]]:
    """Every public page, and the day it last changed where that is known."""
    posts = readers.posts(session, limit=IN_THE_SITEMAP)
    tables = readers.discussions(session, now=now(), limit=IN_THE_SITEMAP)
    return [
        *((path, "") for path in ("/", "/posts/", "/discussions/", "/reports/", "/data")),
        *((article.path, article.changed_at.date().isoformat()) for article in posts),
        *((table.path, table.changed_at.date().isoformat()) for table in tables),
        *((paper.path, "") for paper in readers.reports(session, limit=IN_THE_SITEMAP)),
        *((topic.path, "") for topic in readers.topics(session)),
        *((f"/conveners/{host.slug}", "") for host in readers.hosts(session, limit=IN_THE_SITEMAP)),
    ]


HANDLERS = [
    *(all_posts, of_topic, of_convener, of_discussion, all_posts_json),
    *(calendar, sitemap, robots, accent),
]
