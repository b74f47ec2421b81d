"""
One sentence being read, part by part and mark by mark, into propositions (propositions.py). Pure, linear.

A chain gathers who, force and negation until a predicate takes them; it breaks at a comma, unless it still waits for
its predicate ("I will, of course, be there"), at a word of `turns`, and where more than `gap` unknown words stand in
it. Where word order is free the chain is all of the clause.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from .phrase_tree import Mark
from .phrasebook import Phrasebook
from .propositions import Chain, Class, Heard, Proposition, Speaker, Strength, bare_answer, unfinished
from .saying import Saying
from .sentences import Sentence

BESIDE = 3  # so many unknown words may stand in a sentence with a bare "yes"
PARENTHESIS = 4  # so many unknown words between two commas may interrupt a chain
SHORT = 9  # words: "I will." alone is an answer, in a longer sentence it may be the start of anything
_RANK = {"nobody": 0, "writer": 1, "named": 2, "them": 3, "other": 4}  # of several subjects the last counts


def hear(sentence: Sentence, book: Phrasebook, speaker: Speaker) -> Heard:
    """Reads one sentence."""
    listening = _Listening(book, speaker, sentence)
    for number, words in enumerate(sentence.parts):
        listening.part(number, words)
    listening.settle(ends=True)
    heard = listening.heard
    named = any(not speaker.names.isdisjoint(words) for words in sentence.parts)
    heard.names_invitee = speaker.for_another and (named or heard.names_invitee)
    if heard.unknown > BESIDE or (heard.subjects and len(heard.said) == 1):
        heard.said = [_weaker(each) for each in heard.said]
    return heard


def _next(words: Sequence[str], at: int, book: Phrasebook) -> str:
    """The word after a predicate, "" when anything may stand there: "come on | 20th January"."""
    return "" if at == len(words) or words[at][:1].isdigit() else words[at]


def _weaker(each: Proposition) -> Proposition:
    """A bare "yes" among words that nobody knows: "Yes, I had your letter"."""
    return replace(each, strength=Strength.HINT) if each.alone else each


class _Listening(Saying):
    """One sentence being read."""

    def __init__(self, book: Phrasebook, speaker: Speaker, sentence: Sentence) -> None:
        super().__init__(book, speaker, sentence)
        self._marks: Sequence[Mark] = []
        self._begun, self._opening, self._jumping = 0, True, False

    def part(self, number: int, words: Sequence[str]) -> None:
        self._marks = marks = self._sentence.marks[number]
        self._number, self._begun = number, self._at
        self._asked = self._sentence.asks and number == len(self._sentence.parts) - 1
        self._jumping = jumps = bool(number) and self._jumps(words, marks)
        if number and not jumps and not self._continues(marks):
            self.settle()
        self._yes_or_no(words, marks)
        self._gather(0)
        at = 0
        for mark in marks:
            self._unknown(words[at : mark.start], jumps=jumps)
            self._at, at = self._begun + mark.start, mark.end
            self._next = "" if any(m.start == at for m in marks) else _next(words, at, self._book)
            self._take(mark)
        self._unknown(words[at:], jumps=jumps)
        self._at = self._begun + len(words)

    def settle(self, *, ends: bool = False) -> None:
        """A chain that found no predicate: "I'm afraid I can't", "I would love to"."""
        chain, self._chain = self._chain, Chain(who=self._chain.who if not ends else "")
        if not chain.waits or chain.who in ("nobody", "other") or chain.conditional or self._asked:
            return
        if not chain.clean and not chain.gap and chain.forces & {"sure", "wish"}:
            self.heard.flag("somebody", self._at)  # "… but Dr Lee will"
        if chain.forces & {"sure", "must"} and chain.gap and not chain.nots:
            self.heard.flag("will", self._at)  # "I shall walk over"
        if chain.cannot and (chain.gap or not chain.clean):
            self.heard.flag("cannot", self._at)
        read = unfinished(chain, adds=self._book.adds, short=self._sentence.words <= SHORT)
        if read:
            self.say(*read, direct=chain.who == "writer" and chain.cannot)

    def _jumps(self, words: Sequence[str], marks: Sequence[Mark]) -> bool:
        """Does a chain that waits for its predicate jump over this part: "I will, of course, be there"?"""
        known = sum(mark.end - mark.start for mark in marks)
        told = all(mark.kind.startswith(("harmless", "out.lament", "out.sorry", "come.yes")) for mark in marks)
        return self._chain.waits and not self._chain.gap and told and len(words) - known <= PARENTHESIS

    def _continues(self, marks: Sequence[Mark]) -> bool:
        """Does a chain that waits for its predicate go on in this part?"""
        if not self._chain.waits or self._chain.gap or not marks or marks[0].start:
            return False
        return marks[0].kind.startswith(("force", "not", "come.verb", "come.now", "out.verb", "out.now"))

    def _yes_or_no(self, words: Sequence[str], marks: Sequence[Mark]) -> None:
        """A part that is nothing but "yes" or "no", before anything else is said."""
        says, self._opening = bare_answer(words, marks, self._book.fillers, opening=self._opening)
        # "and, of course, it rained" is no yes
        whole = len(self._sentence.parts) == 1 or not self._book.fillers.issuperset(words)
        if says and whole and not self._asked:
            self.heard.said.append(Proposition(says, Strength.STRONG, self._at, self._number, alone=True))

    def _gather(self, start: int) -> None:
        """Free word order: who, force and negation of the whole clause, before any predicate of it is met."""
        if not self._book.free:
            return
        clause = takewhile(lambda mark: not mark.kind.startswith("turns"), (m for m in self._marks if m.start >= start))
        leading = [mark.kind.split(".") for mark in clause if mark.kind.startswith(("who", "not", "force"))]
        if leading:
            self._chain = Chain(conditional=self._chain.conditional)
        for section, name in sorted(leading, key=lambda each: _RANK.get(each[1], 9)):
            self._lead(section, name)

    def _unknown(self, words: Sequence[str], *, jumps: bool) -> None:
        strange = [word for word in words if word not in self._book.fillers]
        self.heard.unknown += len(strange)
        if jumps:
            return
        for word in strange:
            if word.partition("'")[0] in self._speaker.names:  # "Fiachra's coming"
                self._subject("named")
            else:
                self._chain.gap += 1
        if self._chain.gap > self._book.gap and not self._book.free:
            if self._chain.cannot:
                self.heard.flag("cannot", self._at)
            self._chain = Chain(clean=False, conditional=self._chain.conditional)
        elif strange and not self._chain.waits and not self._chain.stated:
            self._chain.who, self._chain.clean = "", False

    def _take(self, mark: Mark) -> None:
        section, name = mark.kind.split(".")
        if section == "turns":
            self._turn(name)
            self._gather(mark.end)
        elif section in ("who", "not", "force"):
            if not self._book.free:
                self._lead(section, "named" if name == "them" and self._titled(mark) else name)
        elif section in ("come", "out", "unsure"):
            self.predicate(mark.kind)
        elif self._chain.waits and not self._jumping:
            self._chain.gap += 1

    def _titled(self, mark: Mark) -> bool:
        """Is this the title of the one who writes, or is written for: "The Ambassador accepts"?"""
        words = self._sentence.parts[self._number][mark.start : mark.end]
        return not self._speaker.names.isdisjoint(words)

    def _lead(self, section: str, name: str) -> None:
        if section == "who":
            return self._subject(name)
        self._chain.waits, self._chain.gap = True, 0
        if section == "not":
            if name == "mine":  # "it is not possible for me to"
                self._chain.who, self._chain.clean = "writer", True
            self._chain.nots += 1
            self._chain.cannot = self._chain.cannot or name in ("cannot", "mine")
        else:
            if name == "lost":  # "would have loved to": past, and a regret
                self.heard.flag(name, self._at)
                name = "past"
            self._chain.forces.add(name)
            if name in ("doubt", "past"):
                self.heard.flag(name, self._at)
            if name == "doubt" and self._chain.who not in ("nobody", "other"):
                self.heard.flag("unsure", self._at)

    def _turn(self, name: str) -> None:
        if name in ("if", "so", "because"):
            self.heard.flag(name, self._at)
        elif name == "but":
            self.heard.flag("but", self._at)
            if "past" in self.heard.flags:  # "I had hoped to come, but …"
                self._regretted()
        if name != "if" or self._chain.waits:
            self.settle()
        self._chain.conditional = name == "if"
        if name in ("because", "so"):
            self._chain.who = ""
        self._chain.clean = True

    def _regretted(self) -> None:
        said = self.heard.said
        if said and said[-1].says is Class.DECLINED and self._chain.who not in ("nobody", "other"):
            said[-1] = replace(said[-1], strength=Strength.STRONG)

    def _subject(self, name: str) -> None:
        chain = self._chain
        if chain.gap and not self._book.free:
            denied = chain.denied or chain.nots > 0  # "I can't promise I'll come"
            self._chain = chain = Chain(conditional=chain.conditional, denied=denied)
        chain.who, chain.gap, chain.clean, chain.stated = name, 0, True, True
        self.heard.subjects += 1
        self.heard.names_invitee = self.heard.names_invitee or name in ("them", "named")
