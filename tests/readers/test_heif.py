from __future__ import annotations

import io
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from PIL import Image

from extractor.embedded import Carrier, Embedded, Text
from extractor.errors import CorruptImageError
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.heif import read_avif, read_heic
from tests.readers.boxes import XMP, box, exif_tiff, full_box, u16, u32
from tests.readers.damage import SparseSource, damaged, survives

EXIF = u32(6) + b"Exif\0\0" + exif_tiff(orientation=6)
FTYP = box(b"ftyp", b"avif", u32(0), b"avifmif1miaf")
ISPE = full_box(b"ispe", u32(40), u32(20))
XMP_TYPE = b"application/rdf+xml\0"

HELLO = Text("avif", "exif", "ImageDescription", "hello!", Carrier.EXIF)
LABEL = Text("avif", "xmp", "xmp:Label", "red", Carrier.XMP)


def infe(number: int, kind: bytes, media_type: bytes = b"", version: int = 2) -> bytes:
    ident = u16(number) if version < 3 else u32(number)
    return full_box(b"infe", ident, u16(0), kind, b"\0", media_type, version=version)


def iinf(*entries: bytes, version: int = 0, count: int | None = None) -> bytes:
    declared = len(entries) if count is None else count
    return full_box(b"iinf", u16(declared) if version == 0 else u32(declared), *entries, version=version)


ITEMS = iinf(infe(1, b"av01"), infe(2, b"Exif"), infe(3, b"mime", XMP_TYPE))


def iloc0(places: dict[int, tuple[int, int]]) -> bytes:
    """Version 0: 4-byte offsets and lengths, no construction method."""
    rows = [struct.pack(">HHHII", number, 0, 1, *place) for number, place in places.items()]
    return full_box(b"iloc", b"\x44\0", u16(len(rows)), *rows)


def iloc1(places: dict[int, tuple[int, int]], construction: int) -> bytes:
    """Version 1: the offset in an 8-byte base, 4-byte index, offset and length."""
    rows = [
        struct.pack(">HHHQHIII", number, construction, 0, offset, 1, 1, 0, length)
        for number, (offset, length) in places.items()
    ]
    return full_box(b"iloc", b"\x44\x84", u16(len(rows)), *rows, version=1)


def iloc2(places: dict[int, tuple[int, int]], construction: int) -> bytes:
    """Version 2: 32-bit item numbers, each item in two halves."""
    rows = [
        struct.pack(
            ">IHHHIIII", number, construction, 0, 2, offset, length // 2, offset + length // 2, length - length // 2
        )
        for number, (offset, length) in places.items()
    ]
    return full_box(b"iloc", b"\x44\0", u32(len(rows)), *rows, version=2)


def iprp(*properties: bytes, wide: bool = False, item: int = 1) -> bytes:
    indices = range(1, len(properties) + 1)
    used = b"".join(u16(0x8000 | index) if wide else bytes([0x80 | index]) for index in indices)
    count = bytes([len(properties)])
    other = u16(item + 1) + b"\1" + (u16(1) if wide else b"\1")
    return box(
        b"iprp",
        box(b"ipco", *properties),
        full_box(b"ipma", u32(2), other, u16(item), count, used, flags=int(wide)),
    )


def heif(make_iloc: Callable[[dict[int, tuple[int, int]]], bytes], *more: bytes, iprp: bytes = iprp(ISPE)) -> bytes:
    """An AVIF with its Exif and XMP items in ``mdat``."""

    def meta(start: int) -> bytes:
        places = {2: (start, len(EXIF)), 3: (start + len(EXIF), len(XMP))}
        return full_box(b"meta", full_box(b"pitm", u16(1)), make_iloc(places), ITEMS, iprp, *more)

    start = len(FTYP) + len(meta(0)) + 8
    return FTYP + meta(start) + box(b"mdat", EXIF, XMP)


def idat_heif() -> bytes:
    places = {2: (0, len(EXIF)), 3: (len(EXIF), len(XMP))}
    return FTYP + full_box(
        b"meta", ITEMS, iloc1(places, 1), iprp(ISPE), full_box(b"pitm", u16(1)), box(b"idat", EXIF, XMP)
    )


def item_heif() -> bytes:
    """Both items are parts of a fourth one."""
    iref = full_box(b"iref", box(b"iloc", u16(2), u16(1), u16(4)), box(b"iloc", u16(3), u16(1), u16(4)))

    def meta(start: int) -> bytes:
        parts = iloc1({2: (0, len(EXIF)), 3: (len(EXIF), len(XMP))}, 2)
        whole = iloc1({4: (start, len(EXIF) + len(XMP))}, 0)
        rows = parts[16:] + whole[16:]
        iloc = full_box(b"iloc", b"\x44\x84", u16(3), rows, version=1)
        return full_box(b"meta", full_box(b"pitm", u16(1)), iloc, ITEMS, iprp(ISPE), iref)

    return FTYP + meta(len(FTYP) + len(meta(0)) + 8) + box(b"mdat", EXIF, XMP)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(heif(iloc0), id="iloc-0"),
        pytest.param(heif(lambda places: iloc1(places, 0)), id="iloc-1"),
        pytest.param(heif(lambda places: iloc2(places, 0)), id="iloc-2-two-extents"),
        pytest.param(idat_heif(), id="idat"),
        pytest.param(item_heif(), id="item"),
    ],
)
def test_items(data: bytes) -> None:
    log = Ledger()
    embedded = read_avif(BytesSource(data), log)
    assert [text for text in embedded.texts if text.key != "packet"] == [HELLO, LABEL]
    assert log.items == []
    assert (embedded.width, embedded.height, embedded.orientation) == (40, 20, 1)
    assert embedded.pixel_ranges == ((0, len(data)),)


@pytest.mark.parametrize("version", [0, 2, 3])
def test_item_entries(version: int) -> None:
    if version == 0:
        entry = full_box(b"infe", u16(3), u16(0), b"a name\0", XMP_TYPE, b"\0")
    else:
        entry = infe(3, b"mime", XMP_TYPE, version)
    meta = full_box(b"meta", iinf(entry, version=1), iloc1({3: (0, len(XMP))}, 1), box(b"idat", XMP))
    assert LABEL in read_avif(BytesSource(FTYP + meta), Ledger()).texts


@pytest.mark.parametrize(
    "exif",
    [
        pytest.param(EXIF, id="as-specified"),
        pytest.param(u32(0) + exif_tiff(), id="no-prefix"),
        pytest.param(u32(9) + b"Exif\0\0abc" + exif_tiff(), id="offset-points-on"),
        pytest.param(exif_tiff(), id="no-offset"),
        pytest.param(b"Exif\0\0" + exif_tiff(), id="no-offset-but-prefix"),
    ],
)
def test_exif_forms(exif: bytes) -> None:
    log = Ledger()
    meta = full_box(b"meta", iinf(infe(2, b"Exif")), iloc1({2: (0, len(exif))}, 1), box(b"idat", exif))
    assert read_avif(BytesSource(FTYP + meta), log).texts == [HELLO]
    assert [warning.code for warning in log.items] == ["container-invalid"]  # there is no picture


def irot(turns: int) -> bytes:
    return box(b"irot", bytes([turns]))


def imir(axis: int) -> bytes:
    return box(b"imir", bytes([axis]))


@pytest.mark.parametrize(
    ("properties", "orientation", "shown"),
    [
        ((), 1, (40, 20)),
        ((imir(1),), 2, (40, 20)),
        ((irot(2),), 3, (40, 20)),
        ((imir(0),), 4, (40, 20)),
        ((irot(1), imir(0)), 5, (20, 40)),
        ((irot(3),), 6, (20, 40)),
        ((irot(1), imir(1)), 7, (20, 40)),
        ((irot(1),), 8, (20, 40)),
        ((irot(2), imir(0)), 2, (40, 20)),
        ((irot(2), imir(1)), 4, (40, 20)),
        ((irot(3), imir(0)), 7, (20, 40)),
        ((irot(3), imir(1)), 5, (20, 40)),
        ((box(b"clap", *map(u32, (66, 2, 15, 1, 0, 1, 0, 1))), irot(3)), 6, (15, 33)),
        ((box(b"clap", *map(u32, (41, 1, 15, 1, 0, 1, 0, 1))),), 1, (40, 20)),
        ((box(b"clap", *map(u32, (40, 0, 0, 0, 0, 0, 0, 0))),), 1, (40, 20)),
    ],
)
@pytest.mark.parametrize("wide", [False, True])
def test_transformations(properties: tuple[bytes, ...], orientation: int, shown: tuple[int, int], wide: bool) -> None:
    data = heif(iloc0, iprp=iprp(ISPE, *properties, wide=wide))
    embedded = read_heic(BytesSource(data), Ledger())
    assert (embedded.orientation, embedded.displayed_size) == (orientation, shown)
    assert (embedded.container, embedded.mime) == ("heic", "image/heic")


def test_first_entry_for_an_item_counts() -> None:
    many = full_box(b"ipma", u32(3), u16(1) + b"\1\1", u16(1) + b"\1\2", u16(1) + b"\1\2")
    data = heif(iloc0, iprp=box(b"iprp", box(b"ipco", ISPE, full_box(b"ispe", u32(7), u32(7))), many))
    assert read_avif(BytesSource(data), Ledger()).displayed_size == (40, 20)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pillow_writes_avif(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x10E], exif[0x112] = "hello!", orientation
    stream = io.BytesIO()
    Image.new("RGBA", (40, 20)).save(stream, "AVIF", exif=exif, xmp=XMP)
    log = Ledger()
    embedded = read_avif(BytesSource(stream.getvalue()), log)
    assert (embedded.orientation, embedded.has_alpha) == (orientation, True)
    assert (embedded.width, embedded.height) == (40, 20)
    assert [text for text in embedded.texts if text.key != "packet"] == [HELLO, LABEL]
    assert log.items == []


def one_item(location: bytes, count: int | None = None) -> bytes:
    return FTYP + full_box(b"meta", iinf(infe(2, b"Exif"), count=count, version=1), location)


@pytest.mark.parametrize(
    ("data", "limits", "codes"),
    [
        (FTYP + u32(0) + b"meta", Limits(), ["container-invalid"]),
        (FTYP + u32(1) + b"meta" + b"\xff" * 8, Limits(), ["truncated", "container-invalid"]),
        (one_item(iloc0({2: (10**6, 50)})), Limits(), ["container-invalid", "truncated"]),
        (one_item(iloc1({2: (0, 50)}, 1)), Limits(), ["container-invalid", "truncated"]),
        (one_item(iloc1({2: (0, 50)}, 2)), Limits(), ["container-invalid", "container-invalid"]),
        (one_item(b""), Limits(), ["container-invalid"]),
        (one_item(iloc0({9: (0, 50)})), Limits(), ["container-invalid", "container-invalid"]),
        (one_item(b"", count=0xFFFFFFFF), Limits(), ["container-invalid"]),
        (
            FTYP
            + full_box(
                b"meta", iinf(version=1, count=0xFFFFFFFF), full_box(b"iloc", b"\x44\0\xff\xff\xff\xff", version=2)
            ),
            Limits(),
            ["container-invalid"],
        ),
        (heif(iloc0), Limits(chunks=6), ["limit:chunks"]),
        (heif(iloc0), Limits(text_bytes=20), ["limit:text_bytes", "exif-truncated", "limit:text_bytes", "xmp-invalid"]),
        (heif(iloc0), Limits(decode_bytes=100), ["limit:decode_bytes"]),
    ],
)
def test_warnings(data: bytes, limits: Limits, codes: list[str]) -> None:
    log = Ledger(limits)
    read_avif(BytesSource(data), log)
    assert [warning.code for warning in log.items] == codes


def test_extents_without_fields_cost_nothing() -> None:
    """Every item claims 65,535 extents of no bytes."""
    entries = [infe(number, b"Exif") for number in range(1, 400)]
    rows = [struct.pack(">HHH", number, 0, 0xFFFF) for number in range(1, 400)]
    iloc = full_box(b"iloc", b"\0\0", u16(len(rows)), *rows)
    log = Ledger()
    read_avif(BytesSource(FTYP + full_box(b"meta", iinf(*entries), iloc)), log)
    assert "limit:chunks" in [warning.code for warning in log.items]


def test_cut_file_keeps_its_texts() -> None:
    data = heif(iloc0) + box(b"free", bytes(50))
    log = Ledger()
    embedded = read_avif(BytesSource(data[:-10]), log)
    assert HELLO in embedded.texts
    assert LABEL in embedded.texts
    assert [warning.code for warning in log.items] == ["truncated"]


def test_no_meta_box() -> None:
    with pytest.raises(CorruptImageError, match="no meta box"):
        read_avif(BytesSource(FTYP + u32(7) + b"meta"), Ledger())


def test_nested_meta_boxes_are_not_entered() -> None:
    data = b""
    for _ in range(3000):
        data = full_box(b"meta", data)
    log = Ledger()
    assert read_avif(BytesSource(FTYP + data), log) == Embedded("avif", "image/avif")
    assert [warning.code for warning in log.items] == ["container-invalid"]


def test_pixels_are_not_read() -> None:
    source = SparseSource(heif(iloc0) + u32(0) + b"mdat", 1 << 30)
    log = Ledger()
    embedded = read_avif(source, log)
    assert HELLO in embedded.texts
    assert (embedded.pixel_ranges, source.read < 1 << 13) == (None, True)


SEEDS = {
    "file": heif(iloc0, iprp=iprp(ISPE, irot(1), imir(1), full_box(b"auxC", b"urn:x\0"), wide=True)),
    "idat": idat_heif(),
    "item": item_heif(),
}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(damaged(SEEDS))
def test_any_bytes(data: bytes) -> None:
    survives(read_avif, data)
