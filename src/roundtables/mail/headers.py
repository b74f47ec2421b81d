"""The headers of a mail or of one of its parts, under limits. Pure."""

import re
from collections.abc import Mapping
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import unquote_to_bytes

from roundtables.errors import Unreadable

from .charsets import decode, one_line

MAX_BLOCK = 64 * 1024
MAX_STRUCTURED = 4 * 1024
MAX_TEXT = 4 * 1024
_NAME = re.compile(rb"[!-9;-~]{1,200}")
_PARAMETER = re.compile(r';\s*([\w!#$&+.^`|~*%-]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')

Headers = Mapping[str, tuple[str, ...]]  # lower-case name -> unfolded values, topmost first


def split(raw: bytes, *, limit: int = MAX_BLOCK) -> tuple[Headers, bytes]:
    """The headers and the body. Raises Unreadable when the headers take more than `limit` octets."""
    for empty in (b"\r\n", b"\n"):
        if raw.startswith(empty):
            return {}, raw[len(empty) :]
    ends = [(at, len(mark)) for mark in (b"\n\r\n", b"\n\n") if (at := raw.find(mark, 0, limit + 3)) >= 0]
    if not ends and len(raw) > limit:
        raise Unreadable(f"the headers are longer than {limit // 1024} kB")
    end, mark = min(ends, default=(len(raw), 0))
    return _read(raw[:end]), raw[end + mark :]


def content_type(value: str) -> tuple[str, dict[str, str]]:
    """The media type in lower case and its parameters, names in lower case. Raises Unreadable when too long."""
    if len(value) > MAX_STRUCTURED:
        raise Unreadable("a Content-Type header is too long")
    kind = value.partition(";")[0].strip().lower()
    found: dict[str, str] = {}
    for name, quoted in _PARAMETER.findall(value):
        plain, star, _ = name.lower().partition("*")  # RFC 2231 §3, §4: pieces in the order they came
        found[plain] = found.get(plain, "") + _unquoted(quoted) if star else _unquoted(quoted)
        if name.endswith("*"):
            found[plain] = decode(unquote_to_bytes(found[plain].split("'")[-1]), "utf-8")
    return kind, found


def decoded(value: str) -> str:
    """A text header with its encoded words read (RFC 2047), on one line, at most 1,000 characters."""
    value = value[:MAX_TEXT]
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        return one_line(value)[:1000]
    text = "".join(piece if isinstance(piece, str) else decode(piece, charset or "") for piece, charset in pieces)
    return one_line(text)[:1000]


def ids(value: str) -> tuple[str, ...]:
    """The message ids of a References-like header without their brackets, at most the last 50."""
    return tuple(re.findall(r"<([^<>\s]{1,250})>", value))[-50:]


def _read(block: bytes) -> Headers:
    lines: list[list[bytes]] = []
    for line in block.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t") and lines:
            lines[-1].append(line)
        else:
            lines.append([line])
    found: dict[str, list[str]] = {}
    for pieces in lines:
        name, colon, value = b"".join(pieces).partition(b":")
        if colon and _NAME.fullmatch(name.rstrip()):
            found.setdefault(name.rstrip().decode("ascii").lower(), []).append(decode(value.strip(), ""))
    return {name: tuple(values) for name, values in found.items()}


def _unquoted(value: str) -> str:
    value = value.strip()
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[:1] == '"' and value[-1:] == '"' else value
