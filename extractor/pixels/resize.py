"""The two bilinear filters of Chromium's software canvas, in the integer arithmetic of its raster code (Skia).

Steps are made in float32 from shares of the picture's full size, and every operation is rounded: the quotient of the
two lengths is another number for most sizes.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.pixels.alpha import Lanes

Index = NDArray[np.int64]

_ONE: Final = 1 << 32
_HALF: Final = np.float32(0.5)
_UNIT: Final = np.float32(1)


class Axis(NamedTuple):
    """How one axis is sampled."""

    length: int
    target: int
    step: np.float32
    """Samples of the source from one of the result to the next."""
    end: np.float32 | None = None
    """Of a mirrored axis: the place it is sampled backwards from."""

    def places(self) -> NDArray[np.float32]:
        """Where the samples of the result lie, each computed by itself."""
        places = (np.arange(self.target, dtype=np.float32) + _HALF) * self.step
        return places if self.end is None else self.end - places


def level_axis(full: int, length: int, target: int) -> Axis:
    """One axis of the fine pass that makes a level of `target` samples, in a picture of `full`."""
    return Axis(length, target, _share(length, full) * (_UNIT / _share(target, full)))


def fine_axis(full: int, level: int, target: int, is_mirrored: bool) -> Axis:
    """One axis of the fine pass from a level, in a picture of `full`, to the canvas."""
    scale = _canvas_scale(full, level, target)
    # This one division is not done in float32.
    return Axis(level, target, _UNIT / scale, np.float32(target / float(scale)) if is_mirrored else None)


def coarse_axis(full: int, level: int, target: int, is_mirrored: bool) -> Axis:
    """One axis of the coarse pass from a level, in a picture of `full`, to the canvas."""
    step = _UNIT / _canvas_scale(full, level, target)
    return Axis(level, target, step, np.float32(target) * step if is_mirrored else None)


def _share(length: int, full: int) -> np.float32:
    return np.float32(length) / np.float32(full)


def _canvas_scale(full: int, level: int, target: int) -> np.float32:
    return np.float32(target) / (np.float32(full) * _share(level, full))


def resize_fine(picture: Lanes, across: Axis, down: Axis) -> Lanes:
    """Bilinear with 16-bit fractions: makes the levels that halving alone does not reach, and turned canvases."""
    left, right, place = _fine_taps(across)
    part = _channels(picture.take(right, axis=1)), _channels(picture.take(left, axis=1))
    lines = _between(place.repeat(4), part[0] - part[1] << 7, part[0] + part[1] << 7, 1) >> 1
    upper, lower, place = _fine_taps(down)
    part = lines.take(lower, axis=0), lines.take(upper, axis=0)
    pixels = _between(place[:, None], part[0] - part[1], part[0] + part[1], 0x80) >> 8
    return pixels.astype(np.uint16).view(np.uint64)


def _channels(picture: Lanes) -> NDArray[np.int32]:
    """Rows x (4 x columns), wide enough for signed products."""
    return picture.view(np.uint16).astype(np.int32)


def _between(
    place: NDArray[np.int32], difference: NDArray[np.int32], total: NDArray[np.int32], rounding: int
) -> NDArray[np.int32]:
    """Twice the value at `place` (signed, 15-bit, 0 is the middle) between two neighbours; 16 bits are kept."""
    difference *= place
    difference += 0x4000
    difference >>= 15
    difference += total
    difference += rounding
    difference &= 0xFFFF
    return difference


def _fine_taps(axis: Axis) -> tuple[Index, Index, NDArray[np.int32]]:
    """For each output sample: its two neighbours, and its place between them."""
    fixed = np.floor(axis.places() * np.float32(65536) + _HALF).astype(np.int64) - 32768
    return *_neighbours(fixed, axis.length), (fixed ^ 0x8000).astype(np.int16).astype(np.int32)


def resize_coarse(picture: Lanes, across: Axis, down: Axis) -> Lanes:
    """Bilinear with 4-bit fractions: what draws a picture on the canvas whose axes are not swapped."""
    # The four weights add up to 256, so a weighted sum of bytes fits its 16-bit lane.
    places = _fixed(down.places())
    top, bottom = _neighbours(places, down.length)
    picture = _blend(picture.take(top, axis=0), picture.take(bottom, axis=0), _sixteenths(places)[:, None])
    places = _stepped(across)
    left, right = _neighbours(places, across.length)
    picture = _blend(picture.take(left, axis=1), picture.take(right, axis=1), _sixteenths(places))
    samples = picture.view(np.uint16)
    samples >>= np.uint16(8)
    return picture


def _blend(first: Lanes, second: Lanes, weight: NDArray[np.uint64]) -> Lanes:
    first *= np.uint64(16) - weight
    second *= weight
    first += second
    return first


def _sixteenths(places: Index) -> NDArray[np.uint64]:
    return ((places >> 12) & 15).astype(np.uint64)


def _fixed(places: NDArray[np.float32]) -> Index:
    """16.16 fixed point, from 32.32 without its lowest bits."""
    return ((places.astype(np.float64) * _ONE).astype(np.int64) - (_ONE >> 1)) >> 16


def _stepped(axis: Axis) -> Index:
    """16.16 places that advance by one fixed step from the first."""
    step = axis.step if axis.end is None else -axis.step
    first = int(float(axis.places()[0]) * _ONE) - (_ONE >> 1)
    return (first + np.arange(axis.target, dtype=np.int64) * int(float(step) * _ONE)) >> 16


def _neighbours(places: Index, length: int) -> tuple[Index, Index]:
    """The samples on both sides of 16.16 places, clamped to the edge."""
    first = places >> 16
    return first.clip(0, length - 1), (first + 1).clip(0, length - 1)
