"""Small reads at neighbouring offsets of a source, served from one larger read."""

from __future__ import annotations

from typing import Final

from extractor.files.bytesource import ByteSource

_BLOCK: Final = 8 * 1024
"""Most files have all their texts in the first block."""
_LARGE: Final = 4 * 1024
"""What is at least as long is read by itself."""


class Window:
    """A `ByteSource` that keeps the block around the last read of another one."""

    __slots__ = ("_end", "_source", "_start", "data", "size")

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._start = 0
        self.data = source.read_at(0, _BLOCK)
        """The block."""
        self._end = len(self.data)
        self.size = source.size

    def find(self, offset: int, length: int) -> int:
        """Where in `data` the byte at `offset` stands, for a walk that looks at fields in place.

        `length` bytes (few) stand from there on, fewer only at the end. The next read may change `data`.
        """
        begin = offset - self._start
        if begin >= 0 and offset + length <= self._end:
            return begin
        self.data = self._source.read_at(offset, _BLOCK)
        self._start = offset
        self._end = offset + len(self.data)
        return 0

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`. The block moves to where little is read from."""
        begin = offset - self._start
        if begin >= 0 and offset + length <= self._end:
            return self.data[begin : begin + length]
        left = self.size - offset
        if length > left:
            return self.read_at(offset, left) if left > 0 else b""
        if length >= _LARGE:
            return self._source.read_at(offset, length)
        self.find(offset, length)
        return self.data[:length]

    def peek(self, offset: int, length: int) -> bytes:
        """`read_at` for one look far ahead: the block stays where it is."""
        begin = offset - self._start
        if begin >= 0 and offset + length <= self._end:
            return self.data[begin : begin + length]
        return self._source.read_at(offset, length)


def windowed(source: ByteSource) -> Window:
    """A window on the source, itself if it is one."""
    return source if isinstance(source, Window) else Window(source)
