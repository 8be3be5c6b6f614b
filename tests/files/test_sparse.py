from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import CorruptImageError, FileAccessError, LimitExceededError
from extractor.files.ahead import BLOCK, ReadAhead
from extractor.files.bytesource import BytesSource
from extractor.files.slices import Inflated, Slice
from extractor.files.sparse import HEAD, REST, WHOLE, SparseSource
from extractor.limits import Limits
from tests.deflating import deflated

DATA = bytes(range(256)) * 4096


class Fetched:
    """Gives ranges of some bytes, and notes which."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.ranges: list[tuple[int, int]] = []

    def __call__(self, start: int, end: int) -> bytes:
        assert 0 <= start < end <= len(self.data)
        self.ranges.append((start, end))
        return self.data[start:end]


reads = st.lists(st.tuples(st.integers(0, len(DATA) + 10), st.integers(0, 300_000)), max_size=12)


@given(reads, st.integers(0, 200_000), st.integers(0, 1000))
def test_reads_are_those_of_the_bytes(wanted: list[tuple[int, int]], head: int, shift: int) -> None:
    fetch = Fetched(bytes(shift) + DATA)
    source = SparseSource(fetch, len(DATA), DATA[:head], shift)
    assert [source.read_at(*read) for read in wanted] == [DATA[start : start + length] for start, length in wanted]


@given(reads)
def test_reading_ahead_is_reading(wanted: list[tuple[int, int]]) -> None:
    fetch = Fetched(DATA)
    source = ReadAhead(fetch, len(DATA))
    assert [source.read_at(*read) for read in wanted] == [DATA[start : start + length] for start, length in wanted]
    source.close()


@given(reads)
def test_a_slice_and_what_is_inflated(wanted: list[tuple[int, int]]) -> None:
    pressed = deflated(DATA)
    source = Inflated(
        Slice(BytesSource(b"xx" + pressed + b"yy"), 2, len(pressed)), len(DATA), Limits(inflate_ratio=2000)
    )
    assert [source.read_at(*read) for read in wanted] == [DATA[start : start + length] for start, length in wanted]


@pytest.mark.parametrize(
    ("size", "asked", "ranges"),
    [
        (WHOLE, [(0, 8)], [(0, WHOLE)]),
        (WHOLE + 1, [(0, 8), (HEAD - 8, 8)], [(0, HEAD)]),
        (WHOLE + 1, [(0, 8), (HEAD, 8)], [(0, HEAD), (HEAD, WHOLE + 1)]),
        (1_000_000, [(0, 8), (HEAD - 4, 8)], [(0, HEAD), (HEAD, HEAD + 8192)]),
        (1_000_000, [(0, 8), (500_000, 20_000), (500_100, 9)], [(0, HEAD), (500_000, 520_000)]),
        (1_000_000, [(0, 8), (1_000_000 - REST, 1), (999_999, 1)], [(0, HEAD), (1_000_000 - REST, 1_000_000)]),
        (1_000_000, [(0, 8), (1_000_000, 8)], [(0, HEAD)]),
    ],
)
def test_what_is_asked_for(size: int, asked: list[tuple[int, int]], ranges: list[tuple[int, int]]) -> None:
    fetch = Fetched(DATA[:size])
    source = SparseSource(fetch, size)
    for offset, length in asked:
        source.read_at(offset, length)
    assert fetch.ranges == ranges


def test_a_store_that_gives_less_than_there_is() -> None:
    source = SparseSource(lambda start, end: b"x", 100)
    with pytest.raises(FileAccessError, match="fewer bytes"):
        source.read_at(0, 10)


def test_blocks_are_fetched_before_they_are_asked_for() -> None:
    fetch = Fetched(bytes(6 * BLOCK + 5))
    source = ReadAhead(fetch, len(fetch.data))
    assert source.read_at(10, 1) == b"\0"
    source.close()
    assert sorted(fetch.ranges)[:1] == [(0, BLOCK)]
    assert {start for start, _ in fetch.ranges} <= {number * BLOCK for number in range(5)}


def inflated(data: bytes, size: int, **limits: int) -> bytes:
    return Inflated(BytesSource(data), size, Limits(**limits)).read_at(0, size)


@pytest.mark.parametrize(
    ("data", "size", "limits", "error", "says"),
    [
        (deflated(b"abc"), 4, {}, CorruptImageError, "fewer bytes"),
        (deflated(b"abc"), 2, {}, CorruptImageError, "more bytes"),
        (deflated(b"abc")[:-2], 3, {}, CorruptImageError, "fewer bytes"),
        (b"", 3, {}, CorruptImageError, "fewer bytes"),
        (b"\xff" * 9, 3, {}, CorruptImageError, "does not inflate"),
        (deflated(bytes(9 << 20)), 9 << 20, {}, LimitExceededError, "inflate_ratio = 250"),
        (deflated(b"abc"), 101, {"stream_bytes": 100}, LimitExceededError, "stream_bytes = 100"),
    ],
)
def test_what_lies_about_itself(
    data: bytes, size: int, limits: dict[str, int], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        inflated(data, size, **limits)


def test_no_more_is_inflated_than_is_read() -> None:
    """A bomb that nobody takes for a picture costs its first bytes."""
    pressed = deflated(bytes(100 << 20))
    fetch = Fetched(pressed)
    source = Inflated(Slice(SparseSource(fetch, len(pressed), pressed), 0, len(pressed)), 100 << 20, Limits())
    assert source.read_at(0, 8192) == bytes(8192)
    assert len(source._data) <= (4 << 20) + 1
