"""The manifest: every file and archive of a run, listed once, in parts of about the same work."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple

import pyarrow

from extractor.archives.registry import ARCHIVE_SUFFIXES
from extractor.batch.store import Store
from extractor.batch.tables import table_bytes
from extractor.containers.kinds import IMAGE_SUFFIXES, has_suffix
from extractor.errors import BatchError
from extractor.extraction.identity import file_url
from extractor.files.address import WEB, Address, is_prefix, parts_of
from extractor.files.stores import store_of
from extractor.limits import KIB, RUN_PARTS
from extractor.scanning.find import is_archive, may_be_archive
from extractor.scanning.walk import FileEntry, Filters, PassedOver, Unreadable, walk

MANIFEST: Final = "manifest"
ROWS: Final = "rows"
COLUMNS: Final = pyarrow.schema(
    [
        ("url", pyarrow.string()),
        ("size", pyarrow.int64()),
        ("mtime", pyarrow.timestamp("us", "UTC")),
        ("etag", pyarrow.string()),
        ("archive", pyarrow.bool_()),
    ]
)
_OF_ARCHIVES: Final = 128 * KIB
"""Bytes of an archive that count as one file when parts are cut."""
_PART: Final = re.compile(r"part-([0-9]{5,8})\.parquet")


class Listed(NamedTuple):
    """One file, as the listing had it."""

    url: str
    size: int | None = None
    mtime: int | None = None
    """Microseconds."""
    etag: str | None = None
    archive: bool = False
    """Whether it is gone into, should its first bytes be an archive's."""

    def weight(self, most: int) -> int:
        """How many files it counts as, at most so many: that is an archive of unknown size."""
        if not self.archive:
            return 1
        return most if self.size is None else min(most, max(1, self.size // _OF_ARCHIVES))


@dataclass(slots=True)
class Count:
    """What a listing came to."""

    parts: int = 0
    files: int = 0
    archives: int = 0
    """Those of the files that are gone into."""
    passed_over: int = 0
    """Files met in folders that are no images by their names."""
    archives_passed_over: int = 0
    """Those of them that could be gone into."""

    def pass_over(self, name: str) -> None:
        """Count a file that is not listed."""
        self.passed_over += 1
        self.archives_passed_over += has_suffix(name, ARCHIVE_SUFFIXES)


def part_name(folder: str, number: int) -> str:
    """The file of a part, counted from 0."""
    return f"{folder}/part-{number:05}.parquet"


def part_numbers(names: Iterable[str]) -> set[int]:
    """The parts of which there are files, given their names in a folder."""
    return {int(match[1]) for name in names if (match := _PART.fullmatch(name))}


def list_files(paths: Iterable[str], filters: Filters, count: Count) -> Iterator[Listed]:
    """Every image below `paths`: a file that was named, has an image's extension, or matches a glob that was given.

    Archives are listed as they are where they were named or the filters go into them; none is opened here.

    Paths are local, or an `Address`: of an object, or of all that is below it. What cannot be read is listed too: it
    becomes a row that says why. Raises `BatchError` for a path that is missing, and an `ExtractorError` of a store's.
    """
    for path in paths:
        yield from _objects(path, filters, count) if isinstance(path, Address) else _files(path, filters, count)


def _files(path: str, filters: Filters, count: Count) -> Iterator[Listed]:
    if not os.path.lexists(path):
        raise BatchError(f"there is nothing at {path}")
    if os.path.isfile(path):
        name = os.path.basename(path)
        if filters.wants_file(name, name) or is_archive(path):
            yield _listed(path, archive=may_be_archive(path))
        return
    for found in walk([path], filters):
        if isinstance(found, Unreadable):
            yield _listed(found.path)
        elif isinstance(found, FileEntry) and _is_wanted(found.name, filters):
            yield _listed(found.path, archive=filters.goes_into(found.name))
        elif isinstance(found, (FileEntry, PassedOver)):
            count.pass_over(found.path)


def _is_wanted(name: str, filters: Filters) -> bool:
    """Whether a file that was met is listed."""
    return filters.includes or filters.goes_into(name) or has_suffix(name, IMAGE_SUFFIXES)


def _listed(path: str, *, archive: bool = False) -> Listed:
    with suppress(OSError):
        status = os.stat(path)
        return Listed(file_url(path), status.st_size, status.st_mtime_ns // 1000, archive=archive)
    return Listed(file_url(path), archive=archive)


def _objects(address: Address, filters: Filters, count: Count) -> Iterator[Listed]:
    """Of a bucket, all that is below an address, or the object of that name; of the web only that, unasked."""
    store, key = store_of(address)
    parts = parts_of(address)
    is_empty = True
    if parts.scheme not in WEB:
        above = f"{key.rstrip('/')}/" if key.rstrip("/") else ""
        for found in store.below(key):
            is_empty = False
            relative = found.key.removeprefix(above)
            if not _is_met(relative, filters):
                continue
            if _is_wanted(relative, filters):
                known = found.known
                mtime = None if known.mtime_ns is None else known.mtime_ns // 1000
                url = found.key if "://" in found.key else f"{parts.root}/{found.key}"
                yield Listed(url, known.size, mtime, known.etag, filters.goes_into(relative))
            else:
                count.pass_over(relative)
    if is_empty:
        if is_prefix(address):
            raise BatchError(f"there is nothing at {address}")
        yield Listed(address, archive=may_be_archive(address))


def _is_met(relative: str, filters: Filters) -> bool:
    """Whether a walk through folders would come by an object."""
    *folders, name = relative.split("/")
    if not filters.hidden and any(part.startswith(".") for part in (*folders, name)):
        return False
    above = ("/".join(folders[: place + 1]) for place in range(len(folders)))
    return filters.meets(name, relative) and all(map(filters.wants_folder, folders, above))


def write_parts(
    store: Store, name: Callable[[int], str], files: Iterable[Listed], rows: int, count: Count
) -> Iterator[None]:
    """Write a manifest part by part, each under the name of its number. Raises `BatchError` when they are too many."""
    for some in _cut(files, rows):
        if count.parts == RUN_PARTS:
            raise BatchError(f"more than {RUN_PARTS:,} parts of {rows:,} rows: give more --rows")
        table = pyarrow.Table.from_pylist([file._asdict() for file in some], schema=COLUMNS)
        store.create(name(count.parts), table_bytes(table))
        count.parts += 1
        count.files += len(some)
        count.archives += sum(file.archive for file in some)
        yield


def _cut(files: Iterable[Listed], rows: int) -> Iterator[list[Listed]]:
    """Files in lists of so many, of which an archive counts as several; no archive is divided."""
    some: list[Listed] = []
    left = rows
    for file in files:
        weight = file.weight(rows)
        if weight > left:
            yield some
            some, left = [], rows
        some.append(file)
        left -= weight
    if some:
        yield some
