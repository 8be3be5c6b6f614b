"""The pieces of a file that a decoder is given."""

from __future__ import annotations


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
