"""Worded answers read per second; how well they are read is said by `make words`."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bench.rows import Row
from roundtables.mail import tongues, words
from roundtables.mail.cutting import answer_text

REPLIES = Path(__file__).parents[1] / "tests" / "mail" / "replies.jsonl"


def measure(*, quick: bool) -> Iterator[Row]:
    begun = perf_counter()
    tongues.get_ready()
    yield Row("phrasebooks of nine languages, once", (perf_counter() - begun) * 1000, "ms")
    labels = [json.loads(line) for line in REPLIES.read_text(encoding="utf-8").splitlines() if line.strip()]
    labels = labels[::4] if quick else labels
    number, begun = 0, perf_counter()
    for label in labels:
        text = answer_text(label["body"], [])
        words.read(text, subject=label["subject"])
        number += len(text.split())
    took = perf_counter() - begun
    yield Row("worded answers read", len(labels) / took, "/s")
    yield Row("words read", number / took, "/s")
