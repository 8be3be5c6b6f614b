from __future__ import annotations

import numpy as np

from extractor.pixels.alpha import Lanes
from extractor.pixels.halving import halve
from extractor.pixels.scratch import Scratch


class Counted:
    """Rows that count how often each is asked for."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.asked = [0] * height

    def band(self, top: int, bottom: int) -> Lanes:
        for row in range(top, bottom):
            self.asked[row] += 1
        return np.zeros((bottom - top, self.width), dtype=np.uint64)


def test_bands_share_few_rows() -> None:
    even, odd = Counted(1024, 4096), Counted(1024, 4095)
    halve(even, 4)
    halve(odd, 4)
    assert set(even.asked) == {1}
    assert set(odd.asked) <= {1, 2}
    assert sum(odd.asked) < 1.15 * 4095


def test_scratch_memory_is_bounded() -> None:
    scratch = Scratch()
    assert scratch.words("a", 10, 10).base is scratch.words("a", 5, 5).base
    large = scratch.words("a", 1024, 1024)  # 8 MB: lent, not kept
    assert large.shape == (1024, 1024)
    assert scratch.words("a", 10, 10).base is not large.base
