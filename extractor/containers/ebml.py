"""EBML (RFC 8794): elements with variable-length identifiers and sizes, as Matroska and WebM nest them."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Final, NamedTuple

from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger

_MAX_ID: Final = 4
_MAX_SIZE: Final = 8


class Element(NamedTuple):
    """One element: its identifier and where its data lies in the source (clipped to what is around it)."""

    number: int
    """With the length marker, as specifications write it: ``0x1A45DFA3``."""
    start: int
    end: int
    sized: bool = True
    """False when its size is not declared: it then ends where an element of its parent's level begins."""


class ElementWalker:
    """Walks the elements of one source; all walks together meet a bounded number of them."""

    __slots__ = ("_left", "_log", "_media", "_media_left", "_source", "_what")

    def __init__(self, source: ByteSource, log: Ledger, what: str, media: Container[int]) -> None:
        """`what` begins each warning's message; `media` are elements that count as ``pixel_chunks``."""
        self._source = source
        self._log = log
        self._what = what
        self._media = media
        self._left = log.limits.chunks
        self._media_left = log.limits.pixel_chunks

    def walk(self, start: int, end: int) -> Iterator[Element]:
        """The elements one after another between two offsets. A faulty one ends the walk with a warning.

        An element of unknown size is followed by the elements in it: the walk goes flat through them.
        """
        while start < end:
            element = self.at(start, end)
            if element is None or not self._spend(element):
                return
            yield element
            start = element.end if element.sized else element.start

    def children(self, parent: Element) -> Iterator[Element]:
        """The elements inside of one."""
        return self.walk(parent.start, parent.end)

    def at(self, start: int, end: int) -> Element | None:
        """The element at an offset; None, with a warning, when there is none."""
        head = self._source.read_at(start, min(_MAX_ID + _MAX_SIZE, max(0, end - start)))
        id_length = _vint_length(head)
        size_length = _vint_length(head[id_length:])
        data = start + id_length + size_length
        if not 0 < id_length <= _MAX_ID or not size_length or data > end or id_length + size_length > len(head):
            code = "truncated" if len(head) < _MAX_ID + _MAX_SIZE else "container-invalid"
            self._log.add(code, f"{self._what}: no element at {start}")
            return None
        number = int.from_bytes(head[:id_length], "big")
        bits = (1 << 7 * size_length) - 1
        size = int.from_bytes(head[id_length : id_length + size_length], "big") & bits
        if size == bits:
            return Element(number, data, end, sized=False)
        if data + size > end:
            self._log.add("truncated", f"{self._what}: element {number:X} is cut off")
        return Element(number, data, min(data + size, end))

    def _spend(self, element: Element) -> bool:
        is_media = element.number in self._media
        if is_media:
            self._media_left -= 1
        else:
            self._left -= 1
        if min(self._left, self._media_left) >= 0:
            return True
        self._log.limit("pixel_chunks" if is_media else "chunks", f"{self._what}: elements left unread")
        return False


def _vint_length(data: bytes) -> int:
    """Bytes of the variable-length number that begins here; 0 when its first byte is none or missing."""
    return 9 - data[0].bit_length() if data and data[0] else 0
