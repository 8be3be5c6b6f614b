"""JPEG: a tolerant walk over the marker segments before the first scan (ITU-T T.81 annex B, JFIF, Exif).

The entropy-coded data is never read; where it begins, the walk ends.
"""

from __future__ import annotations

import re
import struct
from typing import Final

from extractor.embedded import Embedded
from extractor.files.bytesource import ByteSource
from extractor.files.pieces import PixelRanges
from extractor.files.window import windowed
from extractor.ledger import Ledger
from extractor.readers.budget import TextBudget
from extractor.readers.jpegblocks import SIGNATURE_LENGTH, SIGNATURES, BlockCollector

_MARKERS: Final = frozenset(bytes((0xFF, code)) for code in range(0x01, 0xFF))
"""FF with what makes it a marker: neither a stuffed zero nor a fill byte."""
_EOI: Final = 0xD9
_SOS: Final = 0xDA
_ENDS: Final = (_SOS, _EOI)
"""Where the walk ends."""
_STANDALONE: Final = frozenset((0x01, *range(0xD0, 0xD9)))
"""TEM, RST0 to RST7, SOI: markers without a length."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF0 to SOF15 without DHT, JPG and DAC."""
_METADATA: Final = frozenset((*range(0xE0, 0xF0), 0xFE))
"""APP0 to APP15 and COM."""
_DECODER_APPS: Final = {0xE0: b"JFIF\0", 0xEE: b"Adobe"}
"""Marker -> first bytes of the application segments that tell a decoder how colours are stored."""

_MARKER: Final = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
"""A marker that may follow junk."""
_FRAME: Final = struct.Struct(">BHH")
"""Precision, height, width."""
_HEADER_LENGTH: Final = 4 + max(SIGNATURE_LENGTH, _FRAME.size)
_SCAN_BLOCK: Final = 64 * 1024
_TAIL: Final = 4 * 1024
_FOREIGN: Final = re.compile(rb"\xff[^\x00\xc4\xd0-\xd7\xda\xdc\xdd\xff]", re.DOTALL)
"""What cannot stand in or between scans: bytes with it are no pixel data, and do not show that some is missing."""


def read_jpeg(source: ByteSource, log: Ledger) -> Embedded:
    """Everything a JPEG holds but its pixels. A cut or damaged file gives what is readable, with warnings."""
    walk = _Walk(source, log)
    walk.run()
    return walk.finish()


class _Walk:
    """The state of one file's walk."""

    __slots__ = ("_blocks", "_budget", "_embedded", "_has_frame", "_junk_left", "_log", "_ranges", "_scan", "_source")

    def __init__(self, source: ByteSource, log: Ledger) -> None:
        self._log = log
        self._source = windowed(source)
        self._budget = TextBudget(log)
        self._embedded = Embedded("jpeg", "image/jpeg")
        self._blocks = BlockCollector(self._embedded, log)
        self._ranges = PixelRanges(2)
        self._junk_left = log.limits.junk_bytes
        self._has_frame = False
        self._scan: int | None = None

    def run(self) -> None:
        """Walk from SOI to the first SOS."""
        window, size, ranges = self._source, self._source.size, self._ranges
        position = 2
        for _ in range(self._log.limits.chunks):
            at = window.find(position, _HEADER_LENGTH)
            if window.data[at : at + 2] not in _MARKERS:
                found = self._find_marker(position)
                if found is None:
                    return
                position = found
                at = window.find(position, _HEADER_LENGTH)
                if window.data[at : at + 2] not in _MARKERS:  # the file has become shorter meanwhile
                    return
            marker = window.data[at + 1]
            if marker in _ENDS:
                self._scan = position if marker == _SOS else None
                return
            length = int.from_bytes(window.data[at + 2 : at + 4], "big")
            if marker in _STANDALONE:
                position += 2
            elif length < 2:
                self._log.add("jpeg-segment-invalid", f"jpeg: a segment of length {length}")
                position += 2
            else:
                start, position = position, position + 2 + length
                end = position if position < size else size
                if marker in _METADATA:
                    self._read_metadata(marker, at, start, end)
                else:
                    ranges.keep(start, end)
                if marker in _FRAMES:
                    self._read_frame(at)
                if position > size:
                    self._log.add("truncated", "jpeg: a segment is cut off")
        self._log.limit("chunks", "jpeg: the segments after this one are not read")

    def finish(self) -> Embedded:
        """Read the collected blocks and settle what a decoder may see."""
        self._blocks.finish()
        if self._scan is None:
            self._log.add("truncated", "jpeg: the file ends before its picture begins")
        else:
            self._check_end(self._scan)
            if self._has_frame:
                self._ranges.keep(self._scan, self._source.size)
                self._embedded.pixel_ranges = self._ranges.joined()
        return self._embedded

    def _find_marker(self, position: int) -> int | None:
        """Offset of the next marker after junk or fill bytes at `position`."""
        is_junk = False
        while self._junk_left > 0:
            data = self._source.read_at(position, min(_SCAN_BLOCK, self._junk_left + 1))
            if len(data) < 2:
                break
            found = _MARKER.search(data)
            skipped = found.start() if found else len(data) - 1
            is_junk = is_junk or not data.startswith(b"\xff" * skipped)
            position += skipped
            self._junk_left -= skipped
            if found:
                if is_junk:
                    self._log.add("jpeg-junk", "jpeg: bytes between segments that belong to none")
                return position
        if self._junk_left <= 0:
            self._log.limit("junk_bytes", "jpeg: no segment is found in these bytes")
        return None

    def _read_frame(self, at: int) -> None:
        """The picture's size, from the first frame header, which is at `at` in the window's block."""
        data = self._source.data
        if not self._has_frame and len(data) - at >= 4 + _FRAME.size:
            self._has_frame = True
            _, self._embedded.height, self._embedded.width = _FRAME.unpack_from(data, at + 4)

    def _read_metadata(self, marker: int, at: int, start: int, end: int) -> None:
        """One application or comment segment from `start` to `end`; its marker is at `at` in the window's block."""
        data = self._source.data
        if marker in _DECODER_APPS and data.startswith(_DECODER_APPS[marker], at + 4):
            self._ranges.keep(start, end)
        for signature in SIGNATURES.get(marker, ()):
            if data.startswith(signature, at + 4):
                first = start + 4 + len(signature)
                allowed = self._budget.allow(max(end - first, 0), "jpeg: a segment")
                self._blocks.take(signature, self._source.read_at(first, allowed))
                return

    def _check_end(self, scan: int) -> None:
        """Warn when the file ends inside of the pixel data; other tools' bytes after the picture are no fault."""
        size = self._source.size
        if self._source.read_at(size - 2, 2) == b"\xff\xd9":
            return
        length = min(size - scan, _TAIL)
        tail = self._source.read_at(size - length, length)
        if b"\xff\xd9" in tail or (length == _TAIL and (b"\xff\0" not in tail or _FOREIGN.search(tail))):
            return
        self._log.add("truncated", "jpeg: the picture ends without an end marker")
