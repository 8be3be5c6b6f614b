from __future__ import annotations

import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.pixels import stealth
from extractor.pixels.stealth import PillowBits, StealthMode, StealthText, read_stealth

TEXT = "a cat, 猫 🐈\nSteps: 20, Seed: 1"
LIMITS = Limits()


def bits_of(data: bytes) -> list[int]:
    return [byte >> place & 1 for byte in data for place in range(7, -1, -1)]


def message(magic: bytes, payload: bytes, *, length: int | None = None) -> list[int]:
    """The bits to hide; `length` (in bits) may lie."""
    announced = len(payload) * 8 if length is None else length
    return bits_of(magic + announced.to_bytes(4, "big") + payload)


def hide(bits: list[int], size: tuple[int, int], mode: str, samples: tuple[int, ...]) -> Image.Image:
    """A picture of noise with `bits` in the lowest bit of `samples`, down the columns; the rest of them is 0."""
    width, height = size
    channels = len(mode)
    data = bytearray(random.Random(width * height).randbytes(width * height * channels))
    places = iter(
        (y * width + x) * channels + sample for x in range(width) for y in range(height) for sample in samples
    )
    for at in places:
        data[at] &= 0xFE
    places = iter(
        (y * width + x) * channels + sample for x in range(width) for y in range(height) for sample in samples
    )
    for bit, at in zip(bits, places, strict=False):
        data[at] |= bit
    return Image.frombytes(mode, size, bytes(data))


def read(image: Image.Image, mode: StealthMode = StealthMode.ALL, limits: Limits = LIMITS) -> tuple[object, list[str]]:
    log = Ledger(limits)
    return read_stealth(PillowBits(image, Ledger()), mode, log, limits), [warning.code for warning in log.items]


CARRIERS = [
    ("RGBA", (3,), "alpha", b"stealth_pnginfo", b"stealth_pngcomp"),
    ("LA", (1,), "alpha", b"stealth_pnginfo", b"stealth_pngcomp"),
    ("RGB", (0, 1, 2), "rgb", b"stealth_rgbinfo", b"stealth_rgbcomp"),
    ("RGBA", (0, 1, 2), "rgb", b"stealth_rgbinfo", b"stealth_rgbcomp"),
]


@pytest.mark.parametrize(("mode", "samples", "channel", "plain", "packed"), CARRIERS)
@pytest.mark.parametrize("size", [(40, 30), (1, 1000), (1000, 1), (7, 200)])
def test_round_trip(
    mode: str, samples: tuple[int, ...], channel: stealth.Channel, plain: bytes, packed: bytes, size: tuple[int, int]
) -> None:
    data = TEXT.encode()
    expected = ((StealthText(channel, TEXT),), [])
    assert read(hide(message(plain, data), size, mode, samples)) == expected
    assert read(hide(message(packed, gzip.compress(data, mtime=0)), size, mode, samples)) == expected


@settings(deadline=None, derandomize=True, max_examples=30)
@given(text=st.text(max_size=60), height=st.integers(1, 300), block=st.sampled_from([8, 64, 1 << 18]))
def test_round_trip_of_any_text(text: str, height: int, block: int) -> None:
    bits = message(b"stealth_pnginfo", text.encode())
    image = hide(bits, (-(-len(bits) // height), height), "RGBA", (3,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stealth, "_BLOCK_BITS", block)
        assert read(image) == ((StealthText("alpha", text),), [])


def test_both_channels_of_one_picture() -> None:
    alpha = hide(message(b"stealth_pnginfo", b"one"), (20, 20), "RGBA", (3,)).getchannel("A")
    image = hide(message(b"stealth_rgbinfo", b"two"), (20, 20), "RGB", (0, 1, 2))
    image.putalpha(alpha)
    assert read(image) == ((StealthText("alpha", "one"), StealthText("rgb", "two")), [])
    assert read(image, StealthMode.ALPHA) == ((StealthText("alpha", "one"),), [])
    assert read(image, StealthMode.OFF) == ((), [])


GZIP = gzip.compress(TEXT.encode() * 20, mtime=0)


@pytest.mark.parametrize(
    ("bits", "codes"),
    [
        pytest.param(bits_of(b"stealth_pnginfX" + b"\0\0\0\x08a"), [], id="no magic"),
        pytest.param(message(b"stealth_rgbinfo", b"abc"), [], id="magic of the other channel"),
        pytest.param(
            message(b"stealth_pnginfo", b"abc", length=40 * 30 - 152 + 1), ["stealth-invalid"], id="past the end"
        ),
        pytest.param(message(b"stealth_pnginfo", b"abc", length=0xFFFFFFFF), ["stealth-invalid"], id="huge length"),
        pytest.param(message(b"stealth_pnginfo", b"\xff\xfe"), ["stealth-invalid"], id="not UTF-8"),
        pytest.param(message(b"stealth_pngcomp", b"not gzip"), ["stealth-invalid"], id="not gzip"),
        pytest.param(message(b"stealth_pngcomp", b""), ["stealth-invalid"], id="empty gzip"),
        pytest.param(message(b"stealth_pngcomp", GZIP[:-9]), ["stealth-invalid"], id="cut gzip"),
    ],
)
def test_what_cannot_be_read(bits: list[int], codes: list[str]) -> None:
    assert read(hide(bits, (40, 30), "RGBA", (3,))) == ((), codes)


def test_an_empty_text_is_a_text() -> None:
    assert read(hide(message(b"stealth_pnginfo", b""), (40, 30), "RGBA", (3,))) == ((StealthText("alpha", ""),), [])


def test_bits_after_the_last_whole_byte_are_left_out() -> None:
    image = hide(message(b"stealth_pnginfo", b"abcd", length=27), (40, 30), "RGBA", (3,))
    assert read(image) == ((StealthText("alpha", "abc"),), ["stealth-invalid"])


def test_the_payload_may_fill_the_picture() -> None:
    image = hide(message(b"stealth_pnginfo", b"abcdef"), (20, 10), "RGBA", (3,))
    assert read(image) == ((StealthText("alpha", "abcdef"),), [])


@pytest.mark.parametrize("size", [(1, 1), (151, 1), (1, 119)])
def test_too_small_for_a_header(size: tuple[int, int]) -> None:
    assert read(hide([], size, "RGBA", (3,))) == ((), [])


@pytest.mark.parametrize("mode", ["P", "L", "1", "CMYK", "I;16"])
def test_modes_without_these_bits(mode: str) -> None:
    assert read(Image.new(mode, (40, 30))) == ((), [])


def test_transparency_of_a_palette_is_no_alpha_channel() -> None:
    image = Image.new("P", (40, 30))
    image.info["transparency"] = bytes(256)
    assert read(image) == ((), [])


def test_texts_are_bounded() -> None:
    small = Limits(text_bytes=100)
    bomb = message(b"stealth_pngcomp", gzip.compress(b"a" * 101, mtime=0))
    fits = message(b"stealth_pngcomp", gzip.compress(b"a" * 100, mtime=0))
    long = message(b"stealth_pnginfo", b"a" * 101)
    assert read(hide(bomb, (40, 40), "RGBA", (3,)), limits=small) == ((), ["limit:text_bytes"])
    assert read(hide(long, (40, 40), "RGBA", (3,)), limits=small) == ((), ["limit:text_bytes"])
    assert read(hide(fits, (40, 40), "RGBA", (3,)), limits=small) == ((StealthText("alpha", "a" * 100),), [])


def test_a_picture_without_magic_costs_one_column(monkeypatch: pytest.MonkeyPatch) -> None:
    crops = []
    crop = Image.Image.crop
    monkeypatch.setattr(Image.Image, "crop", lambda self, box: crops.append(box) or crop(self, box))
    assert read(Image.new("RGBA", (500, 400), "white"), StealthMode.ALPHA) == ((), [])
    assert crops == [(0, 0, 1, 400)]
