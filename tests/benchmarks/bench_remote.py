"""Remote files and archives: requests and bytes a file, what it costs, and what many connections do.

``python tests/benchmarks/bench_remote.py [FOLDER]`` takes the pictures of a folder (the collection of real files, if it
is there). The store is a process of its own on 127.0.0.1 and shares the processors; hashes are left out.
"""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from extractor import scan
from extractor.containers.kinds import IMAGE_SUFFIXES
from extractor.files.stores import forget_stores
from tests.rangeserver import environment
from tests.realfiles import MADE, REAL

FILES_OF_A_RUN = 1_400
ROUNDS = 3
LATENCY = 0.05


def cpu() -> float:
    """Processor seconds of this process, and of those it started and waited for."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


class Serving:
    """A store in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        self.port = int(process.stdout.readline())

    def end(self) -> tuple[int, int]:
        """(requests for objects, bytes of objects) since it began."""
        out, _ = self._process.communicate()
        requests, sent = map(int, out.split())
        return requests, sent


@contextmanager
def served(paths: Sequence[Path], times: int, delay: float = 0.0) -> Iterator[Serving]:
    command = [
        sys.executable,
        "-m",
        "tests.rangeserver",
        "--times",
        str(times),
        "--delay",
        str(delay),
        *map(str, paths),
    ]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        serving = Serving(process)
        os.environ.update(environment(serving.port))
        forget_stores()
        yield serving
        if process.poll() is None:
            process.kill()


def timed(work: Callable[[], int]) -> tuple[int, float, float]:
    """(files, seconds, processor seconds), the best of some rounds."""
    best: tuple[int, float, float] | None = None
    for _ in range(ROUNDS):
        start, used = time.perf_counter(), cpu()
        files = work()
        took = (files, time.perf_counter() - start, cpu() - used)
        best = min(best or took, took, key=lambda item: item[2])
    assert best is not None
    return best


def read(given: object, **options: object) -> int:
    results = list(scan(given, hash=False, **options))  # type: ignore[arg-type]
    failed = [result for result in results if result.error is not None]
    assert not failed, failed[0]
    return sum(result.record is not None for result in results)


def requests(paths: Sequence[Path]) -> None:
    print("| of 1 file | requests | KB |\n|---|---|---|")
    by_name = [f"s3://b/0000/{path.name}" for path in paths]
    for title, given in (("size known from a listing", "s3://b/0000/"), ("named", by_name)):
        with served(paths, 1) as store:
            files = read(given, remote=True)
            count, sent = store.end()
        print(f"| {title} | {count / files:.2f} | {sent / files / 1000:.0f} |")


def cost(folder: Path, paths: Sequence[Path], times: int) -> None:
    _, _, local = timed(lambda: read([str(folder)] * times, workers=1, foreign_sidecars=False))
    local /= len(paths) * times
    print(f"\n| CPU of 1 file, one process | ms | x local |\n|---|---|---|\n| local | {local * 1000:.2f} | 1.0 |")
    with served(paths, times) as store:
        web = [f"http://127.0.0.1:{store.port}/b/{number:04}/{path.name}" for number in range(times) for path in paths]
        for title, given, connections in (("HTTP", web, 1), ("HTTP, 64 connections", web, 64), ("S3", "s3://b/", 64)):
            files, _, used = timed(lambda given=given, count=connections: read(given, remote=True, connections=count))  # type: ignore[misc]
            print(f"| {title} | {used / files * 1000:.2f} | {used / files / local:.1f} |")


def latency(paths: Sequence[Path]) -> None:
    print(f"\n| {LATENCY * 1000:.0f} ms away, connections | files a second | x 1 |\n|---|---|---|")
    one = 0.0
    with served(paths, 120, LATENCY):
        for connections in (1, 32, 64, 128, 256):
            numbers = range(1 if connections == 1 else connections // 2 + 10)
            given = [f"s3://b/{number % 120:04}/{path.name}" for number in numbers for path in paths]
            start = time.perf_counter()
            files = read(given, remote=True, connections=connections)
            rate = files / (time.perf_counter() - start)
            one = one or rate
            print(f"| {connections} | {rate:.0f} | {rate / one:.0f} |")


def archives(folder: Path, paths: Sequence[Path]) -> None:
    with tempfile.TemporaryDirectory() as place:
        times = max(1, 280 // len(paths))
        stored, pressed, tar = (os.path.join(place, name) for name in ("s.zip", "d.zip", "t.tar"))
        with (
            zipfile.ZipFile(stored, "w") as one,
            zipfile.ZipFile(pressed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as two,
            tarfile.open(tar, "w") as three,
        ):
            for number in range(times):
                for path in paths:
                    one.write(path, f"{number}/{path.name}")
                    two.write(path, f"{number}/{path.name}")
                    three.add(path, f"{number}/{path.name}")
        table = _table(place, paths, times)
        print("\n| CPU of 1 file on disk | us | files a second | x plain |\n|---|---|---|---|")
        plain = 0.0
        for title, given in (
            ("plain files", [str(folder)] * times),
            ("tar", tar),
            ("ZIP, stored", stored),
            ("ZIP, deflated", pressed),
            ("Parquet", table),
        ):
            if given is None:
                continue
            files, _, used = timed(lambda given=given: read(given, workers=1, foreign_sidecars=False))  # type: ignore[misc]
            plain = plain or files / used
            print(f"| {title} | {used / files * 1e6:.0f} | {files / used:.0f} | {files / used / plain:.2f} |")
        print(f"\n| {LATENCY * 1000:.0f} ms away | files a second | requests |\n|---|---|---|")
        for title, archive in (("tar", tar), ("ZIP, stored, 64 connections", stored)):
            with served([Path(archive)], 1, LATENCY) as store:
                start = time.perf_counter()
                files = read(f"s3://b/0000/{Path(archive).name}", remote=True)
                rate = files / (time.perf_counter() - start)
                print(f"| {title} | {rate:.0f} | {store.end()[0]} |")


def _table(place: str, paths: Sequence[Path], times: int) -> str | None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return None
    rows = [{"bytes": path.read_bytes(), "path": path.name} for path in paths]
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    name = os.path.join(place, "p.parquet")
    with pq.ParquetWriter(name, pa.schema({"image": kind}), compression="none", use_dictionary=False) as writer:
        for _ in range(times):
            writer.write_table(pa.table({"image": pa.array(rows, kind)}))
    return name


def main() -> None:
    given = [Path(name) for name in sys.argv[1:]]
    found = [path for folder in given for path in sorted(folder.iterdir())] or REAL or MADE
    paths = [path for path in found if path.suffix.lower() in IMAGE_SUFFIXES]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for path in paths:
            (folder / path.name).write_bytes(path.read_bytes())
        size = sum(path.stat().st_size for path in paths) / len(paths)
        print(f"{len(paths)} pictures of {size / 1e6:.1f} MB on average\n")
        requests(paths)
        cost(folder, paths, max(1, FILES_OF_A_RUN // len(paths)))
        latency(paths)
        archives(folder, paths)


if __name__ == "__main__":
    assert isinstance(sys.stdout, io.TextIOBase)
    main()
