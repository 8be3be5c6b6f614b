"""What must hold for every reader and all bytes: a description or an `ExtractorError`."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from extractor.embedded import Embedded
from extractor.errors import ExtractorError
from extractor.files.bytesource import ByteSource, BytesSource
from extractor.ledger import Ledger

Reader = Callable[[ByteSource, Ledger], Embedded]

_LENGTHS = (b"\0", b"\1", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\1", b"\xff" * 8)


@st.composite
def damaged(draw: st.DrawFn, seeds: dict[str, bytes]) -> bytes:
    """One of the seeds, cut short and with a few bytes or lengths overwritten."""
    data = bytearray(seeds[draw(st.sampled_from(sorted(seeds)))])
    for _ in range(draw(st.integers(0, 4))):
        position = draw(st.integers(0, len(data) - 1))
        patch = draw(st.sampled_from(_LENGTHS) | st.binary(min_size=1, max_size=1))
        data[position : position + len(patch)] = patch
    return bytes(data[: draw(st.just(len(data)) | st.integers(0, len(data)))])


def survives(reader: Reader, data: bytes) -> None:
    """Fails when the reader raises anything but its own errors, or gives something unusable."""
    try:
        embedded = reader(BytesSource(data), Ledger())
    except ExtractorError as error:
        assert str(error)
        return
    assert embedded.width >= 0
    assert embedded.height >= 0
    assert 1 <= embedded.orientation <= 8
    assert all(isinstance(text.value, str) for text in embedded.texts)
    for offset, length in embedded.pixel_ranges or ():
        assert 0 <= offset <= len(data)
        assert length >= 0


class SparseSource:
    """A source of `size` bytes that are zero after its head; counts the bytes asked of it."""

    def __init__(self, head: bytes, size: int) -> None:
        self.head = head
        self.size = size
        self.read = 0
        self.calls = 0

    def read_at(self, offset: int, length: int) -> bytes:
        length = max(0, min(length, self.size - offset))
        self.read += length
        self.calls += 1
        return self.head[offset : offset + length].ljust(length, b"\0")
