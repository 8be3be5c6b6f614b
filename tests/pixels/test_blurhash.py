from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.pixels.blurhash import encode
from tests.pixels import reference


def flat(colour: tuple[int, int, int], width: int = 4, height: int = 4) -> np.ndarray:
    return np.full((height, width, 3), colour, dtype=np.uint8)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((0, 0, 0), "U00000fQfQfQfQfQfQfQfQfQfQfQfQfQfQfQ"),
        ((255, 255, 255), "U~TSUA~qfQ~q~q%MfQ%MfQfQfQfQ~q%MfQ%M"),
    ],
)
def test_flat_colours(colour: tuple[int, int, int], expected: str) -> None:
    assert encode(flat(colour)) == expected


def test_further_channels_do_not_count() -> None:
    pixels = np.frombuffer(random.Random(4).randbytes(20 * 10 * 4), dtype=np.uint8).reshape(10, 20, 4).copy()
    with_alpha = encode(pixels)
    assert encode(pixels[:, :, :3]) == with_alpha
    pixels[:, :, 3] = 0
    assert encode(pixels) == with_alpha


def test_the_largest_factor_is_signed() -> None:
    """Black left half: the signed largest factor is 0.227 (digit 37); by absolute value it would be 0.62 (digit 82)."""
    pixels = flat((255, 255, 255), 64, 64)
    pixels[:, :32] = 0
    assert encode(pixels) == "UbLqe900Rj~qofWBfQj[fQfQfQfQofWBfQj["


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    width=st.integers(1, 64),
    height=st.integers(1, 64),
    low=st.integers(0, 255),
    spread=st.integers(1, 256),
    seed=st.integers(0, 1000),
)
def test_equals_the_slow_encoder(width: int, height: int, low: int, spread: int, seed: int) -> None:
    values = random.Random(seed)
    rows = [
        [(*(min(255, low + values.randrange(spread)) for _ in range(3)), 255) for _ in range(width)]
        for _ in range(height)
    ]
    assert encode(np.array(rows, dtype=np.uint8)) == reference.blurhash(rows)
