"""When folders have changed, and are quiet again: then it is time for another run over them.

What a run does is not known here; runs that skip what is up to date are cheap, and need no memory of what happened.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from glob import escape
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from extractor.containers.kinds import IMAGE_SUFFIXES, VIDEO_SUFFIXES, has_suffix
from extractor.errors import OutputError, extra_command
from extractor.files.atomic import is_leftover
from extractor.readers.beside import SIDECAR_SUFFIX

if TYPE_CHECKING:
    from types import ModuleType

_QUIET: Final = 1.0
"""Seconds for which a file must not have changed to be whole."""
_LOOK: Final = 0.5
"""Seconds between looks at files that are not, and at folders that are gone."""
_REST: Final = 4
"""A run is followed by a pause of so many times its length, so that watching costs a fifth of a processor at most."""
_DATABASES: Final = (".db", ".sqlite", ".sqlite3", "-wal", "-shm", "-journal")
_MOST: Final = 1_000
"""Files that are still being written and told apart; with more of them a run waits until all are whole."""

_State: TypeAlias = tuple[int, int] | None
"""(size, mtime) of a file; None: it is gone."""


@dataclass(frozen=True, slots=True)
class Due:
    """A run that is due."""

    roots: list[str]
    """Those of the watched folders that are there."""
    unfinished: list[str]
    """Globs for `exclude` of `scan`: files that are still being written."""


def watch(
    paths: Iterable[str | os.PathLike[str]], *, clock: Callable[[], float] = time.monotonic
) -> Generator[Due, None, None]:
    """A run that is due at the start, and again whenever something below the folders has changed and is quiet.

    Folders that go are waited for; one that comes back, or is put in the place of another, is due at once. The
    iterator has no end: it is left by closing it, or by Ctrl-C.

    Raises `OutputError` when the package that watches is missing.
    """
    watchfiles = _watchfiles()
    roots = [os.fspath(path) for path in paths]
    while True:
        there = _there(roots)
        changes = _changes(watchfiles, there)
        # What happens from here on is noted, also while a run goes on.
        if not there or next(changes, None) is None:
            time.sleep(_LOOK)
            continue
        pending = _Pending(clock)
        rest_until = yield from _run(Due(list(there), []), clock)
        for changed in changes:
            if _there(roots) != there:
                break
            pending.add(path for _, path in changed if _matters(path))
            if clock() >= rest_until and pending.is_due():
                rest_until = yield from _run(Due(list(there), pending.take(list(there))), clock)


def _run(due: Due, clock: Callable[[], float]) -> Generator[Due, None, float]:
    """Hand out a run; when the next one may be."""
    begin = clock()
    yield due
    end = clock()
    return end + _REST * (end - begin)


def _changes(watchfiles: ModuleType, there: Iterable[str]) -> Iterator[set[tuple[Any, str]]]:
    """What happens below the folders, every now and then; ends when they cannot be watched."""
    with suppress(FileNotFoundError, NotADirectoryError):
        yield from watchfiles.watch(
            *there, watch_filter=None, step=100, debounce=400, rust_timeout=int(_LOOK * 1000), yield_on_timeout=True
        )


def _there(roots: Iterable[str]) -> dict[str, tuple[int, int]]:
    """The folders that are there, with what tells whether they are still the same."""
    return {root: key for root in roots if (key := _identity(root)) is not None}


class _Pending:
    """Files that have changed since the last run."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._files: dict[str, tuple[_State, float]] = {}

    def add(self, paths: Iterable[str]) -> None:
        """Note that something happened to files, and look at all that were noted."""
        now = self._clock()
        for path in (*paths, *self._files):
            state = _state(path)
            known = self._files.get(path)
            if known is None or known[0] != state:
                self._files[path] = state, now

    def is_due(self) -> bool:
        """Whether one is whole (or gone), and those that are not can be told apart."""
        unfinished = self._unfinished()
        return len(unfinished) < len(self._files) and len(unfinished) <= _MOST

    def take(self, roots: Iterable[str]) -> list[str]:
        """Forget those that are whole; globs for the others."""
        unfinished = self._unfinished()
        self._files = {path: self._files[path] for path in unfinished}
        return [
            "/" + escape(os.path.relpath(path, os.path.abspath(root)))
            for path in unfinished
            for root in roots
            if os.path.abspath(path).startswith(os.path.join(os.path.abspath(root), ""))
        ]

    def _unfinished(self) -> list[str]:
        since = self._clock() - _QUIET
        return [path for path, (state, changed) in self._files.items() if state is not None and changed > since]


def _matters(path: str) -> bool:
    """Whether a run might have something to do: not for what runs write themselves."""
    name = os.path.basename(path)
    if is_leftover(name) or name.endswith(_DATABASES):
        return False
    stem, suffix = os.path.splitext(name)
    return not (suffix == SIDECAR_SUFFIX and has_suffix(stem, IMAGE_SUFFIXES | VIDEO_SUFFIXES))


def _state(path: str) -> _State:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _watchfiles() -> ModuleType:
    try:
        import watchfiles
    except ImportError as error:
        raise OutputError(None, f"watching needs watchfiles: {extra_command('watch')}") from error
    return watchfiles
