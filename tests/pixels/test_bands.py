from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from extractor.pixels import bands
from extractor.pixels.alpha import Premultiplying, premultiply
from extractor.pixels.bands import view
from extractor.pixels.halving import halve
from tests.pixels import reference
from tests.pixels.pictures import DRAWINGS, drawn, grid_of, picture, rows_of


def test_alpha_255_leaves_colours_alone() -> None:
    """Opaque bands are not premultiplied at all, so doing it must change nothing."""
    every = Image.frombytes("RGBA", (16, 16), bytes(v for c in range(256) for v in (c, 255 - c, c ^ 85, 255)))
    for scaling in DRAWINGS:
        assert drawn(every, 1, scaling) == grid_of(every)
    for how in Premultiplying:
        lanes = np.zeros((16, 16), dtype=np.uint64)
        lanes.view(np.uint16)[:] = rows_of(every, how).band(0, 16)
        before = lanes.copy()
        premultiply(lanes, how)
        assert (lanes == before).all()


@pytest.mark.parametrize("how", Premultiplying)
def test_premultiplies_every_pair_of_bytes(how: Premultiplying) -> None:
    every = Image.frombytes("RGBA", (256, 256), bytes(v for c in range(256) for a in range(256) for v in (c, c, c, a)))
    expected = [reference.premultiply((c, c, c, a), how.name) for c in range(256) for a in range(256)]
    assert premultiplied(every, how) == expected


def premultiplied(image: Image.Image, how: Premultiplying) -> list[tuple[int, ...]]:
    band = rows_of(image, how).band(0, image.height)
    values = band if band.dtype == np.uint8 else band.view(np.uint16)
    return [tuple(pixel) for pixel in values.reshape(-1, 4).tolist()]


@pytest.mark.parametrize("how", Premultiplying)
@pytest.mark.parametrize("columns", [(), (0,), (4,), (1, 3), (0, 4)], ids=str)
def test_premultiplies_only_where_something_shines_through(columns: tuple[int, ...], how: Premultiplying) -> None:
    pixels = [(200, 100, 50, 254 if x in columns and y == 2 else 255) for y in range(3) for x in range(5)]
    image = Image.new("RGBA", (5, 3))
    image.putdata(pixels)
    assert premultiplied(image, how) == [reference.premultiply(pixel, how.name) for pixel in pixels]


@pytest.mark.parametrize("scaling", DRAWINGS)
def test_a_transparent_pixel_has_no_colour(scaling: str) -> None:
    assert drawn(Image.new("RGBA", (2, 1), (200, 100, 50, 0)), 1, scaling) == [[(0, 0, 0, 0)] * 2]


@pytest.mark.parametrize("scaling", DRAWINGS)
def test_the_fourth_byte_of_rgb_does_not_count(scaling: str) -> None:
    image = Image.new("RGB", (70, 70))  # Pillow leaves it 0 here
    assert drawn(image, 1, scaling) == [[(0, 0, 0, 255)] * 64] * 64


@pytest.mark.parametrize("scaling", DRAWINGS)
def test_sixteen_bits_keep_the_high_byte(scaling: str) -> None:
    image = Image.frombytes("I;16", (3, 1), b"\xff\x00\x00\x80\xff\xff")
    assert drawn(image, 1, scaling) == [[(0, 0, 0, 255), (128, 128, 128, 255), (255, 255, 255, 255)]]


@pytest.mark.parametrize("scaling", DRAWINGS)
def test_sixteen_bits_with_a_transparent_value(scaling: str) -> None:
    image = Image.frombytes("I;16", (2, 1), b"\x34\x12\x35\x12")
    image.info["transparency"] = 0x1234
    assert drawn(image, 1, scaling) == [[(0, 0, 0, 0), (0x12, 0x12, 0x12, 255)]]


@pytest.mark.parametrize("scaling", DRAWINGS)
@pytest.mark.parametrize(
    ("mode", "transparency", "expected"),
    [
        ("RGB", (1, 2, 3), [(0, 0, 0, 0), (9, 9, 9, 255)]),
        ("L", 1, [(0, 0, 0, 0), (9, 9, 9, 255)]),
    ],
)
def test_trns_of_pictures_without_alpha_channel(
    mode: str, transparency: object, expected: list[reference.Pixel], scaling: str
) -> None:
    data = {"RGB": b"\1\2\3\t\t\t", "L": b"\1\t"}[mode]
    image = Image.frombytes(mode, (2, 1), data)
    image.info["transparency"] = transparency
    assert drawn(image, 1, scaling) == [expected]


def test_a_picture_in_several_blocks_gives_the_same() -> None:
    image = Image.frombytes("RGB", (2100, 2100), random.Random(7).randbytes(2100 * 2100 * 3))
    assert view(image) is None  # more than 16 MB
    small = image.crop((0, 0, 2100, 1000))
    assert view(small) is not None
    whole = halve(rows_of(image), 1)
    assert (whole[:500] == halve(rows_of(small), 1)).all()


@pytest.mark.parametrize("scaling", DRAWINGS)
def test_without_views_bytes_are_copied(scaling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image = picture("RGBA", 150, 90, 3)
    expected = drawn(image, 1, scaling)
    monkeypatch.setattr(bands, "view", lambda image: None)
    assert drawn(image, 1, scaling) == expected


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


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "CMYK"])
@pytest.mark.parametrize(
    "wanted",
    [[0], [3, 4], [0, 5, 39, 1, 6, 39], [7, 7, 2], list(range(40))],
    ids=["one", "two", "twice", "back", "all"],
)
def test_single_rows(mode: str, wanted: list[int]) -> None:
    image = picture("RGB" if mode == "P" else mode, 30, 40, 9)
    image = image.quantize(64) if mode == "P" else image
    grid = grid_of(image)
    lines, places = rows_of(image).lines(np.array(wanted))
    rows = lines[places]
    channels = 4 if mode == "RGBA" else 3
    expected = [[pixel[:channels] for pixel in grid[number]] for number in wanted]
    assert [[tuple(pixel[:channels]) for pixel in row] for row in rows.tolist()] == expected
