"""What must hold for every picture that is written to, made here or found beside the project."""

from __future__ import annotations

import io
from pathlib import Path

import piexif
import pytest
from PIL import Image

from extractor import ExtractorError, copy_metadata, embed, extract, strip
from extractor.containers import png
from extractor.files.bytesource import BytesSource
from extractor.files.window import Window
from extractor.finding import SCHEMA_KEYS
from extractor.ledger import Ledger
from tests.realfiles import FILES
from tests.writers.pictures import (
    ASCII,
    MAKER_NOTE,
    META,
    OLD,
    PICTURES,
    TEXTS,
    frames,
    icc_of,
    multi_picture,
    noise,
    saved,
    second_picture,
)
from tests.writers.rules import a1111_reads, exiftool_says, needs_exiftool

WRITTEN = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".heic", ".jxl")
FOUND = [path for path in FILES if path.suffix in WRITTEN]
UNSEEN = ("gif", "gif-animated", "avif")
"""Pictures whose texts A1111 looks for elsewhere; of a turned AVIF, Pillow hands out EXIF of its own making."""
made = pytest.mark.parametrize("name", PICTURES)
found = pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)


def check_embedded(data: bytes, text: str, name: str) -> bytes:
    before = frames(data)
    new = embed(data, text, graphs="drop", c2pa="drop").data
    assert new is not None
    assert before is None or frames(new) == before
    assert extract(new, hash=False).meta == META[name]
    assert embed(new, text).data == new
    return new


@made
@pytest.mark.parametrize("text", TEXTS)
def test_embedding(name: str, text: str) -> None:
    data = PICTURES[name]()
    new = check_embedded(data, TEXTS[text], text)
    if frames(data) is not None and name not in UNSEEN:
        assert a1111_reads(new) == TEXTS[text]
    if frames(data) is not None:
        assert icc_of(new) == icc_of(data)


@found
def test_embedding_into_found_files(path: Path) -> None:
    check_embedded(path.read_bytes(), TEXTS["wide"], "wide")


@made
def test_stripping(name: str) -> None:
    data = PICTURES[name]()
    full = embed(data, TEXTS["wide"]).data
    assert full is not None
    for everything in (False, True):
        new = strip(full, all=everything).data
        assert new is not None
        assert frames(data) is None or frames(new) == frames(data)
        assert extract(new, hash=True, stealth=True).meta is None
        for secret in (OLD[:20], "猫と海", "Negative prompt"):
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                assert secret.encode(encoding) not in new
        assert strip(new, all=everything).data == new
        if frames(data) is not None:
            assert icc_of(new) == icc_of(data)


@found
def test_stripping_found_files(path: Path) -> None:
    data = path.read_bytes()
    report = strip(data, stealth=True)
    assert report.data is not None
    assert frames(report.data) == frames(data) or frames(data) is None
    record = extract(report.data, stealth=True)
    assert record.meta is None or any("stealth" in place for place in report.kept)
    before = extract(data, hash=False)
    assert (record.width, record.height) == (before.width, before.height)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
@found
def test_copying_found_files(path: Path, kind: str) -> None:
    twin = saved(noise(), kind)
    try:
        before = extract(path.read_bytes(), hash=False).meta
    except ExtractorError:
        pytest.skip("it cannot be read")
    if before is None:
        pytest.skip("it has nothing to copy")
    report = copy_metadata(path.read_bytes(), twin, split_exif=True, drop_workflow=True)
    assert report.data is not None
    assert frames(report.data) == frames(twin)
    after = extract(report.data, hash=False).meta
    assert after is not None
    old, new = (meta.model_dump(by_alias=True, exclude_none=True) for meta in (before, after))
    said = {words.partition(":")[0] for words in report.lost}
    assert {key for key in SCHEMA_KEYS if old.get(key) is not None and old[key] != new.get(key)} <= said
    assert copy_metadata(path.read_bytes(), report.data, split_exif=True, drop_workflow=True).data == report.data


@made
@needs_exiftool
def test_exiftool_agrees(name: str, tmp_path: Path) -> None:
    data = PICTURES[name]()
    new = embed(data, TEXTS["wide"]).data
    assert new is not None
    complaints, _ = exiftool_says(data, tmp_path)
    new_complaints, texts = exiftool_says(new, tmp_path)
    assert new_complaints <= complaints
    assert TEXTS["wide"] in texts


# ---------------------------------------------------------------------------------------- what must stay, byte for byte


def pieces(data: bytes, *kinds: bytes) -> list[bytes]:
    chunks = png.walk(Window(BytesSource(data)), Ledger())
    return [data[chunk.offset : chunk.end] for chunk in chunks if chunk.kind in kinds]


def kinds(data: bytes) -> list[bytes]:
    return [chunk.kind for chunk in png.walk(Window(BytesSource(data)), Ledger())]


@pytest.mark.parametrize("name", [name for name in PICTURES if "png" in name])
def test_pixel_chunks_of_png(name: str) -> None:
    data = PICTURES[name]()
    new = embed(data, ASCII).data
    assert new is not None
    names = (b"IDAT", b"fdAT", b"fcTL", b"acTL", b"PLTE", b"IHDR", b"CgBI", b"tIME", b"iCCP")
    assert pieces(new, *names) == pieces(data, *names)


def test_duplicates_of_the_keyword_are_gone() -> None:
    new = embed(PICTURES["png-stale"](), ASCII).data
    assert new is not None
    assert new.lower().count(b"parameters") == 1
    assert new.endswith(b"junk behind")
    assert kinds(new)[:2] == [b"IHDR", b"tEXt"]


def test_stale_comments_of_png_are_gone() -> None:
    for name in ("png-exif", "png-raw-profile"):
        new = embed(PICTURES[name](), ASCII).data
        assert new is not None
        assert a1111_reads(new) == ASCII
        assert "old secret".encode("utf-16-be") not in new
        assert "old secret".encode("utf-16-be").hex().encode() not in new


@pytest.mark.parametrize("name", ["jpeg-camera", "jpeg-xmp-first", "webp-odd-icc", "avif"])
def test_what_the_camera_wrote_stays(name: str) -> None:
    new = embed(PICTURES[name](), TEXTS["wide"]).data
    assert new is not None
    with Image.open(io.BytesIO(new)) as image:
        exif = piexif.load(image.info["exif"])
    assert exif["0th"][piexif.ImageIFD.Make] == b"Canon"
    assert exif["0th"][piexif.ImageIFD.Model] == b"EOS 5D"
    assert bytes(exif["Exif"][piexif.ExifIFD.MakerNote]) == MAKER_NOTE
    assert exif["Exif"][piexif.ExifIFD.DateTimeOriginal] == b"2020:01:02 03:04:05"
    assert exif["GPS"][piexif.GPSIFD.GPSLatitude] == ((48, 1), (8, 1), (1, 3))
    if name.startswith("jpeg"):
        assert exif["0th"][piexif.ImageIFD.Orientation] == 6


def test_one_exif_block_remains() -> None:
    new = embed(PICTURES["jpeg-xmp-first"](), ASCII).data
    assert new is not None
    assert new.count(b"Exif\0\0") == 1
    assert new.index(b"ns.adobe.com") < new.index(b"Exif\0\0") < new.index(b"a comment")


def test_exif_stands_behind_jfif() -> None:
    new = embed(PICTURES["jpeg"](), ASCII).data
    assert new is not None
    assert new[2:4] == b"\xff\xe0"
    assert new[20:24] == b"\xff\xe1" + new[22:24]
    assert new.index(b"Exif\0\0") == 24


@pytest.mark.parametrize("text", TEXTS.values())
def test_the_second_picture_is_found_where_it_is_now(text: str) -> None:
    data, second = multi_picture()
    assert second_picture(data) == second
    for new in (embed(data, text).data, strip(embed(data, text).data or b"").data):
        assert new is not None
        assert second_picture(new) == second


def test_stripping_keeps_the_orientation() -> None:
    for everything in (False, True):
        report = strip(PICTURES["jpeg-camera"](), all=everything)
        assert report.data is not None
        assert extract(report.data, hash=False).width == 24
        assert (b"Canon" in report.data) is not everything


@pytest.mark.parametrize("name", ["webp-vp8", "webp-vp8l-alpha", "webp-odd-icc", "webp-animated"])
def test_webp_says_what_is_in_it(name: str) -> None:
    data = PICTURES[name]()
    new = embed(data, ASCII).data
    assert new is not None
    flags = new[20]
    assert new[12:16] == b"VP8X"
    assert flags & 0x08
    assert bool(flags & 0x10) == (name != "webp-vp8")
    assert bool(flags & 0x20) == (name == "webp-odd-icc")
    assert bool(flags & 0x02) == (name == "webp-animated")
    assert int.from_bytes(new[24:27], "little") == 39
    assert int.from_bytes(new[27:30], "little") == 23
    assert int.from_bytes(new[4:8], "little") == len(new) - 8
    gone = strip(new, all=True).data
    assert gone is not None
    assert not gone[20] & 0x08


def test_trailing_bytes() -> None:
    for name in ("jpeg-trailing", "webp-trailing", "png-stale"):
        data = PICTURES[name]()
        new = embed(data, ASCII).data
        assert new is not None
        assert new[-11:] == data[-11:]
    stripped = strip(PICTURES["png-stale"]())
    assert stripped.data is not None
    assert stripped.data.endswith(b"IEND\xaeB`\x82")
    assert "png: bytes behind the picture" in stripped.removed
