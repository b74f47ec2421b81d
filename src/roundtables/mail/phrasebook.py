"""
What one language says, from phrases/<language>.toml. How a file is written: phrases/en.toml. Pure.

    phrases -> one tree of words for marks (the longest counts), one for signals and facts (all count)
    a list of words -> found(), signalled(): what stands where
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from .phrase_tree import Lexicon, Mark, Node, Tree, Walk, beginnings
from .spelling import Spelling, bare

LANGUAGES = ("en", "cy", "ga", "gd", "fr", "de", "es", "it", "nl")
MARKS = ("harmless", "turns", "who", "not", "unsure", "come", "out", "force")  # of equal phrases the first counts
SIGNALS = ("signals", "facts")
_LETTER = ("fillers", "follow", "after", "common", "greetings")
_SLIGHT = (".yes", ".no", ".hint", ".lament", ".sorry")


@dataclass(frozen=True, slots=True)
class Days:
    """How days are named: words to numbers (months from 1, weekdays from Monday, 0), and what stands beside them."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    ordinals: frozenset[str]
    between: frozenset[str]
    until: frozenset[str]
    by: frozenset[str]
    to: frozenset[str]
    relative: tuple[tuple[tuple[str, ...], int], ...]  # words, days after the mail
    named: tuple[tuple[tuple[str, ...], tuple[int, int]], ...]  # words, (month, day)


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """One language. `free`: the order of words is; `adds`: negations do; `spoken`: a verb needs its subject."""

    language: str
    marks: Node
    signals: Node
    lexicon: Lexicon
    spelling: Spelling
    days: Days
    free: bool
    adds: bool
    spoken: bool
    gap: int
    after: frozenset[str]
    greetings: frozenset[str]
    abbreviations: frozenset[str]
    common: frozenset[str]
    titles: frozenset[str]
    particles: frozenset[str]

    @property
    def known(self) -> frozenset[str]:
        return self.lexicon.known

    @property
    def fillers(self) -> frozenset[str]:
        return self.lexicon.fillers

    def found(self, words: Sequence[str]) -> list[Mark]:
        """The marks of a clause from left to right, of those that begin at one word the longest."""
        walk = Walk(self.lexicon, words)
        marks, at = [], 0
        while at < len(words):
            mark = max(walk.marks(self.marks, at), key=_weight, default=None)
            marks += [mark] if mark else []
            at = mark.end if mark else at + 1
        return marks

    def may_follow(self, word: str) -> bool:
        """May `word` come after a predicate that stands as it is: not "coming | down with a cold"?"""
        return not self.after or word not in self.known or word in self.fillers or word in self.after

    def signalled(self, words: Sequence[str]) -> list[Mark]:
        """Every signal and fact, wherever it stands."""
        walk = Walk(self.lexicon, words)
        return [mark for at in range(len(words)) for mark in walk.marks(self.signals, at)]


@cache
def load(language: str) -> Phrasebook:
    """The phrasebook of one of languages(). Read when a mail first needs it, not at the start."""
    data = tomllib.loads(_file(language).read_text(encoding="utf-8"))
    grammar, letter, people = data["grammar"], data["letter"], data.get("people", {})
    spelling = _spelling(data)
    choices: dict[str, Tree] = {}
    trees = [_tree(data, sections, spelling, choices) for sections in (MARKS, SIGNALS)]
    sets = {name: Tree(spelling, choices).plant("", phrases) for name, phrases in data.get("sets", {}).items()}
    roots = {name: tree.root for name, tree in (sets | choices).items()}
    for root in (*roots.values(), *(tree.root for tree in trees)):
        root.first, root.loose = beginnings(root, roots)
    words = {name: _words(letter.get(name, ()), spelling) for name in _LETTER}
    negators = frozenset(word for phrases in data.get("not", {}).values() for word in phrases if " " not in word)
    known = frozenset().union(*words.values(), *(tree.seen for tree in (*trees, *sets.values())))
    return Phrasebook(
        language,
        trees[0].root,
        trees[1].root,
        Lexicon(roots, words["fillers"], words["follow"], negators, known),
        spelling,
        _days(data.get("dates", {}), spelling),
        free=grammar["order"] == "free",
        adds=grammar["negation"] == "adds",
        spoken=grammar["subject"] == "spoken",
        gap=grammar["gap"],
        after=words["after"],
        greetings=words["greetings"],
        abbreviations=frozenset(letter.get("abbreviations", ())),
        common=words["common"] | frozenset(map(bare, letter.get("common", ()))),
        titles=_words(people.get("titles", ()), spelling),
        particles=frozenset(people.get("particles", ())),
    )


@cache
def languages() -> tuple[str, ...]:
    """Those of LANGUAGES that have a file."""
    return tuple(each for each in LANGUAGES if _file(each).is_file())


def _file(language: str) -> Any:
    return files(__package__).joinpath("phrases", f"{language}.toml")


def _spelling(data: Mapping[str, Any]) -> Spelling:
    return Spelling(
        data["grammar"]["apostrophe"],
        frozenset(data["letter"].get("accented", ())),
        {bare(word): tuple(out.split()) for word, out in data.get("written_out", {}).items()},
        {ending: tuple(out.split()) for ending, out in data.get("endings", {}).items()},
    )


def _tree(data: Mapping[str, Any], sections: Iterable[str], spelling: Spelling, choices: dict[str, Tree]) -> Tree:
    tree = Tree(spelling, choices)
    for section in sections:
        for name, phrases in data.get(section, {}).items():
            tree.plant(f"{section}.{name}", phrases)
    return tree


def _words(phrases: Iterable[str], spelling: Spelling) -> frozenset[str]:
    return frozenset(word for phrase in phrases for word in spelling.words(phrase))


def _days(data: Mapping[str, Any], spelling: Spelling) -> Days:
    def numbered(rows: Sequence[str], start: int) -> dict[str, int]:
        return {word: number for number, row in enumerate(rows, start) for word in spelling.words(row)}

    return Days(
        numbered(data.get("months", ()), 1),
        numbered(data.get("weekdays", ()), 0),
        frozenset(data.get("ordinals", ())),
        _words(data.get("between", ()), spelling),
        _words(data.get("until", ()), spelling),
        _words(data.get("by", ()), spelling),
        _words(data.get("to", ()), spelling),
        tuple((tuple(spelling.words(phrase)), plus) for phrase, plus in data.get("relative", {}).items()),
        tuple((tuple(spelling.words(p)), (int(on[:2]), int(on[3:]))) for p, on in data.get("named", {}).items()),
    )


def _weight(mark: Mark) -> tuple[int, bool]:
    """The longest phrase counts, of equal ones the first that is more than a word of assent or regret."""
    return mark.end, not mark.kind.endswith(_SLIGHT)
