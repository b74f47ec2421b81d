"""
Whose mail it is: the address it was sent to first, then the letter it answers, then who says to be writing.
"""

from dataclasses import dataclass
from email.utils import parseaddr

from authres import AuthenticationResultsHeader, AuthResError
from sqlmodel import Session, col, select

from roundtables.calendar.addresses import canonical_address
from roundtables.invitation import queries
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.mail.message import ReceivedMail
from roundtables.mail.outbox import OutgoingLetter
from roundtables.mail.stationery import BOUNCE_MARK, Stationery
from roundtables.person import queries as people
from roundtables.person.model import Person
from roundtables.tokens import hashed

OPEN = (State.INVITED, State.ACCEPTED, State.TENTATIVE, State.WAITING, State.DECLINED)


@dataclass(frozen=True, slots=True)
class Found:
    """`by_token`: sent to this invitee's own address. `letter`: the one that bounced, or that is answered."""

    invitation: Invitation | None = None
    letter: OutgoingLetter | None = None
    by_token: bool = False
    bounced: bool = False


def resolve(session: Session, mail: ReceivedMail, uids: tuple[str, ...], office: Stationery) -> Found:
    """Only the first recipient counts: on a copy to all, the others' tokens are not the sender's to use."""
    token = _token(mail, office)
    if token.startswith(BOUNCE_MARK):
        letter = _bounced_letter(session, token.removeprefix(BOUNCE_MARK))
        return Found(_of_letter(session, letter), letter, bounced=True)
    answered = _answered_letter(session, mail)
    if token and (invitation := queries.by_reply_token(session, token)) is not None:
        return Found(invitation, answered, by_token=True)
    if answered is not None:
        return Found(_of_letter(session, answered), answered)
    return Found(_by_uid_and_sender(session, mail, uids))


def is_theirs(session: Session, invitation: Invitation, address: str) -> bool:
    """Whether `address` is one of the invitee's own."""
    return canonical_address(address) in addresses(session, invitation)


def addresses(session: Session, invitation: Invitation) -> frozenset[str]:
    """All addresses of the invitee, canonical."""
    person = session.get_one(Person, invitation.person_id)
    others = people.other_addresses(session, [invitation.person_id]).get(invitation.person_id, [])
    return frozenset(canonical_address(a) for a in (invitation.email, person.email, *others) if a)


def is_proven(mail: ReceivedMail) -> bool:
    """Whether our own mail server found the From address genuine (DMARC passed)."""
    return "pass" in _dmarc(mail)


def is_disproven(mail: ReceivedMail) -> bool:
    """Whether our own mail server found it forged: DMARC failed."""
    return "fail" in _dmarc(mail)


def _dmarc(mail: ReceivedMail) -> list[str]:
    if not mail.authentication:
        return []
    try:
        header = AuthenticationResultsHeader.parse(f"Authentication-Results: {mail.authentication}")
    except (AuthResError, ValueError, IndexError):
        return []
    return [r.result for r in header.results if getattr(r, "method", "") == "dmarc"]


def _token(mail: ReceivedMail, office: Stationery) -> str:
    """What stands behind the plus of our reply address."""
    if not mail.recipients:
        return ""
    wanted_local, _, wanted_domain = office.reply_address.lower().partition("@")
    for recipient in mail.recipients:
        local, _, domain = (parseaddr(recipient)[1] or recipient).lower().partition("@")
        base, _, token = local.partition("+")
        if (base, domain) == (wanted_local, wanted_domain):
            return token
    return ""


def _bounced_letter(session: Session, token: str) -> OutgoingLetter | None:
    return session.exec(select(OutgoingLetter).where(OutgoingLetter.bounce_hash == hashed(token))).one_or_none()


def _answered_letter(session: Session, mail: ReceivedMail) -> OutgoingLetter | None:
    if not mail.references:
        return None
    found = select(OutgoingLetter).where(col(OutgoingLetter.message_id).in_(mail.references[:20]))
    return session.exec(found.order_by(col(OutgoingLetter.id).desc())).first()


def _of_letter(session: Session, letter: OutgoingLetter | None) -> Invitation | None:
    return session.get(Invitation, letter.invitation_id) if letter and letter.invitation_id else None


def _by_uid_and_sender(session: Session, mail: ReceivedMail, uids: tuple[str, ...]) -> Invitation | None:
    """Without a token: the invitation of that UID whose invitee the sender says to be, else an open one of theirs."""
    if not mail.from_address:
        return None
    found = select(Invitation).join(Person, col(Person.id) == Invitation.person_id)
    found = found.where(Person.email_key == mail.from_address)
    if uids:
        return session.exec(found.where(col(Invitation.uid).in_(uids))).first()
    open_ones = session.exec(found.where(col(Invitation.state).in_(OPEN)).limit(2)).all()
    return open_ones[0] if len(open_ones) == 1 else None
