from __future__ import annotations

import struct

import pytest

from extractor.containers.jpeg import APP1, COM, SOS, Segment, frame_size, is_cut_in_scan, walk
from extractor.containers.jpegblocks import COMMENT, EXIF, EXTENDED_XMP, JUMBF, PHOTOSHOP, XMP, BlockCollector
from extractor.files.bytesource import BytesSource
from extractor.files.window import Window
from extractor.ledger import Ledger
from extractor.limits import Limits


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(data)) + data


SOF = segment(0xC0, struct.pack(">BHH", 8, 30, 40) + b"\1\1\x11\0")
SCAN = segment(SOS, b"\1\1\0\0\x3f\0") + b"pixels\xff\xd9"
PICTURE = SOF + SCAN


def walked(data: bytes, limits: Limits | None = None) -> tuple[list[Segment], list[str]]:
    log = Ledger(limits or Limits())
    return list(walk(Window(BytesSource(data)), log)), [warning.code for warning in log.items]


def test_every_byte_is_in_one_piece() -> None:
    data = b"\xff\xd8" + segment(APP1, b"Exif\0\0") + segment(COM, b"hello") + PICTURE + b"trailing"
    segments, codes = walked(data)
    assert [piece.marker for piece in segments] == [APP1, COM, 0xC0, SOS]
    assert b"".join(data[piece.offset : piece.end] for piece in segments) == data[2:]
    assert data[segments[1].data : segments[1].end] == b"hello"
    assert codes == []


@pytest.mark.parametrize(
    ("data", "markers", "codes"),
    [
        pytest.param(PICTURE, [0xC0, SOS], [], id="nothing between"),
        pytest.param(b"\xff\xff\xff" + PICTURE, [0xC0, SOS], [], id="fill bytes"),
        pytest.param(b"junk" + PICTURE, [0xC0, SOS], ["jpeg-junk"], id="junk"),
        pytest.param(b"\xff\x01\xff\xd0" + PICTURE, [0xC0, SOS], [], id="markers without a length"),
        pytest.param(b"\xff\xe1\0\0" + PICTURE, [0xC0, SOS], ["jpeg-segment-invalid", "jpeg-junk"], id="length 0"),
        pytest.param(SOF + b"\xff\xd9", [0xC0], [], id="EOI"),
        pytest.param(b"\xff\xe1\xff\xffabc", [APP1], ["truncated"], id="cut off"),
        pytest.param(b"", [], [], id="nothing"),
    ],
)
def test_damage(data: bytes, markers: list[int], codes: list[str]) -> None:
    segments, warnings = walked(b"\xff\xd8" + data)
    assert [piece.marker for piece in segments] == markers
    assert warnings == codes


def test_limits() -> None:
    data = b"\xff\xd8" + segment(COM, b"x") * 3 + PICTURE
    assert walked(data, Limits(chunks=2)) == ([Segment(COM, 2, 7), Segment(COM, 7, 12)], ["limit:chunks"])
    assert walked(b"\xff\xd8" + bytes(200) + PICTURE, Limits(junk_bytes=100)) == ([], ["limit:junk_bytes"])


def test_frame_size() -> None:
    window = Window(BytesSource(b"\xff\xd8" + SOF))
    assert frame_size(window, Segment(0xC0, 2, 2 + len(SOF))) == (40, 30)
    assert frame_size(Window(BytesSource(b"\xff\xd8" + SOF[:8])), Segment(0xC0, 2, 10)) is None


@pytest.mark.parametrize(
    ("tail", "is_cut"),
    [(b"\xff\xd9", False), (b"\xff\xd9 behind", False), (b"pixels", True), (b"\xff\0" * 3000, True)],
)
def test_cut_in_the_scan(tail: bytes, is_cut: bool) -> None:
    assert is_cut_in_scan(Window(BytesSource(b"\xff\xda" + tail)), 0) == is_cut


TIFF = b"II*\0\x08\0\0\0"


def joined(*parts: tuple[bytes, bytes]) -> tuple[list[tuple[bytes, bytes]], list[str]]:
    collector, log = BlockCollector(), Ledger()
    for signature, payload in parts:
        collector.take(signature, payload)
    return list(collector.joined(log)), [warning.code for warning in log.items]


def extension(guid: bytes, length: int, offset: int, data: bytes) -> tuple[bytes, bytes]:
    return EXTENDED_XMP, guid * 32 + struct.pack(">II", length, offset) + data


@pytest.mark.parametrize(
    ("parts", "blocks", "codes"),
    [
        pytest.param(
            [(EXIF, b"\0" + TIFF), (EXIF, b"\0more"), (EXIF, b"\0" + TIFF)],
            [(EXIF, TIFF + b"more"), (EXIF, TIFF)],
            [],
            id="EXIF goes on where no TIFF begins",
        ),
        pytest.param(
            [(XMP, b"a"), (COMMENT, b"b"), (XMP, b"c")], [(XMP, b"a"), (COMMENT, b"b"), (XMP, b"c")], [], id="whole"
        ),
        pytest.param([(PHOTOSHOP, b"8BIM"), (PHOTOSHOP, b"more")], [(PHOTOSHOP, b"8BIMmore")], [], id="Photoshop"),
        pytest.param(
            [extension(b"a", 4, 2, b"cd"), extension(b"b", 1, 0, b"x"), extension(b"a", 4, 0, b"ab")],
            [(EXTENDED_XMP, b"abcd"), (EXTENDED_XMP, b"x")],
            [],
            id="extended XMP by its offsets",
        ),
        pytest.param([extension(b"a", 4, 1, b"bcd")], [(EXTENDED_XMP, b"")], ["xmp-invalid"], id="a part is missing"),
        pytest.param(
            [(JUMBF, b"\0\1\0\0\0\2HEADERxx-b"), (JUMBF, b"\0\1\0\0\0\1HEADERxx-a")],
            [(JUMBF, b"HEADERxx-a-b")],
            [],
            id="JUMBF by its sequence",
        ),
        pytest.param([(JUMBF, b"\0\1"), (EXTENDED_XMP, b"short")], [], [], id="cut off"),
    ],
)
def test_blocks(parts: list[tuple[bytes, bytes]], blocks: list[tuple[bytes, bytes]], codes: list[str]) -> None:
    assert joined(*parts) == (blocks, codes)
