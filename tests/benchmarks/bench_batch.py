"""Batch runs: the engines, with one worker and with two; a run that is done; one that was killed.

    python tests/benchmarks/bench_batch.py [FOLDER] [--files N] [--no-ray]

Reads links to the images in FOLDER (default: the collection of real files beside the project, else the sample
pictures), without pixels. Ray's start and the imports of its workers are not counted: a run takes much longer.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow
from pyarrow import parquet

from extractor.batch import local, ray_engine
from extractor.batch.part import Hands, run_part
from extractor.batch.run import Run, begin
from extractor.batch.runfile import Inputs
from extractor.containers.kinds import IMAGE_SUFFIXES
from extractor.extraction.options import Options

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples"
ROWS = 500
WARM = 8
"""Parts that are done before the clock runs."""


def link_files(source: Path, folder: Path, count: int) -> None:
    """So many symbolic links to the images of a folder."""
    images = sorted(path for path in source.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
    for number in range(count):
        image = images[number % len(images)]
        (folder / f"{number:06}{image.suffix}").symlink_to(image)


def begun(place: Path, pictures: Path) -> Run:
    return begin(str(place), Inputs([str(pictures)], {}, ROWS), Options(hash=False))


def measure(name: str, engine: object, place: Path, pictures: Path, workers: int) -> float:
    """Do a run, print, and return files per second."""
    run = begun(place, pictures)
    numbers = range(run.parts)
    list(engine.do_parts(run_part, run, numbers[:WARM], Hands(workers)))  # type: ignore[attr-defined]
    start = time.perf_counter()
    reports = list(engine.do_parts(run_part, run, numbers[WARM:], Hands(workers)))  # type: ignore[attr-defined]
    seconds = time.perf_counter() - start
    assert all(report.problem is None for report in reports)
    rate = sum(report.rows for report in reports) / seconds
    print(f"{name:6} workers={workers} {rate:8,.0f} files/s in {len(reports)} parts of {ROWS}")
    shutil.rmtree(place)
    return rate


@contextmanager
def cluster(workers: int) -> Iterator[None]:
    """Ray on this machine, kept for the warming and for the measurement."""
    import ray

    ray_engine.start(ray, workers)
    try:
        yield
    finally:
        ray.shutdown()


def engines(pictures: Path, place: Path, *, with_ray: bool) -> None:
    one = measure("local", local, place, pictures, 1)
    print(f"local, two workers: {measure('local', local, place, pictures, 2) / one:.2f} x one")
    if with_ray:
        rates = []
        for workers in (1, 2):
            with cluster(workers):
                rates.append(measure("ray", ray_engine, place, pictures, workers))
        print(f"ray, two workers: {rates[1] / rates[0]:.2f} x one (at least 1.5 asked for)")


def resumed(pictures: Path, place: Path, files: int) -> None:
    """A driver that is killed in the middle, the run that goes on, and one more."""
    command = [sys.executable, "-m", "extractor", "batch", str(pictures), "-o", str(place), "--no-hash", "-q"]
    command += ["--rows", str(ROWS)]
    with subprocess.Popen(command) as process:
        while not (place / "rows" / "part-00004.parquet").exists():
            time.sleep(0.01)
        process.kill()
    done = {path.name: path.stat().st_mtime_ns for path in (place / "rows").glob("*.parquet")}
    for what in ("after SIGKILL", "once more"):
        start = time.perf_counter()
        subprocess.run(command, check=True)
        after = {path.name: path.stat().st_mtime_ns for path in (place / "rows").glob("*.parquet")}
        again = sum(after[name] != moment for name, moment in done.items())
        seconds = time.perf_counter() - start
        print(f"{what}: {len(after) - len(done)} missing parts of {len(after)} done in {seconds:.1f} s, {again} redone")
        done = after
    urls = pyarrow.concat_tables([parquet.read_table(place / "rows" / name, columns=["url"]) for name in done])
    distinct = len(urls.column("url").unique())
    print(f"rows {urls.num_rows:,}, distinct urls {distinct:,}, files {files:,}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, default=SAMPLES if SAMPLES.is_dir() else ROOT / "sample_images")
    parser.add_argument("--files", type=int, default=12_000)
    parser.add_argument("--no-ray", action="store_true")
    given = parser.parse_args()
    print(f"{len(os.sched_getaffinity(0))} processors; {given.files:,} files of {given.folder.name}, header-only")
    with tempfile.TemporaryDirectory() as home:
        pictures = Path(home, "pictures")
        pictures.mkdir()
        link_files(given.folder, pictures, given.files)
        engines(pictures, Path(home, "run"), with_ray=not given.no_ray)
        resumed(pictures, Path(home, "run"), given.files)


if __name__ == "__main__":
    main()
