"""The canvas a picture is drawn on before it is hashed: its size, and how it is turned."""

from __future__ import annotations

from math import floor
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

EDGE: Final = 64

Size = tuple[int, int]
"""Width and height."""

Index = NDArray[np.intp]
"""Numbers of rows or columns."""

Pixels = NDArray[np.uint8]
"""Rows x columns x 4 (red, green, blue, alpha), or x 3 without alpha."""


class Turn(NamedTuple):
    """What an orientation does to a stored picture: swap the axes, then mirror the result."""

    swap: bool
    down: bool
    """Mirror top to bottom."""
    across: bool
    """Mirror left to right."""

    def applied(self, pixels: Pixels) -> Pixels:
        """The stored pixels as they are shown."""
        if self.swap:
            pixels = pixels.swapaxes(0, 1)
        return pixels[:: -1 if self.down else 1, :: -1 if self.across else 1]


_UPRIGHT: Final = Turn(False, False, False)
_TURNS: Final = {
    2: Turn(False, False, True),
    3: Turn(False, True, True),
    4: Turn(False, True, False),
    5: Turn(True, False, False),
    6: Turn(True, False, True),
    7: Turn(True, True, True),
    8: Turn(True, True, False),
}


def turn_of(orientation: int) -> Turn:
    """What an EXIF orientation does; one that is not defined does nothing."""
    return _TURNS.get(orientation, _UPRIGHT)


class Picture(Protocol):
    """What every way of drawing needs to know of a picture."""

    has_alpha: bool
    """Whether the fourth channel counts."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...


def canvas_size(width: int, height: int) -> Size:
    """Size of the canvas for a picture of `width` x `height`. A side may be 0: then there is no canvas."""
    if width >= height and width > EDGE:
        return EDGE, floor(height / width * EDGE + 0.5)
    if height > width and height > EDGE:
        return floor(width / height * EDGE + 0.5), EDGE
    return width, height


def distinct(numbers: Index) -> Index:
    """These numbers (none of them negative), ascending, each once. `numpy.unique` imports masked arrays for that."""
    ordered = np.sort(numbers)
    return ordered[np.diff(ordered, prepend=-1) > 0]
