"""Builders for ISO base media files."""

from __future__ import annotations

import struct


def box(kind: bytes, *parts: bytes) -> bytes:
    payload = b"".join(parts)
    return struct.pack(">I", 8 + len(payload)) + kind + payload


def large_box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, kind, 16 + len(payload)) + payload


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def u16(value: int) -> bytes:
    return struct.pack(">H", value)


def u32(value: int) -> bytes:
    return struct.pack(">I", value)


def exif_tiff(text: bytes = b"hello!\0", orientation: int = 0) -> bytes:
    """A TIFF with an ImageDescription (6 characters and NUL) and, unless 0, an Orientation."""
    entries = 2 if orientation else 1
    at = 8 + 2 + 12 * entries + 4
    data = b"MM\0*" + u32(8) + u16(entries) + struct.pack(">HHII", 0x10E, 2, len(text), at)
    if orientation:
        data += struct.pack(">HHIHH", 0x112, 3, 1, orientation, 0)
    return data + u32(0) + text


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Label="red"/></rdf:RDF></x:xmpmeta>'
)
