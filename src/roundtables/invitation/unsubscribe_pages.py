"""
The page behind List-Unsubscribe: no account, no cookie, no script, and nothing that opening it could change.

A mail program may post `List-Unsubscribe=One-Click` (RFC 8058 §3.1); a person presses a button, whose form carries a
token. Any other request changes nothing.
"""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation

from roundtables.convener.access import TheDb, TheSettings
from roundtables.convener.rules import LINK_HOLDERS
from roundtables.db import now
from roundtables.errors import NotFound
from roundtables.invitation import unsubscribing
from roundtables.settings import Settings
from roundtables.web import csrf, languages
from roundtables.web.answers import page
from roundtables.web.forms import Form

PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex"}


async def provide_typed(request: Request[Any, Any, Any]) -> Form:
    """The fields, whether they came as multipart or url-encoded: programs send either."""
    return Form(dict(await request.form()))


Typed = NamedDependency[SkipValidation[Form]]


@get("/", sync_to_thread=True)
def show(token: FromPath[str], db: TheDb, settings: TheSettings) -> Response[str]:
    """From whom the letters come, what leaving means, and a button."""
    return _shown(db, settings, token)


@post("/", sync_to_thread=True, status_code=200)
def leave(token: FromPath[str], typed: Typed, db: TheDb, settings: TheSettings) -> Response[str]:
    """No more letters: by the button, or by a mail program's one click."""
    by_program = typed.get("List-Unsubscribe") == "One-Click"
    if not by_program and not _is_ours(typed, settings, token):
        return _shown(db, settings, token, status=422)
    with db.write() as session:
        whole = unsubscribing.by_token(session, token)
        how = "by their mail program" if by_program else "on the page"
        unsubscribing.leave(session, whole.invitation, how=how, by=whole.invitation.name, now=now())
    return _shown(db, settings, token)


@post("/return", sync_to_thread=True, status_code=200)
def come_back(token: FromPath[str], typed: Typed, db: TheDb, settings: TheSettings) -> Response[str]:
    """Letters again, by the button only."""
    if not _is_ours(typed, settings, token):
        return _shown(db, settings, token, status=422)
    with db.write() as session:
        whole = unsubscribing.by_token(session, token)
        unsubscribing.come_back(session, whole.invitation, by=whole.invitation.name, now=now())
    return _shown(db, settings, token)


def _is_ours(typed: Form, settings: Settings, token: str) -> bool:
    return csrf.is_ours(typed.get(csrf.FIELD), settings.secret_key, _key(token))


def _key(token: str) -> str:
    return f"unsubscribe/{token.lower()}"


def _shown(db: TheDb, settings: Settings, token: str, *, status: int = 200) -> Response[str]:
    with db.read() as session:
        whole = unsubscribing.by_token(session, token)
        left = unsubscribing.has_left(session, whole.invitation)
    return page(
        "invitation/unsubscribe.html",
        status=status,
        headers=PRIVATE,
        site=whole.site,
        at=f"/u/{token}",
        guest=whole.invitation,
        left=left,
        csrf=csrf.form_token(settings.secret_key, _key(token)),
        unclear=status != 200,
    )


def _unknown(request: Request[Any, Any, Any], error: NotFound) -> Response[str]:
    site = {"name": "Roundtables", "accent": "#7b2150"}
    site["language"] = languages.best(request.headers.get("accept-language", ""))
    return page("invitation/unsubscribe.html", status=404, headers=PRIVATE, site=site, guest=None)


HANDLERS = [
    Router(
        "/u/{token:str}",
        route_handlers=[show, leave, come_back],
        dependencies={"typed": Provide(provide_typed)},
        exception_handlers={NotFound: _unknown},
        opt={"may": LINK_HOLDERS},
        include_in_schema=False,
    )
]
