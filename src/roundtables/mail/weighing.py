"""
What a sentence says and what it shows besides. Pure.

verdict.py makes of all of them what the mail says, objections.py looks for what speaks against it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .phrase_tree import Mark
from .phrasebook import Phrasebook
from .propositions import Heard
from .sentences import Sentence

SHORT = 5  # words of a sentence whose signals may stand on both sides of a comma
_COVER = (
    "harmless",
    "out.lost",
    "out.phrase",
    "out.parting",
    "come.phrase",
)  # marks that take away the signals in them


@dataclass(frozen=True, slots=True)
class Weighed:
    """A sentence with what it says and shows. `strange_parts` of it name a time not the meeting's."""

    sentence: Sentence
    heard: Heard
    signals: frozenset[str]
    facts: frozenset[str]
    strange_parts: frozenset[int]
    book: Phrasebook

    @property
    def practical(self) -> bool:
        """Is it about needs, papers or the way there?"""
        return bool(self.facts & {"needs", "logistics", "writeup", "sharp"})


def signals_and_facts(sentence: Sentence, book: Phrasebook) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the signals that no harmless phrase covers, and of the facts."""
    signals: set[str] = set()
    facts: set[str] = set()
    parts = list(zip(sentence.parts, sentence.marks, strict=True))
    if len(parts) > 1 and sentence.words <= SHORT:  # "Yeah, right."
        flat = [word for words in sentence.parts for word in words]
        parts.append((tuple(flat), tuple(book.found(flat))))
    for words, marks in parts:
        covered = _covered(marks)
        for mark in book.signalled(words):
            section, name = mark.kind.split(".")
            if section == "facts":
                facts.add(name)
            elif not covered.issuperset(range(mark.start, mark.end)) and (name != "joke" or sentence.words <= SHORT):
                signals.add("irony" if name == "joke" else name)
    return frozenset(signals), frozenset(facts)


def _covered(marks: Iterable[Mark]) -> set[int]:
    return {at for mark in marks if mark.kind.startswith(_COVER) for at in range(mark.start, mark.end)}
