"""Headers of JPEG XL codestreams, bit by bit."""

from __future__ import annotations

Field = tuple[int, int]
"""(number of bits, value)."""


def codestream(*fields: Field) -> bytes:
    value = position = 0
    for width, number in fields:
        value |= number << position
        position += width
    return b"\xff\x0a" + value.to_bytes((position + 7) // 8, "little") + bytes(4)


DEFAULTS: Field = (1, 1)
SMALL_8X8 = ((1, 1), (5, 0), (3, 1))
"""Eighths, 8 high, as wide as high."""
WIDE_40X20 = ((1, 0), (2, 0), (9, 19), (3, 7))
"""20 high in 9 bits, twice as wide."""
DEPTH_8 = ((1, 0), (2, 0), (1, 1))
"""Integers of 8 bits, 16-bit buffers suffice."""
ALPHA = ((2, 1), (1, 1))
DEPTH_CHANNEL = ((2, 1), (1, 0), (2, 1))
NO_CHANNEL = ((2, 0),)
NOTHING_EXTRA = ((1, 0), (1, 0))
"""Not all default, no extra fields."""


def extra(orientation: int, *more: Field) -> tuple[Field, ...]:
    return ((1, 0), (1, 1), (3, orientation - 1), *(more or ((1, 0), (1, 0), (1, 0))))


INTRINSIC = ((1, 1), *WIDE_40X20, (1, 0), (1, 0))
PREVIEW = ((1, 0), (1, 1), (1, 1), (2, 2), (5, 3), (3, 0), (2, 1), (1, 0))
PREVIEW_PLAIN = ((1, 0), (1, 1), (1, 0), (2, 1), (8, 200), (3, 1), (1, 0))
ANIMATION = ((1, 0), (1, 0), (1, 1), (2, 2), (10, 999), (2, 0), (2, 1), (3, 5), (1, 0))
