"""Everybody's mailbox: the letters the catcher kept, listed and read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from roundtables.errors import NotFound, Unreadable
from roundtables.mail import message
from roundtables.mail.headers import decoded, split

NAME = re.compile(r"\d{20}-\d{6}")
MOST_LISTED = 300
HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class MailRoom:
    """Where the letters lie, where answers are handed in, and the organiser's sign-in link for the first visit."""

    folder: Path
    lmtp_address: tuple[str, int]
    sign_in: str = ""


@dataclass(frozen=True, slots=True)
class Caught:
    """One letter in the list. `to` is the address alone."""

    name: str
    to: str
    to_name: str
    sender: str
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One person's letters, the newest first."""

    address: str
    name: str
    letters: Sequence[Caught]


def mailboxes(folder: Path) -> list[Mailbox]:
    """Everybody's letters, whoever got one last first; the newest MOST_LISTED letters in all."""
    found: dict[str, list[Caught]] = {}
    for path in sorted(folder.glob("*.eml"), reverse=True)[:MOST_LISTED]:
        letter = _listed(path)
        if letter is not None:
            found.setdefault(letter.to, []).append(letter)
    return [Mailbox(address, letters[0].to_name, letters) for address, letters in found.items()]


def read(folder: Path, name: str) -> bytes:
    """The bytes of one letter. Raises NotFound."""
    if not NAME.fullmatch(name):
        raise NotFound("letter")
    try:
        return (folder / f"{name}.eml").read_bytes()
    except FileNotFoundError as error:
        raise NotFound("letter") from error


def taken_at(name: str) -> datetime:
    """When a letter was taken in, from its name."""
    return datetime.fromtimestamp(int(name.partition("-")[0]) / 1e9, UTC)


def _listed(path: Path) -> Caught | None:
    """None for a letter that was deleted meanwhile or is damaged."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        mail = message.read(head.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        to_name = decoded(split(head)[0].get("to", ("",))[0]).partition("<")[0].strip().strip('"')
    except (OSError, Unreadable):
        return None
    to = mail.recipients[0] if mail.recipients else ""
    return Caught(path.stem, to, to_name, mail.from_name or mail.from_address, mail.subject, taken_at(path.stem))
