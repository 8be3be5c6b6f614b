"""The sampling in C, alone."""

from __future__ import annotations

import random
import threading
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.pixels import bilinear
from extractor.pixels.bilinear import Taps
from extractor.pixels.canvas import Index, Pixels, canvas_size
from extractor.pixels.ways import SAMPLING

pytestmark = pytest.mark.skipif(SAMPLING is None, reason="the extension in C is not built")
KERNEL: Any = SAMPLING


class Noise:
    """A picture of random bytes of which every second row is kept by itself."""

    def __init__(self, width: int, height: int, pixel: int, has_alpha: bool, seed: int) -> None:
        self.width, self.height, self.has_alpha = width, height, has_alpha
        data = random.Random(seed).randbytes(width * height * pixel)
        self._pixels = np.frombuffer(data, dtype=np.uint8).reshape(height, width, pixel)

    def lines(self, rows: Index) -> tuple[Pixels, Index]:
        return self._pixels, rows


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    size=st.tuples(st.integers(1, 700), st.integers(1, 700)).filter(lambda size: all(canvas_size(*size))),
    layout=st.sampled_from([(3, False), (4, False), (4, True)]),
    seed=st.integers(0, 1000),
)
def test_equals_numpy_to_the_last_bit(size: tuple[int, int], layout: tuple[int, bool], seed: int) -> None:
    picture = Noise(*size, *layout, seed)
    ours = bilinear.draw(picture, size, 1)
    with patch.object(bilinear, "SAMPLING", None):
        assert ours.tolist() == bilinear.draw(picture, size, 1).tolist()


def arguments(**changes: Any) -> list[Any]:
    """For a canvas of 2 x 3 of a picture of 4 x 5."""
    rows, columns = (np.zeros(2 * count, dtype=np.intp) for count in (3, 2))
    values: dict[str, Any] = {
        "pixels": bytes(4 * 5 * 4),
        "width": 4,
        "pixel": 4,
        "rows": rows,
        "row_weights": np.zeros(6),
        "columns": columns,
        "column_weights": np.zeros(4),
        "canvas": bytearray(2 * 3 * 4),
        "channels": 4,
    }
    return list((values | changes).values())


def test_what_fits() -> None:
    KERNEL.draw(*arguments())
    KERNEL.draw(*arguments(rows=np.full(6, 4), columns=np.full(4, 3)))
    KERNEL.draw(*arguments(channels=3, canvas=bytearray(2 * 3 * 3)))
    KERNEL.draw(*arguments(channels=3, canvas=bytearray(2 * 3 * 3), pixel=3))


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": np.full(6, 5)},
        {"rows": np.full(6, -1)},
        {"columns": np.full(4, 4)},
        {"columns": np.full(4, -1)},
        {"columns": np.full(4, 2**62)},
        {"pixels": bytes(4 * 5 * 4 - 1), "rows": np.full(6, 4)},
        {"pixels": b""},
        {"rows": np.zeros(4, dtype=np.intp)},
        {"rows": np.zeros(7, dtype=np.intp), "row_weights": np.zeros(7)},
        {"row_weights": np.zeros(5)},
        {"row_weights": np.zeros(6, dtype=np.float32)},
        {"column_weights": np.zeros(6)},
        {"columns": np.zeros(0, dtype=np.intp), "column_weights": np.zeros(0)},
        {"canvas": bytearray(2 * 3 * 4 - 1)},
        {"canvas": bytearray(2 * 3 * 4 + 1)},
        {"canvas": bytearray()},
        {"width": 0},
        {"width": -4},
        {"width": 2**62},
        {"pixel": 3},
        {"pixel": 5, "width": 1},
        {"pixel": 0},
        {"channels": 2},
        {"channels": 5},
        {"channels": -1},
    ],
    ids=", ".join,
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    values = arguments(**changes)
    before = bytes(values[7])
    with pytest.raises(ValueError, match="sizes do not match"):
        KERNEL.draw(*values)
    assert values[7] == before


@pytest.mark.parametrize("changes", [{"canvas": b""}, {"pixels": ""}, {"width": "4"}, {"rows": [0] * 6}], ids=str)
def test_wrong_types(changes: dict[str, Any]) -> None:
    with pytest.raises((TypeError, BufferError)):
        KERNEL.draw(*arguments(**changes))


def test_threads() -> None:
    picture = Noise(300, 200, 3, False, 4)
    canvases: list[list[Any]] = []
    threads = [
        threading.Thread(target=lambda: canvases.append(bilinear.draw(picture, (300, 200), 1).tolist()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(canvases) == 8
    assert all(other == canvases[0] for other in canvases)


def test_taps_are_what_the_kernel_takes() -> None:
    found = bilinear.taps(100, 64)
    assert isinstance(found, Taps)
    assert (found.places.dtype, found.weights.dtype) == (np.intp, np.float64)
