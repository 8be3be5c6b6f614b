"""The two bilinear filters of a Chromium canvas, in the integer arithmetic of its raster code (Skia).

Pictures are rows x columns x channels of int32 holding 8-bit values.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.int32]

_ONE: Final = 1 << 32


def resize_fine(picture: Picture, width: int, height: int) -> Picture:
    """Bilinear with 16-bit fractions: what makes the levels of a mipmap that halving alone does not reach."""
    rows, columns = picture.shape[:2]
    left, right, fraction = _fine_taps(columns, width)
    part = _multiply(fraction[:, None], (picture[:, right] - picture[:, left]) << 7)
    part += (picture[:, right] + picture[:, left]) << 7
    part = ((part + 1) & 0xFFFF) >> 1
    upper, lower, fraction = _fine_taps(rows, height)
    result = _multiply(fraction[:, None, None], part[lower] - part[upper])
    result += part[lower] + part[upper]
    return ((result + 0x80) & 0xFFFF) >> 8


def _fine_taps(length: int, target: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """For each output sample: its two neighbours, and the signed 15-bit place between them."""
    step = np.float32(length) / np.float32(target)
    place = (np.arange(target, dtype=np.float32) + np.float32(0.5)) * step
    fixed = np.floor(place.astype(np.float64) * 65536 + 0.5).astype(np.int32) - 32768
    first = fixed >> 16
    fraction = (fixed ^ 0x8000).astype(np.int16).astype(np.int32)
    return _clamp(first, length), _clamp(first + 1, length), fraction


def _multiply(fraction: NDArray[np.int32], value: NDArray[np.int32]) -> NDArray[np.int32]:
    return (fraction * value + 0x4000) >> 15


def resize_coarse(picture: Picture, width: int, height: int) -> Picture:
    """Bilinear with 4-bit fractions: what draws a picture without rotation on the canvas."""
    rows, columns = picture.shape[:2]
    left, right, across = _coarse_taps(columns, _column_places(columns, width))
    top, bottom, down = _coarse_taps(rows, _row_places(rows, height))
    across, down = across[:, None], down[:, None, None]
    upper, lower = picture[top], picture[bottom]
    blended = upper * (16 - down) + lower * down
    return (blended[:, left] * (16 - across) + blended[:, right] * across) >> 8


def _column_places(length: int, target: int) -> NDArray[np.int64]:
    """16.16 places that advance by one fixed step."""
    scale = _inverse_scale(length, target)
    first = int(float(np.float32(0.5) * scale) * _ONE) - (_ONE >> 1)
    return (first + np.arange(target, dtype=np.int64) * int(float(scale) * _ONE)) >> 16


def _row_places(length: int, target: int) -> NDArray[np.int64]:
    """16.16 places, each computed by itself."""
    places = (np.arange(target, dtype=np.float32) + np.float32(0.5)) * _inverse_scale(length, target)
    return ((places.astype(np.float64) * _ONE).astype(np.int64) - (_ONE >> 1)) >> 16


def _inverse_scale(length: int, target: int) -> np.float32:
    # Two roundings, as in the canvas: the inverse of its scale, not the quotient of the lengths.
    return np.float32(1) / (np.float32(target) / np.float32(length))


def _coarse_taps(
    length: int, places: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    first = (places >> 16).astype(np.int32)
    fraction = ((places >> 12) & 15).astype(np.int32)
    return _clamp(first, length), _clamp(first + 1, length), fraction


def _clamp(index: NDArray[np.int32], length: int) -> NDArray[np.int32]:
    return index.clip(0, length - 1)
