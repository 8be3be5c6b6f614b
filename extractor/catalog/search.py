"""Searches a catalog: which images meet a query, newest first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray

from extractor.catalog.masks import Masks, prepare
from extractor.catalog.opening import open_to_read, reported
from extractor.catalog.query import Has, Query
from extractor.catalog.shelf import NO_TIME, Mask, Shelf
from extractor.record import ImageRecord
from extractor.scanning.scan import ScanResult

_CACHE_KIB: Final = 64 * 1024
"""Pages of the index that are kept between queries; at most that much memory."""
_PAGE: Final = 500
"""Records read at once."""


class CatalogSearch:
    """Answers queries from a catalog, also while another run writes to it: each answer is of one moment."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open. Raises `OutputError` for a file that is no catalog."""
        with reported():
            self._connection = open_to_read(os.fspath(path))
            self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        prepare(self._connection)
        self._version = -1
        self._load()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def ids(self, query: Query) -> NDArray[np.int64]:
        """The ids of the images that meet a query, newest first; those without a date at the end."""
        with self._moment():
            return self._shelf["id"][self._mask(query)]

    def counts(self, query: Query) -> tuple[int, int, dict[str, dict[str, int]]]:
        """How many images meet a query, how many of them have metadata, and how many each word of each kind has.

        The kinds are those of `extractor.catalog.stats.KINDS`.
        """
        with self._moment():
            mask = self._mask(query)
            shelf, has = self._shelf, self._mask(Has("metadata"))
            links = shelf.links[np.isin(shelf.links["id"], shelf["id"][mask])]
        counts = {kind: self._named(word, shelf[name][mask]) for kind, (name, word) in _COUNTED.items()}
        counts["loras"] = self._named("lora", links["lora"])
        counts["sizes"] = _sizes(shelf["width"][mask], shelf["height"][mask])
        counts["months"] = _months(shelf["created"][mask])
        return int(mask.sum()), int((mask & has).sum()), counts

    @contextmanager
    def _moment(self) -> Iterator[None]:
        """All that is read within is of one moment."""
        with reported():
            self._connection.execute("BEGIN")
            try:
                self._load()
                yield
            finally:
                self._connection.execute("COMMIT")

    def _named(self, kind: str, codes: NDArray[np.uint32]) -> dict[str, int]:
        words = dict(self._shelf.words.of(kind))
        values, counts = np.unique(codes[codes != 0], return_counts=True)
        return {words[value]: number for value, number in zip(values.tolist(), counts.tolist(), strict=True)}

    def results(self, query: Query, limit: int | None = None) -> Iterator[ScanResult]:
        """The records of the images that meet a query, in that order."""
        ids = self.ids(query)[:limit].tolist()
        for start in range(0, len(ids), _PAGE):
            page = ids[start : start + _PAGE]
            marks = ", ".join("?" * len(page))
            with reported():
                rows = self._connection.execute(f"SELECT id, path, record FROM images WHERE id IN ({marks})", page)
                records = {image: (path, record) for image, path, record in rows}
            for path, record in (records[image] for image in page if image in records):
                yield ScanResult(os.fsdecode(path), ImageRecord.model_validate_json(record))

    def _mask(self, query: Query) -> Mask:
        return Masks(self._connection, self._shelf).of(query)

    def _load(self) -> None:
        """Read the shelf, unless nothing was written since the last time."""
        ((version,),) = self._connection.execute("PRAGMA data_version").fetchall()
        if version != self._version:
            self._shelf = Shelf(self._connection)
            self._version = version


_COUNTED: Final = {
    "models": ("model", "model"),
    "samplers": ("base", "sampler"),
    "schedulers": ("scheduler", "scheduler"),
    "generators": ("generator", "generator"),
}
"""Kind of count -> field of the shelf, and kind of its words."""


def _sizes(width: NDArray[np.uint32], height: NDArray[np.uint32]) -> dict[str, int]:
    known = (width != 0) & (height != 0)
    both = width[known].astype(np.uint64) << 32 | height[known]
    values, counts = np.unique(both, return_counts=True)
    return {
        f"{value >> 32}x{value & 0xFFFFFFFF}": number
        for value, number in zip(values.tolist(), counts.tolist(), strict=True)
    }


def _months(created: NDArray[np.int64]) -> dict[str, int]:
    times = created[created != NO_TIME].astype("datetime64[ms]").astype("datetime64[M]")
    values, counts = np.unique(times, return_counts=True)
    return dict(zip(map(str, values), counts.tolist(), strict=True))
