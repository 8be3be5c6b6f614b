"""The line at the foot of the terminal that tells how far a scan is."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from extractor.scanning.tally import Tally

_REDRAW_SECONDS: Final = 0.1
_SAMPLES: Final = 50
"""Redraws over which the speed is an average: five seconds are steady and still true."""
_BAR_CELLS: Final = 24
_GAP: Final = "  "
_FIRST_TO_GO: Final = ("bytes", "rate", "failed", "left", "files")
"""Words that a narrow terminal has no room for, in this order."""
_CLEAR: Final = "\r\x1b[K"


class Progress:
    """Files, speed, failures, and the time left once the number of files is known.

    It stands on stderr, is drawn by a thread of its own, and is taken away while a row is printed on stdout, as both
    are one terminal.
    """

    def __init__(self, tally: Tally, total: int | None = None) -> None:
        """`total` files are to come, where that is known."""
        self._tally = tally
        self._samples: deque[tuple[float, int, int]] = deque([(time.monotonic(), 0, 0)], _SAMPLES)
        self._line = ""
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._total = total

    def start(self, items: Callable[[], Iterator[object]] | None) -> None:
        """Begin to draw. `items` is gone through in another thread to learn the number of results to come."""
        threading.Thread(target=self._draw_again, daemon=True).start()
        if items is not None:
            threading.Thread(target=self._count, args=(items,), daemon=True).start()

    def stop(self) -> None:
        """Take the line away for good."""
        self._ended.set()
        with self._lock:
            if self._line:
                _to_stderr(_CLEAR)
            self._line = ""

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the line away while something else is printed."""
        with self._lock:
            if self._line:
                _to_stderr(_CLEAR)
            try:
                yield
            finally:
                if self._line and not self._ended.is_set():
                    _to_stderr(self._line)

    def _count(self, items: Callable[[], Iterator[object]]) -> None:
        total = 0
        for _ in items():
            total += 1
            if self._ended.is_set():
                return
        self._total = total

    def _draw_again(self) -> None:
        while not self._ended.wait(_REDRAW_SECONDS):
            line = self._rendered()
            with self._lock:
                if not self._ended.is_set():
                    self._line = line
                    _to_stderr(_CLEAR + line)

    def _rendered(self) -> str:
        from rich.cells import cell_len

        width = shutil.get_terminal_size().columns - 1
        done, total = self._tally.files, self._total
        words = self._words()
        while len(words) > 1 and cell_len(_GAP.join(words.values())) > width:
            words.pop(next(name for name in _FIRST_TO_GO if name in words))
        line = _GAP.join(words.values())[:width]
        if total and cell_len(line) + 2 + _BAR_CELLS <= width:
            return f"{_bar(min(done, total) / total)}{_GAP}{line}"
        return line

    def _words(self) -> dict[str, str]:
        """What there is to say, by name, in the order it is said."""
        now, done, size = time.monotonic(), self._tally.files, self._tally.bytes
        then, done_then, size_then = self._samples[0]
        self._samples.append((now, done, size))
        seconds = max(now - then, 0.001)
        rate = (done - done_then) / seconds
        words = {
            "files": f"{done:,} of {self._total:,} files" if self._total is not None else f"{done:,} files",
            "rate": f"{rate:,.0f}/s",
        }
        if size:
            words["bytes"] = f"{(size - size_then) / seconds / 1e6:,.1f} MB/s"
        if self._tally.failed:
            words["failed"] = f"{self._tally.failed:,} failed"
        if self._total is not None and rate > 0:
            words["left"] = f"{duration(max(0, self._total - done) / rate)} left"
        return words


def _bar(share: float) -> str:
    full = round(share * _BAR_CELLS)
    return "━" * full + "╌" * (_BAR_CELLS - full)


def duration(seconds: float) -> str:
    """``0:07``, ``12:03``, ``3:25:00``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _to_stderr(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
