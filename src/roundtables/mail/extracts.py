"""What a mail tells beside its answer: dates, a deputy, needs, wishes for the paper, how they take part. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from . import automatic, deputies_named, returning, until
from .addresses import Mailbox
from .phrase_tree import Mark
from .phrasebook import Phrasebook
from .propositions import Class
from .sentences import Sentence
from .weighing import Weighed

if TYPE_CHECKING:
    from .words import Reading

COMING = ("accepted", "tentative", "deputy", "unknown")  # what is said by those who may come, and so have needs
UNSURE = ("tentative", "unknown", "question")
ANSWERS = (*COMING, "declined")
SHORT = 4  # words: so short a clause after a need goes on with it ("no nuts, no eggs")
_CLAUSE = re.compile(r"[,;:()–—…!?]+|\s-+\s|(?<![0-9])\.(?=\s|$)")
_TELLING = frozenset({"needs", "writeup", "online", "room"})


@dataclass(frozen=True, slots=True)
class _Clause:
    """text[start:end] of a sentence, its facts and the marks of its `modes` in order."""

    start: int
    end: int
    words: int
    facts: frozenset[str]
    modes: tuple[str, ...]


def beside(
    reading: "Reading",
    written: Sequence[Weighed],
    text: str,
    *,
    day: date | None,
    sent: date | None,
    invitee: str,
    copied: Sequence[Mailbox],
) -> "Reading":
    """`reading` with all that stands beside the answer."""
    says = str(reading.says)
    name, address = deputies_named.found(written, text, invitee, copied) if says == "deputy" else ("", "")
    told = [(each, list(_clauses(each))) for each in written if _TELLING & each.facts]
    coming = says in COMING or (says == "declined" and not reading.certain)
    away = says == "auto-reply" or bool(automatic.away_sentence(text))
    return replace(
        reading,
        until=until.promised(written, sent, day) if says in UNSURE and not away else None,
        back=returning.back(text, sent) if sent and away else None,
        deputy_name=name,
        deputy_address=address,
        needs=" ".join(filter(None, (_need(*one) for one in told))) if coming else "",
        wants_writeup=says in ANSWERS and any(_asks_for_the_paper(*one) for one in told),
        mode=next(filter(None, (_mode(*one, says) for one in told)), ""),
        unsubscribe=any("unsubscribe" in each.signals for each in written),
        left=any("left" in each.signals for each in written),
    )


def strange_parts(sentence: Sentence, book: Phrasebook, subject: str, day: date | None) -> frozenset[int]:
    """The parts of the sentence that name a date or an hour that is not the meeting's."""
    return until.parts_with_another_time(sentence, book, subject, day)


def _clauses(each: Weighed) -> Iterator[_Clause]:
    text, start = each.sentence.verbatim, 0
    for end in (*(found.start() for found in _CLAUSE.finditer(text)), len(text)):
        words = each.book.spelling.words(text[start:end])
        if words:
            marks = _standing([mark for mark in each.book.signalled(words) if mark.kind.startswith("facts.")])
            modes = [mark.kind for mark in marks if mark.kind in ("facts.online", "facts.room", "facts.rather_than")]
            facts = frozenset(mark.kind.removeprefix("facts.") for mark in marks)
            yield _Clause(start, end, len(words), facts, tuple(modes))
        start = end


def _standing(marks: Sequence[Mark]) -> list[Mark]:
    """The marks from left to right without those that a "no_" of theirs covers: "no dietary needs", "last report"."""
    voids = [mark for mark in marks if mark.kind.startswith("facts.no_")]
    return [
        mark for mark in sorted(marks, key=lambda mark: mark.start) if not any(_voids(void, mark) for void in voids)
    ]


def _voids(void: Mark, mark: Mark) -> bool:
    of = void.kind == f"facts.no_{mark.kind.removeprefix('facts.')}"
    return of and void.start <= mark.start and mark.end <= void.end


def _need(each: Weighed, clauses: Sequence[_Clause]) -> str:
    """The clauses that tell of a need, as they were written, and what goes on with the last of them."""
    telling = [number for number, clause in enumerate(clauses) if "needs" in clause.facts]
    if not telling:
        return ""
    last = telling[-1]
    while last + 1 < len(clauses) and clauses[last + 1].words <= SHORT:
        last += 1
    text = each.sentence.verbatim
    end = len(text) if last + 1 == len(clauses) else clauses[last].end
    return text[clauses[telling[0]].start : end].lstrip(" \n,;:()–—-…!?.")


def _asks_for_the_paper(each: Weighed, clauses: Sequence[_Clause]) -> bool:
    facts = frozenset().union(*(clause.facts for clause in clauses))
    return {"writeup", "asks_for"} <= facts


def _mode(each: Weighed, clauses: Sequence[_Clause], says: str) -> str:
    """How somebody takes part who is coming: the first way named that is not the one they would rather not take."""
    yes = any(p.says is Class.ACCEPTED for p in each.heard.said)
    comes = says in ("accepted", "tentative", "unknown") or (yes and says in ("declined", "question"))
    if not comes or "no_mode" in each.facts or (each.sentence.asks and not yes):
        return ""
    for clause in clauses:
        before = ""
        for mode in clause.modes:
            if mode != "facts.rather_than" and before != "facts.rather_than":
                return mode.removeprefix("facts.")
            before = mode
    return ""
