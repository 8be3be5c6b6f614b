"""Pictures put together by their look, without comparing each with each."""

from __future__ import annotations

from itertools import product
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from extractor.pixels.blurhash import render

_EDGE: Final = 8
"""Pixels of a side of the drawn hashes that are compared, as in `extractor.pixels.distance.hash_distance`."""
_VALUES: Final = _EDGE * _EDGE * 3
_WAVES: Final = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (0, 2))
"""Half waves across and down of the features."""
_COLORS: Final = ((1, 1, 1), (1, 0, -1), (1, -2, 1))
_GRID: Final = 4
"""Features that make a cell: brightness, its slope across and down, red against blue."""
_FINEST: Final = 1e-3


def _features() -> NDArray[np.float32]:
    """A matrix that takes the values of a drawn hash to its coarse features, most telling first.

    Its rows are orthogonal, each of length 1 / sqrt(192), so the features of two hashes are never farther apart than
    the hashes are (root mean square).
    """
    places = (np.arange(_EDGE) + 0.5) / _EDGE * np.pi
    rows = []
    for color in _COLORS:
        for across, down in _WAVES:
            wave = np.outer(np.cos(down * places), np.cos(across * places))
            row = (wave[:, :, None] * np.array(color)).ravel()
            rows.append(row / (np.sqrt((row**2).sum()) * sqrt(_VALUES)))
    order = [0, 1, 2, len(_WAVES), *range(3, len(_WAVES)), *range(len(_WAVES) + 1, len(rows))]
    return np.array(rows, np.float32)[order]


class Looks:
    """Groups of pictures; each is what is near enough to its first one.

    First pictures stand in the cells of a grid over four features, as wide as the threshold: whatever is near enough
    to another stands in its cell or in one beside it. Of these, all features rule out most, and few are compared.
    """

    def __init__(self, threshold: float) -> None:
        """`threshold` is the greatest distance (0 to 1) within a group."""
        self.groups: list[list[str]] = []
        self._threshold = threshold
        self._size = max(threshold, _FINEST)
        self._matrix = _features()
        self._cells: dict[tuple[int, ...], list[int]] = {}
        self._known: dict[str, int] = {}
        self._drawn = np.empty((64, _VALUES), np.uint8)
        self._seen = np.empty((64, len(self._matrix)), np.float32)

    def add(self, path: str, hash: str) -> None:
        """Put a picture into the nearest group, or into one of its own. What is no BlurHash is left out."""
        place = self._known.get(hash)
        if place is None:
            try:
                drawn = render(hash, _EDGE, _EDGE).ravel()
            except ValueError:
                return
            place = self._known[hash] = self._place(drawn)
        self.groups[place].append(path)

    def _place(self, drawn: NDArray[np.uint8]) -> int:
        features = np.matmul(self._matrix, drawn / np.float32(255), dtype=np.float32)
        cell = tuple(int(value // self._size) for value in features[:_GRID])
        nearest = self._nearest(drawn, features, cell)
        if nearest is not None:
            return nearest
        place = len(self.groups)
        if place == len(self._drawn):
            self._drawn = np.concatenate((self._drawn, np.empty_like(self._drawn)))
            self._seen = np.concatenate((self._seen, np.empty_like(self._seen)))
        self._drawn[place], self._seen[place] = drawn, features
        self._cells.setdefault(cell, []).append(place)
        self.groups.append([])
        return place

    def _nearest(self, drawn: NDArray[np.uint8], features: NDArray[np.float32], cell: tuple[int, ...]) -> int | None:
        """The group of the nearest first picture that is near enough."""
        near = [
            place
            for offsets in product((-1, 0, 1), repeat=_GRID)
            for place in self._cells.get(tuple(map(sum, zip(cell, offsets, strict=True))), ())
        ]
        if not near:
            return None
        places = np.array(near)
        rest = ((self._seen[places] - features) ** 2).sum(axis=1)
        places = places[rest <= (self._threshold + _FINEST) ** 2]
        if not len(places):
            return None
        differences = (self._drawn[places].astype(np.float64) - drawn) / 255
        distances = np.sqrt((differences**2).mean(axis=1))
        best = int(distances.argmin())
        return int(places[best]) if distances[best] <= self._threshold else None
