from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given, settings
from PIL import Image

from extractor.embedded import Embedded
from extractor.errors import CorruptImageError, UnsupportedFormatError
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.readers.bmp import read_bmp
from tests.readers.damage import damaged, survives


def bmp(header: bytes, pixels: bytes = b"") -> bytes:
    offset = 14 + 4 + len(header)
    return (
        b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + struct.pack("<I", 4 + len(header)) + header
    ) + pixels


def info(width: int, height: int, depth: int, compression: int = 0, more: bytes = bytes(20)) -> bytes:
    return struct.pack("<iiHHI", width, height, 1, depth, compression) + more


MASKS = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
V4 = bytes(20) + MASKS + bytes(52)


@pytest.mark.parametrize(
    ("data", "size", "alpha", "codes"),
    [
        pytest.param(bmp(info(3, 2, 24), bytes(24)), (3, 2), False, [], id="bottom-up"),
        pytest.param(bmp(info(3, -2, 24), bytes(24)), (3, 2), False, [], id="top-down"),
        pytest.param(bmp(info(3, 2, 32, 3, V4), bytes(24)), (3, 2), True, [], id="v4-alpha"),
        pytest.param(bmp(info(3, 2, 32, 0, V4), bytes(24)), (3, 2), False, [], id="v4-mask-not-used"),
        pytest.param(bmp(struct.pack("<HHHH", 3, 2, 1, 8), bytes(8)), (3, 2), False, [], id="core"),
        pytest.param(bmp(struct.pack("<iiHH", 3, 2, 1, 24), bytes(24)), (3, 2), False, [], id="os2-short"),
        pytest.param(bmp(info(3, 2, 24), bytes(23)), (3, 2), False, ["truncated"], id="cut"),
        pytest.param(bmp(info(0x7FFFFFFF, -0x80000000, 24)), (0x7FFFFFFF, 0x80000000), False, ["truncated"], id="huge"),
        pytest.param(bmp(info(-3, 2, 24)), (0, 2), False, [], id="negative-width"),
        pytest.param(bmp(info(3, 2, 8, 1), b"\0\1"), (3, 2), False, [], id="run-lengths"),
    ],
)
def test_header(data: bytes, size: tuple[int, int], alpha: bool, codes: list[str]) -> None:
    log = Ledger()
    assert read_bmp(BytesSource(data), log) == Embedded(
        "bmp", "image/bmp", *size, has_alpha=alpha, pixel_ranges=((0, len(data)),)
    )
    assert [warning.code for warning in log.items] == codes


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_pillow_writes(mode: str) -> None:
    stream = io.BytesIO()
    Image.new(mode, (5, 7)).save(stream, "BMP")
    log = Ledger()
    embedded = read_bmp(BytesSource(stream.getvalue()), log)
    assert (embedded.displayed_size, log.items) == ((5, 7), [])


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"BM", CorruptImageError),
        (bmp(info(3, 2, 24))[:20], CorruptImageError),
        (b"BMW makes cars, not pictures", UnsupportedFormatError),
    ],
)
def test_refused(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_bmp(BytesSource(data), Ledger())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(damaged({"info": bmp(info(3, 2, 24), bytes(24)), "v4": bmp(info(3, 2, 32, 3, V4), bytes(24))}))
def test_any_bytes(data: bytes) -> None:
    survives(read_bmp, data)
