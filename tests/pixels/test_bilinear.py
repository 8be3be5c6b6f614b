from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from extractor.pixels import bilinear
from extractor.pixels.alpha import Premultiplying
from extractor.pixels.bilinear import draw, taps, wanted_rows
from extractor.pixels.canvas import Index, Pixels
from extractor.pixels.ways import SAMPLING
from tests.pixels import reference
from tests.pixels.pictures import SIZES, drawn, grid_of, picture

WAYS = [pytest.param(SAMPLING, id="extension", marks=pytest.mark.skipif(SAMPLING is None, reason="not built")), None]


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    mode=st.sampled_from(["RGB", "RGBX", "RGBA", "L", "LA", "CMYK"]),
    size=SIZES,
    orientation=st.integers(1, 8),
    seed=st.integers(0, 1000),
)
def test_equals_the_slow_arithmetic(way: object, mode: str, size: tuple[int, int], orientation: int, seed: int) -> None:
    image = picture(mode, *size, seed)
    with patch.object(bilinear, "SAMPLING", way):
        assert drawn(image, orientation, "bilinear") == reference.bilinear(grid_of(image), orientation)


@pytest.mark.parametrize("how", Premultiplying)
def test_alpha_is_rounded_alike_for_all_containers(how: Premultiplying) -> None:
    image = picture("RGBA", 70, 65, 5)
    assert drawn(image, 1, "bilinear", how.name) == drawn(image, 1, "bilinear")


def test_samples_lie_between_the_two_nearest_pixels() -> None:
    places, weights = taps(192, 64)
    assert places.tolist() == [*range(1, 192, 3), *range(2, 193, 3)]
    assert weights.tolist() == [1.0] * 64 + [0.0] * 64
    places, weights = taps(2, 1)
    assert (places.tolist(), weights.tolist()) == ([0, 1], [0.5, 0.5])


def test_samples_beyond_the_edge_are_those_at_the_edge() -> None:
    places, weights = taps(5, 5)
    assert places.tolist() == [0, 1, 2, 3, 4, 1, 2, 3, 4, 4]
    assert weights.tolist() == [1.0] * 5 + [0.0] * 5


@settings(deadline=None, derandomize=True)
@given(height=st.integers(1, 100_000), target=st.integers(1, 64))
def test_at_most_two_rows_of_a_picture_count_for_one_of_the_canvas(height: int, target: int) -> None:
    target = min(height, target)
    wanted = wanted_rows(height, target)
    assert 1 <= len(wanted) <= 2 * target
    assert wanted.tolist() == sorted(set(wanted.tolist()))
    assert wanted[0] >= 0
    assert wanted[-1] < height


class Asked:
    """A picture that remembers which rows were asked for, and has no others."""

    has_alpha = False
    width, height = 4000, 3000

    def __init__(self) -> None:
        self.asked: list[int] = []

    def lines(self, rows: Index) -> tuple[Pixels, Index]:
        self.asked += rows.tolist()
        return np.full((len(rows), self.width, 4), 7, dtype=np.uint8), np.arange(len(rows))


def test_only_the_rows_that_count_are_asked_for() -> None:
    picture = Asked()
    canvas = draw(picture, (4000, 3000), 1)
    assert canvas.tolist() == [[[7, 7, 7]] * 64] * 48
    assert sorted(picture.asked) == wanted_rows(3000, 48).tolist()
    assert len(picture.asked) == 96


def test_a_picture_that_fits_is_left_as_it_is() -> None:
    image = picture("RGB", 64, 40, 1)
    assert drawn(image, 1, "bilinear") == grid_of(image)


def test_half_of_a_step_rounds_up() -> None:
    image = Image.new("L", (65, 1))
    image.putdata([index % 2 for index in range(65)])
    # 65 pixels to 64: the sample in the middle is 0.492 of the way; 64 to 32 would be the plain mean.
    assert drawn(image, 1, "bilinear")[0][:2] == [(0, 0, 0, 255), (1, 1, 1, 255)]
    pair = Image.new("L", (128, 2))
    pair.putdata([10, 11] * 64 + [10, 11] * 64)
    assert drawn(pair, 1, "bilinear")[0][0] == (11, 11, 11, 255)  # 10.5
