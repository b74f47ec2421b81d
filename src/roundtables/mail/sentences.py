"""A text as sentences: each verbatim, and as the words of its clauses. Pure, linear."""

import re
from dataclasses import dataclass
from itertools import pairwise

from .phrase_tree import Mark
from .phrasebook import Phrasebook

MAX_SENTENCES = 120
MAX_SALUTATION = 6
_ANSWERS = ("come", "out", "unsure", "who", "force")
WRAPPED = 50  # a line at least this long was broken by a mail program, not by the writer
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n\s*\n")
_COMMA = re.compile(r"[,;:()–—\"“”„«»]|\s-+\s|\.\.\.|[…!?]|(?<![0-9])\.(?=\s|$)")
_QUESTION = re.compile(r"\[[^\]]*[?]\]")  # a quoted one, as cutting.py keeps it
_LAST_WORD = re.compile(r"[^\s(]{1,12}$")
_INITIALS = re.compile(r"(?:[A-Z]\.?-?){1,3} ?x{0,3}|x{1,3}")
_INVISIBLE = dict.fromkeys([0x00AD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065)])


@dataclass(frozen=True, slots=True)
class Sentence:
    """`parts`: the words between commas and the like, `marks` in them; `asks`: the last part is a question."""

    verbatim: str
    parts: tuple[tuple[str, ...], ...]
    marks: tuple[tuple[Mark, ...], ...]
    asks: bool
    quotes: bool
    answers_a_quote: bool

    @property
    def words(self) -> int:
        return sum(map(len, self.parts))


def pieces(text: str, abbreviations: frozenset[str]) -> list[str]:
    """The sentences of `text` as written, at most MAX_SENTENCES."""
    text = _joined(text.translate(_INVISIBLE).replace("\r", "").replace("？", "?"))
    found, start = [], 0
    for end in _END.finditer(text):
        if end.group().startswith(".") and _goes_on(text[start : end.start()], abbreviations):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    found = [piece for piece in [*found, text[start:].strip()] if any(map(str.isalnum, piece))]
    if len(found) > 1 and _INITIALS.fullmatch(found[-1]):
        found.pop()
    return found[:MAX_SENTENCES]


def sentence(piece: str, book: Phrasebook) -> Sentence:
    """One of pieces() with its words in the spelling of `book`."""
    parts = [tuple(book.spelling.words(part)) for part in _COMMA.split(piece)]
    parts = [part for part in parts if part]
    parts = parts[1:] if parts and _salutes(parts[0], book) else parts
    return Sentence(
        verbatim=piece,
        parts=tuple(parts),
        marks=tuple(tuple(book.found(part)) for part in parts),
        asks="?" in piece[-4:],
        quotes=any(mark in piece for mark in '"“„«'),
        answers_a_quote=bool(_QUESTION.fullmatch(piece)),
    )


def _salutes(words: tuple[str, ...], book: Phrasebook) -> bool:
    """Is this "Dear Miss Hargreaves" and no more?"""
    if words[0] not in book.greetings or len(words) > MAX_SALUTATION:
        return False
    titled = not book.titles.isdisjoint(words[1:3])
    return titled or not any(mark.kind.startswith(_ANSWERS) for mark in book.found(words))


def _goes_on(before: str, abbreviations: frozenset[str]) -> bool:
    """Is the point after `before` one of "Dr." or "12.", so that no sentence ends here?"""
    last = _LAST_WORD.search(before[-14:])
    word = last.group().lower() if last else ""
    return word in abbreviations or (word.isdigit() and len(word) <= 2)


def _joined(text: str) -> str:
    """Lines that a mail program broke stay together; after a short one a capital begins something new."""
    lines = text.split("\n")
    out = [lines[0]]
    for line, following in pairwise(lines):
        goes_on = len(line.rstrip()) >= WRAPPED or following[:1].islower() or following[:1].isdigit()
        out += ["\n" if goes_on else "\n\n", following]
    return "".join(out)
