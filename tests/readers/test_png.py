from __future__ import annotations

import struct
import zlib

import pytest

from extractor.embedded import Carrier, Embedded
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.png import read_png
from tests.support import IDAT, IEND, INFOTEXT, SIGNATURE, chunk, ihdr, itext_chunk, png, text_chunk, ztext_chunk

PARAMETERS = text_chunk("parameters", INFOTEXT)


def read(data: bytes, limits: Limits | None = None) -> tuple[Embedded, list[str]]:
    log = Ledger(limits or Limits())
    embedded = read_png(BytesSource(data), log)
    return embedded, [warning.code for warning in log.items]


def texts(embedded: Embedded) -> list[tuple[str, str]]:
    return [(text.source, text.value) for text in embedded.texts]


@pytest.mark.parametrize(
    ("data", "found", "codes"),
    [
        pytest.param(png(PARAMETERS), [("png:tEXt:parameters", INFOTEXT)], [], id="before the pixels"),
        pytest.param(png(b"", PARAMETERS), [("png:tEXt:parameters", INFOTEXT)], [], id="after the pixels"),
        pytest.param(png() + PARAMETERS, [("png:tEXt:parameters", INFOTEXT)], [], id="after IEND"),
        pytest.param(
            png(text_chunk("parameters", INFOTEXT, crc=1)),
            [("png:tEXt:parameters", INFOTEXT)],
            ["bad-crc"],
            id="bad CRC",
        ),
        pytest.param(
            png(text_chunk("k", "first") + text_chunk("k", "second")),
            [("png:tEXt:k", "first"), ("png:tEXt:k", "second")],
            [],
            id="repeated keyword",
        ),
        pytest.param(png(text_chunk("k", "é".encode("latin-1"))), [("png:tEXt:k", "é")], [], id="Latin-1"),
        pytest.param(png(text_chunk("k", "テスト, é".encode())), [("png:tEXt:k", "テスト, é")], [], id="UTF-8 in tEXt"),
        pytest.param(png(text_chunk("k", "a\0b\0c")), [("png:tEXt:k", "a\0b\0c")], [], id="NULs are kept"),
        pytest.param(png(ztext_chunk("k", b"zipped")), [("png:zTXt:k", "zipped")], [], id="zTXt"),
        pytest.param(png(itext_chunk("k", "日本".encode())), [("png:iTXt:k", "日本")], [], id="iTXt"),
        pytest.param(
            png(itext_chunk("k", "日本".encode(), compressed=True)), [("png:iTXt:k", "日本")], [], id="compressed iTXt"
        ),
        pytest.param(
            png(itext_chunk("k", b"ok \xff bad")), [("png:iTXt:k", "ok \ufffd bad")], ["text-invalid"], id="bad UTF-8"
        ),
        pytest.param(png(chunk(b"tEXt", b"parameters")), [], ["png-chunk-invalid"], id="no separator"),
        pytest.param(
            png(chunk(b"zTXt", b"k\0x" + zlib.compress(b"v")) + text_chunk("x", "y")),
            [("png:tEXt:x", "y")],
            ["png-chunk-invalid"],
            id="unknown compression method",
        ),
        pytest.param(
            png(chunk(b"zTXt", b"k\0\0notzlib") + text_chunk("x", "y")),
            [("png:zTXt:k", ""), ("png:tEXt:x", "y")],
            ["inflate-failed"],
            id="not zlib",
        ),
        pytest.param(
            png(chunk(b"zTXt", b"k\0\0" + zlib.compress(b"abc" * 9, 0)[:-6])),
            [("png:zTXt:k", "abcabcabcabcabcabcabcabca")],
            ["truncated"],
            id="zlib stream cut off",
        ),
        pytest.param(
            SIGNATURE + ihdr() + PARAMETERS[:-20],
            [("png:tEXt:parameters", INFOTEXT[:-16])],
            ["truncated"],
            id="cut inside the text",
        ),
        pytest.param(
            SIGNATURE + ihdr() + struct.pack(">I", 0x7FFFFFFF) + b"tEXtparameters\0abc",
            [("png:tEXt:parameters", "abc")],
            ["truncated"],
            id="declared length of 2 GiB",
        ),
        pytest.param(
            SIGNATURE + ihdr() + PARAMETERS + struct.pack(">I", 5000) + b"IDATxx",
            [("png:tEXt:parameters", INFOTEXT)],
            ["truncated"],
            id="cut inside the pixels",
        ),
        pytest.param(
            png(b"".join(chunk(kind, b"") for kind in (b"gAMA", b"tRNS", b"eXIf", b"tEXt", b"zTXt", b"iTXt"))),
            [],
            ["png-chunk-invalid"] * 3,
            id="empty chunks",
        ),
        pytest.param(
            png(text_chunk("Raw profile type exif", "\nexif\n 20\nzzzz\n")),
            [("png:tEXt:Raw profile type exif", "\nexif\n 20\nzzzz\n")],
            ["png-profile-invalid"],
            id="raw profile that is not hex",
        ),
    ],
)
def test_texts(data: bytes, found: list[tuple[str, str]], codes: list[str]) -> None:
    embedded, warnings = read(data)
    assert texts(embedded) == found
    assert warnings == codes
    assert (embedded.width, embedded.height) == (1, 1)


@pytest.mark.parametrize(
    ("header", "size", "alpha", "codes"),
    [
        (ihdr(1024, 768), (1024, 768), False, []),
        (ihdr(60000, 60000, colour=6), (60000, 60000), True, []),
        (ihdr(0, 1), (0, 1), False, []),
        (ihdr(1, 1, 3, 7), (1, 1), False, ["png-header-invalid"]),
        (chunk(b"IHDR", b"\0\0\0\1"), (0, 0), False, ["png-header-invalid"]),
        (b"", (0, 0), False, []),
    ],
)
def test_header(header: bytes, size: tuple[int, int], alpha: bool, codes: list[str]) -> None:
    embedded, warnings = read(png(PARAMETERS, header=header))
    assert (embedded.width, embedded.height) == size
    assert embedded.has_alpha is alpha
    assert warnings == codes
    assert texts(embedded) == [("png:tEXt:parameters", INFOTEXT)]


def test_the_decoder_gets_pixel_chunks_only() -> None:
    data = png(PARAMETERS, text_chunk("after", "x"))
    embedded, _ = read(data)
    assert embedded.pixel_ranges is not None
    assert b"".join(data[at : at + length] for at, length in embedded.pixel_ranges) == SIGNATURE + ihdr() + IDAT + IEND


@pytest.mark.parametrize("before", range(12))
def test_runs_of_equal_pixel_chunks_are_stepped_over_exactly(before: int) -> None:
    other = chunk(b"IDAT", b"longer than the others")
    data = png(b"", PARAMETERS, pixels=IDAT * before + text_chunk("between", "x") + IDAT * 5 + other)
    embedded, warnings = read(data)
    assert texts(embedded) == [("png:tEXt:between", "x"), ("png:tEXt:parameters", INFOTEXT)]
    assert warnings == []
    assert embedded.pixel_ranges is not None
    pixels = b"".join(data[at : at + length] for at, length in embedded.pixel_ranges)
    assert pixels == SIGNATURE + ihdr() + IDAT * (before + 5) + other + IEND


@pytest.mark.parametrize("data", [SIGNATURE + IDAT + IEND, SIGNATURE + ihdr() + IEND])
def test_without_header_or_pixels_nothing_is_decoded(data: bytes) -> None:
    assert read(data)[0].pixel_ranges is None


@pytest.mark.parametrize(
    ("limits", "data", "values", "codes"),
    [
        (
            Limits(text_bytes=1000),
            png(ztext_chunk("k", b"A" * 5000)),
            ["A" * 1000],
            ["limit:text_bytes"],
        ),
        (
            Limits(text_total_bytes=1500),
            png(text_chunk("a", "A" * 1000) + text_chunk("b", "B" * 1000)),
            ["A" * 1000, "B" * 496],
            ["limit:text_total_bytes"],
        ),
        (
            Limits(chunks=3),
            png(b"".join(text_chunk(f"k{i}", "v") for i in range(9))),
            ["v", "v"],
            ["limit:chunks", "truncated"],
        ),
        (Limits(pixel_chunks=2), png(b"", PARAMETERS, pixels=IDAT * 5), [], ["limit:pixel_chunks", "truncated"]),
    ],
)
def test_limits(limits: Limits, data: bytes, values: list[str], codes: list[str]) -> None:
    embedded, warnings = read(data, limits)
    assert [text.value for text in embedded.texts] == values
    assert warnings == codes


@pytest.mark.parametrize(
    "trailer", [b"\0" * 8, b"PK\3\4" + b"zip" * 9, b"abcdefghijkl", b"x", png(PARAMETERS), IDAT, ihdr()]
)
def test_bytes_behind_the_end(trailer: bytes) -> None:
    embedded, codes = read(png(text_chunk("a", "b")) + trailer)
    assert (texts(embedded), codes) == ([("png:tEXt:a", "b")], ["trailing-data"])
    assert embedded.pixel_ranges == read(png(text_chunk("a", "b")))[0].pixel_ranges
    log = Ledger()
    read_png(BytesSource(png() + trailer), log)
    assert f" {len(trailer)} bytes " in log.items[0].message


def test_texts_behind_the_end() -> None:
    behind = text_chunk("a", "2") + itext_chunk("b", b"3") + b"\0trailer"
    embedded, codes = read(png(text_chunk("a", "1")) + behind)
    assert [(text.value, text.carrier) for text in embedded.texts] == [
        ("1", Carrier.CHUNK),
        ("2", Carrier.BEHIND),
        ("3", Carrier.CHUNK),
    ]
    assert codes == ["trailing-data"]
