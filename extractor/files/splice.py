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
    """Collects edits of a source, which must not overlap; what is inserted where a replaced part starts precedes it."""

    __slots__ = ("_edits", "_source")

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._edits: list[_Edit] = []

    def replace(self, start: int, end: int, data: bytes) -> None:
        """Put `data` in the place of the bytes from `start` up to `end`."""
        if data or end > start:
            insort(self._edits, _Edit(start, end > start, len(self._edits), min(end, self._source.size), data))

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

    def _copied(self, start: int, end: int) -> Iterator[bytes]:
        for offset in range(start, end, _BLOCK):
            yield self._source.read_at(offset, min(_BLOCK, end - offset))

    def joined(self) -> bytes:
        """The whole result."""
        return b"".join(self.parts())
