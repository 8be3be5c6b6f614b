"""BMP: its size; it has no place for text. Facts: Microsoft's BITMAPCOREHEADER to BITMAPV5HEADER."""

from __future__ import annotations

from struct import Struct
from typing import Final

from extractor.containers.kinds import BMP_CORE_HEADER, BMP_HEADERS, KINDS
from extractor.embedded import Embedded
from extractor.errors import CorruptImageError, UnsupportedFormatError
from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger

_FILE_HEADER: Final = Struct("<2s8xII")
"""Magic, (file size, reserved), offset of the pixels, size of the header that follows."""
_CORE: Final = Struct("<HHHH")
_INFO: Final = Struct("<iiHH")
"""Both after the header's own size: width, height, planes, bits per pixel."""
_COMPRESSION_OFFSET: Final = 14 + 16
_COMPRESSION_HEADER: Final = 40
_ALPHA_MASK_OFFSET: Final = 14 + 52
_ALPHA_MASK_HEADER: Final = 56
_UNCOMPRESSED: Final = (0, 3, 6)
_BITFIELDS: Final = (3, 6)


def read_bmp(source: ByteSource, log: Ledger) -> Embedded:
    """The size of a BMP; a negative height (rows from the top) is one like any other.

    Raises `CorruptImageError` when the header is cut off, `UnsupportedFormatError` when there is none.
    """
    head = source.read_at(0, _ALPHA_MASK_OFFSET + 4)
    if len(head) < _FILE_HEADER.size:
        raise CorruptImageError("bmp: ends within its header")
    _, pixels, header_size = _FILE_HEADER.unpack_from(head)
    if header_size not in BMP_HEADERS:
        raise UnsupportedFormatError("begins with BM, but no BMP header follows")
    layout = _CORE if header_size == BMP_CORE_HEADER else _INFO
    if len(head) < _FILE_HEADER.size + layout.size:
        raise CorruptImageError("bmp: ends within its header")
    width, height, _, depth = layout.unpack_from(head, _FILE_HEADER.size)
    compression = _field(head, _COMPRESSION_OFFSET) if header_size >= _COMPRESSION_HEADER else 0
    embedded = Embedded("bmp", KINDS["bmp"].mime, max(width, 0), abs(height))
    if compression in _BITFIELDS and header_size >= _ALPHA_MASK_HEADER:
        embedded.has_alpha = _field(head, _ALPHA_MASK_OFFSET) != 0
    if compression in _UNCOMPRESSED and pixels + _row_bytes(width, depth) * abs(height) > source.size:
        log.add("truncated", "bmp: ends within its pixels")
    embedded.pixel_ranges = ((0, source.size),)
    return embedded


def _field(head: bytes, offset: int) -> int:
    return int.from_bytes(head[offset : offset + 4], "little")


def _row_bytes(width: int, depth: int) -> int:
    return (max(width, 0) * depth + 31) // 32 * 4
