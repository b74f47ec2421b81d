"""What search engines and other sites read in the head of a page: JSON-LD, schema.org. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from roundtables.post.attribution import Shown
from roundtables.post.pieces import Article, Discussion, Host, Paper

STATUS = {Shown.CALLED_OFF: "https://schema.org/EventCancelled"}


def blog_posting(article: Article, base: str) -> dict[str, Any]:
    return _thing(
        "BlogPosting",
        headline=article.title,
        url=base + article.path,
        inLanguage=article.language,
        datePublished=article.published_at.isoformat(timespec="seconds"),
        dateModified=article.changed_at.isoformat(timespec="seconds"),
        author=[_author(author) for author in article.authors],
        publisher=organisation(article.host, base),
        isBasedOn=article.canonical_url,
    )


def event(table: Discussion, base: str) -> dict[str, Any]:
    """Nobody attends or performs in it: who came is nobody's business."""
    return _thing(
        "Event",
        name=table.title,
        description=table.question,
        url=base + table.path,
        startDate=table.starts_at.isoformat(timespec="seconds"),
        endDate=table.ends_at.isoformat(timespec="seconds"),
        eventStatus=STATUS.get(table.shown, "https://schema.org/EventScheduled"),
        location=_thing("Place", name=table.town, address=table.town) if table.town else None,
        organizer=organisation(table.host, base),
    )


def report(paper: Paper, base: str) -> dict[str, Any]:
    return _thing(
        "Report",
        name=paper.title,
        url=base + paper.path,
        sameAs=paper.url,
        author=[_thing("Person", name=name) for name in paper.authors],
        publisher=_thing("Organization", name=paper.publisher) if paper.publisher else None,
        datePublished=paper.published_on.isoformat() if paper.published_on else None,
    )


def organisation(host: Host, base: str) -> dict[str, Any]:
    return _thing("Organization", name=host.name, url=f"{base}/conveners/{host.slug}")


def block(thing: Mapping[str, Any]) -> Markup:
    """A data block for the head; nothing in it can end the element it stands in."""
    text = json.dumps({"@context": "https://schema.org"} | dict(thing), ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704  escaped just above


def _author(author: Mapping[str, str]) -> dict[str, Any]:
    works_for = _thing("Organization", name=author["organisation"]) if author["organisation"] else None
    return _thing("Person", name=author["name"], jobTitle=author["title"], worksFor=works_for)


def _thing(kind: str, **values: Any) -> dict[str, Any]:
    return {"@type": kind} | {name: value for name, value in values.items() if value}
