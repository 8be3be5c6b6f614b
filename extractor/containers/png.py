"""PNG (third edition): a tolerant walk over the chunks that hops over pixel data, and how chunks are laid out."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from extractor.files.window import Window
from extractor.ledger import Ledger

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
PIXELS: Final = b"IDAT"
END: Final = b"IEND"
DECODED: Final = frozenset((b"IHDR", b"PLTE", b"tRNS", PIXELS, END))
"""Chunks that a decoder needs for the picture itself."""
TEXTS: Final = (b"tEXt", b"zTXt", b"iTXt")
"""Chunks that hold a keyword and a text, anywhere but before IHDR."""
_BEHIND: Final = frozenset((*TEXTS, b"eXIf", b"caBX", b"tIME"))
"""Chunks that tools append to a finished file."""

_HEADER: Final = struct.Struct(">I4s")
_OVERHEAD: Final = 12
"""Bytes of a chunk beside its data: length and kind before it, checksum behind it."""
_IHDR: Final = struct.Struct(">IIBB")
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Colour type -> bits of a sample (table 11.1)."""
_ALPHA_COLOUR_TYPES: Final = (4, 6)


class Chunk(NamedTuple):
    """One chunk, or a run of pixel data chunks of equal length."""

    kind: bytes
    offset: int
    """Of its header."""
    length: int
    """Of its data as declared, whether or not it is there."""
    end: int
    """Where the next chunk begins; beyond the end of a file that is cut."""

    @property
    def data(self) -> int:
        """Offset of its data."""
        return self.offset + 8


def walk(window: Window, log: Ledger) -> Iterator[Chunk]:
    """The chunks of a file in order, also those behind IEND while they are whole and such as tools append.

    A limit that is reached or the end of the file ends the walk; a file that is cut leaves the warning
    ``truncated``, unless whoever reads the chunks has left it already; other bytes behind IEND (a phone's trailer, an
    archive, a second picture) leave ``trailing-data``.
    """
    limits, size, unpack = log.limits, window.size, _HEADER.unpack_from
    position = len(SIGNATURE)
    chunks = pixel_chunks = 0
    has_ended = False
    while position + 8 <= size:
        at = window.find(position, 8)
        if len(window.data) - at < 8:
            break
        length, kind = unpack(window.data, at)
        start, position = position, position + _OVERHEAD + length
        if has_ended and (kind not in _BEHIND or position > size):
            position = start
            break
        if kind == PIXELS:
            hops, position = _leap(window, start, length)
            yield Chunk(kind, start, length, position)
            pixel_chunks += hops
            if pixel_chunks > limits.pixel_chunks:
                log.limit("pixel_chunks", "png: the chunks after this one are not read")
                has_ended = False
                break
            continue
        chunks += 1
        if chunks > limits.chunks:
            log.limit("chunks", "png: the chunks after this one are not read")
            has_ended = False
            break
        yield Chunk(kind, start, length, position)
        has_ended = has_ended or kind == END
    if has_ended and position < size:
        log.add("trailing-data", f"png: {size - position} bytes behind the end of the picture are not read")
    elif (position > size or not has_ended) and not any(warning.code == "truncated" for warning in log.items):
        log.add("truncated", "png: the file ends before its last chunk does")


def _leap(window: Window, start: int, length: int) -> tuple[int, int]:
    """(looks that it took, end) of the run of equal IDAT chunks of which the first is at `start`.

    Encoders cut pixel data into hundreds of chunks of one size, which fill the file but for its end: after the
    next chunk, the last place where such a chunk fits is tried; the leap is halved as often as none stands there.
    """
    peek, size = window.peek, window.size
    header = _HEADER.pack(length, PIXELS)
    hops, step = 1, length + _OVERHEAD
    position = start + step
    most = (size - position) // step
    leap = 1 if most > 0 else 0
    while leap > 0:
        if peek(position + (leap - 1) * step, 8) == header:
            position += leap * step
            most -= leap
            leap = most if hops == 1 else min(leap, most)
            hops += 1
        else:
            leap //= 2
    return hops, position


def checksum(kind: bytes, data: bytes) -> bytes:
    """The four bytes behind the data of a chunk."""
    return zlib.crc32(data, zlib.crc32(kind)).to_bytes(4, "big")


def make_chunk(kind: bytes, data: bytes) -> bytes:
    """A whole chunk."""
    return b"".join((_HEADER.pack(len(data), kind), data, checksum(kind, data)))


class Header(NamedTuple):
    """What IHDR says."""

    width: int
    height: int
    depth: int
    """Bits of a sample."""
    colour_type: int

    @property
    def is_valid(self) -> bool:
        """Whether there are such pixels."""
        return self.depth in _DEPTHS.get(self.colour_type, ())

    @property
    def has_alpha(self) -> bool:
        """Whether the colour type has an alpha channel."""
        return self.colour_type in _ALPHA_COLOUR_TYPES


IHDR_LENGTH: Final = 13


def parse_header(data: bytes) -> Header | None:
    """The fields of IHDR; None when they are cut off."""
    return Header(*_IHDR.unpack_from(data)) if len(data) >= _IHDR.size else None


class TextData(NamedTuple):
    """The data of a text chunk, cut into its fields."""

    keyword: bytes
    text: bytes
    """Compressed with zlib if `compressed`."""
    compressed: bool = False


def parse_text(kind: bytes, data: bytes) -> TextData | None:
    """The fields of a text chunk (section 11.3.3); None when they are incomplete or compressed by another method."""
    keyword, separator, rest = data.partition(b"\0")
    if kind == b"tEXt":
        return TextData(keyword, rest) if separator else None
    if kind == b"zTXt":
        return TextData(keyword, rest[1:], compressed=True) if separator and rest[:1] == b"\0" else None
    flag, method = rest[:1], rest[1:2]
    fields = rest[2:].split(b"\0", 2)  # language, translated keyword, text
    if len(fields) < 3 or flag not in (b"\0", b"\1") or (flag == b"\1" and method != b"\0"):
        return None
    return TextData(keyword, fields[2], compressed=flag == b"\1")
