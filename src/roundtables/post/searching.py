"""
Search over what is public. It reads the same rows as the pages, so it can find nothing that they do not show.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_
from sqlmodel import Session, col

from roundtables.post import readers
from roundtables.post.model import Post
from roundtables.post.pieces import Article, Discussion, Paper
from roundtables.post.readers import Condition
from roundtables.report.model import Report
from roundtables.roundtable.model import Roundtable

LONGEST, MOST_WORDS, MOST_FOUND = 200, 8, 20


@dataclass(frozen=True, slots=True)
class Found:
    """At most twenty of each; posts whose title has all the words come first."""

    posts: Sequence[Article] = ()
    discussions: Sequence[Discussion] = ()
    reports: Sequence[Paper] = ()

    def __bool__(self) -> bool:
        return bool(self.posts or self.discussions or self.reports)


def words(asked: str) -> list[str]:
    """What to look for: at most eight words, without case."""
    clean = "".join(letter for letter in asked[:LONGEST] if letter.isprintable())
    return list(dict.fromkeys(clean.lower().split()))[:MOST_WORDS]


def search(session: Session, words: Sequence[str], *, now: datetime) -> Found:
    """What has every one of the words, somewhere in its text."""
    if not words:
        return Found()
    posts = readers.posts(session, _has(words, Post.title, Post.standfirst, Post.plain), limit=MOST_FOUND)
    tables = _has(words, Roundtable.title, Roundtable.question, Roundtable.summary, Roundtable.town)
    return Found(
        posts=sorted(posts, key=lambda post: not all(word in post.title.lower() for word in words)),
        discussions=readers.discussions(session, tables, now=now, limit=MOST_FOUND),
        reports=readers.reports(session, _has(words, Report.title, Report.publisher), limit=MOST_FOUND),
    )


def _has(words: Sequence[str], *columns: str) -> Condition:
    return and_(*(or_(*(col(column).icontains(word, autoescape=True) for column in columns)) for word in words))
