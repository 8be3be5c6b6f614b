from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given, settings
from PIL import Image

from extractor.embedded import C2pa, Carrier, Embedded, Text
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.readers.tiff import read_tiff
from tests.readers.boxes import box
from tests.readers.cborbytes import encode
from tests.readers.damage import SparseSource, damaged, survives

ASCII, SHORT, LONG, UNDEFINED, BYTE = 2, 3, 4, 7, 1
Entry = tuple[int, int, bytes | int]


def directory(at: int, entries: list[Entry], order: str, big: bool) -> bytes:
    """One IFD at offset `at`, its values right behind it."""
    wide = "Q" if big else "I"
    field = struct.calcsize(wide)
    table = struct.pack(order + ("Q" if big else "H"), len(entries))
    values_at = at + len(table) + len(entries) * (4 + 2 * field) + field
    values = b""
    for tag, kind, value in entries:
        if isinstance(value, int):
            count, stored = 1, struct.pack(order + ("H" if kind == SHORT else "I"), value).ljust(field, b"\0")
        elif len(value) <= field:
            count, stored = len(value), value.ljust(field, b"\0")
        else:
            count, stored = len(value), struct.pack(order + wide, values_at + len(values))
            values += value
        table += struct.pack(order + "HH" + wide, tag, kind, count) + stored
    return table + bytes(field) + values


def tiff(entries: list[Entry], exif: list[Entry] = [], order: str = "<", big: bool = False, gap: int = 0) -> bytes:  # noqa: B006
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "H", 43 if big else 42)
    start = (16 if big else 8) + gap
    head += struct.pack(order + ("HHQ" if big else "I"), *((8, 0, start) if big else (start,))) + bytes(gap)
    sample = directory(start, [*entries, (0x8769, LONG, 0)], order, big)
    exif_at = start + len(sample)
    main = directory(start, [*entries, (0x8769, LONG, exif_at)], order, big)
    return head + main + directory(exif_at, exif, order, big)


IFD0: list[Entry] = [
    (0x0100, SHORT, 50),
    (0x0101, LONG, 30),
    (0x010E, ASCII, b"a cat\0"),
    (0x0112, SHORT, 6),
    (0x0131, ASCII, b"painter"),
    (0x013B, ASCII, b"me\0"),
    (
        0x02BC,
        BYTE,
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Label="red"/></rdf:RDF></x:xmpmeta>',
    ),
]
EXIF: list[Entry] = [(0x9286, UNDEFINED, b"ASCII\0\0\0a dog")]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("gap", [0, 5000])
def test_tags(order: str, big: bool, gap: int) -> None:
    log = Ledger()
    embedded = read_tiff(BytesSource(tiff(IFD0, EXIF, order, big, gap)), log)
    assert log.items == []
    assert (embedded.width, embedded.height, embedded.orientation) == (50, 30, 6)
    assert embedded.displayed_size == (30, 50)
    assert embedded.pixel_ranges is None
    plain = [text for text in embedded.texts if text.carrier is Carrier.EXIF]
    assert sorted(plain, key=lambda text: text.key) == [
        Text("tiff", "exif", "Artist", "me", Carrier.EXIF),
        Text("tiff", "exif", "ImageDescription", "a cat", Carrier.EXIF),
        Text("tiff", "exif", "Software", "painter", Carrier.EXIF),
        Text("tiff", "exif", "UserComment", "a dog", Carrier.EXIF),
    ]
    assert Text("tiff", "xmp", "xmp:Label", "red", Carrier.XMP) in embedded.texts


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"II*\0", ["exif-invalid"]),
        (b"II am a text file", ["exif-invalid"]),
        (b"II*\0\xff\xff\xff\x7f", ["exif-invalid"]),
        (b"MM\0+\0\x08\0\0" + bytes(7), ["exif-invalid"]),
    ],
)
def test_no_directory(data: bytes, codes: list[str]) -> None:
    log = Ledger()
    assert read_tiff(BytesSource(data), log) == Embedded("tiff", "image/tiff")
    assert [warning.code for warning in log.items] == codes


def test_c2pa() -> None:
    claim = box(b"jumb", box(b"jumd", bytes(16) + b"\3c2pa.claim\0"), box(b"cbor", encode({"claim_generator": "x"})))
    store = box(b"jumb", box(b"jumd", b"c2pa" + bytes(12) + b"\3c2pa\0"), claim)
    log = Ledger()
    assert read_tiff(BytesSource(tiff([*IFD0, (0xCD41, UNDEFINED, store)])), log).c2pa == C2pa("x")
    assert log.items == []


@pytest.mark.parametrize("big", [False, True])
def test_pillow_writes(big: bool) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (50, 30)).save(stream, "TIFF", big_tiff=big, software="painter", description="a cat")
    embedded = read_tiff(BytesSource(stream.getvalue()), Ledger())
    assert embedded.displayed_size == (50, 30)
    assert {text.key: text.value for text in embedded.texts} == {"Software": "painter", "ImageDescription": "a cat"}


def test_pixels_are_not_read() -> None:
    source = SparseSource(tiff(IFD0, EXIF), 1 << 30)
    assert read_tiff(source, Ledger()).displayed_size == (30, 50)
    assert source.read < 1 << 16


@settings(max_examples=150, deadline=None, derandomize=True)
@given(damaged({"classic": tiff(IFD0, EXIF), "big": tiff(IFD0, EXIF, ">", big=True)}))
def test_any_bytes(data: bytes) -> None:
    survives(read_tiff, data)
