"""Finds posts and what belongs to them, for those who write them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, col, select

from roundtables.convener.model import Convener
from roundtables.errors import NotFound
from roundtables.invitation.model import Invitation
from roundtables.person.model import Person, PersonAddress
from roundtables.post.attribution import Guest, Table
from roundtables.post.model import Post, PostReport, PostRoundtable, PostTopic, State
from roundtables.report.model import Report
from roundtables.roundtable.model import Roundtable, RoundtableReport
from roundtables.roundtable.rules import Rule

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Links:
    """What a post is linked to; topics by their names."""

    roundtable_ids: tuple[int, ...] = ()
    report_ids: tuple[int, ...] = ()
    topics: tuple[str, ...] = ()


def by_id(session: Session, convener_id: int, post_id: int) -> Post:
    """Raises NotFound."""
    post = session.get(Post, post_id)
    if post is None or post.convener_id != convener_id:
        raise NotFound("post")
    return post


def page(session: Session, convener_id: int, *, after: int | None = None, limit: int) -> list[Post]:
    """Newest first, `limit` and no more, beginning behind the id `after`."""
    found = select(Post).where(Post.convener_id == convener_id)
    if after is not None:
        found = found.where(col(Post.id) < after)
    return list(session.exec(found.order_by(col(Post.id).desc()).limit(limit)))


def links(session: Session, post_ids: Sequence[int]) -> dict[int, Links]:
    """The links of each post, in three queries whatever their number."""
    tables = select(PostRoundtable.post_id, PostRoundtable.roundtable_id)
    tables = tables.where(col(PostRoundtable.post_id).in_(post_ids)).order_by(col(PostRoundtable.roundtable_id))
    reports = select(PostReport.post_id, PostReport.report_id)
    reports = reports.where(col(PostReport.post_id).in_(post_ids)).order_by(col(PostReport.report_id))
    topics = select(PostTopic.post_id, PostTopic.name)
    topics = topics.where(col(PostTopic.post_id).in_(post_ids)).order_by(col(PostTopic.slug))
    found = [_by_post(session.exec(query)) for query in (tables, reports)]
    named = _by_post(session.exec(topics))
    return {i: Links(tuple(found[0].get(i, ())), tuple(found[1].get(i, ())), tuple(named.get(i, ()))) for i in post_ids}


def tables_to_protect(session: Session, roundtable_ids: Sequence[int]) -> list[Table]:
    """Each linked table with all who were ever asked to it, whatever became of it."""
    rules = session.exec(select(Roundtable.id, Roundtable.rule).where(col(Roundtable.id).in_(roundtable_ids))).all()
    rows = session.exec(
        select(Invitation, Person)
        .join(Person, col(Person.id) == Invitation.person_id)
        .where(col(Invitation.roundtable_id).in_(roundtable_ids))
        .order_by(col(Invitation.id))
    ).all()
    others = _other_addresses(session, roundtable_ids)
    return [
        Table(
            Rule(rule),
            [_guest(i, person, others.get(i.person_id, [])) for i, person in rows if i.roundtable_id == table_id],
        )
        for table_id, rule in rules
    ]


def convener_name(session: Session, convener_id: int) -> str:
    return session.get_one(Convener, convener_id).name


def zone_of(session: Session, convener_id: int) -> str:
    return session.get_one(Convener, convener_id).time_zone


def tables_of(session: Session, convener_id: int) -> list[tuple[int, str, datetime]]:
    """(id, title, start) of a convener's tables, the latest first: what a post can be about."""
    found = select(Roundtable.id, Roundtable.title, Roundtable.starts_at).where(Roundtable.convener_id == convener_id)
    rows = session.exec(found.order_by(col(Roundtable.starts_at).desc(), col(Roundtable.id).desc()).limit(200))
    return [(number, title, starts_at) for number, title, starts_at in rows if number is not None]


def reports_of(session: Session, convener_id: int) -> list[tuple[int, str]]:
    """(id, title) of a convener's reports, newest first."""
    found = select(Report.id, Report.title).where(Report.convener_id == convener_id)
    rows = session.exec(found.order_by(col(Report.id).desc()).limit(200))
    return [(number, title) for number, title in rows if number is not None]


def reports_of_table(session: Session, roundtable_id: int) -> list[int]:
    found = select(RoundtableReport.report_id).where(RoundtableReport.roundtable_id == roundtable_id)
    return list(session.exec(found.order_by(col(RoundtableReport.report_id))))


def due(session: Session, now: datetime) -> list[Post]:
    """Scheduled posts whose hour has come, oldest first, locked until the transaction ends."""
    found = select(Post).where(Post.state == State.SCHEDULED, col(Post.publish_at) <= now)
    return list(session.exec(found.order_by(col(Post.publish_at), col(Post.id)).with_for_update(skip_locked=True)))


def _by_post(rows: Iterable[tuple[int, Value]]) -> dict[int, list[Value]]:
    found: dict[int, list[Value]] = {}
    for post_id, value in rows:
        found.setdefault(post_id, []).append(value)
    return found


def _other_addresses(session: Session, roundtable_ids: Sequence[int]) -> dict[int, list[str]]:
    """The further addresses of everybody asked, by person."""
    asked = select(Invitation.person_id).where(col(Invitation.roundtable_id).in_(roundtable_ids))
    found = select(PersonAddress.person_id, PersonAddress.address).where(col(PersonAddress.person_id).in_(asked))
    return _by_post(session.exec(found.order_by(col(PersonAddress.id))))


def _guest(invitation: Invitation, person: Person, addresses: Sequence[str]) -> Guest:
    """As printed at the table, as in the book today, and the deputy they proposed."""
    return Guest(
        names=_told(invitation.name, person.name, invitation.deputy_name),
        addresses=_told(invitation.email, person.email, person.assistant_email, invitation.deputy_email, *addresses),
        organisations=_told(invitation.organisation, person.organisation),
        posts=_told(invitation.title, person.title),
    )


def _told(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
