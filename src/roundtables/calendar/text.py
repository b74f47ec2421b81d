"""What may stand in a calendar text: no controls, no invisible direction changes. Pure."""

import html
import re

_BREAKS = re.compile("\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
# C0 and C1 but the line feed; zero-width space and byte-order mark; direction marks, overrides and isolates; surrogates
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
_ESCAPE = re.compile(r"\\([\\;,nN])")
_CARET = re.compile(r"\^([\^n'])")


def one_line(text: str) -> str:
    """`text` on a single line: breaks and tabs become one space, other controls and direction marks go."""
    return _UNSEEN.sub("", _SPACES.sub(" ", text)).strip()


def many_lines(text: str) -> str:
    """`text` with every kind of line break as a line feed, and without other controls and direction marks."""
    return _UNSEEN.sub("", _BREAKS.sub("\n", text).replace("\t", " ")).strip()


def unescaped(value: str) -> str:
    """A TEXT value as written by its author."""
    # RFC 5545 §3.3.11
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def unquoted(value: str) -> str:
    """A parameter value without its double quotes, carets undone."""
    # RFC 6868 §3.2
    return _CARET.sub(lambda found: {"^": "^", "n": "\n", "'": '"'}[found[1]], value.replace('"', "")).strip()


def unescaped_html(value: str) -> str:
    """A note that was escaped for HTML and then for a calendar, as Google does."""
    return html.unescape(unescaped(value))
