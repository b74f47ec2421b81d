"""Who works for whom, and by which ways they come in."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select

from roundtables.convener.model import Account, Authenticator, Convener, Membership, Passkey, RecoveryCode, Role, SignIn
from roundtables.errors import NotFound
from roundtables.naming import address_key


def account_of(session: Session, email: str) -> Account | None:
    return session.exec(select(Account).where(Account.email == address_key(email))).one_or_none()


def memberships(session: Session, account_id: int) -> Sequence[tuple[Membership, Convener]]:
    """Where an account has a place, the first one first."""
    found = select(Membership, Convener).join(Convener, col(Convener.id) == Membership.convener_id)
    return session.exec(found.where(Membership.account_id == account_id).order_by(col(Membership.id))).all()


def colleagues(session: Session, convener_id: int) -> Sequence[tuple[Membership, Account]]:
    """Everybody with a place at this desk, by name."""
    found = select(Membership, Account).join(Account, col(Account.id) == Membership.account_id)
    rows = session.exec(found.where(Membership.convener_id == convener_id)).all()
    return sorted(rows, key=lambda row: (row[1].name.casefold(), row[1].id))


def colleague(session: Session, convener_id: int, membership_id: int) -> Membership:
    """One place at this desk. Raises NotFound."""
    place = session.get(Membership, membership_id)
    if place is None or place.convener_id != convener_id:
        raise NotFound("colleague")
    return place


def owners(session: Session, convener_id: int) -> int:
    """How many owners a convener has; whoever asks holds their rows until the end of the transaction."""
    held = select(Membership.id).where(Membership.convener_id == convener_id, Membership.role == Role.OWNER)
    return len(session.exec(held.order_by(col(Membership.id)).with_for_update()).all())


def browsers(session: Session, account_id: int, *, now: datetime) -> Sequence[tuple[SignIn, Convener]]:
    """Where somebody is signed in, the last used first."""
    found = (
        select(SignIn, Convener)
        .join(Membership, col(Membership.id) == SignIn.membership_id)
        .join(Convener, col(Convener.id) == Membership.convener_id)
        .where(Membership.account_id == account_id, SignIn.expires_at > now)
    )
    return sorted(session.exec(found).all(), key=lambda row: row[0].seen_at or row[0].created_at, reverse=True)


def authenticator(session: Session, account_id: int) -> Authenticator | None:
    """The one that is asked for; None where there is none, or it is not confirmed yet."""
    found = session.get(Authenticator, account_id)
    return found if found is not None and found.confirmed_at is not None else None


def recovery_codes_left(session: Session, account_id: int) -> int:
    unused = select(func.count()).where(RecoveryCode.account_id == account_id, col(RecoveryCode.used_at).is_(None))
    return session.exec(unused).one()


def passkeys(session: Session, account_id: int) -> Sequence[Passkey]:
    return session.exec(select(Passkey).where(Passkey.account_id == account_id).order_by(col(Passkey.id))).all()
