"""
One cast for all tests: the Larkmoor Trust, its organiser Farah, and a table of three seats about kindness.

Jo, Ana and Bashir are asked first; Carys, Dewi and Ekow come later. All of them are invented.
"""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import select

from roundtables.convener import actions as conveners
from roundtables.convener.model import Account, Convener, Role
from roundtables.convener.rules import Organiser
from roundtables.db import Db
from roundtables.invitation.actions import Guest, invite
from roundtables.invitation.answering import record_reply
from roundtables.invitation.keeping import row_id
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Outcome, Reply, State, Via
from roundtables.mail.outbox import OutgoingLetter
from roundtables.roundtable.actions import Plan, plan
from roundtables.roundtable.model import Roundtable
from roundtables.tokens import Purpose, derive

SECRET = "a secret of the tests"
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)

JO = Guest("Jo Bloggs", "jo@example.org", "Chief Executive", "Northshire Council", seat_kind="L")
ANA = Guest("Ana Ruiz", "ana@example.net", "Director", "Open Door Kitchens", seat_kind="V")
BASHIR = Guest("Dr Bashir Okello", "bashir@example.com", "Medical Director", "Orrin Health Board", seat_kind="C")
CARYS = Guest("Carys Pugh", "carys@example.org", "Chief Executive", "Aberwen Council", seat_kind="L")
DEWI = Guest("Dewi Trefor", "dewi@example.org", "Head of Policy", "Wellbeing Office", seat_kind="V")
EKOW = Guest("Ekow Mensah", "ekow@example.org", "Chief Nurse", "Penhallow Hospitals", seat_kind="C")

KINDNESS = Plan(
    title="Whose job is it to be kind?",
    question="What would it take for public bodies to be kind on purpose?",
    starts_at=datetime(2027, 7, 1, 9, tzinfo=UTC),
    ends_at=datetime(2027, 7, 1, 11, 30, tzinfo=UTC),
    time_zone="Europe/London",
    place="The Weigh House, Leeds",
    town="Leeds",
    seats=3,
    seat_kinds=[
        {"key": "L", "name": "Local government", "target": 1},
        {"key": "V", "name": "Voluntary and community", "target": 1},
        {"key": "C", "name": "Health and care", "target": 1},
    ],
    reply_by=date(2027, 5, 14),
)


class World:
    """A fresh database with a convener, an organiser and a planned table; `ask` and `answer` move it on."""

    def __init__(self, db: Db) -> None:
        self.db = db
        with db.write() as session:
            convener = conveners.found_convener(session, "Larkmoor Trust", now=NOW)
            account = conveners.appoint(
                session, convener, "farah@larkmoor.example", role=Role.OWNER, name="Farah Lindqvist", now=NOW
            )
            table = plan(session, convener.id, KINDNESS, now=NOW)
            self.convener_id, self.account_id, self.table_id = convener.id, account.id, table.id
        self.farah = Organiser(self.account_id, self.convener_id, "Larkmoor Trust", "Farah Lindqvist", "owner")

    def ask(self, *guests: Guest, send: bool = True, wave: int = 1, now: datetime = NOW) -> list[int]:
        """Ids of fresh invitations."""
        with self.db.write() as session:
            made = invite(session, self.table(session), guests, by="Farah Lindqvist", now=now, send=send, wave=wave)
            return [row_id(i) for i in made]

    def answer(
        self,
        invitation_id: int,
        answer: Answer,
        *,
        via: Via = Via.PAGE,
        after: timedelta = timedelta(hours=1),
        until: date | None = None,
    ) -> Outcome:
        with self.db.write() as session:
            at = NOW + after
            reply = Reply(answer, at, via, until=until)
            return record_reply(session, session.get_one(Invitation, invitation_id), reply, by="them", now=at)

    def table(self, session):
        return session.get_one(Roundtable, self.table_id)

    def invitation(self, invitation_id: int) -> Invitation:
        with self.db.read() as session:
            return session.get_one(Invitation, invitation_id)

    def states(self, *ids: int) -> list[State]:
        return [self.invitation(i).state for i in ids]

    def letters(self, **where) -> list[OutgoingLetter]:
        """The outbox, oldest first, filtered by equal columns."""
        with self.db.read() as session:
            return list(session.exec(select(OutgoingLetter).filter_by(**where).order_by(OutgoingLetter.id)))

    def reply_token(self, invitation_id: int) -> str:
        return derive(SECRET, Purpose.REPLY, self.invitation(invitation_id).nonce)

    def page_token(self, invitation_id: int) -> str:
        return derive(SECRET, Purpose.PAGE, self.invitation(invitation_id).nonce)

    def sign_in_link(self) -> str:
        """A token for /sign-in/TOKEN."""
        with self.db.write() as session:
            account = session.get_one(Account, self.account_id)
            return conveners.sign_in_link(session, account, now=datetime.now(UTC), lasts=timedelta(hours=1))

    def api_token(self) -> str:
        with self.db.write() as session:
            slug = session.get_one(Convener, self.convener_id).slug
            return conveners.api_token(session, "farah@larkmoor.example", slug, now=NOW)
