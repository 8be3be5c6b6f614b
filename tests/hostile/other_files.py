"""Hostile and odd WebP, AVIF, JPEG XL, GIF and TIFF files, and files that are no pictures."""

from __future__ import annotations

import struct
from functools import cache, partial
from io import BytesIO

from PIL import Image

from extractor.errors import CorruptImageError, UnsupportedFormatError
from tests.hostile.case import Case, Found, Raw, Refused
from tests.readers.boxes import box, full_box, u32
from tests.readers.exifblocks import text, tiff
from tests.support import INFOTEXT

EXIF = tiff([text(0x010E, "hello!")])
UNDECODABLE = "pixels-undecodable"
CORRUPT = Refused(CorruptImageError)
UNKNOWN = Refused(UnsupportedFormatError)


@cache
def encoded(container: str, edge: int, **options: object) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (edge, edge), "red").save(stream, container, **options)
    return stream.getvalue()


# WebP


def chunk(kind: bytes, data: bytes, *, padded: bool = True) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + (b"\0" if padded and len(data) % 2 else b"")


def webp(*chunks: bytes, size: int | None = None) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def canvas(flags: int = 8) -> bytes:
    return chunk(b"VP8X", bytes((flags, 0, 0, 0)) + (7).to_bytes(3, "little") * 2)


def pixels() -> bytes:
    return encoded("WEBP", 8, lossless=True)[12:]


def hello(*codes: str, no_hash: str | None = None, value: str = "hello!", more: tuple[Raw, ...] = ()) -> Found:
    raw = (("webp:exif:ImageDescription", value), *more)
    return Found(size=(8, 8), raw=raw, codes=codes, no_hash=no_hash)


def whole() -> bytes:
    return webp(canvas(), pixels(), chunk(b"EXIF", EXIF))


WEBP = (
    Case("webp_simple.webp", lambda: webp(pixels()), Found(size=(8, 8))),
    Case("webp_exif_noflag.webp", lambda: webp(canvas(0), pixels(), chunk(b"EXIF", EXIF)), hello()),
    Case("webp_exif_novp8x.webp", lambda: webp(pixels(), chunk(b"EXIF", EXIF)), hello()),
    Case("webp_exif_prefix.webp", lambda: webp(canvas(), pixels(), chunk(b"EXIF", b"Exif\0\0" + EXIF)), hello()),
    Case(
        "webp_exif_two.webp",
        lambda: webp(canvas(), pixels(), chunk(b"EXIF", EXIF), chunk(b"EXIF", tiff([text(0x010E, "second")]))),
        hello(more=(("webp:exif:ImageDescription", "second"),)),
    ),
    Case(
        "webp_truncated.webp",
        lambda: whole()[:-5],
        hello("exif-truncated", "truncated", value="hel", no_hash=UNDECODABLE),
    ),
    Case(
        "webp_riff_size_big.webp",
        lambda: webp(canvas(), pixels(), chunk(b"EXIF", EXIF), size=0x7FFFFFF0),
        hello("riff-size", no_hash=UNDECODABLE),
    ),
    Case(
        "webp_riff_size_small.webp",
        lambda: webp(canvas(), pixels(), chunk(b"EXIF", EXIF), size=20),
        hello("riff-size", no_hash=UNDECODABLE),
    ),
    Case(
        "webp_nopad.webp",
        lambda: webp(canvas(12), pixels(), chunk(b"EXIF", EXIF, padded=False), chunk(b"XMP ", b"<x/>")),
        hello(more=(("webp:xmp:packet", "<x/>"),), no_hash=UNDECODABLE),
    ),
    Case(
        "webp_broken_vp8.webp",
        lambda: webp(canvas(), chunk(b"VP8L", b"garbage"), chunk(b"EXIF", EXIF)),
        hello(no_hash=UNDECODABLE),
    ),
    Case(
        "webp_exif_path.webp",
        lambda: webp(canvas(), pixels(), chunk(b"EXIF", b"../secret.txt")),
        Found(size=(8, 8), codes=("exif-invalid",)),
    ),
    Case(
        "webp_len_huge.webp",
        lambda: webp(canvas(), pixels()) + b"EXIF" + struct.pack("<I", 0xFFFFFFFE) + EXIF,
        hello("truncated"),
    ),
    Case("sig_only.webp", lambda: b"RIFF\0\0\0\0WEBP", CORRUPT),
)

# AVIF

FTYP = box(b"ftyp", b"avif\0\0\0\0avifmif1miaf")
XMP_PACKET: Raw = ("avif:xmp:packet", "<x/>")
AVIF_RAW: tuple[Raw, ...] = (("avif:exif:ImageDescription", "hello!"), XMP_PACKET)


def avif() -> bytes:
    return encoded("AVIF", 16, exif=b"Exif\0\0" + EXIF, xmp=b"<x/>")


def nested(depth: int) -> bytes:
    inside = b""
    for _ in range(depth):
        inside = full_box(b"meta", inside)
    return FTYP + inside


AVIF = (
    Case("avif_box_len0.avif", lambda: FTYP + b"\0\0\0\0meta", CORRUPT),
    Case("avif_box_len1.avif", lambda: FTYP + b"\0\0\0\1meta" + b"\xff" * 8, CORRUPT),
    Case("avif_box_len7.avif", lambda: FTYP + b"\0\0\0\7meta", CORRUPT),
    Case("avif_nest.avif", lambda: nested(3_000), CORRUPT),
    Case(
        "avif_iinf_4g.avif",
        lambda: (
            FTYP
            + full_box(
                b"meta",
                full_box(b"iinf", u32(0xFFFFFFFF), version=1),
                full_box(b"iloc", b"\x44\0", u32(0xFFFFFFFF), version=2),
            )
        ),
        CORRUPT,
    ),
    Case("avif_good.avif", avif, Found(size=(16, 16), raw=AVIF_RAW)),
    Case(
        "avif_exif_badhdr.avif",
        lambda: avif().replace(EXIF, b"XX" + EXIF[2:]),
        Found(size=(16, 16), raw=(XMP_PACKET,), codes=("exif-invalid",)),
    ),
    Case(
        "avif_truncated.avif",
        lambda: avif()[:-10],
        Found(size=(16, 16), raw=AVIF_RAW, codes=("truncated",), no_hash=UNDECODABLE),
    ),
)

# JPEG XL

JXL_HEAD = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ")
JXL_EXIF: Raw = ("jxl:exif:ImageDescription", "hello!")

JXL = (
    Case(
        "jxl_exif_only.jxl",
        lambda: JXL_HEAD + box(b"Exif", u32(0), EXIF) + box(b"xml ", b"<x/>"),
        Found(
            size=(0, 0),
            raw=(JXL_EXIF, ("jxl:xmp:packet", "<x/>")),
            codes=("container-invalid", "no-dimensions"),
            no_hash=UNDECODABLE,
        ),
    ),
    Case(
        "jxl_exif_offset_huge.jxl",
        lambda: JXL_HEAD + box(b"Exif", u32(0x7FFFFFFF), EXIF),
        Found(
            size=(0, 0),
            raw=(JXL_EXIF,),
            codes=("exif-offset-invalid", "container-invalid", "no-dimensions"),
            no_hash=UNDECODABLE,
        ),
    ),
    Case("jxl_brob_garbage.jxl", lambda: JXL_HEAD + box(b"brob", b"Exif", b"\xff" * 40), CORRUPT),
)

# GIF

SCREEN = b"GIF89a\1\0\1\0"
COLOURLESS = SCREEN + bytes(3)
FRAME = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"
COMMENT: Raw = ("gif:comment", INFOTEXT)


def gif(before: bytes = b"", after: bytes = b"") -> bytes:
    """One pixel, with blocks before and after it."""
    return SCREEN + b"\x80\0\0" + bytes(6) + before + FRAME + after + b";"


def comment(data: bytes) -> bytes:
    return b"!\xfe" + bytes((len(data),)) + data + b"\0"


GIF = (
    Case("gif_comment.gif", lambda: gif(comment(INFOTEXT.encode())), Found(raw=(COMMENT,), prompt="a cat")),
    Case("gif_comment_after.gif", lambda: gif(b"", comment(INFOTEXT.encode())), Found(raw=(COMMENT,), prompt="a cat")),
    Case(
        "gif_no_frame.gif",
        lambda: COLOURLESS + comment(INFOTEXT.encode()) + b";",
        Found(raw=(COMMENT,), prompt="a cat", no_hash=UNDECODABLE),
    ),
    Case(
        "gif_xmp.gif",
        lambda: gif(b'!\xff\x0bXMP DataXMP<x:xmpmeta xmlns:x="adobe:ns:meta/"/>\1' + bytes(range(255, -1, -1)) + b"\0"),
        Found(raw=(("gif:xmp:packet", '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'),)),
    ),
    Case(
        "gif_unterminated.gif",
        lambda: COLOURLESS + b"!\xfe\xff" + b"A" * 100,
        Found(raw=(("gif:comment", "A" * 100),), codes=("truncated",), no_hash=UNDECODABLE),
    ),
    Case(
        "gif_zero_blocks.gif",
        lambda: COLOURLESS + bytes(200_000),
        Found(codes=("truncated",), no_hash=UNDECODABLE),
    ),
)

# TIFF


def bigtiff() -> bytes:
    """One tag whose six characters are all NUL."""
    return b"MM\0+\0\x08\0\0" + struct.pack(">QQHHQQ", 16, 1, 0x010E, 2, 6, 0) + bytes(8)


TIFF = (
    Case(
        "tif_loop.tif",
        lambda: tiff([text(0x010E, "hello")], following=8),
        Found(
            size=(0, 0),
            raw=(("tiff:exif:ImageDescription", "hello"),),
            codes=("exif-loop", "no-dimensions"),
            no_hash="hash-unsupported",
        ),
    ),
    Case("tif_big_endian_bigtiff.tif", bigtiff, CORRUPT),
    Case("tif_count_ffff.tif", lambda: b"II*\0\x08\0\0\0\xff\xff" + bytes(20), CORRUPT),
    Case("tif_ifd_offset_out.tif", lambda: b"II*\0\xff\xff\xff\x7f", CORRUPT),
    Case("tif_text_named.tif", lambda: b"II am a text file", UNKNOWN),
)

# Not pictures

OTHERS = tuple(
    Case(name, partial(bytes, data), UNKNOWN)
    for name, data in (
        ("empty.png", b""),
        ("one_byte.jpg", b"\xff"),
        ("html.png", b"<!DOCTYPE html><html>404</html>"),
        ("eps.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n%%EndComments\n"),
    )
)

CASES = (*WEBP, *AVIF, *JXL, *GIF, *TIFF, *OTHERS)
