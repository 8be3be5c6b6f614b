"""The first half of a scan: headers and sidecars of the model files of folders, where they are new or changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import Final, NamedTuple

from extractor.errors import ExtractorError, FileAccessError
from extractor.files.bytesource import FileSource
from extractor.files.paths import stored_path
from extractor.ledger import Ledger
from extractor.library import diffusers
from extractor.library.claims import Claim
from extractor.library.formats import read_header
from extractor.library.found import Candidate, candidates
from extractor.library.hashing import AUTOV1, autov1, ends_digest
from extractor.library.header import Header
from extractor.library.model import COMPUTED
from extractor.library.sidecars import Sidecar
from extractor.library.store import Store, dump, dump_header, shown_path
from extractor.limits import MIB
from extractor.scanning.walk import Filters, Unreadable

_MAX_SIDECAR: Final = 8 * MIB
_BATCH: Final = 200
"""Files whose facts are written at once."""


@dataclass(slots=True)
class ScannedModels:
    """What a scan came to."""

    files: int = 0
    """Models that were found."""
    added: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0
    hashed: int = 0
    cached: int = 0
    """Hashes taken from caches of other programs."""
    unhashed: int = 0
    """Models that have no SHA-256 yet."""
    problems: list[tuple[str, str, str]] = field(default_factory=list)
    """(path, code, message) of everything that is wrong with what was found."""


class ModelScanProgress(NamedTuple):
    """How far a scan is."""

    stage: str
    """``reading`` or ``hashing``."""
    files: int
    total_files: int | None
    bytes: int = 0
    total_bytes: int = 0
    path: str = ""


Report = Callable[[ModelScanProgress], None]


class Reading:
    """All that can be known of files without reading them whole."""

    def __init__(self, store: Store, report: Report | None, summary: ScannedModels) -> None:
        self._store = store
        self._report = report
        self._summary = summary
        self._seen: set[str | bytes] = set()

    def run(self, paths: Sequence[str], filters: Filters) -> set[str | bytes]:
        """Bring the files of `paths` up to date; the stored paths that were found.

        They are kept some at a time, so that a scan that is interrupted has not read them for nothing.
        """
        found = candidates(paths, filters)
        while batch := list(islice(found, _BATCH)):
            with self._store.writing():
                for candidate in batch:
                    self._take_or_tell(candidate)
        self._summary.files = len(self._seen)
        return self._seen

    def _take_or_tell(self, candidate: Candidate | Unreadable) -> None:
        if isinstance(candidate, Unreadable):
            self._problem(candidate.path, candidate.error)
            return
        try:
            self._take(candidate)
        except FileAccessError as error:
            self._problem(candidate.path, error)
        if self._report is not None:
            self._report(ModelScanProgress("reading", len(self._seen), None, path=candidate.path))

    def _problem(self, path: str, error: ExtractorError) -> None:
        self._store.put_problem(path, "unreadable", str(error))

    def _take(self, candidate: Candidate) -> None:
        path = stored_path(candidate.path)
        if path in self._seen:
            return
        beside, signature = _stamped(candidate.beside)
        row = self._store.sql.execute(
            "SELECT files.id, content_id, size, mtime_ns, beside, has_namesake FROM files "
            "JOIN contents ON contents.id = content_id WHERE path = ?",
            (path,),
        ).fetchone()
        opened = diffusers.index_path(candidate.path) if candidate.is_folder else candidate.path
        status = _status(opened)
        if row is not None and (row[2], row[3]) == (status.st_size, status.st_mtime_ns):
            self._seen.add(path)
            if (row[4], bool(row[5])) != (signature, candidate.has_namesake):
                self._put_claims(row[0], beside, signature, candidate)
            return
        with closing(FileSource(opened)) as source:
            known = self._unclaimed(path, source)
            content = self._new(candidate, source) if known is None else known
        if content is None:
            return
        self._seen.add(path)
        if row is not None:
            self._summary.changed += 1
            self._store.sql.execute("UPDATE files SET content_id = ? WHERE id = ?", (content, row[0]))
            file = row[0]
        else:
            self._summary.added += known is None
            self._summary.moved += known is not None
            inserted = self._store.sql.execute(
                "INSERT INTO files (path, content_id, beside, has_namesake, claims, warnings) "
                "VALUES (?, ?, '', 0, '[]', '[]')",
                (path, content),
            )
            file = inserted.lastrowid
        self._put_claims(file, beside, signature, candidate)

    def _new(self, candidate: Candidate, source: FileSource) -> int | None:
        """The row of a file whose bytes were never seen; None when it is no model."""
        log = Ledger()
        if candidate.is_folder:
            header: Header | None = diffusers.read_diffusers(source, log)
        else:
            header = read_header(candidate.path, source, log)
        if header is None:
            return None
        content = self._store.sql.execute(
            "INSERT INTO contents (size, mtime_ns, ends, header, warnings) VALUES (?, ?, ?, ?, ?)",
            (source.size, source.status.st_mtime_ns, ends_digest(source), dump_header(header), dump(log.items)),
        ).lastrowid
        slice_hash = None if candidate.is_folder else autov1(source)
        if slice_hash is not None:
            self._store.sql.execute("INSERT INTO hashes VALUES (?, ?, ?, ?)", (content, AUTOV1, slice_hash, COMPUTED))
        return content

    def _unclaimed(self, path: str | bytes, source: FileSource) -> int | None:
        """What is known of a file of this size, time and digest that no longer stands where it stood."""
        sql, status = self._store.sql, source.status
        of_size = sql.execute(
            "SELECT id, ends FROM contents WHERE size = ? AND mtime_ns = ? ORDER BY id",
            (source.size, status.st_mtime_ns),
        ).fetchall()
        digest = ends_digest(source) if of_size else ""
        for content, ends in of_size:
            rows = sql.execute(
                "SELECT id, path FROM files WHERE content_id = ? AND path != ?", (content, path)
            ).fetchall()
            states = [(file, _state(shown_path(holder), status)) for file, holder in rows]
            if ends == digest and all(state is not _State.STANDS for _, state in states):
                left = [(file,) for file, state in states if state is _State.LEFT]
                sql.executemany("DELETE FROM files WHERE id = ?", left)
                return int(content)
        return None

    def _put_claims(
        self, file: int | None, beside: Sequence[tuple[str, Sidecar]], signature: str, candidate: Candidate
    ) -> None:
        log = Ledger()
        claims = [claim for path, kind in beside for claim in _read_claims(path, kind, log)]
        self._store.sql.execute(
            "UPDATE files SET beside = ?, has_namesake = ?, claims = ?, warnings = ?, model = NULL WHERE id = ?",
            (signature, candidate.has_namesake, dump([claim.to_json() for claim in claims]), dump(log.items), file),
        )


def _status(path: str) -> os.stat_result:
    try:
        return os.stat(path)
    except OSError as error:
        raise FileAccessError(error.errno, error.strerror or "cannot be read") from error


class _State(Enum):
    """What stands at the path of a file that another one looks like."""

    STANDS = "stands"
    """A file of the same size and time: a copy."""
    SAME = "same"
    """The very same file, by another link."""
    LEFT = "left"


def _state(path: str, status: os.stat_result) -> _State:
    try:
        there = os.stat(path)
    except OSError:
        return _State.LEFT
    if os.path.samestat(there, status):
        return _State.SAME
    is_equal = (there.st_size, there.st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    return _State.STANDS if is_equal else _State.LEFT


def _stamped(beside: Sequence[tuple[str, Sidecar]]) -> tuple[list[tuple[str, Sidecar]], str]:
    """The sidecars that are there, and their names, sizes and times."""
    present, stamps = [], []
    for path, kind in beside:
        try:
            status = os.stat(path)
        except OSError:
            continue
        present.append((path, kind))
        stamps.append([os.path.basename(path), status.st_size, status.st_mtime_ns])
    return present, dump(stamps)


def _read_claims(path: str, kind: Sidecar, log: Ledger) -> list[Claim]:
    name = os.path.basename(path)
    try:
        with closing(FileSource(path)) as source:
            if source.size > _MAX_SIDECAR:
                log.add("sidecar-invalid", f"{name}: {source.size} bytes are too many for a sidecar")
                return []
            content = source.read_at(0, source.size).decode("utf-8-sig", "replace")
    except FileAccessError as error:
        log.add("sidecar-unreadable", f"{name}: {error}")
        return []
    return kind.read(content, kind.suffix.removeprefix("."), log)
