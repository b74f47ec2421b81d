"""
Finds what everybody may read: published posts, the tables `attribution.visible` shows, and their reports.

Every public page, feed and calendar gets its rows here and nowhere else. No query in this file reads an invitation, a
person or an attendance, so that no public byte can depend on one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlmodel import Session, col

from roundtables.convener.model import Convener
from roundtables.errors import NotFound
from roundtables.post.attribution import Shown, visible
from roundtables.post.model import Post, PostReport, PostRoundtable, PostTopic, State
from roundtables.post.pieces import Article, Discussion, Host, Paper, Topic
from roundtables.report.model import Report
from roundtables.roundtable.model import Roundtable, RoundtableReport
from roundtables.roundtable.rules import Status, Visibility

Piece = TypeVar("Piece")
Condition = ColumnElement[bool]
PUBLISHED: Condition = and_(col(Post.state) == State.PUBLISHED, col(Post.published_at).is_not(None))
HOST: tuple[Any, ...] = tuple(getattr(Convener, name) for name in Host.__dataclass_fields__)
ARTICLE: tuple[Any, ...] = tuple(getattr(Post, name) for name in Article.__dataclass_fields__ if name != "host")
TABLE: tuple[Any, ...] = tuple(
    getattr(Roundtable, name) for name in Discussion.__dataclass_fields__ if name not in ("host", "came", "shown")
)
PAPER: tuple[Any, ...] = tuple(getattr(Report, name) for name in Paper.__dataclass_fields__ if name != "host")
HAS_POST: ColumnElement[bool] = exists(
    select(col(PostRoundtable.post_id))
    .join(Post, col(Post.id) == PostRoundtable.post_id)
    .where(col(PostRoundtable.roundtable_id) == Roundtable.id, PUBLISHED)
    .correlate(Roundtable)
)
MAY_SHOW: Condition = and_(  # what `visible` can say yes to; it decides, this only keeps the rest in the database
    col(Roundtable.visibility) != Visibility.PRIVATE,
    or_(col(Roundtable.visibility) == Visibility.LISTED, col(Roundtable.status) == Status.CLOSED, HAS_POST),
)
MAY_SHOW_REPORT: Condition = or_(
    exists(
        select(col(PostReport.post_id))
        .join(Post, col(Post.id) == PostReport.post_id)
        .where(col(PostReport.report_id) == Report.id, PUBLISHED)
        .correlate(Report)
    ),
    exists(
        select(col(RoundtableReport.report_id))
        .join(Roundtable, col(Roundtable.id) == RoundtableReport.roundtable_id)
        .where(col(RoundtableReport.report_id) == Report.id, MAY_SHOW)
        .correlate(Report)
    ),
)


def hosts(session: Session, *, limit: int = 2) -> list[Host]:
    """The conveners of this install, oldest first."""
    rows = session.execute(select(*HOST).order_by(col(Convener.id)).limit(limit))
    return [Host(*row) for row in rows]


def host(session: Session, slug: str) -> Host:
    """Raises NotFound."""
    row = session.execute(select(*HOST).where(col(Convener.slug) == slug)).one_or_none()
    if row is None:
        raise NotFound
    return Host(*row)


def host_numbered(session: Session, convener_id: int) -> Host:
    return Host(*session.execute(select(*HOST).where(col(Convener.id) == convener_id)).one())


def posts(session: Session, *where: Condition, limit: int, skip: int = 0) -> list[Article]:
    """Published posts, newest first."""
    found = select(*ARTICLE, *HOST).join(Convener, col(Convener.id) == Post.convener_id).where(PUBLISHED, *where)
    newest = found.order_by(col(Post.published_at).desc(), col(Post.id).desc())
    return [_article(row) for row in session.execute(newest.limit(limit).offset(skip))]


def post(session: Session, slug: str) -> Article:
    """Raises NotFound."""
    return _one(posts(session, col(Post.slug) == slug, limit=1))


def discussions(session: Session, *where: Condition, now: datetime, limit: int, skip: int = 0) -> list[Discussion]:
    """Tables the public may see, the latest first."""
    found = _tables().where(MAY_SHOW, *where)
    latest = found.order_by(col(Roundtable.starts_at).desc(), col(Roundtable.id).desc())
    rows = session.execute(latest.limit(limit).offset(skip))
    return [table for row in rows if (table := _discussion(row, now)).shown is not Shown.NOTHING]


def discussion(session: Session, slug: str, *, now: datetime) -> Discussion:
    """Raises NotFound."""
    return _one(discussions(session, col(Roundtable.slug) == slug, now=now, limit=1))


def reports(session: Session, *where: Condition, limit: int, skip: int = 0) -> list[Paper]:
    """Reports the public may see, the newest first."""
    found = select(*PAPER, *HOST).join(Convener, col(Convener.id) == Report.convener_id).where(MAY_SHOW_REPORT, *where)
    newest = found.order_by(col(Report.published_on).desc().nulls_last(), col(Report.id).desc())
    rows = session.execute(newest.limit(limit).offset(skip))
    return [Paper(row[0], Host(*row[len(PAPER) :]), *row[1 : len(PAPER)]) for row in rows]


def report(session: Session, slug: str) -> Paper:
    """Raises NotFound."""
    return _one(reports(session, col(Report.slug) == slug, limit=1))


def topics(session: Session, *where: Condition, limit: int = 500) -> list[Topic]:
    """Topics of published posts by their address, each once, under the name its newest post uses."""
    found = select(col(PostTopic.slug), col(PostTopic.name)).join(Post, col(Post.id) == PostTopic.post_id)
    rows = session.execute(
        found.where(PUBLISHED, *where).order_by(col(PostTopic.slug), col(Post.published_at), col(Post.id))
    )
    names = {row[0]: row[1] for row in rows}
    return [Topic(slug, name) for slug, name in names.items()][:limit]


def topic(session: Session, slug: str) -> Topic:
    """Raises NotFound."""
    return _one(topics(session, col(PostTopic.slug) == slug))


def count_posts(session: Session, *where: Condition) -> int:
    return session.scalar(select(func.count()).select_from(Post).where(PUBLISHED, *where)) or 0


def count_discussions(session: Session, *where: Condition) -> int:
    return session.scalar(select(func.count()).select_from(Roundtable).where(MAY_SHOW, *where)) or 0


def posts_each(session: Session, discussions: Iterable[Discussion]) -> dict[int, int]:
    """How many published posts each of these tables led to."""
    ids = [table.id for table in discussions]
    found = (
        select(col(PostRoundtable.roundtable_id), func.count())
        .join(Post, col(Post.id) == PostRoundtable.post_id)
        .where(PUBLISHED, col(PostRoundtable.roundtable_id).in_(ids))
        .group_by(col(PostRoundtable.roundtable_id))
    )
    return dict.fromkeys(ids, 0) | {row[0]: row[1] for row in session.execute(found)}


def about_table(ids: Sequence[int]) -> Condition:
    """Posts linked to one of these tables."""
    linked = select(col(PostRoundtable.post_id)).where(col(PostRoundtable.roundtable_id).in_(ids))
    return col(Post.id).in_(linked)


def on_topic(slug: str) -> Condition:
    """Posts with this topic."""
    return col(Post.id).in_(select(col(PostTopic.post_id)).where(col(PostTopic.slug) == slug))


def led_to_post(ids: Sequence[int]) -> Condition:
    """Tables linked to one of these posts."""
    linked = select(col(PostRoundtable.roundtable_id)).where(col(PostRoundtable.post_id).in_(ids))
    return col(Roundtable.id).in_(linked)


def behind(*, posts: Sequence[int] = (), tables: Sequence[int] = ()) -> Condition:
    """Reports linked to one of these posts or tables."""
    by_post = select(col(PostReport.report_id)).where(col(PostReport.post_id).in_(posts))
    by_table = select(col(RoundtableReport.report_id)).where(col(RoundtableReport.roundtable_id).in_(tables))
    return or_(col(Report.id).in_(by_post), col(Report.id).in_(by_table))


def tables_numbered(ids: Sequence[int]) -> Condition:
    return col(Roundtable.id).in_(ids)


def papers_numbered(ids: Sequence[int]) -> Condition:
    return col(Report.id).in_(ids)


def on_report(report_id: int) -> Condition:
    """Tables about this report."""
    linked = select(col(RoundtableReport.roundtable_id)).where(col(RoundtableReport.report_id) == report_id)
    return col(Roundtable.id).in_(linked)


def after_report(report_id: int, tables: Sequence[int]) -> Condition:
    """Posts linked to this report, or to one of the tables about it."""
    linked = select(col(PostReport.post_id)).where(col(PostReport.report_id) == report_id)
    return or_(col(Post.id).in_(linked), about_table(tables))


def _one(found: Sequence[Piece]) -> Piece:
    if not found:
        raise NotFound
    return found[0]


def _article(row: Row[Any]) -> Article:
    return Article(row[0], Host(*row[len(ARTICLE) :]), *row[1 : len(ARTICLE)])


def _tables() -> Select[Any]:
    extra = (col(Roundtable.came_in_public), col(Roundtable.status), col(Roundtable.visibility), HAS_POST)
    return select(*TABLE, *extra, *HOST).join(Convener, col(Convener.id) == Roundtable.convener_id)


def _discussion(row: Row[Any], now: datetime) -> Discussion:
    values = dict(zip((column.key for column in TABLE), row, strict=False))
    came, status, visibility, post_published = row[len(TABLE) : len(TABLE) + 4]
    shown = visible(
        Status(status),
        Visibility(visibility),
        ends_at=values["ends_at"],
        post_published=bool(post_published),
        now=now,
    )
    return Discussion(**values, host=Host(*row[len(TABLE) + 4 :]), came=came, shown=shown)
