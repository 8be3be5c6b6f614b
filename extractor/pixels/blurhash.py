"""BlurHash: made with 4 x 4 components, as the JavaScript encoder computes it, and drawn again.

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


def render(hash: str, width: int, height: int) -> NDArray[np.uint8]:
    """The picture a BlurHash of any number of components stands for: rows x columns x 3, 8 bits, sRGB.

    Raises ValueError for what is no BlurHash.
    """
    across, down, factors = _decode(hash)
    lines = (_cosines(height, down).T @ factors.reshape(down, across * 3)).reshape(height, across, 3)
    linear = (_cosines(width, across).T @ lines).clip(0, 1)
    values = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (values * 255 + 0.5).astype(np.uint8)


def _decode(hash: str) -> tuple[int, int, NDArray[np.float64]]:
    """(Components across, down, the factors: row by row, each linear red, green and blue)."""
    if len(hash) < 6 or any(digit not in _DIGITS for digit in hash):
        raise ValueError(f"no BlurHash: {hash!r}")
    down, across = (part + 1 for part in divmod(_number(hash[0]), 9))
    average = _number(hash[2:6])
    values = [_number(hash[place : place + 2]) for place in range(6, len(hash), 2)]
    if down > 9 or len(hash) != 4 + 2 * across * down or average >> 24 or any(value >= 19**3 for value in values):
        raise ValueError(f"no BlurHash: {hash!r}")
    largest = (_number(hash[1]) + 1) / 166
    dc = [_LINEAR[average >> shift & 255] for shift in (16, 8, 0)]
    ac = [[largest * _unquantise(value // unit % 19) for unit in (361, 19, 1)] for value in values]
    return across, down, np.array([dc, *ac], dtype=np.float64)


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * 83 + _DIGITS.index(digit)
    return number


def _unquantise(value: int) -> float:
    root = (value - 9) / 9
    return root * abs(root)


def _factors(pixels: NDArray[np.uint8]) -> list[list[float]]:
    """The 16 cosine factors, row by row, each red, green and blue."""
    height, width, channels = pixels.shape
    linear = _LINEAR.take(pixels).reshape(height, width * channels)
    columns = (_cosines(height, COMPONENTS) @ linear).reshape(COMPONENTS, width, channels)
    sums = (_cosines(width, COMPONENTS) @ columns)[:, :, :3]
    sums *= 2 / (width * height)
    sums[0, 0] /= 2
    factors: list[list[float]] = sums.reshape(COMPONENTS * COMPONENTS, 3).tolist()
    return factors


@lru_cache(maxsize=64)  # the edges a canvas can have
def _cosines(length: int, components: int) -> NDArray[np.float64]:
    return np.cos(np.outer(np.arange(components) * pi, np.arange(length)) / length)


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
