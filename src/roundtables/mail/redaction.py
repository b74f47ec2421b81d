"""A kept mail without its words: who wrote, when and about what is left, so that it is still found. Pure."""

from roundtables.errors import Unreadable

from . import headers

KEPT = ("message-id", "date", "from", "to", "subject", "in-reply-to", "references")


def redacted(raw: bytes, said: str) -> bytes:
    """The head of `raw` as far as it says which mail this is, and `said` in the place of all else."""
    lines = [f"{name.title()}: {value}" for name, value in _kept(raw)]
    lines += ["Content-Type: text/plain; charset=utf-8", "", said, ""]
    return "\r\n".join(lines).encode("utf-8", "replace")


def _kept(raw: bytes) -> list[tuple[str, str]]:
    try:
        head, _ = headers.split(raw)
    except Unreadable:
        return []
    return [(name, " ".join(str(value).split())) for name in KEPT for value in head.get(name, ())[:1]]
