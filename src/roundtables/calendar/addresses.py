"""When two e-mail addresses are the same. Pure."""

import re
import unicodedata
from urllib.parse import unquote

LONGEST = 254  # octets, RFC 5321 §4.5.3.1.3 less the angle brackets
_FOREIGN = re.compile(r"[\s\"(),:;<>\[\]\\\ufffd]")
_DOTS = re.compile("[\u3002\uff0e\uff61]")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


def canonical_address(text: str) -> str:
    """
    The form in which addresses are compared: "MAILTO:Jo%2Brt@Example.ORG?subject=x" gives "jo+rt@example.org".

    Lower case, percent signs undone once, the domain in A-labels, the local part in NFC. Dots and plus tags are
    kept: jo+rt and jo are two addresses. Anything that is not one plain address gives "".
    """
    bare = _bare(text) if len(text) <= 4 * LONGEST else ""
    local, at, domain = bare.partition("@")
    if not (local and at) or "@" in domain or _FOREIGN.search(bare) or not bare.isprintable():
        return ""
    address = f"{local}@{_a_labels(domain)}"
    return "" if address.endswith("@") or len(address.encode(errors="replace")) > LONGEST else address


def _bare(text: str) -> str:
    text = text.strip("\"'<> \t")
    if text[:7].lower() == "mailto:":
        text = text[7:].strip("\"'<> \t")
    if "?" in text:  # RFC 6068 §2: header fields follow the address
        text = text.partition("?")[0]
    return unicodedata.normalize("NFC", unquote(text, errors="replace").lower())


def _a_labels(domain: str) -> str:
    """The domain with every label in ASCII, "" if one cannot be. No mapping beyond case: ß is not ss."""
    labels = [_a_label(label) for label in _DOTS.sub(".", domain).split(".")]
    return ".".join(labels) if all(_LABEL.fullmatch(label) for label in labels) else ""


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    return "xn--" + label.encode("punycode", errors="replace").decode()  # RFC 5891 §4.4
