"""
Trains the second reader and says what it is worth: python -m bench.second_reader [--keep] [more.jsonl]

Logistic regression with four classes (accepted, declined, tentative if they may be applied unseen, and everything
else) on the runs of roundtables.mail.second_reader, by plain stochastic descent: the same weights on every machine.
Each set of tests/mail/replies is read by a model that was trained on the others; "more" is learnt from too. --keep then
trains on all sets and writes phrases/second-en.tsv.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from math import log
from operator import itemgetter, mul
from pathlib import Path
from random import Random
from typing import Any

from bench import words as bench
from roundtables.mail import second_reader, words
from roundtables.mail.second_reader import CLASSES, TENTHS, TWENTIETHS, Weights

OWN = bench.OWN
KEPT = Path(second_reader.__file__).parent / "phrases" / "second-en.tsv"
SETS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
SEEN = {"words": 2, "letters": 3}  # texts in which a run must stand
ALONE = 0.5  # what the deciding words, without the rest of their mail, count as a text
EPOCHS, RATE, SHRINK = 24, 3.0, 6e-5
RUNS = 9_000  # that are kept
ELSE = len(CLASSES)  # the class of what a person should see
HEAD = """\
// What runs of words and letters (*) say of an answer in English; made by bench/second_reader.py, not by hand.
// run, how rare it is in tenths, and in twentieths what it adds to accepted, declined and tentative\
"""
Label = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A text to learn from, with the number of its class and how much it counts."""

    text: str
    kind: int
    counts: float = 1.0


@dataclass(frozen=True, slots=True)
class Vector:
    """`at`: numbers of runs; `pick` takes what stands there from a list; `values` beside them."""

    at: tuple[int, ...]
    pick: Callable[[list[float]], Iterable[float]]
    values: tuple[float, ...]
    kind: int
    counts: float


@dataclass(frozen=True, slots=True)
class Case:
    """One mail of a set: what the phrases say alone, what the other reader may make of it, and what that one thinks."""

    label: Label
    reading: words.Reading
    may_help: bool
    share: float

    def applied(self, unlikely: float, sure: float) -> bool:
        return self.share >= unlikely if self.reading.certain else self.may_help and self.share > sure

    @property
    def right(self) -> bool:
        return not bench.wrong(self.label, replace(self.reading, certain=True))


def labels(path: Path) -> list[Label]:
    """The English ones."""
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [label for label in found if label["lang"] == "en"]


def texts(label: Label) -> list[Text]:
    """The mail as it is cut, and its deciding words alone."""
    whole = Text(bench.cut(label), kind(label))
    alone = label.get("decides") or ""
    return [whole] + ([Text(alone, whole.kind, ALONE)] if 0 < len(alone) < len(whole.text) - 10 else [])


def kind(label: Label) -> int:
    return CLASSES.index(label["answer"]) if bench.could(label) else ELSE


def trained(material: Sequence[Text]) -> Weights:
    """The weights that `material` teaches, rounded as they are kept."""
    found = [second_reader.runs(each.text) for each in material]
    rarities = _rarities(found)
    number = {run: at for at, run in enumerate(sorted(rarities))}
    vectors = [_vector(each, counts, rarities, number) for each, counts in zip(material, found, strict=True)]
    weights, bias = _descended(vectors, len(number))
    return _kept(weights, bias, rarities, number)


def _rarities(found: Iterable[Sequence[Counter[str]]]) -> dict[str, int]:
    words_in, letters_in, total = Counter[str](), Counter[str](), 0
    for by_words, by_letters in found:
        words_in.update(by_words.keys())
        letters_in.update(by_letters.keys())
        total += 1
    often = [(words_in, SEEN["words"]), (letters_in, SEEN["letters"])]
    return {
        run: round(TENTHS * (1 + log((1 + total) / (1 + times))))
        for counts, least in often
        for run, times in counts.items()
        if times >= least
    }


def _vector(
    text: Text, found: Sequence[Counter[str]], rarities: Mapping[str, int], number: Mapping[str, int]
) -> Vector:
    pairs = [(number[run], value) for counts in found for run, value in second_reader.valued(counts, rarities)]
    pairs = pairs if len(pairs) > 1 else [*pairs, (0, 0.0), (0, 0.0)]  # itemgetter() of one gives no tuple
    at = tuple(each for each, _ in pairs)
    return Vector(at, itemgetter(*at), tuple(value for _, value in pairs), text.kind, text.counts)


def _descended(vectors: list[Vector], runs: int) -> tuple[list[list[float]], list[float]]:
    """Weights and bias for each class: steps that become smaller, weights that shrink a little after each round."""
    weights = [[0.0] * runs for _ in range(ELSE + 1)]
    bias = [0.0] * (ELSE + 1)
    chance = Random(1)
    for epoch in range(EPOCHS):
        rate = RATE * (1 - epoch / EPOCHS)
        chance.shuffle(vectors)
        for vector in vectors:
            _learn(vector, weights, bias, rate)
        shrunk = max(0.0, 1 - SHRINK * rate * len(vectors))
        weights = [[weight * shrunk for weight in each] for each in weights]
    return weights, bias


def _learn(vector: Vector, weights: list[list[float]], bias: list[float], rate: float) -> None:
    totals = [sum(map(mul, vector.pick(each), vector.values)) + bias[number] for number, each in enumerate(weights)]
    over = [total - totals[ELSE] for total in totals[:ELSE]]
    said = list(second_reader.shares(over).values())
    said.append(1 - sum(said))
    for number, share in enumerate(said):
        step = rate * vector.counts * ((number == vector.kind) - share)
        each = weights[number]
        for at, value in zip(vector.at, vector.values, strict=True):
            each[at] += step * value
        bias[number] += step / 10


def _kept(
    weights: list[list[float]], bias: list[float], rarities: Mapping[str, int], number: Mapping[str, int]
) -> Weights:
    """Over "everything else", rounded; the runs that say most."""
    weighs = {run: [_rounded(each[at] - weights[ELSE][at]) for each in weights[:ELSE]] for run, at in number.items()}
    most = sorted(weighs, key=lambda run: (-rarities[run] * max(map(abs, weighs[run])), run))[:RUNS]
    chosen = sorted(most)
    return Weights(
        [_rounded(each - bias[ELSE]) for each in bias[:ELSE]],
        {run: rarities[run] for run in chosen},
        {run: weighs[run] for run in chosen},
    )


def _rounded(weight: float) -> int:
    return round(weight * TWENTIETHS)


def material(but: str = "", more: Iterable[Path] = ()) -> list[Text]:
    """What is learnt from: every set but one, and no text that stands in that one too."""
    held = {bench.cut(label).lower() for label in labels(_set(but))} if but else set()
    paths = [*(_set(name) for name in SETS if name != but), OWN, _set("wordings"), *more]
    found = chain.from_iterable(map(labels, paths))
    return [text for label in found if bench.cut(label).lower() not in held for text in texts(label)]


def _set(name: str) -> Path:
    return OWN.with_name("replies") / f"{name}.jsonl"


def judged(name: str, more: Iterable[Path] = ()) -> list[Case]:
    """The mails of the set `name`, read by phrases and by what the other sets teach."""
    known = trained(material(name, more))
    return [_case(label, known) for label in labels(_set(name))]


def _case(label: Label, known: Weights) -> Case:
    reading = bench.read(label, None)
    may_help = not reading.certain and bench.read(label, lambda _: dict.fromkeys(CLASSES, 1.0)).certain
    shares: Mapping[str, float] = second_reader.confidence(bench.cut(label), known)
    return Case(label, reading, may_help, shares.get(reading.says, 1.0))


def score(cases: Sequence[Case], unlikely: float, sure: float) -> str:
    """Right and wrong ones that would be applied."""
    done = Counter(case.right for case in cases if case.applied(unlikely, sure))
    return f"{done[True]:>5} right {done[False]:>2} wrong"


def main(arguments: list[str]) -> int:
    """Prints the table; writes the weights if asked to."""
    more = [Path(each) for each in arguments if not each.startswith("-")]
    with ProcessPoolExecutor() as pool:
        found = dict(zip(SETS, pool.map(judged, SETS, [more] * len(SETS)), strict=True))
    everything = list(chain.from_iterable(found.values()))
    print(f"{'set':10}{'phrases alone':>18}{'may stop':>18}{'and help':>18}   of")
    for name, cases in {**found, "all": everything}.items():
        tries = [(0.0, 1.0), (words.UNLIKELY, 1.0), (words.UNLIKELY, words.SURE)]
        clear = sum(bench.could(case.label) for case in cases)
        print(f"{name:10}" + "".join(f"{score(cases, *each):>18}" for each in tries) + f"{clear:>5}")
    for unlikely in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        print(f"stops below {unlikely}  {score(everything, unlikely, 1.0)}")
    for sure in (0.5, 0.6, 0.7, 0.8, 0.9):
        print(f"helps above {sure}  {score([case for case in everything if case.may_help], 0.0, sure)}")
    if "--keep" in arguments:
        KEPT.write_text(written(trained(material(more=more))), encoding="utf-8")
    return 0


def written(known: Weights) -> str:
    """As second_reader.parsed() reads it, in the order of the runs."""
    rows = [("", 0, *known.bias), *((run, known.rarities[run], *known.weighs[run]) for run in sorted(known.weighs))]
    lines = ["\t".join(map(str, row)) for row in rows]
    return "\n".join([HEAD, *lines, ""])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
