"""Conveners, their accounts, and how those get in. Each action runs inside the caller's transaction."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select
from sqlmodel.sql.expression import Select

from roundtables import tokens
from roundtables.convener.model import Account, ApiToken, Convener, Membership, Role, SignIn, SignInLink
from roundtables.convener.queries import account_of
from roundtables.convener.rules import Organiser
from roundtables.errors import NotFound, Refusal
from roundtables.naming import address_key, checked_address, slug, unused
from roundtables.texts import LANGUAGES, known

LINK_LASTS = timedelta(minutes=15)
SET_UP_LINK_LASTS = timedelta(days=7)
MOST_LINKS = 5  # at once for one account: nobody's inbox is filled from here


def found_convener(session: Session, name: str, *, now: datetime) -> Convener:
    """The convener of that name, made if missing."""
    if not name.strip() or len(name) > 120:
        raise Refusal("A convener needs a name of at most 120 letters.", field="convener")
    known = session.exec(select(Convener).where(Convener.name == name)).first()
    if known is not None:
        return known
    convener = Convener(name=name, slug=unused(slug(name), set(session.exec(select(Convener.slug)))), created_at=now)
    session.add(convener)
    session.flush()
    return convener


def appoint(session: Session, convener: Convener, email: str, *, role: Role, name: str = "", now: datetime) -> Account:
    """The account of that address, made if missing, with a role at `convener` (kept if it has one)."""
    assert convener.id is not None
    address = checked_address(email)
    account = account_of(session, address)
    if account is None:
        account = Account(email=address_key(address), name=name or _name_from(address), created_at=now)
        session.add(account)
        session.flush()
    assert account.id is not None
    held = select(Membership).where(Membership.account_id == account.id, Membership.convener_id == convener.id)
    if session.exec(held).one_or_none() is None:
        session.add(Membership(account_id=account.id, convener_id=convener.id, role=role))
        session.flush()
    return account


def sign_in_link(session: Session, account: Account, *, now: datetime, lasts: timedelta = LINK_LASTS) -> str:
    """A token that signs in once."""
    assert account.id is not None
    token = tokens.fresh()
    link = SignInLink(account_id=account.id, token_hash=tokens.hashed_exactly(token), expires_at=now + lasts)
    session.add(link)
    return token


def take_link(session: Session, token: str, *, now: datetime) -> int:
    """Uses a link up and answers whose account it was for. Raises Refusal."""
    link = _link(session, token, now)
    link.used_at = now
    session.add(link)
    return link.account_id


def whose_link(session: Session, token: str, *, now: datetime) -> int | None:
    """Whose account a link is for that is still good; nothing is used up."""
    try:
        return _link(session, token, now).account_id
    except Refusal:
        return None


def _link(session: Session, token: str, now: datetime) -> SignInLink:
    found = select(SignInLink).where(SignInLink.token_hash == tokens.hashed_exactly(token)).with_for_update()
    link = session.exec(found).one_or_none()
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise Refusal("This link has been used or is too old. Ask for a new one below.")
    return link


def open_links(session: Session, account: Account, *, now: datetime, lasts: timedelta = LINK_LASTS) -> int:
    """How many links of at most this lifetime an account was sent within it."""
    link = col(SignInLink.expires_at)
    recent = select(func.count()).where(SignInLink.account_id == account.id, link > now, link <= now + lasts)
    return session.exec(recent).one()


def choose_language(session: Session, account_id: int, language: str) -> None:
    """In which language somebody reads the desk; "" is the convener's. Raises Refusal."""
    account = session.get_one(Account, account_id)
    account.language = _one_of_ours(language) if language else ""
    session.add(account)


def speak(session: Session, convener_id: int, language: str) -> None:
    """The language of a convener's public pages and letters. Raises Refusal."""
    convener = session.get_one(Convener, convener_id)
    convener.language = _one_of_ours(language)
    session.add(convener)


def _one_of_ours(language: str) -> str:
    if language not in LANGUAGES:
        raise Refusal("Please choose one of the languages.", field="language")
    return language


def sign_out(session: Session, cookie: str) -> None:
    session.execute(delete(SignIn).where(col(SignIn.token_hash) == tokens.hashed_exactly(cookie)))


def api_token(session: Session, email: str, convener_slug: str, *, now: datetime) -> str:
    """A new API token, shown once. Raises NotFound."""
    membership = session.exec(
        select(Membership)
        .join(Account, col(Account.id) == Membership.account_id)
        .join(Convener, col(Convener.id) == Membership.convener_id)
        .where(Account.email == address_key(email), Convener.slug == convener_slug)
    ).one_or_none()
    if membership is None or membership.id is None:
        raise NotFound(f"account {email} at a convener {convener_slug}")
    token = tokens.fresh()
    session.add(ApiToken(membership_id=membership.id, token_hash=tokens.hashed_exactly(token), created_at=now))
    return token


def who_signed_in(session: Session, cookie: str, *, now: datetime) -> tuple[Organiser, SignIn] | None:
    """Whoever holds this cookie, and their sign-in; None if nobody does any more."""
    row = session.exec(
        select(Account, Membership, Convener, SignIn)
        .join(Membership, col(Membership.account_id) == Account.id)
        .join(Convener, col(Convener.id) == Membership.convener_id)
        .join(SignIn, col(SignIn.membership_id) == Membership.id)
        .where(SignIn.token_hash == tokens.hashed_exactly(cookie), SignIn.expires_at > now)
    ).one_or_none()
    if row is None:
        return None
    account, membership, convener, sign_in = row
    who = _as_organiser((account, membership, convener))
    return replace(who, session_key=cookie, sign_in_id=sign_in.id, proved_at=sign_in.proved_at), sign_in


def who_holds_token(session: Session, token: str) -> Organiser | None:
    """Whoever this API token was given to, None if it is revoked or unknown."""
    row = session.exec(
        _organiser()
        .join(ApiToken, col(ApiToken.membership_id) == Membership.id)
        .where(ApiToken.token_hash == tokens.hashed_exactly(token), col(ApiToken.revoked_at).is_(None))
    ).one_or_none()
    return _as_organiser(row) if row else None


def _organiser() -> Select[Account, Membership, Convener]:
    return (
        select(Account, Membership, Convener)
        .join(Membership, col(Membership.account_id) == Account.id)
        .join(Convener, col(Convener.id) == Membership.convener_id)
    )


def _as_organiser(row: tuple[Account, Membership, Convener]) -> Organiser:
    account, membership, convener = row
    assert account.id is not None
    return Organiser(
        account_id=account.id,
        convener_id=membership.convener_id,
        convener_name=convener.name,
        name=account.name,
        role=membership.role,
        language=known(account.language or convener.language),
    )


def _name_from(address: str) -> str:
    words = address.partition("@")[0].replace(".", " ").replace("_", " ").replace("-", " ").split()
    return " ".join(word.capitalize() for word in words) or address
