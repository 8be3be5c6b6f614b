"""All images of a catalog at one moment, in memory, with small codes for everything that is counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from extractor.catalog.query import PARTS
from extractor.catalog.shelf import NO_TIME, KeptShelf, Mask

CHECKPOINTS: Final = ("model", "checkpoint")
"""Types of resources that are the model itself."""
Rows: TypeAlias = NDArray[np.int32]
"""Numbers of rows of a snapshot."""


@dataclass(frozen=True)
class Coded:
    """One value an image, as a number that names it; 0 is none."""

    codes: NDArray[np.uint16] | NDArray[np.uint32]
    names: list[str]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Name -> code."""
        return {name: code for code, name in enumerate(self.names)}

    @cached_property
    def totals(self) -> NDArray[np.int64]:
        """How many images have each."""
        return np.bincount(self.codes, minlength=len(self.names))

    def counts(self, picked: Picked) -> NDArray[np.int64]:
        """How many of the picked images have each."""
        few = np.bincount(self.codes[picked.few], minlength=len(self.names))
        return self.totals - few if picked.is_rest else few

    def mask(self, names: list[str]) -> Mask:
        """Which images have one of these."""
        chosen = np.zeros(len(self.names), np.bool_)
        chosen[[self.numbers[name] for name in names if name in self.numbers]] = True
        if chosen.sum() == 1:  # comparing is five times as fast as looking up
            only: Mask = self.codes == int(np.flatnonzero(chosen)[0])
            return only
        found: Mask = chosen[self.codes]
        return found


@dataclass(frozen=True)
class Several:
    """Any number of values an image: pairs of row and code."""

    rows: Rows
    codes: NDArray[np.uint32]
    names: list[str]
    size: int
    """Images there are."""

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Name -> code."""
        return {name: code for code, name in enumerate(self.names)}

    @cached_property
    def _none(self) -> Mask:
        """Images without any."""
        none = np.ones(self.size, np.bool_)
        none[self.rows] = False
        return none

    @cached_property
    def _totals(self) -> NDArray[np.int64]:
        return np.bincount(self.codes, minlength=len(self.names))

    def counts(self, picked: Picked) -> NDArray[np.int64]:
        """As of `Coded`; of 0, those without any."""
        chosen = picked.mask[self.rows]
        few = self.codes[np.flatnonzero(~chosen if picked.is_rest else chosen)]
        counts = np.bincount(few, minlength=len(self.names))
        counts = self._totals - counts if picked.is_rest else counts
        counts[0] = np.count_nonzero(picked.mask & self._none)
        return counts

    def mask(self, names: list[str]) -> Mask:
        """As of `Coded`."""
        chosen = np.zeros(len(self.names), np.bool_)
        chosen[[self.numbers[name] for name in names if name in self.numbers]] = True
        found = self._none.copy() if chosen[0] else np.zeros(self.size, np.bool_)
        found[self.rows[chosen[self.codes]]] = True
        return found


@dataclass(frozen=True)
class Flags:
    """The parts an image has: bits of a number, of which few combinations occur."""

    combined: Coded
    bits: NDArray[np.uint32]
    """Of each combination."""

    names: tuple[str, ...] = ("", *PARTS)

    def counts(self, picked: Picked) -> NDArray[np.int64]:
        """As of `Coded`."""
        counts = self.combined.counts(picked)
        each = [int(counts[self.bits & (1 << place) != 0].sum()) for place in range(len(PARTS))]
        return np.array([0, *each], np.int64)

    def mask(self, names: list[str]) -> Mask:
        """As of `Coded`; of several, images that have any of them."""
        wanted = sum(1 << PARTS.index(name) for name in names if name in PARTS)
        found: Mask = (self.bits & np.uint32(wanted) != 0)[self.combined.codes]
        return found


Values: TypeAlias = Coded | Several | Flags


class Picked:
    """Some of the images, and the fewer of them and of the others."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        self.count = int(np.count_nonzero(mask))
        self.is_rest = self.count * 2 > len(mask)
        self.few = np.flatnonzero(~mask if self.is_rest else mask)
        """Whole totals are known: at most half of the images is ever counted."""


class Snapshot:
    """One moment of a catalog: the shelf, and what is counted."""

    def __init__(self, connection: sqlite3.Connection, revision: int) -> None:
        """Read it. `connection` is within a transaction."""
        self.revision = revision
        self.shelf = KeptShelf(connection)
        self.extra: dict[str, Values] = {}
        """Values that come from elsewhere: kind -> them."""
        self._orders: dict[str, Rows] = {}

    def __len__(self) -> int:
        return len(self.shelf)

    def values(self, kind: str) -> Values | None:
        """What is counted under a kind of facet; None where there is nothing of it."""
        maker = _MAKERS.get(kind)
        if kind not in self.extra and maker is not None:
            self.extra[kind] = maker(self)
        return self.extra.get(kind)

    @cached_property
    def tiles(self) -> NDArray[np.uint8]:
        """Aspect, red, green, blue of each image. An aspect ``a`` is a width of ``2 ** ((a - 128) / 32)`` heights."""
        width, height = (self.shelf[name].astype(np.float32) for name in ("width", "height"))
        known = (width > 0) & (height > 0)
        ratio = np.divide(width, height, out=np.ones_like(width), where=known)
        tiles = np.empty((len(self), 4), np.uint8)
        tiles[:, 0] = np.clip(np.rint(128 + 32 * np.log2(ratio)), 0, 255)
        tiles[:, 1:] = self.shelf["color"]
        return tiles

    @cached_property
    def recipes(self) -> NDArray[np.uint32]:
        """A number for each recipe; images without one have one of their own each."""
        recipes = self.shelf["recipe"].copy()
        without = np.flatnonzero(recipes == 0)
        recipes[without] = -1 - without
        return np.unique(recipes, return_inverse=True)[1].astype(np.uint32)

    @cached_property
    def dated(self) -> int:
        """How many images have a date: these come first."""
        return int(np.count_nonzero(self.shelf["created"] != NO_TIME))

    def order(self, sort: str, by_name: Callable[[], NDArray[np.int64]]) -> Rows | None:
        """The rows in an order; None is the one they have (newest first). `by_name` gives all ids by file name."""
        if sort == "newest":
            return None
        if sort not in self._orders:
            self._orders[sort] = self._ordered(sort, by_name).astype(np.int32)
        return self._orders[sort]

    def _ordered(self, sort: str, by_name: Callable[[], NDArray[np.int64]]) -> NDArray[Any]:
        rows = np.arange(len(self))
        if sort == "oldest":
            return np.concatenate([rows[: self.dated][::-1], rows[self.dated :]])
        if sort == "size":
            pixels = self.shelf["width"].astype(np.int64) * self.shelf["height"]
            return np.argsort(-pixels, kind="stable")
        places = self.shelf.places(by_name())
        known = places[places >= 0]
        late = np.ones(len(self), np.bool_)
        late[known] = False
        return np.concatenate([known, np.flatnonzero(late)])  # what came after the names were read


def small(codes: NDArray[Any], count: int) -> NDArray[Any]:
    """Codes below `count` in the fewest bytes."""
    return codes.astype(np.uint16 if count <= 1 << 16 else np.uint32)


def _words(kind: str, field: str) -> Callable[[Snapshot], Coded]:
    def coded(snapshot: Snapshot) -> Coded:
        words = list(snapshot.shelf.words.of(kind))
        return Coded(*_renumbered(snapshot.shelf[field], words))

    return coded


def _renumbered(codes: NDArray[Any], words: list[tuple[int, str]]) -> tuple[NDArray[Any], list[str]]:
    """Codes that count from 1 for the words of one kind alone, and these."""
    table = np.zeros(1 + max((code for code, _ in words), default=0), np.uint32)
    for number, (code, _) in enumerate(words, 1):
        table[code] = number
    return small(table[codes], len(words) + 1), ["", *(word for _, word in words)]


def _loras(snapshot: Snapshot) -> Several:
    links = snapshot.shelf.links
    places = snapshot.shelf.places(links["id"])
    codes, names = _renumbered(links["lora"], list(snapshot.shelf.words.of("lora")))
    known = places >= 0
    return Several(places[known], codes[known], names, len(snapshot))


def _sizes(snapshot: Snapshot) -> Coded:
    width, height = snapshot.shelf["width"], snapshot.shelf["height"]
    # Few sizes occur: looking each up takes a third of sorting the places of all; so does sorting 32 bits.
    half = 16 if max(width.max(initial=0), height.max(initial=0)) < 1 << 16 else 32
    both: NDArray[Any] = width.astype(np.uint32 if half == 16 else np.uint64)
    both = both << half | height
    both[(width == 0) | (height == 0)] = 0
    sizes = np.unique(np.concatenate([np.zeros(1, both.dtype), np.unique(both)]))
    names = [f"{size >> half}x{size & ((1 << half) - 1)}" for size in sizes[1:].tolist()]
    return Coded(small(np.searchsorted(sizes, both), len(sizes)), ["", *names])


def _months(snapshot: Snapshot) -> Coded:
    """The latest month is 1: images are in the order of their dates, so that each month is one run."""
    later = -snapshot.shelf["created"][: snapshot.dated]
    codes = np.zeros(len(snapshot), np.uint32)
    if not len(later):
        return Coded(small(codes, 1), [""])
    newest, oldest = (-later[[0, -1]]).astype("datetime64[ms]").astype("datetime64[M]")
    months = np.arange(oldest, newest + 1)[::-1]
    ends = np.searchsorted(later, -months.astype("datetime64[ms]").astype(np.int64), side="right")
    sizes = np.diff(ends, prepend=0)
    kept = np.flatnonzero(sizes)
    codes[: len(later)] = np.repeat(np.arange(1, len(kept) + 1), sizes[kept])
    return Coded(small(codes, len(kept) + 1), ["", *map(str, months[kept])])


def _parts(snapshot: Snapshot) -> Flags:
    has = snapshot.shelf["has"]
    bits = np.flatnonzero(np.bincount(has, minlength=1)).astype(np.uint32)  # of few parts: fewer than 2**16 numbers
    return Flags(Coded(small(np.searchsorted(bits, has), len(bits)), [""] * len(bits)), bits)


_MAKERS: Final[dict[str, Callable[[Snapshot], Values]]] = {
    "model": _words("model", "model"),
    "sampler": _words("sampler", "base"),
    "scheduler": _words("scheduler", "scheduler"),
    "generator": _words("generator", "generator"),
    "folder": _words("folder", "folder"),
    "lora": _loras,
    "size": _sizes,
    "month": _months,
    "has": _parts,
}
"""Kind of facet -> its values in the catalog."""
