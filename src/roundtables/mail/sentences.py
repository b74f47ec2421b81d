"""A text as sentences, their words written out so that phrases can be compared, and what each says. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from .phrasebook import Kind, Phrasebook, english

MAX_SENTENCES = 60
WRAPPED = 50  # a line at least this long was broken by a mail program, not by the writer
MAX_PREFACE = 2  # words before "I will be there" that leave it the writer's own, as in "Ach Cormac"
_BREAK = re.compile(r"(?<=[.!?…])[\"'”’)]?(?:\s+|$)|\n\s*\n")
_CLAUSE = re.compile(r"[,;:()–—]| - |\.\.\.|…")
_QUESTION = re.compile(r"\[[^\]]*[?]\]")  # a quoted one, as cutting.py keeps it
_TURN = re.compile(r" (?=(?:but|so|however|because|since|although|though) )")
_WORD = re.compile(r"\+1|[^\W_]+(?:['-][^\W_]+)*")
_WRITER = re.compile(r"(?<= )(?:i|me|my|it is a) ")
_INITIALS = re.compile(r"(?:[A-Z]\.?-?){1,3} ?x{0,3}|x{1,3}")
_INVISIBLE = dict.fromkeys([0x00AD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065)])


@dataclass(frozen=True, slots=True)
class Clause:
    """`bare` is `text` without the leads it begins with ("yes", "but", "I am happy to say that")."""

    text: str
    bare: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """`all` and `core` are normal(); `core` is without harmless phrases, `clauses` are the core's."""

    verbatim: str
    all: str
    core: str
    clauses: tuple[Clause, ...]
    asks: bool
    needs: bool

    @property
    def harmless(self) -> bool:
        return not self.core.strip() and not self.asks


def sentences(text: str, book: Phrasebook) -> list[Sentence]:
    """The sentences of `text` without its greeting, at most MAX_SENTENCES."""
    pieces = [piece.strip() for piece in _BREAK.split(_joined(_plain(text))) if piece.strip()]
    pieces = [_without_greeting(piece, book, first=not number) for number, piece in enumerate(pieces)]
    pieces = [piece for piece in pieces if normal(piece, book).strip()]
    if len(pieces) > 1 and _INITIALS.fullmatch(pieces[-1]):
        pieces.pop()
    return [_sentence(piece, book) for piece in pieces[:MAX_SENTENCES]]


def normal(text: str, book: Phrasebook) -> str:
    """Lower-case words, contractions written out, one blank before and after each."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("‘", "'")
    words = _WORD.findall(plain)
    out = " ".join(book.written_out.get(word, word) for word in words).replace("can not", "cannot")
    return f" {out} " if out else " "


def numbers(text: str) -> frozenset[int]:
    """The numbers written in digits."""
    return frozenset(int(found) for found in re.findall(r"[0-9]{1,9}", text))


def fires(kind: Kind, sentence: Sentence) -> bool:
    """Does the sentence say it in any way that may decide?"""
    return says_plainly(kind, sentence) or is_whole(kind, sentence) or any(_softly(kind, c) for c in sentence.clauses)


def says_plainly(kind: Kind, sentence: Sentence) -> bool:
    """Does a clause begin with one of the plain phrases?"""
    return any(_plainly(kind, clause, first=not number) for number, clause in enumerate(sentence.clauses))


def is_whole(kind: Kind, sentence: Sentence) -> bool:
    """Is the first clause nothing but the phrase, and do the others say the same?"""
    first, *others = sentence.clauses or (Clause(" ", " "),)
    return _all_of(kind, first) and all(_all_of(kind, c) or _plainly(kind, c, first=False) for c in others)


def beside(kind: Kind, sentence: Sentence, *, after: bool) -> str:
    """What the sentence holds beside the phrases that say the answer; with `after`, only what follows."""
    rest, said = [], False
    for number, clause in enumerate(sentence.clauses):
        match = _plainly(kind, clause, first=not number) or _softly(kind, clause)
        whole = _all_of(kind, clause)
        said = said or whole or bool(match)
        if not whole and (said or not after):
            rest.append(_around(clause, match, leads=not after))
    return " ".join(rest)


def _sentence(piece: str, book: Phrasebook) -> Sentence:
    if _QUESTION.fullmatch(piece):
        return Sentence(piece, " ", " ", (), asks=True, needs=False)
    every = normal(piece, book)
    parts = (part for clause in _CLAUSE.split(piece) for part in _TURN.split(normal(clause, book)))
    clauses = (_without(book.harmless, f" {part.strip()} ") for part in parts)
    return Sentence(
        verbatim=piece,
        all=every,
        core=_without(book.harmless, every),
        clauses=tuple(Clause(text, _bare(text, book)) for text in clauses if text.strip()),
        asks="?" in piece,
        needs=bool(book.needs.search(every)),
    )


def _bare(text: str, book: Phrasebook) -> str:
    while (lead := book.leads.match(text, 1)) and lead.end() < len(text):
        text = text[lead.end() - 1 :]
    return text


def _without(harmless: re.Pattern[str], text: str) -> str:
    left = " ".join(harmless.sub("", text).split())
    return f" {left} " if left else " "


def _plain(text: str) -> str:
    return text.translate(_INVISIBLE).replace("\r", "").replace("？", "?")


def _joined(text: str) -> str:
    """Lines that a mail program broke stay together; after a short one a capital begins something new."""
    lines = text.split("\n")
    out = [lines[0]]
    for line, following in pairwise(lines):
        goes_on = len(line.rstrip()) >= WRAPPED or following[:1].islower() or following[:1].isdigit()
        out += ["\n" if goes_on else "\n\n", following]
    return "".join(out)


def _without_greeting(piece: str, book: Phrasebook, *, first: bool) -> str:
    head, comma, rest = piece.partition(",")
    words = normal(head, book).split()
    if words and words[0] in book.greetings and len(words) <= 5:
        return rest.strip()
    named = first and comma and 1 <= len(words) <= 2 and all(word[:1].isupper() for word in head.split())
    return rest.strip() if named and book.not_names.isdisjoint(words) else piece


def _plainly(kind: Kind, clause: Clause, *, first: bool) -> re.Match[str] | None:
    """The phrase at the start of the clause or after a word or two; without "I", only where the sentence starts."""
    at = 1
    for preface in range(1 + MAX_PREFACE):
        match = kind.says.match(clause.bare, at)
        if match and ((first and not preface) or _WRITER.search(clause.bare, match.start(), match.end())):
            return match
        space = clause.bare.find(" ", at)
        if space < 0 or english().vetoes["preface"].match(clause.bare, at):
            break
        at = space + 1
    return None


def _softly(kind: Kind, clause: Clause) -> re.Match[str] | None:
    return kind.soft.match(clause.bare, 1)


def _all_of(kind: Kind, clause: Clause) -> bool:
    return bool(kind.whole.fullmatch(clause.bare, 1) or kind.whole.fullmatch(clause.text, 1))


def _around(clause: Clause, match: re.Match[str] | None, *, leads: bool) -> str:
    if not match:
        return clause.text
    lead = clause.text[: len(clause.text) - len(clause.bare)] if leads else ""
    return f" {lead} {clause.bare[: match.start()]} {clause.bare[match.end() :]} "
