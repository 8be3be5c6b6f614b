"""JPEG: EXIF, XMP, IPTC, C2PA and comments before the first scan, and what of the file a decoder needs."""

from __future__ import annotations

from typing import Final

from extractor.containers import jpeg, jpegblocks
from extractor.containers.kinds import KINDS
from extractor.embedded import Carrier, Embedded
from extractor.files.bytesource import ByteSource
from extractor.files.pieces import PixelRanges
from extractor.files.window import Window, windowed
from extractor.ledger import Ledger
from extractor.readers.blocks.registry import BlockKind, read_block
from extractor.text.loose import decode_loose

_BLOCKS: Final[dict[bytes, BlockKind]] = {
    jpegblocks.EXIF: "exif",
    jpegblocks.XMP: "xmp",
    jpegblocks.EXTENDED_XMP: "xmp",
    jpegblocks.JUMBF: "c2pa",
    jpegblocks.PHOTOSHOP: "photoshop",
}


def read_jpeg(source: ByteSource, log: Ledger) -> Embedded:
    """Everything a JPEG holds but its pixels. A cut or damaged file gives what is readable, with warnings."""
    window = windowed(source)
    reader = _Reader(window, log)
    for segment in jpeg.walk(window, log):
        reader.take(segment)
    reader.finish()
    return reader.embedded


class _Reader:
    """Turns the segments of one file into texts."""

    __slots__ = ("_blocks", "_has_frame", "_log", "_ranges", "_scan", "_window", "embedded")

    def __init__(self, window: Window, log: Ledger) -> None:
        self._log = log
        self._window = window
        self._blocks = jpegblocks.BlockCollector()
        self._ranges = PixelRanges(len(jpeg.SOI))
        self._has_frame = False
        self._scan: jpeg.Segment | None = None
        self.embedded = Embedded("jpeg", KINDS["jpeg"].mime)

    def take(self, segment: jpeg.Segment) -> None:
        """The next segment."""
        if segment.marker in jpeg.METADATA:
            self._take_metadata(segment)
        elif segment.marker == jpeg.SOS:
            self._scan = segment
        else:
            self._ranges.keep(segment.offset, segment.end)
            if segment.marker in jpeg.FRAMES and not self._has_frame:
                self._take_frame(segment)

    def finish(self) -> None:
        """Read the collected blocks and settle what a decoder may see."""
        self._read_blocks()
        if self._scan is None:
            self._log.add("truncated", "jpeg: the file ends before its picture begins")
            return
        if jpeg.is_cut_in_scan(self._window, self._scan.offset):
            self._log.add("truncated", "jpeg: the picture ends without an end marker")
        if self._has_frame:
            self._ranges.keep(self._scan.offset, self._scan.end)
            self.embedded.pixel_ranges = self._ranges.joined()

    def _take_frame(self, segment: jpeg.Segment) -> None:
        """The first frame header says the picture's size."""
        size = jpeg.frame_size(self._window, segment)
        if size is not None:
            self._has_frame = True
            self.embedded.width, self.embedded.height = size

    def _take_metadata(self, segment: jpeg.Segment) -> None:
        window, marker = self._window, segment.marker
        at = window.find(segment.data, jpegblocks.SIGNATURE_LENGTH)
        if marker in jpeg.DECODED_APPS and window.data.startswith(jpeg.DECODED_APPS[marker], at):
            self._ranges.keep(segment.offset, segment.end)
        for signature in jpegblocks.SIGNATURES.get(marker, ()):
            if window.data.startswith(signature, at):
                first = segment.data + len(signature)
                allowed = self._log.allow_text(max(segment.end - first, 0), "jpeg: a segment")
                self._blocks.take(signature, window.read_at(first, allowed))
                return

    def _read_blocks(self) -> None:
        has_exif = False
        for signature, data in self._blocks.joined(self._log):
            if signature == jpegblocks.COMMENT:
                value = decode_loose(data)
                if value:
                    self.embedded.add("COM", "", value, Carrier.COMMENT)
                continue
            orientation = read_block(_BLOCKS[signature], data, self.embedded, self._log)
            if signature == jpegblocks.EXIF and data and not has_exif:
                has_exif = True
                self.embedded.orientation = orientation
