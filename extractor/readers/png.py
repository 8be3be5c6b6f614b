"""PNG: a tolerant chunk walk that skips pixel data by seeking.

Reads tEXt, zTXt, iTXt, eXIf, XMP, ImageMagick's raw profiles and C2PA wherever they stand (PNG, third edition),
also after IDAT and after IEND.
"""

from __future__ import annotations

import binascii
import struct
import zlib
from typing import Final

from extractor.embedded import Carrier, Embedded
from extractor.files.bytesource import ByteSource
from extractor.files.pieces import PixelRanges
from extractor.files.window import Window, windowed
from extractor.ledger import Ledger
from extractor.readers.blocks.exif import read_exif
from extractor.readers.budget import TextBudget

_CHUNK: Final = Carrier.CHUNK
SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = struct.Struct(">I4s")
_IHDR: Final = struct.Struct(">IIBB")
_IHDR_LENGTH: Final = 13
_IHDR_CRC: Final = zlib.crc32(b"IHDR")
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Colour type -> bits of a sample (PNG, table 11.1)."""
_ALPHA_COLOUR_TYPES: Final = (4, 6)
_XMP_KEYWORD: Final = "XML:com.adobe.xmp"
_XMP_KEY_BYTES: Final = _XMP_KEYWORD.encode()
_RAW_PROFILE: Final = "Raw profile type "
_XMP_PREFIX: Final = b"http://ns.adobe.com/xap/1.0/\0"
"""Before a packet that was taken out of a JPEG."""
_RESOURCE_SIGNATURE: Final = b"8BIM"


class _Walk:
    """State of one file's chunk walk."""

    __slots__ = ("budget", "embedded", "log", "pixel_chunks", "ranges", "seen_iend", "seen_ihdr", "window")

    def __init__(self, window: Window, log: Ledger) -> None:
        self.window = window
        self.log = log
        self.budget = TextBudget(log)
        self.embedded = Embedded("png", "image/png")
        self.ranges = PixelRanges(len(SIGNATURE))
        self.pixel_chunks = 0
        self.seen_ihdr = self.seen_iend = False


def read_png(source: ByteSource, log: Ledger) -> Embedded:
    """Everything a PNG holds but its pixels. A cut or damaged file gives what is readable, with warnings."""
    window = windowed(source)
    walk = _Walk(window, log)
    limits, size, ranges = log.limits, window.size, walk.ranges
    position = len(SIGNATURE)
    chunks = 0
    data, begin, last = b"", 0, -1  # the window's block, where it begins, and the last place of a header in it
    while position + 8 <= size:
        at = position - begin
        if at < 0 or at > last:
            at = window.find(position, 8)
            data, begin = window.data, position - at
            last = len(data) - 8
            if at > last:
                break
        length, kind = _HEADER.unpack_from(data, at)
        start, position = position, position + 12 + length
        if kind == b"IDAT":
            position = _skip_pixels(walk, start, length)
            if walk.pixel_chunks > limits.pixel_chunks:
                log.limit("pixel_chunks", "png: the chunks after this one are not read")
                break
            continue
        if walk.seen_iend and not kind.isalpha():
            break
        chunks += 1
        if chunks > limits.chunks:
            log.limit("chunks", "png: the chunks after this one are not read")
            break
        if kind in _READERS:
            _read_chunk(walk, kind, start + 8, length)
        elif kind in _PIXEL_CHUNKS:
            if not walk.seen_iend:
                ranges.keep(start, position if position < size else size)
            _PIXEL_CHUNKS[kind](walk, start + 8, length)
    _finish(walk, position)
    return walk.embedded


def _skip_pixels(walk: _Walk, start: int, length: int) -> int:
    """Where the run of equal IDAT chunks ends of which the first is at `start`.

    Encoders cut pixel data into hundreds of chunks of one size, which fill the file but for its end: after the
    next chunk, the last place where such a chunk fits is tried; the leap is halved as often as none stands there.
    """
    peek, size = walk.window.peek, walk.window.size
    header = _HEADER.pack(length, b"IDAT")
    hops, step = 1, length + 12
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
    walk.pixel_chunks += hops
    walk.ranges.keep(start, position if position < size else size)
    return position


def _finish(walk: _Walk, position: int) -> None:
    cut = position > walk.window.size or not walk.seen_iend
    if cut and not any(warning.code == "truncated" for warning in walk.log.items):
        walk.log.add("truncated", "png: the file ends before its last chunk does")
    if walk.seen_ihdr and walk.pixel_chunks:
        walk.embedded.pixel_ranges = walk.ranges.joined()


def _read_chunk(walk: _Walk, kind: bytes, start: int, length: int) -> None:
    """One chunk that is read whole: its data is at `start`, declared `length` bytes long."""
    log = walk.log
    read, name, kind_crc = _READERS[kind]
    present = walk.window.size - start
    if present < length:
        log.add("truncated", f"{name}: the chunk is cut off")
    else:
        present = length
    allowed = walk.budget.allow(present, name)
    if allowed == 0 < present:
        return
    data = walk.window.peek(start, allowed + 4)
    data, crc = data[:allowed], data[allowed:]
    if allowed == length and crc != zlib.crc32(data, kind_crc).to_bytes(4, "big"):
        log.add("bad-crc", f"{name}: the checksum does not match")
    read(walk, data)


def _read_ihdr(walk: _Walk, start: int, length: int) -> None:
    data = walk.window.peek(start, _IHDR_LENGTH + 4)
    header, crc = data[: min(length, _IHDR_LENGTH)], data[_IHDR_LENGTH:]
    if len(header) < _IHDR.size or walk.seen_ihdr:
        walk.log.add("png-header-invalid", f"png: IHDR of {length} bytes")
        return
    walk.seen_ihdr = True
    if length == _IHDR_LENGTH and crc != zlib.crc32(header, _IHDR_CRC).to_bytes(4, "big"):
        walk.log.add("bad-crc", "png:IHDR: the checksum does not match")
    embedded = walk.embedded
    embedded.width, embedded.height, depth, colour_type = _IHDR.unpack_from(header)
    if depth not in _DEPTHS.get(colour_type, ()):
        walk.log.add("png-header-invalid", f"png: no such pixels: colour type {colour_type} of {depth} bits")
    embedded.has_alpha = colour_type in _ALPHA_COLOUR_TYPES


def _read_iend(walk: _Walk, _start: int, _length: int) -> None:
    walk.seen_iend = True


def _pass_over(_walk: _Walk, _start: int, _length: int) -> None:
    """Palettes and transparent colours say nothing more."""


def _read_text(walk: _Walk, data: bytes) -> None:
    keyword, separator, text = data.partition(b"\0")
    if not separator:
        walk.log.add("png-chunk-invalid", "png:tEXt: no keyword")
        return
    _add(walk, "tEXt", keyword, _decode(text))


def _read_compressed(walk: _Walk, data: bytes) -> None:
    keyword, separator, rest = data.partition(b"\0")
    if not separator or rest[:1] != b"\0":
        walk.log.add("png-chunk-invalid", "png:zTXt: no keyword or unknown compression method")
        return
    _add(walk, "zTXt", keyword, _decode(walk.budget.inflate(rest[1:], "png:zTXt")))


def _read_international(walk: _Walk, data: bytes) -> None:
    keyword, _, rest = data.partition(b"\0")
    flag, method = rest[:1], rest[1:2]
    pieces = rest[2:].split(b"\0", 2)
    if len(pieces) < 3 or flag not in (b"\0", b"\1") or (flag == b"\1" and method != b"\0"):
        walk.log.add("png-chunk-invalid", "png:iTXt: header incomplete or unknown compression method")
        return
    text = pieces[2]
    if flag == b"\1":
        text = walk.budget.inflate(text, "png:iTXt")
    try:
        value = text.decode()
    except UnicodeDecodeError:
        walk.log.add("text-invalid", f"png:iTXt:{keyword.decode('latin-1')}: not valid UTF-8")
        value = text.decode("utf-8", "replace")
    if keyword == _XMP_KEY_BYTES:
        _read_xmp(walk, text)
    else:
        _add(walk, "iTXt", keyword, value)


def _decode(text: bytes) -> str:
    """Latin-1 by the standard, but many tools write UTF-8: strict UTF-8 first."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _add(walk: _Walk, place: str, keyword: bytes, value: str) -> None:
    key = keyword.decode("latin-1")
    if key.startswith(_RAW_PROFILE):
        _read_raw_profile(walk, key[len(_RAW_PROFILE) :], value)
    elif key == _XMP_KEYWORD:
        _read_xmp(walk, value.encode())
        return
    walk.embedded.add(place, key, value, _CHUNK)


def _read_raw_profile(walk: _Walk, kind: str, value: str) -> None:
    """ImageMagick's way to store a profile: newline, name, length, then hex in lines."""
    lines = value.split(None, 2)
    reader = _PROFILES.get(kind.lower())
    if reader is None or len(lines) < 3:
        return
    try:
        data = binascii.unhexlify("".join(lines[2].split()))
    except ValueError:
        walk.log.add("png-profile-invalid", f"png: raw profile {kind} is not hex")
        return
    reader(walk, data)


def _read_app1(walk: _Walk, data: bytes) -> None:
    if data.startswith(_XMP_PREFIX):
        _read_xmp(walk, data.removeprefix(_XMP_PREFIX))
    else:
        read_exif(data, walk.embedded, walk.log)


def _read_exif_chunk(walk: _Walk, data: bytes) -> None:
    facts = read_exif(data, walk.embedded, walk.log)
    if walk.embedded.orientation == 1:
        walk.embedded.orientation = facts.orientation


def _read_xmp(walk: _Walk, packet: bytes) -> None:
    from extractor.readers.blocks.xmp import read_xmp

    read_xmp(packet, walk.embedded, walk.log)


def _read_iptc(walk: _Walk, data: bytes) -> None:
    """Photoshop's image resources, which hold the IPTC block, or that block alone."""
    from extractor.readers.blocks.iptc import read_iptc, read_photoshop

    read = read_photoshop if data.startswith(_RESOURCE_SIGNATURE) else read_iptc
    read(data, walk.embedded, walk.log)


def _read_c2pa(walk: _Walk, data: bytes) -> None:
    from extractor.readers.blocks.c2pa import add_c2pa

    add_c2pa(data, walk.embedded, walk.log)


_PIXEL_CHUNKS: Final = {b"IHDR": _read_ihdr, b"PLTE": _pass_over, b"tRNS": _pass_over, b"IEND": _read_iend}
"""Chunk that a decoder needs, but for the pixel data itself -> what else it says."""
_READERS: Final = {
    kind.encode(): (reader, f"png:{kind}", zlib.crc32(kind.encode()))
    for kind, reader in {
        "tEXt": _read_text,
        "zTXt": _read_compressed,
        "iTXt": _read_international,
        "eXIf": _read_exif_chunk,
        "caBX": _read_c2pa,
    }.items()
}
"""Chunk that is read whole -> (reader of its data, name in warnings, checksum of its kind)."""
_PROFILES: Final = {
    "exif": _read_app1,
    "app1": _read_app1,
    "xmp": lambda walk, data: _read_xmp(walk, data.removeprefix(_XMP_PREFIX)),
    "iptc": _read_iptc,
    "8bim": _read_iptc,
}
"""Kind of an ImageMagick profile -> reader of its bytes."""
