"""
How well words.py reads labelled replies: python -m bench.words [replies.jsonl] [--all]

Each line is an object with id, subject, body, answer, safe_to_apply, lang; perhaps from, invitee, event, sent, until,
back, deputy, needs, wants_writeup, mode, must_not_apply. An application is wrong when the answer differs, is in
must_not_apply, or the label says that a person should look first.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from roundtables.mail import second_reader, words
from roundtables.mail.cutting import answer_text, unsigned

OWN = Path(__file__).parents[1] / "tests" / "mail" / "replies.jsonl"
CLASSES = ("accepted", "declined", "tentative")
Label = dict[str, Any]


def cut(label: Label) -> str:
    """What the person wrote, cut as the intake cuts it."""
    sent_lines = [line for line in label.get("quoted", ()) if isinstance(line, str)]
    return unsigned(answer_text(label["body"], sent_lines), (label.get("invitee") or {}).get("name", ""))


def read(label: Label, second: words.SecondReader | None = second_reader.confidence) -> words.Reading:
    """As the intake reads it, with all that the label knows of the mail, and asking `second` (words.py)."""
    return words.read(
        cut(label),
        subject=label["subject"],
        day=_day((label.get("event") or {}).get("date")),
        sent=_day(label.get("sent")),
        invitee=(label.get("invitee") or {}).get("name", ""),
        sender=label.get("from", "").partition("<")[0].strip(' "'),
        second=second,
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written[:10]) if written else None


def wrong(label: Label, reading: words.Reading) -> bool:
    """Was something applied that should not have been?"""
    if not reading.certain:
        return False
    applied = reading.says != label["answer"] or reading.says in label.get("must_not_apply", ())
    return applied or not label["safe_to_apply"]


def could(label: Label) -> bool:
    return bool(label["safe_to_apply"]) and label["answer"] in CLASSES


def facts(label: Label, reading: words.Reading) -> dict[str, tuple[bool, bool]]:
    """Fact -> (the label has it or the reading claims it, they agree)."""
    deputy = label.get("deputy") or {}
    mode = {"in-person": "room"}.get(label.get("mode") or "", label.get("mode") or "")
    until, back = str(reading.until or ""), str(reading.back or "")
    return {
        "until": (bool(label.get("until") or until), (label.get("until") or "") == until),
        "back": (bool(label.get("back") or back), (label.get("back") or "") == back),
        "deputy": (bool(deputy), (deputy.get("name") or "") == reading.deputy_name),
        "deputy's address": (bool(deputy), (deputy.get("email") or "") == reading.deputy_address),
        "needs": (bool(label.get("needs") or reading.needs), bool(label.get("needs")) == bool(reading.needs)),
        "mode": (bool(mode or reading.mode), mode == reading.mode),
        "write-up": (
            bool(label.get("wants_writeup") or reading.wants_writeup),
            bool(label.get("wants_writeup")) == reading.wants_writeup,
        ),
    }


def table(labels: Iterable[Label], readings: Iterable[words.Reading]) -> str:
    """What was said for each answer."""
    cells = Counter((label["answer"], str(reading.says)) for label, reading in zip(labels, readings, strict=True))
    says = [str(each) for each in words.Says]
    rows = [f"{'':12}" + "".join(f"{each[:9]:>10}" for each in says)]
    for answer in sorted({answer for answer, _ in cells}):
        rows.append(f"{answer:12}" + "".join(f"{cells[answer, each] or '.':>10}" for each in says))
    return "\n".join(rows)


def score(lang: str, pairs: list[tuple[Label, words.Reading]]) -> int:
    """Prints one language; the number wrongly applied."""
    bad = sum(wrong(*pair) for pair in pairs)
    clear = [pair for pair in pairs if could(pair[0])]
    applied = sum(reading.certain and not wrong(label, reading) for label, reading in clear)
    machines = sum(reading.certain for label, reading in pairs if label["answer"] == "auto-reply")
    right = sum(str(reading.says) == label["answer"] for label, reading in pairs)
    share = f" ({100 * applied // len(clear)} %)" if clear else ""
    print(
        f"{lang}: {len(pairs)} mails, wrongly applied {bad}, clear ones applied {applied} of {len(clear)}{share}, "
        f"machines applied {machines}, guess right {right}"
    )
    return bad


def alone(labels: Iterable[Label]) -> str:
    """What the phrases would have applied in English without the second reader."""
    pairs = [(label, read(label, None)) for label in labels if label["lang"] == "en"]
    bad = sum(wrong(*pair) for pair in pairs)
    applied = sum(reading.certain for _, reading in pairs) - bad
    return f"en without the second reader: wrongly applied {bad}, clear ones applied {applied}"


def main(arguments: list[str]) -> int:
    """Prints the score; 1 when anything was wrongly applied."""
    every = "--all" in arguments
    path = next((Path(each) for each in arguments if not each.startswith("-")), OWN)
    labels = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    read(labels[0])
    started = time.perf_counter()
    readings = [read(label) for label in labels]
    took = time.perf_counter() - started
    pairs = list(zip(labels, readings, strict=True))
    langs = Counter(label["lang"] for label in labels)
    bad = sum(score(lang, [pair for pair in pairs if pair[0]["lang"] == lang]) for lang, _ in langs.most_common())
    print(alone(labels))
    print(table(labels, readings))
    for name in facts(*pairs[0]):
        seen = [facts(*pair)[name] for pair in pairs]
        print(f"{name}: right {sum(has and right for has, right in seen)} of {sum(has for has, _ in seen)}")
    size = sum(len(cut(label).split()) for label in labels)
    print(f"{len(labels) / took:.0f} mails and {size / took:.0f} words a second")
    _misses(pairs, every=every)
    return 1 if bad else 0


def _misses(pairs: list[tuple[Label, words.Reading]], *, every: bool) -> None:
    missed = [pair for pair in pairs if wrong(*pair) or (could(pair[0]) and not pair[1].certain)]
    if not every:
        print("wrong: " + " ".join(label["id"] for label, reading in missed if wrong(label, reading)))
        print("missed: " + " ".join(label["id"] for label, reading in missed if not wrong(label, reading)))
        return
    for label, reading in missed:
        mark = "WRONG" if wrong(label, reading) else "missed"
        print(f"{mark} {label['id']} {label['answer']}: {reading.says} - {reading.why} - {reading.sentence!r}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
