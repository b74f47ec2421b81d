"""
What letters are written on: who sends them, where answers and bounces go, where links lead.

It travels with the session (`Db(url, info=...)`), because a letter is a row of the same transaction.

    rsvp+TOKEN@      an answer     rsvp+b-TOKEN@    a failed delivery
    rsvp+t-TOKEN@    to a table    rsvp+u-TOKEN@    no more letters

Where a mail system takes no plus, rsvp-TOKEN@ and TOKEN@ mean the same.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from sqlmodel import Session

from roundtables.mail.signature import Signer
from roundtables.tokens import Purpose, derive

BOUNCE_MARK = "b-"
TABLE_MARK = "t-"
UNSUBSCRIBE_MARK = "u-"
_TOKEN = re.compile(r"(?:[btu]-)?[a-z2-7]{26}")  # as tokens.derive makes them


class ReplyMode(StrEnum):
    """What the address that answers go to tells: the invitee, the table, or nothing."""

    PERSONAL = "token"
    TABLE = "table"
    STATIC = "static"


@dataclass(frozen=True, slots=True)
class Stationery:
    """`secret` makes the personal addresses; `signer` signs where a DKIM key is set."""

    secret: str
    public_url: str = "http://127.0.0.1:8000"
    mail_from: str = "roundtables@localhost"
    reply_address: str = "rsvp@localhost"
    signer: Signer | None = None
    reply_mode: ReplyMode = ReplyMode.PERSONAL

    @property
    def domain(self) -> str:
        return self.reply_address.partition("@")[2]

    def reply_to(self, nonce: str, table: str = "") -> str:
        """Where answers go: rsvp+TOKEN@domain of one invitee, or as the mode says. `table` is a roundtable's uid."""
        if self.reply_mode is ReplyMode.STATIC:
            return self.reply_address
        if self.reply_mode is ReplyMode.TABLE and table:
            return self._plus(TABLE_MARK + self.table_token(table))
        return self._plus(derive(self.secret, Purpose.REPLY, nonce))

    def table_token(self, table: str) -> str:
        return derive(self.secret, Purpose.TABLE, table)

    def unsubscribes_to(self, nonce: str) -> str:
        """Where a letter's List-Unsubscribe leads by mail, never an answer's address."""
        return self._plus(UNSUBSCRIBE_MARK + derive(self.secret, Purpose.UNSUBSCRIBE, nonce))

    def bounces_to(self, nonce: str) -> str:
        """The envelope sender of one letter: rsvp+b-TOKEN@domain, never an answer's address."""
        return self._plus(BOUNCE_MARK + derive(self.secret, Purpose.BOUNCE, nonce))

    def page(self, nonce: str) -> str:
        """The invitee's own page."""
        return f"{self.public_url}/i/{derive(self.secret, Purpose.PAGE, nonce)}"

    def message_id(self, nonce: str) -> str:
        return f"{nonce}@{self.domain}"

    def _plus(self, token: str) -> str:
        local, _, domain = self.reply_address.partition("@")
        return f"{local}+{token}@{domain}"


def token_in(recipient: str, reply_address: str) -> str | None:
    """
    The token, with its mark, in an address that mail came to; "" for the bare reply address, None for any other.

    "rsvp+TOKEN@d", "rsvp%2BTOKEN@d", "rsvp-TOKEN@d", "TOKEN@d" and "TOKEN@rsvp.d" are the same to us.
    """
    local, _, domain = unquote(recipient.strip("<> ")).lower().rpartition("@")
    base, _, home = reply_address.lower().rpartition("@")
    if domain not in (home, f"{base}.{home}"):
        return None
    if domain == home and local == base:
        return ""
    if domain == home and local.startswith(f"{base}+"):
        return local.removeprefix(f"{base}+")
    bare = local.removeprefix(f"{base}-") if domain == home else local
    return bare if _TOKEN.fullmatch(bare) else None


def of(session: Session) -> Stationery:
    stationery: Stationery = session.info["stationery"]
    return stationery
