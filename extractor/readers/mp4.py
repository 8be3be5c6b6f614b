"""MP4, M4V and QuickTime: size and the texts of their three kinds of metadata; pictures are never decoded.

Facts: ISO/IEC 14496-12 (boxes), Apple's QuickTime File Format (``udta`` strings, ``keys`` + ``ilst``) and the
iTunes ``ilst`` that FFmpeg and others write.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from extractor.containers.bmff import Box, BoxWalker
from extractor.containers.fields import Fields
from extractor.containers.kinds import KINDS
from extractor.embedded import Carrier, Embedded
from extractor.errors import CorruptImageError
from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.readers.blocks.registry import read_block
from extractor.readers.bmffmeta import read_uuid_box
from extractor.text.loose import decode_loose, decode_name

_MIMES: Final = {b"qt  ": "video/quicktime", b"M4V ": "video/x-m4v"}
"""Major brand -> MIME type, where it is not that of MP4."""
_FULL_BOX: Final = 4

_TAG_NAMES: Final = {
    b"\xa9ART": "artist",
    b"\xa9alb": "album",
    b"\xa9aut": "author",
    b"\xa9cmt": "comment",
    b"\xa9cpy": "copyright",
    b"\xa9day": "date",
    b"\xa9des": "description",
    b"\xa9dir": "director",
    b"\xa9gen": "genre",
    b"\xa9inf": "information",
    b"\xa9key": "keywords",
    b"\xa9lyr": "lyrics",
    b"\xa9mak": "make",
    b"\xa9mod": "model",
    b"\xa9nam": "title",
    b"\xa9swr": "software",
    b"\xa9too": "encoder",
    b"\xa9wrt": "composer",
    b"\xa9xyz": "location",
    b"cprt": "copyright",
    b"desc": "description",
    b"ldes": "synopsis",
}
"""Four letters -> the key of our texts; others keep their letters."""
_FREE_FORM: Final = b"----"
_APPLE_PREFIX: Final = "com.apple.quicktime."

_DATA_HEADER: Final = Struct(">II")
"""Type and locale of an ``ilst`` value."""
_UNSPECIFIED: Final = 0
"""A data type that is text for some writers and a binary record for others."""
_UTF8_TYPES: Final = (_UNSPECIFIED, 1, 4)
_UTF16_TYPES: Final = (2, 5)

_TRACK_HEADERS: Final = {0: Struct(">40x9iII"), 1: Struct(">52x9iII")}
"""Version -> transformation matrix, width and height, the last two in 1/65,536."""
_ORIENTATIONS: Final = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}
"""Signs of the matrix elements a, b, c, d -> EXIF orientation."""


def read_mp4(source: ByteSource, log: Ledger) -> Embedded:
    """Everything a video says of itself. Raises `CorruptImageError` when it has no ``moov`` box to say it in."""
    brand = source.read_at(8, 4) if source.read_at(4, 4) == b"ftyp" else b"qt  "
    return _Mp4(source, log, Embedded("mp4", _MIMES.get(brand, KINDS["mp4"].mime))).read()


class _Mp4:
    """The walk through one file."""

    def __init__(self, source: ByteSource, log: Ledger, embedded: Embedded) -> None:
        self.source = source
        self.log = log
        self.embedded = embedded
        self.walker = BoxWalker(source, log, "mp4")

    def read(self) -> Embedded:
        """Hop over the top level and read ``moov`` wherever it stands."""
        found = False
        for box in self.walker.walk(0, self.source.size):
            if box.kind == b"moov":
                found = True
                self._movie(box)
            elif box.kind == b"meta":
                self._meta(box)
            elif box.kind == b"uuid":
                read_uuid_box(self.source, box, self.embedded, self.log)
        if not found and not self.embedded.texts:
            raise CorruptImageError("mp4: no moov box, so neither size nor metadata")
        return self.embedded

    def _movie(self, moov: Box) -> None:
        for box in self.walker.children(moov):
            if box.kind == b"trak":
                self._track(box)
            elif box.kind == b"udta":
                self._user_data(box)
            elif box.kind == b"meta":
                self._meta(box)

    def _track(self, trak: Box) -> None:
        header = b""
        is_video = False
        for box in self.walker.children(trak):
            if box.kind == b"tkhd":
                header = self.walker.payload(box)
            elif box.kind == b"mdia":
                is_video = any(
                    inner.kind == b"hdlr" and self.source.read_at(inner.start + 8, 4) == b"vide"
                    for inner in self.walker.children(box)
                )
            elif box.kind == b"udta":
                self._user_data(box)
            elif box.kind == b"meta":
                self._meta(box)
        if is_video and not self.embedded.width:
            self._size(header)

    def _size(self, header: bytes) -> None:
        layout = _TRACK_HEADERS.get(header[0]) if header else None
        if layout is None or len(header) < layout.size:
            self.log.add("container-invalid", "mp4: no track header to take the size from")
            return
        a, b, _, c, d, _, _, _, _, width, height = layout.unpack_from(header)
        self.embedded.width, self.embedded.height = width >> 16, height >> 16
        self.embedded.orientation = _ORIENTATIONS.get((_sign(a), _sign(b), _sign(c), _sign(d)), 1)

    def _user_data(self, udta: Box) -> None:
        for box in self.walker.children(udta):
            if box.kind == b"meta":
                self._meta(box)
            elif box.kind == b"XMP_":
                read_block("xmp", self._text_bytes(box, "mp4:udta:XMP_"), self.embedded, self.log)
            elif box.kind.startswith(b"\xa9"):
                self._strings(box)

    def _strings(self, box: Box) -> None:
        """QuickTime's international text: length, language, text; once for each language."""
        key = _tag_name(box.kind)
        fields = Fields(self._text_bytes(box, f"mp4:udta:{key}"))
        while not fields.exhausted and self.walker.spend(1):
            length = fields.integer(2)
            fields.skip(2)
            value = decode_loose(fields.take(length))
            if value:
                self.embedded.add("udta", key, value, Carrier.CHUNK)

    def _meta(self, meta: Box) -> None:
        # A full box in MP4, a plain one in QuickTime, where its first child follows at once.
        plain = self.source.read_at(meta.start + 4, 4) == b"hdlr"
        names: list[str] = []
        for box in self.walker.children(meta, 0 if plain else _FULL_BOX):
            if box.kind == b"keys":
                names = self._key_names(box)
            elif box.kind == b"ilst":
                for item in self.walker.children(box):
                    self._item(item, names)

    def _key_names(self, keys: Box) -> list[str]:
        fields = Fields(self.walker.payload(keys))
        fields.skip(_FULL_BOX)
        names: list[str] = []
        for _ in range(fields.integer(4)):
            if fields.exhausted or not self.walker.spend(1):
                break
            size = fields.integer(4)
            fields.skip(4)
            name = decode_name(fields.take(max(0, size - 8)), self.log, "mp4:keys")
            names.append(name.removeprefix(_APPLE_PREFIX).lower())
        return names

    def _item(self, item: Box, names: list[str]) -> None:
        index = int.from_bytes(item.kind, "big")
        key = names[index - 1] if 0 < index <= len(names) else _tag_name(item.kind)
        for box in self.walker.children(item):
            if box.kind == b"name" and item.kind == _FREE_FORM:
                key = decode_name(self.walker.payload(box)[_FULL_BOX:], self.log, "mp4:ilst").lower()
            elif box.kind == b"data":
                self._value(box, key)

    def _value(self, box: Box, key: str) -> None:
        data = self.source.read_at(box.start, min(_DATA_HEADER.size, box.end - box.start))
        if len(data) < _DATA_HEADER.size:
            return
        kind, _ = _DATA_HEADER.unpack(data)
        if kind not in _UTF8_TYPES and kind not in _UTF16_TYPES:
            return
        text = self._text_bytes(box._replace(start=box.start + _DATA_HEADER.size), f"mp4:ilst:{key}")
        value = text.decode("utf-16-be", "replace") if kind in _UTF16_TYPES else decode_loose(text)
        if value and (kind != _UNSPECIFIED or "\0" not in value):
            self.embedded.add("ilst", key, value, Carrier.CHUNK)

    def _text_bytes(self, box: Box, what: str) -> bytes:
        return self.source.read_at(box.start, self.log.allow_text(box.end - box.start, what))


def _tag_name(kind: bytes) -> str:
    letters = kind.decode("latin-1")
    return _TAG_NAMES.get(kind) or (letters.lower() if letters.isprintable() else str(int.from_bytes(kind, "big")))


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
