"""The default scaling: plain bilinear sampling of the picture, as a browser's canvas does it on a graphics card.

Nothing is averaged: each pixel of the canvas is a mean of the four pixels around its place, so that at most 128 rows
of a picture count.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from extractor.pixels.alpha import Premultiplying, divide, premultiply
from extractor.pixels.canvas import Index, Picture, Pixels, Size, canvas_size, turn_of


class SomeRows(Picture, Protocol):
    """A picture that hands out single rows."""

    def rows(self, wanted: Index) -> Pixels:
        """The rows of these numbers (ascending), straight colours. Without alpha a fourth channel does not count."""


class Taps(NamedTuple):
    """For each sample of one axis of the canvas: its two neighbours, and how far it is from the first to the second."""

    before: Index
    after: Index
    share: NDArray[np.float64]


def taps(length: int, target: int) -> Taps:
    """Where the samples of an axis of `target` pixels lie in one of `length` pixels."""
    place = (np.arange(target) + 0.5) * length / target - 0.5
    before = np.floor(place)
    first = before.astype(np.intp)
    return Taps(first.clip(0, length - 1), (first + 1).clip(0, length - 1), place - before)


def wanted_rows(height: int, target: int) -> Index:
    """The rows of a picture that count, ascending."""
    before, after, _ = taps(height, target)
    return np.unique(np.concatenate((before, after)))


def draw(picture: SomeRows, size: Size, orientation: int) -> Pixels:
    """The canvas, alpha divided out. `size` is that of `picture`, as stored."""
    width, height = canvas_size(*size)
    across, down = taps(size[0], width), taps(size[1], height)
    wanted = wanted_rows(size[1], height)
    rows = picture.rows(wanted).take(np.concatenate((across.before, across.after)), axis=1)
    if not picture.has_alpha:
        rows = rows[:, :, :3]
    samples: NDArray[np.uint8] | NDArray[np.uint16] = rows
    if picture.has_alpha:
        samples = rows.astype(np.uint16)
        premultiply(samples.view(np.uint64)[:, :, 0], Premultiplying.NEAREST)
    lines = _between(samples[:, :width], samples[:, width:], across.share[:, None])
    above, below = (lines.take(np.searchsorted(wanted, number), axis=0) for number in (down.before, down.after))
    pixels = np.floor(_between(above, below, down.share[:, None, None]) + 0.5).astype(np.uint8)
    if picture.has_alpha:
        divide(pixels)
    return turn_of(orientation).applied(pixels)


def _between(first: NDArray[Any], second: NDArray[Any], share: NDArray[np.float64]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = first * (1 - share) + second * share
    return mean
