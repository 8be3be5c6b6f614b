"""The kernel in C, alone."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.pixels.ways import ROWS
from tests.pixels.compare import lines

pytestmark = pytest.mark.skipif(ROWS is None, reason="the extension in C is not built")
KERNEL: Any = ROWS


def slowly(raw: bytes, above: bytes, stride: int, channels: int) -> list[bytes]:
    """The filters undone byte by byte."""
    rows = []
    for start in range(0, len(raw), stride + 1):
        kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for at in range(stride):
            left, up = row[at - channels] if at >= channels else 0, above[at]
            corner = above[at - channels] if at >= channels else 0
            guess = left + up - corner
            nearest = min((left, up, corner), key=lambda value: abs(guess - value))
            row[at] = (row[at] + (0, left, up, (left + up) // 2, nearest)[kind]) & 255
        above = bytes(row)
        rows.append(above)
    return rows


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    width=st.one_of(st.integers(1, 12), st.integers(55, 80)),
    groups=st.integers(1, 3),
    channels=st.sampled_from([3, 4]),
    seed=st.integers(0, 1000),
)
def test_equals_the_slow_filters(width: int, groups: int, channels: int, seed: int) -> None:
    values = random.Random(seed)
    stride, count, pad = width * channels, groups * KERNEL.ROWS, KERNEL.PAD
    raw = lines(values, width, count, channels)
    pitch = stride + 2 * pad
    rows = bytearray(values.randbytes((count + 1) * pitch))
    above = bytes(rows[pad : pad + stride])
    assert KERNEL.unfilter(raw + values.randbytes(pad), rows, count, width, channels) is True
    found = [bytes(rows[at + pad : at + pad + stride]) for at in range(pitch, len(rows), pitch)]
    assert found == slowly(raw, above, stride, channels)


def test_a_filter_that_there_is_not() -> None:
    for place in range(KERNEL.ROWS):
        raw = bytearray(KERNEL.ROWS * 4 + KERNEL.PAD)
        raw[4 * place] = 5
        rows = bytearray((KERNEL.ROWS + 1) * (3 + 2 * KERNEL.PAD))
        assert KERNEL.unfilter(raw, rows, KERNEL.ROWS, 1, 3) is False
        assert rows == bytes(len(rows))


def test_no_rows() -> None:
    assert KERNEL.unfilter(bytes(KERNEL.PAD), bytearray(3 + 2 * KERNEL.PAD), 0, 1, 3) is True


@pytest.mark.parametrize(
    ("raw", "rows", "numbers"),
    [
        pytest.param(-1, 0, (8, 5, 3), id="raw too short"),
        pytest.param(0, -1, (8, 5, 3), id="rows too short"),
        pytest.param(0, 0, (7, 5, 3), id="no whole group"),
        pytest.param(0, 0, (-8, 5, 3), id="negative rows"),
        pytest.param(0, 0, (8, 0, 3), id="no width"),
        pytest.param(0, 0, (8, -5, 3), id="negative width"),
        pytest.param(0, 0, (8, 5, 2), id="two channels"),
        pytest.param(0, 0, (8, 5, 5), id="five channels"),
        pytest.param(0, 0, (8, 2**62, 4), id="a width that overflows"),
        pytest.param(0, 0, (2**62, 5, 3), id="a height that overflows"),
    ],
)
def test_what_does_not_fit_is_refused(raw: int, rows: int, numbers: tuple[int, int, int]) -> None:
    assert KERNEL.ROWS == 8
    source = bytes(8 * (15 + 1) + KERNEL.PAD + raw)
    target = bytearray(9 * (15 + 2 * KERNEL.PAD) + rows)
    with pytest.raises(ValueError, match="too small"):
        KERNEL.unfilter(source, target, *numbers)
    assert target == bytes(len(target))


@pytest.mark.parametrize(
    "arguments", [(), (b"", b"", 0, 1, 3), ("", bytearray(), 0, 1, 3), (b"", bytearray(), "8", 1, 3)]
)
def test_wrong_types(arguments: tuple[object, ...]) -> None:
    with pytest.raises((TypeError, BufferError)):
        KERNEL.unfilter(*arguments)


def test_threads() -> None:
    width, count = 50, 80
    raw = lines(random.Random(5), width, count, 3) + bytes(KERNEL.PAD)
    targets = [bytearray((count + 1) * (3 * width + 2 * KERNEL.PAD)) for _ in range(8)]
    threads = [threading.Thread(target=KERNEL.unfilter, args=(raw, rows, count, width, 3)) for rows in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pitch = 3 * width + 2 * KERNEL.PAD
    pixels = [[rows[at + 16 : at + pitch - 16] for at in range(0, len(rows), pitch)] for rows in targets]
    assert all(other == pixels[0] for other in pixels)
