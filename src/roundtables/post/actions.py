"""
What authors and organisers do with posts. Each action runs inside the caller's transaction.

The HTML and the plain words are made when a post is saved; the Rule check runs whenever words become public.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from roundtables.errors import Refusal, Refusals
from roundtables.naming import slug, unused
from roundtables.post import queries
from roundtables.post.attribution import Finding, findings
from roundtables.post.markdown import to_html, to_plain
from roundtables.post.model import Author, Post, PostReport, PostRoundtable, PostTopic, State
from roundtables.post.queries import Links
from roundtables.post.rules import RuleBroken, blocks, newly_found, waits
from roundtables.post.text import MOST_LINKS, Text, problems, tidied
from roundtables.report.model import Report
from roundtables.roundtable.model import Roundtable

IN_PUBLIC = (State.PUBLISHED, State.SCHEDULED)


def write(session: Session, convener_id: int, text: Text, *, now: datetime) -> Post:
    """A new draft. Raises Refusal."""
    text = _checked(session, convener_id, text)
    post = Post(
        convener_id=convener_id,
        slug=_free_slug(session, text.title),
        title=text.title,
        state=State.DRAFT,
        changed_at=now,
        created_at=now,
    )
    return _put(session, post, text, now=now)


def change(session: Session, post: Post, text: Text, *, by: str, now: datetime, override_reason: str = "") -> Post:
    """
    Writes a changed text down. What is published already, or will be, is checked again: Raises Refusal, or
    RuleBroken for findings that no earlier reason covers, unless `override_reason` gives one.
    """
    text = _checked(session, post.convener_id, text)
    before = check(session, post) if post.state in IN_PUBLIC and post.override_reason else []
    _put(session, post, text, now=now)
    if post.published_at is None:
        post.slug = _free_slug(session, text.title, own=post.id)
        session.flush()
    if post.state in IN_PUBLIC:
        _allow(post, newly_found(before, check(session, post)), override_reason, by=by)
    return post


def check(session: Session, post: Post) -> list[Finding]:
    """What the Rule check says about a post as it is saved."""
    return check_text(session, post.convener_id, text_of(session, post))


def check_text(session: Session, convener_id: int, text: Text) -> list[Finding]:
    """What the Rule check says about a text, saved or not. Raises Refusal."""
    tables = queries.tables_to_protect(session, _known(session, Roundtable, convener_id, text.roundtable_ids))
    authors = [words for author in text.authors for words in (author["name"], author["organisation"])]
    fields = {"title": text.title, "standfirst": text.standfirst, "body": text.body, "topics": ", ".join(text.topics)}
    return findings(
        fields | {"canonical_url": text.canonical_url},
        tables,
        ours=[*authors, queries.convener_name(session, convener_id)],
    )


def publish(session: Session, post: Post, *, by: str, now: datetime, override_reason: str = "") -> Post:
    """
    Gives a post to the public, now or at its `publish_at`. Raises RuleBroken with the findings, unless a reason to
    overrule them is given (kept, with who gave it); Refusal where there is nothing to publish.
    """
    if post.state is State.PUBLISHED:
        return post
    if not post.body.strip():
        raise Refusal("There is nothing to read in it yet.", field="body")
    _allow(post, check(session, post), override_reason, by=by)
    if waits(post.publish_at, now):
        post.state = State.SCHEDULED
    else:
        _show(post, now)
    session.add(post)
    session.flush()
    return post


def withdraw(session: Session, post: Post, *, now: datetime) -> Post:
    """Takes a post from the public; one that was only scheduled is a draft again. Raises Refusal."""
    if post.state not in IN_PUBLIC:
        raise Refusal("The post is not published: it is {state}.", state=post.state)
    post.state = State.WITHDRAWN if post.state is State.PUBLISHED else State.DRAFT
    post.changed_at = now
    session.add(post)
    session.flush()
    return post


def publish_due(session: Session, now: datetime) -> int:
    """Publishes what was scheduled until now; answers how many. One that names somebody by now waits for a person."""
    number = 0
    for post in queries.due(session, now):
        if post.override_reason or not blocks(check(session, post)):
            _show(post, now)
            number += 1
        else:
            post.state = State.IN_REVIEW
        session.add(post)
    session.flush()
    return number


def text_of(session: Session, post: Post) -> Text:
    """A post as it stands: `replace` fields of it and hand it to `change`."""
    linked = queries.links(session, [number(post)])[number(post)]
    names = Text.__dataclass_fields__.keys() - Links.__dataclass_fields__.keys()
    return Text(
        **{name: getattr(post, name) for name in names},
        **{name: getattr(linked, name) for name in Links.__dataclass_fields__},
    )


def number(post: Post) -> int:
    if post.id is None:
        raise Refusal("The post is not stored yet.")
    return post.id


def _show(post: Post, now: datetime) -> None:
    post.state, post.changed_at = State.PUBLISHED, now
    post.published_at = post.published_at or now


def _allow(post: Post, found: Sequence[Finding], reason: str, *, by: str) -> None:
    """Raises RuleBroken unless nothing must change or a reason is on record."""
    if not blocks(found):
        return
    if not reason.strip():
        raise RuleBroken(found)
    if len(reason) > 1000:
        raise Refusal("Please give the reason in at most 1,000 letters.", field="override_reason")
    post.override_reason, post.override_by = reason.strip(), by


def _put(session: Session, post: Post, text: Text, *, now: datetime) -> Post:
    for name in ("title", "standfirst", "body", "language", "canonical_url", "publish_at"):
        setattr(post, name, getattr(text, name))
    post.authors = [Author(name=a["name"], title=a["title"], organisation=a["organisation"]) for a in text.authors]
    post.html = to_html(text.body)
    post.plain = to_plain(post.html)
    post.changed_at = now
    session.add(post)
    session.flush()
    _link(session, number(post), text)
    return post


def _link(session: Session, post_id: int, text: Text) -> None:
    for kind in (PostRoundtable, PostReport, PostTopic):
        session.execute(delete(kind).where(col(kind.post_id) == post_id))
    session.add_all(PostRoundtable(post_id=post_id, roundtable_id=i) for i in text.roundtable_ids)
    session.add_all(PostReport(post_id=post_id, report_id=i) for i in text.report_ids)
    session.add_all(PostTopic(post_id=post_id, slug=slug(name), name=name) for name in text.topics)
    session.flush()


def _free_slug(session: Session, title: str, *, own: int | None = None) -> str:
    wanted = slug(title)
    taken = select(Post.slug).where(
        col(Post.slug).startswith(wanted, autoescape=True), col(Post.id).is_distinct_from(own)
    )
    return unused(wanted, set(session.exec(taken)))


def _checked(session: Session, convener_id: int, text: Text) -> Text:
    """The text tidied. Raises Refusals, a sentence for each field."""
    text = tidied(text)
    if wrong := problems(text) | _strangers(session, convener_id, text):
        raise Refusals(wrong)
    return text


def _strangers(session: Session, convener_id: int, text: Text) -> dict[str, str]:
    """Links to what is not this convener's."""
    told = {}
    for field, kind, ids in (
        ("roundtable_ids", Roundtable, text.roundtable_ids),
        ("report_ids", Report, text.report_ids),
    ):
        known = set(_known(session, kind, convener_id, ids))
        if missing := [str(i) for i in ids if i not in known][:MOST_LINKS]:
            told[field] = f"There is no {field.partition('_')[0]} {', '.join(missing)}."
    return told


def _known(session: Session, kind: type[Roundtable] | type[Report], convener_id: int, ids: Sequence[int]) -> list[int]:
    if not ids:
        return []
    if len(ids) > MOST_LINKS:
        raise Refusal("At most {most} links.", most=MOST_LINKS)
    found = session.exec(select(kind.id).where(kind.convener_id == convener_id, col(kind.id).in_(ids)))
    return [i for i in found if i is not None]
