"""RIFF as WebP uses it: a walk over the chunks, wherever they stand and whatever the header says (RFC 9649)."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from extractor.files.window import Window
from extractor.ledger import Ledger

FIRST_CHUNK: Final = 12
"""Bytes of the header: ``RIFF``, size, ``WEBP``."""
BITSTREAMS: Final = frozenset((b"VP8 ", b"VP8L"))
PICTURES: Final = BITSTREAMS | {b"ANMF"}
"""Chunks without which there is no picture."""
PICTURE_HEAD: Final = 16
"""Bytes of a picture chunk that say what the picture is."""
ICC: Final = b"ICCP"
EXIF: Final = b"EXIF"
XMP: Final = b"XMP "
C2PA: Final = b"C2PA"
_KNOWN: Final = PICTURES | {b"VP8X", b"ALPH", b"ANIM", ICC, EXIF, XMP, b"XMP\0", C2PA}

_HEADER: Final = Struct("<4sI")
_OVERHEAD: Final = _HEADER.size
_VP8_SIZE: Final = Struct("<HH")
_VP8_START_CODE: Final = b"\x9d\x01\x2a"
_VP8L_SIGNATURE: Final = 0x2F
VP8X_ALPHA: Final = 0x10


class Chunk(NamedTuple):
    """One chunk."""

    kind: bytes
    offset: int
    """Of its header."""
    length: int
    """Of its data, as far as it is there."""
    end: int
    """Where the next chunk begins: behind the padding, if there is any."""

    @property
    def data(self) -> int:
        """Offset of its data."""
        return self.offset + _OVERHEAD


class RiffWalk:
    """The walk over one file."""

    __slots__ = ("_log", "_window", "declared", "is_whole")

    def __init__(self, window: Window, log: Ledger) -> None:
        self._window = window
        self._log = log
        self.declared = _OVERHEAD + int.from_bytes(window.read_at(4, 4), "little")
        """Bytes of the file, as its header says."""
        self.is_whole = True
        """Whether the walk, once it is over, was not ended by a limit."""

    def chunks(self) -> Iterator[Chunk]:
        """The chunks up to the end of the file; at their end, a warning if file and header do not agree."""
        window, size = self._window, self._window.size
        start = end = FIRST_CHUNK
        for _ in range(self._log.limits.chunks):
            at = window.find(start, _OVERHEAD)
            if len(window.data) - at < _OVERHEAD:
                break
            kind, length = _HEADER.unpack_from(window.data, at)
            data = start + _OVERHEAD
            end = data + length
            following = self._after(end) if length & 1 else end
            yield Chunk(kind, start, (end if end < size else size) - data, following)
            start = following
        else:
            self._log.limit("chunks", "webp: the chunks after this one are not read")
            self.is_whole = False
        if end > size:
            self._log.add("truncated", "webp: a chunk is cut off")
        elif not self.declared - 1 <= size <= self.declared + 1:
            self._log.add("riff-size", f"webp: the header declares {self.declared} bytes, the file has {size}")

    def _after(self, end: int) -> int:
        """Start of the chunk after one of odd length: that is padded with a zero, which some writers forget."""
        return end if self._window.peek(end, 4) in _KNOWN else end + 1


class Picture(NamedTuple):
    """What the first bytes of a picture chunk say."""

    width: int
    height: int
    has_alpha: bool


def parse_picture(kind: bytes, head: bytes) -> Picture | None:
    """The fields of VP8X, VP8 or VP8L in their first `PICTURE_HEAD` bytes; None when they are none or cut off."""
    if kind == b"VP8X" and len(head) >= 10:
        width, height = (1 + int.from_bytes(head[at : at + 3], "little") for at in (4, 7))
        return Picture(width, height, bool(head[0] & VP8X_ALPHA))
    if kind == b"VP8 " and len(head) >= 10 and head[3:6] == _VP8_START_CODE:
        width, height = _VP8_SIZE.unpack_from(head, 6)
        return Picture(width & 0x3FFF, height & 0x3FFF, False)
    if kind == b"VP8L" and len(head) >= 5 and head[0] == _VP8L_SIGNATURE:
        bits = int.from_bytes(head[1:5], "little")
        return Picture(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), bool(bits >> 28 & 1))
    return None
