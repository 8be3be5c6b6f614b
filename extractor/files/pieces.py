"""The pieces of a file that a decoder is given."""

from __future__ import annotations

import io
from bisect import bisect_right
from itertools import accumulate

from extractor.files.bytesource import ByteSource


class PixelRanges:
    """Collects pieces in file order; those that touch become one."""

    __slots__ = ("_done", "_start", "end")

    def __init__(self, end: int) -> None:
        """`end` is where the file's signature, the first piece, ends."""
        self._done: list[tuple[int, int]] = []
        self._start = 0
        self.end = end
        """Where the last piece ends; set further on, it grows."""

    def keep(self, start: int, end: int) -> None:
        """Add the bytes from `start` up to `end`."""
        if start != self.end:
            self._done.append((self._start, self.end - self._start))
            self._start = start
        self.end = end

    def joined(self) -> tuple[tuple[int, int], ...]:
        """(offset, length) of each piece, as in `Embedded.pixel_ranges`."""
        return (*self._done, (self._start, self.end - self._start))


class RangesStream(io.RawIOBase):
    """The pieces `ranges` of a source, joined, as a seekable read-only stream for a decoder."""

    def __init__(self, source: ByteSource, ranges: tuple[tuple[int, int], ...]) -> None:
        self._source = source
        self._ranges = ranges
        self._starts = [0, *accumulate(length for _, length in ranges)]
        self._size = self._starts.pop()
        self._position = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Position in the joined bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, as `io.RawIOBase.seek`."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes (all that is left when negative)."""
        left = self._size - self._position
        wanted = left if size is None or size < 0 else min(size, left)
        parts = []
        while wanted > 0:
            index = bisect_right(self._starts, self._position) - 1
            offset, length = self._ranges[index]
            inside = self._position - self._starts[index]
            data = self._source.read_at(offset + inside, min(wanted, length - inside))
            if not data:
                break
            parts.append(data)
            self._position += len(data)
            wanted -= len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer`, as `io.RawIOBase.readinto`."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
