"""A file with some of its bytes replaced, all others copied from it as they are."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from typing import Final, NamedTuple

from extractor.files.bytesource import ByteSource

_BLOCK: Final = 1 << 20
"""Bytes copied at a time."""


class _Edit(NamedTuple):
    start: int
    replaces: bool
    order: int
    """Insertions at one place stand in the order in which they were made."""
    end: int
    data: bytes


class Splice:
    """Collects edits of a source, which must not overlap; what is inserted where a replaced part starts precedes it.

    The result is a `ByteSource` itself.
    """

    __slots__ = ("_edits", "_source")

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._edits: list[_Edit] = []

    def replace(self, start: int, end: int, data: bytes) -> None:
        """Put `data` in the place of the bytes from `start` up to `end`."""
        start, end = min(start, self._source.size), min(end, self._source.size)
        if data or end > start:
            insort(self._edits, _Edit(start, end > start, len(self._edits), end, data))

    def insert(self, at: int, data: bytes) -> None:
        """Put `data` before the byte at `at`."""
        self.replace(at, at, data)

    def delete(self, start: int, end: int) -> None:
        """Leave out the bytes from `start` up to `end`."""
        self.replace(start, end, b"")

    @property
    def size(self) -> int:
        """Bytes of the result."""
        return self._source.size + sum(len(edit.data) - (edit.end - edit.start) for edit in self._edits)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is edited at all."""
        return not self._edits

    def shift(self, offset: int) -> int:
        """How far the byte at `offset` of the source moves, what is inserted right before it counted."""
        return sum(len(edit.data) - (edit.end - edit.start) for edit in self._edits if edit.start <= offset)

    def growth(self, end: int) -> int:
        """How much longer the bytes before `end` become, with what is inserted there."""
        return sum(len(edit.data) - (min(edit.end, end) - edit.start) for edit in self._edits if edit.start <= end)

    def parts(self) -> Iterator[bytes]:
        """The result, in pieces of bounded size but for what was put in."""
        position = 0
        for edit in self._edits:
            yield from self._copied(position, edit.start)
            if edit.data:
                yield edit.data
            position = max(position, edit.end)
        yield from self._copied(position, self._source.size)

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes of the result: see `ByteSource.read_at`."""
        wanted, found = offset + length, []
        position = copied = 0
        for edit in (*self._edits, _Edit(self._source.size, False, 0, self._source.size, b"")):
            # What is copied before the edit, then what is put in its place.
            count = max(0, edit.start - copied)
            low, high = max(offset, position), min(wanted, position + count)
            if low < high:
                found.append(self._source.read_at(copied + low - position, high - low))
            position += count
            low, high = max(offset, position), min(wanted, position + len(edit.data))
            if low < high:
                found.append(edit.data[low - position : high - position])
            position += len(edit.data)
            copied = max(copied, edit.end)
            if position >= wanted:
                break
        return b"".join(found)

    def _copied(self, start: int, end: int) -> Iterator[bytes]:
        for offset in range(start, end, _BLOCK):
            yield self._source.read_at(offset, min(_BLOCK, end - offset))

    def joined(self) -> bytes:
        """The whole result."""
        return b"".join(self.parts())
