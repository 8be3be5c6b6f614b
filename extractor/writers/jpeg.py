"""JPEG: EXIF in the place of the old one, else behind JFIF; the scan and all other segments byte for byte.

The pictures that a multi-picture index (CIPA DC-007) points to stand behind the main one and move with its length,
so the index is mended.
"""

from __future__ import annotations

import struct
from functools import cached_property
from typing import Final

from extractor.containers import jpeg, jpegblocks
from extractor.containers.tiff import EXIF_PREFIX
from extractor.errors import CorruptImageError, DoesNotFitError
from extractor.files.bytesource import ByteSource
from extractor.files.splice import Splice
from extractor.files.window import Window, windowed
from extractor.ledger import Ledger
from extractor.text.loose import decode_loose
from extractor.writers.holdings import Changes, Holding, HoldingKind, apply, check_whole, read_whole

_MOST_DATA: Final = 65_533
"""Bytes of a segment behind its length."""
MOST_TIFF: Final = _MOST_DATA - len(EXIF_PREFIX)
_KINDS: Final[dict[bytes, HoldingKind]] = {
    jpegblocks.EXIF: "exif",
    jpegblocks.XMP: "xmp",
    jpegblocks.EXTENDED_XMP: "xmp",
    jpegblocks.JUMBF: "c2pa",
    jpegblocks.PHOTOSHOP: "iptc",
    jpegblocks.COMMENT: "text",
}
_PLACES: Final = {"exif": "jpeg:exif", "xmp": "jpeg:xmp", "c2pa": "jpeg:c2pa", "iptc": "jpeg:iptc", "text": "jpeg:COM"}
_JFIF: Final = (b"JFIF\0", b"JFXX\0")
_MPF: Final = b"MPF\0"
_MP_ENTRY_TAG: Final = 0xB002
_MP_ENTRY: Final = 16
_MOST_PICTURES: Final = 1000


class JpegEditor:
    """One JPEG."""

    container = "jpeg"
    most_exif = MOST_TIFF

    def __init__(self, source: ByteSource, log: Ledger) -> None:
        """Raises `CorruptImageError` without a picture, `WriteRefusedError` for more than limits allow."""
        self._source = source
        self._log = log
        self._window = windowed(source)
        self._collector = jpegblocks.BlockCollector()
        self._insert_at = len(jpeg.SOI)
        self._index: jpeg.Segment | None = None
        self.holdings: list[Holding] = []
        self._scan = 0
        in_front = True
        segments = list(jpeg.walk(self._window, log))
        # Junk that follows a segment goes with it: right behind SOI, decoders would not have it.
        ends = [segment.offset for segment in segments[1:]] + [source.size]
        for segment, end in zip(segments, ends, strict=False):
            is_jfif = segment.marker == jpeg.APP0 and self._begins(segment, *_JFIF)
            if in_front and is_jfif and segment.offset == self._insert_at:
                self._insert_at = segment.end
            in_front = in_front and is_jfif
            if segment.marker == jpeg.SOS:
                self._scan = segment.offset
            if segment.marker == jpeg.APP2 and self._index is None and self._begins(segment, _MPF):
                self._index = segment
            self._take(segment, end)
        check_whole(log, "jpeg")
        if not self._scan:
            raise CorruptImageError("jpeg: no picture to write to")
        self.holdings = [
            self._holding(block)
            for block in self._collector.blocks
            if block.signature != jpegblocks.JUMBF or jpegblocks.is_credentials(block.joined(log))
        ]

    @cached_property
    def _end(self) -> int:
        """Where the last of the pictures ends that the file says it has; that of the file, where one has no end."""
        starts = [] if self._index is None else _further_pictures(self._window, self._index)
        end = 0
        for start in (self._scan, *sorted(starts)):
            if start >= end:  # what begins inside of another is not read twice
                found = jpeg.picture_end(self._window, start)
                end = self._source.size if found is None else found
        return end

    @property
    def has_trailing(self) -> bool:
        """Whether bytes that belong to nothing stand behind the end."""
        return self._end < self._source.size

    def _begins(self, segment: jpeg.Segment, *signatures: bytes) -> bool:
        return self._window.read_at(segment.data, 5).startswith(signatures)

    def _take(self, segment: jpeg.Segment, end: int) -> None:
        for signature in jpegblocks.SIGNATURES.get(segment.marker, ()):
            if self._window.peek(segment.data, len(signature)) == signature:
                start = segment.data + len(signature)
                data = read_whole(self._source, start, max(0, segment.end - start), "jpeg: a segment", self._log)
                self._collector.take(signature, data, (segment.offset, end))
                return

    def _holding(self, block: jpegblocks.Block) -> Holding:
        kind = _KINDS[block.signature]
        data = b"" if kind == "c2pa" else block.joined(self._log)
        value = decode_loose(data) if kind == "text" else ""
        return Holding(kind, _PLACES[kind], tuple(block.ranges), data, value=value)

    def rewritten(self, changes: Changes, *, split_exif: bool = False) -> Splice:
        """See `Editor`; with `split_exif`, an EXIF block may go on in further segments."""
        splice = Splice(self._source)
        apply(splice, self.holdings, changes)
        for index, data in changes.replace.items():
            holding = self.holdings[index]
            new = _exif(data, split_exif) if holding.kind == "exif" else _xmp(data)
            splice.replace(*holding.ranges[0], new)
        if changes.exif is not None:
            splice.insert(self._insert_at, _exif(changes.exif, split_exif))
        if changes.xmp is not None:
            splice.insert(self._insert_at, _xmp(changes.xmp))
        if self._index is not None:
            _mend_index(self._window, self._index, splice)
        if changes.cut_trailing:
            splice.delete(self._end, self._source.size)
        return splice


def _segment(marker: int, data: bytes) -> bytes:
    if len(data) > _MOST_DATA:
        raise DoesNotFitError(f"jpeg: {len(data)} bytes do not fit a segment of {_MOST_DATA}")
    return struct.pack(">BBH", 0xFF, marker, 2 + len(data)) + data


def _exif(tiff: bytes, split: bool) -> bytes:
    if len(tiff) > MOST_TIFF and not split:
        raise DoesNotFitError(
            f"jpeg: {len(tiff)} bytes of EXIF do not fit the {MOST_TIFF} of a segment; leave out workflow or graphs, "
            "or let the block go on in further segments, which not every program reads"
        )
    pieces = [tiff[at : at + MOST_TIFF] for at in range(0, len(tiff), MOST_TIFF)]
    return b"".join(_segment(jpeg.APP1, EXIF_PREFIX + piece) for piece in pieces)


def _xmp(packet: bytes) -> bytes:
    return _segment(jpeg.APP1, jpegblocks.XMP + packet)


def _mend_index(window: Window, index: jpeg.Segment, splice: Splice) -> None:
    """Count offsets in the multi-picture index from where it stands now, and the first picture at its new length."""
    start = index.data + len(_MPF)
    data = window.read_at(start, index.end - start)
    entries, order = _mp_entries(data)
    if not order:
        return
    base_shift = splice.shift(start)
    mended = bytearray(data)
    for number, at in enumerate(entries):
        size, offset = struct.unpack_from(order + "II", data, at + 4)
        if number == 0:
            size = max(0, size + splice.shift(min(size, window.size)) - splice.shift(0))
        elif offset:
            offset += splice.shift(start + offset) - base_shift
        struct.pack_into(order + "II", mended, at + 4, size & 0xFFFFFFFF, offset & 0xFFFFFFFF)
    if bytes(mended) != data:
        splice.replace(start, start + len(data), bytes(mended))


def _further_pictures(window: Window, index: jpeg.Segment) -> list[int]:
    """Where the segments begin, behind SOI, of the pictures of a multi-picture index but for the first."""
    start = index.data + len(_MPF)
    data = window.read_at(start, index.end - start)
    entries, order = _mp_entries(data)
    offsets = [struct.unpack_from(order + "I", data, at + 8)[0] for at in entries[1:]]
    return [start + offset + len(jpeg.SOI) for offset in offsets if offset]


def _mp_entries(data: bytes) -> tuple[list[int], str]:
    """(where in the index's TIFF its entries stand, byte order); no order when it is no index."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4], "")
    if not order or len(data) < 10:
        return [], ""
    directory = struct.unpack_from(order + "I", data, 4)[0]
    count = struct.unpack_from(order + "H", data, directory)[0] if directory + 2 <= len(data) else 0
    for at in range(directory + 2, min(directory + 2 + 12 * count, len(data) - 11), 12):
        tag, _, length, place = struct.unpack_from(order + "HHII", data, at)
        if tag == _MP_ENTRY_TAG:
            pictures = min(length // _MP_ENTRY, _MOST_PICTURES)
            return [place + _MP_ENTRY * n for n in range(pictures) if place + _MP_ENTRY * (n + 1) <= len(data)], order
    return [], ""
