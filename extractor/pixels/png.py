"""The usual PNG, decoded row by row for the few rows that a hash looks at. Pillow decodes all others.

Only what is sure to be what Pillow would give is taken: 8-bit RGB or RGBA, not interlaced, the chunks IHDR, IDAT and
IEND alone, a right header, exactly as many bytes as the rows have, and a right checksum behind them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from extractor.pixels.canvas import Index, Pixels, Size
from extractor.pixels.scratch import Scratch
from extractor.pixels.ways import INFLATE, ROWS

_START: Final = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_IHDR: Final = struct.Struct(">IIBBBBBI")
_HEADER: Final = struct.Struct(">I4s")
_CRC_BYTES: Final = 4
_CHANNELS: Final = {2: 3, 6: 4}
"""Colour type -> bytes of a pixel."""
_WIDEST: Final = 0x78
"""First byte of a zlib stream with the largest window; isal also takes windows that zlib refuses."""

_SLICE: Final = 32 * 1024
"""Compressed bytes handed on at a time."""
_PIECE: Final = 64 * 1024
"""Inflated bytes taken at a time: they stay in the cache, and larger ones cost page faults."""
_SMALL: Final = 1024
_MOST_SMALL: Final = 64
"""Of more IDAT chunks below 1 KB than these, Pillow is the faster reader."""

_ALPHA_BIT: Final = np.uint32(1 << 24)

_SCRATCH: Final = Scratch()


class _NotUsualError(Exception):
    """A PNG for Pillow."""


class PngRows:
    """Some rows of a PNG, and the lowest bits of its alpha."""

    def __init__(self, size: Size, numbers: Index, pixels: Pixels, bits: NDArray[np.uint8] | None) -> None:
        """`bits`: rows x bytes of eight pixels, the first one highest."""
        self.width, self.height = size
        self.has_alpha = pixels.shape[2] == _CHANNELS[6]
        self.mode = "RGBA" if self.has_alpha else "RGB"
        self._bits = bits
        self._numbers = numbers
        self._pixels = pixels

    def lines(self, rows: Index) -> tuple[Pixels, Index]:
        """See `extractor.pixels.bilinear.SomeRows`; the rows must be among those that were asked for."""
        return self._pixels, np.searchsorted(self._numbers, rows)

    def columns(self, first: int, end: int, samples: tuple[int, ...]) -> NDArray[np.uint8]:
        """See `extractor.pixels.stealth.LowestBits`; there are only those of alpha, and only if they were asked for."""
        if self._bits is None or samples != (3,):
            raise ValueError("these bits were not kept")
        start = first // 8
        bits = np.unpackbits(self._bits[:, start : (end + 7) // 8], axis=1)
        return bits[:, first - 8 * start : end - 8 * start, None]


def decode_rows(stream: BinaryIO, size: Size, wanted: Index, *, with_bits: bool) -> PngRows | None:
    """The rows `wanted` (numbers, ascending) of a PNG that has this size; None where Pillow must decode it.

    `stream` is seekable and holds all that a decoder needs.
    """
    try:
        rows = _Rows(size, _channels(stream, size), wanted, with_bits=with_bits)
        decoder = INFLATE.decompressobj()
        for data in _slices(stream):
            for piece in _inflated(decoder, data):
                rows.add(piece)
        if not decoder.eof:
            return None
        return rows.finished()
    except (_NotUsualError, zlib.error, INFLATE.error):
        return None


def _channels(stream: BinaryIO, size: Size) -> int:
    """Bytes of a pixel, from the header; leaves the stream behind it."""
    stream.seek(0)
    head = stream.read(len(_START) + _IHDR.size)
    if len(head) < len(_START) + _IHDR.size or not head.startswith(_START):
        raise _NotUsualError
    width, height, depth, colour_type, *methods, crc = _IHDR.unpack_from(head, len(_START))
    is_right = (width, height) == size and depth == 8 and not any(methods) and colour_type in _CHANNELS
    if not is_right or crc != zlib.crc32(head[len(_START) - len(b"IHDR") : -_CRC_BYTES]):
        raise _NotUsualError
    return _CHANNELS[colour_type]


def _slices(stream: BinaryIO) -> Iterator[bytes]:
    """The contents of the IDAT chunks, up to IEND."""
    small = 0
    is_first = True
    while True:
        length, kind = _header(stream)
        if kind == b"IEND" and not length:
            return
        small += length < _SMALL
        if kind != b"IDAT" or small > _MOST_SMALL:
            raise _NotUsualError
        while length:
            data = stream.read(min(length, _SLICE))
            if not data or (is_first and data[0] > _WIDEST):
                raise _NotUsualError
            is_first = False
            length -= len(data)
            yield data
        stream.read(_CRC_BYTES)  # Pillow does not look at it either


def _header(stream: BinaryIO) -> tuple[int, bytes]:
    head = stream.read(_HEADER.size)
    if len(head) < _HEADER.size:
        raise _NotUsualError
    length, kind = _HEADER.unpack(head)
    return length, kind


def _inflated(decoder: Any, data: bytes) -> Iterator[bytes]:
    """What comes out when `data` goes in. Nothing may stand behind the end of the stream."""
    if decoder.eof:
        raise _NotUsualError
    while True:
        piece = decoder.decompress(data, _PIECE)
        yield piece
        data = decoder.unconsumed_tail
        # The decoder may hold back bytes although it has taken all.
        if not data and len(piece) < _PIECE:
            break
    if decoder.unused_data:
        raise _NotUsualError


class _Rows:
    """Takes the inflated bytes of a PNG and keeps the rows that are wanted."""

    def __init__(self, size: Size, channels: int, wanted: Index, *, with_bits: bool) -> None:
        if ROWS is None:
            raise _NotUsualError
        self._unfilter = ROWS.unfilter
        self._group, self._padding = ROWS.ROWS, ROWS.PAD
        self._size, self._channels, self._wanted = size, channels, wanted
        width, height = size
        stride = width * channels
        self._line = 1 + stride
        self._left = height * self._line
        most = self._group + _PIECE // self._line
        words = (most * self._line + _PIECE + self._padding) // 8 + 1
        self._raw = memoryview(_SCRATCH.words("raw", 1, words).view(np.uint8)[0])
        self._filled = 0
        pitch = stride + 2 * self._padding
        words = (most + 1) * pitch // 8 + 1
        self._rows = _SCRATCH.words("rows", 1, words).view(np.uint8)[0, : (most + 1) * pitch].reshape(most + 1, pitch)
        self._rows[0] = 0
        self._done = self._kept = 0
        self._numbers: list[int] = [*wanted.tolist(), height]
        self._output = np.empty((len(wanted), stride), dtype=np.uint8)
        has_bits = with_bits and channels == _CHANNELS[6]
        self._bits = np.empty((height, (width + 7) // 8), dtype=np.uint8) if has_bits else None

    def add(self, piece: bytes) -> None:
        """Take the next bytes, at most `_PIECE`."""
        self._left -= len(piece)
        if self._left < 0:
            raise _NotUsualError
        end = self._filled + len(piece)
        self._raw[self._filled : end] = piece
        count = end // self._line
        count -= count % self._group
        if count:
            self._finish(count)
            start = count * self._line
            self._raw[: end - start] = self._raw[start:end]
            end -= start
        self._filled = end

    def finished(self) -> PngRows:
        """All that was kept."""
        if self._left:
            raise _NotUsualError
        if self._filled:
            group = self._group * self._line
            self._raw[self._filled : group] = bytes(group - self._filled)
            self._finish(self._group)
        pixels = self._output.reshape(-1, self._size[0], self._channels)
        return PngRows(self._size, self._wanted, pixels, self._bits)

    def _finish(self, count: int) -> None:
        """Unfilter so many rows."""
        width, height = self._size
        rows, padding = self._rows, self._padding
        if not self._unfilter(self._raw, rows, count, width, self._channels):
            raise _NotUsualError
        below = self._done - 1  # the number of the row that stands above these, in rows[0]
        while (number := self._numbers[self._kept]) < self._done + count and number < height:
            self._output[self._kept] = rows[number - below, padding:-padding]
            self._kept += 1
        if self._bits is not None:
            end = min(self._done + count, height)
            pixels = rows[1 : 1 + end - self._done].view("<u4")[:, padding // 4 : -padding // 4]
            self._bits[self._done : end] = np.packbits(pixels & _ALPHA_BIT != 0, axis=1)
        rows[0] = rows[count]
        self._done += count
