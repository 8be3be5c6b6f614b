"""How much two image hashes differ to the eye."""

from __future__ import annotations

from typing import Final

import numpy as np

from extractor.pixels.blurhash import render

_EDGE: Final = 8


def hash_distance(a: str, b: str) -> float:
    """The root mean square of the difference of two BlurHashes, both drawn at 8 x 8 in sRGB: 0 (equal) to 1.

    Browsers give the same picture somewhat different hashes, so compare by this and not by equality.

    Raises:
        TypeError: An argument is no text.
        ValueError: An argument is no BlurHash.
    """
    for value in (a, b):
        if not isinstance(value, str):
            raise TypeError(f"a BlurHash is str, not {type(value).__name__}")
    first, second = (render(value, _EDGE, _EDGE).astype(np.float64) / 255 for value in (a, b))
    return float(np.sqrt(np.mean((first - second) ** 2)))
