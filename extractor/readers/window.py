"""Small reads at neighbouring offsets of a source, served from one larger read."""

from __future__ import annotations

from typing import Final

from extractor.source import ByteSource

_BLOCK: Final = 16 * 1024


class Window:
    """A `ByteSource` that keeps the block around the last read of another one."""

    __slots__ = ("_data", "_end", "_source", "_start", "size")

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._start = 0
        self._data = source.read_at(0, _BLOCK)
        self._end = len(self._data)
        self.size = source.size

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`. The block moves to where it is read from, unless more than a block is."""
        begin = offset - self._start
        if begin >= 0 and offset + length <= self._end:
            return self._data[begin : begin + length]
        left = self.size - offset
        if length > left:
            return self.read_at(offset, left) if left > 0 else b""
        if length >= _BLOCK:
            return self._source.read_at(offset, length)
        self._data = self._source.read_at(offset, _BLOCK)
        self._start = offset
        self._end = offset + len(self._data)
        return self._data[:length]

    def peek(self, offset: int, length: int) -> bytes:
        """`read_at` for one look far ahead: the block stays where it is."""
        begin = offset - self._start
        if begin >= 0 and offset + length <= self._end:
            return self._data[begin : begin + length]
        return self._source.read_at(offset, length)


def windowed(source: ByteSource) -> Window:
    """A window on the source, itself if it is one."""
    return source if isinstance(source, Window) else Window(source)
