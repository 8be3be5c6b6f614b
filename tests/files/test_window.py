from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.files.bytesource import BytesSource
from extractor.files.window import Window, windowed
from extractor.ledger import Ledger
from extractor.readers.png import read_png
from tests.readers.damage import SparseSource
from tests.support import SIGNATURE, chunk, ihdr

DATA = bytes(range(251)) * 200
OFFSETS = st.integers(0, 400) | st.integers(16_000, 17_000) | st.integers(49_900, 50_300)
LENGTHS = st.integers(0, 300) | st.integers(16_300, 16_500) | st.just(60_000)


@given(st.lists(st.tuples(st.booleans(), OFFSETS, LENGTHS), max_size=12))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_reads_are_those_of_the_source(reads: list[tuple[bool, int, int]]) -> None:
    window = Window(BytesSource(DATA))
    for ahead, offset, length in reads:
        read = window.peek if ahead else window.read_at
        assert read(offset, length) == DATA[offset : offset + length]


def test_neighbouring_reads_cost_one_and_looks_ahead_move_nothing() -> None:
    source = SparseSource(b"", 1 << 20)
    window = windowed(Window(source))
    for offset in range(0, 8_192, 8):
        window.read_at(offset, 8)
    assert source.calls == 1
    window.peek(500_000, 8)
    window.read_at(0, 8)
    assert source.calls == 2


def test_a_run_of_equal_pixel_chunks_costs_few_reads() -> None:
    pixels = chunk(b"IDAT", bytes(8192)) * 500 + chunk(b"IDAT", bytes(5000)) + chunk(b"IEND", b"")
    data = SIGNATURE + ihdr(4, 4) + pixels
    source = SparseSource(data, len(data))
    log = Ledger()
    assert read_png(source, log).pixel_ranges == ((0, len(data)),)
    assert log.items == []
    assert source.calls <= 5
