"""Searches a catalog: which images meet a query, newest first."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from extractor.catalog.matching import folded
from extractor.catalog.opening import open_to_read, reported
from extractor.catalog.query import PARTS, Contains, Either, Every, Has, Not, Query, Span, Words
from extractor.catalog.shelf import BEYOND, LARGEST_SEED, NO_TIME, Mask, Shelf
from extractor.catalog.tokens import has_cjk, spaced
from extractor.record import ImageRecord
from extractor.scanning.scan import ScanResult
from extractor.text.coerce import to_int

_CACHE_KIB: Final = 64 * 1024
"""Pages of the index that are kept between queries; at most that much memory."""
_PAGE: Final = 500
"""Records read at once."""
_CODES: Final = {
    "model": ("model",),
    "sampler": ("sampler", "base"),
    "scheduler": ("scheduler",),
    "generator": ("generator",),
}
"""Key of `Contains` -> fields of the shelf whose words it looks into."""
_COLUMNS: Final = {"path": "path", "prompt": "prompt", "negative": "negative_prompt"}
"""Key of `Contains` -> column that is looked through."""


class CatalogSearch:
    """Answers queries from a catalog, also while another run writes to it: each answer is of one moment."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open. Raises `OutputError` for a file that is no catalog."""
        with reported():
            self._connection = open_to_read(os.fspath(path))
            self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._connection.create_function("folded_contains", 2, _folded_contains, deterministic=True)
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

    def _load(self) -> None:
        """Read the shelf, unless nothing was written since the last time."""
        ((version,),) = self._connection.execute("PRAGMA data_version").fetchall()
        if version != self._version:
            self._shelf = Shelf(self._connection)
            self._version = version

    def _mask(self, query: Query) -> Mask:
        """Which of the rows meet a query."""
        if isinstance(query, Every):
            return self._every(query.terms)
        if isinstance(query, Either):
            return self._either(query.terms)
        if isinstance(query, Not):
            return ~self._mask(query.term)
        if isinstance(query, Words):
            return self._full_text(_match(query))
        if isinstance(query, Contains):
            return self._contains(query)
        if isinstance(query, Has):
            bit = 1 << PARTS.index(query.what)
            has: Mask = self._shelf["has"] & bit != 0
            return has
        return self._seeds(query) if query.key == "seed" else _within(_NUMBERS[query.key](self._shelf), query)

    def _every(self, terms: tuple[Query, ...]) -> Mask:
        words = [term for term in terms if isinstance(term, Words)]
        # One question to the index for all words: what each would find alone may be nearly everything.
        mask = self._full_text(" AND ".join(map(_match, words))) if words else np.ones(len(self._shelf), np.bool_)
        for term in terms:
            if not isinstance(term, Words):
                mask &= self._mask(term)
        return mask

    def _either(self, terms: tuple[Query, ...]) -> Mask:
        words = [term for term in terms if isinstance(term, Words)]
        masks = [self._mask(term) for term in terms if not isinstance(term, Words)]
        if words:
            masks.append(self._full_text(" OR ".join(map(_match, words))))
        return reduce(np.logical_or, masks)

    def _full_text(self, question: str) -> Mask:
        """Rows whose prompt or names answer a question to the index."""
        return self._by_ids("SELECT rowid AS id FROM prompts WHERE prompts MATCH ?", question)

    def _contains(self, term: Contains) -> Mask:
        wanted = folded(term.key, term.text)
        if term.key in _COLUMNS:
            column = _COLUMNS[term.key]
            if wanted.isascii():
                pattern = wanted.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
                return self._by_ids(rf"SELECT id FROM images WHERE {column} LIKE ? ESCAPE '\'", f"%{pattern}%")
            return self._by_ids(f"SELECT id FROM images WHERE folded_contains({column}, ?)", wanted)
        codes = [code for code, word in self._shelf.words.of(term.key) if wanted in folded(term.key, word)]
        if term.key == "lora":
            return self._shelf.among(self._shelf.links["id"][np.isin(self._shelf.links["lora"], codes)])
        return reduce(np.logical_or, [np.isin(self._shelf[field], codes) for field in _CODES[term.key]])

    def _by_ids(self, select: str, value: str) -> Mask:
        """The rows with the ids that SQL selects.

        One text of them all is taken over three times as fast as rows of one number.
        """
        ((text,),) = self._connection.execute(f"SELECT group_concat(id) FROM ({select})", (value,)).fetchall()
        ids = np.fromstring(text, np.int64, sep=",") if text else np.empty(0, np.int64)
        return self._shelf.among(ids)

    def _seeds(self, span: Span) -> Mask:
        """Seeds are whole numbers of any size, and compared exactly."""
        numbers, signs = self._shelf["seed"], self._shelf["sign"]
        low = None if span.low is None else int(span.low) + span.low_is_open
        high = None if span.high is None else int(span.high) - span.high_is_open
        mask: Mask = (signs == 1) & _between(numbers, low, high)
        mask |= (signs == -1) & _between(numbers, None if high is None else -high, None if low is None else -low)
        for place in np.flatnonzero(signs == BEYOND):
            select = "SELECT seed FROM images WHERE id = ?"
            for (seed,) in self._connection.execute(select, (int(self._shelf["id"][place]),)):
                number = to_int(seed)
                mask[place] = number is not None and span.holds(number)
        return mask


def _between(numbers: NDArray[np.uint64], low: int | None, high: int | None) -> Mask:
    """Which of the numbers lie within bounds that may be beyond what they can be."""
    if (high is not None and high < 0) or (low is not None and low > LARGEST_SEED):
        return np.zeros(len(numbers), np.bool_)
    mask = np.ones(len(numbers), np.bool_)
    if low is not None and low > 0:
        mask &= numbers >= np.uint64(low)
    if high is not None and high < LARGEST_SEED:
        mask &= numbers <= np.uint64(high)
    return mask


def _within(values: NDArray[Any], span: Span) -> Mask:
    """Which of the values lie within; none is no value."""
    mask: Mask = ~np.isnan(values)
    if span.low is not None:
        mask &= values > span.low if span.low_is_open else values >= span.low
    if span.high is not None:
        mask &= values < span.high if span.high_is_open else values <= span.high
    return mask


def _created(rows: Shelf) -> NDArray[np.float64]:
    return np.where(rows["created"] == NO_TIME, np.nan, rows["created"])


_NUMBERS: Final[dict[str, Callable[[Shelf], NDArray[Any]]]] = {
    "steps": lambda rows: rows["steps"],
    "cfg": lambda rows: rows["cfg"],
    "created": _created,
    "width": lambda rows: rows["width"],
    "height": lambda rows: rows["height"],
    "side": lambda rows: np.maximum(rows["width"], rows["height"]),
    "pixels": lambda rows: rows["width"].astype(np.int64) * rows["height"],
}
"""Key of `Span` -> its values; not a number where there is none."""


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


def _match(words: Words) -> str:
    """Words as FTS5 takes them."""
    columns = "names cjk" if has_cjk(words.text) else "prompt names cjk"
    quoted = spaced(words.text).replace('"', '""').replace("\0", " ")
    return f'{{{columns}}} : "{quoted}"{" *" if words.is_prefix else ""}'


def _folded_contains(text: object, wanted: str) -> bool:
    if isinstance(text, bytes):
        text = os.fsdecode(text)
    return isinstance(text, str) and wanted in text.casefold()
