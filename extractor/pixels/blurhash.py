"""BlurHash with 4 x 4 components, as the JavaScript encoder computes it.

The published algorithm is at https://github.com/woltapp/blurhash. Its JavaScript encoder takes the largest AC
value without the absolute value, the C and Python ones with it; the strings in Civitai's database come from the
JavaScript one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import floor, pi, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

COMPONENTS: Final = 4
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"


def _to_linear(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


_LINEAR: Final = np.array([_to_linear(value) for value in range(256)], dtype=np.float64)


def encode(pixels: NDArray[np.uint8]) -> str:
    """The 36 characters of a picture.

    `pixels` is rows x columns x channels (red, green, blue, and further ones that do not count), 8 bits, sRGB,
    at least one pixel.
    """
    factors = _factors(pixels)
    dc, ac = factors[0], factors[1:]
    largest = max(max(factor) for factor in ac)
    quantised = min(82, max(0, floor(largest * 166 - 0.5)))
    scale = (quantised + 1) / 166
    return "".join(
        (
            _base83((COMPONENTS - 1) + (COMPONENTS - 1) * 9, 1),
            _base83(quantised, 1),
            _base83(_pack(256, (_to_srgb(value) for value in dc)), 4),
            *(_base83(_pack(19, (_quantise(value / scale) for value in factor)), 2) for factor in ac),
        )
    )


def _factors(pixels: NDArray[np.uint8]) -> list[list[float]]:
    """The 16 cosine factors, row by row, each red, green and blue."""
    height, width, channels = pixels.shape
    linear = _LINEAR.take(pixels).reshape(height, width * channels)
    columns = (_cosines(height) @ linear).reshape(COMPONENTS, width, channels)
    sums = (_cosines(width) @ columns)[:, :, :3]
    sums *= 2 / (width * height)
    sums[0, 0] /= 2
    factors: list[list[float]] = sums.reshape(COMPONENTS * COMPONENTS, 3).tolist()
    return factors


@lru_cache(maxsize=64)  # the edges a canvas can have
def _cosines(length: int) -> NDArray[np.float64]:
    return np.cos(np.outer(np.arange(COMPONENTS) * pi, np.arange(length)) / length)


def _to_srgb(value: float) -> int:
    share = min(1.0, max(0.0, value))
    if share <= 0.0031308:
        return int(share * 12.92 * 255 + 0.5)
    return int((1.055 * share ** (1 / 2.4) - 0.055) * 255 + 0.5)


def _quantise(value: float) -> int:
    root = sqrt(value) if value >= 0 else -sqrt(-value)
    return min(18, max(0, floor(root * 9 + 9.5)))


def _pack(base: int, digits: Iterable[int]) -> int:
    number = 0
    for digit in digits:
        number = number * base + digit
    return number


def _base83(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 83)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
