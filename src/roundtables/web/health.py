"""/healthz: the process is up. /readyz: the database answers, migrations are done."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from sqlalchemy.exc import SQLAlchemyError

from roundtables.db import Db, is_migrated
from roundtables.web.answers import plain

TheDb = NamedDependency[SkipValidation[Db]]


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


HANDLERS = [healthz, readyz]
