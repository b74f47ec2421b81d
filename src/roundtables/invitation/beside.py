"""
What a mail tells beside its answer: how somebody takes part, whether they want the write-up, what they need.

Needs go to their own place and nowhere else. That place stands right of invitations, so it comes with the session:
`session.info["take_down_needs"]`, set where the database is made (docs/decisions/0008).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

from sqlmodel import Session

from roundtables.invitation.arrival import Facts
from roundtables.invitation.keeping import note
from roundtables.invitation.model import Invitation
from roundtables.mail.words import Reading

TakeDownNeeds = Callable[[Session, Invitation, str, datetime], object]
MODES = {"online": "You will join us online.", "room": "You will be with us in the room."}


def facts(reading: Reading) -> Facts | None:
    """What an organiser may see of it, None if there is nothing; needs are never among it."""
    found: Facts = {}
    if reading.back:
        found["back"] = reading.back.isoformat()
    if reading.until:
        found["until"] = reading.until.isoformat()
    if reading.mode:
        found["mode"] = reading.mode
    if reading.wants_writeup:
        found["wants_writeup"] = True
    if reading.left:
        found["left"] = True
    if reading.unsubscribe:
        found["notes"] = ["wants no more mail of ours"]
    if reading.language != "en":
        found["language"] = reading.language
    return found or None


def known(found: Mapping[str, object] | None) -> Facts:
    """Facts as they were kept with a mail, for the answer that an organiser applies."""
    return cast("Facts", dict(found or {}))


def take_down(session: Session, invitation: Invitation, found: Facts) -> None:
    """Keeps how somebody takes part and whether they want the write-up; an undo of the answer takes both back."""
    if found.get("mode") in MODES:
        invitation.mode = found["mode"]
    if found.get("wants_writeup"):
        invitation.wants_writeup = True
    session.add(invitation)


def take_down_needs(
    session: Session, invitation: Invitation, needs: str, *, by: str, now: datetime, mail_id: int | None = None
) -> None:
    """Puts what somebody wrote of their needs where only few may read it. Twice the same is once."""
    if not needs.strip():
        return
    write_down: TakeDownNeeds = session.info["take_down_needs"]
    if write_down(session, invitation, needs.strip(), now):
        note(session, invitation, "told us what they need", by=by, now=now, mail_id=mail_id)


def in_words(found: Facts | None, needs: str, *, coming: bool) -> list[str]:
    """The same for a confirmation; what they need is never repeated, and who does not come hears of the rest anyway."""
    found = found or {}
    said = [MODES[found["mode"]]] if coming and found.get("mode") in MODES else []
    said += ["You would like to see what comes of it, and you will."] if coming and found.get("wants_writeup") else []
    return said + (["We noted what you need, for those who look after it."] if needs else [])


def without_needs(text: str, needs: str, instead: str = "") -> str:
    """`text` without the words about needs, whatever their white space; `instead` stands in their place."""
    wanted, here = " ".join(needs.split()), " ".join(text.split())
    if not wanted:
        return text
    if here and here in wanted:
        return instead
    return " ".join(here.replace(wanted, instead).split()) if wanted in here else text
