"""Own rows give what Pillow gives, or leave the picture to it."""

from __future__ import annotations

import random
import struct
import zlib
from functools import cache
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from extractor.pixels import png
from extractor.pixels.bilinear import wanted_rows
from extractor.pixels.png import decode_rows
from extractor.pixels.read import StealthMode
from extractor.pixels.stealth import StealthText
from tests.hostile import png_files
from tests.pixels.compare import damaged_png, lines, outcome, packed, random_png, same_both_ways
from tests.support import IEND, SIGNATURE, chunk, ihdr

needs_rows = pytest.mark.skipif(png.ROWS is None, reason="the extension in C is not built")
pytestmark = needs_rows

WIDTH, HEIGHT = 70, 90


@settings(deadline=None, derandomize=True, max_examples=120)
@given(seed=st.integers(0, 1 << 32))
def test_random_pictures_are_the_same_both_ways(seed: int) -> None:
    found = same_both_ways(random_png(random.Random(seed)))
    assert found is not None


@settings(deadline=None, derandomize=True, max_examples=200)
@given(seed=st.integers(0, 1 << 32))
def test_damaged_pictures_are_the_same_both_ways(seed: int) -> None:
    same_both_ways(damaged_png(random.Random(seed)))


@pytest.mark.parametrize("case", png_files.CASES, ids=lambda case: case.name)
def test_hostile_files_are_the_same_both_ways(case: png_files.Case) -> None:
    same_both_ways(case.make())


@cache
def raw(channels: int = 3) -> bytes:
    return lines(random.Random(1), WIDTH, HEIGHT, channels)


def file_of(data: bytes, *, header: bytes | None = None, before: bytes = b"", end: bytes = IEND) -> bytes:
    header = ihdr(WIDTH, HEIGHT) if header is None else header
    return SIGNATURE + header + before + chunk(b"IDAT", data) + end


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("filter", range(5))
@pytest.mark.parametrize(("width", "height"), [(1, 64), (1, 1), (2, 9), (64, 1), (65, 66), (300, 257)])
def test_every_filter(width: int, height: int, filter: int, channels: int) -> None:
    values = random.Random(width)
    rows = b"".join(bytes((filter,)) + values.randbytes(width * channels) for _ in range(height))
    found = same_both_ways(file_of(zlib.compress(rows), header=ihdr(width, height, 8, 2 if channels == 3 else 6)))
    assert found is not None
    assert found.by_rows
    assert found.pixels.hash is not None


def test_the_rows_are_pillows() -> None:
    data = random_png(random.Random(12))
    with Image.open(BytesIO(data)) as image:
        pixels = np.asarray(image)
        height = image.height
        rows = decode_rows(BytesIO(data), image.size, np.arange(height), with_bits=False)
    assert rows is not None
    for wanted in (np.arange(height), np.array([height - 1]), np.array([0, height - 1, 0])):
        lines, places = rows.lines(wanted)
        assert (lines[places] == pixels[wanted]).all()


LEFT_TO_PILLOW = {
    "no compression method but deflate": file_of(
        zlib.compress(raw()), header=chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 1, 0, 0))
    ),
    "interlaced": file_of(
        zlib.compress(raw()), header=chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 1))
    ),
    "sixteen bits": file_of(zlib.compress(bytes((6 * WIDTH + 1) * HEIGHT)), header=ihdr(WIDTH, HEIGHT, 16)),
    "grey": file_of(zlib.compress(bytes((WIDTH + 1) * HEIGHT)), header=ihdr(WIDTH, HEIGHT, 8, 0)),
    "header's checksum": file_of(zlib.compress(raw()), header=ihdr(WIDTH, HEIGHT)[:-1] + b"?"),
    "transparent colour": file_of(zlib.compress(raw()), before=chunk(b"tRNS", b"\0\1\0\2\0\3")),
    "palette": file_of(zlib.compress(raw()), before=chunk(b"PLTE", b"\1\2\3")),
    "unknown filter": file_of(zlib.compress(b"\5" + raw()[1:])),
    "unknown filter in the last row": file_of(zlib.compress(raw()[: -3 * WIDTH - 1] + b"\5" + bytes(3 * WIDTH))),
    "a row too few": file_of(zlib.compress(raw()[: -3 * WIDTH - 1])),
    "a byte too few": file_of(zlib.compress(raw()[:-1])),
    "a byte too many": file_of(zlib.compress(raw() + b"\0")),
    "bytes behind the stream": file_of(zlib.compress(raw()) + b"more"),
    "no checksum": file_of(zlib.compress(raw())[:-4]),
    "wrong checksum": file_of(zlib.compress(raw())[:-1] + b"?"),
    "too large a window": file_of(b"\x88\x1c" + zlib.compress(raw())[2:]),
    "no zlib": file_of(b"nothing"),
    "empty": file_of(b""),
    "no end": file_of(zlib.compress(raw()), end=b""),
    "hundreds of tiny chunks": SIGNATURE
    + ihdr(WIDTH, HEIGHT)
    + b"".join(chunk(b"IDAT", zlib.compress(raw())[at : at + 10]) for at in range(0, len(zlib.compress(raw())), 10))
    + IEND,
}


@pytest.mark.parametrize("name", LEFT_TO_PILLOW)
def test_what_is_left_to_pillow(name: str) -> None:
    found = same_both_ways(LEFT_TO_PILLOW[name])
    assert found is not None
    assert not found.by_rows


def test_the_usual_is_not_left_to_pillow() -> None:
    assert outcome(file_of(zlib.compress(raw()))).by_rows
    assert outcome(file_of(zlib.compress(raw(4)), header=ihdr(WIDTH, HEIGHT, 8, 6))).by_rows


def test_colours_that_may_hold_text_are_left_to_pillow() -> None:
    assert not outcome(file_of(zlib.compress(raw())), StealthMode.ALL).by_rows


def test_a_size_that_the_header_does_not_have() -> None:
    data = file_of(zlib.compress(raw()))
    assert decode_rows(BytesIO(data), (WIDTH, HEIGHT - 1), wanted_rows(HEIGHT - 1, 64), with_bits=False) is None


def test_an_error_of_the_inflater_is_pillows_to_tell() -> None:
    found = outcome(file_of(b"\x78\x9c" + b"\xff" * 50))
    assert [warning.code for warning in found.warnings] == ["pixels-undecodable"]


@pytest.mark.parametrize("inflate", [zlib, png.INFLATE], ids=lambda module: module.__name__)
def test_pieces_that_the_inflater_holds_back(inflate: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long runs come out of few bytes, many pieces after the last has gone in."""
    monkeypatch.setattr(png, "INFLATE", inflate)
    width, height = 3000, 2000
    data = packed(random.Random(1), width, height, 3, bytes((3 * width + 1) * height))
    found = outcome(data)
    assert found.by_rows
    assert found.pixels == outcome(data, own_rows=False).pixels


@pytest.mark.parametrize("size", [(1, 120), (2, 200), (300, 200), (37, 41)])
def test_hidden_text(size: tuple[int, int]) -> None:
    text = "a cat" if size[0] * size[1] > 250 else ""
    payload = b"stealth_pnginfo" + struct.pack(">I", 8 * len(text)) + text.encode()
    bits = "".join(f"{byte:08b}" for byte in payload)
    image = Image.frombytes("RGBA", size, random.Random(1).randbytes(size[0] * size[1] * 4))
    for number, bit in enumerate(bits[: size[0] * size[1]]):
        place = divmod(number, size[1])
        *colours, _ = image.getpixel(place)
        image.putpixel(place, (*colours, 254 | int(bit)))
    stream = BytesIO()
    image.save(stream, "PNG")
    found = same_both_ways(stream.getvalue())
    assert found is not None
    if size[0] * size[1] >= len(bits):
        assert found.pixels.stealth == (StealthText("alpha", text),)


def test_bits_that_nobody_asked_for() -> None:
    data = file_of(zlib.compress(raw(4)), header=ihdr(WIDTH, HEIGHT, 8, 6))
    rows = decode_rows(BytesIO(data), (WIDTH, HEIGHT), np.arange(3), with_bits=False)
    assert rows is not None
    with pytest.raises(ValueError, match="not kept"):
        rows.columns(0, 1, (3,))


def test_memory_does_not_grow_with_the_picture() -> None:
    import tracemalloc

    width, height = 4000, 3000
    data = packed(random.Random(3), width, height, 3, bytes((3 * width + 1) * height))
    stream = BytesIO(data)
    decode_rows(stream, (width, height), wanted_rows(height, 48), with_bits=False)
    tracemalloc.start()
    try:
        rows = decode_rows(stream, (width, height), wanted_rows(height, 48), with_bits=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rows is not None
    assert peak < 0.3 * width * height  # 96 rows are 0.1
