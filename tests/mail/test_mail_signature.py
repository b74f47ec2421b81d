"""Our DKIM signatures before an independent verifier."""

import base64
import sys
from types import ModuleType, SimpleNamespace

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from roundtables.mail.signature import Signer

MESSAGE = (
    b"From: Ana <ana@example.org>\r\nTo: jo@example.net\r\nSubject: A long\r\n  subject \t here\r\n"
    b"Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <a@example.org>\r\nX-Other: 1\r\n\r\n"
    b"Dear  Jo,  \r\n\r\n\tplease come.\r\n\r\n\r\n"
)
RSA = rsa.generate_private_key(65537, 2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()


def pem(key) -> bytes:
    form, lock = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, lock)


def record(key) -> bytes:
    if key is RSA:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        public = key.public_key().public_bytes(serialization.Encoding.DER, form)
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public)


class BadSignatureError(Exception):
    pass


class VerifyKey:
    """What the verifier needs of PyNaCl, on the cryptography package."""

    def __init__(self, key: bytes, encoder: object) -> None:
        self.key = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(key))

    def verify(self, message: bytes, signature: bytes) -> bytes:
        try:
            self.key.verify(signature, message)
        except InvalidSignature as wrong:
            raise BadSignatureError from wrong
        return message


@pytest.fixture(autouse=True)
def _nacl(monkeypatch):
    nacl = ModuleType("nacl")
    nacl.signing = SimpleNamespace(VerifyKey=VerifyKey)
    nacl.encoding = SimpleNamespace(Base64Encoder=object())
    nacl.exceptions = SimpleNamespace(BadSignatureError=BadSignatureError, ValueError=ValueError)
    monkeypatch.setitem(sys.modules, "nacl", nacl)
    monkeypatch.setattr(dkim, "nacl", nacl, raising=False)


def verifies(message: bytes, key) -> bool:
    asked = []

    def answer(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record(key)

    return dkim.verify(message, dnsfunc=answer) and asked == [b"s1._domainkey.example.org."]


each_key = pytest.mark.parametrize("key", [RSA, ED25519], ids=["rsa", "ed25519"])


@each_key
def test_a_signed_letter_verifies(key):
    header = Signer("Example.org", "s1", pem(key)).sign(MESSAGE)
    assert verifies(header + MESSAGE, key)
    assert header.endswith(b"\r\n")
    assert max(map(len, header.split(b"\r\n"))) <= 78


@each_key
def test_what_a_relay_may_change_still_verifies(key):
    signed = Signer("example.org", "s1", pem(key)).sign(MESSAGE) + MESSAGE
    relayed = signed.replace(b"Subject: A long\r\n  subject \t here", b"subject:A long subject here")
    relayed = b"Received: from a by b\r\n" + relayed.replace(b"Dear  Jo,  \r\n", b"Dear Jo,\r\n").rstrip() + b"\r\n"
    assert verifies(relayed, key)


@each_key
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"please come", b"please pay"),
        (b"To: jo@example.net", b"To: eve@example.net"),
        (b"Subject: A long", b"Subject: A short"),
        (b"X-Other", b"From: eve@example.net\r\nX-Other"),
        (b"Message-ID: <a@", b"Message-ID: <b@"),
    ],
)
def test_what_nobody_may_change_breaks_it(key, old, new):
    signed = Signer("example.org", "s1", pem(key)).sign(MESSAGE) + MESSAGE
    assert not verifies(signed.replace(old, new), key)


@each_key
def test_no_second_sender_can_be_put_on_top(key):
    signed = Signer("example.org", "s1", pem(key)).sign(MESSAGE) + MESSAGE
    assert b" h=from:from:to:" in signed
    assert not verifies(b"From: eve@example.net\r\n" + signed, key)


def test_an_empty_body_is_signed_too():
    message = MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert verifies(Signer("example.org", "s1", pem(RSA)).sign(message) + message, RSA)


def test_weak_locked_or_foreign_keys_are_refused():
    small = rsa.generate_private_key(65537, 1024)
    with pytest.raises(ValueError, match="at least 2048 bits"):
        Signer("example.org", "s1", pem(small))
    lock = serialization.BestAvailableEncryption(b"secret")
    locked = RSA.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
    with pytest.raises(ValueError, match="locked"):
        Signer("example.org", "s1", locked)
    with pytest.raises(ValueError, match="Ed25519"):
        Signer(
            "example.org",
            "s1",
            pem(
                __import__(
                    "cryptography.hazmat.primitives.asymmetric.x25519", fromlist=["x"]
                ).X25519PrivateKey.generate()
            ),
        )
    with pytest.raises(ValueError, match="plain domain"):
        Signer("example.org; x=", "s1", pem(RSA))
