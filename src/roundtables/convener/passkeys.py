"""
Passkeys (WebAuthn Level 3): the browser signs a challenge of ours. A key that checked its owner is both factors.

A challenge is not kept: it carries our own seal and the time until which it holds, and counts once.
"""

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlmodel import Session, select
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from roundtables.convener import queries, tries
from roundtables.convener.model import Account, Passkey
from roundtables.errors import NotFound, Refusal
from roundtables.texts import _

CHALLENGE_LASTS = timedelta(minutes=10)
MOST = 20  # of one account
LARGEST = 20_000  # bytes of an answer
WRONG = _("This passkey was not recognised. Try again, or come in by another way.")


@dataclass(frozen=True, slots=True)
class Site:
    """Whom passkeys are made for: the host of PUBLIC_URL. An address without a name has none."""

    origin: str
    name: str
    secret: str

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""

    @property
    def has_passkeys(self) -> bool:
        try:
            ip_address(self.host)
        except ValueError:
            return self.origin.startswith("https://") or self.host == "localhost"
        return False


def to_make_one(session: Session, site: Site, account: Account, *, now: datetime) -> str:
    """What the browser needs to make a passkey for this account, as JSON."""
    assert account.id is not None
    known = [_descriptor(row) for row in queries.passkeys(session, account.id)]
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=hashlib.sha256(f"{site.secret}/passkeys/{account.id}".encode()).digest(),
        user_name=account.email,
        user_display_name=account.name,
        challenge=_challenge(site, f"make/{account.id}", now),
        exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return webauthn.options_to_json(options)


def to_sign_in(site: Site, *, now: datetime) -> str:
    """What the browser needs to sign in with any passkey it holds for us, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=_challenge(site, "sign-in", now),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def add(session: Session, site: Site, account_id: int, answer: str, *, name: str, now: datetime) -> Passkey:
    """The passkey that the browser made. Raises Refusal."""
    if len(queries.passkeys(session, account_id)) >= MOST:
        raise Refusal("That is as many passkeys as an account holds. Take one away first.")
    challenge = _ours(session, site, f"make/{account_id}", answer, now)
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Refusal(WRONG) from error
    number = bytes_to_base64url(made.credential_id)
    if session.exec(select(Passkey).where(Passkey.credential == number)).one_or_none() is not None:
        raise Refusal("This passkey is known already.")
    row = Passkey(
        account_id=account_id,
        credential=number,
        public_key=made.credential_public_key,
        uses=made.sign_count,
        name=name[:80],
        created_at=now,
    )
    session.add(row)
    return row


def owner(session: Session, site: Site, answer: str, *, now: datetime) -> int:
    """The account whose passkey signed. Raises Refusal."""
    challenge = _ours(session, site, "sign-in", answer, now)
    number = str(_read(answer).get("id", ""))
    row = session.exec(select(Passkey).where(Passkey.credential == number).with_for_update()).one_or_none()
    if row is None:
        raise Refusal(WRONG)
    try:
        proved = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.uses,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Refusal(WRONG) from error
    row.uses, row.used_at = proved.new_sign_count, now
    session.add(row)
    return row.account_id


def take_away(session: Session, account_id: int, passkey_id: int) -> None:
    """Raises NotFound."""
    row = session.get(Passkey, passkey_id)
    if row is None or row.account_id != account_id:
        raise NotFound("passkey")
    session.delete(row)


def _descriptor(row: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=_bytes(row.credential))


def _challenge(site: Site, purpose: str, now: datetime) -> bytes:
    """16 bytes of chance, 8 that say until when it holds, 16 of our seal on both."""
    body = secrets.token_bytes(16) + int((now + CHALLENGE_LASTS).timestamp()).to_bytes(8, "big")
    return body + _seal(site, purpose, body)


def _seal(site: Site, purpose: str, body: bytes) -> bytes:
    message = f"roundtables/passkeys/{purpose}/".encode() + body
    return hmac.new(site.secret.encode(), message, hashlib.sha256).digest()[:16]


def _ours(session: Session, site: Site, purpose: str, answer: str, now: datetime) -> bytes:
    """The challenge in an answer, if we gave it for this, lately, and it was not used yet. Raises Refusal."""
    try:
        said = json.loads(_bytes(_read(answer)["response"]["clientDataJSON"]))
        challenge = _bytes(said["challenge"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(WRONG) from error
    body, seal = challenge[:24], challenge[24:]
    holds = hmac.compare_digest(seal, _seal(site, purpose, body)) and int.from_bytes(body[16:], "big") > now.timestamp()
    if not holds or not tries.spend(session, f"passkey/{challenge.hex()}", now=now):
        raise Refusal("That took too long. Load the page again and try once more.")
    return challenge


def _read(answer: str) -> dict[str, Any]:
    try:
        found = json.loads(answer) if len(answer) <= LARGEST else None
    except (ValueError, RecursionError) as error:
        raise Refusal(WRONG) from error
    if not isinstance(found, dict):
        raise Refusal(WRONG)
    return found


def _bytes(text: Any) -> bytes:
    return urlsafe_b64decode(str(text) + "=" * (-len(str(text)) % 4))
