"""Conveners, their accounts, and how those get in. Each action runs inside the caller's transaction."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import Select

from roundtables import tokens
from roundtables.convener.model import Account, ApiToken, Convener, Membership, Role, SignIn, SignInLink
from roundtables.convener.rules import Organiser
from roundtables.errors import NotFound, Refusal
from roundtables.naming import address_key, checked_address, slug, unused

LINK_LASTS = timedelta(minutes=15)
SET_UP_LINK_LASTS = timedelta(days=7)
SIGN_IN_LASTS = timedelta(days=14)


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


def account_of(session: Session, email: str) -> Account | None:
    return session.exec(select(Account).where(Account.email == address_key(email))).one_or_none()


def sign_in_link(session: Session, account: Account, *, now: datetime, lasts: timedelta = LINK_LASTS) -> str:
    """A token that signs in once."""
    assert account.id is not None
    token = tokens.fresh()
    link = SignInLink(account_id=account.id, token_hash=tokens.hashed_exactly(token), expires_at=now + lasts)
    session.add(link)
    return token


def sign_in(session: Session, token: str, *, now: datetime) -> str:
    """Uses a link up and answers the cookie's token. Raises Refusal."""
    found = select(SignInLink).where(SignInLink.token_hash == tokens.hashed_exactly(token)).with_for_update()
    link = session.exec(found).one_or_none()
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise Refusal("This link has been used or is too old. Ask for a new one below.")
    link.used_at = now
    session.add(link)
    membership = session.exec(
        select(Membership).where(Membership.account_id == link.account_id).order_by(col(Membership.id))
    ).first()
    if membership is None or membership.id is None:
        raise Refusal("This account belongs to no convener any more.")
    cookie = tokens.fresh()
    session.add(
        SignIn(
            membership_id=membership.id,
            token_hash=tokens.hashed_exactly(cookie),
            created_at=now,
            expires_at=now + SIGN_IN_LASTS,
        )
    )
    return cookie


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


def who_signed_in(session: Session, cookie: str, *, now: datetime) -> Organiser | None:
    """Whoever holds this cookie, None if nobody does any more."""
    row = session.exec(
        _organiser()
        .join(SignIn, col(SignIn.membership_id) == Membership.id)
        .where(SignIn.token_hash == tokens.hashed_exactly(cookie), SignIn.expires_at > now)
    ).one_or_none()
    return _as_organiser(row, session_key=cookie) if row else None


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


def _as_organiser(row: tuple[Account, Membership, Convener], *, session_key: str = "") -> Organiser:
    account, membership, convener = row
    assert account.id is not None
    return Organiser(
        account_id=account.id,
        convener_id=membership.convener_id,
        convener_name=convener.name,
        name=account.name,
        role=membership.role,
        session_key=session_key,
    )


def _name_from(address: str) -> str:
    words = address.partition("@")[0].replace(".", " ").replace("_", " ").replace("-", " ").split()
    return " ".join(word.capitalize() for word in words) or address
