"""What every way in ends with: a cookie of the desk, or one for the way there."""

from typing import Any

from litestar import Response
from sqlmodel import Session, select

from roundtables.convener import browsers, passkeys, queries, signing_in
from roundtables.convener.access import AnyRequest, cookie_name
from roundtables.convener.model import Convener
from roundtables.convener.passkeys import Site
from roundtables.convener.rules import SIGN_IN_ENDS, Organiser
from roundtables.convener.signing_in import ARRIVING_LASTS, Step
from roundtables.db import Db, now
from roundtables.settings import Settings
from roundtables.web.answers import page, see
from roundtables.web.forms import Form

GOING_TO = {"account": "/desk/account", "colleagues": "/desk/colleagues"}
WELCOME = [("V", 3), ("G", 2), ("R", 2), ("H", 2), ("L", 4), ("C", 3)]
SITE = {"name": "Roundtables", "accent": "#7b2150"}


def arrive(
    session: Session, request: AnyRequest, account_id: int, *, before: Organiser | None, to: str, sure: bool = False
) -> Step:
    """Somebody has shown who they are; `sure` where both factors were in that. Raises Refusal."""
    owes_code = not sure and queries.authenticator(session, account_id) is not None
    return signing_in.arrive(
        session, account_id, owes_code=owes_code, browser=browser(request), now=now(), before=before, going_to=to
    )


def let_in(step: Step, settings: Settings) -> Response[str]:
    """On with them, the cookie in hand."""
    if not step.signed_in:
        answer = see("/sign-in/next")
        return with_cookie(answer, settings, arriving_name(settings), step.cookie, ARRIVING_LASTS.total_seconds())
    answer = see(GOING_TO.get(step.going_to, "/desk"))
    with_cookie(answer, settings, cookie_name(settings), step.cookie, SIGN_IN_ENDS.total_seconds())
    return with_cookie(answer, settings, arriving_name(settings), "", 0)


def welcome(
    db: Db, settings: Settings, form: Form, *, status: int = 200, who: Organiser | None = None, **more: Any
) -> Response[str]:
    """The page of the way in; `who` is signed in already, and asked to show it again."""
    site = Site(settings.public_url, SITE["name"], settings.secret_key)
    context: dict[str, Any] = {
        "site": site_of(db),
        "form": form,
        "token": "",
        "sent": False,
        "welcome": WELCOME,
        "to": form.get("to") if form.get("to") in GOING_TO else "",
        "who": who.name if who else "",
        "passkey": passkeys.to_sign_in(site, now=now()) if site.has_passkeys else "",
        "oidc": bool(settings.oidc_issuer),
    }
    return page("convener/sign_in.html", status=status, **context | more)


def site_of(db: Db) -> dict[str, str]:
    """Whose house it is: the convener's, where there is but one."""
    with db.read() as session:
        conveners = session.exec(select(Convener).limit(2)).all()
    alone = conveners[0] if len(conveners) == 1 else None
    return {"name": alone.name, "accent": alone.accent, "language": alone.language} if alone else SITE


def browser(request: AnyRequest) -> str:
    return browsers.named(request.headers.get("user-agent", "")[:500])


def host(request: AnyRequest) -> str:
    return request.client.host if request.client else ""


def arriving_name(settings: Settings) -> str:
    return cookie_name(settings) + "-arriving"


def with_cookie(answer: Response[str], settings: Settings, name: str, value: str, seconds: float) -> Response[str]:
    answer.set_cookie(
        key=name, value=value, max_age=int(seconds), path="/", httponly=True, samesite="lax", secure=settings.secure
    )
    return answer
