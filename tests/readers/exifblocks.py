"""TIFF blocks of EXIF, built by hand, honest or not."""

from __future__ import annotations

import struct

Entry = tuple[int, int, int, bytes]
"""Tag number, type, count, value in the block's byte order."""

EXIF_POINTER = 0x8769


def text(number: int, value: str | bytes) -> Entry:
    """An ASCII tag with its NUL."""
    data = (value.encode() if isinstance(value, str) else value) + b"\0"
    return number, 2, len(data), data


def comment(data: bytes, kind: int = 7) -> Entry:
    """A UserComment, header included."""
    return 0x9286, kind, len(data), data


def _directory(entries: list[Entry], at: int, following: int, order: str) -> bytes:
    table, values = struct.pack(order + "H", len(entries)), b""
    values_at = at + 2 + 12 * len(entries) + 4
    for number, kind, count, value in entries:
        field = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(order + "I", values_at + len(values))
        table += struct.pack(order + "HHI", number, kind, count) + field
        values += value if len(value) > 4 else b""
    return table + struct.pack(order + "I", following) + values


def tiff(entries: list[Entry], exif: list[Entry] | None = None, order: str = ">", following: int = 0) -> bytes:
    """A TIFF with one IFD, its Exif IFD if there are entries for it, and a pointer to the next IFD."""
    head = (b"MM\0*" if order == ">" else b"II*\0") + struct.pack(order + "I", 8)
    if exif is None:
        return head + _directory(entries, 8, following, order)
    exif_at = 8 + len(_directory([*entries, (EXIF_POINTER, 4, 1, bytes(4))], 8, following, order))
    pointer = (EXIF_POINTER, 4, 1, struct.pack(order + "I", exif_at))
    return head + _directory([*entries, pointer], 8, following, order) + _directory(exif, exif_at, 0, order)
