"""
Which language a text is in, and with which phrasebook each of its sentences is read. Pure.

Every phrasebook counts the words it knows; common words (letter.common) count more. The text's language is the one
that knows most; a sentence that English knows better is read as English.
"""

import re
from dataclasses import dataclass

from . import second_reader
from .phrasebook import Phrasebook, languages, load
from .sentences import pieces
from .spelling import bare

ENOUGH = 0.34  # the share of words that must be known
SAMPLE = 1_500  # characters that are looked at
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Tongue:
    """`known`: enough of the words are in that language's phrasebook. Each piece goes with its phrasebook."""

    language: str
    known: bool
    pieces: list[tuple[str, Phrasebook]]


def get_ready() -> None:
    """Reads every phrasebook, which takes a second or two: rather before a transaction than in one."""
    for each in languages():
        load(each)
    second_reader.weights()


def of(text: str) -> Tongue:
    """The language of `text` among languages(), English when nothing is known."""
    books = [load(each) for each in languages()]
    words = _plain(text[:SAMPLE])
    top = max(books, key=lambda book: (_score(words, book), book.language == "en"))
    parts = pieces(text, top.abbreviations)
    chosen = [(piece, _better(piece, top, books[0])) for piece in parts]
    return Tongue(top.language, _understood(chosen), chosen)


def _better(piece: str, top: Phrasebook, english: Phrasebook) -> Phrasebook:
    if top is english:
        return english
    words = _plain(piece)
    return english if _score(words, english) > _score(words, top) else top


def _plain(text: str) -> list[str]:
    """Words as any language may have them, cut at apostrophes."""
    return _WORD.findall(bare(text.lower()))


def _score(words: list[str], book: Phrasebook) -> int:
    return sum((word in book.known or word in book.spelling.written_out) + 2 * (word in book.common) for word in words)


def _understood(chosen: list[tuple[str, Phrasebook]]) -> bool:
    known = total = 0
    for piece, book in chosen:
        words = book.spelling.words(piece[:SAMPLE])
        known, total = known + sum(word in book.known for word in words), total + len(words)
        if total > SAMPLE:
            break
    return total > 0 and known >= ENOUGH * total
