"""Whether files still have the bytes that were read: their SHA-256 is compared with what sidecars and catalogs hold."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from extractor.catalog.opening import open_to_read, reported
from extractor.errors import ExtractorError, SidecarConflictError
from extractor.extraction.reading import sha256_of
from extractor.files.bytesource import FileSource
from extractor.files.paths import is_gone, is_under
from extractor.scanning.walk import FileEntry, Filters, walk
from extractor.sidecars.file import own_at, sidecar_path, stamp_of


class Verdict(StrEnum):
    """What became of one file."""

    SAME = "same"
    DAMAGED = "damaged"
    """Other bytes, though size and modification time are those of then."""
    MODIFIED = "modified"
    """Written since then; another run reads it again."""
    GONE = "gone"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"
    """No digest is stored."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A file and what became of it."""

    path: str
    verdict: Verdict
    error: ExtractorError | None = None
    """Why it is `Verdict.UNREADABLE`."""


def verify_catalog(catalog: str, roots: Iterable[str]) -> Iterator[Verified]:
    """Read the files of a catalog that stand at or under `roots`. Raises `OutputError` when it cannot be read."""
    folders = [os.path.abspath(root) for root in roots]
    with reported():
        connection = open_to_read(catalog)
    with closing(connection), reported():
        for path, digest, stamp in connection.execute("SELECT path, sha256, stamp FROM images ORDER BY path"):
            file = os.fsdecode(path)
            if is_under(file, folders):
                yield _verified(file, digest, json.loads(stamp))


def verify_sidecars(paths: Iterable[str], filters: Filters) -> Iterator[Verified]:
    """Read the files of `paths`, which may be folders, that have a sidecar of ours beside them."""
    for found in walk(paths, filters):
        if isinstance(found, FileEntry):
            try:
                record = own_at(sidecar_path(found.path))
            except SidecarConflictError:
                continue
            except ExtractorError as error:
                yield Verified(found.path, Verdict.UNREADABLE, error)
                continue
            if record is not None:
                yield _verified(found.path, record["extraction"].get("sha256"), stamp_of(record))


def _verified(path: str, digest: Any, stamp: dict[str, Any]) -> Verified:
    if is_gone(path):
        return Verified(path, Verdict.GONE)
    if not isinstance(digest, str):
        return Verified(path, Verdict.UNKNOWN)
    try:
        source = FileSource(path)
        try:
            actual = sha256_of(source)
        finally:
            source.close()
        status = os.stat(path)
    except ExtractorError as error:
        return Verified(path, Verdict.UNREADABLE, error)
    except OSError:
        return Verified(path, Verdict.GONE)
    if actual == digest:
        return Verified(path, Verdict.SAME)
    is_touched = (status.st_size, status.st_mtime_ns) != (stamp.get("size"), stamp.get("mtimeNs"))
    return Verified(path, Verdict.MODIFIED if is_touched else Verdict.DAMAGED)
