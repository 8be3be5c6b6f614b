"""The blocks of text and provenance in a JPEG's segments, put together where they are split over several of them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from extractor.containers.tiff import is_tiff
from extractor.embedded import Carrier, Embedded
from extractor.ledger import Ledger
from extractor.readers.blocks.exif import read_exif, strip_prefix
from extractor.text.loose import decode_loose

_APP1: Final = 0xE1
_APP11: Final = 0xEB
_APP13: Final = 0xED
_COM: Final = 0xFE

_EXIF: Final = b"Exif\0"
_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED_XMP: Final = b"http://ns.adobe.com/xmp/extension/\0"
_JUMBF: Final = b"JP"
_PHOTOSHOP: Final = b"Photoshop 3.0\0"
_COMMENT: Final = b""

SIGNATURES: Final = {
    _APP1: (_EXIF, _XMP, _EXTENDED_XMP),
    _APP11: (_JUMBF,),
    _APP13: (_PHOTOSHOP,),
    _COM: (_COMMENT,),
}
"""Marker -> the first bytes of its segments that are read."""
SIGNATURE_LENGTH: Final = max(len(signature) for signatures in SIGNATURES.values() for signature in signatures)

_EXTENSION: Final = struct.Struct(">32sII")
"""GUID, length of the whole extended packet, offset of this part (XMP specification part 3, 1.1.3.1)."""
_JUMBF_PART: Final = struct.Struct(">HI")
"""Box instance number, packet sequence number (ISO 19566-5 annex D)."""


@dataclass(slots=True)
class _Block:
    """One block and its parts so far."""

    signature: bytes
    parts: list[tuple[int, bytes]] = field(default_factory=list)
    """(place in the order, bytes)."""
    length: int = 0
    """Declared length of the whole, where there is one."""

    def joined(self) -> bytes:
        """All parts as they came."""
        return b"".join([data for _, data in self.parts])


class BlockCollector:
    """Takes the payloads of segments in file order and adds the texts of the whole blocks at the end."""

    __slots__ = ("_blocks", "_embedded", "_log", "_open")

    def __init__(self, embedded: Embedded, log: Ledger) -> None:
        self._embedded = embedded
        self._log = log
        self._blocks: list[_Block] = []
        self._open: dict[tuple[bytes, bytes], _Block] = {}

    def take(self, signature: bytes, payload: bytes) -> None:
        """One segment's bytes after its signature."""
        if signature == _EXIF:
            data = strip_prefix(_EXIF + payload)
            self._block(signature, continues=not is_tiff(data)).parts.append((0, data))
        elif signature == _EXTENDED_XMP and len(payload) >= _EXTENSION.size:
            guid, length, offset = _EXTENSION.unpack_from(payload)
            block = self._block(signature, guid)
            block.length = length
            block.parts.append((offset, payload[_EXTENSION.size :]))
        elif signature == _JUMBF and len(payload) >= _JUMBF_PART.size:
            _, sequence = _JUMBF_PART.unpack_from(payload)
            self._block(signature, payload[:2]).parts.append((sequence, payload[_JUMBF_PART.size :]))
        elif signature == _PHOTOSHOP:
            self._block(signature).parts.append((0, payload))
        elif signature in (_XMP, _COMMENT):
            self._block(signature, continues=False).parts.append((0, payload))

    def _block(self, signature: bytes, name: bytes = b"", *, continues: bool = True) -> _Block:
        """The block that is open under this name, or a new one."""
        block = self._open.get((signature, name)) if continues else None
        if block is None:
            block = self._open[signature, name] = _Block(signature)
            self._blocks.append(block)
        return block

    def finish(self) -> None:
        """Read every block into the record."""
        for block in self._blocks:
            _FINISHERS[block.signature](self, block)

    def _finish_exif(self, block: _Block) -> None:
        is_first = self._embedded.exif_blocks == 0
        facts = read_exif(block.joined(), self._embedded, self._log)
        if is_first:
            self._embedded.orientation = facts.orientation

    def _finish_xmp(self, block: _Block) -> None:
        from extractor.readers.blocks.xmp import read_xmp

        read_xmp(block.joined(), self._embedded, self._log)

    def _finish_extended_xmp(self, block: _Block) -> None:
        from extractor.readers.blocks.xmp import read_xmp

        parts: list[bytes] = []
        position = 0
        for offset, data in sorted(block.parts):
            if offset > position:
                break
            fresh = data[position - offset :]
            parts.append(fresh)
            position += len(fresh)
        if position < block.length:
            self._log.add("xmp-invalid", f"jpeg:xmp: {position} of {block.length} bytes of an extended packet")
        read_xmp(b"".join(parts), self._embedded, self._log)

    def _finish_jumbf(self, block: _Block) -> None:
        """Every part repeats the box header of the first."""
        from extractor.readers.blocks.c2pa import add_c2pa

        parts = [data for _, data in sorted(block.parts)]
        header = 16 if parts[0][:4] == b"\0\0\0\1" else 8
        jumbf = b"".join((parts[0], *(part[header:] for part in parts[1:])))
        add_c2pa(jumbf, self._embedded, self._log)

    def _finish_photoshop(self, block: _Block) -> None:
        from extractor.readers.blocks.iptc import read_photoshop

        read_photoshop(block.joined(), self._embedded, self._log)

    def _finish_comment(self, block: _Block) -> None:
        value = decode_loose(block.joined())
        if value:
            self._embedded.add("COM", "", value, Carrier.COMMENT)


_FINISHERS: Final[dict[bytes, Callable[[BlockCollector, _Block], None]]] = {
    _EXIF: BlockCollector._finish_exif,
    _XMP: BlockCollector._finish_xmp,
    _EXTENDED_XMP: BlockCollector._finish_extended_xmp,
    _JUMBF: BlockCollector._finish_jumbf,
    _PHOTOSHOP: BlockCollector._finish_photoshop,
    _COMMENT: BlockCollector._finish_comment,
}
