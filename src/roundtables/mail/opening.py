"""
A mail opened: its headers and text, and its calendar answers. Pure.

It is done in a process of its own (opener.py), since anybody can send anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from roundtables.calendar import answers
from roundtables.calendar.answers import CalendarAnswer
from roundtables.errors import Unreadable

from . import message
from .message import ReceivedMail


@dataclass(frozen=True, slots=True)
class Sealed:
    """A mail as it was kept. `envelope_from` is "" for a null sender and None when nobody knows it."""

    raw: bytes
    envelope_from: str | None = None
    envelope_to: Sequence[str] = ()
    trusted: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """
    `answers`: each calendar answer with the method its part declares, "" if it declares none. `unreadable`: why a
    calendar part could not be read.
    """

    mail: ReceivedMail
    answers: tuple[tuple[CalendarAnswer, str], ...] = ()
    unreadable: str = ""


def open_mail(sealed: Sealed) -> Opened:
    """Raises Unreadable."""
    mail = message.read(
        sealed.raw,
        envelope_from=sealed.envelope_from,
        envelope_to=sealed.envelope_to,
        trusted_authserv_id=sealed.trusted,
    )
    found: list[tuple[CalendarAnswer, str]] = []
    unreadable = ""
    for part in mail.calendars:
        try:
            found += [(answer, part.method) for answer in answers.read(part.data, charset=part.charset)]
        except Unreadable as error:
            unreadable = str(error)
    return Opened(mail, tuple(found), unreadable)
