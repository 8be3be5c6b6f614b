"""The canvas a Chromium browser draws a picture on before it is hashed: its size, and its pixels bit for bit.

The longest edge is clamped to 64 pixels. The picture comes down to that in up to three steps: the largest power of
two (by the JPEG decoder, or by halvings and a fine bilinear pass), then one bilinear pass to the canvas itself.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor, log2, sqrt
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from extractor.pixels.bilinear import resize_coarse, resize_fine
from extractor.pixels.halving import Lanes, Rows, halve

EDGE: Final = 64

Size = tuple[int, int]
"""Width and height."""

_TURNS: Final = {
    1: (False, False, False),
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}
"""EXIF orientation: swap the axes, then mirror top to bottom, then mirror left to right. Others count as 1."""


class Picture(Rows, Protocol):
    """A picture in bands of rows."""

    has_alpha: bool
    """Whether the fourth channel counts; the colours are premultiplied then."""


def canvas_size(width: int, height: int) -> Size:
    """Size of the canvas for a picture of `width` x `height`. A side may be 0: then there is no canvas."""
    if width >= height and width > EDGE:
        return EDGE, floor(height / width * EDGE + 0.5)
    if height > width and height > EDGE:
        return floor(width / height * EDGE + 0.5), EDGE
    return width, height


def level_of(size: Size, canvas: Size) -> int:
    """The power of two by which the picture is first reduced: the largest that does not go below the canvas."""
    if size == canvas:
        return 0
    level = 0
    while all(reduced >= edge for reduced, edge in zip(level_size(size, level + 1), canvas, strict=True)):
        level += 1
    return level


def level_size(size: Size, level: int) -> Size:
    """The size after a reduction by 2 ** `level`, rounded up."""
    width, height = (max(1, (edge + (1 << level) - 1) >> level) for edge in size)
    return width, height


def draw(picture: Picture, size: Size, orientation: int) -> NDArray[np.uint8]:
    """The canvas: rows x columns x (red, green, blue, alpha), alpha divided out.

    `size` is the stored size of the file; `picture` holds its pixels, or what its decoder gave at the reduced size.
    """
    swap, down, across = _TURNS.get(orientation, _TURNS[1])
    canvas = canvas_size(*size)
    target = level_size(size, level_of(size, canvas))
    lanes = halve(picture, _halvings((picture.width, picture.height), target))
    lanes = _resized(lanes, target, resize_fine)
    lanes = _resized(lanes, canvas, resize_fine if swap else resize_coarse)
    pixels = lanes.view(np.uint16).astype(np.uint8).reshape(canvas[1], canvas[0], 4)
    if picture.has_alpha:
        _divide_alpha(pixels)
    else:
        pixels[:, :, 3] = 255
    if swap:
        pixels = pixels.swapaxes(0, 1)
    return pixels[:: -1 if down else 1, :: -1 if across else 1]


def _halvings(size: Size, target: Size) -> int:
    """How often the mipmap halves `size` on its way to `target`."""
    share = sqrt((target[0] / size[0]) * (target[1] / size[1]))
    return floor(max(-log2(share) - 0.5, 0.0) + 0.5)


def _resized(lanes: Lanes, size: Size, resize: Callable[[Lanes, int, int], Lanes]) -> Lanes:
    width, height = size
    return lanes if lanes.shape == (height, width) else resize(lanes, width, height)


def _divide_alpha(pixels: NDArray[np.uint8]) -> None:
    """Straight colours from premultiplied ones, each operation rounded to float32; 0 where alpha is 0."""
    alpha = pixels[:, :, 3:]
    if alpha.min() < 255:
        unit = np.float32(1 / 255)
        inverse = np.float32(1) / (np.maximum(alpha, 1) * unit)
        colours = np.rint(pixels[:, :, :3] * unit * inverse * np.float32(255))
        pixels[:, :, :3] = np.where(alpha == 0, 0, np.minimum(colours, 255))
