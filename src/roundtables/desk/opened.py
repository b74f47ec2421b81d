"""A letter of ours, opened: its headers, its words, its page and its calendar. Pure but for the folder it stands in."""

from dataclasses import dataclass

from roundtables.mail.charsets import decode
from roundtables.mail.headers import decoded, split
from roundtables.mail.parts import Part, leaves

SHOWN = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To")
LONGEST_PART = 512 * 1024
FRAMED = (
    "sandbox {flags}; default-src 'none'; style-src 'unsafe-inline'; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'self'"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """`headers`: those a reader cares for, (name, text). Parts that are missing are ""."""

    headers: list[tuple[str, str]]
    text: str
    html: str
    calendar: str

    def header(self, name: str) -> str:
        return next((value for known, value in self.headers if known == name), "")


def opened(raw: bytes) -> Opened:
    """Raises Unreadable for bytes past the limits of a mail."""
    head, body = split(raw)
    parts = leaves(head, body)
    headers = [(name, decoded(head[name.lower()][0])) for name in SHOWN if head.get(name.lower())]
    return Opened(headers, _words(parts, "text/plain"), _words(parts, "text/html"), _words(parts, "text/calendar"))


def _words(parts: list[Part], kind: str) -> str:
    part = next((part for part in parts if part.kind == kind and part.disposition != "attachment"), None)
    if part is None:
        return ""
    text = decode(part.data(LONGEST_PART), part.parameters.get("charset", "utf-8"))
    return text.replace("\r\n", "\n")
