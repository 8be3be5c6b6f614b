"""The engine ray, on this machine; skipped where Ray is not installed (`.ci/ray` installs it)."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow")
ray = pytest.importorskip("ray", reason="Ray is not installed: .ci/ray does")

from extractor.batch import ray_engine  # noqa: E402
from extractor.batch.part import Hands, PartReport, retry_part, run_part  # noqa: E402
from extractor.batch.run import Run, begin  # noqa: E402
from extractor.batch.runfile import Inputs  # noqa: E402
from extractor.extraction.options import Options  # noqa: E402
from tests.batch.runs import batch, images, table, urls  # noqa: E402

# What Ray itself leaves open is not ours to close.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def _cluster() -> Iterator[None]:
    """Two workers, no dashboard, on the loopback only."""
    ray_engine.start(ray, 2)
    yield
    ray.shutdown()


def begun(tmp_path: Path, count: int, rows: int) -> Run:
    pics = images(tmp_path / "pics", count)
    return begin(str(tmp_path / "run"), Inputs([str(pics)], {}, rows), Options(hash=False))


def do(run: Run, numbers: Any, work: Any = run_part, **more: Any) -> list[PartReport]:
    reports = list(ray_engine.do_parts(work, run, numbers, Hands(), **more))
    return sorted(reports, key=lambda report: report.number)


@pytest.mark.usefixtures("_cluster")
def test_parts_are_done_as_elsewhere(tmp_path: Path) -> None:
    run, told = begun(tmp_path, 5, 2), []
    (tmp_path / "pics" / "00003.png").write_bytes(b"milk")
    (tmp_path / "run" / "manifest" / "part-00002.parquet").write_bytes(b"milk")
    first, second, third = do(run, range(3), told=told.append)
    assert (first, second) == (PartReport(0, rows=2), PartReport(1, rows=2, failed=1))
    assert "is damaged" in (third.problem or "")
    assert sum(told) == 4
    assert len(set(urls(tmp_path / "run"))) == 4
    assert do(run, [0, 1], retry_part) == [
        PartReport(0, rows=2, is_new=False),
        PartReport(1, rows=2, failed=1, is_new=False),
    ]


@pytest.mark.usefixtures("_cluster")
def test_a_killed_worker_has_its_part_done_again(tmp_path: Path) -> None:
    run = begun(tmp_path, 3000, 500)
    killed: list[int] = []
    for report in ray_engine.do_parts(run_part, run, range(run.parts), Hands()):
        assert report.problem is None
        for pid in _working()[: 1 - len(killed)]:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)
    assert killed
    assert len(urls(tmp_path / "run")) == len(set(urls(tmp_path / "run"))) == 3000
    assert [meta["seed"] for meta in table(tmp_path / "run").column("meta").to_pylist()] == list(range(3000))


def _working() -> list[int]:
    """Processes below this one that do a part now."""
    found = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=False).stdout
    listed = {int(line.split()[0]): line.split(None, 2)[1:] for line in found.splitlines()}
    return [pid for pid, (_, title) in listed.items() if "ray::alone" in title and _is_below(pid, listed)]


def _is_below(pid: int, listed: dict[int, list[str]]) -> bool:
    while pid in listed and pid != os.getpid():
        pid = int(listed[pid][0])
    return pid == os.getpid()


@pytest.mark.parametrize("engine", ["ray"])
def test_the_command_starts_it_and_ends_it(tmp_path: Path, engine: str) -> None:
    images(tmp_path / "pics", 5)
    start = time.monotonic()
    ran = batch("pics", "-o", "run", "--no-hash", "--rows", "2", "--engine", engine, "--workers", "2", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr.splitlines()[-1].endswith(": 3 read, 0 done before, 5 rows, 0 of them failed")
    assert len(set(urls(tmp_path / "run"))) == 5
    assert time.monotonic() - start < 120
