"""
What letters are written on: who sends them, where answers and bounces go, where links lead.

It travels with the session (`Db(url, info=...)`), because a letter is a row of the same transaction.
"""

from dataclasses import dataclass

from sqlmodel import Session

from roundtables.mail.signature import Signer
from roundtables.tokens import Purpose, derive

BOUNCE_MARK = "b-"


@dataclass(frozen=True, slots=True)
class Stationery:
    """`secret` makes the personal addresses; `signer` signs where a DKIM key is set."""

    secret: str
    public_url: str = "http://127.0.0.1:8000"
    mail_from: str = "roundtables@localhost"
    reply_address: str = "rsvp@localhost"
    signer: Signer | None = None

    @property
    def domain(self) -> str:
        return self.reply_address.partition("@")[2]

    def reply_to(self, nonce: str) -> str:
        """The address that only one invitee was given: rsvp+TOKEN@domain."""
        return self._plus(derive(self.secret, Purpose.REPLY, nonce))

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


def of(session: Session) -> Stationery:
    stationery: Stationery = session.info["stationery"]
    return stationery
