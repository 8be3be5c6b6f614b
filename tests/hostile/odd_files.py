"""Odd files without end: pictures of every shape, colour type and depth, whole, lacking something, or damaged."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any

from PIL import Image

from tests.hostile import jpeg_files, other_files, png_files, text_files
from tests.hostile.png_files import PARAMETERS
from tests.support import IEND, SIGNATURE, chunk, ihdr

Maker = Callable[[], bytes]

SHAPES = (
    *((0, 0), (0, 1), (1, 0), (1, 1), (1, 70), (70, 1), (64, 64), (65, 64), (3, 129), (129, 3), (128, 1), (1, 128)),
    *((1, 5_000), (5_000, 1), (2, 300), (300, 2), (130, 65), (16_383, 2), (2, 16_383)),
)
"""Around the canvas of 64 pixels, and so narrow that there is none."""
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""PNG colour type -> depths."""
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PALETTE = chunk(b"PLTE", bytes(range(256)) * 3)
_TRANSPARENT = {0: bytes(2), 2: bytes(6), 3: b"\0\x80"}
_PATCHES = (b"\0", b"\1", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\1")
_LARGEST = 256 * 1024
"""A seed that is longer is cut out of the middle: headers stand at both ends."""


def pixel_rows(width: int, height: int, bits: int, seed: int = 1) -> bytes:
    """The compressed rows of a PNG."""
    row = b"\0" + random.Random(seed).randbytes((width * bits + 7) // 8)
    return zlib.compress(row * height, 1)


def png_of(shape: tuple[int, int], colour: int, depth: int, *, lacks: str = "") -> bytes:
    """A PNG of noise; `lacks` names what is left out: ``PLTE``, ``IDAT``, ``IEND``, ``half``."""
    pixels = pixel_rows(*shape, _SAMPLES[colour] * depth)
    if lacks == "half":
        pixels = pixels[: len(pixels) // 2]
    parts = [SIGNATURE, ihdr(*shape, depth, colour), PARAMETERS]
    if colour == 3 and lacks != "PLTE":
        parts.append(_PALETTE)
    if colour in _TRANSPARENT and lacks not in ("PLTE", "tRNS"):
        parts.append(chunk(b"tRNS", _TRANSPARENT[colour]))
    if lacks != "IDAT":
        parts.append(chunk(b"IDAT", pixels))
    if lacks != "IEND":
        parts.append(IEND)
    return b"".join(parts)


def encoded(shape: tuple[int, int], mode: str, container: str, **options: Any) -> bytes:
    """A picture as Pillow writes it."""
    stream = io.BytesIO()
    Image.linear_gradient("L").resize(shape).convert(mode).save(stream, container, **options)
    return stream.getvalue()


def bmp_of(width: int, height: int, *, bits: int, compression: int, rows: bytes, colours: int = 0) -> bytes:
    """A BMP with a header of 40 bytes, a palette of greys, and rows as they are given."""
    palette = b"".join(bytes((grey, grey, grey, 0)) for grey in range(colours))
    offset = 54 + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(rows), 0, 0, colours, 0)
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + header + palette + rows


_ENCODED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    *(("JPEG", mode, {"quality": 50}) for mode in ("L", "RGB", "CMYK")),
    *(("JPEG", mode, {"progressive": True}) for mode in ("L", "RGB")),
    *(("WEBP", mode, {"lossless": lossless}) for mode in ("RGB", "RGBA") for lossless in (True, False)),
    *(("GIF", mode, {}) for mode in ("L", "P", "1")),
    *(("BMP", mode, {}) for mode in ("1", "L", "P", "RGB")),
    *(("TIFF", mode, {}) for mode in ("1", "L", "RGB", "RGBA", "CMYK")),
    *(("PNG", mode, {}) for mode in ("1", "LA", "I;16")),
)


def makers() -> dict[str, Maker]:
    """Name -> a file that is not damaged at random; all are below a few megabytes."""
    found: dict[str, Maker] = {}
    for shape, colour in product(SHAPES, DEPTHS):
        for depth in DEPTHS[colour]:
            for lacks in ("", "PLTE", "tRNS", "IDAT", "IEND", "half"):
                found[f"png {shape} {colour} {depth} {lacks}"] = partial(png_of, shape, colour, depth, lacks=lacks)
    for shape, (container, mode, options) in product(SHAPES, _ENCODED):
        if all(shape):
            found[f"{container} {shape} {mode} {options}"] = partial(encoded, shape, mode, container, **options)
    found["AVIF"] = partial(encoded, (80, 70), "RGBA", "AVIF", speed=10)
    for bits, compression, rows in product(
        (1, 4, 8, 16, 24, 32), range(7), (b"", b"\1\5\0\0" * 9, b"\0\2\xff\xff\0\1")
    ):
        found[f"bmp {bits} {compression} {rows[:4]!r}"] = partial(
            bmp_of, 70, 66, bits=bits, compression=compression, rows=rows, colours=1 << bits if bits <= 8 else 0
        )
    for case in (*png_files.CASES, *text_files.CASES, *jpeg_files.CASES, *other_files.CASES):
        found[case.name] = case.make
    return found


def mutations(data: bytes, chance: random.Random, *, cuts: int, changes: int) -> Iterator[bytes]:
    """The bytes cut short, and with a few of them changed."""
    for _ in range(cuts):
        # Most headers stand at the begin: cut there more often than elsewhere.
        yield data[: int(len(data) * chance.random() ** 3)]
    for _ in range(changes):
        changed = bytearray(data)
        for _ in range(chance.choice((1, 1, 2, 8))):
            at = int(len(data) * chance.random() ** 2)
            patch = chance.choice(_PATCHES) if chance.random() < 0.5 else chance.randbytes(1)
            changed[at : at + len(patch)] = patch
        yield bytes(changed)


def odd_files(count: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of so many files, the same ones for the same seed: each kind first whole, then damaged."""
    chance = random.Random(seed)
    kinds = makers()
    names = sorted(kinds)
    chance.shuffle(names)
    left = count
    while left > 0:
        for name in names[:left]:
            data = kinds[name]()
            if len(data) > _LARGEST:
                data = data[: _LARGEST // 2] + data[-_LARGEST // 2 :]
            if left < count - len(names) or chance.random() < 0.5:
                data = next(mutations(data, chance, cuts=int(chance.random() < 0.2), changes=1))
            yield f"{count - left} {name}", data
            left -= 1
