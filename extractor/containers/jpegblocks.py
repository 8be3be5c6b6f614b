"""The metadata blocks in a JPEG's segments: how each begins, and how one that is split over several is joined."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from extractor.containers.jpeg import APP1, APP11, APP13, COM
from extractor.containers.tiff import after_exif_prefix, is_tiff
from extractor.ledger import Ledger

EXIF: Final = b"Exif\0"
XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED_XMP: Final = b"http://ns.adobe.com/xmp/extension/\0"
JUMBF: Final = b"JP"
PHOTOSHOP: Final = b"Photoshop 3.0\0"
COMMENT: Final = b""

SIGNATURES: Final = {APP1: (EXIF, XMP, EXTENDED_XMP), APP11: (JUMBF,), APP13: (PHOTOSHOP,), COM: (COMMENT,)}
"""Marker -> the first bytes of its segments that hold metadata we know."""
SIGNATURE_LENGTH: Final = max(len(signature) for signatures in SIGNATURES.values() for signature in signatures)

_EXTENSION: Final = struct.Struct(">32sII")
"""GUID, length of the whole extended packet, offset of this part (XMP specification part 3, 1.1.3.1)."""
_JUMBF_PART: Final = struct.Struct(">HI")
"""Box instance number, packet sequence number (ISO 19566-5 annex D)."""


@dataclass(slots=True)
class Block:
    """One block and its parts so far."""

    signature: bytes
    parts: list[tuple[int, bytes]] = field(default_factory=list)
    """(place in the order, bytes)."""
    length: int = 0
    """Declared length of the whole, where there is one."""
    ranges: list[tuple[int, int]] = field(default_factory=list)
    """(start, end) of its segments, where whoever took them told."""

    def joined(self, log: Ledger) -> bytes:
        """The whole block."""
        if self.signature == EXTENDED_XMP:
            return _joined_extension(self, log)
        if self.signature == JUMBF:
            return _joined_jumbf(self)
        return b"".join([data for _, data in self.parts])


class BlockCollector:
    """Takes the data of segments in file order and gives the whole blocks at the end."""

    __slots__ = ("_open", "blocks")

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        """In the order of their first segments."""
        self._open: dict[tuple[bytes, bytes], Block] = {}

    def take(self, signature: bytes, payload: bytes, place: tuple[int, int] | None = None) -> None:
        """One segment's bytes after its signature, and where the segment starts and ends."""
        block = None
        if signature == EXIF:
            data = after_exif_prefix(EXIF + payload)
            block = self._block(signature, continues=not is_tiff(data))
            block.parts.append((0, data))
        elif signature == EXTENDED_XMP and len(payload) >= _EXTENSION.size:
            guid, length, offset = _EXTENSION.unpack_from(payload)
            block = self._block(signature, guid)
            block.length = length
            block.parts.append((offset, payload[_EXTENSION.size :]))
        elif signature == JUMBF and len(payload) >= _JUMBF_PART.size:
            _, sequence = _JUMBF_PART.unpack_from(payload)
            block = self._block(signature, payload[:2])
            block.parts.append((sequence, payload[_JUMBF_PART.size :]))
        elif signature == PHOTOSHOP:
            block = self._block(signature)
            block.parts.append((0, payload))
        elif signature in (XMP, COMMENT):
            block = self._block(signature, continues=False)
            block.parts.append((0, payload))
        if block is not None and place is not None:
            block.ranges.append(place)

    def _block(self, signature: bytes, name: bytes = b"", *, continues: bool = True) -> Block:
        """The block that is open under this name, or a new one."""
        block = self._open.get((signature, name)) if continues else None
        if block is None:
            block = self._open[signature, name] = Block(signature)
            self.blocks.append(block)
        return block

    def joined(self, log: Ledger) -> Iterator[tuple[bytes, bytes]]:
        """(signature, bytes) of every block, in the order of their first segments."""
        for block in self.blocks:
            yield block.signature, block.joined(log)


def is_credentials(jumbf: bytes) -> bool:
    """Whether a JUMBF block is a C2PA manifest store, as its description box says."""
    return jumbf.startswith(b"jumdc2pa", 12) or jumbf.startswith(b"jumdc2pa", 20)


def _joined_extension(block: Block, log: Ledger) -> bytes:
    parts: list[bytes] = []
    position = 0
    for offset, data in sorted(block.parts):
        if offset > position:
            break
        fresh = data[position - offset :]
        parts.append(fresh)
        position += len(fresh)
    if position < block.length:
        log.add("xmp-invalid", f"jpeg:xmp: {position} of {block.length} bytes of an extended packet")
    return b"".join(parts)


def _joined_jumbf(block: Block) -> bytes:
    """Every part repeats the box header of the first."""
    parts = [data for _, data in sorted(block.parts)]
    header = 16 if parts[0][:4] == b"\0\0\0\1" else 8
    return b"".join((parts[0], *(part[header:] for part in parts[1:])))
