"""Pictures made of noise, and their pixels as the reference takes them."""

from __future__ import annotations

import random

from hypothesis import strategies as st
from PIL import Image

from extractor.ledger import Ledger
from extractor.pixels import bilinear, mipmap
from extractor.pixels.alpha import Premultiplying
from extractor.pixels.bands import PillowRows
from extractor.pixels.canvas import canvas_size
from extractor.pixels.decoder import Decoded
from tests.pixels import reference

SIZES = st.one_of(
    st.tuples(st.integers(1, 200), st.integers(1, 200)),
    st.tuples(st.integers(1, 4), st.integers(64, 500)),
    st.tuples(st.integers(64, 500), st.integers(1, 4)),
    st.sampled_from([(255, 255), (256, 256), (257, 255), (127, 254), (320, 192), (300, 127)]),
).filter(lambda size: all(canvas_size(*size)))


def picture(mode: str, width: int, height: int, seed: int) -> Image.Image:
    """Noise in the upper half, flat colour below, so that rounding and edges both show."""
    channels = len(Image.new(mode, (1, 1)).tobytes())
    data = bytearray(random.Random(seed).randbytes(width * height * channels))
    half = width * (height // 2) * channels
    data[half:] = bytes((seed * 37 + 11) & 0xFF for _ in range(len(data) - half))
    return Image.frombytes(mode, (width, height), bytes(data))


def grid_of(image: Image.Image) -> reference.Grid:
    data = image.convert("RGBA").tobytes()
    pixels = [tuple(data[at : at + 4]) for at in range(0, len(data), 4)]
    return [pixels[at : at + image.width] for at in range(0, len(pixels), image.width)]


DRAWINGS = {"bilinear": bilinear.draw, "mipmap": mipmap.draw}


def rows_of(image: Image.Image, how: Premultiplying = Premultiplying.NEAREST) -> PillowRows:
    return PillowRows(Decoded(image, image.size, 1, how), Ledger())


def drawn(image: Image.Image, orientation: int, scaling: str, how: str = "NEAREST") -> reference.Grid:
    """The canvas that the code under test draws."""
    canvas = DRAWINGS[scaling](rows_of(image, Premultiplying[how]), image.size, orientation)
    return [[(*pixel, 255)[:4] for pixel in row] for row in canvas.tolist()]
