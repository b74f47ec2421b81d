"""What every page of the desk needs: whose it is, who reads it, the form token, and the two counts of its menu."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, func, select

from roundtables.convener.access import check_form
from roundtables.convener.model import Convener
from roundtables.convener.rules import Organiser
from roundtables.db import now
from roundtables.invitation import queries as invitations
from roundtables.keeping import holding
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.settings import Settings
from roundtables.web import csrf
from roundtables.web.problems import NotAllowed


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits: mails that need a person, deputies proposed, letters that are held."""

    mails: int
    deputies: int
    to_send: int

    @property
    def needs_you(self) -> int:
        return self.mails + self.deputies


def frame(
    session: Session, organiser: Organiser, settings: Settings, *, current: str, flash: str = ""
) -> dict[str, Any]:
    """
    The context of `_layout/desk.html`, in four queries: site, me, csrf, counts, current, flash, is_held; besides them
    `may_organise`, the convener's `zone` (an IANA name) and `now`.
    """
    convener = session.get_one(Convener, organiser.convener_id)
    return {
        "site": {
            "name": convener.name,
            "accent": convener.accent,
            "tagline": convener.tagline,
            "language": organiser.language,
        },
        "me": organiser.name,
        "csrf": csrf.form_token(settings.secret_key, organiser.session_key),
        "counts": counts(session, organiser.convener_id),
        "current": current,
        "flash": flash,
        "may_organise": organiser.may_organise,
        "zone": convener.time_zone,
        "now": now(),
        "is_held": holding.is_held(session),
    }


def counts(session: Session, convener_id: int) -> Counts:
    """How many mails and proposed deputies need a person, and how many letters wait to be sent."""
    mails = select(func.count()).where(
        IncomingMail.convener_id == convener_id, IncomingMail.outcome == Outcome.NEEDS_HUMAN
    )
    held = select(func.count()).where(
        OutgoingLetter.convener_id == convener_id, OutgoingLetter.state == LetterState.HELD
    )
    deputies = invitations.number_of_deputies_proposed(session, convener_id)
    return Counts(session.exec(mails).one(), deputies, session.exec(held).one())


def check_organiser(data: dict[str, Any], organiser: Organiser, settings: Settings) -> None:
    """Raises NotAllowed unless the form is ours and whoever sent it may change tables, guests and letters."""
    check_form(data, organiser, settings)
    if not organiser.may_organise:
        raise NotAllowed("Your role may look at this, and change nothing here.")
