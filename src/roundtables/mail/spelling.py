"""How a text becomes words that can be compared: case, accents, apostrophes, contractions. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

_WORD = re.compile(r"\+1|[^\W_]+(?:['’][^\W_]+)*['’]?")
_COMBINING = dict.fromkeys(range(0x0300, 0x0370))
ELIDED = 5  # letters of "j'" or "jusqu'", which a phrase may name alone; a longer word before a mark is only quoted


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a text becomes words that can be compared: `words()`."""

    apostrophe: str
    accented: frozenset[str]
    written_out: Mapping[str, tuple[str, ...]]
    endings: Mapping[str, tuple[str, ...]]

    def words(self, text: str) -> list[str]:
        """The words of `text` in lower case, without accents and hyphens, contractions written out."""
        plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("‘", "'")
        return [part for found in _WORD.findall(plain) for part in self._written_out(found)]

    def _written_out(self, word: str) -> tuple[str, ...]:
        word = word if word in self.accented else bare(word)
        if word in self.written_out:
            return self.written_out[word]
        if "'" not in word:
            return (word,)
        for ending, parts in self.endings.items():
            if word.endswith(ending) and len(word) > len(ending):
                return (word[: -len(ending)], *parts)
        return self._split(word)

    def _split(self, word: str) -> tuple[str, ...]:
        head, _, tail = word.partition("'")
        if self.apostrophe == "left" and (tail or len(head) <= ELIDED):
            return (head + "'", *(self._written_out(tail) if tail else ()))
        if self.apostrophe == "right" and head and tail:
            return (*self._written_out(head), "'" + tail)
        return (word.strip("'"),)


def bare(word: str) -> str:
    """`word` without accents: "réunion" and "reunion" are one."""
    return word if word.isascii() else unicodedata.normalize("NFKD", word).translate(_COMBINING)
