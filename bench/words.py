"""
How well words.py reads labelled replies: python bench/words.py replies.jsonl [--all]

Each line is an object with id, subject, body, answer, must_not_apply, safe_to_apply and lang. An application counts as
wrong when the answer differs, is in must_not_apply, or the label says that a person should look first.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from roundtables.mail import words
from roundtables.mail.cutting import answer_text


def wrong(label: dict[str, Any], reading: words.Reading) -> bool:
    """Was something applied that should not have been?"""
    if not reading.certain:
        return False
    return reading.says != label["answer"] or reading.says in label["must_not_apply"] or not label["safe_to_apply"]


def main(path: Path, *, every: bool) -> int:
    """Prints the score; 1 when anything was wrongly applied."""
    labels = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    count: Counter[str] = Counter()
    started = time.perf_counter()
    for label in labels:
        reading = words.read(answer_text(label["body"]), subject=label["subject"])
        can = label["safe_to_apply"] and label["answer"] in ("accepted", "declined", "tentative")
        bad = wrong(label, reading)
        count.update(
            {
                "wrong": bad,
                "could": can,
                "applied": reading.certain and not bad,
                "guess": reading.says == label["answer"],
            }
        )
        if label["lang"] == "en":
            count.update({"could_en": can, "applied_en": reading.certain and not bad, "en": 1})
        if every or bad:
            print(f"{'WRONG ' if bad else ''}{label['id']} {label['answer']}: {reading}")
    took = (time.perf_counter() - started) * 1000 / max(1, len(labels))
    print(f"{len(labels)} replies, {took:.2f} ms each; right guess {count['guess']}; wrongly applied {count['wrong']}")
    print(f"applied {count['applied']} of {count['could']} that may be")
    print(f"of these English {count['applied_en']} of {count['could_en']}")
    return 1 if count["wrong"] else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), every="--all" in sys.argv))
