"""A table of six on the day before, and the forms of its pages."""

import pytest

from roundtables.attendance.actions import record_needs
from roundtables.invitation.actions import Guest
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer
from tests.web_client import csrf
from tests.world import NOW, World

CHAIR = Guest("Moira Kettleby", "moira@example.org", "Chair", "The hosts", role="chair", seat_kind="L")
SPEAKER = Guest("Professor Julia Underhill", "julia@example.org", "Author", "Larkmoor University", role="speaker")
HOST = Guest("Hugh Tennant", "hugh@example.org", "Policy Lead", "Chief Officers’ Forum", role="host", seat_kind="V")
ANN = Guest("Ann Ó Ceallaigh", "ann@example.org", "Chief Executive", "Tarn Council", seat_kind="L")
BEN = Guest("Ben Wójcik", "ben@example.org", "Director", "Tarn Council", seat_kind="L")
CAI = Guest("Cai Pugh", "cai@example.org", "Chief Nurse", "Penhallow Hospitals", seat_kind="C")
ALL = (CHAIR, SPEAKER, HOST, ANN, BEN, CAI)


class TheDay(World):
    """`ids` are the invitations of ALL, everybody coming; Ann uses the hearing loop and eats no meat."""

    def __init__(self, db):
        super().__init__(db)
        with db.write() as session:
            self.table(session).seats = 8
        self.ids = self.ask(*ALL)
        for id in self.ids:
            self.answer(id, Answer.ACCEPTED)
        with db.write() as session:
            ann = session.get_one(Invitation, self.ids[3])
            record_needs(session, ann, dietary="Vegetarian (Ann)", access="I use a hearing loop", note="", now=NOW)

    def invitations(self):
        return [self.invitation(id) for id in self.ids]

    @property
    def base(self):
        return f"/desk/roundtables/{self.table_id}"


@pytest.fixture
def world(db):
    return TheDay(db)


@pytest.fixture
def send(desk):
    """Posts a form of the desk, with its token; answers what came back."""
    token = csrf(desk.get("/desk").text)

    def send(path, *, headers=None, **typed):
        return desk.post(path, data={"_csrf": token} | typed, headers=headers, follow_redirects=False)

    return send


@pytest.fixture
def as_role(world, db):
    """Makes Farah somebody of another role."""
    from sqlmodel import select

    from roundtables.convener.model import Membership

    def become(role):
        with db.write() as session:
            for row in session.exec(select(Membership)):
                row.role = role
                session.add(row)

    return become
