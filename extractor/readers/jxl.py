"""JPEG XL: a bare codestream, or boxes with EXIF, XMP and C2PA beside it (ISO/IEC 18181-2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from extractor.containers.bmff import Box, BoxWalker
from extractor.containers.jxlheader import HEADER_BYTES, MAGIC, parse_jxl_header
from extractor.embedded import Embedded
from extractor.errors import CorruptImageError
from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.readers.bmffmeta import read_c2pa_payload, read_exif_payload, read_xmp_payload
from extractor.readers.budget import TextBudget

_C2PA_JUMD: Final = b"jumdc2pa"
_PART_INDEX: Final = 4
"""Bytes in front of each ``jxlp`` piece of the codestream."""


def read_jxl(source: ByteSource, log: Ledger) -> Embedded:
    """Everything a JPEG XL holds but its pixels. Raises `CorruptImageError` for a codestream cut in its header."""
    embedded = Embedded("jxl", "image/jxl")
    head = source.read_at(0, HEADER_BYTES)
    if head.startswith(MAGIC):
        _read_codestream(head, embedded, source, log)
        if not embedded.width:
            raise CorruptImageError("jxl: ends within the header of its codestream")
    else:
        _JxlBoxes(source, log, embedded).read()
    return embedded


def _read_codestream(head: bytes, embedded: Embedded, source: ByteSource, log: Ledger) -> None:
    header = parse_jxl_header(head)
    if header is None:
        return
    embedded.width, embedded.height, embedded.orientation, embedded.has_alpha = header
    if source.size <= log.limits.decode_bytes:
        embedded.pixel_ranges = ((0, source.size),)
    else:
        log.limit("decode_bytes", "jxl: the pixels are not decoded")


class _JxlBoxes:
    """The walk through a file with boxes."""

    def __init__(self, source: ByteSource, log: Ledger, embedded: Embedded) -> None:
        self.source = source
        self.log = log
        self.embedded = embedded
        self.texts = TextBudget(log)
        self.head = b""
        """The first bytes of the codestream, put together from its pieces."""

    def read(self) -> None:
        """Read all boxes, then the codestream's header."""
        for box in BoxWalker(self.source, self.log, "jxl").walk(0, self.source.size):
            if box.kind in _CODESTREAM:
                self._codestream(box)
            elif box.kind == b"brob":
                self._compressed(box)
            elif box.kind in _READERS:
                data = self.source.read_at(box.start, self.texts.allow(box.end - box.start, _name(box.kind)))
                _READERS[box.kind](data, self.embedded, self.log)
        _read_codestream(self.head, self.embedded, self.source, self.log)
        if not self.embedded.width:
            self.log.add("container-invalid", "jxl: no codestream, or its header is cut off")

    def _codestream(self, box: Box) -> None:
        start = box.start + _CODESTREAM[box.kind]
        wanted = min(HEADER_BYTES - len(self.head), box.end - start)
        if wanted > 0:
            self.head += self.source.read_at(start, wanted)

    def _compressed(self, box: Box) -> None:
        """A box of the type that its first four bytes name, its payload Brotli-compressed."""
        kind = self.source.read_at(box.start, 4)
        if kind not in _READERS:
            return
        length = min(max(0, box.end - box.start - 4), self.log.limits.text_bytes)
        data = self.source.read_at(box.start + 4, length)
        _READERS[kind](self.texts.inflate_brotli(data, f"{_name(kind)} in brob"), self.embedded, self.log)


def _name(kind: bytes) -> str:
    return f"jxl:{kind.decode('latin-1').strip()}"


def _read_jumbf(data: bytes, embedded: Embedded, log: Ledger) -> None:
    """JUMBF holds many things; its description box tells a C2PA store from the others."""
    if data.startswith(_C2PA_JUMD, 4):
        read_c2pa_payload(data, embedded, log)


_CODESTREAM: Final = {b"jxlc": 0, b"jxlp": _PART_INDEX}
"""Box type -> bytes before its part of the codestream."""
_READERS: Final[dict[bytes, Callable[[bytes, Embedded, Ledger], None]]] = {
    b"Exif": read_exif_payload,
    b"xml ": read_xmp_payload,
    b"jumb": _read_jumbf,
}
