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
from extractor.pixels.canvas import Index, Picture, Pixels, Size, canvas_size, distinct, turn_of
from extractor.pixels.scratch import Scratch
from extractor.pixels.ways import SAMPLING

Values = NDArray[np.float64]

_SCRATCH: Final = Scratch()


class SomeRows(Picture, Protocol):
    """A picture that hands out single rows."""

    def lines(self, rows: Index) -> tuple[Pixels, Index]:
        """Whole rows of straight colours, and where among them stand the ones of these numbers, in any order.

        Without alpha a fourth channel does not count.
        """


class Taps(NamedTuple):
    """Where the samples of one axis of the canvas lie: each between two neighbours."""

    places: Index
    """The neighbours before all samples, then those after them."""
    weights: Values
    """How much each of these counts."""


@lru_cache(maxsize=256)  # edges of pictures; made anew for each picture, it is 3 % of a JPEG's record
def taps(length: int, target: int) -> Taps:
    """Where the samples of an axis of `target` pixels lie in one of `length` pixels."""
    place = (np.arange(target) + 0.5) * length / target - 0.5
    before = np.floor(place)
    first = before.astype(np.intp)
    share = place - before
    places = np.concatenate((first, first + 1)).clip(0, length - 1)
    return Taps(places, np.concatenate((1 - share, share)))


@lru_cache(maxsize=256)
def wanted_rows(height: int, target: int) -> Index:
    """The rows of a picture that count, ascending."""
    return distinct(taps(height, target).places)


def draw(picture: SomeRows, size: Size, orientation: int) -> Pixels:
    """The canvas, alpha divided out. `size` is that of `picture`, as stored."""
    width, height = canvas_size(*size)
    across, down = taps(size[0], width), taps(size[1], height)
    pixels, rows = picture.lines(down.places)
    down = down._replace(places=rows)
    channels = 4 if picture.has_alpha else 3
    if SAMPLING is None:
        canvas = _sampled(pixels, across, down, channels)
    else:
        canvas = np.empty((height, width, channels), dtype=np.uint8)
        SAMPLING.draw(pixels, *pixels.shape[1:], *down, *across, canvas, channels)
    if picture.has_alpha:
        divide(canvas)
    return turn_of(orientation).applied(canvas)


def _sampled(pixels: Pixels, across: Taps, down: Taps, channels: int) -> Pixels:
    """The canvas, as the extension makes it."""
    samples: NDArray[np.uint8] | NDArray[np.uint16] = _columns(pixels.take(down.places, axis=0), across, channels)
    if channels == 4:
        samples = samples.astype(np.uint16)
        premultiply(samples.view(np.uint64), Premultiplying.NEAREST)
    pairs = _SCRATCH.words("pairs", *samples.shape).view(np.float64)
    np.multiply(samples, across.weights.repeat(channels), out=pairs)
    height, middle = len(down.places) // 2, len(across.places) // 2 * channels
    lines = pairs[:, :middle]
    lines += pairs[:, middle:]
    lines *= down.weights[:, None]
    canvas = lines[:height]
    canvas += lines[height:]
    canvas += 0.5
    return canvas.astype(np.uint8).reshape(height, -1, channels)


def _columns(rows: Pixels, across: Taps, channels: int) -> NDArray[np.uint8]:
    """The samples before all places of the canvas, then those after them, without an axis of three: these are slow."""
    count, width, have = rows.shape
    samples: NDArray[np.uint8] = rows.reshape(count, width * have).take(
        (across.places[:, None] * have + np.arange(channels)).ravel(), axis=1
    )
    return samples
