"""Colours times alpha before a picture is scaled, and divided by it afterwards, as browsers do."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.pixels.scratch import Scratch

Lanes = NDArray[np.uint64]
"""Pixels; each 16-bit lane (red, green, blue, alpha) holds an 8-bit value."""


class _Rounding(NamedTuple):
    """(p + before + carry) >> 8 + after, where p is colour x alpha."""

    before: int
    carries: bool
    """Whether p >> 8 is added first, which makes the division by 256 one by 255."""
    after: int


class Premultiplying(Enum):
    """How the decoder of a container rounds a colour times alpha / 255."""

    NEAREST = _Rounding(128, True, 0)
    DOWN = _Rounding(0, True, 1)
    """WebP."""
    UP = _Rounding(255, False, 0)
    """AVIF."""
    DONE = None
    """The file holds its colours premultiplied."""


_SCRATCH: Final = Scratch()


def premultiply(lanes: Lanes, how: Premultiplying) -> None:
    """Colours times alpha / 255, in place, rows x columns. Alpha 255 leaves a colour as it is."""
    if how.value is None:
        return
    alpha = np.right_shift(lanes, np.uint64(48), out=_SCRATCH.words("alpha", *lanes.shape))
    lanes |= np.uint64(0xFF << 48)
    lanes *= alpha
    products, carries = lanes.view(np.uint16), alpha.view(np.uint16)
    before, has_carries, after = how.value
    if before:
        products += np.uint16(before)
    if has_carries:
        np.right_shift(products, np.uint16(8), out=carries)
        products += carries
    if after:
        products += np.uint16(after)
    products >>= np.uint16(8)


def divide(pixels: NDArray[np.uint8]) -> None:
    """Straight colours from premultiplied ones, in place, each operation rounded to float32; 0 where alpha is 0."""
    alpha = pixels[:, :, 3:]
    if alpha.min() < 255:
        unit = np.float32(1 / 255)
        inverse = np.float32(1) / (np.maximum(alpha, 1) * unit)
        colours = np.rint(pixels[:, :, :3] * unit * inverse * np.float32(255))
        pixels[:, :, :3] = np.where(alpha == 0, 0, np.minimum(colours, 255))
