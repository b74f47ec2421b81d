"""What an author writes, tidied and checked field by field. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from roundtables.naming import slug
from roundtables.texts import _

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
        "title": (
            not text.title or len(text.title) > LONGEST_TITLE,
            _("A title of at most {most} letters.", most=LONGEST_TITLE),
        ),
        "standfirst": (
            len(text.standfirst) > LONGEST_STANDFIRST,
            _("At most {most} letters.", most=LONGEST_STANDFIRST),
        ),
        "body": (len(text.body) > LONGEST_BODY, _("At most {most} letters.", most=LONGEST_BODY)),
        "authors": (
            len(text.authors) > MOST_AUTHORS or any(not author["name"] for author in text.authors),
            _("Each author has a name, and there are at most {most} of them.", most=MOST_AUTHORS),
        ),
        "topics": (len(text.topics) > MOST_LINKS, _("At most {most} topics.", most=MOST_LINKS)),
        "language": (not _is_language(text.language), _("A language such as en-GB.")),
        "canonical_url": (not _is_link(text.canonical_url), _("A link begins with https://.")),
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
