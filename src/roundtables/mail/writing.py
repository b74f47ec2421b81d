"""From the words of a letter to its row in the outbox, bytes and all."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from roundtables import tokens
from roundtables.mail import compose, stationery
from roundtables.mail.outbox import LetterState, OutgoingLetter

NOBODYS = "@erased.invalid"  # RFC 2606 §2: whoever was erased gets no more letters


@dataclass(frozen=True, slots=True)
class Draft:
    """
    What a letter says and to whom. `about` names what it tells of: the same twice is one letter.
    `reply_nonce` is the invitation's, "" where answers go to nobody in particular; `reply_table` the roundtable's uid.
    `unsubscribe_nonce` is the invitation's too, "" for a letter that is owed and cannot be declined.
    """

    convener_id: int
    kind: str
    about: str
    to_name: str
    to_address: str
    from_name: str
    subject: str
    text: str
    html: str
    from_address: str = ""
    roundtable_id: int | None = None
    invitation_id: int | None = None
    sequence: int = 0
    reply_nonce: str = ""
    reply_table: str = ""
    unsubscribe_nonce: str = ""
    calendar: bytes | None = None
    calendar_method: str = "REQUEST"
    in_reply_to: str = ""


def put(session: Session, draft: Draft, *, now: datetime, hold: bool = False) -> OutgoingLetter:
    """The letter's row, queued or held; the row that is there already if this was told before."""
    known = session.exec(select(OutgoingLetter).where(OutgoingLetter.about == draft.about)).one_or_none()
    if known is not None:
        return known
    letter = _row(session, draft, now)
    letter.state = LetterState.HELD if hold else LetterState.QUEUED
    letter.next_attempt_at = None if hold else now
    if draft.to_address.endswith(NOBODYS):
        letter.state = LetterState.CANCELLED
    session.add(letter)
    session.flush()
    return letter


def rewrite(session: Session, letter: OutgoingLetter, draft: Draft, *, now: datetime) -> None:
    """Renders a held letter anew, before it leaves for the first time."""
    letter.to_name, letter.to_address, letter.subject = draft.to_name, draft.to_address, draft.subject
    letter.sequence = draft.sequence
    letter.raw = _render(session, draft, letter.nonce, now)
    session.add(letter)


def _row(session: Session, draft: Draft, now: datetime) -> OutgoingLetter:
    office, nonce = stationery.of(session), tokens.nonce()
    bounce = office.bounces_to(nonce)
    return OutgoingLetter(
        convener_id=draft.convener_id,
        roundtable_id=draft.roundtable_id,
        invitation_id=draft.invitation_id,
        kind=draft.kind,
        about=draft.about,
        sequence=draft.sequence,
        to_name=draft.to_name,
        to_address=draft.to_address,
        envelope_from=bounce,
        bounce_hash=tokens.hashed(tokens.derive(office.secret, tokens.Purpose.BOUNCE, nonce)),
        subject=draft.subject,
        message_id=office.message_id(nonce),
        nonce=nonce,
        raw=_render(session, draft, nonce, now),
        state=LetterState.HELD,
        created_at=now,
    )


def _render(session: Session, draft: Draft, nonce: str, now: datetime) -> bytes:
    office = stationery.of(session)
    letter = compose.Letter(
        to_name=draft.to_name,
        to_address=draft.to_address,
        from_name=draft.from_name,
        from_address=draft.from_address or office.mail_from,
        reply_name=draft.from_name if draft.reply_nonce else "",
        reply_address=office.reply_to(draft.reply_nonce, draft.reply_table) if draft.reply_nonce else "",
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
        message_id=office.message_id(nonce),
        date=now,
        calendar=draft.calendar,
        calendar_method=draft.calendar_method,
        in_reply_to=draft.in_reply_to,
        unsubscribe_url=_leaving_page(office, draft.unsubscribe_nonce) if draft.unsubscribe_nonce else "",
        unsubscribe_address=office.unsubscribes_to(draft.unsubscribe_nonce) if draft.unsubscribe_nonce else "",
    )
    return compose.compose(letter, signer=office.signer)


def _leaving_page(office: stationery.Stationery, nonce: str) -> str:
    return f"{office.public_url}/u/{tokens.derive(office.secret, tokens.Purpose.UNSUBSCRIBE, nonce)}"
