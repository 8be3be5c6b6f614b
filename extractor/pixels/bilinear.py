"""The default scaling: plain bilinear sampling of the picture, as a browser's canvas does it on a graphics card.

Nothing is averaged: each pixel of the canvas is a mean of the four pixels around its place, so that at most 128 rows
of a picture count.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from extractor.pixels.alpha import Premultiplying, divide, premultiply
from extractor.pixels.canvas import Index, Picture, Pixels, Size, canvas_size, turn_of
from extractor.pixels.scratch import Scratch

Values = NDArray[np.float64]

_SCRATCH: Final = Scratch()


class SomeRows(Picture, Protocol):
    """A picture that hands out single rows."""

    def rows(self, wanted: Index) -> Pixels:
        """The rows of these numbers (ascending), straight colours. Without alpha a fourth channel does not count."""


class Taps(NamedTuple):
    """For each sample of one axis of the canvas: its two neighbours, and how far it is from the first to the second."""

    before: Index
    after: Index
    share: Values


@lru_cache(maxsize=256)  # edges of pictures; made anew for each picture, it is 3 % of a JPEG's record
def taps(length: int, target: int) -> Taps:
    """Where the samples of an axis of `target` pixels lie in one of `length` pixels."""
    place = (np.arange(target) + 0.5) * length / target - 0.5
    before = np.floor(place)
    first = before.astype(np.intp)
    return Taps(first.clip(0, length - 1), (first + 1).clip(0, length - 1), place - before)


@lru_cache(maxsize=256)
def wanted_rows(height: int, target: int) -> Index:
    """The rows of a picture that count, ascending."""
    before, after, _ = taps(height, target)
    numbers = np.column_stack((before, after)).ravel()  # in order, as there are no fewer rows than samples
    return numbers[np.diff(numbers, prepend=-1) > 0]


def draw(picture: SomeRows, size: Size, orientation: int) -> Pixels:
    """The canvas, alpha divided out. `size` is that of `picture`, as stored."""
    width, height = canvas_size(*size)
    across, down = taps(size[0], width), taps(size[1], height)
    wanted = wanted_rows(size[1], height)
    channels = 4 if picture.has_alpha else 3
    samples: NDArray[np.uint8] | NDArray[np.uint16] = _columns(picture.rows(wanted), across, channels)
    if picture.has_alpha:
        samples = samples.astype(np.uint16)
        premultiply(samples.view(np.uint64), Premultiplying.NEAREST)
    pairs = _SCRATCH.words("pairs", *samples.shape).view(np.float64)
    pairs[:] = samples
    middle = width * channels
    lines = _mean(pairs[:, :middle], pairs[:, middle:], across.share.repeat(channels))
    above, below = (lines.take(np.searchsorted(wanted, number), axis=0) for number in (down.before, down.after))
    canvas = _mean(above, below, down.share[:, None])
    canvas += 0.5
    pixels = canvas.astype(np.uint8).reshape(height, width, channels)
    if picture.has_alpha:
        divide(pixels)
    return turn_of(orientation).applied(pixels)


def _columns(rows: Pixels, across: Taps, channels: int) -> NDArray[np.uint8]:
    """The samples before all places of the canvas, then those after them, without an axis of three: these are slow."""
    count, width, have = rows.shape
    starts = np.concatenate((across.before, across.after)) * have
    samples: NDArray[np.uint8] = rows.reshape(count, width * have).take(
        (starts[:, None] + np.arange(channels)).ravel(), axis=1
    )
    return samples


def _mean(first: Values, second: Values, share: Values) -> Values:
    """The values `share` of the way from `first` to `second`; both are overwritten."""
    first *= 1 - share
    second *= share
    first += second
    return first
