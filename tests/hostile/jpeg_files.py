"""Hostile and odd JPEGs: EXIF blocks that lie, loop and overlap, and segments out of order."""

from __future__ import annotations

import struct
from functools import cache, partial
from io import BytesIO

from PIL import Image

from extractor.errors import CorruptImageError
from tests.hostile.case import Case, Found, Long, Raw, Refused
from tests.readers.exifblocks import EXIF_POINTER, Entry, comment, text, tiff
from tests.support import INFOTEXT

PROMPT = "prompt 日\nSteps: 20, Seed: 5"
DESCRIPTION = 0x010E
HELLO = text(DESCRIPTION, "hello")
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="'
    + b"A" * 32
    + b'"/></rdf:RDF></x:xmpmeta>'
)
OVERLAPPING = 5_400


@cache
def picture() -> bytes:
    """Eight red pixels square."""
    stream = BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, "JPEG")
    return stream.getvalue()


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def app1(block: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + block)


def jpeg(*segments: bytes) -> bytes:
    """The picture with segments behind its SOI."""
    return picture()[:2] + b"".join(segments) + picture()[2:]


def exif(*entries: Entry, following: int = 0) -> bytes:
    return jpeg(app1(tiff(list(entries), following=following)))


def user_comment(data: bytes, order: str) -> bytes:
    return jpeg(app1(tiff([], [comment(data)], order)))


def found(tag: str, value: str | Long, *codes: str, prompt: str | None = None) -> Found:
    return Found(size=(8, 8), raw=((f"jpeg:exif:{tag}", value),), codes=codes, prompt=prompt)


def hello(*codes: str) -> Found:
    return found("ImageDescription", "hello", *codes)


COMMENTS = {
    "be": b"UNICODE\0" + PROMPT.encode("utf-16-be"),
    "le": b"UNICODE\0" + PROMPT.encode("utf-16-le"),
    "bom": b"UNICODE\0\xff\xfe" + PROMPT.encode("utf-16-le"),
    "utf8": b"UNICODE\0" + PROMPT.encode(),
    "ascii_utf8": b"ASCII\0\0\0" + PROMPT.encode(),
    "undef": bytes(8) + PROMPT.encode(),
    "noprefix": PROMPT.encode(),
}
READ = found("UserComment", PROMPT, prompt="prompt 日")

USER_COMMENTS = (
    *(
        Case(f"jpg_uc_{name}_{mark}.jpg", partial(user_comment, data, order), READ)
        for mark, order in (("II", "<"), ("MM", ">"))
        for name, data in COMMENTS.items()
    ),
    Case("jpg_uc_in_ifd0.jpg", lambda: exif(text(0x9286, PROMPT)), READ),
    Case(
        "jpg_uc_cjk_only.jpg",
        lambda: user_comment(b"UNICODE\0" + "日本語の文章".encode("utf-16-be"), "<"),
        found("UserComment", "日本語の文章"),
    ),
    Case("jpg_uc_odd.jpg", lambda: user_comment(b"UNICODE\0\0p\0", ">"), found("UserComment", "p")),
)


def xp_comment() -> bytes:
    data = PROMPT.encode("utf-16-le") + b"\0\0"
    return exif((0x9C9C, 1, len(data), data))


def overlapping() -> bytes:
    """5,400 tags whose values are the same 64,000 bytes."""
    rows = b"".join(struct.pack(">HHII", 1000 + number, 2, 64_000, 8) for number in range(OVERLAPPING))
    return jpeg(app1(b"MM\0*" + struct.pack(">IH", 8, OVERLAPPING) + rows + bytes(4)))


def shared_text(length: int) -> str:
    """What the overlapping tags begin with: the directory itself, as Latin-1."""
    return "\x15\x18\x03è\0\x02\0\0ú\0"[:length]


LYING_TAGS = (
    Case(
        "jpg_desc_nul_prefix.jpg",
        lambda: exif(text(DESCRIPTION, bytes(4) + PROMPT.encode())),
        found("ImageDescription", PROMPT, prompt="prompt 日"),
    ),
    Case("jpg_desc_no_nul.jpg", lambda: exif((DESCRIPTION, 2, 6, b"hello!")), found("ImageDescription", "hello!")),
    Case("jpg_type129.jpg", lambda: exif((DESCRIPTION, 129, 6, b"hello\0")), hello()),
    Case("jpg_xp.jpg", xp_comment, found("XPComment", PROMPT, prompt="prompt 日")),
    Case("jpg_piexif_4g.jpg", lambda: exif((0x0103, 3, 0xFFFFFFFF, b"\0\0\0\x08"), HELLO), hello()),
    Case("jpg_piexif_50m.jpg", lambda: exif((0x0103, 3, 50_000_000, b"\0\0\0\x08"), HELLO), hello()),
    Case(
        "jpg_overlap_64k.jpg",
        overlapping,
        Found(
            size=(8, 8),
            raw=tuple((f"jpeg:exif:0x{tag:04X}", Long(64_000, shared_text(10))) for tag in (0x03E8, 0x03E9)),
            codes=("limit:exif_entries", "exif-overlap"),
        ),
    ),
    Case("jpg_ifd_loop.jpg", lambda: exif(HELLO, following=8), hello("exif-loop")),
    Case("jpg_exififd_self.jpg", lambda: exif((EXIF_POINTER, 4, 1, b"\0\0\0\x08"), HELLO), hello("exif-loop")),
    Case("jpg_exififd_ascii.jpg", lambda: exif((EXIF_POINTER, 2, 4, b"abc\0"), HELLO), hello("exif-tag-invalid")),
    Case(
        "jpg_exififd_out.jpg",
        lambda: exif((EXIF_POINTER, 4, 1, b"\x7f\xff\xff\xff"), HELLO),
        hello("exif-tag-invalid"),
    ),
    Case("jpg_badtype.jpg", lambda: exif((0x010F, 99, 1, b"abcd"), HELLO), hello("exif-tag-invalid")),
    Case(
        "jpg_magic_bad.jpg",
        lambda: jpeg(app1(b"MM\x13*" + tiff([HELLO])[4:])),
        Found(size=(8, 8), codes=("exif-invalid",)),
    ),
)


def split_exif() -> bytes:
    """A UserComment of 216,000 bytes over four segments."""
    block = tiff([], [comment(b"UNICODE\0" + (PROMPT * 4_000).encode("utf-16-be"))])
    return jpeg(*(app1(block[start : start + 65_000]) for start in range(0, len(block), 65_000)))


def extended_xmp() -> bytes:
    part = b"A" * 32 + struct.pack(">II", 8, 0) + b"<x>hi</x"
    return jpeg(
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + part),
    )


TWICE: tuple[Raw, ...] = (("jpeg:exif:ImageDescription", "first"), ("jpeg:exif:ImageDescription", "second"))

SEGMENTS = (
    Case("jpg_exif_empty.jpg", lambda: jpeg(app1(b"")), Found(size=(8, 8))),
    Case("jpg_exif_twice_prefix.jpg", lambda: jpeg(app1(b"Exif\0\0" + tiff([HELLO]))), hello()),
    Case(
        "jpg_multi_exif.jpg",
        split_exif,
        found("UserComment", Long(108_000, PROMPT * 2), prompt=(PROMPT * 3_999) + "prompt 日"),
    ),
    Case(
        "jpg_two_exif.jpg",
        lambda: jpeg(*(app1(tiff([text(DESCRIPTION, value)])) for value in ("first", "second"))),
        Found(size=(8, 8), raw=TWICE),
    ),
    Case(
        "jpg_seg_len0.jpg",
        lambda: jpeg(b"\xff\xe1\0\0", app1(tiff([HELLO]))),
        hello("jpeg-segment-invalid", "jpeg-junk"),
    ),
    Case(
        "jpg_seg_past_eof.jpg",
        lambda: picture()[:2] + app1(tiff([HELLO])) + b"\xff\xfe\xff\xff",
        Found(
            size=(0, 0),
            raw=(("jpeg:exif:ImageDescription", "hello"),),
            codes=("truncated", "truncated", "no-dimensions"),
            no_hash="pixels-undecodable",
        ),
    ),
    Case("jpg_fill_bytes.jpg", lambda: jpeg(b"\xff" * 5, app1(tiff([HELLO]))), hello()),
    Case("jpg_junk_between.jpg", lambda: jpeg(b"junk", app1(tiff([HELLO]))), hello("jpeg-junk")),
    Case(
        "jpg_com_two.jpg",
        lambda: jpeg(segment(0xFE, INFOTEXT.encode()), segment(0xFE, b"second")),
        Found(size=(8, 8), raw=(("jpeg:COM", INFOTEXT), ("jpeg:COM", "second")), prompt="a cat"),
    ),
    Case(
        "jpg_xmp_ext.jpg",
        extended_xmp,
        Found(
            size=(8, 8),
            raw=(
                ("jpeg:xmp:packet", XMP.decode()),
                ("jpeg:xmp:xmpNote:HasExtendedXMP", "A" * 32),
                ("jpeg:xmp:packet", "<x>hi</x"),
            ),
            codes=("xmp-invalid",),
        ),
    ),
    Case(
        "jpg_appseg_quadratic.jpg",
        lambda: b"\xff\xd8" + (b"\xff\xe1\xff\xffExif\0\0" + b"A" * 65_527) * 60,
        Refused(CorruptImageError),
    ),
    Case("jpeg_named.png", lambda: exif(HELLO), hello()),
)

CASES = (*USER_COMMENTS, *LYING_TAGS, *SEGMENTS)
