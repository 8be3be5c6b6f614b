"""What rows cost the process that writes them: ``python tests/benchmarks/bench_rows.py [--files N] [--turns N]``.

For N copies (default 20,000) of the texts of real files, headers only: CPU of the parent for a file, and files per
second, by format and number of workers, with rows made in the workers and with records handed over. Medians of turns
in which each of these has its place. CPU alone bounds how much faster two workers can be; where other programs have
their part of the processors, files per second say less.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench_scan import make_files

FORMATS = ("jsonl", "csv", "sqlite", "parquet")
ONE, TWO = ("ready", "1"), ("ready", "2")

MEASURE = """
import resource, sys, time
from extractor import open_writer, scan
from extractor.scanning.tally import Tally
folder, target, form, workers, ready = sys.argv[1:]
tally = Tally()
before = time.process_time()
start = time.perf_counter()
with open_writer(target, form) as writer:
    make = writer.make if ready == "ready" else None
    for result in scan([folder], hash=False, workers=eval(workers), make=make):
        tally.add(result)
        writer.write(result)
seconds = time.perf_counter() - start
own = time.process_time() - before
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(tally.files, seconds, own, usage.ru_utime + usage.ru_stime)
"""

WALK = """
import sys, time
from extractor.scanning.walk import walk
start = time.process_time()
print(sum(1 for _ in walk([sys.argv[1]])), time.process_time() - start)
"""


class Cost(NamedTuple):
    """Of one file, in microseconds."""

    time: float
    parent: float
    """CPU."""
    workers: float
    """CPU of all of them."""


def run(code: str, *arguments: str, compiled: str) -> list[float]:
    """The numbers that a fresh interpreter prints, whose modules are compiled already, as installed ones are."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, env=environment)
    return [float(value) for value in done.stdout.split()]


def measure(form: str, turns: int, temporary: Path) -> None:
    found: dict[tuple[str, str], list[Cost]] = {
        (ready, workers): [] for workers in ("1", "2", "None") for ready in ("records", "ready")
    }
    for turn in range(turns):
        for (ready, workers), costs in found.items():
            target = temporary / f"{form}-{ready}-{workers}-{turn}"
            given = (str(temporary / "pictures"), str(target), form, workers, ready)
            files, *seconds = run(MEASURE, *given, compiled=str(temporary / "compiled"))
            costs.append(Cost(*(value / files * 1e6 for value in seconds)))
            target.unlink()
    middle = {key: Cost(*map(median, zip(*costs, strict=True))) for key, costs in found.items()}
    for (ready, workers), cost in middle.items():
        print(
            f"{form:8} {ready:8} workers={workers:4} {1e6 / cost.time:7,.0f} files/s; "
            f"parent {cost.parent:4.0f} us a file, workers {cost.workers:4.0f}",
            flush=True,
        )
    one, two = middle[ONE], middle[TWO]
    print(
        f"{form:8} ready: two workers {one.time / two.time:.2f} x one, "
        f"of {2 * one.parent / (two.parent + two.workers):.2f} that their CPU allows"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--format", choices=FORMATS, action="append")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder)
        (temporary / "pictures").mkdir()
        make_files(temporary / "pictures", given.files)
        for _ in range(2):  # the first time, modules are compiled
            found, walking = run(WALK, str(temporary / "pictures"), compiled=str(temporary / "compiled"))
        print(f"walking alone: {walking / found * 1e6:.0f} us a file")
        for form in given.format or FORMATS:
            measure(form, given.turns, temporary)


if __name__ == "__main__":
    main()
