"""Files made to hurt whoever reads them are refused by name, within a second of the processor and 64 MB."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.person.bombs import BOMBS, MOST_MB, MOST_SECONDS


@pytest.fixture(scope="module")
def costs() -> dict[str, dict[str, Any]]:
    """What each takes, in a process of its own that has nothing else in memory."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.person.bombs"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    told = [json.loads(line) for line in run.stdout.splitlines()]
    return {one["name"]: one for one in told}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_name_at_little_cost(costs, name):
    cost = costs[name]
    assert BOMBS[name][1] in cost["says"]
    assert (cost["seconds"] <= MOST_SECONDS, cost["MB"] <= MOST_MB) == (True, True), cost
