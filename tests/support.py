"""Tiny files, built by hand, and where the real ones are."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the collection of real files is not beside the project")

INFOTEXT = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512"


def chunk(kind: bytes, data: bytes, *, crc: int | None = None, length: int | None = None) -> bytes:
    """One PNG chunk; `crc` and `length` may lie."""
    return (
        struct.pack(">I", len(data) if length is None else length)
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)
    )


SIGNATURE = b"\x89PNG\r\n\x1a\n"
IDAT = chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
IEND = chunk(b"IEND", b"")


def ihdr(width: int = 1, height: int = 1, depth: int = 8, colour: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def png(before: bytes = b"", after: bytes = b"", *, header: bytes | None = None, pixels: bytes = IDAT) -> bytes:
    """A PNG of one red pixel with chunks before and after its pixels."""
    return SIGNATURE + (ihdr() if header is None else header) + before + pixels + after + IEND


def text_chunk(key: str, value: str | bytes, **lies: int) -> bytes:
    data = value if isinstance(value, bytes) else value.encode("latin-1")
    return chunk(b"tEXt", key.encode("latin-1") + b"\0" + data, **lies)


def ztext_chunk(key: str, value: bytes) -> bytes:
    return chunk(b"zTXt", key.encode("latin-1") + b"\0\0" + zlib.compress(value, 9))


def itext_chunk(key: str, value: bytes, *, compressed: bool = False) -> bytes:
    body = zlib.compress(value, 9) if compressed else value
    return chunk(b"iTXt", key.encode("latin-1") + b"\0" + bytes((compressed, 0)) + b"\0\0" + body)


def zip_of(names: dict[str, bytes]) -> bytes:
    """A ZIP of stored members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return stream.getvalue()
