"""AVIF and HEIC: size, orientation and the Exif and XMP items, found through the ``meta`` box.

Facts: ISO/IEC 23008-12 (image properties, Annex A: Exif and XMP items), AV1 Image File Format 1.1.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from extractor.containers.bmff import Box, BoxWalker
from extractor.containers.bmffitems import (
    FULL_BOX,
    Construction,
    Item,
    Location,
    items,
    locations,
    property_indices,
    references,
)
from extractor.containers.kinds import KINDS
from extractor.embedded import Embedded
from extractor.errors import CorruptImageError
from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.readers.blocks.registry import read_block
from extractor.readers.bmffmeta import read_uuid_box

_XMP_TYPE: Final = b"application/rdf+xml"
_SIZE: Final = Struct(">4xII")
_CLEAN_APERTURE: Final = Struct(">IIII")
"""Width and height as fractions; the offsets that follow do not matter for the size."""
_ORIENTATIONS: Final = {
    (0, None): 1,
    (1, None): 8,
    (2, None): 3,
    (3, None): 6,
    (0, 0): 4,
    (1, 0): 5,
    (2, 0): 2,
    (3, 0): 7,
    (0, 1): 2,
    (1, 1): 7,
    (2, 1): 4,
    (3, 1): 5,
}
"""(quarter turns anticlockwise of ``irot``, axis of ``imir``: 0 swaps top and bottom) -> EXIF orientation."""


def read_avif(source: ByteSource, log: Ledger) -> Embedded:
    """Everything an AVIF holds but its pixels. Raises `CorruptImageError` when there is no box to read."""
    return _Heif(source, log, Embedded("avif", KINDS["avif"].mime)).read()


def read_heic(source: ByteSource, log: Ledger) -> Embedded:
    """Everything a HEIC or HEIF holds but its pixels. Raises `CorruptImageError` when there is no box to read."""
    return _Heif(source, log, Embedded("heic", KINDS["heic"].mime)).read()


class _Heif:
    """The walk through one file."""

    def __init__(self, source: ByteSource, log: Ledger, embedded: Embedded) -> None:
        self.source = source
        self.log = log
        self.embedded = embedded
        self.what = embedded.container
        self.walker = BoxWalker(source, log, self.what)

    def read(self) -> Embedded:
        """Read the first ``meta`` box and the boxes that stand beside it."""
        meta = None
        for box in self.walker.walk(0, self.source.size):
            if box.kind == b"meta" and meta is None:
                meta = box
                self._meta(box)
            elif box.kind == b"uuid":
                read_uuid_box(self.source, box, self.embedded, self.log)
        if meta is None:
            raise CorruptImageError(f"{self.what}: no meta box, so no picture and no metadata")
        return self.embedded

    def _meta(self, meta: Box) -> None:
        boxes: dict[bytes, Box] = {}
        for box in self.walker.children(meta, FULL_BOX):
            boxes.setdefault(box.kind, box)
        listed = list(items(self.walker, boxes[b"iinf"])) if b"iinf" in boxes else []
        self._picture(boxes, listed)
        self._metadata(boxes, [item for item in listed if item.kind == b"Exif" or item.media_type == _XMP_TYPE])

    def _picture(self, boxes: dict[bytes, Box], listed: list[Item]) -> None:
        """Size, orientation and alpha from the properties of the primary item."""
        primary = self._primary(boxes, listed)
        if primary is None:
            self.log.add("container-invalid", f"{self.what}: no primary item")
            return
        if self.source.size <= self.log.limits.decode_bytes:
            self.embedded.pixel_ranges = ((0, self.source.size),)
        else:
            self.log.limit("decode_bytes", f"{self.what}: the pixels are not decoded")
        inside = {box.kind: box for box in self.walker.children(boxes[b"iprp"])} if b"iprp" in boxes else {}
        if b"ipco" not in inside or b"ipma" not in inside:
            return
        stored = list(self.walker.children(inside[b"ipco"]))
        self.embedded.has_alpha = any(box.kind == b"auxC" and self._is_alpha(box) for box in stored)
        turns, axis, aperture = 0, None, None
        for index in property_indices(self.walker, inside[b"ipma"], primary):
            box = stored[index - 1] if 0 < index <= len(stored) else None
            if box is None:
                continue
            if box.kind == b"ispe":
                self._size(box)
            elif box.kind == b"clap":
                aperture = box
            elif box.kind == b"irot":
                turns = self._first_byte(box) & 3
            elif box.kind == b"imir":
                axis = self._first_byte(box) & 1
        if aperture:
            self._crop(aperture)
        self.embedded.orientation = _ORIENTATIONS[turns, axis]

    def _primary(self, boxes: dict[bytes, Box], listed: list[Item]) -> int | None:
        if b"pitm" in boxes:
            data = self.walker.payload(boxes[b"pitm"])
            if len(data) >= FULL_BOX + 2:
                return int.from_bytes(data[FULL_BOX : FULL_BOX + (4 if data[0] else 2)], "big")
        return next((item.number for item in listed if item.kind not in (b"Exif", b"mime")), None)

    def _size(self, box: Box) -> None:
        data = self.walker.payload(box)
        if len(data) >= _SIZE.size:
            self.embedded.width, self.embedded.height = _SIZE.unpack_from(data)

    def _crop(self, box: Box) -> None:
        """The part of the coded picture that is shown, where it lies within it."""
        data = self.walker.payload(box)
        if len(data) < _CLEAN_APERTURE.size:
            return
        wide, wide_unit, high, high_unit = _CLEAN_APERTURE.unpack_from(data)
        width, height = wide // max(wide_unit, 1), high // max(high_unit, 1)
        if 0 < width <= self.embedded.width and 0 < height <= self.embedded.height:
            self.embedded.width, self.embedded.height = width, height

    def _first_byte(self, box: Box) -> int:
        return int.from_bytes(self.source.read_at(box.start, min(1, box.end - box.start)), "big")

    def _is_alpha(self, box: Box) -> bool:
        urn = self.walker.payload(box)[FULL_BOX:].rstrip(b"\0")
        return urn in (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1")

    def _metadata(self, boxes: dict[bytes, Box], wanted: list[Item]) -> None:
        """Read the Exif and XMP items."""
        if not wanted or b"iloc" not in boxes:
            return
        numbers = {item.number for item in wanted}
        places = locations(self.walker, boxes[b"iloc"], numbers)
        origins: dict[int, int] = {}
        if any(place.construction == Construction.ITEM for place in places.values()) and b"iref" in boxes:
            origins = references(self.walker, boxes[b"iref"], b"iloc")
            missing = {origins[number] for number in places if number in origins} - numbers
            places |= locations(self.walker, boxes[b"iloc"], missing)
        for item in wanted:
            if item.number not in places:
                self.log.add("container-invalid", f"{self.what}: item {item.number} has no place in the file")
                continue
            data = self._data(places[item.number], boxes.get(b"idat"), places.get(origins.get(item.number, -1)))
            read_block("exif-item" if item.kind == b"Exif" else "xmp", data, self.embedded, self.log)

    def _data(self, place: Location, idat: Box | None, origin: Location | None) -> bytes:
        """The bytes of an item, as far as they are there and within the budget."""
        if place.construction == Construction.ITEM:
            if origin is None or origin.construction == Construction.ITEM:
                self.log.add("container-invalid", f"{self.what}: an item points into no other item")
                return b""
            whole = self._data(origin, idat, None)
            return b"".join(whole[offset : offset + length if length else None] for offset, length in place.extents)
        start, end = 0, self.source.size
        if place.construction == Construction.IDAT:
            start, end = (idat.start, idat.end) if idat else (0, 0)
        parts = []
        for offset, length in place.extents:
            present = max(0, end - start - offset)
            if length > present or not present:
                self.log.add("truncated", f"{self.what}: an item lies outside of the file")
            wanted = min(length or present, present)
            parts.append(self.source.read_at(start + offset, self.log.allow_text(wanted, f"{self.what}:item")))
        return b"".join(parts)
