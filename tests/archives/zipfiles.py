"""ZIPs built piece by piece, so that they can lie."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from tests.deflating import deflated


@dataclass
class Item:
    """A member; None: as it should be."""

    name: bytes
    data: bytes
    method: int = 0
    flags: int = 0x0800
    size: int | None = None
    length: int | None = None
    offset: int | None = None
    extra: bytes = b""
    local_extra: bytes = b""
    local_method: int | None = None
    made: int = 3 << 8 | 20
    attributes: int = 0o100644 << 16
    disk: int = 0
    packed: bytes = field(init=False, default=b"")


def zipped(
    *items: Item, before: bytes = b"", comment: bytes = b"", after: bytes = b"", count: int | None = None
) -> bytes:
    """A ZIP of these."""
    out, directory = bytearray(before), bytearray()
    for item in items:
        data = deflated(item.data) if item.method == 8 else item.data
        size = len(item.data) if item.size is None else item.size
        length = len(data) if item.length is None else item.length
        offset = len(out) - len(before) if item.offset is None else item.offset
        crc = zlib.crc32(item.data)
        method = item.method if item.local_method is None else item.local_method
        out += struct.pack(
            "<4s5H3L2H", b"PK\3\4", 20, item.flags, method, 0, 33, crc, length & 0xFFFFFFFF, size & 0xFFFFFFFF,
            len(item.name), len(item.local_extra),
        ) + item.name + item.local_extra + data  # fmt: skip
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", item.made, 20, item.flags, item.method, 0, 33, crc, length, size,
            len(item.name), len(item.extra), 0, item.disk, 0, item.attributes, offset,
        ) + item.name + item.extra  # fmt: skip
    number = len(items) if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, len(directory), len(out) - len(before), len(comment))
    return bytes(out + directory) + end + comment + after
