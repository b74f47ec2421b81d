"""
Everything of one person goes. Each action runs inside the caller's transaction; `cleaning.clean` comes after it.

What stays is that somebody was invited, what they answered and whether they came: rows without a name, so that seats
and counts are what they were. Words that others wrote about them go too, wherever they stand with their name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, func, or_, select

from roundtables.attendance.model import Needs
from roundtables.convener.model import Account, Membership
from roundtables.invitation.keeping import new_identity, row_id
from roundtables.invitation.model import History, Invitation
from roundtables.keeping import register, sweeping
from roundtables.keeping.model import Entry
from roundtables.keeping.words import NOBODY, SOMEBODY, Words
from roundtables.mail import stationery
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.mail.outbox import LetterState, OutgoingLetter, is_in_hand
from roundtables.person import actions as people
from roundtables.person import kept_files
from roundtables.person import queries as book
from roundtables.person.model import PeopleFile, PeopleMerge, Person
from roundtables.roundtable.model import Roundtable

WENT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nWhat stood here was erased.\r\n"


@dataclass(slots=True)
class Erased:
    """How much went; `look` names published rows that still say them, as "post 3": a person decides about those."""

    people: int = 0
    invitations: int = 0
    letters: int = 0
    mails: int = 0
    lines: int = 0
    look: list[str] = field(default_factory=list)

    def __add__(self, other: "Erased") -> "Erased":
        return Erased(
            self.people + other.people,
            self.invitations + other.invitations,
            self.letters + other.letters,
            self.mails + other.mails,
            self.lines + other.lines,
            [*self.look, *other.look],
        )


def erase(session: Session, person: Person, *, now: datetime) -> Erased:
    """Erases one person from one convener's rows, and enters their addresses in the register."""
    theirs = list(session.exec(select(Invitation).where(Invitation.person_id == person.id)))
    addresses = _addresses(session, person, theirs)
    words = Words(_names(session, person, theirs), addresses)
    marks = [register.mark(stationery.of(session).secret, address) for address in addresses]
    ids = [row_id(invitation) for invitation in theirs]
    done = Erased(people=1, invitations=len(theirs))
    session.execute(delete(Needs).where(col(Needs.invitation_id).in_(ids)))
    done.lines = _their_lines(session, ids, words)
    for invitation in theirs:
        _blank(session, invitation)
    people.forget(session, person, now=now)
    person.name = SOMEBODY
    session.flush()
    done.letters = _letters(session, person.convener_id, ids, addresses)
    done.mails = _mails(session, person.convener_id, ids, addresses, now)
    letters, mails = _that_say_them(session, person.convener_id, words, now)
    done.letters, done.mails = done.letters + letters, done.mails + mails
    _forget_files(session, person, words)
    session.flush()
    done.look = sweeping.sweep(session, person.convener_id, words)
    register.enter(session, marks, now=now)
    session.add(Entry(at=now, what="erased", kind="person", about=row_id(person)))
    session.flush()
    return done


def erase_again(session: Session, marks: Mapping[str, datetime], *, now: datetime) -> Erased:
    """Erases whoever stands in the register and was entered in the book before that: after a restore."""
    secret, done = stationery.of(session).secret, Erased()
    for person in session.exec(select(Person).where(col(Person.erased_at).is_(None))).all():
        held = [person.email, *book.other_addresses(session, [row_id(person)]).get(row_id(person), [])]
        at = [marks[one] for address in held if (one := register.mark(secret, address)) in marks]
        if at and person.created_at <= max(at):
            done += erase(session, person, now=now)
    return done


def marks_of(session: Session, person: Person) -> list[str]:
    """What the register keeps of a person; to be written down before they are erased."""
    theirs = list(session.exec(select(Invitation).where(Invitation.person_id == person.id)))
    secret = stationery.of(session).secret
    return [register.mark(secret, address) for address in _addresses(session, person, theirs)]


def _addresses(session: Session, person: Person, theirs: Sequence[Invitation]) -> list[str]:
    others = book.other_addresses(session, [row_id(person)]).get(row_id(person), [])
    return sorted(
        {address.strip().lower() for address in (person.email, *others, *(i.email for i in theirs)) if address}
    )


def _names(session: Session, person: Person, theirs: Sequence[Invitation]) -> list[str]:
    """Their names, but for those that are somebody else's too: an organiser's, a host's, a namesake's."""
    names = {" ".join(name.split()) for name in (person.name, *(i.name for i in theirs))}
    here = person.convener_id
    accounts = select(Account.name).join(Membership, col(Membership.account_id) == Account.id)
    taken = {*session.exec(accounts.where(Membership.convener_id == here))}
    taken |= {*session.exec(select(Roundtable.host_name).where(Roundtable.convener_id == here))}
    taken |= {*session.exec(select(Person.name).where(Person.convener_id == here, Person.id != person.id))}
    known = {" ".join(name.split()).casefold() for name in taken}
    return sorted(name for name in names if name.casefold() not in known)


def _blank(session: Session, invitation: Invitation) -> None:
    """The seat stays; links and addresses that were given out lead nowhere."""
    new_identity(session, invitation, invitation.uid)
    invitation.name, invitation.email = SOMEBODY, NOBODY
    invitation.title = invitation.organisation = invitation.note = invitation.comment = invitation.bounce = ""
    invitation.deputy_name = invitation.deputy_email = invitation.deputy_note = ""
    session.add(invitation)


def _their_lines(session: Session, ids: Sequence[int], words: Words) -> int:
    """Their history says what became of the invitation, and no more what they or others wrote."""
    lines = session.exec(select(History).where(col(History.invitation_id).in_(ids))).all()
    for line in lines:
        line.by = SOMEBODY if words.stand_in(line.by) else line.by
        line.what = line.what.partition(" (")[0].partition(":")[0]
        line.before = None
        session.add(line)
    session.flush()
    return len(lines)


def _letters(session: Session, convener_id: int, ids: Sequence[int], addresses: Sequence[str]) -> int:
    theirs = or_(col(OutgoingLetter.invitation_id).in_(ids), func.lower(OutgoingLetter.to_address).in_(addresses))
    found = select(OutgoingLetter).where(theirs, OutgoingLetter.convener_id == convener_id)
    letters = session.exec(found.with_for_update()).all()
    for letter in letters:
        _blank_letter(session, letter)
    return len(letters)


def _blank_letter(session: Session, letter: OutgoingLetter) -> None:
    """A letter on its way is taken back; one in a sender's hands is not tried again."""
    letter.to_name, letter.to_address, letter.subject, letter.answer = SOMEBODY, NOBODY, "", ""
    letter.raw, letter.envelope_from, letter.bounce_hash, letter.nonce = WENT, "", None, ""
    if is_in_hand(letter):
        letter.unwanted = True
    elif letter.state not in (LetterState.SENT, LetterState.FAILED):
        letter.state = LetterState.CANCELLED
    session.add(letter)


def _mails(session: Session, convener_id: int, ids: Sequence[int], addresses: Sequence[str], now: datetime) -> int:
    mail = IncomingMail
    from_them = or_(func.lower(mail.sender).in_(addresses), func.lower(mail.envelope_from).in_(addresses))
    theirs = or_(col(mail.invitation_id).in_(ids), from_them & _here(convener_id))
    mails = session.exec(select(mail).where(theirs)).all()
    for one in mails:
        _blank_mail(session, one, now)
    return len(mails)


def _blank_mail(session: Session, mail: IncomingMail, now: datetime) -> None:
    mail.raw, mail.sender, mail.subject, mail.fingerprint = WENT, "", "", ""
    mail.envelope_from, mail.envelope_to = None, []
    mail.decides, mail.suggestion, mail.facts, mail.tells_needs = "", None, None, False
    mail.reason = "its words were erased"
    if mail.outcome in (None, Outcome.NEEDS_HUMAN):
        mail.outcome, mail.settled_at = Outcome.IGNORED, now
    session.add(mail)


def _that_say_them(session: Session, convener_id: int, words: Words, now: datetime) -> tuple[int, int]:
    """Other people's letters and mails with their name or address in them, however it is coded: (letters, mails)."""
    letters = select(OutgoingLetter.id, OutgoingLetter.raw).where(OutgoingLetter.convener_id == convener_id)
    mails = select(IncomingMail.id, IncomingMail.raw).where(_here(convener_id))
    letter_ids = [number for number, raw in session.exec(letters).yield_per(100) if words.stand_in_mail(raw)]
    mail_ids = [number for number, raw in session.exec(mails).yield_per(100) if words.stand_in_mail(raw)]
    for number in letter_ids:
        _blank_letter(session, session.get_one(OutgoingLetter, number))
    for number in mail_ids:
        _blank_mail(session, session.get_one(IncomingMail, number), now)
    return len(letter_ids), len(mail_ids)


def _here(convener_id: int) -> ColumnElement[bool]:
    """Mail of this convener, and such as is nobody's yet."""
    return or_(col(IncomingMail.convener_id) == convener_id, col(IncomingMail.convener_id).is_(None))


def _forget_files(session: Session, person: Person, words: Words) -> None:
    """What a merge or a file of people, kept for a while, would bring back."""
    merges = session.exec(select(PeopleMerge).where(PeopleMerge.convener_id == person.convener_id)).all()
    for merge in merges:
        if person.id in (merge.kept_id, merge.gone_id):
            merge.before = None
            session.add(merge)
    for file in session.exec(select(PeopleFile).where(PeopleFile.convener_id == person.convener_id)).all():
        if words.stand_in_mail(kept_files.content(file)):
            session.delete(file)
