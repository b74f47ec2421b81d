"""
A second reader: how much a text sounds like the answers of each kind that we have seen. Pure, linear, English.

    text -> words, a number and a name as one sign each, the greeting dropped
         -> runs of one to three words, and of three to five letters of a word
         -> weights (phrases/second-en.tsv, made by bench/second_reader.py) -> a share of 1 for each answer

It knows no grammar and cannot say why, so it decides nothing alone: words.py asks it about what the phrases say.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log, sqrt

from .propositions import Class
from .spelling import bare

CLASSES = tuple(Class)
MAX_READ = 2_000  # characters
MAX_WORDS = 3  # of a run
LETTERS = range(3, 6)  # of a run; a word begins and ends with "_"
TENTHS, TWENTIETHS = 10, 20  # in which it is stated how rare a run is, and what it weighs
SHOUTED = 3  # letters; more of them in capitals are no name
NUMBER, NAME, LETTER = "#", "~", "*"  # signs: any number, any name; a run of letters begins with the last
_WORD = re.compile(r"\+1|[^\W\d_]+(?:'[^\W\d_]+)*|\d[\d.:,]*|[?!.,]|[👍👎👌✅❌]|\n+")
_ENDS = frozenset(".?!\n")
_GREETING = re.compile(
    r"\s*(?:dear|hi|hello|hey|hiya|(?:good )?(?:morning|afternoon|evening))\b[^\n.!?,]{0,40}(?:[,!]|\n)", re.IGNORECASE
)
_FIRST_PERSON = re.compile(r"I(?:'|$)")


@dataclass(frozen=True, slots=True)
class Weights:
    """In twentieths the `bias` of each of CLASSES over "something else", and what each run adds; in tenths how rare."""

    bias: Sequence[int]
    rarities: Mapping[str, int]
    weighs: Mapping[str, Sequence[int]]


def confidence(text: str, known: Weights | None = None) -> Mapping[Class, float]:
    """
    For each answer the share, from 0 to 1, of texts like `text` that plainly gave it; `text` is cut (see cutting.py).

    What is missing to 1 is for everything that a person should see.
    """
    return shares(_sums(text, known or weights()))


@cache
def weights() -> Weights:
    """Those of phrases/second-en.tsv."""
    file = files(__package__).joinpath("phrases", "second-en.tsv")
    return parsed(file.read_text(encoding="utf-8").splitlines())


def parsed(lines: Iterable[str]) -> Weights:
    """Of each line a run, how rare it is and its weights, with tabs between; "" is the bias; "//" begins a remark."""
    rarities: dict[str, int] = {}
    weighs: dict[str, Sequence[int]] = {}
    for line in lines:
        if not line.startswith("//"):
            run, *numbers = line.split("\t")
            rarities[run], *rest = map(int, numbers)
            weighs[run] = rest
    rarities.pop("", None)
    return Weights(weighs.pop("", (0,) * len(CLASSES)), rarities, weighs)


def runs(text: str) -> tuple[Counter[str], Counter[str]]:
    """How often each run of words, and each of letters, stands in `text`."""
    words = _words(text[:MAX_READ])
    letters = (piece for word in words if len(word) > 1 for piece in _pieces(f"_{word}_"))
    return Counter(_together(words)), Counter(letters)


def valued(counts: Mapping[str, int], rarities: Mapping[str, int]) -> list[tuple[str, float]]:
    """The known runs of `counts`, rare ones for more, together of length 1: a long text says no more than a short."""
    known = [(run, (1 + log(times)) * rarities[run]) for run, times in counts.items() if run in rarities]
    length = sqrt(sum(value * value for _, value in known))
    return [(run, value / length) for run, value in known]


def shares(totals: Sequence[float]) -> dict[Class, float]:
    """Shares of 1 from what was summed up for each class; "something else" has 0."""
    top = max(0.0, *totals)
    powers = [exp(each - top) for each in totals]
    whole = sum(powers) + exp(-top)
    return {each: power / whole for each, power in zip(CLASSES, powers, strict=True)}


def _sums(text: str, known: Weights) -> list[float]:
    totals: list[float] = list(known.bias)
    for counts in runs(text):
        for run, value in valued(counts, known.rarities):
            for at, weight in enumerate(known.weighs[run]):
                totals[at] += value * weight
    return [total / TWENTIETHS for total in totals]


def _words(text: str) -> list[str]:
    """Lower-case words without accents and marks; a name is what has a capital inside a sentence."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    greeting = _GREETING.match(plain)
    found: list[str] = []
    begins = True
    for word in _WORD.findall(plain, greeting.end() if greeting else 0):
        sign = _sign(word, begins)
        begins = word[0] in _ENDS
        if word[0] != "\n" and not (sign == NAME and found[-1:] == [NAME]):
            found.append(sign)
    return found


def _sign(word: str, begins: bool) -> str:
    if word[0].isdigit():
        return NUMBER
    inside = word[0].isupper() and not begins and not _FIRST_PERSON.match(word)
    shouted = len(word) > SHOUTED and word.isupper()
    return NAME if inside and not shouted else bare(word.lower())


def _together(words: Sequence[str]) -> Iterable[str]:
    for size in range(1, MAX_WORDS + 1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])


def _pieces(word: str) -> Iterable[str]:
    for size in LETTERS:
        for start in range(len(word) - size + 1):
            yield LETTER + word[start : start + size]
