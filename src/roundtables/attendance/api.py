"""Who came, over the REST API."""

from datetime import datetime

from litestar import Response, Router, get, put
from litestar.params import FromPath, RawBody
from pydantic import BaseModel

from roundtables.attendance import queries
from roundtables.attendance.actions import record_attendance
from roundtables.attendance.model import Attendance, Came
from roundtables.convener.access import Signed, TheDb
from roundtables.convener.rules import DAY_TEAM, READERS
from roundtables.db import now
from roundtables.invitation import queries as invitations
from roundtables.invitation.model import Invitation
from roundtables.roundtable import queries as roundtables
from roundtables.web.api import Cursor, Limit, Listing, allow, known_numbers, part, place_of, read, told
from roundtables.web.openapi import takes


class AttendanceIn(BaseModel):
    """Whether somebody came."""

    came: Came


class AttendanceOut(BaseModel):
    """Whether somebody came, apart from what they had answered; name and post as printed at the event."""

    invitation_id: int
    person_id: int
    name: str
    title: str
    organisation: str
    came: Came
    recorded_at: datetime
    recorded_by: str


@get("/roundtables/{roundtable_id:int}/attendance", may=READERS, sync_to_thread=True)
def list_attendance(
    roundtable_id: FromPath[int], caller: Signed, db: TheDb, cursor: Cursor = "", limit: Limit = 100
) -> Response[Listing[AttendanceOut]]:
    """Those written down so far, in the order of asking."""
    with db.read() as session:
        roundtables.by_id(session, caller.convener_id, roundtable_id)
        rows = queries.of_roundtable(session, roundtable_id, after=place_of(cursor, int), limit=limit + 1)
    rows, following = part(rows, limit, lambda row: (row[0].invitation_id,))
    return told(Listing(items=[_out(*row) for row in rows], next=following))


@put(
    "/invitations/{invitation_id:int}/attendance",
    may=DAY_TEAM,
    sync_to_thread=True,
    operation_class=takes(AttendanceIn),
)
def put_attendance(invitation_id: FromPath[int], caller: Signed, db: TheDb, body: RawBody) -> Response[AttendanceOut]:
    """Writes down whether somebody came; the newest word counts."""
    allow(caller.may_run_the_day)
    came = read(AttendanceIn, body).came
    with db.write() as session:
        invitation = invitations.by_id(session, caller.convener_id, invitation_id)
        row = record_attendance(session, invitation, came, by=caller.name, now=now())
        return told(_out(row, invitation))


def _out(row: Attendance, invitation: Invitation) -> AttendanceOut:
    return AttendanceOut(**invitation.model_dump(include={"person_id", "name", "title", "organisation"}), **dict(row))


HANDLERS = [Router("/", route_handlers=[list_attendance, put_attendance], guards=[known_numbers], tags=["Attendance"])]
