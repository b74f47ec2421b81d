"""The words by which somebody is known, and where they stand in text and in raw mail. Pure."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

SOMEBODY = "Somebody who was invited"
NOBODY = "somebody@erased.invalid"  # RFC 2606 §2: nobody's, ever
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4,76}[ \t]*\r?\n)*[A-Za-z0-9+/]{8,76}={0,2}")
_ENCODED_WORD = re.compile(rb"=\?[\w-]{1,20}\?([bBqQ])\?([^?\s]{1,200})\?=")
_FOLD = re.compile(rb"\r?\n[ \t]")
_PLAIN = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Words:
    """Full names and addresses of one person. A name of one word is none: it would be found in anybody's text."""

    names: Sequence[str]
    addresses: Sequence[str]

    @cached_property
    def all(self) -> list[str]:
        """The longest first, so that none is left half."""
        names = [" ".join(name.split()) for name in self.names if len(name.split()) > 1]
        links = [address.replace("@", "%40") for address in self.addresses]
        return sorted({word for word in [*names, *self.addresses, *links] if len(word) > 4}, key=len, reverse=True)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        choices = "|".join(r"\s+".join(map(re.escape, word.split())) for word in self.all)
        return re.compile(rf"(?<![\w.+-])(?:{choices})(?![\w-])" if choices else r"(?!)", re.IGNORECASE)

    def likely(self) -> list[str]:
        """What a database may look for first, in lower case: as written, and as JSON writes it."""
        return sorted({form for word in self.all for form in (word.lower(), json.dumps(word)[1:-1].lower())})

    def stand_in(self, text: str) -> bool:
        return self._pattern.search(text) is not None

    def without(self, value: Any) -> Any:
        """`value`, text or JSON, with SOMEBODY in the place of every name, and nobody's address in that of theirs."""
        if isinstance(value, str):
            return self._pattern.sub(lambda m: NOBODY if "@" in m[0] or "%40" in m[0] else SOMEBODY, value)
        if isinstance(value, list):
            return [self.without(one) for one in value]
        if isinstance(value, dict):
            return {name: self.without(one) for name, one in value.items()}
        return value

    def stand_in_mail(self, raw: bytes) -> bool:
        """Whether a raw mail says them: plainly, quoted-printable, in base64, in encoded words, folded or not."""
        return any(
            self.stand_in(piece.decode("utf-8", "replace")) for piece in _readings(raw) if self._may_stand_in(piece)
        )

    @cached_property
    def _cores(self) -> list[bytes]:
        """Of each word its longest run of plain letters: bytes without any of them need not be read."""
        return [max(_PLAIN.findall(word.lower()), key=len, default="").encode() for word in self.all]

    def _may_stand_in(self, piece: bytes) -> bool:
        low = piece.lower()
        return any(core in low for core in self._cores)


def _readings(raw: bytes) -> Iterator[bytes]:
    """Every way these bytes may be read. Linear in their number."""
    for piece in (raw, binascii.a2b_qp(raw), *_blocks(raw), *_encoded_words(raw)):
        yield piece
        if b"\n " in piece or b"\n\t" in piece:
            yield _FOLD.sub(b"", piece)


def _blocks(raw: bytes) -> Iterator[bytes]:
    for found in _BASE64.finditer(raw):
        block = b"".join(found[0].split())
        yield base64.b64decode(block[: len(block) // 4 * 4])


def _encoded_words(raw: bytes) -> Iterator[bytes]:
    """Each encoded word, and all of them in a row: a name may be split between two (RFC 2047 §2)."""
    words = [_decoded(found[1], found[2]) for found in _ENCODED_WORD.finditer(raw[:65536])]
    yield from words
    yield b"".join(words)


def _decoded(how: bytes, word: bytes) -> bytes:
    if how in b"bB":
        return base64.b64decode(word[: len(word) // 4 * 4])
    return binascii.a2b_qp(word.replace(b"_", b" "))
