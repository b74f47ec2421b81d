"""The book at the desk as a file: a sheet, a workbook, or cards."""

from collections.abc import Callable, Iterable
from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath

from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import ORGANISERS
from roundtables.desk.frame import frame
from roundtables.errors import NotFound
from roundtables.person import outgoing, queries
from roundtables.person.matching import Known
from roundtables.web.answers import page, plain

FILES: dict[str, tuple[Callable[[Iterable[Known]], bytes], str]] = {
    "people.csv": (outgoing.csv_file, "text/csv; charset=utf-8"),
    "people.xlsx": (outgoing.workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "people.vcf": (outgoing.card_file, "text/vcard; charset=utf-8"),
}


@get("/desk/people/export", may=ORGANISERS, sync_to_thread=True)
def choose(db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """Which kind of file."""
    with db.read() as session:
        context = frame(session, organiser, settings, current="people")
        number = queries.number(session, organiser.convener_id)
    return page("person/import_export.html", number=number, **context)


@get("/desk/people/export/{name:str}", may=ORGANISERS, sync_to_thread=True)
def download(name: FromPath[str], db: TheDb, organiser: Signed) -> Response[Any]:
    """The whole book as `name`. Only for those who may organise."""
    if name not in FILES:
        raise NotFound("file")
    write, media_type = FILES[name]
    with db.read() as session:
        content = write(queries.everybody(session, organiser.convener_id))
    return plain(content, media_type, headers={"content-disposition": f'attachment; filename="{name}"'})


HANDLERS = [Router("/", route_handlers=[choose, download], include_in_schema=False)]
