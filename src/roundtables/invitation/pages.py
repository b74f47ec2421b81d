"""
The invitee's own page: no account, no cookie, no script, and nothing that opening it could change.

The token in its address is what allows an answer; whoever holds the link could have answered the letter as well.
"""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from sqlmodel import Session

from roundtables.attendance.actions import record_needs
from roundtables.convener.access import TheDb
from roundtables.convener.rules import LINK_HOLDERS
from roundtables.db import acts, now
from roundtables.errors import NotFound, Refusal
from roundtables.invitation import answering, deputies, facing, queries
from roundtables.invitation.queries import Whole
from roundtables.invitation.rules import Answer, NeedsHuman, Reply, Via
from roundtables.texts import _
from roundtables.web import languages
from roundtables.web.answers import page, see
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]
NEEDS = ("dietary", "access", "note")


@get("/", sync_to_thread=True)
def show(token: FromPath[str], db: TheDb, answer: FromQuery[str] = "") -> Response[str]:
    """The page; `?answer=` only fills the form in."""
    return _shown(db, token, Form({"answer": answer}))


@post("/answer", sync_to_thread=True)
def answer(token: FromPath[str], data: Typed, db: TheDb) -> Response[str]:
    """Yes, no or not sure yet. A button says which; without one (a program, the Enter key) the choice does."""
    form = Form(data)
    wanted = form.get("send") or ("deputy" if form.get("name") or form.get("email") else form.get("answer"))
    if wanted == "deputy":
        return _propose(db, token, form)
    try:
        with db.write() as session:
            _record(session, _theirs(session, token), form, wanted)
    except NotFound:
        raise
    except Refusal as error:
        form.refuse(error)
        return _shown(db, token, form, chosen=wanted, status=422)
    return see(f"/i/{token}")


@post("/deputy", sync_to_thread=True)
def deputy(token: FromPath[str], data: Typed, db: TheDb) -> Response[str]:
    """Somebody who would come instead; an organiser decides."""
    return _propose(db, token, Form(data))


@post("/needs", sync_to_thread=True)
def needs(token: FromPath[str], data: Typed, db: TheDb) -> Response[str]:
    """What they eat, how they get in, anything else; replaces what was said before and is never shown again."""
    form = Form(data)
    try:
        with db.write() as session:
            whole = _theirs(session, token)
            facing.refuse_if_over(whole, now())
            _keep_needs(session, whole, form, even_if_empty=True)
    except NotFound:
        raise
    except Refusal as error:
        form.refuse(error)
        return _shown(db, token, form, status=422)
    return see(f"/i/{token}")


@post("/undo", sync_to_thread=True)
def undo(token: FromPath[str], db: TheDb) -> Response[str]:
    """Takes the newest answer back."""
    form = Form()
    try:
        with db.write() as session:
            whole = _theirs(session, token)
            answering.undo(session, whole.invitation, by=whole.invitation.name, now=now())
    except NotFound:
        raise
    except Refusal as error:
        form.refuse(error)
        return _shown(db, token, form, status=422)
    return see(f"/i/{token}")


def _theirs(session: Session, token: str) -> Whole:
    """The invitation of that link; what is changed in this transaction is its holder's doing. Raises NotFound."""
    whole = queries.by_page_token(session, token)
    acts(session, f"invitation:{whole.invitation.id}")
    return whole


def _propose(db: TheDb, token: str, form: Form) -> Response[str]:
    name = form.text("name", needed="Who would come? Please write a name.", most=200)
    email = form.text("email", needed="Their e-mail, please, so that we can write to them.", most=254)
    comment = form.text("note", most=2000) if "send" not in form.typed else ""  # on the page, the note is of needs
    try:
        form.check()
        with db.write() as session:
            whole = _theirs(session, token)
            facing.refuse_if_over(whole, now())
            by = whole.invitation.name
            deputies.propose(session, whole.invitation, name=name, email=email, comment=comment, by=by, now=now())
    except NotFound:
        raise
    except Refusal as error:
        form.refuse(error)
        return _shown(db, token, form, chosen="deputy", status=422)
    return see(f"/i/{token}")


def _record(session: Session, whole: Whole, form: Form, wanted: str) -> None:
    """One answer, with what came beside it. Raises Refusal."""
    form.typed["answer"] = wanted
    said = form.choice("answer", Answer, Answer.ACCEPTED)
    reply = Reply(
        answer=said,
        received_at=now(),
        via=Via.PAGE,
        until=_until(form, whole, now()) if said is Answer.TENTATIVE else None,
        comment=form.text("comment", most=2000),
    )
    if not wanted:
        form.errors["answer"] = _("Please choose one of the four.")
    form.check()
    outcome = answering.record_reply(session, whole.invitation, reply, by=whole.invitation.name, now=reply.received_at)
    if said is Answer.ACCEPTED and not isinstance(outcome, NeedsHuman):
        _keep_needs(session, whole, form)


def _keep_needs(session: Session, whole: Whole, form: Form, *, even_if_empty: bool = False) -> None:
    said = {name: form.text(name, most=2000) for name in NEEDS}
    form.check()
    if even_if_empty or any(said.values()):
        record_needs(session, whole.invitation, **said, now=now())


def _until(form: Form, whole: Whole, at: datetime) -> date | None:
    until = form.day("until")
    zone = ZoneInfo(whole.roundtable.time_zone)
    first, last = at.astimezone(zone).date(), whole.roundtable.starts_at.astimezone(zone).date()
    if until is not None and not first <= until <= last:
        form.errors["until"] = _("A day between today and the day of the table, please.")
    return until


def _shown(db: TheDb, token: str, form: Form, *, chosen: str = "", status: int = 200) -> Response[str]:
    at = now()
    with db.read() as session:
        faced = facing.face(session, token, at)
    form.typed.setdefault("until", _likely(faced.whole, at).isoformat())
    chosen = chosen or form.get("answer")
    held = faced.whole.invitation.answer or Answer.ACCEPTED
    return page(
        "invitation/answer.html",
        status=status,
        site=faced.whole.site,
        at=f"/i/{token}",
        form=form,
        faced=faced,
        asked_for=chosen in faced.answers,
        chosen=chosen if chosen in faced.answers else held,
        now=at,
    )


def _likely(whole: Whole, at: datetime) -> date:
    """By when somebody who is not sure may know: two weeks before the table, tomorrow if that is past."""
    zone = ZoneInfo(whole.roundtable.time_zone)
    last = whole.roundtable.starts_at.astimezone(zone).date()
    return min(last, max(at.astimezone(zone).date() + timedelta(days=1), last - timedelta(days=14)))


def _unknown(request: Request[Any, Any, Any], error: NotFound) -> Response[str]:
    site = {"name": "Roundtables", "accent": "#7b2150"}
    site["language"] = languages.best(request.headers.get("accept-language", ""))
    return page("invitation/unknown.html", status=404, site=site)


HANDLERS = [
    Router(
        "/i/{token:str}",
        route_handlers=[show, answer, deputy, needs, undo],
        exception_handlers={NotFound: _unknown},
        opt={"may": LINK_HOLDERS},
        include_in_schema=False,
    )
]
