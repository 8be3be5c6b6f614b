"""PNGs read in both ways, by the extensions in C and by Pillow and numpy: ``python -m tests.pixels.compare [SECONDS]``.

Whatever the bytes, the hash, the hidden texts and the warnings must be the same. Run as a program it goes on with
random pictures, damaged ones and hostile files until the time is up (default 60 s): with an extension that was built
with sanitisers, this is what they watch. The seed is fixed: every run begins with the same pictures.
"""

from __future__ import annotations

import random
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from extractor import ExtractorError
from extractor.files.bytesource import BytesSource
from extractor.files.pieces import RangesStream
from extractor.ledger import ExtractionWarning, Ledger
from extractor.pixels import bilinear, png
from extractor.pixels.read import Pixels, StealthMode, read_pixels
from extractor.pixels.ways import png_way
from extractor.readers.registry import read_embedded
from tests.hostile import png_files
from tests.support import IEND, SIGNATURE, chunk, ihdr

FILTERS = (0, 1, 2, 3, 4)


class Outcome(NamedTuple):
    pixels: Pixels
    warnings: list[ExtractionWarning]
    by_rows: bool
    """Whether own rows did it."""


def outcome(data: bytes, stealth: StealthMode = StealthMode.ALPHA, *, own_rows: bool = True) -> Outcome:
    """What the pixels of a PNG give, through our reader as files come."""
    log = Ledger()
    embedded = read_embedded(BytesSource(data), log)
    stream = RangesStream(BytesSource(data), embedded.pixel_ranges or ())
    log = Ledger()
    made: list[object] = []
    decode_rows = png.decode_rows

    def watched(*arguments: object, **options: object) -> object:
        made.append(decode_rows(*arguments, **options))
        return made[-1]

    with (
        patch.object(png, "ROWS", png.ROWS if own_rows else None),
        patch.object(bilinear, "SAMPLING", bilinear.SAMPLING if own_rows else None),
        patch("extractor.pixels.read.decode_rows", watched),
    ):
        pixels = read_pixels(
            stream,  # type: ignore[arg-type]
            embedded.container,
            width=embedded.width,
            height=embedded.height,
            orientation=embedded.orientation,
            stealth=stealth,
            log=log,
            limits=log.limits,
        )
    return Outcome(pixels, log.items, any(made))


def same_both_ways(data: bytes) -> Outcome | None:
    """What both ways give; None for what is no file to decode. Raises AssertionError where they differ."""
    try:
        ours = outcome(data)
    except ExtractorError:
        return None
    theirs = outcome(data, own_rows=False)
    assert (ours.pixels, ours.warnings) == (theirs.pixels, theirs.warnings)
    assert not theirs.by_rows
    return ours


def lines(values: random.Random, width: int, height: int, channels: int) -> bytes:
    """The filtered rows of a picture: noise, flat runs and ramps, under filters in runs."""
    rows = []
    kind = 4
    for _ in range(height):
        if values.random() < 0.4:
            kind = values.choice(FILTERS)
        length = width * channels
        row = values.choice(
            (values.randbytes(length), bytes(length), bytes(values.choices((0, 1, 128, 255), k=length)))
        )
        rows.append(bytes((kind,)) + row)
    return b"".join(rows)


def packed(values: random.Random, width: int, height: int, channels: int, raw: bytes) -> bytes:
    """A PNG of these rows, its pixel data cut into random chunks."""
    data = zlib.compress(raw, values.choice((0, 1, 6, 9)))
    cuts = sorted(values.choices(range(len(data) + 1), k=values.choice((0, 0, 1, 3, 80))))
    parts = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    header = ihdr(width, height, 8, 2 if channels == 3 else 6)
    return SIGNATURE + header + b"".join(chunk(b"IDAT", part) for part in parts) + IEND


def random_png(values: random.Random, edge: int = 400) -> bytes:
    """An RGB or RGBA picture with edges of 1 to `edge` pixels."""
    width, height = (values.choice((values.randint(1, 20), values.randint(1, edge))) for _ in range(2))
    channels = values.choice((3, 4))
    return packed(values, width, height, channels, lines(values, width, height, channels))


def damaged_png(values: random.Random) -> bytes:
    """One that lies about its rows, or with wrong bytes somewhere."""
    width, height, channels = values.randint(1, 60), values.randint(1, 60), values.choice((3, 4))
    raw = lines(values, width, height, channels)
    if values.random() < 0.5:
        place = values.randrange(len(raw) + 1)
        end = place + values.choice((0, 0, 1, 30))
        raw = raw[:place] + values.randbytes(values.choice((0, 1, 1, 30))) + raw[end:]
        return packed(values, width, height, channels, raw)
    data = bytearray(packed(values, width, height, channels, raw))
    for _ in range(values.choice((1, 1, 2, 8))):
        data[values.randrange(8, len(data))] = values.randrange(256)
    return bytes(data[: values.choice((len(data), values.randrange(len(data)) + 1))])


def files(values: random.Random) -> Iterator[bytes]:
    """The hostile PNGs, then random and damaged ones without end."""
    for case in png_files.CASES:
        yield case.make()
    while True:
        yield random_png(values)
        yield from (damaged_png(values) for _ in range(5))


def abuse(values: random.Random) -> None:
    """The extensions themselves, with buffers and numbers of any size: they refuse them or stay inside."""
    numbers = (-1, 0, 1, 3, 4, 8, 16, 31, 2**31, 2**62, values.randrange(100))
    if png.ROWS is not None:
        for _ in range(50):
            raw = values.randbytes(values.choice((0, 15, 16, 17, 100, 3000)))
            rows = bytearray(values.choice((0, 100, 400, 5000)))
            with suppress(ValueError):
                png.ROWS.unfilter(raw, rows, *(values.choice(numbers) for _ in range(3)))
    if bilinear.SAMPLING is not None:
        for _ in range(50):
            pixels = values.randbytes(values.choice((0, 1, 11, 12, 100, 3000)))
            axes = [_axis(values) for _ in range(2)]
            channels = values.choice((3, 4, values.choice(numbers)))
            canvas = bytearray(len(axes[0][0]) * len(axes[1][0]) // 4 * channels if channels in (3, 4) else 7)
            arguments = (*axes[0], *axes[1], canvas, channels)
            with suppress(ValueError):
                bilinear.SAMPLING.draw(pixels, values.choice(numbers), values.choice((3, 4, 5)), *arguments)


def _axis(values: random.Random) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Places, some of them outside, and their weights, sometimes too few."""
    places = np.array(values.choices((0, 0, 1, 2, values.choice((-1, 3, 2**62))), k=values.choice((0, 2, 3, 8))))
    return places.astype(np.intp), np.full(max(0, len(places) - values.choice((0, 0, 0, 1))), 0.5)


def main(seconds: float) -> None:
    """Go on until the time is up."""
    print(f"PNG pixels: {png_way()}")
    values = random.Random(20)
    end = time.monotonic() + seconds
    total = by_rows = 0
    for data in files(values):
        found = same_both_ways(data)
        total += 1
        by_rows += found is not None and found.by_rows
        if total % 10 == 0:
            abuse(values)
        if time.monotonic() > end:
            break
    print(f"{total} files the same both ways, {by_rows} of them by own rows")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60)
