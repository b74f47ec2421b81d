"""
Six digits from a program of one's own (RFC 6238), and codes on paper for the day it is lost.

The secret is kept encrypted under the service's own key: a copy of the database makes no digits.
"""

import hashlib
import hmac
import secrets
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from sqlmodel import Session, col, delete, select

from roundtables import tokens
from roundtables.convener import tries
from roundtables.convener.model import Authenticator, RecoveryCode
from roundtables.errors import Refusal
from roundtables.texts import _

RECOVERY_CODES = 10
STEP = timedelta(seconds=30)
AROUND = (0, -1, 1)  # a clock may be half a minute off
WRONG = _("That is not the code of this moment. Wait for the next one and try again.")


def begin(session: Session, account_id: int, secret_key: str, *, now: datetime) -> None:
    """A secret to be confirmed; one that was begun before is forgotten. Raises Refusal where one is in use."""
    found = session.get(Authenticator, account_id)
    if found is not None and found.confirmed_at is not None:
        raise Refusal("There is an authenticator already. Take it away first.")
    found = found or Authenticator(account_id=account_id, secret="", created_at=now)
    found.secret, found.created_at = _sealed(pyotp.random_base32(), secret_key), now
    session.add(found)


def to_scan(found: Authenticator, secret_key: str, *, account: str, convener: str) -> tuple[str, str]:
    """The QR code as SVG, and the secret to type where nothing can be scanned."""
    secret = _opened(found.secret, secret_key)
    address = pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=convener)
    return segno.make(address, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff"), secret


def confirm(session: Session, account_id: int, code: str, secret_key: str, *, now: datetime) -> list[str]:
    """The recovery codes, this once, if the program shows the right digits. Raises Refusal."""
    found = session.get(Authenticator, account_id)
    if found is None or found.confirmed_at is not None:
        raise Refusal("Begin again, please.")
    if not _is_shown(session, found, code, secret_key, now):
        raise Refusal(WRONG, field="code")
    found.confirmed_at = now
    session.add(found)
    return fresh_codes(session, account_id)


def fresh_codes(session: Session, account_id: int) -> list[str]:
    """Ten codes that work once each; those of before are void."""
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
    codes = [_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account_id, code_hash=_hashed(code)) for code in codes)
    return codes


def take_away(session: Session, account_id: int) -> None:
    for table in (RecoveryCode, Authenticator):
        session.execute(delete(table).where(col(table.account_id) == account_id))


def accepts(session: Session, account_id: int, code: str, secret_key: str, *, now: datetime) -> bool:
    """Whether the digits of now, or an unused recovery code, were typed; either counts once."""
    found = session.get(Authenticator, account_id)
    if found is None or found.confirmed_at is None:
        return False
    return _is_shown(session, found, code, secret_key, now) or _is_on_paper(session, account_id, code, now)


def _is_shown(session: Session, found: Authenticator, code: str, secret_key: str, now: datetime) -> bool:
    digits = "".join(code.split())
    try:
        shown = pyotp.TOTP(_opened(found.secret, secret_key))
    except InvalidToken:  # of another SECRET_KEY: only a recovery code helps
        return False
    for step in _steps(now):
        if hmac.compare_digest(shown.generate_otp(step).encode(), digits.encode()):
            return tries.spend(session, f"code/{found.account_id}/{found.secret}/{step}", now=now)
    return False


def _steps(now: datetime) -> Iterator[int]:
    return (int(now.timestamp() // STEP.total_seconds()) + away for away in AROUND)


def _is_on_paper(session: Session, account_id: int, code: str, now: datetime) -> bool:
    found = select(RecoveryCode).where(
        RecoveryCode.account_id == account_id,
        RecoveryCode.code_hash == _hashed(code),
        col(RecoveryCode.used_at).is_(None),
    )
    row = session.exec(found.with_for_update()).one_or_none()
    if row is None:
        return False
    row.used_at = now
    session.add(row)
    return True


def _code() -> str:
    """80 bits in four groups of letters and digits."""
    letters = b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def _hashed(code: str) -> str:
    return tokens.hashed("".join(c for c in code.lower() if c.isalnum()))


def _sealed(secret: str, secret_key: str) -> str:
    return _box(secret_key).encrypt(secret.encode()).decode()


def _opened(sealed: str, secret_key: str) -> str:
    return _box(secret_key).decrypt(sealed.encode()).decode()


def _box(secret_key: str) -> Fernet:
    key = hmac.new(secret_key.encode(), b"roundtables/second-factor", hashlib.sha256).digest()
    return Fernet(urlsafe_b64encode(key))
