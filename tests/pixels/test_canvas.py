from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from extractor.ledger import Ledger
from extractor.pixels import bands, halving
from extractor.pixels.bands import PillowRows, view
from extractor.pixels.canvas import canvas_size, draw, level_of, level_size
from extractor.pixels.halving import Lanes, halve
from tests.pixels import reference


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1, 1), (1, 1)),
        ((64, 64), (64, 64)),
        ((65, 64), (64, 63)),
        ((64, 65), (63, 64)),
        ((1024, 1024), (64, 64)),
        ((1216, 832), (64, 44)),
        ((832, 1216), (44, 64)),
        ((1920, 1080), (64, 36)),
        ((128, 1), (64, 1)),  # 0.5 rounds up
        ((129, 1), (64, 0)),
        ((2, 300), (0, 64)),
        ((1000, 3), (64, 0)),
    ],
)
def test_canvas_size(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert canvas_size(*size) == expected


@pytest.mark.parametrize(
    ("size", "level", "reduced"),
    [
        ((64, 64), 0, (64, 64)),
        ((1, 1), 0, (1, 1)),
        ((127, 127), 1, (64, 64)),
        ((126, 126), 0, (126, 126)),
        ((1024, 1024), 4, (64, 64)),
        ((1086, 1448), 4, (68, 91)),
        ((8191, 64), 7, (64, 1)),
        ((100, 1000), 3, (13, 125)),
    ],
)
def test_first_reduction(size: tuple[int, int], level: int, reduced: tuple[int, int]) -> None:
    assert level_of(size, canvas_size(*size)) == level
    assert level_size(size, level) == reduced


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


def drawn(image: Image.Image, orientation: int, *, truncate: bool = False) -> reference.Grid:
    canvas = draw(PillowRows(image, Ledger(), truncate=truncate), image.size, orientation)
    return [[tuple(pixel) for pixel in row] for row in canvas.tolist()]


SIZES = st.one_of(
    st.tuples(st.integers(1, 200), st.integers(1, 200)),
    st.tuples(st.integers(1, 4), st.integers(64, 500)),
    st.tuples(st.integers(64, 500), st.integers(1, 4)),
    st.sampled_from([(255, 255), (256, 256), (257, 255), (127, 254), (320, 192), (300, 127)]),
).filter(lambda size: all(canvas_size(*size)))


@settings(deadline=None, derandomize=True, max_examples=45)
@given(
    mode=st.sampled_from(["RGB", "RGBX", "RGBA", "L", "LA", "CMYK"]),
    size=SIZES,
    orientation=st.integers(1, 8),
    truncate=st.booleans(),
    seed=st.integers(0, 1000),
    band_bytes=st.sampled_from([1, 4096, 20_000, 1 << 20]),
)
def test_equals_the_slow_arithmetic(
    mode: str, size: tuple[int, int], orientation: int, truncate: bool, seed: int, band_bytes: int
) -> None:
    image = picture(mode, *size, seed)
    expected = reference.canvas(grid_of(image), orientation, truncate=truncate)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(halving, "_BAND_BYTES", band_bytes)
        assert drawn(image, orientation, truncate=truncate) == expected


def test_alpha_255_leaves_colours_alone() -> None:
    """Opaque bands are not premultiplied at all, so doing it must change nothing."""
    every = Image.frombytes("RGBA", (16, 16), bytes(v for c in range(256) for v in (c, 255 - c, c ^ 85, 255)))
    assert drawn(every, 1) == grid_of(every)
    for truncate in (False, True):
        rows = PillowRows(every, Ledger(), truncate=truncate)
        lanes = np.zeros((16, 16), dtype=np.uint64)
        lanes.view(np.uint16)[:] = rows.band(0, 16)
        before = lanes.copy()
        assert (bands._premultiply(lanes, truncate=truncate) == before).all()


@pytest.mark.parametrize("truncate", [False, True])
def test_premultiplies_every_pair_of_bytes(truncate: bool) -> None:
    every = Image.frombytes("RGBA", (256, 256), bytes(v for c in range(256) for a in range(256) for v in (c, c, c, a)))
    expected = [reference.premultiply((c, c, c, a), truncate) for c in range(256) for a in range(256)]
    assert premultiplied(every, truncate) == expected


def premultiplied(image: Image.Image, truncate: bool) -> list[tuple[int, ...]]:
    band = PillowRows(image, Ledger(), truncate=truncate).band(0, image.height)
    values = band if band.dtype == np.uint8 else band.view(np.uint16)
    return [tuple(pixel) for pixel in values.reshape(-1, 4).tolist()]


@pytest.mark.parametrize("truncate", [False, True])
@pytest.mark.parametrize("columns", [(), (0,), (4,), (1, 3), (0, 4)], ids=str)
def test_premultiplies_only_where_something_shines_through(columns: tuple[int, ...], truncate: bool) -> None:
    pixels = [(200, 100, 50, 254 if x in columns and y == 2 else 255) for y in range(3) for x in range(5)]
    image = Image.new("RGBA", (5, 3))
    image.putdata(pixels)
    assert premultiplied(image, truncate) == [reference.premultiply(pixel, truncate) for pixel in pixels]


def test_a_transparent_pixel_has_no_colour() -> None:
    assert drawn(Image.new("RGBA", (2, 1), (200, 100, 50, 0)), 1) == [[(0, 0, 0, 0)] * 2]


def test_the_fourth_byte_of_rgb_does_not_count() -> None:
    image = Image.new("RGB", (70, 70))  # Pillow leaves it 0 here
    assert drawn(image, 1) == [[(0, 0, 0, 255)] * 64] * 64


def test_sixteen_bits_keep_the_high_byte() -> None:
    image = Image.frombytes("I;16", (3, 1), b"\xff\x00\x00\x80\xff\xff")
    assert drawn(image, 1) == [[(0, 0, 0, 255), (128, 128, 128, 255), (255, 255, 255, 255)]]


def test_sixteen_bits_with_a_transparent_value() -> None:
    image = Image.frombytes("I;16", (2, 1), b"\x34\x12\x35\x12")
    image.info["transparency"] = 0x1234
    assert drawn(image, 1) == [[(0, 0, 0, 0), (0x12, 0x12, 0x12, 255)]]


@pytest.mark.parametrize(
    ("mode", "transparency", "expected"),
    [
        ("RGB", (1, 2, 3), [(0, 0, 0, 0), (9, 9, 9, 255)]),
        ("L", 1, [(0, 0, 0, 0), (9, 9, 9, 255)]),
    ],
)
def test_trns_of_pictures_without_alpha_channel(
    mode: str, transparency: object, expected: list[reference.Pixel]
) -> None:
    data = {"RGB": b"\1\2\3\t\t\t", "L": b"\1\t"}[mode]
    image = Image.frombytes(mode, (2, 1), data)
    image.info["transparency"] = transparency
    assert drawn(image, 1) == [expected]


def test_a_picture_in_several_blocks_gives_the_same() -> None:
    image = Image.frombytes("RGB", (2100, 2100), random.Random(7).randbytes(2100 * 2100 * 3))
    assert view(image) is None  # more than 16 MB
    small = image.crop((0, 0, 2100, 1000))
    assert view(small) is not None
    whole = halve(PillowRows(image, Ledger(), truncate=False), 1)
    assert (whole[:500] == halve(PillowRows(small, Ledger(), truncate=False), 1)).all()


def test_without_views_bytes_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    image = picture("RGBA", 150, 90, 3)
    expected = drawn(image, 1)
    monkeypatch.setattr(bands, "view", lambda image: None)
    assert drawn(image, 1) == expected


@pytest.mark.parametrize("borrowed", [False, True])
def test_a_view_outlives_its_picture(borrowed: bool) -> None:
    data = random.Random(1).randbytes(50 * 50 * 4)
    if borrowed:
        image = Image.frombuffer("RGBA", (50, 50), bytes(bytearray(data)), "raw", "RGBA", 0, 1)
    else:
        image = Image.frombytes("RGBA", (50, 50), data)
    pixels = view(image)
    assert pixels is not None
    image.close()
    del image
    Image.new("RGBA", (50, 50), "white")
    assert pixels.tobytes() == data
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 1


class Counted:
    """Rows that count how often each is asked for."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.asked = [0] * height

    def band(self, top: int, bottom: int) -> Lanes:
        for row in range(top, bottom):
            self.asked[row] += 1
        return np.zeros((bottom - top, self.width), dtype=np.uint64)


def test_bands_share_few_rows() -> None:
    even, odd = Counted(1024, 4096), Counted(1024, 4095)
    halve(even, 4)
    halve(odd, 4)
    assert set(even.asked) == {1}
    assert set(odd.asked) <= {1, 2}
    assert sum(odd.asked) < 1.15 * 4095


def test_scratch_memory_is_bounded() -> None:
    scratch = halving.Scratch()
    assert scratch.words("a", 10, 10).base is scratch.words("a", 5, 5).base
    large = scratch.words("a", 1024, 1024)  # 8 MB: lent, not kept
    assert large.shape == (1024, 1024)
    assert scratch.words("a", 10, 10).base is not large.base
