"""
Finds names in a text however they are written. Pure.

Text and names are folded alike: no case, no accents, no emphasis marks, no invisible characters, entities read. What
is left are words; a name is a sequence of words, and the text is walked once, whatever the number of names.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

PIECE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});|.", re.DOTALL)
WORD = re.compile(r"[^\W_]+")
SENTENCE_ENDS = re.compile(r"[.!?](?=\s|$)|\n\s*\n")
EMPHASIS = frozenset("*`~\\")  # marks that may stand inside a word and are not seen by a reader
WIDEST_GAP = 8  # letters between two words of one name: "jo_bloggs", "Jo **Bloggs**", "jo&#64;example.org"


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word, and where it begins and ends in the text as written."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """A text as written, and its words."""

    text: str
    words: tuple[Word, ...]

    @cached_property
    def sentences(self) -> list[int]:
        """Where sentences end, in order."""
        return [found.end() for found in SENTENCE_ENDS.finditer(self.text)]

    def sentence_at(self, start: int, end: int) -> str:
        """The sentence round a place in the text."""
        before = max((stop for stop in self.sentences if stop <= start), default=0)
        after = min((stop for stop in self.sentences if stop >= end), default=len(self.text))
        return self.text[before:after]

    def begins_sentence(self, start: int) -> bool:
        """Whether nothing but marks stands between here and the end of the sentence before."""
        before = max((stop for stop in self.sentences if stop <= start), default=0)
        return WORD.search(self.text, before, start) is None


def read(text: str) -> Reading:
    """The words of a text, folded, with their places."""
    folded: list[str] = []
    places: list[tuple[int, int]] = []
    for piece in PIECE.finditer(text):
        for letter in _folded(piece[0]):
            folded.append(letter)
            places.append(piece.span())
    whole = "".join(folded)
    found = (Word(match[0], places[match.start()][0], places[match.end() - 1][1]) for match in WORD.finditer(whole))
    return Reading(text, tuple(found))


def words(text: str) -> tuple[str, ...]:
    """A name as it is looked for: "Dr Zoë O’Neill" → ("dr", "zoe", "o", "neill")."""
    return tuple(word.text for word in read(text).words)


def occurrences(reading: Reading, names: Iterable[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Each place where one of `names` stands: the name, start and end; the longest at each place."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for name in sorted(set(names), key=len, reverse=True):
        if name:
            by_first.setdefault(name[0], []).append(name)
    for place, word in enumerate(reading.words):
        for name in by_first.get(word.text, ()):
            if _stands_at(reading.words, place, name):
                yield name, word.start, reading.words[place + len(name) - 1].end
                break


def _stands_at(found: tuple[Word, ...], place: int, name: tuple[str, ...]) -> bool:
    here = found[place : place + len(name)]
    return tuple(word.text for word in here) == name and all(
        after.start - before.end <= WIDEST_GAP for before, after in pairwise(here)
    )


def _folded(piece: str) -> str:
    if len(piece) == 1 and piece.isascii():
        return "" if piece in EMPHASIS else piece.lower()
    plain = unicodedata.normalize("NFKD", html.unescape(piece)).casefold()
    return "".join(letter for letter in plain if unicodedata.category(letter) not in ("Mn", "Me", "Cf"))
