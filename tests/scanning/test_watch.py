from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from extractor.errors import OutputError
from extractor.scanning import watch as module
from extractor.scanning.watch import Due, _matters, _Pending, watch
from tests.support import png

pytest.importorskip("watchfiles")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("name", "matters"),
    [
        ("a.png", True),
        ("a.txt", True),
        ("folder", True),
        ("a.json", True),
        ("a.png.json", False),
        ("film.mp4.json", False),
        ("catalog.db", False),
        ("catalog.db-wal", False),
        (".extractor-0a1b2c3d-12-0123456789abcdef.tmp", False),
    ],
)
def test_what_runs_write_themselves_is_no_reason_for_another(name: str, matters: bool) -> None:
    assert _matters(f"/pictures/{name}") is matters


def test_a_file_is_whole_when_it_has_been_quiet(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "a[1].png").write_bytes(b"x")
    path = str(tmp_path / "a[1].png")
    pending = _Pending(clock)
    assert not pending.is_due()
    pending.add([path])
    assert not pending.is_due()
    clock.now += 0.9
    (tmp_path / "a[1].png").write_bytes(b"longer")
    pending.add([])
    clock.now += 0.9
    pending.add([])
    assert not pending.is_due()
    clock.now += 0.2
    assert pending.is_due()
    assert pending.take([str(tmp_path)]) == []
    assert not pending.is_due()


def test_those_that_are_still_written_are_left_out_of_a_run(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.png", "sub/b[1].png"):
        (tmp_path / name).write_bytes(b"x")
    pending = _Pending(clock)
    pending.add([str(tmp_path / "a.png")])
    clock.now += 1.5
    pending.add([str(tmp_path / "sub/b[1].png")])
    assert pending.is_due()
    assert pending.take([str(tmp_path), str(tmp_path / "other")]) == ["/sub/b[[]1].png"]
    clock.now += 1.5
    assert pending.take([str(tmp_path)]) == []


def test_a_file_that_is_gone_waits_for_nobody(tmp_path: Path, clock: Clock) -> None:
    pending = _Pending(clock)
    pending.add([str(tmp_path / "gone.png")])
    assert pending.is_due()


def test_a_run_at_the_start_and_after_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_QUIET", 0.1)
    monkeypatch.setattr(module, "_LOOK", 0.1)
    root = tmp_path / "pictures"
    root.mkdir()
    runs = watch([root, tmp_path / "gone"])
    assert next(runs) == Due([str(root)], [])
    (root / "a.png.json").write_bytes(b"{}")
    (root / "a.png").write_bytes(png())
    assert next(runs) == Due([str(root)], [])
    # A folder that goes and comes back, and one that comes at last.
    root.rename(tmp_path / "elsewhere")
    root.mkdir()
    assert next(runs) == Due([str(root)], [])
    (tmp_path / "gone").mkdir()
    assert next(runs) == Due([str(root), str(tmp_path / "gone")], [])
    runs.close()


def test_what_happens_during_a_run_is_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_QUIET", 0.1)
    monkeypatch.setattr(module, "_LOOK", 0.1)
    runs = watch([tmp_path])
    next(runs)
    (tmp_path / "a.png").write_bytes(png())
    time.sleep(0.3)
    begin = time.monotonic()
    assert next(runs) == Due([os.fspath(tmp_path)], [])
    assert time.monotonic() - begin < 10
    runs.close()


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(OutputError, match=r"pip install 'ai-image-metadata\[watch\]'"):
        next(watch([tmp_path]))
