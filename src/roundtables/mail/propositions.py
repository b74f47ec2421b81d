"""
What a clause says of coming, and what force and negation make of a predicate. Pure; knows no language.

    "I am afraid I shall not be able to come"
     who           cannot                  come.verb    -> the writer, declined, strong

listening.py goes through a sentence and gathers the chains that are read here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from .phrase_tree import Mark
from .phrasebook import Phrasebook
from .spelling import bare


class Class(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


CLASSES = {"come": Class.ACCEPTED, "out": Class.DECLINED, "unsure": Class.TENTATIVE}  # by section of a phrasebook
_EMPTY = ("harmless", "out.lament", "out.sorry", "out.wishes", "turns.because", "turns.so", "turns.and", "turns.but")


class Strength(IntEnum):
    HINT = 0
    WISH = 1
    STRONG = 2


@dataclass(frozen=True, slots=True)
class Proposition:
    says: Class
    strength: Strength
    at: int  # after so many words of the sentence
    part: int
    alone: bool = False  # a bare "yes" or "no"
    direct: bool = False  # the writer's own verb: "I shall not be able to come"

    @property
    def comes(self) -> bool:
        """Is it the writer's own "I shall come"?"""
        return self.says is Class.ACCEPTED and self.direct and self.strength is Strength.STRONG

    @property
    def refuses(self) -> bool:
        """Is it the writer's own "I cannot come"?"""
        return self.says is Class.DECLINED and self.direct and self.strength is Strength.STRONG


@dataclass(frozen=True, slots=True)
class Speaker:
    """`names`: words of the invitee's name; `for_another`: the mail was written by somebody else for the invitee."""

    names: frozenset[str] = frozenset()
    for_another: bool = False


@dataclass(slots=True)
class Heard:
    """What one sentence says, and what in it may speak against taking it at its word."""

    said: list[Proposition] = field(default_factory=list)
    flags: dict[str, int] = field(default_factory=dict)  # "but", "if", "doubt" …: after so many words
    unknown: int = 0
    subjects: int = 0  # how many subjects are named
    for_invitee: bool = False  # it speaks of the invitee by name or as "she"
    names_invitee: bool = False  # somebody else names the invitee in it, or says "she"

    def flag(self, name: str, at: int) -> None:
        self.flags[name] = max(at, self.flags.get(name, 0))


@dataclass(slots=True)
class Chain:
    """Who, force and negation on their way to a predicate."""

    who: str = ""
    forces: set[str] = field(default_factory=set)
    nots: int = 0
    cannot: bool = False
    gap: int = 0
    waits: bool = False  # a force or a negation has no predicate yet
    denied: bool = False  # a negation with a predicate of its own stood before
    stated: bool = False  # its subject stands in its own clause
    clean: bool = True  # nothing unknown stood before it in its clause
    conditional: bool = False
    last: tuple[Class, Strength] | None = None


def reading(chain: Chain, kind: str, book: Phrasebook) -> tuple[Class, Strength] | None:
    """What force and negation make of a predicate; None when a verb has no force word."""
    section, name = kind.split(".")
    forces, negated = chain.forces, bool(chain.nots if book.adds else chain.nots % 2)
    direct = chain.who in ("writer", "them", "named") and not chain.gap
    if name == "verb" and not (forces or chain.nots or (direct and section == "come" and not book.free)):
        return (Class.DECLINED, Strength.STRONG) if section == "out" and (direct or _starts(chain)) else None
    coming = Class.ACCEPTED if section == "come" else Class.DECLINED
    if "past" in forces:
        return Class.DECLINED, Strength.HINT
    if "doubt" in forces:
        sure = section == "come" and not negated and chain.who != "them"
        return Class.TENTATIVE, Strength.STRONG if sure else Strength.HINT
    if negated:
        return (Class.DECLINED, Strength.STRONG) if section == "come" else (Class.ACCEPTED, Strength.HINT)
    if "unreal" in forces and not {"wish", "sure"} & forces:
        return coming, Strength.HINT
    if "wish" in forces and section == "come":
        return coming, Strength.WISH
    return coming, Strength.STRONG


def unfinished(chain: Chain, *, adds: bool, short: bool) -> tuple[Class, Strength] | None:
    """What a chain says that ends without a predicate. `adds`: negations do; `short`: the sentence is."""
    if chain.gap or not chain.clean:
        return None
    if chain.cannot:
        return Class.DECLINED, Strength.STRONG if chain.nots % 2 or adds else Strength.HINT
    if chain.nots:
        return None
    if "past" in chain.forces:
        return Class.DECLINED, Strength.HINT
    if "doubt" in chain.forces:
        return Class.TENTATIVE, Strength.HINT
    if "wish" in chain.forces:
        return Class.ACCEPTED, Strength.WISH
    return (Class.ACCEPTED, Strength.STRONG) if "sure" in chain.forces and short else None


def bare_answer(
    words: Sequence[str], marks: Sequence[Mark], fillers: frozenset[str], *, opening: bool
) -> tuple[Class | None, bool]:
    """The class of a part that is only "yes" or "no"; and whether the next part may still be one ("Ana, yes")."""
    kinds = {mark.kind for mark in marks if not mark.kind.startswith(_EMPTY)}
    marked = {at for mark in marks for at in range(mark.start, mark.end)}
    others = sum(at not in marked and word not in fillers for at, word in enumerate(words))
    still = opening and not kinds and others <= 2
    if not opening or others > 0:
        return None, still
    says = {frozenset(["come.yes"]): Class.ACCEPTED, frozenset(["out.no"]): Class.DECLINED}
    return says.get(frozenset(kinds)), still


def _starts(chain: Chain) -> bool:
    return chain.clean and not chain.who and not chain.gap


def name_words(name: str) -> frozenset[str]:
    """The words of a name that may stand for the person, folded: "Prof. Ana Ríos" -> prof, ana, rios."""
    return frozenset(word for word in bare(name.lower()).replace(".", " ").replace(",", " ").split() if len(word) > 2)
