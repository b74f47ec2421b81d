"""/healthz: the process is up. /readyz: the database answers, migrations are done. /metrics: figures, for loopback."""

from ipaddress import ip_address
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from roundtables.db import Db, is_migrated
from roundtables.errors import NotFound
from roundtables.web.answers import plain

TheDb = NamedDependency[SkipValidation[Db]]
UNSENT = "SELECT state, count(*) FROM outgoing_letter WHERE state IN ('held', 'queued', 'sending', 'failed') GROUP BY 1"
UNREAD = "SELECT count(*) FROM incoming_mail WHERE outcome IS NULL"


@get("/healthz", sync_to_thread=False, include_in_schema=False)
def healthz() -> Response[Any]:
    return plain("up\n", "text/plain")


@get("/readyz", sync_to_thread=True, include_in_schema=False)
def readyz(db: TheDb) -> Response[Any]:
    try:
        ready = is_migrated(db)
    except SQLAlchemyError:
        return Response("the database does not answer\n", status_code=503, media_type="text/plain")
    words = "ready\n" if ready else "the database is not at the newest version\n"
    return Response(words, status_code=200 if ready else 503, media_type="text/plain")


@get("/metrics", sync_to_thread=True, include_in_schema=False)
def metrics(request: Request[Any, Any, Any], db: TheDb) -> Response[Any]:
    """Prometheus text. Anybody but this machine is told that there is no such page."""
    client = request.client.host if request.client else ""
    if request.headers.get("x-forwarded-for") or not _is_loopback(client):
        raise NotFound
    with db.read() as session:
        letters = session.connection().execute(text(UNSENT)).all()
        unread = session.connection().execute(text(UNREAD)).scalar_one()
    lines = ["# TYPE roundtables_letters gauge"]
    lines += [f'roundtables_letters{{state="{state}"}} {number}' for state, number in letters]
    lines += ["# TYPE roundtables_mail_unread gauge", f"roundtables_mail_unread {unread}", ""]
    return plain("\n".join(lines).encode() + generate_latest(REGISTRY), CONTENT_TYPE_LATEST)


def _is_loopback(client: str) -> bool:
    try:
        return ip_address(client).is_loopback
    except ValueError:
        return False


HANDLERS = [healthz, readyz, metrics]
