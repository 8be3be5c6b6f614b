from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.files.bytesource import BytesSource
from extractor.files.pieces import PixelRanges, RangesStream

DATA = bytes(range(100))


@pytest.mark.parametrize(
    ("pieces", "joined"),
    [
        ([], ((0, 8),)),
        ([(8, 20)], ((0, 20),)),
        ([(8, 20), (20, 30), (40, 50)], ((0, 30), (40, 10))),
        ([(10, 10), (12, 20)], ((0, 8), (10, 0), (12, 8))),
    ],
)
def test_pieces_that_touch_become_one(pieces: list[tuple[int, int]], joined: tuple[tuple[int, int], ...]) -> None:
    ranges = PixelRanges(8)
    for start, end in pieces:
        ranges.keep(start, end)
    assert ranges.joined() == joined


@given(
    st.lists(st.tuples(st.integers(0, 110), st.integers(0, 40)), max_size=5),
    st.lists(st.tuples(st.integers(0, 120), st.integers(-1, 60)), max_size=8),
)
@settings(deadline=None, derandomize=True, max_examples=300)
def test_joined_ranges_read_like_one_file(ranges: list[tuple[int, int]], reads: list[tuple[int, int]]) -> None:
    inside = [(min(at, 100), min(length, 100 - min(at, 100))) for at, length in ranges]
    stream = RangesStream(BytesSource(DATA), tuple(inside))
    model = io.BytesIO(b"".join(DATA[at : at + length] for at, length in inside))
    for position, size in reads:
        assert stream.seek(position) == model.seek(position)
        assert stream.read(size) == model.read(size)
    assert stream.seek(0, io.SEEK_END) == model.seek(0, io.SEEK_END)
    assert stream.seek(0) == 0
    assert io.BufferedReader(stream).read() == model.getvalue()
