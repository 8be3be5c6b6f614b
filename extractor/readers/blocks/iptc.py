"""IPTC-IIM captions and the Photoshop image resources that hold them (IIM 4.2, Photoshop file format)."""

from __future__ import annotations

import struct
from typing import Final

from extractor.embedded import Carrier, Embedded
from extractor.ledger import Ledger
from extractor.text.loose import decode_loose

_APPLICATION_RECORD: Final = 2
_DATASETS: Final = {
    5: "ObjectName",
    25: "Keywords",
    40: "SpecialInstructions",
    65: "OriginatingProgram",
    80: "By-line",
    105: "Headline",
    116: "CopyrightNotice",
    120: "Caption-Abstract",
    122: "Writer-Editor",
}
"""Datasets of record 2 that people and tools write text into."""

_DATASET: Final = struct.Struct(">BBBH")
_RESOURCE: Final = struct.Struct(">4sH")
_RESOURCE_SIGNATURE: Final = b"8BIM"
_IPTC_RESOURCE: Final = 0x0404


def read_iptc(data: bytes, embedded: Embedded, log: Ledger) -> None:
    """Add the texts of an IPTC-IIM block (place ``iptc``, key the dataset's name)."""
    position, count = 0, 0
    while position + _DATASET.size <= len(data) and count < log.limits.chunks:
        marker, record, number, length = _DATASET.unpack_from(data, position)
        if marker != 0x1C:
            return
        position += _DATASET.size
        if length & 0x8000:  # an extended dataset: the length's own length
            width = length & 0x7FFF
            length = int.from_bytes(data[position : position + min(width, 8)], "big")
            position += width
        value = decode_loose(data[position : position + length])
        if record == _APPLICATION_RECORD and number in _DATASETS and value:
            embedded.add("iptc", _DATASETS[number], value, Carrier.EXIF)
        if position + length > len(data):
            log.add("truncated", f"{embedded.container}:iptc: the block is cut off")
        position += length
        count += 1


def read_photoshop(data: bytes, embedded: Embedded, log: Ledger) -> None:
    """Add the texts of the IPTC block among Photoshop's image resources."""
    position, count = 0, 0
    while position + 12 <= len(data) and count < log.limits.chunks:
        signature, number = _RESOURCE.unpack_from(data, position)
        if signature != _RESOURCE_SIGNATURE:
            return
        name_length = data[position + 6]
        position += 6 + (name_length + 2 & ~1)  # a Pascal string, padded to an even length
        length = int.from_bytes(data[position : position + 4], "big")
        position += 4
        if number == _IPTC_RESOURCE:
            read_iptc(data[position : position + length], embedded, log)
        position += length + (length & 1)
        count += 1
