"""What an author writes, tidied and checked field by field. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from roundtables.naming import slug

LONGEST_TITLE, LONGEST_STANDFIRST, LONGEST_BODY, MOST_LINKS, MOST_AUTHORS = 300, 1000, 100_000, 50, 20


@dataclass(frozen=True, slots=True)
class Text:
    """All that an author decides about a post; `body` is Markdown; each of `authors` has name, title, organisation."""

    title: str
    standfirst: str = ""
    body: str = ""
    authors: Sequence[Mapping[str, str]] = ()
    roundtable_ids: Sequence[int] = ()
    report_ids: Sequence[int] = ()
    topics: Sequence[str] = ()
    language: str = "en-GB"
    canonical_url: str = ""
    publish_at: datetime | None = None


def tidied(text: Text) -> Text:
    """Without needless space, each link and topic once."""
    return replace(
        text,
        title=" ".join(text.title.split()),
        standfirst=text.standfirst.strip(),
        roundtable_ids=tuple(dict.fromkeys(text.roundtable_ids)),
        report_ids=tuple(dict.fromkeys(text.report_ids)),
        topics=_topics(text.topics),
        authors=tuple(_author(author) for author in text.authors),
    )


def _topics(names: Sequence[str]) -> tuple[str, ...]:
    """Each once, the first way of writing it wins."""
    tidy = (" ".join(name.split())[:80] for name in names)
    return tuple({slug(name): name for name in reversed([name for name in tidy if name])}.values())[::-1]


def _author(author: Mapping[str, str]) -> dict[str, str]:
    name, title, organisation = (
        " ".join(author.get(key, "").split())[:200] for key in ("name", "title", "organisation")
    )
    return {"name": name, "title": title, "organisation": organisation}


def problems(text: Text) -> dict[str, str]:
    """What is wrong, by field."""
    told = {
        "title": (not text.title or len(text.title) > LONGEST_TITLE, f"A title of at most {LONGEST_TITLE} letters."),
        "standfirst": (len(text.standfirst) > LONGEST_STANDFIRST, f"At most {LONGEST_STANDFIRST} letters."),
        "body": (len(text.body) > LONGEST_BODY, f"At most {LONGEST_BODY} letters."),
        "authors": (
            len(text.authors) > MOST_AUTHORS or any(not author["name"] for author in text.authors),
            f"Each author has a name, and there are at most {MOST_AUTHORS} of them.",
        ),
        "topics": (len(text.topics) > MOST_LINKS, f"At most {MOST_LINKS} topics."),
        "language": (not _is_language(text.language), "A language such as en-GB."),
        "canonical_url": (not _is_link(text.canonical_url), "A link begins with https://."),
    }
    return {field: words for field, (wrong, words) in told.items() if wrong}


def _is_language(tag: str) -> bool:
    return 2 <= len(tag) <= 35 and tag.isascii() and tag.replace("-", "").isalnum()


def _is_link(address: str) -> bool:
    if not address:
        return True
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(address) <= 1000 and address.isprintable()
