"""People by the file at the desk: sent or pasted, looked through, stored with one button, and taken out again."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody, URLEncodedBody

from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import ORGANISERS, Organiser
from roundtables.db import Db, now
from roundtables.desk.frame import check_organiser, frame
from roundtables.errors import Refusal, Unreadable
from roundtables.person import importing, kept_files, pasted, reading, storing
from roundtables.person.guarding import guarded
from roundtables.person.incoming import MOST_BYTES, Row
from roundtables.person.matching import Choice, Kind
from roundtables.person.model import PeopleFile
from roundtables.person.outgoing import BYTE_ORDER_MARK
from roundtables.person.storing import Choices
from roundtables.settings import Settings
from roundtables.texts import _
from roundtables.web.answers import page, plain, see
from roundtables.web.api import known_numbers
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]
Sent = MultipartBody[dict[str, Any]]
TEXT_CSV = "text/csv; charset=utf-8"


@get("/desk/people/import", may=ORGANISERS, sync_to_thread=True)
def form(db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """Where a file is chosen, or a list pasted."""
    return _form(db, organiser, settings, Form())


@post("/desk/people/import", may=ORGANISERS, sync_to_thread=True)
def look(data: Sent, db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """Reads what was sent and keeps it for an hour; nothing is stored."""
    upload = data.pop("file", None)
    check_organiser(data, organiser, settings)
    typed = Form(data)
    try:
        content, is_pasted = _content(upload, typed)
        if not sum(1 for _row in _people(content, is_pasted)):
            raise Refusal(_("There is nobody in it."), field="pasted" if is_pasted else "file")
    except (Refusal, Unreadable) as error:
        typed.refuse(error if isinstance(error, Refusal) else Refusal(error.args[0], field="file"))
        return _form(db, organiser, settings, typed, status=422)
    ours = (organiser.convener_id, organiser.account_id)
    with db.write() as session:
        file = kept_files.keep(session, *ours, content, pasted=is_pasted, now=now())
        address = f"/desk/people/import/{file.id}"
    return see(address)


@get("/desk/people/import/{file_id:int}", may=ORGANISERS, sync_to_thread=True)
def preview(file_id: FromPath[int], db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """What each row would be, with a choice for it."""
    file = _found(db, organiser, file_id)
    if file.began_at is not None:
        return see(f"/desk/people/import/{file_id}/outcome")
    seen = importing.preview(db, organiser.convener_id, _rows(file))
    with db.read() as session:
        context = frame(session, organiser, settings, current="people")
    return page("person/import_preview.html", file=file, preview=seen, Kind=Kind, lasts=kept_files.LASTS, **context)


@post("/desk/people/import/{file_id:int}/outcome", may=ORGANISERS, sync_to_thread=True)
def store(file_id: FromPath[int], data: Typed, db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """Stores the file as chosen; sent again, it stores nothing twice."""
    check_organiser(data, organiser, settings)
    file = _found(db, organiser, file_id)
    if file.report is None:
        with db.write() as session:
            began = kept_files.begin(session, _again(session, organiser, file_id), now=now())
        report = importing.store(db, organiser.convener_id, _rows(file), _choices(Form(data)), now=began)
        with db.write() as session:
            kept_files.finish(session, _again(session, organiser, file_id), report)
    return see(f"/desk/people/import/{file_id}/outcome")


@get("/desk/people/import/{file_id:int}/outcome", may=ORGANISERS, sync_to_thread=True)
def outcome(file_id: FromPath[int], db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """What became of the file, with every row that was not taken, and an undo."""
    file = _found(db, organiser, file_id)
    with db.read() as session:
        context = frame(session, organiser, settings, current="people")
        stay = storing.added_at(session, organiser.convener_id, file.began_at) if file.began_at else 0
    report, ends = kept_files.report_of(file), file.created_at + kept_files.LASTS
    context |= {"file": file, "report": report, "ends": ends, "stay": stay, "shown": importing.SHOWN}
    return page("person/import_outcome.html", **context)


@get("/desk/people/import/{file_id:int}/not-taken.csv", may=ORGANISERS, sync_to_thread=True)
def not_taken(file_id: FromPath[int], db: TheDb, organiser: Signed) -> Response[Any]:
    """Every row that was not taken, as a sheet."""
    report = kept_files.report_of(_found(db, organiser, file_id))
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    sheet = csv.writer(out)
    sheet.writerow(("row", "reason", "words"))
    sheet.writerows((left.row, guarded(left.reason), guarded(left.words)) for left in (report.left if report else ()))
    return plain(out.getvalue(), TEXT_CSV, headers={"content-disposition": 'attachment; filename="not-taken.csv"'})


@post("/desk/people/import/{file_id:int}/undo", may=ORGANISERS, sync_to_thread=True)
def undo(file_id: FromPath[int], data: Typed, db: TheDb, organiser: Signed, settings: TheSettings) -> Response[str]:
    """Takes out again whom the file added."""
    check_organiser(data, organiser, settings)
    file = _found(db, organiser, file_id)
    if file.began_at is not None and file.undone_at is None:
        importing.undo(db, organiser.convener_id, _rows(file), file.began_at)
        with db.write() as session:
            _again(session, organiser, file_id).undone_at = now()
    return see(f"/desk/people/import/{file_id}/outcome")


def _form(db: Db, organiser: Organiser, settings: Settings, form: Form, *, status: int = 200) -> Response[str]:
    with db.read() as session:
        context = frame(session, organiser, settings, current="people")
    return page("person/import_form.html", status=status, form=form, **context)


def _content(upload: object, form: Form) -> tuple[bytes, bool]:
    """The bytes that were sent, and whether they were pasted. Raises Refusal."""
    if isinstance(upload, UploadFile) and upload.filename:
        return upload.file.read(MOST_BYTES + 1), False
    text = form.text("pasted", needed=_("Choose a file, or paste some lines."), most=100_000)
    form.check()
    return text.encode(), True


def _people(content: bytes, is_pasted: bool) -> Iterator[Row]:
    return pasted.people(content.decode()) if is_pasted else reading.people(content)


def _rows(file: PeopleFile) -> Iterator[Row]:
    return _people(kept_files.content(file), file.pasted)


def _found(db: Db, organiser: Organiser, file_id: int) -> PeopleFile:
    with db.read() as session:
        return _again(session, organiser, file_id)


def _again(session: Any, organiser: Organiser, file_id: int) -> PeopleFile:
    return kept_files.found(session, organiser.convener_id, organiser.account_id, file_id, now=now())


def _choices(form: Form) -> Choices:
    """ "row.12": "merge" and "rest.duplicate": "leave"; anything else is the usual."""
    rows: dict[int, Choice] = {}
    rest: dict[Kind, Choice] = {}
    for name, value in form.typed.items():
        what, _dot, which = name.partition(".")
        if value not in list(Choice):
            continue
        if what == "row" and which.isascii() and which.isdigit() and len(which) < 8:
            rows[int(which)] = Choice(value)
        elif what == "rest" and which in list(Kind):
            rest[Kind(which)] = Choice(value)
    return Choices(rows, rest)


HANDLERS = [
    Router(
        "/",
        route_handlers=[form, look, preview, store, outcome, not_taken, undo],
        guards=[known_numbers],
        include_in_schema=False,
    )
]
