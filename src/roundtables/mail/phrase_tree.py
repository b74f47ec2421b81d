"""
Phrases as a tree of words, and the walk along a text that finds them. Pure.

The time of a walk grows with the words and not with the phrases; a set of phrases is a tree of its own, walked once at
each word. How a phrase is written: phrases/en.toml.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .spelling import Spelling, bare

MOST = 48  # ways in which a phrase may still go on
LONGEST = 14  # words a phrase may span with its fillers
_ELEMENT = re.compile(r"\[[^\]]*\]|\S+")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What a walk must know of the words: `fillers` may stand in any phrase, `negators` never in a gap of one."""

    sets: Mapping[str, "Node"]
    fillers: frozenset[str]
    follow: frozenset[str]
    negators: frozenset[str]
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mark:
    """`kind` is section and list, as "come.verb"; it covers words[start:end]."""

    kind: str
    start: int
    end: int


@dataclass(slots=True)
class Node:
    """A place in the tree of words. `ends`: what ends here; `stops`, `finals`: if the clause does."""

    words: dict[str, "Node"] = field(default_factory=dict)
    stems: dict[str, "Node"] = field(default_factory=dict)
    sets: dict[str, "Node"] = field(default_factory=dict)
    any: "Node | None" = None
    name: "Node | None" = None
    ends: list[str] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)
    finals: list[str] = field(default_factory=list)
    first: frozenset[str] = frozenset()  # of a tree: the words its phrases begin with, unless `loose`
    loose: bool = False  # of a tree: a phrase may begin with any word

    def following(self, word: str, lexicon: Lexicon) -> list["Node"]:
        found = [self.words[word]] if word in self.words else []
        if self.stems:
            found += [self.stems[word[:size]] for size in range(2, min(len(word), 24) + 1) if word[:size] in self.stems]
        if self.any and word not in lexicon.negators:
            found.append(self.any)
        if self.name and word not in lexicon.known and not word[:1].isdigit():
            found.append(self.name)
        return found


class Walk:
    """Walks the trees along one list of words; what a set finds at a word is found once."""

    def __init__(self, lexicon: Lexicon, words: Sequence[str]) -> None:
        self._lexicon, self._words = lexicon, words
        self._kept: dict[tuple[str, int], frozenset[int]] = {}

    def marks(self, root: Node, start: int) -> list[Mark]:
        found = ((kind, end) for kind, end in self._ends(root, start) if not (start and kind.startswith("^")))
        return [Mark(kind.lstrip("^"), start, end) for kind, end in found]

    def _ends(self, root: Node, start: int) -> list[tuple[str, int]]:
        """All that begins at one word. Fillers inside a phrase need not be in it."""
        words, fillers, follow = self._words, self._lexicon.fillers, self._lexicon.follow
        if not (root.loose or words[start] in root.first):
            return []
        found: list[tuple[str, int]] = []
        agenda: dict[int, list[Node]] = {start: [root]}
        at, last = start, len(words)
        while agenda:
            nodes = agenda.pop(at, None)
            if nodes:
                for node in nodes:
                    if at == last:
                        found += [(kind, at) for kind in node.finals]
                    if node.stops and (at == last or words[at] in follow):
                        found += [(kind, at) for kind in node.stops]
                    found += [(kind, at) for kind in node.ends]
                if at < last and at - start < LONGEST:
                    self._step(agenda, nodes, at, skips=at > start and words[at] in fillers)
            at += 1
        return found

    def _step(self, agenda: dict[int, list[Node]], nodes: list[Node], at: int, *, skips: bool) -> None:
        word = self._words[at]
        after = {id(node): node for node in agenda.get(at + 1, ())}
        for node in nodes:
            for each in node.following(word, self._lexicon):
                after[id(each)] = each
            for name, then in node.sets.items():
                for end in self._of_set(name, at):
                    if end == at + 1:
                        after[id(then)] = then
                    else:
                        agenda.setdefault(end, []).append(then)
            if skips:
                after[id(node)] = node
        if after:
            agenda[at + 1] = list(after.values())[:MOST]

    def _of_set(self, name: str, at: int) -> frozenset[int]:
        if (name, at) not in self._kept:
            self._kept[name, at] = frozenset()
            self._kept[name, at] = frozenset(end for _, end in self._ends(self._lexicon.sets[name], at) if end > at)
        return self._kept[name, at]


class Tree:
    """
    Builds a tree of words from phrases; `seen` are the words in it. `choices`: what stands in the middle of a phrase
    as one|or|another is a tree of its own, or every phrase would grow with the product of all its choices.
    """

    def __init__(self, spelling: Spelling, choices: dict[str, "Tree"]) -> None:
        self.root, self.seen, self.choices = Node(), set[str](), choices
        self._spelling = spelling

    def plant(self, kind: str, phrases: Iterable[str]) -> "Tree":
        for phrase in phrases:
            kind = "^" * phrase.startswith("^ ") + kind.lstrip("^")
            ends = self._along([self.root], phrase.strip("^ .!"))
            if kind and self.root in ends:  # it would be found everywhere, and never end
                raise ValueError(f"{kind}: something of “{phrase}” must stand")
            for node in ends:
                kinds = node.stops if phrase.endswith(" .") else node.finals if phrase.endswith(" !") else node.ends
                kinds += [kind] if kind not in kinds else []
        return self

    def _along(self, nodes: list[Node], phrase: str) -> list[Node]:
        for number, element in enumerate(_ELEMENT.findall(phrase.replace("...", "[_] " * 6))):
            optional = element.startswith("[")
            inner = element[1:-1] if optional else element
            after = self._choice(nodes, inner) if number and "|" in inner else self._after(nodes, inner)
            nodes = _once([*after, *nodes] if optional else after)
        return nodes

    def _after(self, nodes: list[Node], element: str) -> list[Node]:
        return _once(node for word in element.split("|") for node in self._word(nodes, word))

    def _choice(self, nodes: list[Node], element: str) -> list[Node]:
        if element not in self.choices:
            self.choices[element] = Tree(self._spelling, self.choices).plant("", element.split("|"))
        self.seen |= self.choices[element].seen
        return [node.sets.setdefault(element, Node()) for node in nodes]

    def _word(self, nodes: list[Node], word: str) -> list[Node]:
        if word == "_":
            return [_anything(node) for node in nodes]
        if word == "@":
            return [_a_name(node) for node in nodes]
        if word.startswith("{"):
            return [node.sets.setdefault(word[1:-1], Node()) for node in nodes]
        if word.endswith("*"):
            return [node.stems.setdefault(bare(word[:-1]), Node()) for node in nodes]
        for part in self._spelling.words(word):
            self.seen.add(part)
            nodes = [node.words.setdefault(part, Node()) for node in nodes]
        return nodes


def _anything(node: Node) -> Node:
    node.any = node.any or Node()
    return node.any


def _a_name(node: Node) -> Node:
    node.name = node.name or Node()
    return node.name


def _once(nodes: Iterable[Node]) -> list[Node]:
    return list({id(node): node for node in nodes}.values())


def beginnings(root: Node, sets: Mapping[str, Node]) -> tuple[frozenset[str], bool]:
    """The words with which something in `root` begins, and whether it may begin with any other."""
    words, loose = set(root.words), bool(root.any or root.name or root.stems)
    for name in root.sets:
        inner, open_inner = beginnings(sets[name], sets)
        words |= inner
        loose = loose or open_inner
    return frozenset(words), loose
