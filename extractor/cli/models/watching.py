"""How far a scan of models is, in one line on stderr, and what it came to."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from extractor.cli.output import note
from extractor.cli.progress import duration
from extractor.text.printable import one_line

if TYPE_CHECKING:
    from extractor.library.reading import ModelScanProgress, Report

_CLEAR: Final = "\r\x1b[K"
_SECONDS: Final = 0.1
_MOST_PROBLEMS: Final = 20


@contextmanager
def watched(*, quiet: bool) -> Iterator[Report | None]:
    """Something to report to while the block runs; None where nobody would see it."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    line = _Line()
    try:
        yield line
    finally:
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()


class _Line:
    def __init__(self) -> None:
        self._last = 0.0
        self._started: float | None = None

    def __call__(self, progress: ModelScanProgress) -> None:
        now = time.monotonic()
        if now - self._last < _SECONDS:
            return
        self._last = now
        words = f"{progress.stage} {progress.files:,}"
        if progress.total_files is not None:
            self._started = self._started or now
            speed = progress.bytes / max(now - self._started, _SECONDS)
            left = (progress.total_bytes - progress.bytes) / max(speed, 1)
            words = (
                f"hashing {progress.files + 1:,} of {progress.total_files:,}  {progress.bytes / 1e9:,.1f} of "
                f"{progress.total_bytes / 1e9:,.1f} GB  {speed / 1e6:,.0f} MB/s  {duration(left)} left"
            )
        text = f"{words}  {one_line(os.path.basename(progress.path))}"
        sys.stderr.write(_CLEAR + text[: shutil.get_terminal_size().columns - 1])
        sys.stderr.flush()


def print_problems(problems: Sequence[tuple[str, str, str]]) -> None:
    """One line for each thing that is wrong with a file."""
    for path, code, message in problems[:_MOST_PROBLEMS]:
        note(f"{one_line(path)}: {code}: {one_line(message)}")
    if len(problems) > _MOST_PROBLEMS:
        note(f"... and {len(problems) - _MOST_PROBLEMS:,} more (models list --format jsonl has them all)")
