"""
What goes wrong, told to whoever asked: a page for a browser, problem+json (RFC 9457) for a program.
"""

import logging
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import IntegrityError, OperationalError

from roundtables.errors import NotFound, Refusal, Refusals, TryLater, Unreadable
from roundtables.texts import _
from roundtables.web import languages
from roundtables.web.templating import environment

log = logging.getLogger("roundtables.web")
PROBLEM = "application/problem+json"
AnyRequest = Request[Any, Any, Any]


class NotSignedIn(Exception):
    """The desk asks who is there."""


class NotFresh(Exception):
    """Signed in too long ago for this; `to` is where to go on afterwards."""

    def __init__(self, to: str = "account") -> None:
        super().__init__(to)
        self.to = to


class NotAllowed(Refusal):
    """Signed in, but not for this."""


def problem(
    status: int, detail: str, *, errors: list[dict[str, str]] | None = None, **more: Any
) -> Response[dict[str, Any]]:
    body: dict[str, Any] = {"title": HTTPStatus(status).phrase, "status": status, "detail": str(detail)}
    body |= {"errors": errors} if errors is not None else {}
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    return Response(body | more, status_code=status, media_type=PROBLEM, headers=headers)


def on_refusal(request: AnyRequest, error: Refusal) -> Response[Any]:
    status = 404 if isinstance(error, NotFound) else 403 if isinstance(error, NotAllowed) else 409
    if not _program(request):
        return told(request, status, error.message)
    fields = error.errors if isinstance(error, Refusals) else {error.field: error.message} if error.field else {}
    if fields and status == 409:
        status = 422
    return problem(status, error.message, errors=[{"field": f, "message": str(m)} for f, m in fields.items()])


def on_unreadable(request: AnyRequest, error: Unreadable) -> Response[Any]:
    return problem(422, str(error)) if _program(request) else told(request, 422, str(error))


def on_http_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
    status, detail = error.status_code, error.detail
    if isinstance(error, ValidationException):
        return _invalid(request, error)
    if status == 404:
        detail = _("There is no such page here.")
    return problem(status, detail) if _program(request) else told(request, status, _(detail))


def on_fault(request: AnyRequest, error: Exception) -> Response[Any]:
    """Ours: nothing was kept, and nothing about the inside is told."""
    if isinstance(error, TryLater | OperationalError):
        log.error("the database does not answer: %s", type(error).__name__)
        status = 507 if "full" in str(error) else 503
        detail = _("The service cannot keep anything just now. Nothing was changed; please try again shortly.")
    elif isinstance(error, IntegrityError):
        status, detail = 409, _("Somebody else changed this at the same moment. Look again, then try once more.")
    else:
        log.exception("unexpected")
        status, detail = 500, _("Something went wrong on our side. Nothing was changed; it has been noted.")
    return problem(status, detail) if _program(request) else told(request, status, detail)


def on_stranger(request: AnyRequest, error: NotSignedIn) -> Response[Any]:
    if _program(request):
        return problem(401, "A valid API token is needed: Authorization: Bearer TOKEN.")
    return Response("", status_code=303, headers={"location": "/sign-in"})


def on_stale(request: AnyRequest, error: NotFresh) -> Response[Any]:
    return Response("", status_code=303, headers={"location": f"/sign-in?to={error.to}"})


def told(request: AnyRequest, status: int, words: str) -> Response[str]:
    """
    A plain page that says what is wrong and where to go on, in the language the browser asks for: it is kept nowhere,
    and who reads it is not known.
    """
    site = {"name": "Roundtables", "accent": "#7b2150"}
    language = languages.best(request.headers.get("accept-language", ""))
    html = environment(language).get_template("_layout/told.html").render(site=site, status=status, words=words)
    return Response(html, status_code=status, media_type="text/html", headers={"vary": "accept-language"})


def _invalid(request: AnyRequest, error: ValidationException) -> Response[Any]:
    extra = error.extra if isinstance(error.extra, list) else []
    errors = [{"field": str(e.get("key", "")), "message": str(e.get("message", ""))} for e in extra]
    detail = "The request has fields that cannot be read."
    if not _program(request):
        return told(request, 400, _("The page could not read what was sent."))
    malformed = not errors
    return problem(400 if malformed else 422, detail if errors else error.detail, errors=errors)


def _program(request: AnyRequest) -> bool:
    return request.url.path.startswith("/api/")


HANDLERS: Any = {
    NotSignedIn: on_stranger,
    NotFresh: on_stale,
    Refusal: on_refusal,
    Unreadable: on_unreadable,
    HTTPException: on_http_error,
    Exception: on_fault,
}
