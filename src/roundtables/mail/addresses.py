"""
Mail addresses, read strictly and in linear time. Pure.

A header with any defect gives nothing: who trusts a half-read From trusts whoever wrote it.
"""

import re
from dataclasses import dataclass

from roundtables.errors import Unreadable

from .charsets import one_line
from .headers import decoded

MAX_HEADER = 8 * 1024
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[()<>,:;]|\\.|[^"()<>,:;\\]+')


@dataclass(frozen=True, slots=True)
class Mailbox:
    name: str
    address: str  # clean()ed


def clean(address: str) -> str:
    """`address`, its domain as lower-case A-labels, "" unless it is one plain local@domain of at most 254 octets."""
    local, at, domain = address.strip().rpartition("@")
    if not at or len(local.encode()) > 64 or not _LOCAL.fullmatch(local):  # RFC 5321 §4.5.3.1.1
        return ""
    domain = _a_labels(domain)
    whole = f"{local}@{domain}"
    return whole if domain and len(whole.encode()) <= 254 else ""


def mailboxes(header: str) -> list[Mailbox]:
    """
    The mailboxes of an address header, still encoded.

    Raises Unreadable for anything but a plain list: groups, text after ">", stray brackets, "@" in a bare name.
    """
    if len(header) > MAX_HEADER:
        raise Unreadable("an address header is too long")
    found: list[Mailbox] = []
    words: list[str] = []
    angle: str | None = None
    in_angle = False
    for piece in _pieces(header):
        if piece == "," and not in_angle:
            found += _mailbox(words, angle)
            words, angle = [], None
        elif piece == "<" and angle is None:
            in_angle, angle = True, ""
        elif piece == ">" and in_angle:
            in_angle = False
        elif piece in ("<", ">", ",", ":", ";", "(", ")"):
            raise Unreadable("an address header is not a plain list of addresses")
        elif in_angle:
            angle = f"{angle}{piece}"
        elif angle is not None and piece.strip():
            raise Unreadable("there is text after an address")
        else:
            words.append(piece)
    if in_angle:
        raise Unreadable("an address is not closed")
    return found + _mailbox(words, angle)


def only_mailbox(headers: tuple[str, ...]) -> Mailbox | None:
    """The one mailbox of exactly one header, None when there are more, fewer or any defect."""
    if len(headers) != 1:
        return None
    try:
        found = mailboxes(headers[0])
    except Unreadable:
        return None
    return found[0] if len(found) == 1 else None


def _pieces(header: str) -> list[str]:
    """Quoted strings, specials and runs of text; comments are dropped, an open one or an open quote is refused."""
    kept, depth, end = [], 0, 0
    for match in _PIECE.finditer(header):
        if match.start() != end:
            break
        end, piece = match.end(), match.group()
        if piece == "(":
            depth += 1
        elif piece == ")" and depth:
            depth -= 1
        elif not depth:
            kept.append(piece)
    if end != len(header) or depth:
        raise Unreadable("a quote or a comment in an address header is not closed")
    return kept


def _mailbox(words: list[str], angle: str | None) -> list[Mailbox]:
    if angle is None and not "".join(words).strip():
        return []  # RFC 5322 §4.4: empty list members are obsolete, not wrong
    bare = "".join(word for word in words if not word.startswith('"'))
    if angle is not None and "@" in bare:
        raise Unreadable("an address stands where a name should be")
    address = clean("".join(words) if angle is None else angle)
    if not address:
        raise Unreadable("an address is not a plain name@domain")
    return [Mailbox("" if angle is None else _name(words), address)]


def _name(words: list[str]) -> str:
    plain = [re.sub(r"\\(.)", r"\1", word[1:-1]) if word.startswith('"') else word for word in words]
    return one_line(decoded("".join(plain)))[:200]


def _a_labels(domain: str) -> str:
    if len(domain) > 253:
        return ""
    try:
        domain = domain.lower() if domain.isascii() else domain.lower().encode("idna").decode()
    except UnicodeError:
        return ""
    return domain if all(_LABEL.fullmatch(label) for label in domain.split(".")) else ""
