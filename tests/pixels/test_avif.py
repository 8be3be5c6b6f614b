from __future__ import annotations

from io import BytesIO
from struct import pack

import pytest
from PIL import Image

from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.pixels.avif import as_premultiplied, without_exif


def box(kind: bytes, payload: bytes) -> bytes:
    return pack(">I4s", 8 + len(payload), kind) + payload


def full_box(kind: bytes, payload: bytes) -> bytes:
    return box(kind, bytes(4) + payload)


def large_box(kind: bytes, payload: bytes) -> bytes:
    return pack(">I4sQ", 1, kind, 16 + len(payload)) + payload


def file_of(*references: bytes) -> bytes:
    return box(b"ftyp", b"avif") + full_box(b"meta", full_box(b"iref", b"".join(references)))


REFERENCE = pack(">HHH", 1, 1, 2)
PREMULTIPLIED = file_of(box(b"auxl", pack(">HHH", 2, 1, 1)), box(b"prem", REFERENCE))


def test_the_reference_of_premultiplied_colours_is_overwritten() -> None:
    assert as_premultiplied(PREMULTIPLIED, Ledger()) == PREMULTIPLIED.replace(b"prem", b"free")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(file_of(box(b"auxl", REFERENCE)), id="straight"),
        pytest.param(file_of() + box(b"mdat", b"....prem...."), id="in the pixels"),
        pytest.param(box(b"prem", REFERENCE), id="outside of meta"),
        pytest.param(full_box(b"meta", box(b"prem", REFERENCE)), id="outside of iref"),
        pytest.param(file_of(box(b"auxl", b"prem" + REFERENCE)), id="within another reference"),
        pytest.param(file_of(large_box(b"prem", REFERENCE)), id="with a size that no writer needs"),
        pytest.param(PREMULTIPLIED[:-10], id="cut"),
        pytest.param(b"prem", id="no box"),
        pytest.param(b"", id="empty"),
    ],
)
def test_files_that_are_left_alone(data: bytes) -> None:
    log = Ledger()
    assert as_premultiplied(data, log) is None
    assert log.items == []


def test_boxes_are_counted() -> None:
    log = Ledger(Limits(chunks=3))
    assert as_premultiplied(file_of(*[box(b"auxl", REFERENCE)] * 5, box(b"prem", REFERENCE)), log) is None


def test_libavif_leaves_the_colours_alone_then() -> None:
    """A file whose colours are said to be premultiplied: black times 128 / 255 comes out as what is stored."""
    stream = BytesIO()
    Image.new("RGBA", (64, 64), (60, 60, 60, 128)).save(stream, "AVIF", quality=100, subsampling="4:4:4")
    straight = stream.getvalue()
    reference = box(b"auxl", pack(">HHH", 2, 1, 1))
    assert reference in straight
    # The writer's own reference from alpha to colours, and one from colours to alpha in place of nothing else.
    marked = _with_reference(straight, box(b"prem", REFERENCE))
    patched = as_premultiplied(marked, Ledger())
    assert patched is not None
    with Image.open(BytesIO(straight)) as plain, Image.open(BytesIO(marked)) as divided:
        stored = plain.getpixel((9, 9))
        assert divided.getpixel((9, 9))[0] == pytest.approx(stored[0] * 255 / 128, abs=2)
    with Image.open(BytesIO(patched)) as image:
        assert image.getpixel((9, 9)) == stored


def _with_reference(data: bytes, reference: bytes) -> bytes:
    """The AVIF with one more reference in its ``iref``, all sizes and offsets of the file moved along."""
    meta, iref = data.index(b"meta") - 4, data.index(b"iref") - 4
    end = iref + int.from_bytes(data[iref : iref + 4], "big")
    grown = bytearray(data[:end] + reference + data[end:])
    for place in (meta, iref):
        size = int.from_bytes(grown[place : place + 4], "big") + len(reference)
        grown[place : place + 4] = pack(">I", size)
    iloc = grown.index(b"iloc") + 4
    assert grown[iloc : iloc + 6] == b"\0\0\0\0\x44\0"  # version 0, offsets and lengths of four bytes, no base
    for number in range(int.from_bytes(grown[iloc + 6 : iloc + 8], "big")):
        place = iloc + 8 + 14 * number + 6
        assert grown[place - 2 : place] == b"\0\1"
        offset = int.from_bytes(grown[place : place + 4], "big") + len(reference)
        grown[place : place + 4] = pack(">I", offset)
    return bytes(grown)


def test_exif_items_get_an_unknown_type() -> None:
    entry = full_box(b"infe", b"\0\2\0\0Exif\0")
    wide = full_box(b"infe", b"\0\0\0\2\0\0Exif\0")
    data = entry + wide + box(b"mdat", b"Exif\0\0")
    assert without_exif(data, Ledger()) == data.replace(b"Exif\0", b"free\0", 2)


def test_without_exif_items_nothing_is_copied() -> None:
    assert without_exif(PREMULTIPLIED, Ledger()) is PREMULTIPLIED
