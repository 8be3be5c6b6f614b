"""The manifest: every file of a run, listed once, in parts of so many rows."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

import pyarrow

from extractor.batch.store import Store
from extractor.batch.tables import table_bytes
from extractor.containers.kinds import IMAGE_SUFFIXES, has_suffix
from extractor.errors import BatchError
from extractor.extraction.identity import file_url
from extractor.limits import RUN_PARTS
from extractor.scanning.walk import FileEntry, Filters, PassedOver, Unreadable, walk

MANIFEST: Final = "manifest"
ROWS: Final = "rows"
COLUMNS: Final = pyarrow.schema(
    [
        ("url", pyarrow.string()),
        ("size", pyarrow.int64()),
        ("mtime", pyarrow.timestamp("us", "UTC")),
        ("etag", pyarrow.string()),
    ]
)
_PART: Final = re.compile(r"part-([0-9]{5,8})\.parquet")


class Listed(NamedTuple):
    """One file, as the listing had it."""

    url: str
    size: int | None = None
    mtime: int | None = None
    """Microseconds."""
    etag: str | None = None


@dataclass(slots=True)
class Count:
    """What a listing came to."""

    parts: int = 0
    files: int = 0
    passed_over: int = 0
    """Files met in folders that are no images by their names."""


def part_name(folder: str, number: int) -> str:
    """The file of a part, counted from 0."""
    return f"{folder}/part-{number:05}.parquet"


def part_numbers(names: Iterable[str]) -> set[int]:
    """The parts of which there are files, given their names in a folder."""
    return {int(match[1]) for name in names if (match := _PART.fullmatch(name))}


def list_files(paths: Iterable[str], filters: Filters, count: Count) -> Iterator[Listed]:
    """Every image below `paths`: a file that was named, has an image's extension, or matches a glob that was given.

    What cannot be read is listed too: it becomes a row that says why. Raises `BatchError` for a path that is missing.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise BatchError(f"there is nothing at {path}")
        for found in walk([path], filters):
            if isinstance(found, Unreadable) or (isinstance(found, FileEntry) and _is_wanted(found, filters)):
                yield _listed(found.path)
            elif isinstance(found, (FileEntry, PassedOver)):
                count.passed_over += 1


def _is_wanted(file: FileEntry, filters: Filters) -> bool:
    return file.folder is None or filters.includes or has_suffix(file.name, IMAGE_SUFFIXES)


def _listed(path: str) -> Listed:
    with suppress(OSError):
        status = os.stat(path)
        return Listed(file_url(path), status.st_size, status.st_mtime_ns // 1000)
    return Listed(file_url(path))


def write_parts(
    store: Store, name: Callable[[int], str], files: Iterable[Listed], rows: int, count: Count
) -> Iterator[None]:
    """Write a manifest part by part, each under the name of its number. Raises `BatchError` when they are too many."""
    rest = iter(files)
    while some := list(islice(rest, rows)):
        if count.parts == RUN_PARTS:
            raise BatchError(f"more than {RUN_PARTS:,} parts of {rows:,} rows: give more --rows")
        table = pyarrow.Table.from_pylist([file._asdict() for file in some], schema=COLUMNS)
        store.create(name(count.parts), table_bytes(table))
        count.parts += 1
        count.files += len(some)
        yield
