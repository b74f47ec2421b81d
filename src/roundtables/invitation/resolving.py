"""
Whose mail it is: the address it was sent to first, then the letter it answers, then who says to be writing.

    an invitee's address               the invitee (by_token)
    a letter's bounce address          that letter's invitee, and never an answer
    an unsubscribe address             that invitee, and never an answer
    a table's address, or the bare one whoever of the UID, the ATTENDEE or the sender is invited there
    an address that was given up       the same, if our mail server vouches for the sender, else nobody (expired)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from roundtables import tokens
from roundtables.calendar.addresses import canonical_address
from roundtables.invitation import queries
from roundtables.invitation.model import Invitation
from roundtables.invitation.proof import is_disproven, is_proven
from roundtables.invitation.rules import State
from roundtables.mail.message import ReceivedMail
from roundtables.mail.outbox import OutgoingLetter
from roundtables.mail.stationery import BOUNCE_MARK, TABLE_MARK, UNSUBSCRIBE_MARK, Stationery, token_in
from roundtables.person import queries as people
from roundtables.person.model import Person, PersonAddress
from roundtables.roundtable.model import Roundtable
from roundtables.tokens import hashed

__all__ = ["Found", "addresses", "is_disproven", "is_proven", "is_theirs", "resolve"]

OPEN = (State.INVITED, State.ACCEPTED, State.TENTATIVE, State.WAITING, State.DECLINED)


@dataclass(frozen=True, slots=True)
class Found:
    """
    `by_token`: sent to this invitee's own address. `letter`: the one that bounced, or that is answered. `expired`: it
    came to an address that we gave to nobody, or that was given up, and nothing else proves whose it is.
    `roundtable`: what it is about if nobody invited there can be made out.
    """

    invitation: Invitation | None = None
    letter: OutgoingLetter | None = None
    by_token: bool = False
    bounced: bool = False
    unsubscribe: bool = False
    expired: bool = False
    roundtable: Roundtable | None = None


def resolve(
    session: Session, mail: ReceivedMail, uids: tuple[str, ...], office: Stationery, *, named: Sequence[str] = ()
) -> Found:
    """Whose mail it is; `named` are the canonical addresses that its calendar objects say answer."""
    given = tokens_in(mail, office)
    first = next(filter(None, given), "")
    if first.startswith(BOUNCE_MARK):
        letter = _bounced_letter(session, first.removeprefix(BOUNCE_MARK))
        return Found(_of_letter(session, letter), letter, bounced=True)
    if first.startswith(UNSUBSCRIBE_MARK):
        return Found(_who_leaves(session, first.removeprefix(UNSUBSCRIBE_MARK)), unsubscribe=True)
    answered = _answered_letter(session, mail)
    invited = _of_tokens(session, given)
    if (invitation := _only(session, mail, invited)) is not None:
        return Found(invitation, answered, by_token=True)
    if answered is not None and answered.invitation_id is not None:
        return Found(_of_letter(session, answered), answered)
    at_table = _table(session, given, office)
    table = at_table or _of_uids(session, uids)
    invitation = _by_person(session, mail, table, uids, named)
    unknown = bool(first) and not invited and at_table is None
    expired = unknown and not (invitation is not None and is_proven(mail))
    return Found(invitation, expired=expired, roundtable=table if invitation is None else None)


def tokens_in(mail: ReceivedMail, office: Stationery) -> list[str]:
    """What stands in the addresses of ours that a mail came to, marks and all; "" for the bare one."""
    return [t for r in mail.recipients if (t := token_in(r, office.reply_address)) is not None]


def is_theirs(session: Session, invitation: Invitation, address: str) -> bool:
    """Whether `address` is one of the invitee's own."""
    return canonical_address(address) in addresses(session, invitation)


def addresses(session: Session, invitation: Invitation, *, learnt: bool = True) -> frozenset[str]:
    """All addresses of the invitee, canonical; without `learnt` only those that somebody wrote down."""
    person = session.get_one(Person, invitation.person_id)
    if learnt:
        others = people.other_addresses(session, [invitation.person_id]).get(invitation.person_id, [])
    else:
        given = (PersonAddress.person_id == invitation.person_id, col(PersonAddress.learnt).is_(False))
        others = list(session.exec(select(PersonAddress.address).where(*given)))
    return frozenset(canonical_address(a) for a in (invitation.email, person.email, *others) if a)


def _of_tokens(session: Session, given: Sequence[str]) -> list[Invitation]:
    found = [queries.by_reply_token(session, token) for token in dict.fromkeys(filter(None, given[:20]))]
    return [invitation for invitation in found if invitation is not None]


def _only(session: Session, mail: ReceivedMail, invited: Sequence[Invitation]) -> Invitation | None:
    """
    The invitee to whose address it came. On a copy to several of them the others' addresses are not the sender's to
    use: it is the sender's own, or nobody's.
    """
    if len(invited) < 2:
        return invited[0] if invited else None
    return next((i for i in invited if is_theirs(session, i, mail.from_address)), None)


def _bounced_letter(session: Session, token: str) -> OutgoingLetter | None:
    return session.exec(select(OutgoingLetter).where(OutgoingLetter.bounce_hash == hashed(token))).one_or_none()


def _who_leaves(session: Session, token: str) -> Invitation | None:
    return session.exec(select(Invitation).where(Invitation.unsubscribe_hash == hashed(token))).one_or_none()


def _answered_letter(session: Session, mail: ReceivedMail) -> OutgoingLetter | None:
    if not mail.references:
        return None
    found = select(OutgoingLetter).where(col(OutgoingLetter.message_id).in_(mail.references[:20]))
    found = found.order_by(col(OutgoingLetter.id).desc()).execution_options(autoflush=False)
    return session.exec(found).first()


def _of_letter(session: Session, letter: OutgoingLetter | None) -> Invitation | None:
    return session.get(Invitation, letter.invitation_id) if letter and letter.invitation_id else None


def _table(session: Session, given: Sequence[str], office: Stationery) -> Roundtable | None:
    """The table whose address it came to; a table's address is written down when the first mail asks for it."""
    token = next((t.removeprefix(TABLE_MARK) for t in given if t.startswith(TABLE_MARK)), "")
    if not token:
        return None
    wanted = select(Roundtable).where(Roundtable.reply_hash == hashed(token))
    if (known := session.exec(wanted).one_or_none()) is not None:
        return known
    for table in session.exec(select(Roundtable).where(col(Roundtable.reply_hash).is_(None))):
        table.reply_hash = tokens.hashed(office.table_token(table.uid))
        session.add(table)
    session.flush()
    return session.exec(wanted).one_or_none()


def _of_uids(session: Session, uids: tuple[str, ...]) -> Roundtable | None:
    if not uids:
        return None
    theirs = select(Invitation.roundtable_id).where(col(Invitation.uid).in_(uids))
    known = or_(col(Roundtable.uid).in_(uids), col(Roundtable.id).in_(theirs))
    return session.exec(select(Roundtable).where(known).limit(1)).first()


def _by_person(
    session: Session, mail: ReceivedMail, table: Roundtable | None, uids: tuple[str, ...], named: Sequence[str]
) -> Invitation | None:
    """
    Whom the mail names or comes from, among those invited to `table`; of a mail that says nothing of a table, the only
    open invitation of its sender.
    """
    who = list(filter(None, dict.fromkeys((*named[:20], mail.from_address))))
    if not who or (uids and table is None):
        return None
    persons = select(Person.id).where(col(Person.email_key).in_(who))
    others = select(PersonAddress.person_id).where(col(PersonAddress.address_key).in_(who))
    found = select(Invitation).where(or_(col(Invitation.person_id).in_(persons), col(Invitation.person_id).in_(others)))
    if table is not None:
        theirs = found.where(Invitation.roundtable_id == table.id)
        return session.exec(theirs.order_by(col(Invitation.id))).first()
    open_ones = session.exec(found.where(col(Invitation.state).in_(OPEN)).limit(2)).all()
    return open_ones[0] if len(open_ones) == 1 else None
