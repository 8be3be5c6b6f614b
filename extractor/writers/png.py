"""PNG and APNG: text chunks behind IHDR, everything else byte for byte where it stands."""

from __future__ import annotations

import binascii
from typing import Final

from extractor.containers import png
from extractor.containers.tiff import EXIF_PREFIX, after_exif_prefix
from extractor.errors import CorruptImageError, DoesNotFitError, WriteRefusedError
from extractor.files.bytesource import ByteSource
from extractor.files.splice import Splice
from extractor.files.window import windowed
from extractor.ledger import Ledger
from extractor.readers.inflate import inflate
from extractor.text.loose import decode_loose
from extractor.writers.holdings import Changes, Holding, HoldingKind, apply, check_whole, gaps, read_whole

_XMP_KEYWORD: Final = "XML:com.adobe.xmp"
_RAW_PROFILE: Final = "raw profile type "
_PROFILES: Final[dict[str, HoldingKind]] = {
    "exif": "exif",
    "app1": "exif",
    "xmp": "xmp",
    "iptc": "iptc",
    "8bim": "iptc",
}
_XMP_PREFIX: Final = b"http://ns.adobe.com/xap/1.0/\0"
_RAW: Final = "raw:"
"""Begins `Holding.form` of a raw profile; its keyword follows."""
_MOST: Final = (1 << 31) - 1
_KEYWORD: Final = 79
_HEX_LINE: Final = 72


class PngEditor:
    """One PNG."""

    container = "png"
    most_exif = _MOST

    def __init__(self, source: ByteSource, log: Ledger) -> None:
        """Raises `CorruptImageError` without IHDR, `WriteRefusedError` for more than limits allow."""
        self._source = source
        self._log = log
        self._after_header = 0
        self._first_pixels = source.size
        self.holdings: list[Holding] = []
        window = windowed(source)
        ended = 0
        for chunk in png.walk(window, log):
            if chunk.kind == png.END and not ended:
                ended = chunk.end
            if chunk.kind == b"IHDR" and not self._after_header:
                self._after_header = min(chunk.end, source.size)
            elif chunk.kind == png.PIXELS:
                self._first_pixels = min(self._first_pixels, chunk.offset)
            holding = self._holding(chunk)
            if holding is not None:
                self.holdings.append(holding)
        if not self._after_header:
            raise CorruptImageError("png: no IHDR, so no place for a text")
        check_whole(log, "png")
        self._ended = min(ended or source.size, source.size)
        self._gaps = gaps(self.holdings, self._ended, source.size)
        self.has_trailing = bool(self._gaps)

    def _holding(self, chunk: png.Chunk) -> Holding | None:
        ranges = ((chunk.offset, min(chunk.end, self._source.size)),)
        place = f"png:{chunk.kind.decode('latin-1')}"
        if chunk.kind == b"caBX":
            return Holding("c2pa", place, ranges)
        if chunk.kind != b"eXIf" and chunk.kind not in png.TEXTS:
            return None
        length = max(0, min(chunk.length, self._source.size - chunk.data))
        data = read_whole(self._source, chunk.data, length, place, self._log)
        if chunk.kind == b"eXIf":
            return Holding("exif", place, ranges, after_exif_prefix(data))
        return self._text(chunk.kind, data, place, ranges)

    def _text(self, kind: bytes, data: bytes, place: str, ranges: tuple[tuple[int, int], ...]) -> Holding:
        fields = png.parse_text(kind, data)
        if fields is None:
            return Holding("text", place, ranges, data, value=decode_loose(data))
        text = inflate(fields.text, place, self._log) if fields.compressed else fields.text
        key = fields.keyword.decode("latin-1")
        place = f"{place}:{key}"
        if key == _XMP_KEYWORD:
            return Holding("xmp", place, ranges, text)
        profile = key[len(_RAW_PROFILE) :].lower() if key.lower().startswith(_RAW_PROFILE) else ""
        block = _profile(text) if profile in _PROFILES else b""
        if block:
            kind_of = _PROFILES[profile]
            if kind_of == "exif" and block.startswith(_XMP_PREFIX):
                kind_of = "xmp"
            block = block.removeprefix(_XMP_PREFIX) if kind_of == "xmp" else after_exif_prefix(block)
            return Holding(kind_of, place, ranges, block, key, decode_loose(text), form=_RAW + key)
        return Holding("text", place, ranges, text, key, decode_loose(text))

    def rewritten(self, changes: Changes, *, split_exif: bool = False) -> Splice:
        """See `Editor`."""
        splice = Splice(self._source)
        apply(splice, self.holdings, changes)
        for index, data in changes.replace.items():
            holding = self.holdings[index]
            splice.replace(*holding.ranges[0], _encoded(holding, data))
        for start, end in self._gaps if changes.cut_trailing else ():
            splice.delete(start, end)
        for chunk in changes.chunks:
            splice.insert(self._after_header, chunk)
        for keyword, text in changes.texts:
            splice.insert(self._after_header, text_chunk(keyword, text))
        if changes.xmp is not None:
            splice.insert(self._after_header, _international(_XMP_KEYWORD.encode(), changes.xmp))
        if changes.exif is not None:
            splice.insert(self._first_pixels, _chunk(b"eXIf", changes.exif))
        return splice


def text_chunk(keyword: str, text: str) -> bytes:
    """The chunk that every reader decodes alike: tEXt for ASCII, plain iTXt for all else.

    Raises `WriteRefusedError` for what a PNG cannot say: a NUL, a keyword that is none.
    """
    try:
        key = keyword.encode("latin-1")
    except UnicodeEncodeError:
        raise WriteRefusedError(f"png: {keyword!r} is no keyword: it is not Latin-1") from None
    if not 0 < len(key) <= _KEYWORD or "\0" in keyword or "\0" in text:
        raise WriteRefusedError("png: a keyword of 1 to 79 characters and a text without NUL are needed")
    if text.isascii():
        return _chunk(b"tEXt", b"\0".join((key, text.encode())))
    return _international(key, text.encode("utf-8", "replace"))


def _international(key: bytes, text: bytes) -> bytes:
    return _chunk(b"iTXt", key + b"\0\0\0\0\0" + text)


def _chunk(kind: bytes, data: bytes) -> bytes:
    if len(data) > _MOST:
        raise DoesNotFitError(f"png: a chunk of {len(data)} bytes")
    return png.make_chunk(kind, data)


def _encoded(holding: Holding, data: bytes) -> bytes:
    """A block in the form in which the file had it."""
    if holding.form.startswith(_RAW):
        block = (EXIF_PREFIX if holding.kind == "exif" else b"") + data
        digits = binascii.hexlify(block).decode()
        lines = "\n".join(digits[at : at + _HEX_LINE] for at in range(0, len(digits), _HEX_LINE))
        name = holding.key[len(_RAW_PROFILE) :]
        return text_chunk(holding.key, f"\n{name}\n{len(block):8}\n{lines}\n")
    if holding.kind == "xmp":
        return _international(_XMP_KEYWORD.encode(), data)
    return _chunk(b"eXIf", data)


def _profile(text: bytes) -> bytes:
    """The bytes of an ImageMagick profile: name, length, then hex in lines; empty when it is none."""
    lines = decode_loose(text).split(None, 2)
    try:
        return binascii.unhexlify("".join(lines[2].split())) if len(lines) == 3 else b""
    except ValueError:
        return b""
