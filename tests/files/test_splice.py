from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractor.files.bytesource import BytesSource
from extractor.files.splice import Splice

DATA = bytes(range(100))


def test_edits() -> None:
    splice = Splice(BytesSource(b"0123456789"))
    splice.replace(2, 4, b"ab")
    splice.insert(2, b"<")
    splice.insert(2, b">")
    splice.delete(8, 10)
    splice.insert(10, b"end")
    assert splice.joined() == b"01<>ab4567end"
    assert splice.size == 13
    assert not splice.is_empty


def test_nothing_to_do() -> None:
    splice = Splice(BytesSource(DATA))
    splice.replace(5, 5, b"")
    assert splice.is_empty
    assert splice.joined() == DATA


def test_shift_and_growth() -> None:
    splice = Splice(BytesSource(b"0123456789"))
    splice.insert(3, b"abc")
    splice.delete(5, 7)
    assert [splice.shift(at) for at in (0, 2, 3, 4, 7, 9)] == [0, 0, 3, 3, 1, 1]
    assert [splice.growth(end) for end in (2, 3, 5, 6, 10)] == [0, 3, 3, 2, 1]


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100), st.binary(max_size=9)), max_size=6),
)
def test_the_bytes_between_edits_stay(edits: list[tuple[int, int, bytes]]) -> None:
    splice, expected, position = Splice(BytesSource(DATA)), b"", 0
    for start, end, data in sorted((min(a, b), max(a, b), data) for a, b, data in edits):
        if start < position or (start == position and position):
            continue
        splice.replace(start, end, data)
        expected += DATA[position:start] + data
        position = end
    expected += DATA[position:]
    assert splice.joined() == expected
    assert splice.size == len(expected)
    assert b"".join(splice.parts()) == expected
    for offset in range(0, len(expected) + 3, 7):
        assert splice.read_at(offset, 11) == expected[offset : offset + 11]
