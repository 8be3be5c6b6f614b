"""PNG: tEXt, zTXt, iTXt, eXIf, XMP, ImageMagick's raw profiles and C2PA, wherever they stand."""

from __future__ import annotations

import binascii
from typing import Final

from extractor.containers import png
from extractor.containers.kinds import KINDS
from extractor.embedded import Carrier, Embedded
from extractor.files.bytesource import ByteSource
from extractor.files.pieces import PixelRanges
from extractor.files.window import Window, windowed
from extractor.ledger import Ledger
from extractor.readers.blocks.registry import BlockKind, read_block
from extractor.readers.inflate import inflate

_CHUNK: Final = Carrier.CHUNK
_BEHIND: Final = Carrier.BEHIND
_XMP_KEYWORD: Final = "XML:com.adobe.xmp"
_RAW_PROFILE: Final = "Raw profile type "
_XMP_PREFIX: Final = b"http://ns.adobe.com/xap/1.0/\0"
"""Before a packet that was taken out of a JPEG."""
_RESOURCE_SIGNATURE: Final = b"8BIM"
"""Begins Photoshop's image resources, which hold an IPTC block."""
_BLOCKS: Final[dict[bytes, BlockKind]] = {b"eXIf": "exif", b"caBX": "c2pa"}
_READ: Final = {kind: f"png:{kind.decode()}" for kind in (*png.TEXTS, *_BLOCKS)}
"""Chunk that is read whole -> its name in warnings."""
_PROFILES: Final[dict[str, BlockKind]] = {"exif": "exif", "app1": "exif", "xmp": "xmp", "iptc": "iptc", "8bim": "iptc"}
"""Kind of an ImageMagick profile -> what it holds, unless its first bytes say otherwise."""


def read_png(source: ByteSource, log: Ledger) -> Embedded:
    """Everything a PNG holds but its pixels. A cut or damaged file gives what is readable, with warnings."""
    window = windowed(source)
    reader = _Reader(window, log)
    ranges, size = PixelRanges(len(png.SIGNATURE)), window.size
    has_ended = has_pixels = False
    for chunk in png.walk(window, log):
        kind = chunk.kind
        if kind in _READ:
            reader.read(chunk)
        elif kind in png.DECODED:
            is_pixels = kind == png.PIXELS
            if is_pixels or not has_ended:
                ranges.keep(chunk.offset, chunk.end if chunk.end < size else size)
            has_pixels = has_pixels or is_pixels
            has_ended = reader.is_behind = has_ended or kind == png.END
            if kind == b"IHDR":
                reader.read_header(chunk)
    if reader.has_header and has_pixels:
        reader.embedded.pixel_ranges = ranges.joined()
    return reader.embedded


class _Reader:
    """Turns the chunks of one file into texts."""

    __slots__ = ("_keywords", "_log", "_window", "embedded", "has_header", "is_behind")

    def __init__(self, window: Window, log: Ledger) -> None:
        self._window = window
        self._log = log
        self.embedded = Embedded("png", KINDS["png"].mime)
        self.has_header = False
        self.is_behind = False
        """Whether the picture has ended."""
        self._keywords: set[str] = set()
        """Of the texts before its end."""

    def read(self, chunk: png.Chunk) -> None:
        """One chunk that is read whole."""
        name = _READ[chunk.kind]
        present = min(chunk.length, self._window.size - chunk.data)
        if present < chunk.length:
            self._log.add("truncated", f"{name}: the chunk is cut off")
        allowed = self._log.allow_text(present, name)
        if allowed == 0 < present:
            return
        data = self._window.peek(chunk.data, allowed + 4)
        data, crc = data[:allowed], data[allowed:]
        if allowed == chunk.length and crc != png.checksum(chunk.kind, data):
            self._log.add("bad-crc", f"{name}: the checksum does not match")
        if chunk.kind in _BLOCKS:
            orientation = read_block(_BLOCKS[chunk.kind], data, self.embedded, self._log)
            if self.embedded.orientation == 1:
                self.embedded.orientation = orientation
        else:
            self._read_text(chunk.kind, data)

    def read_header(self, chunk: png.Chunk) -> None:
        """IHDR, of which the first counts."""
        data = self._window.peek(chunk.data, png.IHDR_LENGTH + 4)
        fields, crc = data[: min(chunk.length, png.IHDR_LENGTH)], data[png.IHDR_LENGTH :]
        header = png.parse_header(fields)
        if header is None or self.has_header:
            self._log.add("png-header-invalid", f"png: IHDR of {chunk.length} bytes")
            return
        self.has_header = True
        if chunk.length == png.IHDR_LENGTH and crc != png.checksum(b"IHDR", fields):
            self._log.add("bad-crc", "png:IHDR: the checksum does not match")
        self.embedded.width, self.embedded.height = header.width, header.height
        if not header.is_valid:
            self._log.add(
                "png-header-invalid",
                f"png: no such pixels: colour type {header.colour_type} of {header.depth} bits",
            )
        self.embedded.has_alpha = header.has_alpha

    def _read_text(self, kind: bytes, data: bytes) -> None:
        fields = png.parse_text(kind, data)
        place = kind.decode()
        if fields is None:
            self._log.add("png-chunk-invalid", f"png:{place}: {_INVALID[kind]}")
            return
        key = fields.keyword.decode("latin-1")
        text = inflate(fields.text, f"png:{place}", self._log) if fields.compressed else fields.text
        if kind == b"iTXt":
            self._read_international(key, text)
        else:
            self._add(place, key, _decode(text))

    def _read_international(self, key: str, text: bytes) -> None:
        try:
            value = text.decode()
        except UnicodeDecodeError:
            self._log.add("text-invalid", f"png:iTXt:{key}: not valid UTF-8")
            value = text.decode("utf-8", "replace")
        if key == _XMP_KEYWORD:
            read_block("xmp", text, self.embedded, self._log)
        else:
            self._keep("iTXt", key, value)

    def _add(self, place: str, key: str, value: str) -> None:
        if key.startswith(_RAW_PROFILE):
            self._read_raw_profile(key[len(_RAW_PROFILE) :], value)
        elif key == _XMP_KEYWORD:
            read_block("xmp", value.encode(), self.embedded, self._log)
            return
        self._keep(place, key, value)

    def _keep(self, place: str, key: str, value: str) -> None:
        """Add a text; behind the end of the picture it is a source only if its keyword stands nowhere before."""
        if not self.is_behind:
            self._keywords.add(key)
        repeats = self.is_behind and key in self._keywords
        self.embedded.add(place, key, value, _BEHIND if repeats else _CHUNK)

    def _read_raw_profile(self, name: str, value: str) -> None:
        """ImageMagick's way to store a profile: newline, name, length, then hex in lines."""
        lines = value.split(None, 2)
        kind = _PROFILES.get(name.lower())
        if kind is None or len(lines) < 3:
            return
        try:
            data = binascii.unhexlify("".join(lines[2].split()))
        except ValueError:
            self._log.add("png-profile-invalid", f"png: raw profile {name} is not hex")
            return
        if kind != "iptc" and data.startswith(_XMP_PREFIX):
            kind, data = "xmp", data.removeprefix(_XMP_PREFIX)
        elif kind == "iptc" and data.startswith(_RESOURCE_SIGNATURE):
            kind = "photoshop"
        read_block(kind, data, self.embedded, self._log)


_INVALID: Final = {
    b"tEXt": "no keyword",
    b"zTXt": "no keyword or unknown compression method",
    b"iTXt": "header incomplete or unknown compression method",
}


def _decode(text: bytes) -> str:
    """Latin-1 by the standard, but many tools write UTF-8: strict UTF-8 first."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")
