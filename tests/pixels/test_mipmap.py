from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.pixels import halving
from extractor.pixels.canvas import canvas_size
from extractor.pixels.mipmap import level_of, level_size
from tests.pixels import reference
from tests.pixels.pictures import SIZES, drawn, grid_of, picture


@pytest.mark.parametrize(
    ("size", "level", "reduced"),
    [
        ((64, 64), 0, (64, 64)),
        ((1, 1), 0, (1, 1)),
        ((127, 127), 1, (64, 64)),
        ((126, 126), 0, (126, 126)),
        ((1024, 1024), 4, (64, 64)),
        ((1086, 1448), 4, (68, 91)),
        ((8191, 64), 7, (64, 1)),
        ((100, 1000), 3, (13, 125)),
    ],
)
def test_first_reduction(size: tuple[int, int], level: int, reduced: tuple[int, int]) -> None:
    assert level_of(size, canvas_size(*size)) == level
    assert level_size(size, level) == reduced


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    mode=st.sampled_from(["RGB", "RGBX", "RGBA", "L", "LA", "CMYK"]),
    size=SIZES,
    orientation=st.integers(1, 8),
    how=st.sampled_from(["NEAREST", "DOWN", "UP", "DONE"]),
    seed=st.integers(0, 1000),
    band_bytes=st.sampled_from([1, 4096, 20_000, 1 << 20]),
)
def test_equals_the_slow_arithmetic(
    mode: str, size: tuple[int, int], orientation: int, how: str, seed: int, band_bytes: int
) -> None:
    image = picture(mode, *size, seed)
    expected = reference.mipmap(grid_of(image), orientation, how)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(halving, "_BAND_BYTES", band_bytes)
        assert drawn(image, orientation, "mipmap", how) == expected
