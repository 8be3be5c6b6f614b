"""The ISO base media file format (ISO/IEC 14496-12): boxes, as AVIF, HEIC, JPEG XL, MP4 and JUMBF nest them."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger

_HEADER: Final = Struct(">I4s")
_LARGE_SIZE: Final = Struct(">Q")
_TO_THE_END: Final = 0
_SIZE_IS_LARGE: Final = 1


class Box(NamedTuple):
    """One box: its type and where its payload lies in the source (clipped to the box or file around it)."""

    kind: bytes
    start: int
    end: int


class BoxWalker:
    """Walks the boxes of one source; all walks together meet at most `limits.chunks` boxes."""

    __slots__ = ("_left", "_log", "source", "what")

    def __init__(self, source: ByteSource, log: Ledger, what: str) -> None:
        """`what` begins each warning's message."""
        self.source = source
        self.what = what
        self._log = log
        self._left = log.limits.chunks

    def walk(self, start: int, end: int) -> Iterator[Box]:
        """The boxes that lie one after another between two offsets. A faulty one ends the walk with a warning."""
        while end - start >= _HEADER.size and self.spend(1):
            head = self.source.read_at(start, _HEADER.size + _LARGE_SIZE.size)
            if len(head) < _HEADER.size:
                self._log.add("truncated", f"{self.what}: ends within a box header")
                return
            size, kind = _HEADER.unpack_from(head)
            payload = start + _HEADER.size
            if size == _TO_THE_END:
                size = end - start
            elif size == _SIZE_IS_LARGE and len(head) == _HEADER.size + _LARGE_SIZE.size:
                size = _LARGE_SIZE.unpack_from(head, _HEADER.size)[0]
                payload += _LARGE_SIZE.size
            following = start + size
            if following < payload or payload > end:
                self._log.add("container-invalid", f"{self.what}: a {_name(kind)} box of {size} bytes")
                return
            if following > end:
                self._log.add("truncated", f"{self.what}: {_name(kind)} is cut off")
                following = end
            yield Box(kind, payload, following)
            start = following

    def children(self, box: Box, skip: int = 0) -> Iterator[Box]:
        """The boxes inside of a box, after `skip` bytes of its own fields (4 for a full box)."""
        return self.walk(box.start + skip, box.end)

    def spend(self, count: int) -> bool:
        """Take `count` items off the budget; False, with a warning, once it is used up."""
        self._left -= count
        if self._left < 0:
            self._log.limit("chunks", f"{self.what}: boxes or items left unread")
            return False
        return True

    def payload(self, box: Box) -> bytes:
        """The bytes of a box that holds fields (not text, not pixels), up to `limits.box_bytes`."""
        length = box.end - box.start
        if length > self._log.limits.box_bytes:
            length = self._log.limits.box_bytes
            self._log.limit("box_bytes", f"{self.what}: {_name(box.kind)} cut")
        return self.source.read_at(box.start, length)


def make_box(kind: bytes, payload: bytes) -> bytes:
    """A whole box of fewer than 4 GiB."""
    return _HEADER.pack(_HEADER.size + len(payload), kind) + payload


UUID_C2PA: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""C2PA 2.1, section A.5.1."""
UUID_XMP: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""XMP part 3, section 1.1.4."""
_UUID: Final = 16
_FULL_BOX: Final = 4
_PURPOSE: Final = 64
"""Bytes that a C2PA box's purpose (``manifest``, ``update``) fits in."""
_MERKLE_OFFSET: Final = 8


def uuid_payload(source: ByteSource, box: Box) -> tuple[bytes, int]:
    """(user type, where what is meant by it begins) of a ``uuid`` box."""
    user_type, start = source.read_at(box.start, _UUID), box.start + _UUID
    if user_type == UUID_C2PA:
        start += _FULL_BOX
        start += source.read_at(start, _PURPOSE).find(b"\0") + 1 + _MERKLE_OFFSET
    return user_type, start


def _name(kind: bytes) -> str:
    return kind.decode("latin-1") if kind.isalnum() else kind.hex()
