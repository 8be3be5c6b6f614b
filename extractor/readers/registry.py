"""Which container a file is, from its first bytes alone; names and extensions are never asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Final

from extractor.embedded import Embedded
from extractor.errors import CorruptImageError, LimitExceededError, UnsupportedFormatError
from extractor.files.bytesource import ByteSource
from extractor.files.window import Window
from extractor.ledger import LIMIT_PREFIX, Ledger

_HEAD: Final = 64

_MAGIC: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8", "jpeg"),
    (8, b"WEBP", "webp"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (0, b"BM", "bmp"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"II+\0", "tiff"),
    (0, b"MM\0+", "tiff"),
    (0, b"\xff\x0a", "jxl"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
    (4, b"ftyp", "bmff"),
    (4, b"moov", "mp4"),
    (4, b"mdat", "mp4"),
    (4, b"wide", "mp4"),
    (0, b"\x1a\x45\xdf\xa3", "webm"),
)
"""(offset, bytes, container). The first that fits counts."""

_BRANDS: Final = (
    (frozenset((b"avif", b"avis")), "avif"),
    (frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")), "heic"),
)
"""Brands of an ``ftyp`` box (major or compatible) -> container; anything else is MP4 or QuickTime."""

_BMP_HEADERS: Final = frozenset((12, 16, 40, 52, 56, 64, 108, 124))

_READERS: Final = {
    "png": ("png", "read_png"),
    "jpeg": ("jpeg", "read_jpeg"),
    "webp": ("webp", "read_webp"),
    "gif": ("gif", "read_gif"),
    "bmp": ("bmp", "read_bmp"),
    "tiff": ("tiff", "read_tiff"),
    "avif": ("heif", "read_avif"),
    "heic": ("heif", "read_heic"),
    "jxl": ("jxl", "read_jxl"),
    "mp4": ("mp4", "read_mp4"),
    "webm": ("webm", "read_webm"),
}
"""Container -> (module of this package, its function). Loaded on first use."""


def sniff(head: bytes) -> str | None:
    """The container's name (a value of `Embedded.container`) for the first 64 bytes of a file, or None."""
    for offset, magic, container in _MAGIC:
        if head.startswith(magic, offset):
            return _REFINE[container](head) if container in _REFINE else container
    return None


def _refine_bmff(head: bytes) -> str:
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[at : at + 4] for at in (8, *range(16, end - 3, 4))}
    return next((container for known, container in _BRANDS if known & brands), "mp4")


_REFINE: Final[dict[str, Callable[[bytes], str | None]]] = {
    "bmff": _refine_bmff,
    "bmp": lambda head: "bmp" if int.from_bytes(head[14:18], "little") in _BMP_HEADERS else None,
    "webp": lambda head: "webp" if head.startswith(b"RIFF") else None,
}
"""What a short magic leaves open, settled by a second look."""


@cache
def _reader(container: str) -> Callable[[ByteSource, Ledger], Embedded]:
    module, function = _READERS[container]
    reader: Callable[[ByteSource, Ledger], Embedded] = getattr(import_module(f"extractor.readers.{module}"), function)
    return reader


def read_embedded(source: ByteSource, log: Ledger) -> Embedded:
    """Read everything but pixels with the reader the first bytes ask for.

    Raises `UnsupportedFormatError` when they are of no known container, `CorruptImageError` when the container
    holds nothing that can be read, and `LimitExceededError` when that is because a limit was reached.
    """
    if source.size == 0:
        raise UnsupportedFormatError("the file is empty")
    window = Window(source)
    container = sniff(window.read_at(0, _HEAD))
    if container is None:
        raise UnsupportedFormatError("not an image or video of a known kind")
    embedded = _reader(container)(window, log)
    if not (embedded.width or embedded.height or embedded.texts or embedded.pixel_ranges or embedded.c2pa):
        reached = next((warning for warning in log.items if warning.code.startswith(LIMIT_PREFIX)), None)
        if reached is not None:
            raise LimitExceededError(reached.message)
        raise CorruptImageError(f"{container}: nothing in the file can be read")
    return embedded
