"""JPEG XL: a bare codestream, or boxes with EXIF, XMP and C2PA beside it (ISO/IEC 18181-2)."""

from __future__ import annotations

from typing import Final

from extractor.containers.bmff import Box, BoxWalker
from extractor.containers.jxlheader import HEADER_BYTES, MAGIC, parse_jxl_header
from extractor.containers.kinds import KINDS
from extractor.embedded import Embedded
from extractor.errors import CorruptImageError
from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.readers.blocks.registry import BlockKind, read_block
from extractor.readers.inflate import inflate_brotli

_PART_INDEX: Final = 4
"""Bytes in front of each ``jxlp`` piece of the codestream."""


def read_jxl(source: ByteSource, log: Ledger) -> Embedded:
    """Everything a JPEG XL holds but its pixels. Raises `CorruptImageError` for a codestream cut in its header."""
    embedded = Embedded("jxl", KINDS["jxl"].mime)
    head = source.read_at(0, HEADER_BYTES)
    if head.startswith(MAGIC):
        _read_codestream(head, ((0, source.size),), embedded, log)
        if not embedded.width:
            raise CorruptImageError("jxl: ends within the header of its codestream")
    else:
        _JxlBoxes(source, log, embedded).read()
    return embedded


def _read_codestream(head: bytes, ranges: tuple[tuple[int, int], ...], embedded: Embedded, log: Ledger) -> None:
    header = parse_jxl_header(head)
    if header is None:
        return
    embedded.width, embedded.height, embedded.orientation, embedded.has_alpha = header[:4]
    if sum(length for _, length in ranges) <= log.limits.decode_bytes:
        embedded.pixel_ranges = ranges
    else:
        log.limit("decode_bytes", "jxl: the pixels are not decoded")


class _JxlBoxes:
    """The walk through a file with boxes."""

    def __init__(self, source: ByteSource, log: Ledger, embedded: Embedded) -> None:
        self.source = source
        self.log = log
        self.embedded = embedded
        self.head = b""
        """The first bytes of the codestream, put together from its pieces."""
        self.ranges: list[tuple[int, int]] = []
        """(offset, length) of the pieces, all that a decoder is given: it would inflate what stands beside."""

    def read(self) -> None:
        """Read all boxes, then the codestream's header."""
        for box in BoxWalker(self.source, self.log, "jxl").walk(0, self.source.size):
            if box.kind in _CODESTREAM:
                self._codestream(box)
            elif box.kind == b"brob":
                self._compressed(box)
            elif box.kind in _BLOCKS:
                data = self.source.read_at(box.start, self.log.allow_text(box.end - box.start, _name(box.kind)))
                read_block(_BLOCKS[box.kind], data, self.embedded, self.log)
        _read_codestream(self.head, tuple(self.ranges), self.embedded, self.log)
        if not self.embedded.width:
            self.log.add("container-invalid", "jxl: no codestream, or its header is cut off")

    def _codestream(self, box: Box) -> None:
        start = box.start + _CODESTREAM[box.kind]
        wanted = min(HEADER_BYTES - len(self.head), box.end - start)
        if wanted > 0:
            self.head += self.source.read_at(start, wanted)
        if box.end > start:
            self.ranges.append((start, box.end - start))

    def _compressed(self, box: Box) -> None:
        """A box of the type that its first four bytes name, its payload Brotli-compressed."""
        kind = self.source.read_at(box.start, 4)
        if kind not in _BLOCKS:
            return
        length = min(max(0, box.end - box.start - 4), self.log.limits.text_bytes)
        data = self.source.read_at(box.start + 4, length)
        text = inflate_brotli(data, f"{_name(kind)} in brob", self.log)
        read_block(_BLOCKS[kind], text, self.embedded, self.log)


def _name(kind: bytes) -> str:
    return f"jxl:{kind.decode('latin-1').strip()}"


_CODESTREAM: Final = {b"jxlc": 0, b"jxlp": _PART_INDEX}
"""Box type -> bytes before its part of the codestream."""
_BLOCKS: Final[dict[bytes, BlockKind]] = {b"Exif": "exif-item", b"xml ": "xmp", b"jumb": "jumbf"}
"""Box type -> what it holds."""
