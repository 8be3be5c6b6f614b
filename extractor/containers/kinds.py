"""The kinds of files that are read: one row each. What a file is, its first bytes alone tell, never its name."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

HEAD: Final = 64
"""Bytes that `sniff` looks at."""
BMP_CORE_HEADER: Final = 12
BMP_HEADERS: Final = (BMP_CORE_HEADER, 16, 40, 52, 56, 64, 108, 124)
"""Sizes of the header that follows a BMP's file header, from BITMAPCOREHEADER to BITMAPV5HEADER."""


class Decoder(NamedTuple):
    """The plugin of Pillow that decodes the pixels."""

    module: str
    name: str
    extra: str | None = None
    """The extra of this distribution that installs it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a kind of file by itself."""

    name: str
    """A value of `Embedded.container`."""
    mime: str
    suffixes: tuple[str, ...]
    """A file named so is taken for one of this kind until its bytes say otherwise."""
    magic: tuple[tuple[int, bytes], ...] = ()
    """(offset, bytes): any of these begins such a file."""
    check: Callable[[bytes], bool] | None = None
    """A second look at the head, where the magic is too short to say enough."""
    brands: frozenset[bytes] = frozenset()
    """Any of these in an ``ftyp`` box, as the major or a compatible brand, makes it such a file."""
    decoder: Decoder | None = None
    is_video: bool = False


def _is_bmp(head: bytes) -> bool:
    return int.from_bytes(head[14:18], "little") in BMP_HEADERS


def _is_riff(head: bytes) -> bool:
    return head.startswith(b"RIFF")


_ROWS: Final = (
    Kind(
        "png",
        "image/png",
        (".png", ".apng"),
        ((0, b"\x89PNG\r\n\x1a\n"),),
        decoder=Decoder("PIL.PngImagePlugin", "PngImageFile"),
    ),
    Kind(
        "jpeg",
        "image/jpeg",
        (".jpg", ".jpeg", ".jpe", ".jfif"),
        ((0, b"\xff\xd8"),),
        decoder=Decoder("PIL.JpegImagePlugin", "JpegImageFile"),
    ),
    Kind(
        "webp",
        "image/webp",
        (".webp",),
        ((8, b"WEBP"),),
        _is_riff,
        decoder=Decoder("PIL.WebPImagePlugin", "WebPImageFile"),
    ),
    Kind(
        "gif",
        "image/gif",
        (".gif",),
        ((0, b"GIF87a"), (0, b"GIF89a")),
        decoder=Decoder("PIL.GifImagePlugin", "GifImageFile"),
    ),
    Kind(
        "bmp",
        "image/bmp",
        (".bmp", ".dib"),
        ((0, b"BM"),),
        _is_bmp,
        decoder=Decoder("PIL.BmpImagePlugin", "BmpImageFile"),
    ),
    Kind(
        "tiff",
        "image/tiff",
        (".tif", ".tiff"),
        ((0, b"II*\0"), (0, b"MM\0*"), (0, b"II+\0"), (0, b"MM\0+")),
    ),
    Kind(
        "jxl",
        "image/jxl",
        (".jxl",),
        ((0, b"\xff\x0a"), (0, b"\0\0\0\x0cJXL \r\n\x87\n")),
        decoder=Decoder("pillow_jxl.JpegXLImagePlugin", "JXLImageFile", extra="jxl"),
    ),
    Kind(
        "avif",
        "image/avif",
        (".avif", ".avifs"),
        brands=frozenset((b"avif", b"avis")),
        decoder=Decoder("PIL.AvifImagePlugin", "AvifImageFile"),
    ),
    Kind(
        "heic",
        "image/heic",
        (".heic", ".heif", ".hif"),
        brands=frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")),
        decoder=Decoder("pillow_heif", "HeifImageFile", extra="heif"),
    ),
    Kind(
        "mp4",
        "video/mp4",
        (".mp4", ".m4v", ".mov"),
        ((4, b"ftyp"), (4, b"moov"), (4, b"mdat"), (4, b"wide")),
        is_video=True,
    ),
    Kind("webm", "video/x-matroska", (".webm", ".mkv"), ((0, b"\x1a\x45\xdf\xa3"),), is_video=True),
)
"""In the order in which they are asked: an ``ftyp`` box of no known brand is that of an MP4 or QuickTime."""

KINDS: Final = {kind.name: kind for kind in _ROWS}
"""Name -> row."""
IMAGE_SUFFIXES: Final = frozenset(suffix for kind in _ROWS if not kind.is_video for suffix in kind.suffixes)
"""A file named so is taken for an image: if it is none, that is a failure."""
VIDEO_SUFFIXES: Final = frozenset(suffix for kind in _ROWS if kind.is_video for suffix in kind.suffixes)


def has_suffix(path: str, suffixes: frozenset[str]) -> bool:
    """Whether the name ends in one of `suffixes`, in any case."""
    return os.path.splitext(path)[1].lower() in suffixes


def sniff(head: bytes) -> str | None:
    """The name of the kind of file that begins with these `HEAD` bytes, or None."""
    brands = _brands(head)
    for kind in _ROWS:
        if brands and not brands.isdisjoint(kind.brands):
            return kind.name
        for offset, magic in kind.magic:
            if head.startswith(magic, offset):
                return kind.name if kind.check is None or kind.check(head) else None
    return None


def _brands(head: bytes) -> frozenset[bytes]:
    """The brands of an ``ftyp`` box (ISO/IEC 14496-12, 4.3) at the start, as far as they stand in `head`."""
    if not head.startswith(b"ftyp", 4):
        return frozenset()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return frozenset(head[at : at + 4] for at in (8, *range(16, end - 3, 4)))
