"""
Personal addresses and links. Pure but for `nonce`.

A token is derived, never stored: HMAC of a row's nonce under the secret key, one purpose each, 128 bits.
The database keeps the nonce and the token's hash, so that a letter can be written again and yet a copy of
the database opens nothing (docs/decisions/0003).
"""

import hashlib
import hmac
import secrets
from base64 import b32encode
from enum import StrEnum


class Purpose(StrEnum):
    REPLY = "reply"
    PAGE = "page"
    BOUNCE = "bounce"
    FORM = "form"
    TABLE = "table"
    UNSUBSCRIBE = "unsubscribe"


def nonce() -> str:
    return secrets.token_hex(16)


def derive(secret: str, purpose: Purpose, nonce: str) -> str:
    """26 lower-case base32 letters: a local part survives mail systems that fold case (RFC 5321 §2.4)."""
    mac = hmac.new(secret.encode(), f"roundtables/{purpose}/{nonce}".encode(), hashlib.sha256).digest()
    return b32encode(mac[:16]).decode().rstrip("=").lower()


def hashed(token: str) -> str:
    """What the database keeps of a token: 64 hex digits."""
    return hashlib.sha256(token.lower().encode()).hexdigest()


def fresh() -> str:
    """A token that is shown once and looked up by its hash: sign-in links, sessions, API tokens."""
    return secrets.token_urlsafe(24)


def hashed_exactly(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
