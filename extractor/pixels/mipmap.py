"""The other scaling: what the canvas of a Chromium browser without a graphics card holds, bit for bit.

The picture comes down to the canvas in up to three steps: the largest power of two (by the JPEG decoder, or by
halvings and a fine bilinear pass), then one bilinear pass to the canvas itself.
"""

from __future__ import annotations

from math import floor, log2, sqrt
from typing import Protocol

import numpy as np

from extractor.pixels.alpha import divide
from extractor.pixels.canvas import Picture, Pixels, Size, canvas_size, turn_of
from extractor.pixels.halving import Bands, halve
from extractor.pixels.resize import coarse_axis, fine_axis, level_axis, resize_coarse, resize_fine


class SomeBands(Bands, Picture, Protocol):
    """A picture in bands of rows; its colours are premultiplied where alpha counts."""


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


def draw(picture: SomeBands, size: Size, orientation: int) -> Pixels:
    """The canvas, alpha divided out.

    `size` is the stored size of the file; `picture` holds its pixels, or what its decoder gave at the reduced size.
    """
    turn = turn_of(orientation)
    canvas = canvas_size(*size)
    target = level_size(size, level_of(size, canvas))
    lanes = halve(picture, _halvings((picture.width, picture.height), target))
    have = lanes.shape[1], lanes.shape[0]
    if have != target:
        lanes = resize_fine(lanes, *map(level_axis, size, have, target))
    if target != canvas:
        # The picture is mirrored while it is sampled here, not afterwards.
        mirrors = (turn.down, turn.across) if turn.swap else (turn.across, turn.down)
        resize, axis = (resize_fine, fine_axis) if turn.swap else (resize_coarse, coarse_axis)
        lanes = resize(lanes, *map(axis, size, target, canvas, mirrors))
        turn = turn._replace(down=False, across=False)
    pixels = lanes.view(np.uint16).astype(np.uint8).reshape(canvas[1], canvas[0], 4)
    if picture.has_alpha:
        divide(pixels)
    else:
        pixels[:, :, 3] = 255
    return turn.applied(pixels)


def _halvings(size: Size, target: Size) -> int:
    """How often the mipmap halves `size` on its way to `target`."""
    share = sqrt((target[0] / size[0]) * (target[1] / size[1]))
    return floor(max(-log2(share) - 0.5, 0.0) + 0.5)
