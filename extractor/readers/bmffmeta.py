"""The metadata blocks that AVIF, HEIC, JPEG XL and MP4 have in common, however each of them stores them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from extractor.containers.bmff import Box
from extractor.containers.tiff import is_tiff
from extractor.embedded import Embedded
from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.readers.blocks.exif import read_exif
from extractor.readers.budget import TextBudget

_OFFSET: Final = 4
_UUID: Final = 16
_FULL_BOX: Final = 4
_MERKLE_OFFSET: Final = 8
_PURPOSE: Final = 64
"""Bytes that a C2PA box's purpose (``manifest``, ``update``) fits in."""


def read_exif_payload(data: bytes, embedded: Embedded, log: Ledger) -> None:
    """EXIF after a 4-byte offset to its TIFF header (ISO/IEC 23008-12 annex A.2.1; ISO/IEC 18181-2 section 9).

    Some writers leave the offset out or get it wrong. Orientation is the container's matter here, not EXIF's.
    """
    if not data:
        return
    declared = _OFFSET + int.from_bytes(data[:_OFFSET], "big")
    for start in (declared, 0, _OFFSET):
        if is_tiff(data[start : start + 4]) or data.startswith(b"Exif\0", start):
            if start == _OFFSET and declared not in (_OFFSET, _OFFSET + 6):
                log.add("exif-offset-invalid", f"{embedded.container}: the offset before the EXIF block is wrong")
            read_exif(data[start:], embedded, log)
            return
    log.add("exif-invalid", f"{embedded.container}: no TIFF header in an EXIF block of {len(data)} bytes")


def read_xmp_payload(data: bytes, embedded: Embedded, log: Ledger) -> None:
    """An XMP packet."""
    from extractor.readers.blocks.xmp import read_xmp

    read_xmp(data, embedded, log)


def read_c2pa_payload(data: bytes, embedded: Embedded, log: Ledger) -> None:
    """A C2PA manifest store."""
    from extractor.readers.blocks.c2pa import add_c2pa

    add_c2pa(data, embedded, log)


def read_uuid_box(source: ByteSource, box: Box, embedded: Embedded, texts: TextBudget, log: Ledger) -> None:
    """XMP or C2PA in a ``uuid`` box; other ones are left alone."""
    kind = source.read_at(box.start, _UUID)
    if kind not in _UUID_READERS:
        return
    start = box.start + _UUID
    if kind == _UUID_C2PA:
        start += _FULL_BOX
        start += source.read_at(start, _PURPOSE).find(b"\0") + 1 + _MERKLE_OFFSET
    length = max(0, box.end - start)
    data = source.read_at(start, texts.allow(length, f"{embedded.container}:uuid"))
    _UUID_READERS[kind](data, embedded, log)


_UUID_C2PA: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_UUID_READERS: Final[dict[bytes, Callable[[bytes, Embedded, Ledger], None]]] = {
    _UUID_C2PA: read_c2pa_payload,
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): read_xmp_payload,
}
"""User type -> reader (C2PA 2.1 section A.5.1; XMP part 3, section 1.1.4)."""
