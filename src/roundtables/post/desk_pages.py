"""Posts at the desk: the list, the editor with its rule check, publication and withdrawal."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlmodel import Session

from roundtables.convener.access import Signed, TheDb, TheSettings, check_form
from roundtables.convener.rules import EDITORS, READERS, Organiser
from roundtables.db import Db, now
from roundtables.desk.frame import frame
from roundtables.errors import Refusal
from roundtables.post import actions, proofs, queries, readers, structured, telling
from roundtables.post.markdown import ended
from roundtables.post.pieces import Article
from roundtables.post.proofs import Proof
from roundtables.post.reading import form_of, read_text
from roundtables.post.rules import RuleBroken
from roundtables.post.text import Text
from roundtables.roundtable import queries as roundtables
from roundtables.settings import Settings
from roundtables.texts import _
from roundtables.web.answers import page, see
from roundtables.web.forms import Form
from roundtables.web.problems import NotAllowed

A_PAGE = 30
SAID = {
    "saved": _("Saved."),
    "published": _("Published. Everybody can read it now."),
    "scheduled": _("Scheduled. It goes out by itself at the hour below."),
    "withdrawn": _("Withdrawn. Nobody can read it any more."),
}
Typed = URLEncodedBody[dict[str, Any]]


@get("/", may=READERS, sync_to_thread=True)
def posts(organiser: Signed, db: TheDb, settings: TheSettings, after: FromQuery[int | None] = None) -> Response[str]:
    with db.read() as session:
        found = queries.page(session, organiser.convener_id, after=after, limit=A_PAGE + 1)
        context = frame(session, organiser, settings, current="posts")
        tables = {number: title for number, title, _ in queries.tables_of(session, organiser.convener_id)}
        linked = queries.links(session, [actions.number(row) for row in found])
    older = f"/desk/posts?after={found[A_PAGE - 1].id}" if len(found) > A_PAGE else ""
    newer = "/desk/posts" if after else ""
    shown: dict[str, Any] = {
        "posts": found[:A_PAGE],
        "tables": tables,
        "linked": linked,
        "older": older,
        "newer": newer,
    }
    return page("post/list.html", may_write=organiser.may_write_posts, **shown, **context)


@get("/new", may=EDITORS, sync_to_thread=True)
def new_post(
    organiser: Signed, db: TheDb, settings: TheSettings, roundtable: FromQuery[int | None] = None
) -> Response[str]:
    """An empty editor, or one about a table and its reports."""
    _allow(organiser)
    with db.read() as session:
        text = Text(title="", authors=[{"name": organiser.name, "title": "", "organisation": organiser.convener_name}])
        if roundtable is not None:
            table = roundtables.by_id(session, organiser.convener_id, roundtable)
            reports = queries.reports_of_table(session, roundtable)
            text = Text(title="", authors=text.authors, roundtable_ids=[table.id or 0], report_ids=reports)
    return _editor(organiser, db, settings, None, None, proof=proofs.of(text, []), text=text)


@post("/", may=EDITORS, sync_to_thread=True)
def write_post(data: Typed, organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    check_form(data, organiser, settings)
    _allow(organiser)
    form = Form(data)
    if form.get("do") == "preview":
        return _editor(organiser, db, settings, None, form)
    try:
        with db.write() as session:
            text = read_text(form, _zone(session, organiser))
            written = actions.number(actions.write(session, organiser.convener_id, text, now=now()))
    except Refusal as error:
        form.refuse(error)
        return _editor(organiser, db, settings, None, form, status=422)
    return see(f"/desk/posts/{written}?said=saved")


@get("/{post_id:int}", may=READERS, sync_to_thread=True)
def edit_post(
    post_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings, said: FromQuery[str] = ""
) -> Response[str]:
    return _editor(organiser, db, settings, post_id, None, said=said)


@post("/{post_id:int}", may=EDITORS, sync_to_thread=True)
def change_post(
    post_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    """Saves, or only shows what is typed. A published post is checked again before it is saved."""
    check_form(data, organiser, settings)
    _allow(organiser)
    form = Form(data)
    if form.get("do") == "preview":
        return _editor(organiser, db, settings, post_id, form)
    try:
        with db.write() as session:
            row = queries.by_id(session, organiser.convener_id, post_id)
            text = read_text(form, _zone(session, organiser))
            reason = form.text("override_reason", most=1000)
            actions.change(session, row, text, by=organiser.name, now=now(), override_reason=reason)
    except Refusal as error:
        form.refuse(error)
        return _editor(organiser, db, settings, post_id, form, status=409 if isinstance(error, RuleBroken) else 422)
    return see(f"/desk/posts/{post_id}?said=saved")


@post("/{post_id:int}/publication", may=EDITORS, sync_to_thread=True)
def publish_post(
    post_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    check_form(data, organiser, settings)
    _allow(organiser)
    form = Form(data)
    try:
        with db.write() as session:
            row = queries.by_id(session, organiser.convener_id, post_id)
            reason = form.text("override_reason", most=1000)
            state = actions.publish(session, row, by=organiser.name, now=now(), override_reason=reason).state
    except Refusal as error:
        status = 409 if isinstance(error, RuleBroken) else 422
        return _editor(organiser, db, settings, post_id, None, status=status, wrong=error.message)
    return see(f"/desk/posts/{post_id}?said={state}")


@post("/{post_id:int}/withdrawal", may=EDITORS, sync_to_thread=True)
def withdraw_post(
    post_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    check_form(data, organiser, settings)
    _allow(organiser)
    with db.write() as session:
        actions.withdraw(session, queries.by_id(session, organiser.convener_id, post_id), now=now())
    return see(f"/desk/posts/{post_id}?said=withdrawn")


@get("/{post_id:int}/as-a-reader", may=READERS, sync_to_thread=True)
def as_a_reader(post_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings) -> Response[str]:
    """The page as everybody will see it, before anybody does."""
    with db.read() as session:
        article = proofs.article(session, queries.by_id(session, organiser.convener_id, post_id), now=now())
        linked = queries.links(session, [post_id])[post_id]
        tables = readers.discussions(session, readers.tables_numbered(linked.roundtable_ids), now=now(), limit=50)
        papers = readers.reports(session, readers.papers_numbered(linked.report_ids), limit=50)
    thread = telling.thread(papers, tables, [article], article.path)
    return page(
        "public/post.html", html=ended(article.html), tables=tables, thread=thread, **_public(article, settings)
    )


def _public(article: Article, settings: Settings) -> dict[str, Any]:
    host = article.host
    site = {"name": host.name, "accent": host.accent, "tagline": "", "base": settings.public_url, "several": False}
    site["language"] = host.language
    shared = {"telling": telling, "structured": structured, "topics": [], "current": "posts"}
    return {"post": article, "site": site} | shared


def _editor(
    organiser: Organiser,
    db: Db,
    settings: Settings,
    post_id: int | None,
    form: Form | None,
    *,
    status: int = 200,
    said: str = "",
    wrong: str = "",
    proof: Proof | None = None,
    text: Text | None = None,
) -> Response[str]:
    """The editor: of what is typed, else of what is saved, else of `text`."""
    with db.read() as session:
        context = frame(session, organiser, settings, current="posts", flash=SAID.get(said, ""))
        row = queries.by_id(session, organiser.convener_id, post_id) if post_id is not None else None
        saved = actions.text_of(session, row) if row else text or Text(title="")
        seen = proof or proofs.proof(session, organiser.convener_id, form, saved, context["zone"])
        choices: dict[str, Any] = {
            "tables": queries.tables_of(session, organiser.convener_id),
            "reports": queries.reports_of(session, organiser.convener_id),
        }
    form = form or form_of(saved, context["zone"])
    shown: dict[str, Any] = {"post": row, "form": form, "proof": seen, "wrong": wrong or form.errors.get("", "")}
    return page("post/editor.html", status=status, may_write=organiser.may_write_posts, **shown, **choices, **context)


def _zone(session: Session, organiser: Organiser) -> str:
    return queries.zone_of(session, organiser.convener_id)


def _allow(organiser: Organiser) -> None:
    if not organiser.may_write_posts:
        raise NotAllowed("Your role may look at posts, and write none.")


HANDLERS = [
    Router(  # one router: handlers that share a path must be registered together
        "/desk/posts",
        route_handlers=[
            *(posts, new_post, write_post, edit_post, change_post),
            *(publish_post, withdraw_post, as_a_reader),
        ],
        include_in_schema=False,
    )
]
