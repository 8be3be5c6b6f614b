from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given, settings
from PIL import Image

from extractor.embedded import C2pa, Embedded
from extractor.files.bytesource import BytesSource, FileSource
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.webp import read_webp
from tests.readers.damage import SparseSource, damaged, survives
from tests.readers.exifblocks import comment, text, tiff
from tests.support import SHARED, needs_shared


def chunk(kind: bytes, data: bytes, *, padded: bool = True) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + (b"\0" if padded and len(data) % 2 else b"")


def webp(*chunks: bytes, size: int | None = None) -> bytes:
    """A WebP of these chunks; `size` is what the header declares instead of the truth."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def canvas(flags: int = 0, width: int = 50, height: int = 30) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return chunk(b"VP8X", bytes((flags, 0, 0, 0)) + size)


def lossless(width: int = 50, height: int = 30, alpha: bool = False) -> bytes:
    bits = (width - 1) | (height - 1) << 14 | alpha << 28
    return chunk(b"VP8L", b"\x2f" + struct.pack("<I", bits) + b"\x07")


LOSSY = chunk(b"VP8 ", b"\x30\x01\0\x9d\x01\x2a" + struct.pack("<HH", 50 | 0x4000, 30 | 0x8000))
HELLO = tiff([text(0x010E, "hello!")])
ODD = HELLO + b"\0"
EXIF = chunk(b"EXIF", HELLO)
FOUND = [("webp:exif:ImageDescription", "hello!")]
XMP = '<r xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title></r>'


def read(data: bytes, limits: Limits | None = None) -> tuple[Embedded, list[str]]:
    log = Ledger(limits or Limits())
    embedded = read_webp(BytesSource(data), log)
    return embedded, [warning.code for warning in log.items]


def texts(embedded: Embedded) -> list[tuple[str, str]]:
    return [(found.source, found.value) for found in embedded.texts]


WHOLE = webp(canvas(8), lossless(), EXIF)


@pytest.mark.parametrize(
    ("data", "found", "codes"),
    [
        pytest.param(webp(lossless()), [], [], id="no text"),
        pytest.param(WHOLE, FOUND, [], id="EXIF"),
        pytest.param(webp(canvas(0), lossless(), EXIF), FOUND, [], id="EXIF without its flag"),
        pytest.param(webp(lossless(), EXIF), FOUND, [], id="EXIF without VP8X"),
        pytest.param(webp(canvas(8), EXIF, LOSSY), FOUND, [], id="EXIF before the picture"),
        pytest.param(webp(canvas(8), lossless(), chunk(b"EXIF", b"Exif\0\0" + HELLO)), FOUND, [], id="EXIF prefix"),
        pytest.param(
            webp(lossless(), EXIF, chunk(b"EXIF", tiff([text(0x010E, "second")]))),
            [*FOUND, ("webp:exif:ImageDescription", "second")],
            [],
            id="two EXIF chunks",
        ),
        pytest.param(
            webp(lossless(), chunk(b"EXIF", tiff([], [comment(b"UNICODE\0\0h\0i\0!")]))),
            [("webp:exif:UserComment", "hi!")],
            [],
            id="UserComment",
        ),
        pytest.param(
            webp(lossless(), chunk(b"XMP ", XMP.encode())),
            [("webp:xmp:packet", XMP), ("webp:xmp:r/dc:title", "T")],
            [],
            id="XMP",
        ),
        pytest.param(WHOLE[:-5], [("webp:exif:ImageDescription", "hel")], ["exif-truncated", "truncated"], id="cut"),
        pytest.param(webp(canvas(8), lossless(), EXIF, size=0x7FFFFFF0), FOUND, ["riff-size"], id="size too big"),
        pytest.param(webp(canvas(8), lossless(), EXIF, size=20), FOUND, ["riff-size"], id="size too small"),
        pytest.param(webp(canvas(8), lossless(), EXIF, size=len(WHOLE) - 9), FOUND, [], id="size without its padding"),
        pytest.param(
            webp(lossless(), chunk(b"EXIF", ODD, padded=False), chunk(b"XMP ", b"<x/>")),
            [*FOUND, ("webp:xmp:packet", "<x/>")],
            [],
            id="odd chunk without padding",
        ),
        pytest.param(
            webp(lossless(), chunk(b"EXIF", ODD), chunk(b"XMP ", b"<x/>")),
            [*FOUND, ("webp:xmp:packet", "<x/>")],
            [],
            id="odd chunk with padding",
        ),
        pytest.param(webp(lossless(), chunk(b"EXIF", ODD, padded=False)), FOUND, [], id="odd chunk at the end"),
        pytest.param(webp(canvas(), chunk(b"VP8L", b"garbage"), EXIF), FOUND, [], id="broken picture"),
        pytest.param(webp(canvas(), lossless(), chunk(b"EXIF", b"../secret.txt")), [], ["exif-invalid"], id="a path"),
        pytest.param(
            webp(canvas(), lossless()) + b"EXIF\xfe\xff\xff\xff" + HELLO, FOUND, ["truncated"], id="length of 4 GiB"
        ),
        pytest.param(webp(lossless(), chunk(b"abcd", b"?"), EXIF), FOUND, [], id="unknown chunk"),
        pytest.param(b"RIFF\0\0\0\0WEBP", [], ["riff-size"], id="header alone"),
        pytest.param(b"RIFF\0\0", [], ["truncated"], id="half a header"),
    ],
)
def test_texts(data: bytes, found: list[tuple[str, str]], codes: list[str]) -> None:
    embedded, warnings = read(data)
    assert texts(embedded) == found
    assert warnings == codes


@pytest.mark.parametrize(
    ("chunks", "size", "alpha"),
    [
        pytest.param([LOSSY], (50, 30), False, id="lossy"),
        pytest.param([lossless()], (50, 30), False, id="lossless"),
        pytest.param([lossless(16384, 1)], (16384, 1), False, id="the largest lossless"),
        pytest.param([lossless(alpha=True)], (50, 30), True, id="lossless with alpha"),
        pytest.param([canvas(0x10, 16777216, 2), LOSSY], (16777216, 2), True, id="canvas with alpha"),
        pytest.param([canvas(0, 60, 40), LOSSY], (60, 40), False, id="canvas before the picture's own size"),
        pytest.param([canvas(), chunk(b"ALPH", b"\0\0"), LOSSY], (50, 30), True, id="alpha chunk"),
        pytest.param([chunk(b"VP8 ", b"garbage of some bytes")], (0, 0), False, id="broken lossy"),
        pytest.param([chunk(b"VP8L", b"\x2f")], (0, 0), False, id="cut lossless"),
        pytest.param([chunk(b"VP8X", b"\0")], (0, 0), False, id="cut canvas"),
        pytest.param([EXIF], (0, 0), False, id="no picture"),
    ],
)
def test_size_and_alpha(chunks: list[bytes], size: tuple[int, int], alpha: bool) -> None:
    embedded, _ = read(webp(*chunks))
    assert (embedded.width, embedded.height) == size
    assert embedded.has_alpha is alpha


def test_orientation_is_not_heeded() -> None:
    embedded, _ = read(webp(lossless(), chunk(b"EXIF", tiff([(0x0112, 3, 1, b"\0\6")]))))
    assert embedded.orientation == 1


@pytest.mark.parametrize(
    ("data", "ranges"),
    [
        (webp(canvas(), EXIF), None),
        (webp(canvas()) + bytes(1000), None),
        (webp(lossless()), ((0, 26),)),
        (webp(lossless()) + b"trailer", ((0, 26),)),
        (webp(canvas(), chunk(b"ANIM", bytes(6)), chunk(b"ANMF", bytes(24))), ((0, 76),)),
        (webp(lossless(), size=1 << 31), ((0, 26),)),
    ],
)
def test_what_a_decoder_sees(data: bytes, ranges: tuple[tuple[int, int], ...] | None) -> None:
    assert read(data)[0].pixel_ranges == ranges


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("is_lossless", [True, False])
def test_a_picture_of_another_writer(mode: str, is_lossless: bool) -> None:
    stream = io.BytesIO()
    Image.new(mode, (40, 20), (9, 8, 7, 100)[: len(mode)]).save(stream, "WEBP", lossless=is_lossless, exif=HELLO)
    embedded, codes = read(stream.getvalue())
    assert (embedded.width, embedded.height, embedded.has_alpha) == (40, 20, mode == "RGBA")
    assert (texts(embedded), codes) == (FOUND, [])


@pytest.mark.parametrize(
    ("limits", "found", "code"),
    [
        (Limits(chunks=2), [], "limit:chunks"),
        (Limits(text_bytes=30), [("webp:exif:ImageDescription", "hell")], "limit:text_bytes"),
        (Limits(text_total_bytes=28), [("webp:exif:ImageDescription", "he")], "limit:text_total_bytes"),
    ],
)
def test_limits(limits: Limits, found: list[tuple[str, str]], code: str) -> None:
    embedded, codes = read(WHOLE, limits)
    assert texts(embedded) == found
    assert code in codes


def test_a_gibibyte_of_zeros_is_not_read() -> None:
    source, log = SparseSource(webp(canvas()), 1 << 30), Ledger()
    embedded = read_webp(source, log)
    assert source.read < 1 << 20
    assert [warning.code for warning in log.items] == ["limit:chunks", "riff-size"]
    assert embedded.pixel_ranges is None


def test_c2pa(monkeypatch: pytest.MonkeyPatch) -> None:
    made = C2pa(claim_generator="maker")
    monkeypatch.setattr(
        "extractor.readers.blocks.c2pa.read_c2pa", lambda jumbf, _log: made if jumbf == b"boxes" else None
    )
    assert read(webp(lossless(), chunk(b"C2PA", b"other"), chunk(b"C2PA", b"boxes")))[0].c2pa == made


SEEDS = {"whole": WHOLE, "xmp": webp(LOSSY, chunk(b"XMP ", XMP.encode()), chunk(b"EXIF", ODD, padded=False))}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(damaged(SEEDS))
def test_damage_never_escapes(data: bytes) -> None:
    survives(read_webp, data)


@needs_shared
@pytest.mark.parametrize(
    ("name", "alpha", "beginnings"),
    [
        (
            "comfyui-animated-webp.webp",
            False,
            {"Make": 'workflow:{"id": "496', "Model": 'prompt:{"1": {"input'},
        ),
        ("comfyui-saveimage-plus.webp", False, {"UserComment": '{"prompt": {"12": {"'}),
        ("forge-neo.webp", False, {"UserComment": "general, masterpiece"}),
        (
            "novelai-curated.webp",
            True,
            {
                "Software": "NovelAI Diffusion V4",
                "DocumentName": "NovelAI generated im",
                "ImageDescription": "1girl, solo, hatsune",
                "UserComment": '{"Comment":"{\\"promp',
            },
        ),
        ("sd-webui.webp", False, {"UserComment": "general, masterpiece"}),
    ],
)
def test_real_files(name: str, alpha: bool, beginnings: dict[str, str]) -> None:
    source, log = FileSource(SHARED / "samples" / name), Ledger()
    try:
        embedded = read_webp(source, log)
    finally:
        source.close()
    assert (embedded.width, embedded.height, embedded.has_alpha) == (1024, 1024, alpha)
    assert {found.key: found.value[:20] for found in embedded.texts} == beginnings
    assert log.items == []
