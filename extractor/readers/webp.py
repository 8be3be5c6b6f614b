"""WebP: a walk over the RIFF chunks, wherever they stand and whatever the header says (RFC 9649)."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Final

from extractor.embedded import Embedded
from extractor.files.bytesource import ByteSource
from extractor.files.window import windowed
from extractor.ledger import Ledger
from extractor.readers.blocks.exif import read_exif
from extractor.readers.budget import TextBudget

_FIRST_CHUNK: Final = 12
_HEADER: Final = Struct("<4sI")
_VP8_SIZE: Final = Struct("<HH")
_VP8X_ALPHA: Final = 0x10
_VP8_START_CODE: Final = b"\x9d\x01\x2a"
_VP8L_SIGNATURE: Final = 0x2F
_PICTURES: Final = frozenset((b"VP8 ", b"VP8L", b"ANMF"))
_HEADER_LENGTH: Final = 16
"""Bytes of a picture chunk that are looked at."""


def read_webp(source: ByteSource, log: Ledger) -> Embedded:
    """Everything a WebP holds but its pixels. A cut or damaged file gives what is readable, with warnings."""
    walk = _Walk(source, log)
    walk.run()
    return walk.embedded


class _Walk:
    """The state of one file's walk."""

    __slots__ = ("_budget", "_has_canvas", "_log", "_source", "embedded")

    def __init__(self, source: ByteSource, log: Ledger) -> None:
        self._log = log
        self._source = windowed(source)
        self._budget = TextBudget(log)
        self._has_canvas = False
        self.embedded = Embedded("webp", "image/webp")

    def run(self) -> None:
        """Walk to the end of the file, whatever the header says of its size."""
        window, size = self._source, self._source.size
        declared = 8 + int.from_bytes(window.read_at(4, 4), "little")
        start = end = _FIRST_CHUNK
        has_picture = False
        for _ in range(self._log.limits.chunks):
            at = window.find(start, 8)
            if len(window.data) - at < 8:
                break
            kind, length = _HEADER.unpack_from(window.data, at)
            end = start + 8 + length
            has_picture = has_picture or kind in _PICTURES
            self._read_chunk(kind, start + 8, (end if end < size else size) - start - 8)
            start = self._after(end) if length & 1 else end
        else:
            self._log.limit("chunks", "webp: the chunks after this one are not read")
            has_picture = False
        if end > size:
            self._log.add("truncated", "webp: a chunk is cut off")
        elif not declared - 1 <= size <= declared + 1:
            self._log.add("riff-size", f"webp: the header declares {declared} bytes, the file has {size}")
        if has_picture:
            self.embedded.pixel_ranges = ((0, max(min(size, declared), _FIRST_CHUNK)),)

    def _after(self, end: int) -> int:
        """Start of the chunk after one of odd length: that is padded with a zero, which some writers forget."""
        following = self._source.read_at(end, 4)
        return end if following in _KNOWN else end + 1

    def _read_chunk(self, kind: bytes, start: int, length: int) -> None:
        if kind in _HEADERS:
            _HEADERS[kind](self, self._source.read_at(start, min(length, _HEADER_LENGTH)))
        elif kind in _BLOCKS:
            read, name = _BLOCKS[kind]
            read(self, self._source.read_at(start, self._budget.allow(length, name)))

    def _read_vp8x(self, data: bytes) -> None:
        if len(data) >= 10 and not self._has_canvas:
            self._has_canvas = True
            self.embedded.has_alpha |= bool(data[0] & _VP8X_ALPHA)
            self.embedded.width = 1 + int.from_bytes(data[4:7], "little")
            self.embedded.height = 1 + int.from_bytes(data[7:10], "little")

    def _read_vp8(self, data: bytes) -> None:
        if len(data) >= 10 and data[3:6] == _VP8_START_CODE:
            width, height = _VP8_SIZE.unpack_from(data, 6)
            self._set_size(width & 0x3FFF, height & 0x3FFF)

    def _read_vp8l(self, data: bytes) -> None:
        if len(data) >= 5 and data[0] == _VP8L_SIGNATURE:
            bits = int.from_bytes(data[1:5], "little")
            self._set_size(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
            self.embedded.has_alpha |= bool(bits >> 28 & 1)

    def _read_alph(self, _data: bytes) -> None:
        self.embedded.has_alpha = True

    def _set_size(self, width: int, height: int) -> None:
        """The size of the first picture, where no canvas is given."""
        if not self.embedded.width:
            self.embedded.width, self.embedded.height = width, height

    def _read_exif(self, data: bytes) -> None:
        read_exif(data, self.embedded, self._log)

    def _read_xmp(self, data: bytes) -> None:
        from extractor.readers.blocks.xmp import read_xmp

        read_xmp(data, self.embedded, self._log)

    def _read_c2pa(self, data: bytes) -> None:
        from extractor.readers.blocks.c2pa import add_c2pa

        add_c2pa(data, self.embedded, self._log)


_HEADERS: Final[dict[bytes, Callable[[_Walk, bytes], None]]] = {
    b"VP8X": _Walk._read_vp8x,
    b"VP8 ": _Walk._read_vp8,
    b"VP8L": _Walk._read_vp8l,
    b"ALPH": _Walk._read_alph,
}
"""Chunks of which the first bytes say what the picture is."""
_BLOCKS: Final[dict[bytes, tuple[Callable[[_Walk, bytes], None], str]]] = {
    b"EXIF": (_Walk._read_exif, "webp: EXIF"),
    b"XMP ": (_Walk._read_xmp, "webp: XMP "),
    b"XMP\0": (_Walk._read_xmp, "webp: XMP\0"),
    b"C2PA": (_Walk._read_c2pa, "webp: C2PA"),
}
"""Chunks that are read whole, and their names in warnings."""
_KNOWN: Final = frozenset((*_HEADERS, *_BLOCKS, b"ANIM", b"ANMF", b"ICCP"))
