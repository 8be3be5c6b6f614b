"""Small reads at neighbouring offsets of a source, served from one larger read."""

from __future__ import annotations

from typing import Final

from extractor.source import ByteSource

_BLOCK: Final = 16 * 1024


class Window:
    """The block of a source around the last read."""

    __slots__ = ("_data", "_source", "_start", "size")

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._start = 0
        self._data = source.read_at(0, _BLOCK)
        self.size = source.size

    def read(self, offset: int, length: int) -> bytes:
        """`length` bytes from `offset`; fewer at the end of the source."""
        begin = offset - self._start
        if begin < 0 or begin + length > len(self._data):
            if length >= _BLOCK:
                return self._source.read_at(offset, length)
            self._start, self._data, begin = offset, self._source.read_at(offset, _BLOCK), 0
        return self._data[begin : begin + length]
