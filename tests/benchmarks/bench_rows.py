"""What rows cost the process that writes them: ``python tests/benchmarks/bench_rows.py [--files N]``.

For N copies (default 20,000) of the texts of real files, headers only: CPU of the parent for a file, and files per
second, by format and number of workers, with rows made in the workers and with records handed over.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_scan import make_files

FORMATS = ("jsonl", "csv", "sqlite", "parquet")

MEASURE = """
import sys, time
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
print(tally.files, seconds, time.process_time() - before)
"""

WALK = """
import sys, time
from extractor.scanning.walk import walk
start = time.process_time()
print(sum(1 for _ in walk([sys.argv[1]])), time.process_time() - start)
"""


def run(code: str, *arguments: str) -> list[float]:
    command = [sys.executable, "-c", code, *arguments]
    return [float(value) for value in subprocess.run(command, check=True, capture_output=True).stdout.split()]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--format", choices=FORMATS, action="append")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "pictures"
        folder.mkdir()
        make_files(folder, given.files)
        found, walking = run(WALK, str(folder))
        print(f"walking alone: {walking / found * 1e6:.0f} us a file")
        for form in given.format or FORMATS:
            rates = {}
            for ready in ("records", "ready"):
                for workers in ("1", "2", "None"):
                    target = str(Path(temporary) / f"{form}-{ready}-{workers}")
                    files, seconds, own = run(MEASURE, str(folder), target, form, workers, ready)
                    rates[ready, workers] = files / seconds
                    what = f"{form:8} {ready:8} workers={workers:4} {files / seconds:7,.0f} files/s"
                    print(f"{what}; parent {own / files * 1e6:4.0f} us a file", flush=True)
            print(f"{form:8} ready: two workers {rates['ready', '2'] / rates['ready', '1']:.2f} x one")


if __name__ == "__main__":
    main()
