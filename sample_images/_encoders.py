"""Encoders for small pictures, in plain Python: their bytes are the same on every machine and with every library."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence

Colour = tuple[int, int, int]

TILE = 8
"""Side of the squares that the pictures are made of, in pixels."""


class BitWriter:
    """Bits from the least significant one on, as Deflate and lossless WebP want them."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._bits = self._count = 0

    def write(self, value: int, width: int) -> None:
        self._bits |= value << self._count
        self._count += width
        while self._count >= 8:
            self._data.append(self._bits & 0xFF)
            self._bits >>= 8
            self._count -= 8

    def getvalue(self) -> bytes:
        return bytes(self._data) + (bytes([self._bits]) if self._count else b"")


def _steps(codes: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """(extra bits, number of codes) -> (first value, extra bits) of each code."""
    steps, start = [], 0
    for bits, count in codes:
        for _ in range(count):
            steps.append((start, bits))
            start += 1 << bits
    return steps


_LENGTHS = [*((3 + start, bits) for start, bits in _steps([(0, 8), *((bits, 4) for bits in range(1, 6))])), (258, 0)]
_DISTANCES = [(1 + start, bits) for start, bits in _steps([(0, 4), *((bits, 2) for bits in range(1, 14))])]


def deflate(data: bytes) -> bytes:
    """A Deflate stream with the fixed Huffman codes (RFC 1951)."""
    out = BitWriter()
    out.write(0b011, 3)
    seen: dict[bytes, int] = {}
    at = 0
    while at < len(data):
        length, distance = _match(data, at, seen)
        if length < 3:
            _symbol(out, data[at])
            length = 1
        else:
            code = max(index for index, (start, _) in enumerate(_LENGTHS) if start <= length)
            _symbol(out, 257 + code)
            out.write(length - _LENGTHS[code][0], _LENGTHS[code][1])
            code = max(index for index, (start, _) in enumerate(_DISTANCES) if start <= distance)
            out.write(_reversed(code, 5), 5)
            out.write(distance - _DISTANCES[code][0], _DISTANCES[code][1])
        for position in range(at, at + length):
            seen[data[position : position + 3]] = position
        at += length
    _symbol(out, 256)
    return out.getvalue()


def _match(data: bytes, at: int, seen: dict[bytes, int]) -> tuple[int, int]:
    """(length, distance) of the latest place that begins like this one."""
    start = seen.get(data[at : at + 3], -1)
    if start < 0 or at - start > 32768 or at + 3 > len(data):
        return 0, 0
    length = 3
    while length < 258 and at + length < len(data) and data[start + length] == data[at + length]:
        length += 1
    return length, at - start


def _symbol(out: BitWriter, symbol: int) -> None:
    first, code, width = next(
        row for row in ((280, 0xC0, 8), (256, 0, 7), (144, 0x190, 9), (0, 0x30, 8)) if symbol >= row[0]
    )
    out.write(_reversed(code + symbol - first, width), width)


def _reversed(code: int, width: int) -> int:
    return int(f"{code:0{width}b}"[::-1], 2)


def zlib_stream(data: bytes) -> bytes:
    return b"\x78\x01" + deflate(data) + struct.pack(">I", zlib.adler32(data))


def gzip_stream(data: bytes) -> bytes:
    head = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    return head + deflate(data) + struct.pack("<II", zlib.crc32(data), len(data))


def brotli_stream(data: bytes) -> bytes:
    """A Brotli stream of one uncompressed block (RFC 7932, 9.2) and an empty last one."""
    out = BitWriter()
    out.write(0, 1)  # window of 16 bits
    out.write(0, 1)  # not the last block
    out.write(0, 2)  # the length has four nibbles
    out.write(len(data) - 1, 16)
    out.write(1, 1)  # uncompressed
    return out.getvalue() + data + b"\x03"


def mosaic(width: int, height: int, seed: int) -> list[list[Colour]]:
    """Rows of pixels: flat tiles that run from one colour at the top left to another at the bottom right."""
    start = [80 + (seed >> shift & 0x7F) for shift in (0, 7, 14)]
    end = [20 + (seed >> shift & 0xBF) for shift in (21, 11, 3)]
    last = (width - 1) // TILE + (height - 1) // TILE
    colours = [
        tuple(first + (final - first) * step // last for first, final in zip(start, end, strict=True))
        for step in range(last + 1)
    ]
    return [[colours[x // TILE + y // TILE] for x in range(width)] for y in range(height)]  # type: ignore[misc]


def _huffman(table: int, *lengths: int, symbols: bytes) -> bytes:
    return b"\xff\xc4" + struct.pack(">HB", 19 + len(symbols), table) + bytes(lengths).ljust(16, b"\0") + symbols


def jpeg_parts(rows: list[list[Colour]]) -> bytes:
    """What follows the application segments of a baseline JPEG: tables, frame, scan. Each tile is one flat block.

    Every quantiser is 8, so that a block's DC coefficient is its mean; no block has AC coefficients.
    """
    height, width = len(rows), len(rows[0])
    tables = b"\xff\xdb" + struct.pack(">HB", 67, 0) + b"\x08" * 64
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3) + b"\1\x11\0\2\x11\0\3\x11\0"
    tables += _huffman(0x00, 0, 0, 0, 12, symbols=bytes(range(12))) + _huffman(0x10, 1, symbols=b"\0")
    scan = b"\xff\xda" + struct.pack(">HB", 12, 3) + b"\1\0\2\0\3\0" + b"\0\x3f\0"
    bits, before = [], [0, 0, 0]
    for y in range(0, height, TILE):
        for x in range(0, width, TILE):
            for index, value in enumerate(_ycbcr(rows[y][x])):
                difference, before[index] = value - before[index], value
                size = abs(difference).bit_length()
                bits.append(f"{size:04b}")
                if size:
                    bits.append(f"{difference if difference > 0 else difference + (1 << size) - 1:0{size}b}")
                bits.append("0")
    code = "".join(bits)
    code += "1" * (-len(code) % 8)
    return (
        frame + tables + scan + int(code, 2).to_bytes(len(code) // 8, "big").replace(b"\xff", b"\xff\0") + b"\xff\xd9"
    )


def _ycbcr(colour: Colour) -> tuple[int, int, int]:
    """The colour as JFIF defines it, each component less 128."""
    red, green, blue = colour
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return round(luma) - 128, round((blue - luma) * 0.564), round((red - luma) * 0.713)


def webp_lossless(width: int, height: int, seed: int) -> bytes:
    """A VP8L stream: each channel rises from 0, falls from 255 or stays 0, one level a pixel to the right and down.

    All prefix codes have one symbol, so no pixel takes a bit: the predictor adds the same to its left neighbour.
    """
    out = BitWriter()
    out.write(0x2F, 8)
    out.write(width - 1, 14)
    out.write(height - 1, 14)
    out.write(0, 4)  # no alpha, version 0
    out.write(0b111_00_1, 6)  # a transform: predictors, in blocks of 512 pixels
    out.write(0, 1)
    _one_symbol_codes(out, 1, 0, 0, 0, 0)  # mode 1: the left pixel, in the first column the one above
    out.write(0b000, 3)  # no further transform, no colour cache, no groups of codes
    slopes = (1 if seed & 1 else 255, *((0, 1, 255, 0)[seed >> shift & 3] for shift in (4, 8)))
    _one_symbol_codes(out, *slopes, 0, 0)
    return out.getvalue()


def _one_symbol_codes(out: BitWriter, *symbols: int) -> None:
    for symbol in symbols:
        out.write(0b101, 3)  # simple, one symbol, of eight bits
        out.write(symbol, 8)


def lzw_literals(indices: Sequence[int]) -> bytes:
    """A GIF picture of 7-bit indices as LZW codes that never refer back (so the codes stay 8 bits wide)."""
    clear, end, run = 128, 129, 100
    codes: list[int] = []
    for at in range(0, len(indices), run):
        codes += [clear, *indices[at : at + run]]
    data = bytes([*codes, end])
    blocks = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"\x07" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"
