"""Exact halvings of a picture, in bands that stay in the processor's cache.

One halving adds the two samples of each pair on an even axis, and the samples of an odd axis with the weights
1, 2, 1; both axes are summed before one shift without rounding, as the mipmaps of a Chromium canvas do.

A pixel is one 64-bit word of four 16-bit lanes (red, green, blue, alpha), so that one addition serves all four
channels and no sum of 16 weighted bytes can overflow its lane.
"""

from __future__ import annotations

from typing import Any, Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from extractor.pixels.alpha import Lanes
from extractor.pixels.scratch import Scratch

Bytes = NDArray[np.uint8]
"""Rows x (4 x columns) of bytes."""

_BAND_BYTES: Final = 1024 * 1024
"""Picture memory worked on at a time: input and sums of a band fit in a second-level cache."""
_BAND_STEP: Final = 2
"""A band gives at least 2 ** 2 rows: on odd heights neighbouring bands share almost one row of the result."""
_CAST_ELEMENTS: Final = 8192
"""Bytes widened to 16 bits at a time at most: numpy's default."""


class Bands(Protocol):
    """A picture that hands out bands of rows."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    def band(self, top: int, bottom: int) -> Bytes | Lanes:
        """Rows `top` to `bottom` (exclusive), valid until the next call: bytes (4 a pixel, contiguous) or lanes."""


class LaneRows:
    """Lanes in memory, as rows."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self.height, self.width = lanes.shape

    def band(self, top: int, bottom: int) -> Lanes:
        return self._lanes[top:bottom]


_SCRATCH: Final = Scratch()


def halve(picture: Bands, times: int) -> Lanes:
    """The picture after `times` halvings (0: as it is)."""
    while True:
        band_rows = max(1, _BAND_BYTES // (4 * picture.width))
        levels = min(times, max(1, band_rows.bit_length() - 1 - _BAND_STEP))
        lanes = _halve_in_bands(picture, levels, band_rows)
        times -= levels
        if not times:
            return lanes
        picture = LaneRows(lanes)


def _halve_in_bands(picture: Bands, levels: int, band_rows: int) -> Lanes:
    heights = [max(1, picture.height >> level) for level in range(levels + 1)]
    widths = [max(1, picture.width >> level) for level in range(levels + 1)]
    result = np.empty((heights[-1], widths[-1]), dtype=np.uint64)
    step = max(1, band_rows >> levels)
    with np.errstate():  # which also ends the scope of the buffer size
        np.setbufsize(_cast_buffer(4 * picture.width))
        # The decoder wrote the last rows just now: they are still in the cache.
        for top in reversed(range(0, heights[-1], step)):
            bottom = min(top + step, heights[-1])
            band = picture.band(*_rows_needed(top, bottom, heights))
            result[top:bottom] = _halve_band(band, heights, widths)
    return result


def _cast_buffer(row: int) -> int:
    """Elements numpy widens at a time: whole rows within the first-level cache, in units of 16."""
    return min(_CAST_ELEMENTS, (row + 15) // 16 * 16)


def _rows_needed(top: int, bottom: int, heights: list[int]) -> tuple[int, int]:
    """The picture's rows that make the rows `top` to `bottom` of the last level."""
    for height in reversed(heights[:-1]):
        if height > 1:
            top, bottom = 2 * top, 2 * bottom + (height & 1)
    return top, bottom


def _halve_band(band: Bytes | Lanes, heights: list[int], widths: list[int]) -> Lanes:
    lanes = band
    for height, width in zip(heights[:-1], widths[:-1], strict=True):
        sums, row_weight = _add_rows(lanes, height, width)
        lanes, column_weight = _add_columns(sums, width)
        samples = lanes.view(np.uint16)
        samples >>= np.uint16(row_weight + column_weight)
    return _as_lanes(lanes)


def _add_rows(band: Bytes | Lanes, height: int, width: int) -> tuple[Lanes, int]:
    """Neighbouring rows added, and the bits to shift for it."""
    if height == 1:
        return _as_lanes(band), 0
    sums = _SCRATCH.words("rows", band.shape[0] // 2, width)
    # Bytes are widened by the addition itself, lanes are added as they are.
    out: NDArray[Any] = sums.view(np.uint16) if band.dtype == np.uint8 else sums
    end = 2 * sums.shape[0]
    np.add(band[0:end:2], band[1:end:2], out=out, dtype=out.dtype)
    if not height & 1:
        return sums, 1
    out += band[1:end:2]
    out += band[2 : end + 1 : 2]
    return sums, 2


def _add_columns(band: Lanes, width: int) -> tuple[Lanes, int]:
    """Neighbouring columns added, and the bits to shift for it."""
    if width == 1:
        return band, 0
    sums = _SCRATCH.words("columns", band.shape[0], width // 2)
    end = 2 * sums.shape[1]
    np.add(band[:, 0:end:2], band[:, 1:end:2], out=sums)
    if not width & 1:
        return sums, 1
    sums += band[:, 1:end:2]
    sums += band[:, 2 : end + 1 : 2]
    return sums, 2


def _as_lanes(band: Bytes | Lanes) -> Lanes:
    if band.dtype == np.uint64:
        return cast(Lanes, band)
    lanes = _SCRATCH.words("rows", band.shape[0], band.shape[1] // 4)
    lanes.view(np.uint16)[:] = band
    return lanes
