"""How fast folders are gone through, by hand: `python tests/benchmarks/bench_scan.py [--files N] [FOLDER]`.

Prints, for N small files that it makes (default 200,000) in a temporary folder:
walking alone; a header-only scan with 1, 2 and the default number of workers, with the peak memory of the parent;
`sidecar` once and again, the second time without opening an image. Then, for copies of the files in FOLDER (default:
the collection of real files beside the project), whole records with 1 and 2 workers.
"""

from __future__ import annotations

import argparse
import os
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

INFOTEXT = (
    "a cat on a chair, best quality, <lora:detail:0.8>\nNegative prompt: blurry, dog\n"
    "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: {seed}, Size: 512x512, Model hash: 0123456789, Model: some_model"
)
COPIES = 20
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"

MEASURE = """
import resource, sys, time
from collections import Counter
from extractor.scanning.scan import scan
from extractor.sidecars.write import write_sidecars
from extractor.scanning.walk import FileEntry, walk
folder, what, workers, hash = sys.argv[1], sys.argv[2], eval(sys.argv[3]), eval(sys.argv[4])
if what == "walk":
    results = (found for found in walk([folder]) if isinstance(found, FileEntry))
elif what == "scan":
    results = scan([folder], workers=workers, hash=hash)
else:
    results = write_sidecars([folder], workers=workers, hash=hash, fsync=False)
start = time.perf_counter()
first = None
counts = Counter()
for result in results:
    first = first or time.perf_counter() - start
    counts[str(getattr(result, "status", "failed" if getattr(result, "error", None) else "read"))] += 1
seconds = time.perf_counter() - start
own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
cpu = [usage.ru_utime + usage.ru_stime for usage in (own, workers)]
files = sum(counts.values()) - counts["passed-over"]
print(files, seconds, own.ru_maxrss / 1024, first, *cpu, "|", dict(counts))
"""


def measure(folder: str, what: str, workers: int | None, hash: bool) -> float:
    """Run in a fresh interpreter, print, and return files per second."""
    command = [sys.executable, "-c", MEASURE, folder, what, repr(workers), repr(hash)]
    figures, counts = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().split("|")
    files, seconds, peak, first, own_cpu, workers_cpu = map(float, figures.split())
    rate = files / seconds
    print(
        f"{what:8} workers={workers!s:4} {rate:9,.0f} files/s; CPU per file {own_cpu / files * 1e6:,.0f} us here and "
        f"{workers_cpu / files * 1e6:,.0f} us in workers; parent's peak {peak:.0f} MB; "
        f"first result after {first:.2f} s; {counts.strip()}"
    )
    return rate


def make_files(folder: Path, count: int) -> None:
    """PNG files of one pixel with an infotext, 1,000 in each subfolder but the first, which has half of all."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    tail = chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    for number in range(count):
        inside = folder / ("a" if number < count // 2 else f"b{number // 1000:04}")
        if number % 1000 == 0 or number == count // 2:
            inside.mkdir(exist_ok=True)
        text = b"parameters\0" + INFOTEXT.format(seed=number).encode()
        (inside / f"{number:07}.png").write_bytes(head + chunk(b"tEXt", text) + tail)


def copy_files(source: Path, folder: Path) -> None:
    """Every image of `source` several times, sharing their bytes where the system can."""
    for number in range(COPIES):
        for file in source.iterdir():
            if file.suffix in (".png", ".jpg", ".jpeg", ".webp"):
                (folder / f"{number}-{file.name}").write_bytes(file.read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, default=SAMPLES)
    parser.add_argument("--files", type=int, default=200_000)
    given = parser.parse_args()
    print(f"{len(os.sched_getaffinity(0))} processors; {given.files:,} files of about 400 bytes, header-only")
    with tempfile.TemporaryDirectory() as folder:
        make_files(Path(folder), given.files)
        measure(folder, "walk", None, False)
        one = measure(folder, "scan", 1, False)
        two = measure(folder, "scan", 2, False)
        measure(folder, "scan", None, False)
        print(f"two workers: {two / one:.2f} x one")
        measure(folder, "sidecar", None, False)
        measure(folder, "sidecar", None, False)
    if given.folder.is_dir():
        with tempfile.TemporaryDirectory() as folder:
            copy_files(given.folder, Path(folder))
            print("whole records of real files")
            one = measure(folder, "scan", 1, True)
            two = measure(folder, "scan", 2, True)
            print(f"two workers: {two / one:.2f} x one")


if __name__ == "__main__":
    main()
