"""Pictures that are the same: by their bytes, by their look, or by their recipe."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from extractor.errors import ExtractorError
from extractor.extraction.given import opened
from extractor.limits import DEFAULT_LIMITS
from extractor.rows.recipe import recipe
from extractor.scanning.scan import ScanResult, scan

LOOK_THRESHOLD: Final = 0.04
"""`hash_distance` up to which pictures look the same: another size, format or quality stays well below, another seed
of one prompt is usually far above."""
_BLOCK: Final = 1024 * 1024


class Likeness(StrEnum):
    """In what pictures are the same."""

    BYTES = "bytes"
    """Files of equal content (SHA-256)."""
    LOOK = "look"
    """Image hashes that are near each other."""
    RECIPE = "recipe"
    """Generation data that is equal but for seeds."""


@dataclass(frozen=True, slots=True)
class SameGroup:
    """Two pictures or more that are the same."""

    by: Likeness
    paths: list[str]
    """In the order of the scan."""


def find_same(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    by: Likeness | str = Likeness.BYTES,
    *,
    threshold: float = LOOK_THRESHOLD,
    seen: Callable[[ScanResult], object] | None = None,
    **options: Any,
) -> list[SameGroup]:
    """The groups of pictures that are the same, in the order of their first members.

    Pixels are decoded for `Likeness.LOOK` alone; files are read whole for `Likeness.BYTES` where their sizes agree.
    The work is that of the scan: pictures are put into buckets, never compared each with each.

    Args:
        paths: Files and folders.
        by: What counts.
        threshold: For the look, the distance (0 to 1, see `hash_distance`) up to which two are the same. Each group
            is what is so near to its first picture.
        seen: Called with each result of the scan, failures too.
        options: Further arguments of `scan`.

    Raises:
        ValueError: `by` is no `Likeness`, or the threshold is not between 0 and 1.
    """
    kind = Likeness(by)
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold = {threshold} is not between 0 and 1")
    with closing(scan(paths, **{**options, "hash": kind is Likeness.LOOK})) as results:
        found = _seen(results, seen)
        if kind is Likeness.BYTES:
            groups = _of_bytes(found)
        elif kind is Likeness.LOOK:
            groups = _of_look(found, threshold)
        else:
            groups = _grouped((result.path, _recipe(result)) for result in found)
        return [SameGroup(kind, members) for members in groups if len(members) > 1]


def _seen(results: Iterable[ScanResult], seen: Callable[[ScanResult], object] | None) -> Iterator[ScanResult]:
    for result in results:
        if seen is not None:
            seen(result)
        if result.record is not None:
            yield result


def _grouped(keyed: Iterable[tuple[str, object]]) -> list[list[str]]:
    """Paths by their key; those without one (None) are alone."""
    groups: dict[object, list[str]] = {}
    for path, key in keyed:
        if key is not None:
            groups.setdefault(key, []).append(path)
    return list(groups.values())


def _of_bytes(results: Iterable[ScanResult]) -> list[list[str]]:
    sized = _grouped((result.path, _size(result)) for result in results)
    order = {path: place for place, paths in enumerate(sized) for path in paths}
    groups = [group for paths in sized if len(paths) > 1 for group in _grouped((path, _digest(path)) for path in paths)]
    return sorted(groups, key=lambda group: order[group[0]])


def _size(result: ScanResult) -> int | None:
    extraction = result.record.extraction if result.record is not None else None
    return extraction.file_size if extraction is not None else None


def _digest(path: str) -> str | None:
    """SHA-256 of a file; None when it cannot be read any more."""
    digest = hashlib.sha256()
    try:
        with opened(path, DEFAULT_LIMITS) as file:
            for offset in range(0, file.bytes.size, _BLOCK):
                digest.update(file.bytes.read_at(offset, _BLOCK))
    except ExtractorError:
        return None
    return digest.hexdigest()


def _recipe(result: ScanResult) -> int | None:
    meta = result.record.meta if result.record is not None else None
    return recipe(meta.model_dump(by_alias=True, exclude_none=True)) if meta is not None else None


def _of_look(results: Iterable[ScanResult], threshold: float) -> list[list[str]]:
    from extractor.rows.looks import Looks

    buckets = Looks(threshold)
    for result in results:
        hash = result.record.hash if result.record is not None else None
        if hash is not None:
            buckets.add(result.path, hash)
    return buckets.groups
