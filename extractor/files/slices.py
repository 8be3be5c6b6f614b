"""A part of a source, and a part that is inflated as far as it is read."""

from __future__ import annotations

import zlib
from typing import Final

from extractor.errors import CorruptImageError, LimitExceededError
from extractor.files.bytesource import ByteSource
from extractor.limits import MIB, Limits

_INPUT: Final = 64 * 1024
"""Compressed bytes read at a time."""
_HARMLESS: Final = 4 * MIB
"""Inflated bytes that are never too many for their input."""


class Slice:
    """So many bytes of another source, from an offset on."""

    __slots__ = ("_source", "_start", "size")

    def __init__(self, source: ByteSource, start: int, size: int) -> None:
        self._source = source
        self._start = start
        self.size = size

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`."""
        left = self.size - offset
        return self._source.read_at(self._start + offset, min(length, left)) if left > 0 else b""


class Inflated:
    """Deflated bytes (without any header) of another source, inflated up to where they are read.

    What was inflated is held in memory.
    """

    __slots__ = ("_data", "_inflator", "_limits", "_read", "_source", "size")

    def __init__(self, source: ByteSource, size: int, limits: Limits) -> None:
        """`size` is what they are said to become. Raises `LimitExceededError` beyond `stream_bytes`."""
        if size > limits.stream_bytes:
            raise LimitExceededError(f"{size} bytes when inflated; stream_bytes = {limits.stream_bytes}")
        self._source = source
        self._limits = limits
        self._inflator = zlib.decompressobj(-zlib.MAX_WBITS)
        self._data = bytearray()
        self._read = 0
        self.size = size

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`.

        Raises `CorruptImageError` for what does not inflate to `size` bytes, `LimitExceededError` for
        `inflate_ratio`.
        """
        end = min(offset + length, self.size)
        if end > len(self._data):
            self._grow(end)
        return bytes(self._data[offset:end])

    def _grow(self, end: int) -> None:
        """Inflate so much."""
        waiting = self._inflator.unconsumed_tail
        while len(self._data) < end:
            if not waiting:
                waiting = self._source.read_at(self._read, _INPUT)
                self._read += len(waiting)
            if not waiting or self._inflator.eof:
                raise CorruptImageError("it inflates to fewer bytes than the archive says")
            try:
                # Once all are there, one more would show that the archive lies.
                self._data += self._inflator.decompress(waiting, max(end, _HARMLESS) - len(self._data) + 1)
            except zlib.error as error:
                raise CorruptImageError(f"it does not inflate: {error}") from error
            waiting = self._inflator.unconsumed_tail
            if len(self._data) > max(_HARMLESS, self._read * self._limits.inflate_ratio):
                raise LimitExceededError(f"it inflates to more than inflate_ratio = {self._limits.inflate_ratio} times")
        if len(self._data) > self.size:
            raise CorruptImageError("it inflates to more bytes than the archive says")
