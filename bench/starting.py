"""From nothing to ready, the memory of an idle service, and how much is installed."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from time import perf_counter, sleep

import httpx
from tests.service import running

from bench.rows import Row
from bench.stage import folder, median, opened

BASE = Path(__file__).parents[1] / "requirements" / "base.txt"


def measure(*, quick: bool) -> Iterator[Row]:
    took, memory = [], 0.0
    with folder() as where:
        db, _ = opened(where)
        db.close()
        for _ in range(1 if quick else 3):
            begun = perf_counter()
            with running(where, "serve", "--port", "0") as service:
                assert httpx.get(f"{service.url}/readyz", trust_env=False).status_code == 200
                took.append(perf_counter() - begun)
                sleep(1)
                memory = _resident(service.process.pid)
    yield Row("start to ready", median(took), "s")
    yield Row("memory, idle", memory, "MB")
    yield Row("installed with the base requirements", _installed(), "MB")


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024


def _installed() -> float:
    """The files of every distribution that base.txt names and that is here, bytecode left out."""
    names = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", BASE.read_text(), re.MULTILINE)
    return sum(_size(name) for name in names) / 1024 / 1024


def _size(name: str) -> int:
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:  # for another platform
        return 0
    found = [Path(str(file.locate())) for file in files if file.suffix != ".pyc"]
    return sum(path.stat().st_size for path in found if path.is_file())
