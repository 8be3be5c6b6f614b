from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.pixels.read import StealthMode, read_pixels
from extractor.pixels.scaling import Thumbnail
from extractor.pixels.thumbnail import thumbnail


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def made(data: bytes, container: str = "png", orientation: int = 1, edge: int = 100) -> Image.Image:
    small = thumbnail(io.BytesIO(data), container, (0, 0), orientation, edge, Ledger(), DEFAULT_LIMITS)
    assert small is not None
    return Image.open(io.BytesIO(small))


@pytest.mark.parametrize(
    ("size", "small"),
    [
        ((50, 30), (50, 30)),
        ((400, 300), (100, 75)),
        ((300, 900), (33, 100)),
        ((1000, 100), (100, 10)),
    ],
)
def test_its_size(size: tuple[int, int], small: tuple[int, int]) -> None:
    assert made(saved(Image.new("RGB", size))).size == small


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_any_mode(mode: str) -> None:
    image = Image.new(mode, (20, 20), 0 if mode in ("1", "L", "P", "I;16") else None)
    kind, container = ("JPEG", "jpeg") if mode == "CMYK" else ("PNG", "png")
    small = made(saved(image, kind), container)
    assert small.mode == ("RGBA" if mode in ("LA", "RGBA") else "RGB")


def test_sixteen_bits_are_not_clipped() -> None:
    small = made(saved(Image.new("I;16", (20, 20), 0x8000))).convert("RGB")
    assert small.getpixel((3, 3)) == pytest.approx((128,) * 3, abs=2)


TURNED = {1: (5, 5), 2: (55, 5), 3: (55, 35), 6: (35, 5), 8: (5, 55)}
"""Orientation -> where the white corner is."""


@pytest.mark.parametrize(("orientation", "place"), TURNED.items())
def test_it_is_upright(orientation: int, place: tuple[int, int]) -> None:
    image = Image.new("RGB", (60, 40), "black")
    image.paste("white", (0, 0, 20, 15))
    small = made(saved(image), orientation=orientation).convert("L")
    assert small.getpixel(place) > 200


def test_a_jpeg_is_decoded_no_larger_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = Image.Image.reduce
    monkeypatch.setattr(Image.Image, "reduce", lambda self, factor: seen.append(self.size) or real(self, factor))
    assert made(saved(Image.new("RGB", (1600, 1600)), "JPEG"), "jpeg").size == (100, 100)
    assert seen in ([], [(200, 200)])


def test_what_cannot_be_decoded() -> None:
    log = Ledger()
    assert thumbnail(io.BytesIO(b"\x89PNG\r\n\x1a\n"), "png", (1, 1), 1, 100, log, DEFAULT_LIMITS) is None
    assert thumbnail(io.BytesIO(b"II*\0"), "tiff", (1, 1), 1, 100, log, DEFAULT_LIMITS) is None
    large = saved(Image.new("RGB", (200, 200)))
    assert thumbnail(io.BytesIO(large), "png", (200, 200), 1, 100, log, Limits(pixels=100)) is None
    assert [warning.code for warning in log.items] == ["pixels-undecodable", "hash-unsupported", "limit:pixels"]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_it_comes_from_the_pixels_of_the_hash_which_stays_what_it_is(mode: str) -> None:
    image = Image.radial_gradient("L").resize((300, 200)).convert(mode)
    data = saved(image)

    def read(wanted: Thumbnail | None) -> str | None:
        stealth = StealthMode.ALPHA if mode == "RGBA" else StealthMode.OFF
        pixels = read_pixels(
            io.BytesIO(data), "png", width=300, height=200, orientation=1, stealth=stealth, log=Ledger(),
            limits=DEFAULT_LIMITS, thumbnail=wanted,
        )  # fmt: skip
        return pixels.hash

    wanted = Thumbnail(100)
    assert read(wanted) == read(None) is not None
    assert wanted.data is not None
    assert Image.open(io.BytesIO(wanted.data)).size == (100, 67)
