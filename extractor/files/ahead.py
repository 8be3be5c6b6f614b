"""Something remote read from its beginning to its end, in large blocks that are fetched before they are asked for."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import Final

from extractor.files.background import Background, outcome
from extractor.files.sparse import Fetch
from extractor.limits import MIB

BLOCK: Final = 8 * MIB
AHEAD: Final = 4
"""Blocks on their way. Over 50 ms, a tar of pictures takes 1/25 of the time that it takes header by header."""


class ReadAhead:
    """A `ByteSource` for reading forwards. What lies behind is forgotten, and fetched again if it is asked for."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch = fetch
        self._pool = Background(AHEAD)
        self._blocks: dict[int, Future[bytes]] = {}
        self.size = size

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`. Raises `FileAccessError`."""
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        first, last = offset // BLOCK, (end - 1) // BLOCK
        self._expect(first, last)
        pieces = [self._piece(number, offset, end) for number in range(first, last + 1)]
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        """Forget what was fetched and not asked for."""
        self._pool.close()
        self._blocks.clear()

    def _piece(self, number: int, offset: int, end: int) -> bytes:
        """What a block has of these bytes. Joining whole blocks cost a sixth of going through a tar."""
        begin = number * BLOCK
        return outcome(self._blocks[number])[max(0, offset - begin) : end - begin]

    def _expect(self, first: int, last: int) -> None:
        for number in [number for number in self._blocks if number < first]:
            self._blocks.pop(number).cancel()
        for number in range(first, min(last + AHEAD, (self.size - 1) // BLOCK) + 1):
            if number not in self._blocks:
                start = number * BLOCK
                self._blocks[number] = self._pool.submit(partial(self._fetch, start, min(start + BLOCK, self.size)))
