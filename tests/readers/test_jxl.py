from __future__ import annotations

import brotli
import pytest
from hypothesis import given, settings

from extractor.containers.jxlheader import JxlHeader, parse_jxl_header
from extractor.embedded import C2pa, Carrier, Text
from extractor.errors import CorruptImageError
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.jxl import read_jxl
from tests.readers.boxes import XMP, box, exif_tiff, u32
from tests.readers.cborbytes import encode
from tests.readers.damage import SparseSource, damaged, survives
from tests.readers.jxlbits import (
    ALPHA,
    ANIMATION,
    DEFAULTS,
    DEPTH_8,
    DEPTH_CHANNEL,
    INTRINSIC,
    NO_CHANNEL,
    NOTHING_EXTRA,
    PREVIEW,
    PREVIEW_PLAIN,
    SMALL_8X8,
    WIDE_40X20,
    Field,
    codestream,
    extra,
)

SIGNATURE = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ")
HELLO = Text("jxl", "exif", "ImageDescription", "hello!", Carrier.EXIF)
LABEL = Text("jxl", "xmp", "xmp:Label", "red", Carrier.XMP)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (SMALL_8X8, (8, 8, 1, False)),
        (((1, 1), (5, 31), (3, 0), (5, 1)), (16, 256, 1, False)),
        (WIDE_40X20, (40, 20, 1, False)),
        (((1, 0), (2, 1), (13, 1079), (3, 5)), (1920, 1080, 1, False)),
        (((1, 0), (2, 2), (18, 99999), (3, 0), (2, 3), (30, 2**30 - 1)), (2**30, 100000, 1, False)),
        (((1, 0), (2, 0), (9, 499), (3, 2)), (600, 500, 1, False)),
        (((1, 0), (2, 0), (9, 298), (3, 3)), (398, 299, 1, False)),
        (((1, 0), (2, 0), (9, 299), (3, 4)), (450, 300, 1, False)),
        (((1, 0), (2, 0), (9, 299), (3, 6)), (375, 300, 1, False)),
    ],
)
def test_size(fields: tuple[Field, ...], expected: tuple[int, int, int, bool]) -> None:
    data = codestream(*fields, DEFAULTS)
    embedded = read_jxl(BytesSource(data), Ledger())
    assert (embedded.width, embedded.height, embedded.orientation, embedded.has_alpha) == expected
    assert embedded.pixel_ranges == ((0, len(data)),)


@pytest.mark.parametrize(
    ("fields", "orientation", "alpha"),
    [
        ((*NOTHING_EXTRA, *DEPTH_8, *NO_CHANNEL), 1, False),
        ((*NOTHING_EXTRA, *DEPTH_8, *ALPHA), 1, True),
        ((*NOTHING_EXTRA, *DEPTH_8, *DEPTH_CHANNEL), 1, False),
        ((*NOTHING_EXTRA, (1, 0), (2, 3), (6, 15), (1, 0), *ALPHA), 1, True),
        ((*NOTHING_EXTRA, (1, 1), (2, 1), (4, 5), (1, 0), *ALPHA), 1, True),
        ((*extra(6), *DEPTH_8, *ALPHA), 6, True),
        ((*extra(8, *INTRINSIC), *DEPTH_8, *ALPHA), 8, True),
        ((*extra(3, *PREVIEW), *DEPTH_8, *ALPHA), 3, True),
        ((*extra(4, *PREVIEW_PLAIN), *DEPTH_8, *ALPHA), 4, True),
        ((*extra(5, *ANIMATION), *DEPTH_8, *ALPHA), 5, True),
    ],
)
def test_image_metadata(fields: tuple[Field, ...], orientation: int, alpha: bool) -> None:
    embedded = read_jxl(BytesSource(codestream(*WIDE_40X20, *fields)), Ledger())
    assert (embedded.width, embedded.height) == (40, 20)
    assert (embedded.orientation, embedded.has_alpha) == (orientation, alpha)


PICTURE = codestream(*WIDE_40X20, *extra(6), *DEPTH_8, *ALPHA)
JXLC = box(b"jxlc", PICTURE)


def brob(kind: bytes, payload: bytes) -> bytes:
    return box(b"brob", kind, brotli.compress(payload))


@pytest.mark.parametrize(
    ("boxes", "texts"),
    [
        pytest.param((JXLC,), [], id="no-text"),
        pytest.param((JXLC, box(b"Exif", u32(0), exif_tiff())), [HELLO], id="exif"),
        pytest.param((box(b"Exif", exif_tiff(orientation=3)), JXLC), [HELLO], id="exif-without-offset"),
        pytest.param((box(b"Exif", u32(6) + b"Exif\0\0" + exif_tiff()), JXLC), [HELLO], id="exif-with-prefix"),
        pytest.param((box(b"xml ", XMP), JXLC), [LABEL], id="xml"),
        pytest.param((brob(b"Exif", u32(0) + exif_tiff()), JXLC, brob(b"xml ", XMP)), [HELLO, LABEL], id="brob"),
        pytest.param((JXLC, brob(b"jbrd", b"x" * 99), box(b"free", b"x")), [], id="other-boxes"),
        pytest.param((JXLC, box(b"jumb", box(b"jumd", b"other" * 9))), [], id="other-jumbf"),
    ],
)
def test_boxes(boxes: tuple[bytes, ...], texts: list[Text]) -> None:
    log = Ledger()
    embedded = read_jxl(BytesSource(SIGNATURE + b"".join(boxes)), log)
    assert [text for text in embedded.texts if text.key != "packet"] == texts
    assert log.items == []
    assert (embedded.displayed_size, embedded.orientation, embedded.has_alpha) == ((20, 40), 6, True)
    assert (embedded.container, embedded.mime) == ("jxl", "image/jxl")


@pytest.mark.parametrize("step", [2, 3, 7])
def test_codestream_in_pieces(step: int) -> None:
    pieces = [PICTURE[at : at + step] for at in range(0, len(PICTURE), step)]
    boxes = [box(b"jxlp", u32(index), piece) for index, piece in enumerate(pieces)]
    boxes.insert(1, box(b"xml ", XMP))
    data = SIGNATURE + b"".join(boxes)
    embedded = read_jxl(BytesSource(data), Ledger())
    assert (embedded.displayed_size, embedded.orientation, embedded.has_alpha) == ((20, 40), 6, True)
    assert b"".join(data[at : at + length] for at, length in embedded.pixel_ranges or ()) == PICTURE


def test_a_decoder_gets_nothing_but_the_codestream() -> None:
    bomb = brob(b"Exif", bytes(1 << 20))
    data = SIGNATURE + bomb + JXLC + brob(b"jbrd", b"x" * 99) + bomb
    embedded = read_jxl(BytesSource(data), Ledger())
    assert b"".join(data[at : at + length] for at, length in embedded.pixel_ranges or ()) == PICTURE


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((DEFAULTS,), JxlHeader(40, 20, 1, False)),
        ((*NOTHING_EXTRA, *DEPTH_8, *NO_CHANNEL), JxlHeader(40, 20, 1, False)),
        ((*NOTHING_EXTRA, (1, 0), (2, 3), (6, 15), (1, 0), *ALPHA), JxlHeader(40, 20, 1, True, 1, 16)),
        ((*NOTHING_EXTRA, (1, 1), (2, 0), (4, 7), (1, 0), *NO_CHANNEL), JxlHeader(40, 20, 1, False, 0, 32)),
        ((*NOTHING_EXTRA, (1, 1), (2, 1), (4, 5), (1, 0), *NO_CHANNEL), JxlHeader(40, 20, 1, False, 0, 16)),
        ((*extra(5, *ANIMATION), *DEPTH_8, (2, 3), (12, 4095), (1, 1)), JxlHeader(40, 20, 5, True, 4096, 8, True)),
    ],
)
def test_what_a_decoder_will_need(fields: tuple[Field, ...], expected: JxlHeader) -> None:
    assert parse_jxl_header(codestream(*WIDE_40X20, *fields)) == expected


def test_c2pa() -> None:
    claim = box(b"jumb", box(b"jumd", bytes(16) + b"\3c2pa.claim\0"), box(b"cbor", encode({"claim_generator": "x"})))
    store = box(b"jumb", box(b"jumd", b"c2pa" + bytes(12) + b"\3c2pa\0"), claim)
    log = Ledger()
    for data in (store, box(b"brob", b"jumb", brotli.compress(store[8:]))):
        assert read_jxl(BytesSource(SIGNATURE + JXLC + data), log).c2pa == C2pa("x")
    assert log.items == []


@pytest.mark.parametrize(
    ("boxes", "limits", "codes", "texts"),
    [
        ((box(b"Exif", b"\x7f\xff\xff\xff" + exif_tiff()), JXLC), Limits(), ["exif-offset-invalid"], [HELLO]),
        ((box(b"Exif", b"\0\0\0\0garbage"), JXLC), Limits(), ["exif-invalid"], []),
        ((box(b"Exif", u32(0), exif_tiff()),), Limits(), ["container-invalid"], [HELLO]),
        ((box(b"jxlc", PICTURE[:3]),), Limits(), ["container-invalid"], []),
        ((box(b"brob", b"Exif" + b"\xff" * 40), JXLC), Limits(), ["inflate-failed"], []),
        ((box(b"brob", b"Exif", brotli.compress(u32(0) + exif_tiff())[:-4]), JXLC), Limits(), ["truncated"], []),
        ((JXLC, u32(100) + b"Exif" + u32(0) + exif_tiff()), Limits(), ["truncated"], [HELLO]),
        ((JXLC, u32(7) + b"Exif"), Limits(), ["container-invalid"], []),
        ((JXLC,), Limits(decode_bytes=9), ["limit:decode_bytes"], []),
        ((brob(b"junk", bytes(1 << 20)), JXLC), Limits(text_bytes=99), [], []),
    ],
)
def test_warnings(boxes: tuple[bytes, ...], limits: Limits, codes: list[str], texts: list[Text]) -> None:
    log = Ledger(limits)
    embedded = read_jxl(BytesSource(SIGNATURE + b"".join(boxes)), log)
    found = [warning.code for warning in log.items]
    assert found[: len(codes)] == codes
    assert set(found[len(codes) :]) <= {"exif-truncated"}
    assert embedded.texts == texts


def test_brotli_bombs_are_bounded() -> None:
    bomb = brob(b"xml ", b"<" * (1 << 22))
    log = Ledger(Limits(text_bytes=1 << 16, text_total_bytes=1 << 18))
    read_jxl(BytesSource(SIGNATURE + JXLC + bomb * 50), log)
    codes = {warning.code for warning in log.items}
    assert {"limit:text_bytes", "limit:text_total_bytes"} <= codes


@pytest.mark.parametrize("length", [2, 3])
def test_bare_codestream_cut_in_its_header(length: int) -> None:
    with pytest.raises(CorruptImageError, match="header of its codestream"):
        read_jxl(BytesSource(codestream(*WIDE_40X20, DEFAULTS)[:length]), Ledger())


def test_bare_codestream_cut_later() -> None:
    embedded = read_jxl(BytesSource(PICTURE[:5]), Ledger())
    assert (embedded.width, embedded.height, embedded.orientation) == (40, 20, 1)


def test_pixels_are_not_read() -> None:
    source = SparseSource(SIGNATURE + box(b"xml ", XMP) + u32(0) + b"jxlc" + PICTURE, 1 << 30)
    embedded = read_jxl(source, Ledger())
    assert (embedded.displayed_size, source.read < 1 << 12) == ((20, 40), True)


SEEDS = {
    "bare": PICTURE,
    "boxes": SIGNATURE + box(b"Exif", u32(0), exif_tiff()) + box(b"xml ", XMP) + JXLC,
    "brob": SIGNATURE + brob(b"Exif", u32(0) + exif_tiff()) + brob(b"xml ", XMP) + box(b"jxlp", u32(0), PICTURE),
}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(damaged(SEEDS))
def test_any_bytes(data: bytes) -> None:
    survives(read_jxl, data)
