"""
Who would come instead: the name and the address a mail gives. Pure, linear.

A name is a run of words with capitals, without "Mr" or "my colleague" before it. Of several the one counts for which
most speaks: an address in the mail that fits, a sentence that proposes somebody, a title, a surname. For too little
there is none: a wrong name is worse.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

from .addresses import Mailbox, clean
from .propositions import name_words
from .spelling import bare
from .weighing import Weighed

MAX_NAME, MAX_NAMES = 6, 60
MAX_ADDRESSED = 5  # words before the first comma that may only say who is addressed
ENOUGH = 3
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_CAPITAL = re.compile(r"[^\W\d_][\w'’-]*\.?|(?:[^\W\d_]\.)+")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+")
_TORN = re.compile(r"(?:^|\s)[^\W\d_]\.$")  # a sentence that seems to end in an initial
_ENDING = re.compile(r"['’](?:ll|s|d|ve)$")  # "Lowri Jenkins'll"
_OUTSIDE, _STOPS = '()[].,;:!?"“”„«»–—-', ",;:!?)]–—»”.("
_BOOK = tomllib.loads(files(__package__).joinpath("phrases", "deputies.toml").read_text(encoding="utf-8"))
_COURTESIES = frozenset(_BOOK["courtesies"])
_BEFORE = _COURTESIES | frozenset(_BOOK["roles"])
_ROLES = tuple(_BOOK["role_endings"])
_PARTICLES = frozenset(map(bare, _BOOK["particles"]))


@dataclass(frozen=True, slots=True)
class _Word:
    """`text` as it may stand in a name; `ends`: the clause does, after it; `known`: it stands in a phrase, too."""

    text: str
    titled: bool
    known: bool
    ends: bool

    @property
    def low(self) -> str:
        return bare(self.text.lower()).rstrip(".")

    @property
    def capital(self) -> bool:
        shouted = len(self.text) > 1 and self.text.isupper() and "." not in self.text  # "NHS"
        capital = self.text[:1].isupper() or self.text[1:2].isupper()  # "Ó hAodha"
        return capital and bool(_CAPITAL.fullmatch(self.text)) and not shouted

    @property
    def role(self) -> bool:
        return not self.titled and (_BEFORE.issuperset(self.low.split("-")) or self.low.endswith(_ROLES))


@dataclass(frozen=True, slots=True)
class _Name:
    words: tuple[_Word, ...]
    each: Weighed
    clause: str
    introduced: bool  # "Mr" or "my colleague" stands before it
    addressed: bool = False  # it may only say to whom the mail is written

    @property
    def proper(self) -> list[_Word]:
        return [word for word in self.words if not word.titled]


def found(written: Sequence[Weighed], text: str, invitee: str, copied: Sequence[Mailbox]) -> tuple[str, str]:
    """(name, address) of the deputy, each "" when it is not given."""
    addresses = [address for address in (clean(one.rstrip(".")) for one in _ADDRESS.findall(text)) if address]
    beside = " ".join(
        [*(one.partition("@")[0].lower() for one in addresses), *(bare(one.name.lower()) for one in copied)]
    )
    known = name_words(invitee)
    names = [name for name, _ in zip(_names(written), range(MAX_NAMES), strict=False)]
    names = [name for name in names if 2 * sum(word.low in known for word in name.proper) <= len(name.proper)]
    names = [name for name in names if len(name.words) > 1 or name.words[0].low not in known]
    best = max(names, key=lambda name: _weight(name, beside), default=None)
    said = "" if best is None or _weight(best, beside) < ENOUGH else " ".join(w.text for w in best.words[:MAX_NAME])
    return said, _address(addresses, said, copied)


def _weight(name: _Name, beside: str) -> int:
    """How much speaks for a name's being the deputy's."""
    fits = any(len(word.low) > 2 and word.low in beside for word in name.proper)
    proposes = "deputy" in name.each.signals
    whole = len(name.proper) > 1 or len(name.words) > 1
    if not (fits or whole or name.introduced) and not _proposes(name):
        return 0
    known = sum(word.known for word in name.proper)
    return 8 * fits + 5 * proposes + 3 * whole + 2 * name.introduced - min(known, 2) - 7 * name.addressed


def _proposes(name: _Name) -> bool:
    """Does the clause in which a mere first name stands propose somebody?"""
    words = name.each.book.spelling.words(name.clause)
    return any(mark.kind == "signals.deputy" for mark in name.each.book.signalled(words))


def _names(written: Sequence[Weighed]) -> Iterator[_Name]:
    torn, signals = "", frozenset[str]()
    for number, one in enumerate(written):
        sentence, signals = f"{torn} {one.sentence.verbatim}".strip(), signals | one.signals
        torn = sentence if _TORN.search(sentence[-4:]) and len(sentence) < 500 else ""
        if torn and number + 1 < len(written):
            continue
        each, signals = replace(one, signals=signals), frozenset()
        words = list(_words(each, sentence))
        to = _addressing(words, each, first=one is written[0])
        yield from _in_clauses(words[to:] if to < len(words) else [], each, opens=to == 0)
        if 0 < to < len(words) and words[0].low not in each.book.greetings:
            yield from (replace(name, addressed=True) for name in _in_clauses(words[:to], each, opens=False))


def _addressing(words: Sequence[_Word], each: Weighed, *, first: bool) -> int:
    """How many words only say to whom the mail is written: "Dear Dr Oldroyd," or "Tom -"."""
    end = next((number for number, word in enumerate(words[: MAX_ADDRESSED + 1], 1) if word.ends), 0)
    alone = bool(end) and end == len(words)
    greets = bool(words) and words[0].low in each.book.greetings
    return end if greets or (alone and each.sentence.verbatim.endswith(",")) or (first and not alone) else 0


def _words(each: Weighed, sentence: str) -> Iterator[_Word]:
    for written in _ADDRESS.sub(" , ", sentence).split():
        text = _ENDING.sub("", written.strip(_OUTSIDE))
        low = bare(text.lower())
        titled = low in each.book.titles and low not in _COURTESIES
        if written.rstrip(",;)").endswith(".") and (titled or _INITIALS.fullmatch(written.lstrip('(“"').rstrip(",;)"))):
            text, ends = written.lstrip('(“"').rstrip(",;)"), written[-1] in ",;)"
        else:
            ends = not text or written[-1] in _STOPS
        if bare(written.lower()) in _PARTICLES:  # "a'"
            text = written
        known = not each.book.known.isdisjoint(each.book.spelling.words(text))
        yield _Word(text, titled, known, ends)


def _in_clauses(words: Sequence[_Word], each: Weighed, *, opens: bool) -> Iterator[_Name]:
    """The names in `words`, clause by clause. `opens`: they begin a sentence, where any word has a capital."""
    start = 0
    for end, word in enumerate(words, 1):
        if word.ends or end == len(words):
            yield from _in_clause(words[start:end], each, opens=opens and not start)
            start = end


def _in_clause(words: Sequence[_Word], each: Weighed, *, opens: bool) -> Iterator[_Name]:
    clause = " ".join(word.text for word in words)
    run: list[_Word] = []
    introduced = False
    for number, word in enumerate(words):
        begins = word.titled and any(not each.titled for each in run)
        part = word.capital and not word.role and not (opens and not number and word.known and not word.titled)
        if run and (begins or not (part or word.low in _PARTICLES)):
            yield from _name(run, each, clause, introduced=introduced)
            run, introduced = [], False
        if part or run:
            run.append(word)
        else:
            introduced = (word.role and word.text[:1].isalpha()) or (introduced and word.low in _PARTICLES)
    yield from _name(run, each, clause, introduced=introduced)


def _name(run: Sequence[_Word], each: Weighed, clause: str, *, introduced: bool) -> Iterator[_Name]:
    while run and run[-1].low in _PARTICLES and not run[-1].capital:
        run = run[:-1]
    if any(not word.titled for word in run) and (len(run) > 1 or not run[0].known):
        yield _Name(tuple(run), each, clause, introduced)


def _address(written: Sequence[str], name: str, copied: Sequence[Mailbox]) -> str:
    words = name_words(name)
    matching = [address for address in written if any(word in address.lower() for word in words)]
    if matching or len(written) == 1:
        return (matching or written)[0]
    for mailbox in copied:
        if words & name_words(mailbox.name):
            return mailbox.address
    return copied[0].address if len(copied) == 1 and not written else ""
