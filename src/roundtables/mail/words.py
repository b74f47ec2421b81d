"""
What a worded answer says, which sentence says it, and whether it may be applied unseen. Pure.

    text -> sentences without greeting -> each: harmless phrases out, what it says, what speaks against applying it
    certain only when   one class speaks, in the first sentences, in at most 60 words,
                        and nothing else in the mail speaks against it
    anything else       is a guess, shown to a person with its sentence

A wrong answer applied costs more than a right one shown: every list of phrases is short, every list of vetoes long.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from . import automatic
from .phrasebook import Kind, english
from .sentences import Sentence, beside, fires, is_whole, numbers, says_plainly, sentences

MAX_WORDS = 60
MAX_READ = 8_000
FIRST = 3


class Says(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    DEPUTY = "deputy"
    QUESTION = "question"
    COUNTER = "counter"
    AUTO = "auto-reply"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """
    `sentence` decided, verbatim, "" if none; `certain`: it may be applied unseen; `why` in plain English.

    Beside the answer: `until` they let us know, `back` from an absence, who would come instead, what they need
    (verbatim), whether they want what comes of it, how they take part ("online", "room"), whether they want no
    more mail of ours or have left their organisation, and the language they wrote in.
    """

    says: Says
    sentence: str
    certain: bool
    why: str
    until: date | None = None
    back: date | None = None
    deputy_name: str = ""
    deputy_address: str = ""
    needs: str = ""
    wants_writeup: bool = False
    mode: str = ""
    unsubscribe: bool = False
    left: bool = False
    language: str = "en"


_DOUBTS = (
    "negation",
    "condition",
    "choice",
    "contrast",
    "hedge",
    "modal",
    "partial",
    "mode",
    "extra",
    "away",
    "correction",
    "terms",
)
_IN_ITS_SENTENCE = {
    Says.ACCEPTED: (*_DOUBTS, "limit"),
    Says.DECLINED: ("condition", "hedge", "partial", "mode", "correction", "other"),
    Says.TENTATIVE: ("condition", "contrast", "partial", "mode", "correction"),
}
_ELSEWHERE = {
    Says.ACCEPTED: _DOUBTS,
    Says.DECLINED: ("mode", "correction", "other"),
    Says.TENTATIVE: ("partial", "mode", "correction"),
}
_AMONG_NEEDS = ("extra", "hedge", "away", "correction", "partial", "mode", "presence")
_SUBJECTS = {"accepted:": Says.ACCEPTED, "declined:": Says.DECLINED, "tentative:": Says.TENTATIVE}
_SIGNS = {"👍": Says.ACCEPTED, "👌": Says.ACCEPTED, "✅": Says.ACCEPTED, "👎": Says.DECLINED, "❌": Says.DECLINED}
_WHY = {
    "negation": "a word of refusal or regret stands in it",
    "condition": "it depends on something",
    "choice": "it offers a choice",
    "contrast": "it takes something back",
    "limit": "it is less than a plain answer",
    "assent": "a word of assent stands in it",
    "hedge": "it is not definite",
    "modal": "it is not definite",
    "presence": "it speaks of coming once more",
    "partial": "it is about a part of the time",
    "mode": "it is about how to take part",
    "extra": "it speaks of somebody else",
    "away": "it speaks of being elsewhere",
    "terms": "it sets terms",
    "other": "somebody else may come instead",
    "correction": "it corrects or refers to something said before",
}


@cache
def _kinds() -> dict[Says, Kind]:
    book = english()
    return {Says.DECLINED: book.decline, Says.TENTATIVE: book.tentative, Says.ACCEPTED: book.accept}


def read(text: str, *, subject: str = "") -> Reading:
    """What `text`, already cut (see cutting.py), says; `subject` tells which dates are the meeting's own."""
    written = sentences(text[:MAX_READ], english())
    guess = _guess(written, text, subject)
    if guess.says not in _kinds():
        return guess
    against = _against(guess, written, subject)
    if against:
        return Reading(guess.says, guess.sentence, False, against)
    return Reading(guess.says, guess.sentence, True, "it says so plainly, and nothing speaks against it")


def _guess(written: list[Sentence], text: str, subject: str) -> Reading:
    away = automatic.away_sentence(text)
    if away or automatic.away_subject(subject):
        return Reading(Says.AUTO, away, False, "it reads like an absence notice")
    if not written:
        return _from_sign(text) or _from_subject(subject)
    idiom = next((s for s in written if not s.clauses and english().idioms.search(s.all)), None)
    deputy = next((s for s in written if english().deputy.search(s.all)), None)
    if deputy:
        return Reading(Says.DEPUTY, deputy.verbatim, False, "somebody else may come instead")
    for looks, why in _LOOKS:
        for says, kind in _kinds().items():
            found = next((s for s in written if looks(kind, s)), None)
            if found:
                return Reading(says, found.verbatim, False, why)
    if idiom:
        return Reading(Says.ACCEPTED, idiom.verbatim, False, "it only hints at an answer")
    asks = next((s for s in written if s.asks), None)
    if asks:
        return Reading(Says.QUESTION, asks.verbatim, False, "it asks something")
    return Reading(Says.UNKNOWN, "", False, "no answer was recognised")


def _from_sign(text: str) -> Reading | None:
    sign = next((sign for sign in _SIGNS if sign in text), "")
    return Reading(_SIGNS[sign], text.strip(), False, "a sign is not a word") if sign else None


def _from_subject(subject: str) -> Reading:
    """What Outlook puts before the subject of an answer, for a mail in which nothing is written."""
    says = next((s for start, s in _SUBJECTS.items() if subject.strip().lower().startswith(start)), None)
    if says is None:
        return Reading(Says.UNKNOWN, "", False, "nothing is written in it")
    return Reading(says, subject.strip(), False, "")


def _anywhere(kind: Kind, sentence: Sentence) -> bool:
    return bool(kind.says.search(sentence.core))


def _hints(kind: Kind, sentence: Sentence) -> bool:
    return bool(kind.hints.search(sentence.core))


_LOOKS = ((fires, ""), (_anywhere, "it says so in passing"), (_hints, "it only hints at an answer"))


def _against(guess: Reading, written: list[Sentence], subject: str) -> str:
    """Why the guess may not be applied unseen, "" when nothing speaks against it."""
    if not written:
        return guess.why
    kind = _kinds()[guess.says]
    spoken = [s for s in written if not s.harmless]
    deciding = [s for s in spoken if fires(kind, s)]
    reasons = (
        guess.why,
        _forwarded(subject),
        _too_long(written),
        "" if deciding and deciding[0] in spoken[:FIRST] else "it does not say so in its first sentences",
        _another_answer(guess.says, spoken),
        *(_against_sentence(guess.says, s, s in deciding, subject) for s in spoken),
        _other_subject(guess.says, subject),
        "" if any(says_plainly(kind, s) for s in deciding) else _unexplained(kind, spoken),
    )
    return next(filter(None, reasons), "")


def _forwarded(subject: str) -> str:
    return "it was forwarded" if subject.strip().lower().startswith(("fw:", "fwd:", "wg:", "tr:")) else ""


def _other_subject(says: Says, subject: str) -> str:
    stated = _from_subject(subject).says
    return "" if stated in (says, Says.UNKNOWN) else f"its subject says {stated}"


def _too_long(written: Iterable[Sentence]) -> str:
    words = sum(len(s.all.split()) for s in written)
    return f"it has more than {MAX_WORDS} words" if words > MAX_WORDS else ""


def _another_answer(says: Says, spoken: list[Sentence]) -> str:
    for other, kind in _kinds().items():
        if other is not says and any(says_plainly(kind, s) or is_whole(kind, s) for s in spoken):
            return f"another sentence may mean {other}"
    return ""


def _against_sentence(says: Says, sentence: Sentence, decides: bool, subject: str) -> str:
    if '"' in sentence.verbatim or "“" in sentence.verbatim:
        return "it quotes somebody"
    if sentence.needs and not decides:
        return _first_veto(_AMONG_NEEDS, sentence.core)
    if sentence.asks:
        return "it asks something"
    if _strange_times(sentence, subject) and not (
        says is Says.TENTATIVE and english().vetoes["promise"].search(sentence.core)
    ):
        return "it names a date or a time that is not in the subject"
    if says is Says.DECLINED and english().vetoes["assent"].search(sentence.all):
        return _WHY["assent"]
    rest = beside(_kinds()[says], sentence, after=says is Says.DECLINED and decides)
    veto = _first_veto(_IN_ITS_SENTENCE[says] if decides else _ELSEWHERE[says], rest)
    return veto or (_comes_back(rest, decides=decides) if says is Says.DECLINED else "")


def _first_veto(names: Iterable[str], text: str) -> str:
    return next((_WHY[name] for name in names if english().vetoes[name].search(text)), "")


def _comes_back(rest: str, *, decides: bool) -> str:
    """Beside the "no": a "but" with anything after it, or another sentence in which coming is spoken of again."""
    turn = english().vetoes["contrast"].search(rest)
    again = bool(turn and rest[turn.end() :].strip()) if decides else bool(english().vetoes["comeback"].search(rest))
    return "it may offer another way" if again else ""


def _strange_times(sentence: Sentence, subject: str) -> bool:
    """A date or a time that the subject does not know; a weekday may stand beside a date it knows."""
    here, known = numbers(sentence.core), numbers(subject)
    named = list(english().vetoes["times"].finditer(sentence.core))
    if not here:
        named += english().vetoes["weekdays"].finditer(sentence.core)
    return not here <= known or any(match.group().strip() not in subject.lower() for match in named)


def _unexplained(kind: Kind, spoken: list[Sentence]) -> str:
    """A bare "yes" is certain only when nothing else is written."""
    others = [s for s in spoken if not s.needs and not fires(kind, s)]
    return "something else is written beside it" if others else ""
