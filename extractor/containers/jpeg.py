"""JPEG: a tolerant walk over the marker segments before the first scan (ITU-T T.81 annex B, JFIF, Exif).

The entropy-coded data is never read; where it begins, the walk ends.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from extractor.files.window import Window
from extractor.ledger import Ledger

SOI: Final = b"\xff\xd8"
EOI: Final = b"\xff\xd9"
SOS: Final = 0xDA
APP0: Final = 0xE0
APP1: Final = 0xE1
APP2: Final = 0xE2
APP11: Final = 0xEB
APP13: Final = 0xED
APP14: Final = 0xEE
COM: Final = 0xFE
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF0 to SOF15 without DHT, JPG and DAC."""
METADATA: Final = frozenset((*range(APP0, 0xF0), COM))
"""APP0 to APP15 and COM."""
DECODED_APPS: Final = {APP0: b"JFIF\0", APP14: b"Adobe"}
"""Marker -> first bytes of the application segments that tell a decoder how colours are stored."""

_MARKERS: Final = frozenset(bytes((0xFF, code)) for code in range(0x01, 0xFF))
"""FF with what makes it a marker: neither a stuffed zero nor a fill byte."""
_ENDS: Final = (SOS, EOI[1])
"""Where the walk ends."""
_STANDALONE: Final = frozenset((0x01, *range(0xD0, 0xD9)))
"""TEM, RST0 to RST7, SOI: markers without a length."""
_MARKER: Final = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
"""A marker that may follow junk."""
_FRAME: Final = struct.Struct(">BHH")
"""Precision, height, width."""
_OVERHEAD: Final = 4
"""Bytes of a segment before its data: marker and length."""
HEAD: Final = 64
"""Bytes of a segment, from its marker on, that the walk has at hand in the window's block."""
_SCAN_BLOCK: Final = 64 * 1024
_TAIL: Final = 4 * 1024
_FOREIGN: Final = re.compile(rb"\xff[^\x00\xc4\xd0-\xd7\xda\xdc\xdd\xff]", re.DOTALL)
"""What cannot stand in or between scans: bytes with it are no pixel data, and do not show that some is missing."""


_AFTER_PIXELS: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]", re.DOTALL)
"""The marker that ends a run of pixel data."""


class Segment(NamedTuple):
    """One marker segment; that of SOS reaches to the end of the file, with the pixel data."""

    marker: int
    offset: int
    """Of its marker."""
    end: int
    """Where the next one begins, clipped to the file."""

    @property
    def data(self) -> int:
        """Offset of what follows the length."""
        return self.offset + _OVERHEAD


def walk(window: Window, log: Ledger) -> Iterator[Segment]:
    """The segments from SOI to the first SOS, which is the last piece; junk between them is passed over.

    Ends without SOS at EOI, at the end of the file, or at a limit.
    """
    size = window.size
    position = len(SOI)
    junk_left = log.limits.junk_bytes
    for _ in range(log.limits.chunks):
        at = window.find(position, HEAD)
        if window.data[at : at + 2] not in _MARKERS:
            position, junk_left = _find_marker(window, position, junk_left, log)
            at = window.find(position, HEAD)
            if window.data[at : at + 2] not in _MARKERS:  # none, or the file has become shorter meanwhile
                return
        marker = window.data[at + 1]
        if marker in _ENDS:
            if marker == SOS:
                yield Segment(SOS, position, size)
            return
        length = int.from_bytes(window.data[at + 2 : at + 4], "big")
        if marker in _STANDALONE:
            position += 2
        elif length < 2:
            log.add("jpeg-segment-invalid", f"jpeg: a segment of length {length}")
            position += 2
        else:
            start, position = position, position + 2 + length
            yield Segment(marker, start, position if position < size else size)
            if position > size:
                log.add("truncated", "jpeg: a segment is cut off")
    log.limit("chunks", "jpeg: the segments after this one are not read")


def _find_marker(window: Window, position: int, junk_left: int, log: Ledger) -> tuple[int, int]:
    """(where the next marker is after junk or fill bytes, what is left of the limit); no marker: somewhere else."""
    is_junk = False
    while junk_left > 0:
        data = window.read_at(position, min(_SCAN_BLOCK, junk_left + 1))
        if len(data) < 2:
            break
        found = _MARKER.search(data)
        skipped = found.start() if found else len(data) - 1
        is_junk = is_junk or not data.startswith(b"\xff" * skipped)
        position += skipped
        junk_left -= skipped
        if found:
            if is_junk:
                log.add("jpeg-junk", "jpeg: bytes between segments that belong to none")
            return position, junk_left
    if junk_left <= 0:
        log.limit("junk_bytes", "jpeg: no segment is found in these bytes")
    return window.size, junk_left


def frame_size(window: Window, segment: Segment) -> tuple[int, int] | None:
    """(width, height) in a frame header; None when it is cut off."""
    at = window.find(segment.data, _FRAME.size)
    if len(window.data) - at < _FRAME.size:
        return None
    _, height, width = _FRAME.unpack_from(window.data, at)
    return width, height


def picture_end(window: Window, scan: int) -> int | None:
    """Where a picture ends, behind its EOI; None without one. Reads all of it from `scan` on, one of its segments."""
    position = scan
    while len(data := window.read_at(position, _SCAN_BLOCK)) > 1:
        found = _AFTER_PIXELS.search(data)
        if found is None:
            position += len(data) - 1  # the last byte may be the first of a marker
        elif found[0] == EOI:
            return position + found.end()
        else:  # a table, or the next scan
            position += found.end()
            position += max(2, int.from_bytes(window.read_at(position, 2), "big"))
    return None


def is_cut_in_scan(window: Window, scan: int) -> bool:
    """Whether the file ends inside of the pixel data that begins at `scan`; bytes behind the picture are no fault."""
    size = window.size
    if window.read_at(size - 2, 2) == EOI:
        return False
    length = min(size - scan, _TAIL)
    tail = window.read_at(size - length, length)
    return not (EOI in tail or (length == _TAIL and (b"\xff\0" not in tail or _FOREIGN.search(tail))))
