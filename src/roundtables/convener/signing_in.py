"""
From showing who one is to being signed in, and out again. Each action runs inside the caller's transaction.

    a link, a password, a passkey …  ->  arrive  ->  [a code]  ->  [which convener]  ->  signed in
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from roundtables import tokens
from roundtables.convener import queries
from roundtables.convener.model import Arrival, Membership, SignIn, SignInLink
from roundtables.convener.rules import NOTED_EVERY, Organiser, ends_at
from roundtables.errors import NotFound, Refusal
from roundtables.texts import _

ARRIVING_LASTS = timedelta(minutes=10)
NOWHERE = _("This account belongs to no convener any more.")
TOO_LATE = _("That took too long. Please sign in again.")


@dataclass(frozen=True, slots=True)
class Step:
    """Where somebody stands: signed in with this cookie, or about to be, with the one for arriving."""

    cookie: str
    signed_in: bool
    going_to: str = ""


def arrive(
    session: Session,
    account_id: int,
    *,
    owes_code: bool,
    browser: str,
    now: datetime,
    before: Organiser | None = None,
    going_to: str = "",
) -> Step:
    """Somebody has shown who they are. `before` is whoever was signed in in this browser till now. Raises Refusal."""
    places = [member.id for member, _ in queries.memberships(session, account_id)]
    if not places:
        raise Refusal(NOWHERE)
    kept = _kept_place(session, account_id, before)
    if owes_code or (kept is None and len(places) > 1):
        return _on_the_way(session, account_id, owes_code=owes_code, going_to=going_to, now=now)
    return _in(session, kept or places[0], browser=browser, now=now, before=before, going_to=going_to)


def owed(session: Session, cookie: str, *, now: datetime) -> Arrival:
    """Whoever is on the way in with this cookie. Raises Refusal."""
    found = select(Arrival).where(Arrival.token_hash == tokens.hashed_exactly(cookie), Arrival.expires_at > now)
    arrival = session.exec(found.with_for_update()).one_or_none()
    if arrival is None:
        raise Refusal(TOO_LATE)
    return arrival


def go_on(session: Session, arrival: Arrival, *, browser: str, now: datetime, before: Organiser | None) -> Step | None:
    """Past the code: in, or None where a convener is still to be chosen."""
    arrival.owes_code = False
    session.add(arrival)
    places = queries.memberships(session, arrival.account_id)
    kept = _kept_place(session, arrival.account_id, before)
    if not places:
        raise Refusal(NOWHERE)
    if kept is None and len(places) > 1:
        return None
    place = kept or places[0][0].id
    session.delete(arrival)
    return _in(session, place, browser=browser, now=now, before=before, going_to=arrival.going_to)


def choose(
    session: Session, arrival: Arrival, membership_id: int, *, browser: str, now: datetime, before: Organiser | None
) -> Step:
    """In at one of several conveners. Raises Refusal while a code is owed, NotFound for a place that is not theirs."""
    if arrival.owes_code:
        raise Refusal(TOO_LATE)
    place = _own_place(session, arrival.account_id, membership_id)
    session.delete(arrival)
    return _in(session, place.id, browser=browser, now=now, before=before, going_to=arrival.going_to)


def switch(session: Session, organiser: Organiser, membership_id: int, *, browser: str, now: datetime) -> Step:
    """The same person in the same browser at another of their conveners; what was shown is not shown again."""
    place = _own_place(session, organiser.account_id, membership_id)
    step = _in(session, place.id, browser=browser, now=now, before=organiser)
    fresh = session.exec(select(SignIn).where(SignIn.token_hash == tokens.hashed_exactly(step.cookie))).one()
    fresh.proved_at = organiser.proved_at
    session.add(fresh)
    return step


def noticed(session: Session, sign_in_id: int | None, *, now: datetime) -> None:
    """Somebody came by again: their sign-in holds from now on, up to its bound."""
    row = session.get(SignIn, sign_in_id)
    if row is not None:
        row.seen_at, row.expires_at = now, ends_at(began=row.created_at, now=now)
        session.add(row)


def is_worth_noticing(row: SignIn, now: datetime) -> bool:
    return row.seen_at is None or now - row.seen_at >= NOTED_EVERY


def end(session: Session, account_id: int, sign_in_id: int) -> None:
    """One browser of this account is signed out. Raises NotFound."""
    row = session.get(SignIn, sign_in_id)
    if row is None or session.get_one(Membership, row.membership_id).account_id != account_id:
        raise NotFound("browser")
    session.delete(row)


def end_others(session: Session, organiser: Organiser) -> None:
    """Every browser of this account but the one that asks; links and half-done sign-ins are void as well."""
    places = select(Membership.id).where(Membership.account_id == organiser.account_id)
    others = delete(SignIn).where(col(SignIn.membership_id).in_(places), col(SignIn.id) != organiser.sign_in_id)
    session.execute(others)
    session.execute(delete(Arrival).where(col(Arrival.account_id) == organiser.account_id))
    session.execute(
        delete(SignInLink).where(col(SignInLink.account_id) == organiser.account_id, col(SignInLink.used_at).is_(None))
    )


def _kept_place(session: Session, account_id: int, before: Organiser | None) -> int | None:
    """The place of whoever shows again who they are; None for anybody else."""
    if before is None or before.account_id != account_id or before.sign_in_id is None:
        return None
    row = session.get(SignIn, before.sign_in_id)
    return row.membership_id if row else None


def _own_place(session: Session, account_id: int, membership_id: int) -> Membership:
    place = session.get(Membership, membership_id)
    if place is None or place.account_id != account_id:
        raise NotFound("convener")
    return place


def _on_the_way(session: Session, account_id: int, *, owes_code: bool, going_to: str, now: datetime) -> Step:
    cookie = tokens.fresh()
    session.execute(delete(Arrival).where(col(Arrival.expires_at) <= now))
    session.add(
        Arrival(
            account_id=account_id,
            token_hash=tokens.hashed_exactly(cookie),
            owes_code=owes_code,
            going_to=going_to,
            expires_at=now + ARRIVING_LASTS,
        )
    )
    return Step(cookie, signed_in=False)


def _in(
    session: Session,
    membership_id: int | None,
    *,
    browser: str,
    now: datetime,
    before: Organiser | None,
    going_to: str = "",
) -> Step:
    assert membership_id is not None
    if before is not None and before.sign_in_id is not None:
        session.execute(delete(SignIn).where(col(SignIn.id) == before.sign_in_id))
    session.execute(delete(SignIn).where(col(SignIn.expires_at) <= now))
    cookie = tokens.fresh()
    session.add(
        SignIn(
            membership_id=membership_id,
            token_hash=tokens.hashed_exactly(cookie),
            created_at=now,
            expires_at=ends_at(began=now, now=now),
            seen_at=now,
            proved_at=now,
            browser=browser,
        )
    )
    session.flush()
    return Step(cookie, signed_in=True, going_to=going_to)
