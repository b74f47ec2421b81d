"""
The scene of the mail cases: "Housing and health" on 1 December 2026, moved once (version 2), Jo and Ana asked.

Everything arrives on 23 November. `Scene.reply` builds a calendar answer of Jo's with whatever a case changes in it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlmodel import select

from roundtables.invitation import intake
from roundtables.invitation.actions import Guest
from roundtables.invitation.model import History, Invitation
from roundtables.invitation.rules import State
from roundtables.mail.inbox import Door, IncomingMail
from roundtables.person.model import Person, PersonAddress
from tests.mails import golden
from tests.world import ANA, World

ASKED = datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
RECEIVED = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
STARTS = datetime(2026, 12, 1, 10, tzinfo=UTC)
ENDS = STARTS + timedelta(minutes=90)
MINUTE = timedelta(minutes=1)
JO = Guest("Jo Bloggs", "jo@example.org", "Chief Executive", "Northshire Council", seat_kind="L")
OURS = "mx.rt.example"
PASS = f"Authentication-Results: {OURS}; dmarc=pass header.from=example.org"
FAIL = f"Authentication-Results: {OURS}; dmarc=fail (p=reject dis=none) header.from=example.org"
FAIL_UNMINDED = (
    f"Authentication-Results: {OURS}; dkim=pass header.d=google.com; dmarc=fail (p=none) header.from=x.example"
)


@dataclass
class Part:
    """A MIME part: its Content-Type and its text."""

    kind: str
    text: str | bytes
    more: str = ""


@dataclass
class Scene:
    world: World
    jo: int
    ana: int
    numbers: list[int] = field(default_factory=list)

    @property
    def uid(self) -> str:
        return self.world.invitation(self.jo).uid

    def address(self, invitation_id: int | None = None) -> str:
        return f"rsvp+{self.world.reply_token(invitation_id or self.jo)}@localhost"

    def event(self, *lines: str, method: str = "REPLY", without: str = "", **instead: str) -> str:
        """A calendar object; `without` names properties to leave out, `instead` gives others ("sequence": "3")."""
        usual = {
            "UID": f"UID:{self.uid}",
            "DTSTAMP": "DTSTAMP:20261123T100000Z",
            "SEQUENCE": "SEQUENCE:2",
            "DTSTART": "DTSTART:20261201T100000Z",
            "DTEND": "DTEND:20261201T113000Z",
            "SUMMARY": "SUMMARY:Housing and health",
            "ORGANIZER": f"ORGANIZER;CN=Larkmoor Trust:mailto:{self.address()}",
        }
        usual |= {name.upper(): f"{name.upper()}:{value}" for name, value in instead.items()}
        kept = [line for name, line in usual.items() if name not in without.split()]
        head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", *([f"METHOD:{method}"] if method else [])]
        return "\r\n".join([*head, "BEGIN:VEVENT", *kept, *lines, "END:VEVENT", "END:VCALENDAR", ""])

    def mail(
        self,
        *parts: Part | str,
        sender: str = "Jo Bloggs <jo@example.org>",
        to: str | None = None,
        head: tuple[str, ...] = (),
    ) -> bytes:
        """A mail of these parts; a bare text is a calendar reply."""
        boxed = [Part("text/calendar; method=REPLY; charset=utf-8", p) if isinstance(p, str) else p for p in parts]
        self.numbers.append(len(self.numbers))
        lines = [*head, *([f"From: {sender}"] if sender else []), f"To: {to or self.address()}", "Subject: an answer"]
        lines += [f"Message-ID: <case-{len(self.numbers)}@example.org>", "MIME-Version: 1.0"]
        written = [_written(part) for part in boxed]
        if len(written) == 1:
            return "\r\n".join(lines).encode() + b"\r\n" + written[0]
        lines += ['Content-Type: multipart/mixed; boundary="b"', "", ""]
        return "\r\n".join(lines).encode() + b"".join(b"--b\r\n" + p + b"\r\n" for p in written) + b"--b--\r\n"

    def reply(self, *lines: str, **more: str) -> bytes:
        """Jo's calendar answer as one part."""
        return self.mail(self.event(*lines, **more))

    def golden(self, name: str, **changes: str) -> bytes:
        raw = golden(name, TOKENJO=self.world.reply_token(self.jo), UIDOFTABLE=self.uid)
        for old, new in changes.items():
            raw = raw.replace(old.encode(), new.encode())
        return raw

    def receive(self, raw: bytes, *, at: datetime = RECEIVED, to: list[str] | None = None) -> IncomingMail:
        return intake.receive(
            self.world.db,
            raw,
            door=Door.LMTP,
            now=at,
            envelope_from="x@example.org",
            envelope_to=to or [],
            trusted=OURS,
        )

    def person(self, invitation_id: int | None = None) -> Person:
        with self.world.db.read() as session:
            return session.get_one(Person, self.world.invitation(invitation_id or self.jo).person_id)

    def aliases(self) -> list[str]:
        with self.world.db.read() as session:
            found = select(PersonAddress.address).where(PersonAddress.person_id == self.person().id)
            return list(session.exec(found))

    def stands(self) -> list[tuple[object, ...]]:
        """All that a mail might change, to be compared before and after."""
        with self.world.db.read() as session:
            guests = session.exec(select(Invitation).order_by(Invitation.id)).all()
            kept = [tuple(guest.model_dump().items()) for guest in guests]
            counted = [len(session.exec(select(table.id)).all()) for table in (History, PersonAddress)]
        return [*kept, (*counted, len(self.world.letters()))]

    def jos(self) -> Invitation:
        return self.world.invitation(self.jo)

    def change(self, invitation_id: int | None = None, **values: object) -> None:
        with self.world.db.write() as session:
            invitation = session.get_one(Invitation, invitation_id or self.jo)
            for name, value in values.items():
                setattr(invitation, name, value)
            session.add(invitation)

    def change_table(self, **values: object) -> None:
        with self.world.db.write() as session:
            table = self.world.table(session)
            for name, value in values.items():
                setattr(table, name, value)
            session.add(table)

    def kinds(self, invitation_id: int | None = None) -> list[str]:
        return [letter.kind for letter in self.world.letters(invitation_id=invitation_id or self.jo)]


def set_up(world: World, *, sequence: int = 2) -> Scene:
    values = {"title": "Housing and health", "starts_at": STARTS, "ends_at": ENDS, "place": "14 Park Row, Leeds"}
    with world.db.write() as session:
        table = world.table(session)
        for name, value in (values | {"sequence": sequence, "reset_sequence": sequence}).items():
            setattr(table, name, value)
    jo, ana = world.ask(JO, ANA, now=ASKED)
    assert world.states(jo, ana) == [State.INVITED, State.INVITED]
    return Scene(world, jo, ana)


def attendee(partstat: str, address: str = "jo@example.org", **parameters: str) -> str:
    """An ATTENDEE line; of parameter names an underscore stands for a hyphen."""
    said = {"PARTSTAT": partstat} if partstat else {}
    given = "".join(f";{name.replace('_', '-')}={value}" for name, value in (said | parameters).items())
    return f"ATTENDEE{given}:mailto:{address}"


def _written(part: Part) -> bytes:
    text = part.text if isinstance(part.text, bytes) else part.text.encode()
    return f"Content-Type: {part.kind}\r\n{part.more}\r\n".encode() + text
