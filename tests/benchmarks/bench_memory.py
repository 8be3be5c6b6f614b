"""What pictures at the pixel limit cost with the hash, by hand: `python tests/benchmarks/bench_memory.py [NAME...]`.

Prints, for every container and shape (1 x N, N x 1, N x N, and the narrowest of which there is a hash), processor
seconds and the peak of memory above the interpreter's, measured in a process of its own (Linux), with the warnings.
NAMEs choose among the containers.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from extractor.limits import DEFAULT_LIMITS
from extractor.pixels.decoder import _DECODER_BYTES
from tests.hostile import probe
from tests.support import IEND, ROOT, SIGNATURE, chunk, ihdr, png

PIXELS = DEFAULT_LIMITS.pixels
Image.MAX_IMAGE_PIXELS = None
_SIDES = {
    "avif 12 bit": 5_900,
    "jpeg": 65_500,
    "progressive": 65_500,
    "webp": 16_383,
    "gif": 65_535,
    "avif": 65_535,
    "heic": 16_384,
    "jxl": 1 << 20,
}
"""The longest side a container can have, or its encoder makes in time or its decoder takes."""


def shapes(longest: int, decoder_bytes: float) -> Iterator[tuple[int, int]]:
    """Shapes of as many pixels as are decoded, as far as the container goes, and the largest square decoded."""
    long = min(PIXELS, longest)
    edge = math.isqrt(PIXELS)
    bounded = math.isqrt(int(DEFAULT_LIMITS.decoder_bytes / decoder_bytes)) if decoder_bytes else edge
    if bounded < edge:
        yield bounded, bounded
    narrow = min(longest, math.isqrt(PIXELS * 120))
    yield from ((1, long), (long, 1), (min(edge, longest),) * 2)
    yield from ((PIXELS // narrow, narrow) if narrow < longest else (narrow // 120, narrow),)


def flat_png(width: int, height: int, colour: int, depth: int, samples: int, *, interlaced: bool = False) -> bytes:
    """A PNG of one colour; as interlaced, its first pass alone."""
    packer = zlib.compressobj(1)
    row = bytes(1 + (width * samples * depth + 7) // 8)
    rows = max(1, (1 << 20) // len(row))
    parts = [packer.compress(row * min(rows, height - top)) for top in range(0, height, rows)]
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    palette = chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    head = ihdr(width, height, depth, colour) if not interlaced else chunk(b"IHDR", header)
    return SIGNATURE + head + palette + chunk(b"IDAT", b"".join(parts) + packer.flush()) + IEND


def bmp(width: int, height: int, *, rle: bool = False) -> bytes:
    """A BMP of 8 bits a pixel; as RLE, one run in each row."""
    rows = (b"\1\5\0\0" * min(height, 60_000_000) + b"\0\1") if rle else bytes((width + 3) // 4 * 4 * height)
    offset = 54 + 1024
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, int(rle), len(rows), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + head + bytes(offset - 54) + rows


def encoded(mode: str, container: str, width: int, height: int, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (width, height)).save(stream, container, **options)
    return stream.getvalue()


def by_tool(*command: str) -> Callable[[int, int], bytes]:
    """What an encoder outside Python makes of a PNG of 16 bits: Pillow writes 8 bits alone in these containers."""

    def make(width: int, height: int) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "a.png"), Path(folder, f"a.{command[-1]}")
            source.write_bytes(flat_png(width, height, 6, 16, 4))
            paths = ["-o", str(target), str(source)] if command[0] == "heif-enc" else [str(source), str(target)]
            subprocess.run([*command[:-1], *paths], check=True, capture_output=True)
            return target.read_bytes()

    return make


KINDS: dict[str, Callable[[int, int], bytes]] = {
    "png rgb": lambda width, height: flat_png(width, height, 2, 8, 3),
    "png rgba": lambda width, height: flat_png(width, height, 6, 8, 4),
    "png rgba16": lambda width, height: flat_png(width, height, 6, 16, 4),
    "png palette": lambda width, height: flat_png(width, height, 3, 8, 1),
    "png grey1": lambda width, height: flat_png(width, height, 0, 1, 1),
    "png grey16": lambda width, height: flat_png(width, height, 0, 16, 1),
    "png interlaced": lambda width, height: flat_png(width, height, 6, 8, 4, interlaced=True),
    "jpeg": lambda width, height: encoded("RGB", "JPEG", width, height),
    "jpeg cmyk": lambda width, height: encoded("CMYK", "JPEG", width, height),
    "progressive": lambda width, height: encoded("RGB", "JPEG", width, height, progressive=True),
    "progressive 4:4:4": lambda width, height: encoded(
        "RGB", "JPEG", width, height, progressive=True, subsampling=0, quality=95
    ),
    "webp": lambda width, height: encoded("RGB", "WEBP", width, height, method=0),
    "webp lossless": lambda width, height: encoded("RGBA", "WEBP", width, height, lossless=True, method=0, quality=0),
    "gif": lambda width, height: encoded("P", "GIF", width, height),
    "bmp": bmp,
    "bmp rle": lambda width, height: bmp(width, height, rle=True),
    "avif": lambda width, height: encoded("RGB", "AVIF", width, height, speed=10),
    "avif 12 bit": by_tool("avifenc", "--speed", "10", "--depth", "12", "avif"),
    "heic": lambda width, height: encoded("RGB", "HEIF", width, height, quality=10),
    "jxl": lambda width, height: encoded("RGB", "JXL", width, height, effort=1),
    "heic 12 bit": by_tool("heif-enc", "-b", "12", "-q", "10", "heic"),
    "jxl 16 bit": by_tool("cjxl", "-e", "1", "jxl"),
}


def measure(path: Path, folder: Path) -> dict[str, Any]:
    warm = folder / "warm.png"
    warm.write_bytes(png())
    done = subprocess.run(
        [sys.executable, str(Path(probe.__file__)), "hash", str(warm), str(path)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
    )
    if done.returncode:
        return {"seconds": math.nan, "megabytes": math.nan, "codes": [done.stderr.strip().splitlines()[-1:]]}
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def main(names: list[str]) -> None:
    with contextlib.suppress(ImportError):
        import pillow_heif

        pillow_heif.register_heif_opener()
    with contextlib.suppress(ImportError):
        import pillow_jxl  # noqa: F401 - registers itself
    print(f"{'':18}{'pixels':>22} {'file':>9} {'seconds':>8} {'memory':>9} {'a pixel':>8}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "picture")
        for kind, make in KINDS.items():
            if names and not any(kind.startswith(name) for name in names):
                continue
            container = kind.partition(" ")[0]
            for width, height in shapes(
                _SIDES.get(kind, _SIDES.get(container, PIXELS)), _DECODER_BYTES.get(container, 0)
            ):
                try:
                    path.write_bytes(make(width, height))
                except (OSError, ValueError, KeyError, RuntimeError, subprocess.CalledProcessError) as error:
                    print(f"{kind:18}{width:>10,} x {height:<10,} cannot be made: {error}")
                    continue
                result = measure(path, Path(folder))
                a_pixel = result["megabytes"] * (1 << 20) / (width * height)
                cost = f"{result['seconds']:>7.1f}s {result['megabytes']:>6.0f} MB {a_pixel:>8.1f}"
                shape = f"{kind:18}{width:>10,} x {height:<10,}{path.stat().st_size / 1e6:>8.1f}M"
                print(shape, cost, "", *result["codes"], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
