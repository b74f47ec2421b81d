"""DKIM signatures (RFC 6376, Ed25519 by RFC 8463), relaxed in headers and body. Pure."""

import base64
import hashlib
import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SIGNED = (
    *("from", "to", "subject", "date", "message-id", "in-reply-to", "reply-to", "mime-version", "content-type"),
    *("content-class", "auto-submitted", "list-unsubscribe", "list-unsubscribe-post", "list-id"),
)
SMALLEST_RSA = 2048
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.IGNORECASE)
_BLANKS = re.compile(rb"[ \t]+")


class Signer:
    """Signs for `domain` with the key published at `selector`._domainkey.`domain`."""

    __slots__ = ("_key", "domain", "selector")

    def __init__(self, domain: str, selector: str, key_pem: bytes) -> None:
        """`key_pem`: an unencrypted PEM key, RSA of at least 2,048 bits or Ed25519. Raises ValueError for others."""
        if not _NAME.fullmatch(domain) or not _NAME.fullmatch(selector):
            raise ValueError("a DKIM domain and selector are plain domain names")
        self.domain, self.selector = domain.lower(), selector.lower()
        self._key = _key(key_pem)

    def sign(self, message: bytes) -> bytes:
        """The DKIM-Signature header, CRLF included, to put before `message`, whose lines end in CRLF."""
        head, _, body = message.partition(b"\r\n\r\n")
        headers = _headers(head)
        names = [name for name, _ in headers if name in SIGNED] + ["from"]  # RFC 6376 §8.15: no second From
        names.sort(key=SIGNED.index)
        unsigned = self._header(names, base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode())
        signed = _to_sign(headers, names) + _relaxed_header(b"DKIM-Signature:" + unsigned.encode())
        return f"DKIM-Signature:{unsigned}{self._signature(signed)}\r\n".encode()

    def _header(self, names: list[str], body_hash: str) -> str:
        algorithm = "rsa-sha256" if isinstance(self._key, RSAPrivateKey) else "ed25519-sha256"
        return (
            f" v=1; a={algorithm}; c=relaxed/relaxed; d={self.domain};\r\n s={self.selector};\r\n"
            f" h={_folded(':'.join(names), ':')};\r\n bh={body_hash};\r\n b="
        )

    def _signature(self, signed: bytes) -> str:
        if isinstance(self._key, RSAPrivateKey):
            raw = self._key.sign(signed, PKCS1v15(), SHA256())
        else:
            raw = self._key.sign(hashlib.sha256(signed).digest())  # RFC 8463 §3
        text = base64.b64encode(raw).decode()
        return "\r\n ".join(text[at : at + 72] for at in range(0, len(text), 72))


def _key(pem: bytes) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError as locked:
        raise ValueError("the DKIM key is locked with a password") from locked
    if isinstance(key, RSAPrivateKey) and key.key_size >= SMALLEST_RSA:
        return key
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise ValueError(f"a DKIM key is Ed25519, or RSA of at least {SMALLEST_RSA} bits")


def _headers(head: bytes) -> list[tuple[str, bytes]]:
    """Lower-case name and whole header, folds kept, topmost first."""
    found = re.split(rb"\r\n(?![ \t])", head)
    return [(header.partition(b":")[0].strip().decode("ascii").lower(), header) for header in found if header]


def _to_sign(headers: list[tuple[str, bytes]], names: list[str]) -> bytes:
    """The named headers from the bottom up; a name without a header left signs its absence (RFC 6376 §5.4.2)."""
    left: dict[str, list[bytes]] = {}
    for name, header in headers:
        left.setdefault(name, []).append(header)
    present = [left[name].pop() for name in names if left.get(name)]
    return b"".join(_relaxed_header(header) + b"\r\n" for header in present)


def _relaxed_header(header: bytes) -> bytes:  # RFC 6376 §3.4.2
    name, _, value = header.partition(b":")
    return name.strip().lower() + b":" + _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip()


def _relaxed_body(body: bytes) -> bytes:  # RFC 6376 §3.4.4
    lines = [_BLANKS.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def _folded(text: str, separator: str) -> str:
    """`text` broken after a separator wherever a line would pass 70 characters."""
    lines = [""]
    for piece in text.split(separator):
        if len(lines[-1]) + len(piece) > 70:
            lines.append("")
        lines[-1] += piece + separator
    return "\r\n  ".join(lines).removesuffix(separator)
