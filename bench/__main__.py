"""`python -m bench [quick] [sending taking_in words hostile reading starting]` runs the measurements: one table."""

import os
import platform
import sys

from bench import hostile, reading, sending, starting, taking_in, worded
from bench.rows import Row, show

MEASURES = {
    "sending": sending,
    "taking_in": taking_in,
    "words": worded,
    "hostile": hostile,
    "reading": reading,
    "starting": starting,
}


def main(words: list[str]) -> int:
    """Exit code 2 for a name that is no measurement."""
    quick, chosen = "quick" in words, [word for word in words if word != "quick"] or list(MEASURES)
    if unknown := [word for word in chosen if word not in MEASURES]:
        print(f"there is no measurement {', '.join(unknown)}; there are {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in chosen:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += MEASURES[name].measure(quick=quick)
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} at the end\n\n{show(rows)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
