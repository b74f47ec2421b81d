"""
The parts of a MIME message, found in one pass over the bytes and under limits. Pure.

Python's own parser is not used: it takes seconds for 10 MB of line ends and recurses into every message/rfc822.
Here an embedded message is a leaf, and nobody looks inside.
"""

import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from roundtables.errors import Unreadable

from .headers import Headers, content_type, split

MAX_PARTS = 100
MAX_DEPTH = 10
MAX_PART_HEADERS = 16 * 1024
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf: `kind` is its media type in lower case, `body` still in its transfer encoding."""

    kind: str
    parameters: Mapping[str, str]
    disposition: str
    file_name: str
    encoding: str
    body: bytes

    def data(self, limit: int | None = None) -> bytes:
        """The decoded octets, of at most `limit` encoded ones; a broken encoding gives what can be read."""
        body = self.body[:limit]
        if self.encoding == "base64":
            return _base64(body)
        return binascii.a2b_qp(body) if self.encoding == "quoted-printable" else body


def leaves(headers: Headers, body: bytes) -> list[Part]:
    """The leaves in the order they stand. Raises Unreadable past MAX_PARTS or MAX_DEPTH."""
    return _Walk().into(headers, body, depth=0, default="text/plain")


class _Walk:
    def __init__(self) -> None:
        self.seen = 0

    def into(self, headers: Headers, body: bytes, *, depth: int, default: str) -> list[Part]:
        kind, parameters = content_type(_first(headers, "content-type"))
        kind = kind or default
        boundary = parameters.get("boundary", "")
        if not kind.startswith("multipart/") or not 1 <= len(boundary) <= 200:
            return [_leaf(headers, kind, parameters, body)]
        if depth == MAX_DEPTH:
            raise Unreadable(f"it has parts nested more than {MAX_DEPTH} deep")
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"  # RFC 2046 §5.1.5
        found: list[Part] = []
        for piece in self._pieces(body, boundary.encode()):
            inner, rest = split(piece, limit=MAX_PART_HEADERS)
            found += self.into(inner, rest, depth=depth + 1, default=default)
        return found

    def _pieces(self, body: bytes, boundary: bytes) -> list[bytes]:
        mark, body = b"\n--" + boundary, b"\n" + body
        pieces: list[bytes] = []
        start, at = None, body.find(mark)
        while at >= 0:
            line_end = body.find(b"\n", at + 1)
            line_end = len(body) if line_end < 0 else line_end
            rest = body[at + len(mark) : min(line_end, at + len(mark) + 80)].strip()
            self._count()
            if rest in (b"", b"--"):
                if start is not None:
                    pieces.append(body[start:at].removesuffix(b"\r"))
                start = None if rest else line_end + 1
                if rest:
                    return pieces
            at = body.find(mark, line_end)
        return pieces if start is None else [*pieces, body[start:]]

    def _count(self) -> None:
        self.seen += 1
        if self.seen > 2 * MAX_PARTS:
            raise Unreadable(f"it has more than {MAX_PARTS} parts")


def _leaf(headers: Headers, kind: str, parameters: Mapping[str, str], body: bytes) -> Part:
    disposition, named = content_type(_first(headers, "content-disposition"))
    name = named.get("filename") or parameters.get("name", "")
    encoding = _first(headers, "content-transfer-encoding")[:100].partition(";")[0].strip().lower()
    return Part(kind, parameters, disposition, name, encoding, body)


def _base64(body: bytes) -> bytes:
    letters = body.partition(b"=")[0].translate(None, _NOT_BASE64)
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _first(headers: Headers, name: str) -> str:
    return headers.get(name, ("",))[0]
