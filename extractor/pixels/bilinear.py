"""The two bilinear filters of a Chromium canvas, in the integer arithmetic of its raster code (Skia)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from extractor.pixels.halving import Lanes

Index = NDArray[np.int64]

_ONE: Final = 1 << 32


def resize_fine(picture: Lanes, width: int, height: int) -> Lanes:
    """Bilinear with 16-bit fractions: what makes the levels of a mipmap that halving alone does not reach."""
    rows, columns = picture.shape
    left, right, place = _fine_taps(columns, width)
    part = _channels(picture.take(right, axis=1)), _channels(picture.take(left, axis=1))
    across = _between(place.repeat(4), part[0] - part[1] << 7, part[0] + part[1] << 7, 1) >> 1
    upper, lower, place = _fine_taps(rows, height)
    part = across.take(lower, axis=0), across.take(upper, axis=0)
    down = _between(place[:, None], part[0] - part[1], part[0] + part[1], 0x80) >> 8
    return down.astype(np.uint16).view(np.uint64)


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


def _fine_taps(length: int, target: int) -> tuple[Index, Index, NDArray[np.int32]]:
    """For each output sample: its two neighbours, and its place between them."""
    step = np.float32(length) / np.float32(target)
    place = (np.arange(target, dtype=np.float32) + np.float32(0.5)) * step
    fixed = np.floor(place.astype(np.float64) * 65536 + 0.5).astype(np.int64) - 32768
    return *_neighbours(fixed, length), (fixed ^ 0x8000).astype(np.int16).astype(np.int32)


def resize_coarse(picture: Lanes, width: int, height: int) -> Lanes:
    """Bilinear with 4-bit fractions: what draws a picture that is not turned on the canvas."""
    # The four weights add up to 256, so a weighted sum of bytes fits its 16-bit lane.
    rows, columns = picture.shape
    places = _row_places(rows, height)
    top, bottom = _neighbours(places, rows)
    picture = _blend(picture.take(top, axis=0), picture.take(bottom, axis=0), _sixteenths(places)[:, None])
    places = _column_places(columns, width)
    left, right = _neighbours(places, columns)
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


def _column_places(length: int, target: int) -> Index:
    """16.16 places that advance by one fixed step."""
    scale = _inverse_scale(length, target)
    first = int(float(np.float32(0.5) * scale) * _ONE) - (_ONE >> 1)
    return (first + np.arange(target, dtype=np.int64) * int(float(scale) * _ONE)) >> 16


def _row_places(length: int, target: int) -> Index:
    """16.16 places, each computed by itself."""
    places = (np.arange(target, dtype=np.float32) + np.float32(0.5)) * _inverse_scale(length, target)
    return ((places.astype(np.float64) * _ONE).astype(np.int64) - (_ONE >> 1)) >> 16


def _inverse_scale(length: int, target: int) -> np.float32:
    # Two roundings, as in the canvas: the inverse of its scale, not the quotient of the lengths.
    return np.float32(1) / (np.float32(target) / np.float32(length))


def _neighbours(places: Index, length: int) -> tuple[Index, Index]:
    """The samples on both sides of 16.16 places, clamped to the edge."""
    first = places >> 16
    return first.clip(0, length - 1), (first + 1).clip(0, length - 1)
