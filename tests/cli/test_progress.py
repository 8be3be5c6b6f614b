from __future__ import annotations

import io
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractor.cli.progress import Progress, duration
from extractor.scanning.tally import Tally
from tests.scanresults import FAILED, PASSED_OVER, found


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (6.6, "0:07"), (59.6, "1:00"), (723, "12:03"), (12300, "3:25:00"), (360000, "100:00:00")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def on_screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What stderr shows from here on (pytest puts its own in place before each test)."""
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    return screen


def wait_for(screen: io.StringIO, pattern: str) -> None:
    deadline = time.monotonic() + 20
    while not re.search(pattern, screen.getvalue()):
        assert time.monotonic() < deadline, screen.getvalue()[-500:]
        time.sleep(0.01)


def test_the_total_and_the_time_left_once_they_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    tally = Tally()
    known = threading.Event()

    def items() -> Iterator[int]:
        yield from range(3)
        assert known.wait(20)
        yield 3

    progress = Progress(tally)
    progress.start(items)
    try:
        tally.add(found())
        tally.add(FAILED)
        wait_for(screen, r"\r\x1b\[K2 files  \d+/s  0\.0 MB/s  1 failed")
        assert "left" not in screen.getvalue()
        known.set()
        wait_for(screen, r"━╌+  2 of 4 files  \d+/s  0\.0 MB/s  1 failed  \d+:\d\d left")
    finally:
        known.set()
        progress.stop()
    assert screen.getvalue().endswith("\r\x1b[K")
    assert all(len(line) < 100 for line in screen.getvalue().split("\r\x1b[K"))


def test_it_makes_room_for_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    progress = Progress(Tally())
    progress.start(None)
    try:
        wait_for(screen, "0 files")
        with progress.paused():
            screen.write("a row\n")
    finally:
        progress.stop()
    assert "\r\x1b[Ka row\n0 files" in screen.getvalue()


def test_a_progress_that_is_not_started_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    progress = Progress(Tally())
    with progress.paused():
        screen.write("a row\n")
    progress.stop()
    assert screen.getvalue() == "a row\n"


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (100, "━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌  2 of 4 files  2/s  0.0 MB/s  1 failed  0:01 left"),
        (60, "2 of 4 files  2/s  0.0 MB/s  1 failed  0:01 left"),
        (45, "2 of 4 files  2/s  1 failed  0:01 left"),
        (30, "2 of 4 files  0:01 left"),
        (12, "2 of 4 file"),
    ],
)
def test_a_narrow_terminal_keeps_the_time_left(monkeypatch: pytest.MonkeyPatch, columns: int, line: str) -> None:
    on_screen(monkeypatch)
    monkeypatch.setenv("COLUMNS", str(columns))
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    tally = Tally()
    progress = Progress(tally)
    progress._total = 4
    now = 1001.0
    tally.add(found())
    tally.add(FAILED)
    tally.add(PASSED_OVER)
    assert progress._rendered() == line


def test_what_is_no_image_does_not_count(tmp_path: Path) -> None:
    from extractor.cli.run import _ahead

    for name in ("a.png", "b.JPG", "c.txt", "d.png.json", "d.png", "film.mp4", "notes"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.png").mkdir()
    filters = {"include": (), "exclude": (), "hidden": False, "follow_symlinks": False}
    given = [str(tmp_path), str(tmp_path / "c.txt"), str(tmp_path / "gone")]
    names = [str(found.path).removeprefix(f"{tmp_path}/") for found in _ahead(given, filters)]
    assert names == ["a.png", "b.JPG", "d.png", "c.txt", "gone"]
