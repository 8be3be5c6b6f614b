from __future__ import annotations

import numpy as np
import pytest

from extractor.pixels.canvas import canvas_size, turn_of
from tests.pixels import reference


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1, 1), (1, 1)),
        ((64, 64), (64, 64)),
        ((65, 64), (64, 63)),
        ((64, 65), (63, 64)),
        ((1024, 1024), (64, 64)),
        ((1216, 832), (64, 44)),
        ((832, 1216), (44, 64)),
        ((1920, 1080), (64, 36)),
        ((128, 1), (64, 1)),  # 0.5 rounds up
        ((129, 1), (64, 0)),
        ((2, 300), (0, 64)),
        ((1000, 3), (64, 0)),
    ],
)
def test_canvas_size(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert canvas_size(*size) == expected


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turns_as_exif_says(orientation: int) -> None:
    grid = [[(10 * row + column, 0, 0, 0) for column in range(3)] for row in range(2)]
    turned = turn_of(orientation).applied(np.array(grid, dtype=np.uint8)).tolist()
    assert [[tuple(pixel) for pixel in row] for row in turned] == reference.turn(grid, orientation)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_unknown_orientation_counts_as_upright(orientation: int) -> None:
    assert turn_of(orientation) == turn_of(1)
