"""The web service, put together: doors, dependencies, and what goes wrong. A composition root."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from litestar import Litestar, Request, Router
from litestar.concurrency import set_asyncio_executor
from litestar.di import Provide
from litestar.plugins.pydantic import PydanticPlugin
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from roundtables import acting, doors
from roundtables.attendance.actions import take_down_needs
from roundtables.convener.access import provide_caller, provide_organiser
from roundtables.convener.rules import EVERYBODY
from roundtables.db import Db
from roundtables.mail.signature import Signer
from roundtables.mail.stationery import ReplyMode, Stationery
from roundtables.settings import Settings
from roundtables.watching import Watch
from roundtables.web import csrf, openapi, problems
from roundtables.web.kept import kept
from roundtables.web.shell import App, shell
from roundtables.web.templating import static_folder

THREADS = 16
LARGEST_BODY = 12 * 1024 * 1024


def stationery(settings: Settings) -> Stationery:
    """What letters are written on, by the operator's settings."""
    signer = None
    if settings.dkim_selector and settings.dkim_key_file:
        domain = settings.mail_from.partition("@")[2]
        signer = Signer(domain, settings.dkim_selector, settings.dkim_key_file.read_bytes())
    return Stationery(
        secret=settings.secret_key,
        public_url=settings.public_url,
        mail_from=settings.mail_from,
        reply_address=settings.reply_address,
        signer=signer,
        reply_mode=ReplyMode(settings.reply_mode),
    )


def database(settings: Settings) -> Db:
    return Db(settings.database, info={"stationery": stationery(settings), "take_down_needs": take_down_needs})


def threads() -> None:
    """Handlers run in a pool of ours; to be called before the event loop starts."""
    set_asyncio_executor(ThreadPoolExecutor(THREADS))


def create_app(settings: Settings, db: Db, more: Sequence[ControllerRouterHandler] = ()) -> App:
    """The ASGI application; `more` adds handlers (the demo's mail room)."""
    app = service(settings, db, more)
    return shell(acting.each_request(kept(cast("App", app), Watch(db).state)), secure=settings.secure)


def service(settings: Settings, db: Db, more: Sequence[ControllerRouterHandler] = ()) -> Litestar:
    """The doors with all that they need, without the outer layers."""
    return Litestar(
        route_handlers=[
            Router(
                "/api/v1",
                route_handlers=list(doors.API),
                dependencies={"caller": _provide(provide_caller)},
                include_in_schema=True,
            ),
            *doors.PAGES,
            create_static_files_router(
                "/static", [static_folder()], cache_control=None, include_in_schema=False, opt={"may": EVERYBODY}
            ),
            *more,
        ],
        dependencies={
            "db": Provide(lambda: db, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
            "organiser": _provide(provide_organiser),
        },
        before_request=_only_from_here(settings),
        exception_handlers=problems.HANDLERS,
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
        plugins=[PydanticPlugin(prefer_alias=True)],
        openapi_config=openapi.config({"may": EVERYBODY}),
        include_in_schema=False,
    )


def _provide(find: Any) -> Provide:
    return Provide(find, sync_to_thread=True)


def _only_from_here(settings: Settings) -> Any:
    def check(request: Request[Any, Any, Any]) -> None:
        if request.method in ("GET", "HEAD", "OPTIONS") or request.url.path.startswith("/api/"):
            return
        if csrf.comes_from_elsewhere(request.headers, settings.public_url):
            raise problems.NotAllowed("This form was sent from another site.")

    return check
