"""A scan: what folders hold comes into the library, and what has no hash yet is hashed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from enum import StrEnum
from typing import Final, NamedTuple

from extractor.errors import FileAccessError
from extractor.files.bytesource import FileSource
from extractor.files.paths import is_gone, is_under, stored_path
from extractor.library.hashing import SHA256, TENSORS, available_kinds, hash_file
from extractor.library.header import Header
from extractor.library.kinds import DIFFUSERS, LORA
from extractor.library.model import COMPUTED, ModelFile
from extractor.library.reading import ModelScanProgress, Reading, Report, ScannedModels
from extractor.library.store import Store, shown_path
from extractor.library.taking import take_caches
from extractor.limits import MIB
from extractor.scanning.walk import Filters

SMALL: Final = 1024 * MIB
"""A file below this size is hashed when it is first seen: a LoRA, not a checkpoint."""
_REPORT_BYTES: Final = 16 * MIB
_KEEP_SECONDS: Final = 2.0
"""What is hashed in this time is written at once: a thousand LoRAs took 40 s with a write each, 16 s so (busy disk)."""


class Hashing(StrEnum):
    """Which files a scan hashes."""

    NONE = "none"
    SMALL = "small"
    """Those below 1 GiB, in all kinds."""
    ALL = "all"
    """The others too, by SHA-256, which is what Civitai's AutoV2 is the beginning of."""


def scan_models(
    store: Store,
    paths: Sequence[str],
    *,
    hashing: Hashing,
    filters: Filters,
    caches: Sequence[str] = (),
    report: Report | None = None,
) -> ScannedModels:
    """Bring the library up to date with `paths`.

    Each file's hashes are kept as soon as they are there: a scan that was interrupted goes on where it was.
    """
    summary = ScannedModels()
    folders = [os.path.abspath(path) for path in paths if os.path.isdir(path)]
    with store.writing():
        _forget_problems(store, list(map(os.path.abspath, paths)))
    found = Reading(store, report, summary).run(paths, filters)
    with store.writing():
        summary.removed = _prune(store, folders, found)
        summary.cached = take_caches(store, folders or [os.path.dirname(path) for path in paths], caches)
    if hashing is not Hashing.NONE:
        summary.hashed = _hash_due(store, found, report, most=None if hashing is Hashing.ALL else SMALL)
    models = [model for model in store.models() if stored_path(model.path) in found]
    summary.unhashed = sum(model.format != DIFFUSERS and model.hash(SHA256) is None for model in models)
    summary.problems = _problems(store, models)
    return summary


def hash_models(store: Store, models: Iterable[ModelFile], report: Report | None = None) -> int:
    """Compute what hashes these files lack, whatever their size; how many were hashed."""
    return _hash_due(store, {stored_path(model.path) for model in models}, report, most=None)


def _hash_due(store: Store, paths: Collection[str | bytes], report: Report | None, *, most: int | None) -> int:
    """Hash what is due; how many files were. `most`: only those below so many bytes."""
    hashed: set[int] = set()
    tried: set[_Due] = set()
    while True:
        due = [item for item in _due(store, paths) if item not in tried and (most is None or item.size < most)]
        if not due:
            return len(hashed)
        tried.update(due)
        # These may make others due: those of the tensors, when the file's own is not the published one.
        hashed |= _hash(store, due, report)


class _Due(NamedTuple):
    """A file to hash."""

    content: int
    path: str
    size: int
    mtime_ns: int
    data_start: int | None
    kinds: frozenset[str]


def _due(store: Store, paths: Collection[str | bytes]) -> list[_Due]:
    rows = store.sql.execute(
        "SELECT path, content_id, size, mtime_ns, header, model FROM files JOIN contents ON contents.id = content_id"
    ).fetchall()
    due: dict[int, _Due] = {}
    for path, content, size, mtime_ns, header, model in rows:
        facts = Header(**json.loads(header))
        if path not in paths or content in due or facts.format == DIFFUSERS:
            continue
        computed = {
            kind
            for (kind,) in store.sql.execute(
                "SELECT kind FROM hashes WHERE content_id = ? AND origin = ?", (content, COMPUTED)
            )
        }
        known = ModelFile.from_json({"path": shown_path(path), **json.loads(model)})
        wanted = _wanted(size, facts, known) - computed
        if wanted:
            due[content] = _Due(content, known.path, size, mtime_ns, facts.data_start, wanted)
    return sorted(due.values(), key=lambda item: os.fsencode(item.path))


def _wanted(size: int, header: Header, model: ModelFile) -> frozenset[str]:
    """The kinds a file should have: of a large one those that pictures name, and the tensors' where only these tell."""
    if size < SMALL:
        wanted = available_kinds()
    else:
        is_stale = any(code == "sidecar-stale" for code, _ in model.warnings)
        wanted = frozenset((SHA256, TENSORS) if header.hashes or is_stale or model.type == LORA else (SHA256,))
    return wanted if header.data_start is not None else wanted - {TENSORS}


def _hash(store: Store, due: Sequence[_Due], report: Report | None) -> set[int]:
    """Hash these files; the rows of those for which it worked."""
    total, done = sum(item.size for item in due), 0
    with _Kept(store) as kept:
        for number, item in enumerate(due):
            counter = _Counter(report, ModelScanProgress("hashing", number, len(due), done, total, item.path))
            kept.add(item, *_hashes(item, counter))
            done += item.size
    return kept.hashed


class _Kept:
    """Results of hashing, written every other second and at the end, also at an early one."""

    def __init__(self, store: Store) -> None:
        self.hashed: set[int] = set()
        self._store = store
        self._waiting: list[tuple[_Due, tuple[str, str], dict[str, str] | None]] = []
        self._since = time.monotonic()

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, *_: object) -> None:
        self._write()

    def add(self, item: _Due, problem: tuple[str, str], hashes: dict[str, str] | None) -> None:
        """Keep the hashes of a file, or the problem if there are none."""
        self._waiting.append((item, problem, hashes))
        if time.monotonic() - self._since > _KEEP_SECONDS:
            self._write()

    def _write(self) -> None:
        with self._store.writing():
            for item, problem, hashes in self._waiting:
                if hashes is None:
                    self._store.put_problem(item.path, *problem)
                else:
                    self._store.put_hashes(item.content, hashes)
                    self.hashed.add(item.content)
        self._waiting.clear()
        self._since = time.monotonic()


class _Counter:
    """Adds up what was read and reports it now and then."""

    def __init__(self, report: Report | None, start: ModelScanProgress) -> None:
        self._report = report
        self._progress = start
        self._waiting = _REPORT_BYTES  # the first block is reported, so that the file's name is seen at once

    def __call__(self, count: int) -> None:
        self._progress = self._progress._replace(bytes=self._progress.bytes + count)
        self._waiting += count
        if self._report is not None and self._waiting >= _REPORT_BYTES:
            self._waiting = 0
            self._report(self._progress)


def _hashes(item: _Due, counter: _Counter) -> tuple[tuple[str, str], dict[str, str] | None]:
    changed = ("changed-while-read", "the file is not as it was when its header was read; scan again")
    try:
        with closing(FileSource(item.path)) as source:
            if (source.size, source.status.st_mtime_ns) != (item.size, item.mtime_ns):
                return changed, None
            return changed, hash_file(source, item.kinds, data_start=item.data_start, progress=counter)
    except FileAccessError as error:
        return ("unreadable", str(error)), None


def _forget_problems(store: Store, paths: Sequence[str]) -> None:
    rows = store.sql.execute("SELECT DISTINCT path FROM problems").fetchall()
    old = [row for row in rows if is_under(shown_path(row[0]), paths)]
    store.sql.executemany("DELETE FROM problems WHERE path = ?", old)


def _prune(store: Store, folders: Sequence[str], found: Collection[str | bytes]) -> int:
    """Take out files that are gone from folders that are there. Their hashes stay: they may turn up elsewhere."""
    rows = store.sql.execute("SELECT path FROM files").fetchall()
    lost = [(path, shown_path(path)) for (path,) in rows if path not in found]
    gone = [(path,) for path, shown in lost if is_under(shown, folders) and is_gone(shown)]
    store.sql.executemany("DELETE FROM files WHERE path = ?", gone)
    return len(gone)


def _problems(store: Store, models: Iterable[ModelFile]) -> list[tuple[str, str, str]]:
    rows = store.sql.execute("SELECT path, code, message FROM problems").fetchall()
    of_paths = [(shown_path(path), code, message) for path, code, message in rows]
    return sorted(of_paths + [(model.path, code, message) for model in models for code, message in model.warnings])
