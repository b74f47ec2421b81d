"""
Text from a stranger made harmless to look at, and the sentence that matters found in it. Pure.

Escaping is the templates' work. Here goes what escaping leaves: controls, direction marks and what stands unseen
between letters, piles of marks on one letter, and length without end.
"""

import re
import unicodedata
from dataclasses import dataclass

SHOWN_AT_ONCE = 1_500
LONGEST_SENTENCE = 2_000
_JOINERS = "\u200c\u200d"  # letters of some scripts need them, and so do many signs
_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_PILE = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_GAPS = re.compile(r"\n{4,}")


@dataclass(frozen=True, slots=True)
class Marked:
    """
    A text in four pieces: `sentence` decided, "" if none is to be marked; `rest` is what a page shows when asked to.
    """

    before: str
    sentence: str
    after: str
    rest: str = ""


def inert(text: str) -> str:
    """`text` without controls, direction marks and invisible signs; line breaks and tabs stay."""
    text = _BREAKS.sub("\n", text)
    kept = "".join(char for char in text if char in "\n\t" or char in _JOINERS or not _unseen(char))
    return _GAPS.sub("\n\n\n", _PILE.sub(r"\1", kept))


def inert_line(text: str, most: int = 300) -> str:
    """The same on one line, at most `most` letters."""
    line = " ".join(inert(text[: 4 * most]).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def marked(text: str, sentence: str, *, at_once: int = SHOWN_AT_ONCE) -> Marked:
    """Finds `sentence` in `text`, whatever its white space; unfound, nothing is marked."""
    found = _found(text, sentence)
    end = max(at_once, found.end() if found else 0)
    head, rest = text[:end], text[end:]
    if found is None:
        return Marked(head, "", "", rest)
    return Marked(head[: found.start()], found.group(), head[found.end() :], rest)


def without(text: str, words: str, instead: str) -> str | None:
    """`text` with `instead` where `words` stand, whatever their white space; None if they stand nowhere in it."""
    pieces = [piece for piece in [words, *words.split("\n")] if piece.strip()]
    if (found := _found(text, pieces[0]) if pieces else None) is not None:
        return text[: found.start()] + instead + text[found.end() :]
    for piece in pieces[1:]:
        found = _found(text, piece)
        if found is None:
            return None
        text = text[: found.start()] + instead + text[found.end() :]
    return text if pieces[1:] else None


def _found(text: str, sentence: str) -> re.Match[str] | None:
    words = inert(sentence[:LONGEST_SENTENCE]).split()
    return re.search(r"\s+".join(map(re.escape, words)), text) if words else None


def _unseen(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co")
