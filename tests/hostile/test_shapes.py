"""Pictures that cost by their shape or their coding, not by their bytes: their texts are read, their hash refused."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from extractor import ImageRecord, Limits, extract
from extractor.pixels.stealth import StealthMode
from tests.hostile.odd_files import bmp_of, encoded, odd_files, png_of
from tests.hostile.png_files import PARAMETERS
from tests.support import ROOT, chunk, ihdr, png

WIDE_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445203fffff90000000108060000008d6686e5"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
WIDE_BMP = bytes.fromhex(
    "424d3e000000000000003600000028000000f9ffff0301000000010020000000000008000000010000000100000000000000000000000000000000000000"
)


def codes(record: ImageRecord) -> list[str]:
    assert record.extraction is not None
    return [warning.code for warning in record.extraction.warnings or ()]


def narrow(width: int, height: int, colour: int = 6, depth: int = 8) -> bytes:
    """A PNG of zeros, however many: hundreds of them are one byte."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width * depth * {0: 1, 2: 3, 6: 4}[colour] + 7) // 8)
    rows = b"".join(packer.compress(row * min(100_000, height - top)) for top in range(0, height, 100_000))
    return png(PARAMETERS, header=ihdr(width, height, depth, colour), pixels=chunk(b"IDAT", rows + packer.flush()))


@pytest.mark.parametrize("hash", [True, "mipmap"])
@pytest.mark.parametrize(
    ("data", "size", "expected"),
    [
        (WIDE_PNG, (67_108_857, 1), ["hash-no-canvas"]),
        (WIDE_BMP, (67_108_857, 1), ["truncated", "hash-no-canvas"]),
        (narrow(1, 400_000), (1, 400_000), ["hash-no-canvas"]),
        (png(header=ihdr(1, 89_000_000, 8, 6)), (1, 89_000_000), ["hash-no-canvas"]),
        (png(header=ihdr(89_000_000, 1, 8, 6)), (89_000_000, 1), ["hash-no-canvas"]),
        (png(header=ihdr(89_000_000, 1, 1, 0)), (89_000_000, 1), ["hash-no-canvas"]),
        (
            bmp_of(89_000_000, 1, bits=8, compression=1, rows=b"\1\5\0\0", colours=2),
            (89_000_000, 1),
            ["hash-no-canvas"],
        ),
        (bmp_of(9_000, 9_000, bits=8, compression=1, rows=b"\1\5\0\0" * 9_000), (9_000, 9_000), ["limit:rle_pixels"]),
        (bmp_of(9_000, 9_000, bits=4, compression=2, rows=b"\1\5\0\0" * 9_000), (9_000, 9_000), ["limit:rle_pixels"]),
        (encoded((1, 16_383), "RGBA", "WEBP"), (1, 16_383), ["hash-no-canvas"]),
        (encoded((60_000, 1), "RGB", "JPEG"), (60_000, 1), ["hash-no-canvas"]),
        (encoded((300, 2), "P", "GIF"), (300, 2), ["hash-no-canvas"]),
    ],
)
def test_what_the_header_rules_out_is_not_decoded(
    data: bytes, size: tuple[int, int], expected: list[str], hash: bool | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> None:
        raise AssertionError("the pixels were decoded")

    if size[0] * size[1] > 1_000_000 or size[0] == 60_000:  # smaller ones may be decoded for hidden texts
        monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    record = extract(data, hash=hash)  # type: ignore[arg-type]
    assert ((record.width, record.height), record.hash) == (size, None)
    assert codes(record) == expected


def test_hidden_text_is_looked_for_in_narrow_pictures_up_to_a_side() -> None:
    image = Image.new("RGBA", (2, 3_000))
    bits = "".join(f"{byte:08b}" for byte in b"stealth_pnginfo" + struct.pack(">I", 8 * 5) + b"a cat")
    for index, bit in enumerate(bits):
        image.putpixel((index // 3_000, index % 3_000), (0, 0, 0, 254 + (bit == "1")))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    for stealth in (None, True):
        record = extract(stream.getvalue(), stealth=stealth, raw=True)
        assert record.extraction is not None
        assert [text.text for text in record.extraction.raw or ()] == ["a cat"]
        short = extract(stream.getvalue(), stealth=stealth, raw=True, limits=Limits(narrow_side=2_999))
        assert short.extraction is not None and not short.extraction.raw
        assert codes(short) == ["hash-no-canvas", *(["limit:narrow_side"] if stealth else [])]
    assert codes(extract(image.copy(), limits=Limits(narrow_side=2_999))) == ["pil-decoded", "hash-no-canvas"]


def test_run_length_encoding_within_the_limit_has_a_hash() -> None:
    data = bmp_of(70, 66, bits=8, compression=1, rows=b"\1\5\0\0" * 66 + b"\0\1", colours=256)
    assert len(extract(data).hash or "") == 36
    assert codes(extract(data, limits=Limits(rle_pixels=70 * 66 - 1))) == ["limit:rle_pixels"]


@pytest.mark.parametrize(
    ("data", "pixel_bytes"),
    [
        (encoded((80, 70), "RGB", "WEBP"), 12),
        (encoded((80, 70), "RGB", "AVIF", speed=10), 16),
        (encoded((80, 70), "RGB", "JPEG", progressive=True, subsampling=0), 10),
        (encoded((80, 70), "RGB", "JPEG", progressive=True, subsampling=2), 7),
        (encoded((80, 70), "L", "JPEG", progressive=True), 6),
        (encoded((80, 70), "CMYK", "JPEG", progressive=True, subsampling=0), 12),
    ],
)
def test_decoders_that_hold_the_picture_several_times_are_bounded(data: bytes, pixel_bytes: int) -> None:
    needed = 80 * 70 * pixel_bytes
    assert len(extract(data, limits=Limits(decoder_bytes=needed)).hash or "") == 36
    assert codes(extract(data, limits=Limits(decoder_bytes=needed - 1))) == ["limit:decoder_bytes"]


def test_decoders_that_do_not_are_not() -> None:
    for container, mode in (("JPEG", "RGB"), ("PNG", "RGBA"), ("GIF", "P"), ("BMP", "RGB")):
        assert extract(encoded((80, 70), mode, container), limits=Limits(decoder_bytes=0)).hash


@pytest.mark.parametrize("stealth", [None, True])
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_colours_that_the_file_does_not_have(depth: int, stealth: bool | None) -> None:
    for hash in (True, "mipmap"):
        record = extract(png_of((64, 64), 3, depth, lacks="PLTE"), hash=hash, stealth=stealth)  # type: ignore[arg-type]
        assert (record.hash, codes(record)) == (None, ["pixels-undecodable"])
        assert record.meta is not None


def test_every_way_to_ask_for_hidden_text_has_a_weight() -> None:
    assert len({mode.hidden for mode in StealthMode}) == len(StealthMode)


OUTCOMES = """
import json, sys, warnings
warnings.simplefilter("error")
from extractor import ExtractorError, extract
from tests.hostile.everywhere import comparable, opened_by_pillow, outcome
from tests.hostile.odd_files import odd_files
assert not sys.argv[1:], "asserts are compiled in"
for name, data in odd_files(150, 3):
    for source in (data, *opened_by_pillow(data)):
        try:
            print(name, comparable(extract(source)))
        except ExtractorError as error:
            print(name, outcome(error))
"""


def test_nothing_rests_on_an_assert() -> None:
    """``python -O`` takes them away: ours and Pillow's."""
    runs = [
        subprocess.run(
            [sys.executable, *flags, "-c", OUTCOMES, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
        for flags, arguments in (((), ()), (("-O",), ("optimised",)))
    ]
    assert runs[0].stdout == runs[1].stdout
    assert len(runs[0].stdout.splitlines()) > 150
    assert [run.stderr for run in runs] == ["", ""]
    assert len(list(odd_files(150, 3))) == 150
    assert Path(ROOT, "extractor").is_dir()
