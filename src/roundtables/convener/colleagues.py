"""Colleagues at one desk: asked in, given another role, seen off. Each action runs inside the caller's transaction."""

from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from roundtables.convener import actions, letters, queries, rules
from roundtables.convener.model import Account, ApiToken, Convener, Membership, Role, SignIn
from roundtables.errors import Refusal
from roundtables.mail import stationery, writing
from roundtables.naming import checked_address
from roundtables.texts import _

LAST_OWNER = _("Somebody has to stay owner. Make a colleague owner first.")


def ask_in(
    session: Session, convener_id: int, email: str, *, name: str, role: Role, by: str, now: datetime
) -> Membership:
    """A place at the desk, and the letter with the link that opens it. Raises Refusal."""
    address = checked_address(email)
    if len(name) > 120:
        raise Refusal("A name has at most 120 letters.", field="name")
    convener = session.get_one(Convener, convener_id)
    if _has_place(session, convener_id, address):
        raise Refusal("They have a place at this desk already.", field="email")
    account = actions.appoint(session, convener, address, role=role, name=name, now=now)
    _write(session, convener, account, by=by, now=now)
    return _place(session, convener_id, account)


def ask_again(session: Session, convener_id: int, membership_id: int, *, by: str, now: datetime) -> None:
    """Another letter to somebody who has not come in yet. Raises NotFound, Refusal."""
    place = queries.colleague(session, convener_id, membership_id)
    account = session.get_one(Account, place.account_id)
    if actions.open_links(session, account, now=now, lasts=actions.SET_UP_LINK_LASTS) >= actions.MOST_LINKS:
        raise Refusal("They have enough letters for now.")
    _write(session, session.get_one(Convener, convener_id), account, by=by, now=now)


def change_role(session: Session, convener_id: int, membership_id: int, role: Role, *, now: datetime) -> None:
    """Another role; whatever they had open with the old one ends. Raises NotFound, Refusal."""
    place = queries.colleague(session, convener_id, membership_id)
    if place.role == role:
        return
    _check_owners(session, place, becomes=role)
    place.role = role
    session.add(place)
    session.execute(delete(SignIn).where(col(SignIn.membership_id) == membership_id))
    programs = update(ApiToken).where(col(ApiToken.membership_id) == membership_id, col(ApiToken.revoked_at).is_(None))
    session.execute(programs.values(revoked_at=now))


def remove(session: Session, convener_id: int, membership_id: int) -> None:
    """No place at this desk any more. Raises NotFound, Refusal."""
    place = queries.colleague(session, convener_id, membership_id)
    _check_owners(session, place)
    for way_in in (SignIn, ApiToken):
        session.execute(delete(way_in).where(col(way_in.membership_id) == membership_id))
    session.delete(place)


def _check_owners(session: Session, place: Membership, *, becomes: str = "") -> None:
    owners = queries.owners(session, place.convener_id)
    session.refresh(place)  # whoever was faster may have changed it while we waited
    if not rules.leaves_an_owner(owners, was=place.role, becomes=becomes):
        raise Refusal(LAST_OWNER)


def _write(session: Session, convener: Convener, account: Account, *, by: str, now: datetime) -> None:
    token = actions.sign_in_link(session, account, now=now, lasts=actions.SET_UP_LINK_LASTS)
    letter = letters.place_at_the_desk(stationery.of(session), convener, account, token, by=by)
    writing.put(session, letter, now=now)


def _has_place(session: Session, convener_id: int, address: str) -> bool:
    account = queries.account_of(session, address)
    return account is not None and _found(session, convener_id, account) is not None


def _place(session: Session, convener_id: int, account: Account) -> Membership:
    place = _found(session, convener_id, account)
    assert place is not None
    return place


def _found(session: Session, convener_id: int, account: Account) -> Membership | None:
    held = select(Membership).where(Membership.account_id == account.id, Membership.convener_id == convener_id)
    return session.exec(held).one_or_none()
