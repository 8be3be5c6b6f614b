"""EXIF blocks: piexif writes the usual ones; those it cannot write are built here, tag by tag."""

from __future__ import annotations

import struct

import piexif

Entry = tuple[int, int, int, bytes]
"""Tag number, type, count, value in the block's byte order."""

_EXIF_POINTER = 0x8769
_USER_COMMENT = 0x9286


def exif(zeroth: dict[int, object] | None = None, **tags: object) -> bytes:
    """A big-endian block as piexif writes it, without the ``Exif`` header; `tags` stand in the Exif IFD."""
    inner = {getattr(piexif.ExifIFD, name): value for name, value in tags.items()}
    return bytes(piexif.dump({"0th": zeroth or {}, "Exif": inner}))[6:]


def user_comment(text: str, encoding: str = "utf-16-be", header: bytes = b"UNICODE\0") -> bytes:
    return header + text.encode(encoding)


def ascii_tag(number: int, value: str) -> Entry:
    data = value.encode() + b"\0"
    return number, 2, len(data), data


def comment_tag(data: bytes, kind: int = 7) -> Entry:
    return _USER_COMMENT, kind, len(data), data


def tiff(entries: list[Entry], inner: list[Entry] | None = None, *, order: str = "<", pixels: bytes = b"") -> bytes:
    """A TIFF of one IFD, its Exif IFD, and `pixels` at its end, whose place is the value of an entry that is empty."""
    head = (b"MM\0*" if order == ">" else b"II*\0") + struct.pack(order + "I", 8)
    if inner:
        entries = [*entries, (_EXIF_POINTER, 4, 1, bytes(4))]
    entries.sort()
    inner_at = 8 + len(_directory(entries, 8, order))
    inner_data = _directory(sorted(inner), inner_at, order) if inner else b""
    places = {_EXIF_POINTER: inner_at, _STRIP_OFFSETS: inner_at + len(inner_data)}
    placed = [
        (number, kind, count, struct.pack(order + "I", places[number]) if number in places else value)
        for number, kind, count, value in entries
    ]
    return head + _directory(placed, 8, order) + inner_data + pixels


_STRIP_OFFSETS = 0x111


def _directory(entries: list[Entry], at: int, order: str) -> bytes:
    table, values = struct.pack(order + "H", len(entries)), b""
    values_at = at + 2 + 12 * len(entries) + 4
    for number, kind, count, value in entries:
        table += struct.pack(order + "HHI", number, kind, count)
        if len(value) <= 4:
            table += value.ljust(4, b"\0")
        else:
            table += struct.pack(order + "I", values_at + len(values))
            values += value + b"\0" * (len(value) % 2)
    return table + bytes(4) + values


def tiff_picture(rows: list[list[tuple[int, int, int]]], entries: list[Entry], inner: list[Entry]) -> bytes:
    """An uncompressed little-endian RGB TIFF."""
    pixels = b"".join(bytes(colour) for row in rows for colour in row)

    def short(number: int, *values: int) -> Entry:
        return number, 3, len(values), struct.pack(f"<{len(values)}H", *values)

    fixed = [
        *(short(0x100, len(rows[0])), short(0x101, len(rows)), short(0x102, 8, 8, 8), short(0x103, 1)),
        *(short(0x106, 2), (_STRIP_OFFSETS, 4, 1, bytes(4)), short(0x115, 3), short(0x116, len(rows))),
        *((0x117, 4, 1, struct.pack("<I", len(pixels))), short(0x11C, 1)),
    ]
    return tiff([*fixed, *entries], inner, pixels=pixels)
